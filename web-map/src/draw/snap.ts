/** Snapping on the screen: corners first, then sides, within a reach in pixels. */
import type { Point, Shape } from './shape';
import { sides } from './shape';

const TILE = 512;
const RAD = Math.PI / 180;

/** Pixels of the whole world at a zoom; the map is never turned or tilted. */
export function toPixels([lon, lat]: Point, zoom: number): [number, number] {
  const size = TILE * 2 ** zoom;
  const y = Math.log(Math.tan(Math.PI / 4 + (lat * RAD) / 2));
  return [((lon + 180) / 360) * size, (0.5 - y / (2 * Math.PI)) * size];
}

export function fromPixels([x, y]: readonly [number, number], zoom: number): Point {
  const size = TILE * 2 ** zoom;
  return [(x / size) * 360 - 180, (2 * Math.atan(Math.exp((0.5 - y / size) * 2 * Math.PI)) - Math.PI / 2) / RAD];
}

export interface Snap {
  at: Point;
  on: 'corner' | 'side';
}

export interface SnapOptions {
  zoom: number;
  reach: number;
  /** A corner at this place is not a target: the one being dragged. */
  except?: Point | null;
}

/**
 * The nearest corner within reach, else the nearest place of a side; `null` when neither is. A
 * corner is given exactly as it is, so that both shapes have the same one.
 */
export function snap(p: Point, targets: Iterable<Shape>, { zoom, reach, except = null }: SnapOptions): Snap | null {
  const [px, py] = toPixels(p, zoom);
  let corner: Point | null = null;
  let cornerD = reach;
  let side: Point | null = null;
  let sideD = reach;
  const near = boxAround(p, zoom, reach);
  for (const shape of targets) {
    for (const ring of shape.parts.flat()) {
      for (const q of ring) {
        if (q[0] < near[0] || q[0] > near[2] || q[1] < near[1] || q[1] > near[3]) continue;
        if (except && q[0] === except[0] && q[1] === except[1]) continue;
        const [x, y] = toPixels(q, zoom);
        const d = Math.hypot(x - px, y - py);
        if (d <= cornerD) {
          corner = q;
          cornerD = d;
        }
      }
    }
    if (corner) continue;
    for (const { a, b } of sides(shape)) {
      if (Math.max(a[0], b[0]) < near[0] || Math.min(a[0], b[0]) > near[2] || Math.max(a[1], b[1]) < near[1] || Math.min(a[1], b[1]) > near[3]) continue;
      const [ax, ay] = toPixels(a, zoom);
      const [bx, by] = toPixels(b, zoom);
      const square = (bx - ax) ** 2 + (by - ay) ** 2;
      if (square === 0) continue;
      const share = Math.min(1, Math.max(0, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / square));
      const at: [number, number] = [ax + (bx - ax) * share, ay + (by - ay) * share];
      const d = Math.hypot(at[0] - px, at[1] - py);
      if (d < sideD) {
        side = fromPixels(at, zoom);
        sideD = d;
      }
    }
  }
  if (corner) return { at: corner, on: 'corner' };
  return side ? { at: side, on: 'side' } : null;
}

function boxAround(p: Point, zoom: number, reach: number): [number, number, number, number] {
  const [x, y] = toPixels(p, zoom);
  const [west, north] = fromPixels([x - reach, y - reach], zoom);
  const [east, south] = fromPixels([x + reach, y + reach], zoom);
  return [west, south, east, north];
}
