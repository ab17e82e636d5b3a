import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { DEFAULTS, formatFragment, parseFragment, type ViewState } from './url';

/** How a change enters the browser history. */
export type Entry = 'push' | 'replace';

/** What the store needs of the browser; a fake one in tests. */
export interface Page {
  hash(): string;
  write(fragment: string, entry: Entry): void;
  /** Calls back when the reader goes back, forward, or edits the address. */
  onNavigate(listener: () => void): void;
}

export const browserPage: Page = {
  hash: () => window.location.hash,
  write: (fragment, entry) => {
    const url = window.location.pathname + window.location.search + fragment;
    if (entry === 'push') window.history.pushState(null, '', url);
    else window.history.replaceState(window.history.state, '', url);
  },
  onNavigate: (listener) => {
    window.addEventListener('popstate', listener);
    window.addEventListener('hashchange', listener);
  },
};

/** Steps of one gesture (a dragged handle, typing) closer than this make one history entry. */
const SAME_STEP_MS = 700;

/**
 * The state of the view. The URL fragment is its serialization; the map and
 * the panels are projections of it.
 */
export class Store {
  readonly state = signal<ViewState>(DEFAULTS);
  /** Counts the times the reader went back or forward, for projections that must follow. */
  readonly navigations = signal(0);
  private rest: [string, string][] = [];
  private lastPush: { keys: string; at: number } = { keys: '', at: 0 };

  constructor(
    private readonly page: Page = browserPage,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.read();
    page.onNavigate(() => {
      if (page.hash() === this.fragment()) return;
      this.read();
      this.navigations.value++;
    });
  }

  /** One field of the state as a signal of its own. */
  pick<K extends keyof ViewState>(key: K): ReadonlySignal<ViewState[K]> {
    return computed(() => this.state.value[key]);
  }

  private read(): void {
    const { state, rest } = parseFragment(this.page.hash());
    this.rest = rest;
    this.state.value = state;
  }

  fragment(): string {
    return formatFragment(this.state.peek(), this.rest);
  }

  /** The fragment of this view with a change, for links that can be opened elsewhere. */
  linkTo(change: Partial<ViewState>): string {
    return formatFragment({ ...this.state.value, ...change }, this.rest);
  }

  /**
   * Changes the state and the address. A camera alone replaces the entry (one
   * cannot go back through every wheel turn); all else is a step one can undo.
   */
  update(change: Partial<ViewState>, entry?: Entry): void {
    const before = this.fragment();
    this.state.value = { ...this.state.peek(), ...change };
    const after = this.fragment();
    if (after === before) return;
    const keys = Object.keys(change).sort().join();
    let kind: Entry = entry ?? (keys === 'camera' ? 'replace' : 'push');
    if (kind === 'push') {
      const now = this.clock();
      if (keys === this.lastPush.keys && now - this.lastPush.at < SAME_STEP_MS && keys !== 'selection' && keys !== 'view') kind = 'replace';
      this.lastPush = { keys, at: now };
    }
    this.page.write(after, kind);
  }
}
