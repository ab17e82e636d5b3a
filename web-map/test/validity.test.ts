import { describe, expect, it } from 'vitest';
import type { Feature } from '../src/api/types';
import { gridsDay, validOn } from '../src/state/validity';

const grid = (id: number, from: string | null, to: string | null): Feature => ({ type: 'Feature', id, geometry: null, properties: { valid_from: from, valid_to: to } });
const TODAY = '2026-11-27';
/** One grid was cut in two on 1 July. */
const plan = [grid(1, '2025-01-01', null), grid(2, '2025-01-01', '2026-07-01'), grid(3, '2026-07-01', null), grid(4, '2026-07-01', null)];

describe('the grids of a day', () => {
  it('are in force from their first day, and not on the day they end', () => {
    const on = (day: string): number[] => plan.filter((g) => validOn(g, day)).map((g) => g.id);
    expect(on('2026-06-30')).toEqual([1, 2]);
    expect(on('2026-07-01')).toEqual([1, 3, 4]);
    expect(on('2024-12-31')).toEqual([]);
    expect(validOn(grid(9, null, null), '1999-01-01')).toBe(true);
  });

  it('are asked for only where they differ from today’s', () => {
    expect(gridsDay(plan, true, '2026-06-30', TODAY)).toBe('2026-06-30');
    expect(gridsDay(plan, true, '2026-07-01', TODAY)).toBeNull();
    expect(gridsDay(plan, true, TODAY, TODAY)).toBeNull();
    expect(gridsDay(plan, true, null, TODAY)).toBeNull();
    // A change that is still to come concerns nobody yet.
    expect(gridsDay([grid(1, '2025-01-01', '2027-01-01')], true, '2026-06-30', TODAY)).toBeNull();
  });

  it('are asked for whenever the plan is not known whole', () => {
    expect(gridsDay([], false, '2026-06-30', TODAY)).toBe('2026-06-30');
  });

  it('agree with the sets themselves on every day', () => {
    const key = (day: string): string => plan.filter((g) => validOn(g, day)).map((g) => g.id).join();
    for (let i = 0; i < 800; i++) {
      const day = new Date(Date.parse('2024-12-01T00:00:00Z') + i * 86_400_000).toISOString().slice(0, 10);
      if (day < TODAY) expect(gridsDay(plan, true, day, TODAY) !== null, day).toBe(key(day) !== key(TODAY));
    }
  });
});
