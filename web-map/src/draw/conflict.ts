/** Two people changed one thing: what differs, and what comes of both. */
import type { Feature } from '../api/types';

export interface Difference {
  /** A property, or `geometry`. */
  name: string;
  before: unknown;
  mine: unknown;
  theirs: unknown;
  /** Whose change it is; `both` when the two are not the same. */
  by: 'mine' | 'theirs' | 'both';
}

/** What the server adds to an answer and nobody sets. */
const DERIVED = new Set(['grid', 'special_grid', 'etag', 'category_name']);

export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if ((a ?? null) === null || (b ?? null) === null) return (a ?? null) === (b ?? null);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(x), ...Object.keys(y)]);
  return [...keys].every((key) => same(x[key], y[key]));
}

/** Properties that can be set. */
export function settable(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !DERIVED.has(name)));
}

type Part = Pick<Feature, 'geometry' | 'properties'>;

/** Everything that is not the same in the three; `theirs` null = they deleted it. */
export function differences(before: Part, mine: Part, theirs: Part): Difference[] {
  const out: Difference[] = [];
  const add = (name: string, b: unknown, m: unknown, t: unknown): void => {
    if (same(m, t)) return;
    const by = same(b, m) ? 'theirs' : same(b, t) ? 'mine' : 'both';
    out.push({ name, before: b, mine: m, theirs: t, by });
  };
  const names = new Set([before, mine, theirs].flatMap((part) => Object.keys(settable(part.properties))));
  for (const name of names) add(name, before.properties[name], mine.properties[name], theirs.properties[name]);
  add('geometry', before.geometry, mine.geometry, theirs.geometry);
  return out;
}

/** My changes over theirs: what I did not touch stays as they made it. */
export function merged(before: Part, mine: Part, theirs: Part): Part {
  const properties: Record<string, unknown> = { ...settable(theirs.properties) };
  for (const [name, value] of Object.entries(settable(mine.properties))) {
    if (!same(before.properties[name], value)) properties[name] = value;
  }
  return { properties, geometry: same(before.geometry, mine.geometry) ? theirs.geometry : mine.geometry };
}
