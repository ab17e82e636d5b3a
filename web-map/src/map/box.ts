import type { Bounds } from '../api/types';

/** The box around a geometry; `null` when it has no finite position. */
export function boxOf(geometry: GeoJSON.Geometry): Bounds | null {
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    const [x, y] = value as unknown[];
    if (typeof x === 'number' && typeof y === 'number') {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    } else for (const part of value) visit(part);
  };
  if (geometry.type === 'GeometryCollection') for (const part of geometry.geometries) visit((part as GeoJSON.Polygon).coordinates);
  else visit(geometry.coordinates);
  return Number.isFinite(box[0]) ? box : null;
}
