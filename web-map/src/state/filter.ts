import { KINDS } from '../api/types';
import { addDays, daysBetween } from '../i18n/format';
import { columnQuery } from './columns';
import type { Period, ViewState } from './url';

export type Filter = Pick<ViewState, 'kinds' | 'categories' | 'grids' | 'hours' | 'weekdays' | 'found' | 'placed' | 'columns' | 'todaysGrids'> & {
  /** `null` = all time. */
  period: Period | null;
};

export type FilterPart = 'kind' | 'category' | 'grid' | 'datetime' | 'hour' | 'weekday' | 'found' | 'placed';

/** The period of the same length that ends the day before. */
export function before(period: Period): Period {
  const length = daysBetween(period.from, period.to) + 1;
  return { from: addDays(period.from, -length), to: addDays(period.from, -1) };
}

/** `days` days ending with `last`. */
export function lastDays(last: string, days: number): Period {
  return { from: addDays(last, 1 - days), to: last };
}

/** Both days whole: `[from 00:00, day after to 00:00)`, as the server counts incidents. */
export function datetime(period: Period): string {
  return `${period.from}T00:00:00/${addDays(period.to, 1)}T00:00:00`;
}

/**
 * The query string of the server's filter grammar. `without` leaves parts
 * out, and `withoutColumn` a kept column, for the counts beside the very
 * controls that set them.
 */
export function filterQuery(filter: Filter, without: readonly FilterPart[] = [], withoutColumn: string | null = null): string {
  const out: string[] = [];
  const put = (part: FilterPart, value: string): void => {
    if (value && !without.includes(part)) out.push(`${part}=${encodeURIComponent(value).replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%2F/g, '/')}`);
  };
  put('datetime', filter.period ? datetime(filter.period) : '');
  put('kind', filter.kinds.length < KINDS.length ? KINDS.filter((kind) => filter.kinds.includes(kind)).join(',') : '');
  put('category', [...filter.categories].sort().join(','));
  put('grid', [...filter.grids].sort().join(','));
  put('hour', filter.hours);
  put('weekday', filter.weekdays);
  put('found', filter.found);
  put('placed', filter.placed);
  out.push(...columnQuery(filter.columns, withoutColumn));
  if (filter.todaysGrids) out.push('grids=today');
  return out.join('&');
}
