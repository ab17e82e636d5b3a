import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { ApiError, isAbort, Offline } from '../api/client';
import type { LayerName } from '../api/types';
import { lang } from '../i18n';
import { ImportApi } from './api';
import { emptyOptions } from './contract';
import { watch as watchImport } from './live';
import { RowWindow } from './rows';
import { firstStep, phaseOf, type Lost, type Phase, type Step } from './steps';
import type { Options, PlaceItem, Progress, Result, Row, Session, Show } from './types';

/** Choices made in quick succession are sent once. */
const QUIET_MS = 250;
const KEPT_ID = 'gridmap.import';

interface Upload {
  names: string[];
  loaded: number;
  total: number;
}

/** One import from the dropped file to the stored rows; owns no pixels. */
export class ImportFlow {
  readonly session: Signal<Session | null> = signal(null);
  readonly upload: Signal<Upload | null> = signal(null);
  readonly progress: Signal<Progress | null> = signal(null);
  readonly lost: Signal<Lost | null> = signal(null);
  readonly linked = signal(true);
  /** A sentence about what did not work; stays until the next attempt. */
  readonly trouble: Signal<string | null> = signal(null);
  /** The options as the reader sees them; sent when they rest. */
  readonly draft: Signal<Options> = signal(emptyOptions());
  /** Choices not yet answered by a new check. */
  readonly pending = signal(false);
  /** Something was chosen by hand, so leaving would lose work. */
  readonly touched = signal(false);
  readonly step: Signal<Step> = signal('check');
  readonly show: Signal<Show> = signal('all');
  readonly problem: Signal<string | null> = signal(null);
  /** The row picked in the table or on the map. */
  readonly picked: Signal<Row | null> = signal(null);
  readonly places: Signal<PlaceItem[] | null> = signal(null);
  readonly result: Signal<Result | null> = signal(null);
  readonly committing = signal(false);
  /** Object address of the refused rows of a stored batch. */
  readonly rejected: Signal<string | null> = signal(null);
  readonly phase: ReadonlySignal<Phase>;
  readonly rows: RowWindow;
  readonly api: ImportApi;

  private files: File[] = [];
  private layer: LayerName | null = null;
  private id: string | null = null;
  private stopWatching: (() => void) | null = null;
  private stopUpload: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending = false;
  private opened = false;
  private asked = 0;
  private attempt = 0;
  /** Choices of a batch the server forgot, to be made again for the same files. */
  private again: Options | null = null;
  /** Under what the batch is stored; kept over a retry, so that it is never stored twice. */
  private key: string | null = null;

  constructor(
    api: ImportApi = new ImportApi(() => (lang.peek() === 'en' ? 'en' : 'zh-CN')),
    private readonly watch: typeof watchImport = watchImport,
  ) {
    this.api = api;
    this.phase = computed(() => (this.result.value ? 'done' : phaseOf(this.upload.value !== null, this.lost.value, this.session.value)));
    this.rows = new RowWindow((query, abort) => {
      const session = this.session.peek();
      return session && this.id ? this.api.rows(this.id, session.columns, query, abort) : Promise.resolve({ total: 0, rows: [] });
    });
    let first = true;
    effect(() => {
      // The server's words come in one language; another one means asking again.
      void lang.value;
      if (!first && this.id) void this.reload();
      first = false;
    });
  }

  /** Begins with files just dropped or chosen. */
  async start(files: readonly File[], layer: LayerName | null): Promise<void> {
    if (files.length === 0) return;
    await this.reset();
    const attempt = ++this.attempt;
    this.files = [...files];
    this.layer = layer;
    const stop = new AbortController();
    this.stopUpload = stop;
    this.upload.value = { names: files.map((file) => file.name), loaded: 0, total: files.reduce((n, file) => n + file.size, 0) };
    try {
      const id = await this.api.upload(
        files,
        layer,
        (loaded, total) => {
          const now = this.upload.peek();
          if (now && this.attempt === attempt) this.upload.value = { ...now, loaded: Math.min(loaded, total || loaded), total: total || now.total };
        },
        stop.signal,
      );
      if (this.attempt === attempt) this.follow(id);
      else await this.api.cancel(id).catch(() => undefined);
    } catch (error) {
      if (this.attempt !== attempt) return;
      this.upload.value = null;
      if (!isAbort(error)) this.trouble.value = sentence(error);
    }
  }

  /** The same files once more, after the server forgot the import. */
  async retry(): Promise<void> {
    const { files, layer, key } = this;
    const choices = this.touched.peek() ? this.draft.peek() : null;
    await this.start(files, layer);
    this.again = choices;
    this.key = key;
  }

  get canRetry(): boolean {
    return this.files.length > 0;
  }

  /** Takes up the import this tab was at, after the page was loaded again. */
  async resume(): Promise<void> {
    if (this.id || this.upload.peek()) return;
    const id = kept();
    if (!id) return;
    try {
      const session = await this.api.session(id);
      if (this.id || session.state === 'cancelled') return;
      this.follow(id);
    } catch {
      // Forgotten meanwhile; nothing of it was stored unless the list of writes shows it.
      keepId(null);
    }
  }

  private follow(id: string): void {
    this.id = id;
    keepId(id);
    this.stopWatching?.();
    this.stopWatching = this.watch(id, {
      onProgress: (state, progress) => {
        this.progress.value = progress;
        const session = this.session.peek();
        if (state && session && state !== session.state && state !== 'ready' && state !== 'done') this.session.value = { ...session, state };
      },
      onSession: () => void this.reload(),
      onLink: (open) => {
        this.linked.value = open;
      },
    });
    void this.reload();
  }

  /** Asks for the whole; the newest answer counts. */
  async reload(): Promise<void> {
    const { id } = this;
    if (!id || this.lost.peek() || this.result.peek()) return;
    const asked = ++this.asked;
    try {
      const session = await this.api.session(id);
      if (id !== this.id || asked !== this.asked) return;
      this.linked.value = true;
      this.take(session);
    } catch (error) {
      if (id !== this.id) return;
      if (error instanceof ApiError && (error.status === 404 || error.status === 410)) this.lose();
      else if (error instanceof Offline) this.linked.value = false;
      else if (!isAbort(error)) this.trouble.value = sentence(error);
    }
  }

  private take(answer: Session): void {
    const before = this.session.peek();
    // While it is checked again, the old answers stay in sight.
    const again = (answer.state === 'checking' || answer.state === 'reading') && answer.counts === null && before !== null && (before.counts !== null || before.error !== null);
    const session: Session = again ? { ...before, state: 'checking', progress: answer.progress } : answer;
    batch(() => {
      this.upload.value = null;
      this.session.value = session;
      this.progress.value = session.progress;
      const settled = session.state === 'ready' || session.state === 'failed';
      if (settled && !this.sending && this.timer === undefined) {
        this.draft.value = session.options;
        this.pending.value = false;
      }
      if (settled && !this.opened) {
        this.opened = true;
        this.step.value = firstStep(session, session.options);
        const { again: choices } = this;
        this.again = null;
        if (choices) this.edit(() => choices);
      }
      if (session.state === 'done' && session.result) this.finish(session.result);
    });
    if ((session.state === 'ready' || session.state === 'failed') && session.counts) {
      this.refreshRows();
      void this.loadPlaces();
    }
  }

  /** The import is gone without the reader's doing. */
  private lose(): void {
    this.lost.value = this.committing.peek() || this.session.peek()?.state === 'storing' ? 'storing' : 'restart';
    this.end();
  }

  private end(): void {
    this.stopWatching?.();
    this.stopWatching = null;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.id = null;
    keepId(null);
  }

  private refreshRows(): void {
    this.rows.reset({ show: this.show.peek(), problem: this.problem.peek() });
  }

  private async loadPlaces(): Promise<void> {
    const { id } = this;
    if (!id) return;
    try {
      const places = await this.api.places(id);
      if (id === this.id) this.places.value = places;
    } catch (error) {
      // The table of places is an offer; the preview says what becomes of the rows.
      if (!isAbort(error)) this.places.value = this.places.peek() ?? [];
    }
  }

  /** Changes the options; sent when the reader pauses, newest last. */
  edit(change: (options: Options) => Options): void {
    const before = this.draft.peek();
    const next = change(before);
    if (next === before) return;
    this.draft.value = next;
    this.pending.value = true;
    this.touched.value = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), QUIET_MS);
  }

  private async flush(): Promise<void> {
    const { id } = this;
    clearTimeout(this.timer);
    this.timer = undefined;
    // The one under way sends what has come since when it is back.
    if (!id || this.sending) return;
    this.sending = true;
    this.trouble.value = null;
    const sent = this.draft.peek();
    let failed = false;
    try {
      await this.api.options(id, sent);
    } catch (error) {
      if (id !== this.id) return;
      failed = true;
      if (error instanceof ApiError && (error.status === 404 || error.status === 410)) this.lose();
      else {
        // Back to what the server has, so that the screen never shows a choice that does not hold.
        this.trouble.value = sentence(error);
        this.draft.value = this.session.peek()?.options ?? this.draft.peek();
        this.pending.value = false;
      }
    } finally {
      this.sending = false;
    }
    if (failed || id !== this.id) return;
    if (this.draft.peek() !== sent) void this.flush();
    else await this.reload();
  }

  setShow(show: Show, problem: string | null = null): void {
    this.show.value = show;
    this.problem.value = problem;
    this.picked.value = null;
    this.refreshRows();
  }

  /** Stores the batch. Repeating after a broken connection is safe: the key is the same. */
  async commit(): Promise<void> {
    const { id } = this;
    if (!id || this.committing.peek()) return;
    if (this.timer !== undefined) await this.flush();
    this.committing.value = true;
    this.trouble.value = null;
    this.key ??= id;
    try {
      if ((this.session.peek()?.counts?.rejected ?? 0) > 0 && !this.rejected.peek()) await this.keepRejected(id);
      const result = await this.api.commit(id, this.key);
      if (result) this.finish(result);
      else await this.reload();
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 410)) this.lose();
      else {
        this.trouble.value = sentence(error);
        await this.reload();
      }
    } finally {
      this.committing.value = false;
    }
  }

  /** Fetched before the rows are stored, because the server forgets them then. */
  private async keepRejected(id: string): Promise<void> {
    try {
      this.rejected.value = URL.createObjectURL(await this.api.rejected(id));
    } catch {
      // The rows that are fine are stored all the same; the refused ones stay in the file.
    }
  }

  private finish(result: Result): void {
    this.result.value = result;
    this.stopWatching?.();
    this.stopWatching = null;
    keepId(null);
  }

  /** Address of the refused rows: the server's while it has them, then our copy. */
  rejectedUrl(): string | null {
    if (this.result.value) return this.rejected.value;
    return this.id ? this.api.rejectedUrl(this.id) : null;
  }

  /** Gives the batch up; nothing of it is stored. */
  async cancel(): Promise<void> {
    await this.reset();
  }

  /** Back to the beginning. */
  async reset(): Promise<void> {
    this.attempt++;
    this.stopUpload?.abort();
    const { id } = this;
    const storedOrGone = this.result.peek() !== null || this.lost.peek() !== null;
    this.end();
    batch(() => {
      this.session.value = null;
      this.upload.value = null;
      this.progress.value = null;
      this.lost.value = null;
      this.linked.value = true;
      this.trouble.value = null;
      this.draft.value = emptyOptions();
      this.pending.value = false;
      this.touched.value = false;
      this.step.value = 'check';
      this.show.value = 'all';
      this.problem.value = null;
      this.picked.value = null;
      this.places.value = null;
      this.result.value = null;
      if (this.rejected.value) URL.revokeObjectURL(this.rejected.value);
      this.rejected.value = null;
    });
    this.opened = false;
    this.again = null;
    this.key = null;
    this.rows.clear();
    if (id && !storedOrGone) await this.api.cancel(id).catch(() => undefined);
  }
}

/** The sentence to show for a failure; empty for a lost connection, which has words of its own. */
export function sentence(error: unknown): string {
  if (error instanceof Offline) return 'offline';
  return error instanceof Error ? error.message : String(error);
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEPT_ID);
  } catch {
    return null;
  }
}

function keepId(id: string | null): void {
  try {
    if (id) sessionStorage.setItem(KEPT_ID, id);
    else sessionStorage.removeItem(KEPT_ID);
  } catch {
    // Without storage a reload begins anew.
  }
}
