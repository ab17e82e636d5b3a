import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { follow } from '../src/api/events';

class FakeSource {
  static all: FakeSource[] = [];
  closed = false;
  private listeners = new Map<string, ((event: Event) => void)[]>();
  constructor() {
    FakeSource.all.push(this);
  }
  addEventListener(type: string, listener: unknown): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener as (event: Event) => void]);
  }
  fire(type: string, data?: string): void {
    for (const listener of this.listeners.get(type) ?? []) listener({ data } as unknown as Event);
  }
  close(): void {
    this.closed = true;
  }
}

const target = { addEventListener: () => {}, removeEventListener: () => {} };

describe('change events', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    FakeSource.all = [];
  });
  afterEach(() => vi.useRealTimers());

  const start = () => {
    const log: string[] = [];
    const stop = follow(
      { onLink: (link) => log.push(link), onHello: (revision) => log.push(`hello ${revision}`), onChange: (change) => log.push(`change ${change.revision}`) },
      () => new FakeSource() as never,
      target as never,
    );
    return { log, stop };
  };

  it('passes on what the server says and ignores what is not JSON', () => {
    const { log } = start();
    const source = FakeSource.all[0]!;
    source.fire('open');
    source.fire('hello', '{"revision":7}');
    source.fire('change', '{"revision":8,"layers":[]}');
    source.fire('change', 'oops');
    expect(log).toEqual(['connecting', 'open', 'hello 7', 'change 8']);
  });

  it('comes back with growing pauses, and quickly again after a success', () => {
    const { log } = start();
    for (const wait of [500, 1000, 2000]) {
      FakeSource.all.at(-1)!.fire('error');
      expect(log.at(-1)).toBe('lost');
      const before = FakeSource.all.length;
      vi.advanceTimersByTime(wait - 1);
      expect(FakeSource.all.length).toBe(before);
      vi.advanceTimersByTime(1);
      expect(FakeSource.all.length).toBe(before + 1);
    }
    FakeSource.all.at(-1)!.fire('open');
    FakeSource.all.at(-1)!.fire('error');
    vi.advanceTimersByTime(500);
    expect(FakeSource.all.length).toBe(5);
  });

  it('stops for good', () => {
    const { stop } = start();
    FakeSource.all[0]!.fire('error');
    stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.all.length).toBe(1);
    expect(FakeSource.all[0]!.closed).toBe(true);
  });
});
