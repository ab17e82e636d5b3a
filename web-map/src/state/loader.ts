import { signal, type Signal } from '@preact/signals';
import { ApiError, isAbort } from '../api/client';

export interface Loaded<T> {
  /** The last good answer; kept while a new one is under way. */
  value: T | null;
  /** What was asked for to get `value`. */
  key: string | null;
  loading: boolean;
  /** The server's sentence, or `offline`. */
  error: string | null;
}

/**
 * One question whose answer is wanted for the newest key only: a later call
 * aborts an earlier one, and the old answer stays on screen meanwhile.
 */
export class Loader<T> {
  readonly state: Signal<Loaded<T>> = signal<Loaded<T>>({ value: null, key: null, loading: false, error: null });
  private controller: AbortController | null = null;

  constructor(private readonly ask: (key: string, signal: AbortSignal) => Promise<T>) {}

  async load(key: string): Promise<void> {
    this.controller?.abort();
    const controller = new AbortController();
    this.controller = controller;
    this.state.value = { ...this.state.peek(), loading: true };
    try {
      const value = await this.ask(key, controller.signal);
      if (this.controller === controller) this.state.value = { value, key, loading: false, error: null };
    } catch (error) {
      if (isAbort(error) || this.controller !== controller) return;
      const message = error instanceof ApiError ? error.message : 'offline';
      this.state.value = { ...this.state.peek(), loading: false, error: message };
    }
  }

  /** Forgets the answer, e.g. when nothing is selected any more. */
  clear(): void {
    this.controller?.abort();
    this.controller = null;
    this.state.value = { value: null, key: null, loading: false, error: null };
  }
}

/** Runs `action` once things have been quiet for `ms`. */
export function debounce<A extends unknown[]>(ms: number, action: (...args: A) => void): (...args: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), ms);
  };
}
