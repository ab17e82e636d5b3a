/** Filters in words: chips, print header, share text all say the same. */
import { fmt, t, weekdayName } from '../i18n';
import { hoursInWords, parseRanges } from './ranges';
import { KINDS, type Kind, type Period } from './types';

export interface FilterWords {
  kinds: readonly Kind[];
  /** Names of chosen categories, by code. */
  categories: readonly { code: string; name: string }[];
  /** null = all time. */
  period: Period | null;
  hours: string;
  weekdays: string;
  found: '' | 'resident' | 'patrol';
  placed: '' | 'true' | 'false';
  /** Values of kept columns; a range is `A..B`. */
  columns: Readonly<Record<string, readonly string[]>>;
  todaysGrids: boolean;
}

export interface Described {
  id: 'kinds' | 'category' | 'hours' | 'weekdays' | 'found' | 'placed' | 'column' | 'grids';
  /** The code of a category, the name of a column. */
  code?: string;
  label: string;
}

/** Everything that narrows the records, except the period, which the time bar says. */
export function describeFilter(f: FilterWords): Described[] {
  const out: Described[] = [];
  if (f.kinds.length < KINDS.length) {
    out.push({ id: 'kinds', label: KINDS.filter((k) => f.kinds.includes(k)).map((k) => t(`kind.${k}`)).join(t('list.separator')) || t('inspect.nothing') });
  }
  for (const { code, name } of f.categories) out.push({ id: 'category', code, label: name });
  if (f.hours) out.push({ id: 'hours', label: t('filter.hours', { hours: hoursInWords(f.hours) }) });
  if (f.weekdays) {
    out.push({ id: 'weekdays', label: parseRanges(f.weekdays, 1, 7).map((d) => weekdayName(d)).join(t('list.separator')) });
  }
  if (f.found) out.push({ id: 'found', label: t(`found.${f.found}`) });
  if (f.placed) out.push({ id: 'placed', label: t(f.placed === 'true' ? 'filter.onMap' : 'filter.offMap') });
  for (const name of Object.keys(f.columns).sort()) out.push({ id: 'column', code: name, label: t('filter.column', { name, values: valuesInWords(f.columns[name] ?? []) }) });
  if (f.todaysGrids) out.push({ id: 'grids', label: t('legend.today') });
  return out;
}

/** `城管、公安 +3`, `≥ 5`, `1月1日 – 2月1日` as they were given. */
function valuesInWords(values: readonly string[]): string {
  const words = values.map((value) => {
    const at = value.indexOf('..');
    if (at < 0) return value;
    const [from, to] = [value.slice(0, at), value.slice(at + 2)];
    return from === to ? from : !to ? `≥ ${from}` : !from ? `≤ ${to}` : `${from} – ${to}`;
  });
  const shown = words.slice(0, 3).join(t('list.separator'));
  return words.length > 3 ? `${shown} +${words.length - 3}` : shown;
}

/** One line for the head of a printed page. */
export function filterSentence(f: FilterWords): string {
  const parts = describeFilter(f).map((d) => d.label);
  return parts.length > 0 ? parts.join(' · ') : t('filter.everything');
}

/** `近30天` when the period ends on the last day there is, else the dates. */
export function periodWords(period: Period | null, last: string | null, thisYear?: number): string {
  if (period === null) return t('time.all');
  const days = Math.round((Date.parse(period.to) - Date.parse(period.from)) / 86_400_000) + 1;
  return last !== null && period.to === last ? t('inspect.lastDays', { n: days }) : fmt.range(period.from, period.to, thisYear);
}
