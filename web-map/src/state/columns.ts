/**
 * Filters on columns that were kept at import. In a link and in a query they
 * read `x.<column>=value,value`, or `A..B` with either side open for numbers
 * and dates.
 */

/** The values that pass, by column name. Only the incidents' columns. */
export type ColumnFilter = Readonly<Record<string, readonly string[]>>;

/** Types of kept columns, as the server names them. */
export type ColumnType = 'text' | 'number' | 'date';

export const COLUMN_PREFIX = 'x.';
/** More values than a person picks; a link longer than that is not one of ours. */
const MOST_VALUES = 50;

/** The two ends of `A..B` as written; `''` is an open end. */
export interface Range {
  from: string;
  to: string;
}

/** Values of a list that is still percent-encoded: a comma inside a value is `%2C`. */
export function parseValues(raw: string): string[] {
  const values = raw
    .split(',')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    })
    .filter((value) => value !== '' && value !== '..');
  return [...new Set(values)].slice(0, MOST_VALUES).sort();
}

/** The list as `parseValues` reads it, and as the server does. */
export function formatValues(values: readonly string[]): string {
  return [...values].sort().map((value) => encodeURIComponent(value).replace(/%3A/g, ':').replace(/%2F/g, '/')).join(',');
}

/** The query parameters of a column filter, columns in one order. */
export function columnQuery(columns: ColumnFilter, without: string | null = null): string[] {
  return Object.keys(columns)
    .sort()
    .filter((name) => name !== without && (columns[name]?.length ?? 0) > 0)
    .map((name) => `${COLUMN_PREFIX}${encodeURIComponent(name)}=${formatValues(columns[name] ?? [])}`);
}

/** `A..B` of a range with at least one end; `null` when both are open. */
export function rangeValue({ from, to }: Range): string | null {
  return from || to ? `${from}..${to}` : null;
}

/** The ends of the range a column is held to; a single value is a range of itself. */
export function rangeOf(values: readonly string[]): Range {
  const [value = ''] = values;
  const at = value.indexOf('..');
  return at < 0 ? { from: value, to: value } : { from: value.slice(0, at), to: value.slice(at + 2) };
}

/** The filter with other values for one column, in the order of links; none = the column no longer filters. */
export function withColumn(columns: ColumnFilter, name: string, values: readonly string[]): ColumnFilter {
  const { [name]: _, ...rest } = columns;
  return values.length ? { ...rest, [name]: [...values].sort() } : rest;
}
