import type { Change } from './types';

export type Link = 'connecting' | 'open' | 'lost';

export interface Listener {
  onChange(change: Change): void;
  /** First message after every connection: the revision the server is at. */
  onHello(revision: number): void;
  onLink(link: Link): void;
}

type Source = Pick<EventSource, 'addEventListener' | 'close'>;

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;

/**
 * Follows the server's change events. The browser's own retry gives up on an
 * HTTP error and after a restart of some proxies, so the reconnection is ours:
 * 0.5 s doubling to 15 s, at once when the machine comes back online.
 */
export function follow(
  listener: Listener,
  open: () => Source = () => new EventSource('/api/events'),
  target: Pick<Window, 'addEventListener' | 'removeEventListener'> = window,
): () => void {
  let source: Source | null = null;
  let delay = FIRST_DELAY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const connect = (): void => {
    clearTimeout(timer);
    source?.close();
    if (stopped) return;
    listener.onLink('connecting');
    const current = open();
    source = current;
    current.addEventListener('open', () => {
      delay = FIRST_DELAY_MS;
      listener.onLink('open');
    });
    current.addEventListener('hello', (event) => {
      const data = parse<{ revision: number }>(event);
      if (data) listener.onHello(data.revision);
    });
    current.addEventListener('change', (event) => {
      const data = parse<Change>(event);
      if (data) listener.onChange(data);
    });
    current.addEventListener('error', () => {
      if (source !== current) return;
      current.close();
      listener.onLink('lost');
      timer = setTimeout(connect, delay);
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    });
  };

  target.addEventListener('online', connect);
  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    source?.close();
    target.removeEventListener('online', connect);
  };
}

function parse<T>(event: Event): T | null {
  try {
    return JSON.parse((event as MessageEvent<string>).data) as T;
  } catch {
    return null;
  }
}
