/** One document of the server: read with its tag, changed here, put back whole. */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { EditApi, faultsOf } from '../draw/api';
import { same } from '../draw/conflict';

export interface PastValue<T> {
  revision: number;
  at: string | null;
  actor: string | null;
  op: string;
  before: T | null;
}

export interface InUse {
  code: string;
  incidents: number;
}

/** What is wrong where: by JSON pointer, such as `/2/name`. */
export type Wrongs = Readonly<Record<string, string>>;

export class Doc<T> {
  readonly value: Signal<T | null> = signal(null);
  readonly wrongs: Signal<Wrongs> = signal({});
  readonly failure: Signal<string | null> = signal(null);
  readonly loading = signal(false);
  readonly saving = signal(false);
  readonly saved = signal(false);
  /** Somebody else saved first: what is there now. */
  readonly theirs: Signal<T | null> = signal(null);
  readonly inUse: Signal<readonly InUse[]> = signal([]);
  readonly dirty: ReadonlySignal<boolean>;
  /** As it was read. */
  readonly base: Signal<T | null> = signal(null);
  private etag = '';
  private theirTag = '';

  constructor(
    private readonly api: EditApi,
    private readonly path: string,
    /** The part of the answer that is edited. */
    private readonly read: (body: unknown) => T,
    /** What is sent. */
    private readonly write: (value: T) => unknown = (value) => value,
  ) {
    this.dirty = computed(() => this.value.value !== null && this.base.value !== null && !same(this.value.value, this.base.value));
  }

  async load(signal?: AbortSignal): Promise<void> {
    if (this.dirty.peek()) return;
    this.loading.value = true;
    try {
      const { body, etag } = await this.api.call('GET', this.path, signal ? { signal } : {});
      this.take(body, etag);
    } catch (error) {
      if (!signal?.aborted) this.failure.value = error instanceof Error ? error.message : String(error);
    } finally {
      this.loading.value = false;
    }
  }

  private take(body: unknown, etag: string): void {
    const value = this.read(body);
    batch(() => {
      this.base.value = value;
      this.value.value = value;
      this.etag = etag;
      this.failure.value = null;
      this.wrongs.value = {};
      this.theirs.value = null;
      this.inUse.value = [];
    });
  }

  set(value: T): void {
    batch(() => {
      this.value.value = value;
      this.saved.value = false;
    });
  }

  reset(): void {
    batch(() => {
      this.value.value = this.base.peek();
      this.wrongs.value = {};
      this.failure.value = null;
      this.theirs.value = null;
      this.inUse.value = [];
    });
  }

  async save(): Promise<boolean> {
    const value = this.value.peek();
    if (value === null || this.saving.peek()) return false;
    this.saving.value = true;
    this.failure.value = null;
    this.wrongs.value = {};
    this.inUse.value = [];
    try {
      const { body, etag } = await this.api.call('PUT', this.path, { body: this.write(value), etag: this.etag });
      this.take(body, etag);
      this.saved.value = true;
      return true;
    } catch (error) {
      await this.refused(error);
      return false;
    } finally {
      this.saving.value = false;
    }
  }

  private async refused(error: unknown): Promise<void> {
    if (!(error instanceof ApiError)) {
      this.failure.value = error instanceof Error ? error.message : String(error);
      return;
    }
    const problem = error.problem as unknown as { in_use?: InUse[]; current?: unknown } | null;
    if (error.status === 412) {
      const { body, etag } = await this.api.call('GET', this.path);
      this.theirs.value = this.read(body);
      this.theirTag = etag;
      return;
    }
    if (Array.isArray(problem?.in_use)) this.inUse.value = problem.in_use;
    const wrongs: Record<string, string> = {};
    for (const fault of faultsOf(error)) {
      // The sentence begins with the pointer; the field beside it says where.
      if (fault.property !== null) wrongs[fault.property] = fault.detail.replace(`${fault.property} `, '');
    }
    this.wrongs.value = wrongs;
    this.failure.value = Object.keys(wrongs).length ? 'fields' : error.message;
  }

  /** What they saved instead of mine. */
  takeTheirs(): void {
    const theirs = this.theirs.peek();
    if (theirs === null) return;
    batch(() => {
      this.base.value = theirs;
      this.value.value = theirs;
      this.etag = this.theirTag;
      this.theirs.value = null;
    });
  }

  /** Mine over theirs, knowingly. */
  async keepMine(): Promise<boolean> {
    this.etag = this.theirTag;
    this.base.value = this.theirs.peek();
    this.theirs.value = null;
    return this.save();
  }

  async history(): Promise<PastValue<T>[]> {
    const { body } = await this.api.call<{ items: { revision: number; at: string | null; actor: string | null; op: string; before: unknown }[] }>('GET', `${this.path}/history`);
    return body.items.map((item) => ({ ...item, before: item.before === null ? null : this.read(item.before) }));
  }
}

/** Members of a list with keys that stay theirs while rows come and go. */
export function withoutAt<T>(list: readonly T[], at: number): T[] {
  return list.filter((_, i) => i !== at);
}

export function withAt<T>(list: readonly T[], at: number, item: T): T[] {
  return list.map((old, i) => (i === at ? item : old));
}

export function swapped<T>(list: readonly T[], at: number, to: number): T[] {
  if (to < 0 || to >= list.length) return [...list];
  const out = [...list];
  [out[at], out[to]] = [out[to] as T, out[at] as T];
  return out;
}
