import { addDays, daysBetween, yearBefore } from '../i18n/format';
import { before, lastDays } from './filter';
import type { DailyCounts } from './opening';
import type { Period } from './url';

export interface TrendLine {
  /** First and last day of the points. */
  start: string;
  end: string;
  /** Days per point. */
  every: number;
  now: number[];
  /** The period before, or a year ago, point by point; missing where the data do not reach back. */
  before?: number[];
  /** The last point holds a day that is not over. */
  open: boolean;
}

/** More points than that are no line any more in 280 px. */
const MOST_POINTS = 31;
const WIDTHS = [1, 7, 14, 28, 91] as const;

/**
 * The counts of a period as a line, and those of the days to compare with.
 * Points are whole steps counted back from the last day, so that every one is
 * as long; days at the start that fill no step are left out. `null` when there
 * are not two points to join.
 */
export function trendOf(daily: DailyCounts, period: Period, data: { first: string; today: string }, compare: 'previous' | 'year'): TrendLine | null {
  const days = daysBetween(period.from, period.to) + 1;
  const every = WIDTHS.find((width) => days / width <= MOST_POINTS) ?? Math.ceil(days / MOST_POINTS);
  const points = Math.floor(days / every);
  if (points < 2 || !daily.start) return null;
  const start = daily.start;
  const sums = (end: string): number[] =>
    Array.from({ length: points }, (_, i) => {
      const from = daysBetween(start, addDays(end, 1 - every * (points - i)));
      let sum = 0;
      for (let day = Math.max(0, from); day < Math.min(daily.counts.length, from + every); day++) sum += daily.counts[day] ?? 0;
      return sum;
    });
  const { from, to } = lastDays(period.to, points * every);
  const other = compare === 'year' ? { from: yearBefore(from), to: yearBefore(to) } : before({ from, to });
  return {
    start: from,
    end: to,
    every,
    now: sums(to),
    ...(other.from >= data.first ? { before: sums(other.to) } : {}),
    open: to >= data.today,
  };
}
