/** Which column goes where: edits of the options, pure. */
import type { Column, Options } from './types';

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

/** The mapping with what the server found said in so many words, so that it can be kept. */
export function wholeMap(options: Options, columns: readonly Column[]): Options['map'] {
  const found = Object.fromEntries([...effectiveMap(options, columns)].map(([field, names]) => [field, names.length === 1 ? (names[0] as string) : names]));
  return { ...options.map, ...found };
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

/** Takes the column out of every field and of the kept ones. */
function released(options: Options, columns: readonly Column[], name: string): Options {
  const map = { ...options.map };
  for (const [field, names] of effectiveMap(options, columns)) {
    if (names.includes(name)) map[field] = names.filter((other) => other !== name);
  }
  return { ...options, map, keep: options.keep.filter((k) => k.column !== name) };
}

/** Writes the column into a field, in place of what is there or after it. A chosen profile no longer holds. */
export function assign(options: Options, columns: readonly Column[], name: string, field: string, how: 'replace' | 'join' = 'replace'): Options {
  if (columns.find((column) => column.name === name)?.personal) return options;
  const now = targetOf(options, columns, name);
  if (now.to === 'field' && now.field === field && (how === 'join' || now.parts === 1)) return options;
  const free = released(options, columns, name);
  const there = how === 'join' ? (effectiveMap(free, columns).get(field) ?? []) : [];
  const set = { ...free.set };
  delete set[field];
  return { ...free, map: { ...free.map, [field]: [...there, name] }, set, profile: null };
}

/** Keeps the column as an extra one. */
export function keep(options: Options, columns: readonly Column[], name: string, type: string): Options {
  if (columns.find((column) => column.name === name)?.personal) return options;
  const free = released(options, columns, name);
  return { ...free, keep: [...free.keep, { column: name, type }], profile: null };
}

/** Does not write the column. */
export function leaveOut(options: Options, columns: readonly Column[], name: string): Options {
  return { ...released(options, columns, name), profile: null };
}

/** The same value for every row; null takes it back. */
export function setConstant(options: Options, field: string, value: string | null): Options {
  const set = { ...options.set };
  if (value === null || value.trim() === '') delete set[field];
  else set[field] = value.trim();
  return { ...options, set, profile: null };
}

/** Columns that are neither mapped, kept nor personal. */
export function unused(options: Options, columns: readonly Column[]): Column[] {
  return columns.filter((column) => targetOf(options, columns, column.name).to === 'none');
}
