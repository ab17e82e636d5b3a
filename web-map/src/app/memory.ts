import { effect, signal, type Signal } from '@preact/signals';

/** A choice of this browser that does not belong into links. Works, unremembered, without storage. */
export function remembered<T>(name: string, initial: T): Signal<T> {
  const key = `gridmap.${name}`;
  let start = initial;
  try {
    const text = localStorage.getItem(key);
    if (text !== null) start = JSON.parse(text) as T;
  } catch {
    // Storage is off or holds something else: the initial value is fine.
  }
  const value = signal(start);
  effect(() => {
    try {
      localStorage.setItem(key, JSON.stringify(value.value));
    } catch {
      // Nothing to do without storage.
    }
  });
  return value;
}
