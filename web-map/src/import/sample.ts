/** The same sample under each coordinate system, told apart by shape; rows of the preview beside it. Pure. */
import type { Bounds } from '../api/types';
import { DATUM_NAMES, type Datum } from '../coords';
import type { Candidate, LonLat, Row } from './types';

/** ● chosen, then by rank. */
export const SHAPES = ['disc', 'ring', 'cross', 'triangle', 'square'] as const;
export type Shape = (typeof SHAPES)[number];

const OTHERS: readonly Shape[] = ['ring', 'cross', 'triangle', 'square'];

/** `GCJ-02`, `CGCS2000`, `EPSG:4548`. */
export function crsName(crs: string): string {
  return DATUM_NAMES[crs as Datum] ?? (crs === 'cgcs2000' ? 'CGCS2000' : crs.toUpperCase());
}

/** What the server calls it, without the name said twice. */
export function crsTitle(candidate: Candidate): string {
  // `WGS 84` and `WGS84`, `GCJ02` and `GCJ-02` are one name.
  const letters = [...crsName(candidate.crs)].filter((letter) => !/[\s-]/.test(letter)).map((letter) => letter.replace(/[^\w]/g, '\\$&'));
  return candidate.title.replace(new RegExp(letters.join('[\\s-]?'), 'i'), '').replace(/^[\s·:：,，]+|[\s·:：,，]+$/g, '');
}

/** Systems compared at first; a survey file may fit twenty zones. */
const COMPARED = 3;

/** Those worth a look: the best few, whatever lies inside, and the chosen one. */
export function comparedCount(candidates: readonly Candidate[], chosen: number | null): number {
  const inside = candidates.filter((candidate) => candidate.inside_share >= 0.05).length;
  return Math.min(candidates.length, Math.max(COMPARED, Math.min(inside, SHAPES.length), (chosen ?? 0) + 1));
}

/** The shape of each candidate: the chosen one is filled, the others keep their order. */
export function shapesOf(candidates: readonly Candidate[], chosen: number | null): Shape[] {
  let next = 0;
  return candidates.map((_, i) => (i === chosen ? 'disc' : (OTHERS[Math.min(next++, OTHERS.length - 1)] as Shape)));
}

/** Which candidate is chosen: the system and, where both ways are offered, the order of the axes. */
export function chosenIndex(candidates: readonly Candidate[], crs: string | null, swap: boolean): number | null {
  if (crs === null) return null;
  const exact = candidates.findIndex((c) => c.crs === crs && c.axis_swapped === swap);
  const at = exact >= 0 ? exact : candidates.findIndex((c) => c.crs === crs);
  return at >= 0 ? at : null;
}

export function samplePoints(candidates: readonly Candidate[], chosen: number | null, pointed: number | null): GeoJSON.FeatureCollection {
  const shapes = shapesOf(candidates, chosen);
  const order = candidates.map((_, i) => i).sort((a, b) => Number(a === chosen) - Number(b === chosen));
  return {
    type: 'FeatureCollection',
    features: order.flatMap((i) =>
      (candidates[i]?.points ?? []).map((at): GeoJSON.Feature => ({
        type: 'Feature',
        properties: { shape: shapes[i], faint: pointed !== null && pointed !== i },
        geometry: { type: 'Point', coordinates: at },
      })),
    ),
  };
}

/** The best two are within ten points of each other: nobody should choose for the reader. */
export function closeCall(candidates: readonly Candidate[]): boolean {
  const [first, second] = [...candidates].sort((a, b) => b.inside_share - a.inside_share);
  return first !== undefined && second !== undefined && first.inside_share - second.inside_share < 0.1;
}

/** How far from the others a wrong datum puts a sample, in degrees, with room to spare; a wrong zone is a country away. */
const NEAR = 0.03;

/**
 * What the map shows while systems are compared: the district if there is one, and each candidate that
 * lies near it, or near the best, whole.
 */
export function viewOf(district: Bounds | null, candidates: readonly Candidate[]): Bounds | null {
  const boxes = candidates.map((candidate) => boxOfPoints(candidate.points)).filter((box) => box !== null);
  const base = district ?? boxes[0];
  if (!base) return null;
  const reach = (side: 0 | 1): number => Math.max(NEAR, (base[side + 2] as number) - base[side]) * (district ? 0.6 : 1);
  const limit: Bounds = [base[0] - reach(0), base[1] - reach(1), base[2] + reach(0), base[3] + reach(1)];
  let out = base;
  for (const box of boxes) {
    const apart = box[2] < limit[0] || box[0] > limit[2] || box[3] < limit[1] || box[1] > limit[3];
    if (apart) continue;
    out = [
      Math.min(out[0], Math.max(box[0], limit[0])),
      Math.min(out[1], Math.max(box[1], limit[1])),
      Math.max(out[2], Math.min(box[2], limit[2])),
      Math.max(out[3], Math.min(box[3], limit[3])),
    ];
  }
  return out;
}

export type RowTone = 'ok' | 'warn' | 'bad';

export function toneOf(row: Row): RowTone {
  if (row.result === 'rejected') return 'bad';
  return row.to_confirm ? 'warn' : 'ok';
}

export function rowPoints(rows: readonly Row[]): GeoJSON.FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: rows.flatMap((row) => (row.at ? [{ type: 'Feature' as const, properties: { row: row.row, tone: toneOf(row) }, geometry: { type: 'Point' as const, coordinates: row.at } }] : [])),
  };
}

/** The box to look at: the sample without its far outliers, else the rows. */
export function boxOfPoints(points: readonly LonLat[]): Bounds | null {
  if (points.length === 0) return null;
  const trimmed = (values: number[]): [number, number] => {
    const sorted = [...values].sort((a, b) => a - b);
    const cut = sorted.length >= 20 ? Math.floor(sorted.length * 0.05) : 0;
    return [sorted[cut] as number, sorted[sorted.length - 1 - cut] as number];
  };
  const [west, east] = trimmed(points.map((p) => p[0]));
  const [south, north] = trimmed(points.map((p) => p[1]));
  return [west, south, east, north];
}
