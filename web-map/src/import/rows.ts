import { signal, type Signal } from '@preact/signals';
import { isAbort } from '../api/client';
import type { RowsQuery } from './api';
import type { Row } from './types';

/** Rows fetched at once. */
export const PAGE = 100;

/** Rows held at once; those far from sight are fetched again when they are wanted. */
const KEPT_ROWS = 4000;

type Ask = (query: RowsQuery, signal: AbortSignal) => Promise<{ total: number; rows: Row[] }>;

export interface Pages {
  total: number | null;
  /** Rows by their place in the list. */
  rows: ReadonlyMap<number, Row>;
  failed: boolean;
}

const NOTHING: Pages = { total: null, rows: new Map(), failed: false };

/** Pages of a long list, fetched as they come into sight. The old rows stay until new ones are here. */
export class RowWindow {
  readonly state: Signal<Pages> = signal(NOTHING);
  private query: Pick<RowsQuery, 'show' | 'problem'> = { show: 'all', problem: null };
  private asked = new Set<number>();
  private stop = new AbortController();
  private seen: [number, number] = [0, 0];
  private fresh = true;

  constructor(private readonly ask: Ask) {}

  /** Another list: asks again for what is in sight. */
  reset(query: Pick<RowsQuery, 'show' | 'problem'>): void {
    const same = query.show === this.query.show && query.problem === this.query.problem;
    this.query = query;
    this.stop.abort();
    this.stop = new AbortController();
    this.asked = new Set();
    this.fresh = true;
    const [from, to] = same ? this.seen : [0, 0];
    this.need(from, to);
  }

  clear(): void {
    this.stop.abort();
    this.stop = new AbortController();
    this.asked = new Set();
    this.fresh = true;
    this.seen = [0, 0];
    this.state.value = NOTHING;
  }

  /** Rows `from` up to `to` are in sight. */
  need(from: number, to: number): void {
    this.seen = [from, to];
    for (let page = Math.floor(Math.max(0, from) / PAGE); page <= Math.floor(Math.max(from, to) / PAGE); page++) {
      if (!this.asked.has(page)) void this.load(page);
    }
  }

  /** Keeps the pages nearest to what is in sight. */
  private forget(rows: Map<number, Row>): void {
    if (rows.size <= KEPT_ROWS) return;
    const here = Math.floor(this.seen[0] / PAGE);
    for (const at of rows.keys()) {
      const page = Math.floor(at / PAGE);
      if (Math.abs(page - here) * PAGE <= KEPT_ROWS / 4) continue;
      rows.delete(at);
      this.asked.delete(page);
    }
  }

  private async load(page: number): Promise<void> {
    const { stop } = this;
    this.asked.add(page);
    try {
      const answer = await this.ask({ ...this.query, offset: page * PAGE, limit: PAGE }, stop.signal);
      if (stop !== this.stop) return;
      const rows = new Map(this.fresh ? [] : this.state.peek().rows);
      this.fresh = false;
      answer.rows.forEach((row, i) => rows.set(page * PAGE + i, row));
      this.forget(rows);
      this.state.value = { total: answer.total, rows, failed: false };
    } catch (error) {
      if (stop !== this.stop || isAbort(error)) return;
      this.asked.delete(page);
      this.state.value = { ...this.state.peek(), failed: true };
    }
  }
}
