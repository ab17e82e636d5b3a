import { lineLength, ringArea, type LonLat } from '../coords';

/** What the measure tool holds: the points set so far and where the pointer is. */
export interface Measured {
  points: readonly LonLat[];
  /** Following the pointer; `null` once finished or on touch. */
  ghost: LonLat | null;
  done: boolean;
}

export const NOTHING: Measured = { points: [], ghost: null, done: false };

export function addPoint(m: Measured, p: LonLat): Measured {
  return m.done ? { points: [p], ghost: null, done: false } : { ...m, points: [...m.points, p], ghost: null };
}

export function movePointer(m: Measured, p: LonLat): Measured {
  return m.done || m.points.length === 0 ? m : { ...m, ghost: p };
}

export function undoPoint(m: Measured): Measured {
  return { points: m.points.slice(0, -1), ghost: null, done: false };
}

/** Ends the line. A double click has set its point twice: the copy is dropped. */
export function finish(m: Measured): Measured {
  const points = m.points.filter((p, i) => i === 0 || p[0] !== m.points[i - 1]?.[0] || p[1] !== m.points[i - 1]?.[1]);
  return points.length < 2 ? { ...m, ghost: null } : { points, ghost: null, done: true };
}

function withGhost(m: Measured): readonly LonLat[] {
  return m.ghost ? [...m.points, m.ghost] : m.points;
}

export function lengthOf(m: Measured): number {
  return lineLength(withGhost(m));
}

/** Area of the ring closed from the last point to the first; 0 with fewer than three. */
export function areaOf(m: Measured): number {
  return ringArea(withGhost(m));
}

/** What the map draws. */
export function drawing(m: Measured): GeoJSON.FeatureCollection {
  const line = withGhost(m).map((p) => [p[0], p[1]]);
  const features: GeoJSON.Feature[] = [];
  const add = (geometry: GeoJSON.Geometry): void => {
    features.push({ type: 'Feature', properties: {}, geometry });
  };
  if (line.length > 2) add({ type: 'Polygon', coordinates: [[...line, line[0] as number[]]] });
  if (line.length > 1) add({ type: 'LineString', coordinates: line });
  for (const p of m.points) add({ type: 'Point', coordinates: [p[0], p[1]] });
  return { type: 'FeatureCollection', features };
}
