/** Which column goes where: edits of the options, pure. */
import type { Column, Options, Session } from './types';

/** What a file has and what its layer takes. */
export type Shape = Pick<Session, 'columns' | 'fields'>;

/** What becomes of a column. */
export type Target =
  | { to: 'field'; field: string; /** Place among joined columns, from 0. */ part: number; parts: number }
  | { to: 'keep'; type: string }
  | { to: 'none' }
  | { to: 'personal' };

/** Types an extra column can have. */
export const KEEP_TYPES = ['text', 'number', 'date'] as const;

/** Fields whose columns may be joined: texts, and a date with its time beside it. */
const JOINABLE = new Set(['text', 'place', 'name', 'occurred_at', 'reported_at', 'category']);

export function joinable(field: string): boolean {
  return JOINABLE.has(field);
}

const asList = (value: string | string[]): string[] => (typeof value === 'string' ? (value === '' ? [] : [value]) : value);

/** Every field with its columns: what the reader said, else what the server found. */
export function effectiveMap(options: Options, columns: readonly Column[]): Map<string, string[]> {
  const out = new Map<string, string[]>();
  const claimed = new Set(Object.values(options.map).flatMap(asList));
  const kept = new Set(options.keep.map((k) => k.column));
  for (const column of columns) {
    if (!column.field || column.personal || claimed.has(column.name) || kept.has(column.name)) continue;
    out.set(column.field, [...(out.get(column.field) ?? []), column.name]);
  }
  for (const [field, value] of Object.entries(options.map)) {
    const names = asList(value);
    if (names.length) out.set(field, names);
    else out.delete(field);
  }
  return out;
}

export function targetOf(options: Options, columns: readonly Column[], name: string): Target {
  if (columns.find((column) => column.name === name)?.personal) return { to: 'personal' };
  for (const [field, names] of effectiveMap(options, columns)) {
    const part = names.indexOf(name);
    if (part >= 0) return { to: 'field', field, part, parts: names.length };
  }
  const kept = options.keep.find((k) => k.column === name);
  return kept ? { to: 'keep', type: kept.type } : { to: 'none' };
}

/**
 * Everything as it stands, in so many words. A field left to the server may
 * take a column that has just become free; what the reader sees is to hold.
 */
export function wholeMap(options: Options, { columns, fields }: Shape): Options['map'] {
  const now = effectiveMap(options, columns);
  const out: Options['map'] = { ...options.map };
  for (const name of [...fields.map((field) => field.name), ...now.keys()]) {
    const names = now.get(name) ?? [];
    out[name] = names.length === 1 ? (names[0] as string) : names;
  }
  return out;
}

const isPersonal = (shape: Shape, name: string): boolean => shape.columns.some((column) => column.name === name && column.personal);

/** Takes the column out of every field and of the kept ones. A chosen profile no longer holds. */
function released(options: Options, shape: Shape, name: string): Options {
  const map = wholeMap(options, shape);
  for (const [field, names] of Object.entries(map)) {
    if (asList(names).includes(name)) map[field] = asList(names).filter((other) => other !== name);
  }
  return { ...options, map, keep: options.keep.filter((k) => k.column !== name), profile: null };
}

/** Writes the column into a field, in place of what is there or after it. */
export function assign(options: Options, shape: Shape, name: string, field: string, how: 'replace' | 'join' = 'replace'): Options {
  if (isPersonal(shape, name)) return options;
  const now = targetOf(options, shape.columns, name);
  if (now.to === 'field' && now.field === field && (how === 'join' || now.parts === 1)) return options;
  const free = released(options, shape, name);
  const there = how === 'join' ? asList(free.map[field] ?? []) : [];
  const { [field]: _, ...set } = free.set;
  return { ...free, map: { ...free.map, [field]: [...there, name] }, set };
}

/** Keeps the column as an extra one. */
export function keep(options: Options, shape: Shape, name: string, type: string): Options {
  if (isPersonal(shape, name)) return options;
  const free = released(options, shape, name);
  return { ...free, keep: [...free.keep, { column: name, type }] };
}

/** Does not write the column. */
export function leaveOut(options: Options, shape: Shape, name: string): Options {
  return released(options, shape, name);
}

/** The same value for every row; null takes it back. */
export function setConstant(options: Options, field: string, value: string | null): Options {
  const { [field]: _, ...set } = options.set;
  return { ...options, set: value === null || value.trim() === '' ? set : { ...set, [field]: value.trim() }, profile: null };
}

/** Columns that are neither mapped, kept nor personal. */
export function unused(options: Options, columns: readonly Column[]): Column[] {
  return columns.filter((column) => targetOf(options, columns, column.name).to === 'none');
}
