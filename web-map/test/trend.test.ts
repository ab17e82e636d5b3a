import { describe, expect, it } from 'vitest';
import { trendOf } from '../src/state/trend';

/** Day n holds n, from 1 September on: 83 days. */
const daily = { start: '2026-09-01', counts: Array.from({ length: 83 }, (_, i) => i) };
const data = { first: '2026-09-01', today: '2026-11-27' };
const sum = (list: readonly number[] | undefined): number => (list ?? []).reduce((a, b) => a + b, 0);

describe('a trend', () => {
  it('has a point a day for a month, and the month before beside it', () => {
    const line = trendOf(daily, { from: '2026-10-24', to: '2026-11-22' }, data, 'previous');
    expect(line).toMatchObject({ start: '2026-10-24', end: '2026-11-22', every: 1, open: false });
    expect(line?.now).toEqual(Array.from({ length: 30 }, (_, i) => 53 + i));
    expect(line?.before).toEqual(Array.from({ length: 30 }, (_, i) => 23 + i));
  });

  it('gathers long periods into equal steps that end with the period', () => {
    const line = trendOf(daily, { from: '2026-10-10', to: '2026-11-22' }, data, 'previous');
    expect(line).toMatchObject({ every: 7, start: '2026-10-12', end: '2026-11-22' });
    expect(line?.now).toHaveLength(6);
    expect(sum(line?.now)).toBe(sum(daily.counts.slice(-42)));
    expect(line?.before).toBeUndefined();
    const two = { start: '2024-11-22', counts: new Array<number>(730).fill(1) };
    const all = trendOf(two, { from: '2024-11-22', to: '2026-11-21' }, { ...data, first: '2024-11-22' }, 'previous');
    expect(all?.every).toBe(28);
    expect(new Set(all?.now)).toEqual(new Set([28]));
  });

  it('compares with the same days of the year before only if there were any', () => {
    const two = { start: '2025-11-01', counts: Array.from({ length: 386 }, (_, i) => (i < 30 ? 2 : 5)) };
    const line = trendOf(two, { from: '2026-11-02', to: '2026-11-08' }, { first: '2025-11-01', today: '2026-11-08' }, 'year');
    expect(line?.before).toEqual([2, 2, 2, 2, 2, 2, 2]);
    expect(line?.now).toEqual([5, 5, 5, 5, 5, 5, 5]);
    expect(line?.open).toBe(true);
    expect(trendOf(two, { from: '2026-10-02', to: '2026-10-08' }, { first: '2025-11-01', today: '2026-11-08' }, 'year')?.before).toBeUndefined();
  });

  it('counts nothing where one place has no record yet, though the district has', () => {
    const late = { start: '2026-11-20', counts: [4, 0, 1] };
    const line = trendOf(late, { from: '2026-11-16', to: '2026-11-22' }, data, 'previous');
    expect(line?.now).toEqual([0, 0, 0, 0, 4, 0, 1]);
    expect(line?.before).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('is none of a single day, and none without records', () => {
    expect(trendOf(daily, { from: '2026-11-22', to: '2026-11-22' }, data, 'previous')).toBeNull();
    expect(trendOf({ start: null, counts: [] }, { from: '2026-11-16', to: '2026-11-22' }, data, 'previous')).toBeNull();
  });
});
