import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, Offline } from '../src/api/client';
import type { ImportApi } from '../src/import/api';
import { readResult, readSession } from '../src/import/contract';
import { ImportFlow } from '../src/import/flow';
import type { ImportListener, watch } from '../src/import/live';
import type { Options, Session } from '../src/import/types';

const COUNTS = { read: 10, new: 7, updated: 1, unchanged: 0, rejected: 2, to_confirm: 3, unplaced: 1, masked: 0 };

/** A server of one import, as the page sees it. */
class Server {
  session: Session | null = null;
  listener: ImportListener | null = null;
  readonly sent: Options[] = [];
  readonly keys: string[] = [];
  readonly calls: string[] = [];
  next = 1;
  fail: Error | null = null;

  state(change: Record<string, unknown>): void {
    const options = this.session?.options;
    this.session = { ...readSession({ id: this.session?.id ?? 'none', layer: 'incidents', columns: [{ name: 'a', field: 'id' }], ...change }), ...(options ? { options } : {}) };
  }

  readonly api = {
    upload: () => {
      const id = `s${this.next++}`;
      this.session = readSession({ id, state: 'reading', options: { layer: 'incidents' } });
      return Promise.resolve(id);
    },
    session: () => (this.fail ? Promise.reject(this.fail) : Promise.resolve(this.session as Session)),
    options: (_id: string, options: Options) => {
      if (this.fail) return Promise.reject(this.fail);
      this.sent.push(options);
      this.session = { ...(this.session as Session), options, state: 'checking', counts: null };
      return Promise.resolve();
    },
    rows: () => Promise.resolve({ total: 0, rows: [] }),
    places: () => Promise.resolve([]),
    rejected: () => Promise.resolve(new Blob(['a'])),
    rejectedUrl: (id: string) => `/api/imports/${id}/rejected.csv`,
    commit: (_id: string, key: string) => {
      this.keys.push(key);
      if (this.fail) return Promise.reject(this.fail);
      return Promise.resolve(readResult({ new: 7, updated: 1, revision: 9, before: 8, undo: '/api/writes/9/undo' }));
    },
    cancel: (id: string) => {
      this.calls.push(`cancel ${id}`);
      return Promise.resolve();
    },
  } as unknown as ImportApi;

  readonly watch: typeof watch = (id, listener) => {
    this.calls.push(`watch ${id}`);
    this.listener = listener;
    return () => this.calls.push(`stop ${id}`);
  };

  /** The server has news. */
  async tell(change: Record<string, unknown>): Promise<void> {
    this.state(change);
    this.listener?.onSession();
    await settle();
  }
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 12; i++) await Promise.resolve();
};
const gone = new ApiError(404, null, 'gone');
const file = { name: 'a.csv', size: 3 } as File;

let server: Server;
let flow: ImportFlow;

async function ready(): Promise<void> {
  await flow.start([file], null);
  await settle();
  await server.tell({ state: 'ready', counts: COUNTS, crs: { undecided: true, candidates: [{ crs: 'gcj02', inside_share: 0.9 }] } });
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  flow = new ImportFlow(server.api, server.watch);
});
afterEach(() => vi.useRealTimers());

describe('an import', () => {
  it('goes from the file to the stored rows', async () => {
    expect(flow.phase.value).toBe('start');
    await flow.start([file], null);
    await settle();
    expect(flow.phase.value).toBe('reading');
    server.listener?.onProgress('reading', { step: 'reading', done: 4, total: 10, rows_per_s: 3 });
    expect(flow.progress.value?.done).toBe(4);
    await server.tell({ state: 'ready', counts: COUNTS });
    expect(flow.phase.value).toBe('work');
    await flow.commit();
    expect(flow.phase.value).toBe('done');
    expect(server.keys).toEqual(['s1']);
    // The server forgets refused rows, so the copy taken before is offered.
    expect(flow.rejectedUrl()).toMatch(/^blob:/);
  });

  it('sends choices once they rest, and shows them at once', async () => {
    await ready();
    flow.edit((options) => ({ ...options, crs: 'gcj02' }));
    flow.edit((options) => ({ ...options, crs: 'bd09' }));
    expect(flow.draft.value.crs).toBe('bd09');
    expect(flow.pending.value).toBe(true);
    expect(server.sent).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(300);
    expect(server.sent.map((options) => options.crs)).toEqual(['bd09']);
    // While it is checked again, the old numbers stay.
    expect(flow.phase.value).toBe('work');
    expect(flow.session.value?.counts?.read).toBe(10);
    expect(flow.pending.value).toBe(true);
    await server.tell({ state: 'ready', counts: { ...COUNTS, new: 8, rejected: 1 } });
    expect(flow.pending.value).toBe(false);
    expect(flow.session.value?.counts?.rejected).toBe(1);
    expect(flow.draft.value.crs).toBe('bd09');
  });

  it('keeps a choice made while an older one is being answered', async () => {
    await ready();
    flow.edit((options) => ({ ...options, crs: 'gcj02' }));
    await vi.advanceTimersByTimeAsync(300);
    flow.edit((options) => ({ ...options, source: '110' }));
    await server.tell({ state: 'ready', counts: COUNTS });
    expect(flow.draft.value).toMatchObject({ crs: 'gcj02', source: '110' });
    expect(flow.pending.value).toBe(true);
    await vi.advanceTimersByTimeAsync(300);
    expect(server.sent.at(-1)).toMatchObject({ crs: 'gcj02', source: '110' });
  });

  it('goes back to what holds when a choice is refused', async () => {
    await ready();
    server.fail = new ApiError(422, null, 'no such column');
    flow.edit((options) => ({ ...options, map: { id: 'zzz' } }));
    await vi.advanceTimersByTimeAsync(300);
    expect(flow.trouble.value).toBe('no such column');
    expect(flow.draft.value.map).toEqual({});
    expect(flow.pending.value).toBe(false);
  });

  it('waits for a broken connection without losing anything', async () => {
    await ready();
    server.fail = new Offline();
    server.listener?.onLink(false);
    server.listener?.onSession();
    await settle();
    expect(flow.linked.value).toBe(false);
    expect(flow.phase.value).toBe('work');
    server.fail = null;
    server.listener?.onSession();
    await settle();
    expect(flow.linked.value).toBe(true);
  });

  it('says that a restarted server wrote nothing, and does it all again', async () => {
    await ready();
    flow.edit((options) => ({ ...options, crs: 'gcj02' }));
    await vi.advanceTimersByTimeAsync(300);
    server.fail = gone;
    server.listener?.onSession();
    await settle();
    expect(flow.phase.value).toBe('lost');
    expect(flow.lost.value).toBe('restart');
    server.fail = null;
    await flow.retry();
    await settle();
    await server.tell({ state: 'ready', counts: COUNTS });
    await vi.advanceTimersByTimeAsync(300);
    expect(server.sent).toHaveLength(2);
    expect(server.sent[1]?.crs).toBe('gcj02');
  });

  it('never stores twice: the key of a batch lost while storing is used again', async () => {
    await ready();
    server.fail = gone;
    await flow.commit();
    expect(flow.lost.value).toBe('storing');
    server.fail = null;
    await flow.retry();
    await settle();
    await server.tell({ state: 'ready', counts: COUNTS });
    await flow.commit();
    expect(server.keys).toEqual(['s1', 's1']);
    expect(flow.phase.value).toBe('done');
  });

  it('stays ready when storing is refused, with the reason', async () => {
    await ready();
    server.fail = new ApiError(409, null, 'another commit is running');
    const committing = flow.commit();
    await settle();
    server.fail = null;
    await committing;
    expect(flow.trouble.value).toBe('another commit is running');
    expect(flow.phase.value).toBe('work');
    expect(flow.committing.value).toBe(false);
  });

  it('tells the server when it is given up, but not when it is stored', async () => {
    await ready();
    await flow.cancel();
    expect(server.calls).toContain('cancel s1');
    expect(flow.phase.value).toBe('start');
    await ready();
    await flow.commit();
    await flow.reset();
    expect(server.calls).not.toContain('cancel s2');
    expect(flow.phase.value).toBe('start');
  });

  it('opens at the map when all is clear, at the questions when not', async () => {
    await ready();
    expect(flow.step.value).toBe('crs');
    await flow.cancel();
    await flow.start([file], null);
    await settle();
    await server.tell({ state: 'ready', counts: COUNTS, sheets: [{ name: 'a', rows: 3 }, { name: 'b', rows: 4 }] });
    expect(flow.step.value).toBe('check');
  });
});
