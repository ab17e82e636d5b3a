import { describe, expect, it } from 'vitest';
import { before, datetime, filterQuery, lastDays, type Filter } from '../src/state/filter';

const none: Filter = { period: null, kinds: ['police', 'dispute', 'hotline'], categories: [], grids: [], hours: '', weekdays: '', found: '', placed: '', columns: {}, todaysGrids: false };

describe('filter query', () => {
  it('is empty when nothing is filtered', () => {
    expect(filterQuery(none)).toBe('');
  });

  it('names whole days as a half-open interval', () => {
    expect(datetime({ from: '2026-02-28', to: '2026-02-28' })).toBe('2026-02-28T00:00:00/2026-03-01T00:00:00');
    expect(datetime({ from: '2024-02-28', to: '2024-02-28' })).toBe('2024-02-28T00:00:00/2024-02-29T00:00:00');
  });

  it('writes every part once, in one order', () => {
    const filter: Filter = { period: { from: '2026-10-24', to: '2026-11-22' }, kinds: ['hotline', 'police'], categories: ['b', 'a'], grids: ['G1'], hours: '22-5', weekdays: '6,7', found: 'resident', placed: '', columns: {}, todaysGrids: true };
    expect(filterQuery(filter)).toBe(
      'datetime=2026-10-24T00:00:00/2026-11-23T00:00:00&kind=police,hotline&category=a,b&grid=G1&hour=22-5&weekday=6,7&found=resident&grids=today',
    );
    expect(filterQuery(filter, ['datetime', 'kind', 'category'])).toBe('grid=G1&hour=22-5&weekday=6,7&found=resident&grids=today');
  });
});

describe('periods', () => {
  it('last days include the last one', () => {
    expect(lastDays('2026-11-22', 30)).toEqual({ from: '2026-10-24', to: '2026-11-22' });
    expect(lastDays('2026-11-22', 1)).toEqual({ from: '2026-11-22', to: '2026-11-22' });
  });

  it('the previous period touches this one and is as long', () => {
    expect(before({ from: '2026-10-24', to: '2026-11-22' })).toEqual({ from: '2026-09-24', to: '2026-10-23' });
  });
});
