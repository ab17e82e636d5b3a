/** What was before and what was taken back. */
export interface Timeline<T> {
  past: readonly T[];
  now: T;
  future: readonly T[];
}

/** Steps that can be taken back. */
const MOST = 200;

export function begin<T>(now: T): Timeline<T> {
  return { past: [], now, future: [] };
}

export function step<T>(line: Timeline<T>, next: T): Timeline<T> {
  if (next === line.now) return line;
  return { past: [...line.past, line.now].slice(-MOST), now: next, future: [] };
}

export function undo<T>(line: Timeline<T>): Timeline<T> {
  const before = line.past[line.past.length - 1];
  return before === undefined ? line : { past: line.past.slice(0, -1), now: before, future: [line.now, ...line.future] };
}

export function redo<T>(line: Timeline<T>): Timeline<T> {
  const [after, ...rest] = line.future;
  return after === undefined ? line : { past: [...line.past, line.now], now: after, future: rest };
}
