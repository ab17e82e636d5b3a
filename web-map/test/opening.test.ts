import { describe, expect, it } from 'vitest';
import { asState, openingOf, openingPeriod } from '../src/state/opening';

/** Counts per day, the last day last. */
const days = (n: number, perDay: (daysAgo: number) => number): { start: string; counts: number[] } => ({
  start: '2024-01-01',
  counts: Array.from({ length: n }, (_, i) => perDay(n - 1 - i)),
});

describe('the opening period', () => {
  it('is 30 days where a month holds enough', () => {
    expect(openingOf(days(730, () => 80))).toBe(30);
    expect(openingOf(days(730, (ago) => (ago < 30 ? 7 : 0)))).toBe(30);
  });

  it('grows with the sparseness', () => {
    // 200 in 90 days, in 365 days, never.
    expect(openingOf(days(2000, () => 3))).toBe(90);
    expect(openingOf(days(2000, () => 1))).toBe(365);
    expect(openingOf(days(2000, (ago) => (ago % 4 === 0 ? 1 : 0)))).toBe('all');
  });

  it('asks for half of all where there are few in all', () => {
    // 347 of one year, most of them in summer, 9 in the last month.
    const year = days(365, (ago) => (ago < 30 ? (ago % 4 === 0 ? 1 : 0) : ago > 100 && ago < 280 ? 2 : 0));
    expect(year.counts.slice(-30).reduce((a, b) => a + b)).toBe(8);
    expect(openingOf(year)).toBe('all');
    expect(openingOf(days(700, (ago) => (ago < 20 ? 1 : ago === 699 ? 15 : 0)))).toBe(30);
    expect(openingOf(days(700, (ago) => (ago < 20 || ago === 80 ? 1 : ago === 699 ? 21 : 0)))).toBe(90);
  });

  it('does not name a length that the data do not have', () => {
    expect(openingOf(days(60, (ago) => (ago < 2 || ago > 40 ? 1 : 0)))).toBe('all');
    expect(openingOf(days(20, () => 1))).toBe(30);
  });

  it('survives nothing at all, and days without records at the end', () => {
    expect(openingOf({ start: null, counts: [] })).toBe(30);
    expect(openingOf(days(100, () => 0))).toBe(30);
    expect(openingOf(days(400, (ago) => (ago >= 90 && ago < 120 ? 10 : 0)))).toBe(30);
  });

  it('never holds less than it must', () => {
    let seed = 11;
    const next = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
    for (let round = 0; round < 200; round++) {
      const share = next() ** 3;
      const daily = days(1 + Math.floor(next() * 900), () => (next() < share ? 1 + Math.floor(next() * 9) : 0));
      const total = daily.counts.reduce((a, b) => a + b, 0);
      const end = daily.counts.length - [...daily.counts].reverse().findIndex((n) => n > 0);
      const held = (n: number): number => daily.counts.slice(Math.max(0, end - n), end).reduce((a, b) => a + b, 0);
      const opening = openingOf(daily);
      const wanted = Math.min(200, total / 2);
      if (total === 0) continue;
      if (opening !== 'all') expect(held(opening)).toBeGreaterThanOrEqual(wanted);
      for (const shorter of [30, 90, 365]) if (shorter < (opening === 'all' ? 1e9 : opening) && shorter < end) expect(held(shorter)).toBeLessThan(wanted);
    }
  });
});

describe('the opening period in links', () => {
  it('is left out, so that it moves with the data', () => {
    expect(asState({ from: '2026-10-23', to: '2026-11-21' }, 30, '2026-11-21')).toBeNull();
    expect(asState({ from: '2026-10-23', to: '2026-11-21' }, 90, '2026-11-21')).toEqual({ from: '2026-10-23', to: '2026-11-21' });
    expect(asState({ from: '2026-10-22', to: '2026-11-20' }, 30, '2026-11-21')).toEqual({ from: '2026-10-22', to: '2026-11-20' });
    expect(asState('all', 'all', '2026-11-21')).toBeNull();
    expect(asState('all', 30, '2026-11-21')).toBe('all');
  });

  it('means the days up to the last record', () => {
    expect(openingPeriod(90, '2026-11-21')).toEqual({ from: '2026-08-24', to: '2026-11-21' });
    expect(openingPeriod('all', '2026-11-21')).toBeNull();
  });
});
