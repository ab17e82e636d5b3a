import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Controller } from './controller';

const Context = createContext<Controller | null>(null);
export const Provide = Context.Provider;

/** The controller of this page. */
export function useApp(): Controller {
  const app = useContext(Context);
  if (!app) throw new Error('used outside the application');
  return app;
}
