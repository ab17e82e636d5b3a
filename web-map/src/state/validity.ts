import type { Feature } from '../api/types';

/** The days a grid is in force: `[from, to)`, open where `null`. */
interface Validity {
  from: string | null;
  to: string | null;
}

const day = (value: unknown): string | null => (typeof value === 'string' && value ? value.slice(0, 10) : null);

function validity(grid: Feature): Validity {
  return { from: day(grid.properties.valid_from), to: day(grid.properties.valid_to) };
}

/** True if the grid is in force on a local day. */
export function validOn(grid: Feature, on: string): boolean {
  const { from, to } = validity(grid);
  return (from === null || from <= on) && (to === null || on < to);
}

/**
 * The day whose grids the map has to show, or `null` when they are the same as
 * today's: the last day of a period in the past, if grids changed since. So
 * the tiles are asked for again only where that shows something else.
 * `complete` says that `grids` are all there are; else nobody can know.
 */
export function gridsDay(grids: readonly Feature[], complete: boolean, end: string | null, today: string): string | null {
  if (end === null || end >= today) return null;
  if (!complete) return end;
  const changed = grids.some((grid) => {
    const { from, to } = validity(grid);
    return [from, to].some((change) => change !== null && change > end && change <= today);
  });
  return changed ? end : null;
}
