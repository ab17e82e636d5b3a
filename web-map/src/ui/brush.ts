/** Arithmetic of the time bar: which days are on screen, which are chosen, and what they add up to. */
import { addDays, daysBetween, yearBefore } from '../i18n/format';
import type { Period } from './types';

/** Counts per day without the time filter, from `start` on. */
export interface Daily {
  start: string;
  counts: readonly number[];
}

export const lastDay = (daily: Daily): string => addDays(daily.start, Math.max(0, daily.counts.length - 1));

export const length = (p: Period): number => daysBetween(p.from, p.to) + 1;

/** Keeps a period inside the days there are, as long as it was if that is possible. */
export function clampPeriod(p: Period, daily: Daily): Period {
  const first = daily.start;
  const last = lastDay(daily);
  const n = Math.min(length(p), daysBetween(first, last) + 1);
  if (p.from < first) return { from: first, to: addDays(first, n - 1) };
  if (p.to > last) return { from: addDays(last, 1 - n), to: last };
  return p;
}

/** Moves the whole period by days. */
export function shiftPeriod(p: Period, days: number, daily: Daily): Period {
  return clampPeriod({ from: addDays(p.from, days), to: addDays(p.to, days) }, daily);
}

/** Moves one end by days; it stops at the other end and at the first or last day there is. */
export function moveEnd(p: Period, end: 'from' | 'to', days: number, daily: Daily): Period {
  const moved = addDays(p[end], days);
  if (end === 'from') return { from: moved < daily.start ? daily.start : moved > p.to ? p.to : moved, to: p.to };
  const last = lastDay(daily);
  return { from: p.from, to: moved > last ? last : moved < p.from ? p.from : moved };
}

/** Sum of the days of a period; null when it begins before the first day there is. */
export function sum(p: Period, daily: Daily): number | null {
  const from = daysBetween(daily.start, p.from);
  if (from < 0) return null;
  let total = 0;
  for (let i = from; i <= daysBetween(daily.start, p.to) && i < daily.counts.length; i++) total += daily.counts[i] ?? 0;
  return total;
}

/** The period just before, of the same length. */
export function previousPeriod(p: Period): Period {
  const n = length(p);
  return { from: addDays(p.from, -n), to: addDays(p.from, -1) };
}

export function yearAgo(p: Period): Period {
  return { from: yearBefore(p.from), to: yearBefore(p.to) };
}

/**
 * The days drawn for a period: about twice its length and 60 at least, so that the period before
 * is there to compare with, ending a little after it.
 */
export function windowFor(p: Period, daily: Daily): Period {
  const n = length(p);
  const whole = daily.counts.length;
  const wanted = Math.min(whole, Math.max(60, n * 2));
  const room = Math.min(daysBetween(p.to, lastDay(daily)), Math.round((wanted - n) / 4));
  const to = addDays(p.to, Math.max(0, room));
  return clampPeriod({ from: addDays(to, 1 - wanted), to }, daily);
}

export interface Bin {
  from: string;
  to: string;
  count: number;
}

/** The window's days gathered into at most `most` bars of 1, 7, 14 or 28 days, counted back from its end. */
export function bins(window: Period, daily: Daily, most: number): { days: number; bins: Bin[] } {
  const n = length(window);
  const days = [1, 7, 14, 28].find((d) => n / d <= most) ?? Math.ceil(n / most);
  const out: Bin[] = [];
  for (let to = window.to; to >= window.from; to = addDays(to, -days)) {
    const start = addDays(to, 1 - days);
    const bin = { from: start < window.from ? window.from : start, to };
    out.unshift({ ...bin, count: sum(bin, daily) ?? 0 });
  }
  return { days, bins: out };
}
