import { addDays } from '../i18n/format';
import type { Period } from './url';

/** Lengths a view may open with, days, the shortest first; then everything. */
const LENGTHS = [30, 90, 365] as const;
/** A map says something from about this many records on. */
const ENOUGH = 200;
/** Where there are few in all, this share of them is enough. */
const SHARE = 0.5;

/** How much of the time a link without a period shows: days up to the last record, or all of it. */
export type Opening = (typeof LENGTHS)[number] | 'all';

/** Records per day as the server counts them, without any filter; `start` is the day of the first. */
export interface DailyCounts {
  start: string | null;
  counts: readonly number[];
}

/**
 * The shortest of 30, 90 and 365 days up to the last record that holds
 * enough: 200 records, or half of all where there are fewer than 400. Else
 * everything. Without records it is 30 days.
 */
export function openingOf({ counts }: DailyCounts): Opening {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total === 0) return LENGTHS[0];
  const wanted = Math.min(ENOUGH, total * SHARE);
  // The server's days end with the last record; a day behind it holds none.
  let end = counts.length;
  while (end > 0 && !counts[end - 1]) end--;
  for (const days of LENGTHS) {
    // A length that holds all the time there is says "everything" more plainly.
    if (days >= end && days !== LENGTHS[0]) return 'all';
    const held = counts.slice(Math.max(0, end - days), end).reduce((sum, n) => sum + n, 0);
    if (held >= wanted) return days;
  }
  return 'all';
}

/** The days an opening means when `last` is the last day with a record; `null` = all time. */
export function openingPeriod(opening: Opening, last: string): Period | null {
  return opening === 'all' ? null : { from: addDays(last, 1 - opening), to: last };
}

/** The period as the state keeps it: the opening one is left out of links, so that it moves with the data. */
export function asState(period: Period | 'all', opening: Opening, last: string): Period | 'all' | null {
  const usual = openingPeriod(opening, last);
  if (period === 'all') return usual === null ? null : 'all';
  return usual && period.from === usual.from && period.to === usual.to ? null : period;
}
