import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ImportFlow } from './flow';

const Context = createContext<ImportFlow | null>(null);
export const ProvideFlow = Context.Provider;

/** The import of this page. */
export function useFlow(): ImportFlow {
  const flow = useContext(Context);
  if (!flow) throw new Error('used outside the import page');
  return flow;
}
