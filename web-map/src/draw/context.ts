import { useApp } from '../app/context';
import { Workshop } from './workshop';

let shop: Workshop | null = null;

/** The one workshop of the page. */
export function useShop(): Workshop {
  const app = useApp();
  shop ??= new Workshop(app);
  return shop;
}
