/** Follows one import as the server tells of it. */
import { readProgress } from './contract';
import { STATES, type ImportState, type Progress } from './types';

export interface ImportListener {
  onProgress(state: ImportState | null, progress: Progress): void;
  /** Something else changed, or the connection is new: ask for the whole. */
  onSession(): void;
  onLink(open: boolean): void;
}

type Source = Pick<EventSource, 'addEventListener' | 'close'>;

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;

/** Reconnects by itself, 0.5 s doubling to 8 s; the browser's own retry gives up on an HTTP error. */
export function watch(id: string, listener: ImportListener, open: (url: string) => Source = (url) => new EventSource(url)): () => void {
  let source: Source | null = null;
  let delay = FIRST_DELAY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const connect = (): void => {
    if (stopped) return;
    const current = open(`/api/imports/${id}/events`);
    source = current;
    current.addEventListener('open', () => {
      delay = FIRST_DELAY_MS;
      listener.onLink(true);
      listener.onSession();
    });
    current.addEventListener('progress', (event) => {
      const data = parse(event);
      if (data) listener.onProgress(STATES.find((state) => state === data.state) ?? null, readProgress(data));
    });
    current.addEventListener('session', () => listener.onSession());
    current.addEventListener('error', () => {
      if (source !== current || stopped) return;
      current.close();
      listener.onLink(false);
      // The reason is not told to scripts; the plain question finds out whether the import is still there.
      listener.onSession();
      timer = setTimeout(connect, delay);
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    });
  };

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    source?.close();
  };
}

function parse(event: Event): Record<string, unknown> | null {
  try {
    const data: unknown = JSON.parse((event as MessageEvent<string>).data);
    return data !== null && typeof data === 'object' ? (data as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
