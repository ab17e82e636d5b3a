/**
 * A geometry as the editor holds it: every part and every hole is a ring of its own, open (without
 * the closing point), so that a hole or a second part is edited like any other ring and put back
 * where it was.
 */
import { lineLength, ringArea, type LonLat } from '../coords';

export type Point = readonly [lon: number, lat: number];
export type Ring = readonly Point[];
export type Sort = 'Polygon' | 'LineString' | 'Point';

export interface Shape {
  sort: Sort;
  /** It came as a Multi… geometry and goes back as one. */
  multi: boolean;
  /** Polygon: rings, the outer one first. Line and point: one run of points each. */
  parts: readonly (readonly Ring[])[];
}

/** Where a corner is in a shape. */
export interface Corner {
  part: number;
  ring: number;
  index: number;
}

/** About a centimetre; what the server keeps. */
const DECIMALS = 7;
const SCALE = 10 ** DECIMALS;

export function rounded(p: readonly number[]): Point {
  return [Math.round((p[0] ?? 0) * SCALE) / SCALE, Math.round((p[1] ?? 0) * SCALE) / SCALE];
}

export function samePlace(a: Point, b: Point): boolean {
  return Math.round((a[0] - b[0]) * SCALE) === 0 && Math.round((a[1] - b[1]) * SCALE) === 0;
}

/** Corners at one place have one key. */
export function placeKey(p: Point): string {
  return `${Math.round(p[0] * SCALE)},${Math.round(p[1] * SCALE)}`;
}

function opened(ring: readonly (readonly number[])[]): Ring {
  const points = ring.map(rounded);
  const last = points[points.length - 1];
  if (points.length > 1 && last && samePlace(points[0] as Point, last)) points.pop();
  return points;
}

function closed(ring: Ring): number[][] {
  const points = ring.map((p) => [p[0], p[1]]);
  if (points[0]) points.push([...points[0]]);
  return points;
}

/** Reads a geometry; `null` for what the editor does not draw (none, or a mixed collection). */
export function shapeOf(geometry: GeoJSON.Geometry | null | undefined): Shape | null {
  switch (geometry?.type) {
    case 'Polygon':
      return { sort: 'Polygon', multi: false, parts: [geometry.coordinates.map(opened)] };
    case 'MultiPolygon':
      return { sort: 'Polygon', multi: true, parts: geometry.coordinates.map((rings) => rings.map(opened)) };
    case 'LineString':
      return { sort: 'LineString', multi: false, parts: [[geometry.coordinates.map(rounded)]] };
    case 'MultiLineString':
      return { sort: 'LineString', multi: true, parts: geometry.coordinates.map((line) => [line.map(rounded)]) };
    case 'Point':
      return { sort: 'Point', multi: false, parts: [[[rounded(geometry.coordinates)]]] };
    case 'MultiPoint':
      return { sort: 'Point', multi: true, parts: geometry.coordinates.map((p) => [[rounded(p)]]) };
    default:
      return null;
  }
}

/** Puts rings and parts together again; `null` while nothing is drawn. */
export function geometryOf(shape: Shape | null): GeoJSON.Geometry | null {
  if (!shape || shape.parts.length === 0) return null;
  const many = shape.multi || shape.parts.length > 1;
  const first = shape.parts[0] as readonly Ring[];
  if (shape.sort === 'Polygon') {
    const part = (rings: readonly Ring[]): number[][][] => rings.map(closed);
    return many ? { type: 'MultiPolygon', coordinates: shape.parts.map(part) } : { type: 'Polygon', coordinates: part(first) };
  }
  const run = (rings: readonly Ring[]): number[][] => (rings[0] ?? []).map((p) => [p[0], p[1]]);
  if (shape.sort === 'LineString') {
    return many ? { type: 'MultiLineString', coordinates: shape.parts.map(run) } : { type: 'LineString', coordinates: run(first) };
  }
  const at = (rings: readonly Ring[]): number[] => [...(rings[0]?.[0] ?? [0, 0])];
  return many ? { type: 'MultiPoint', coordinates: shape.parts.map(at) } : { type: 'Point', coordinates: at(first) };
}

export function ringAt(shape: Shape, part: number, ring: number): Ring {
  return shape.parts[part]?.[ring] ?? [];
}

export function cornerAt(shape: Shape, corner: Corner): Point | null {
  return ringAt(shape, corner.part, corner.ring)[corner.index] ?? null;
}

export function withRing(shape: Shape, part: number, ring: number, points: Ring): Shape {
  return { ...shape, parts: shape.parts.map((rings, i) => (i === part ? rings.map((old, j) => (j === ring ? points : old)) : rings)) };
}

/** Adds a ring as a hole of the part around it, else as a part of its own. */
export function withNewRing(shape: Shape, points: Ring): Shape {
  if (shape.sort === 'Polygon') {
    const host = shape.parts.findIndex((rings) => points.every((p) => isInside(p, rings[0] ?? [])));
    if (host >= 0) return { ...shape, parts: shape.parts.map((rings, i) => (i === host ? [...rings, points] : rings)) };
  }
  return { ...shape, parts: [...shape.parts, [points]] };
}

/** Takes a hole away, or with its outer ring a whole part. */
export function withoutRing(shape: Shape, part: number, ring: number): Shape {
  const parts = ring === 0 ? shape.parts.filter((_, i) => i !== part) : shape.parts.map((rings, i) => (i === part ? rings.filter((_, j) => j !== ring) : rings));
  return { ...shape, parts };
}

/** The fewest corners a ring or line can have. */
export function fewest(sort: Sort): number {
  return sort === 'Polygon' ? 3 : sort === 'LineString' ? 2 : 1;
}

/** Every corner in its order, part by part and ring by ring. */
export function corners(shape: Shape): Corner[] {
  return shape.parts.flatMap((rings, part) => rings.flatMap((points, ring) => points.map((_, index) => ({ part, ring, index }))));
}

export interface Side {
  /** Position of its first corner. */
  corner: Corner;
  a: Point;
  b: Point;
}

export function sides(shape: Shape): Side[] {
  const out: Side[] = [];
  if (shape.sort === 'Point') return out;
  shape.parts.forEach((rings, part) => {
    rings.forEach((points, ring) => {
      const count = shape.sort === 'Polygon' ? points.length : points.length - 1;
      for (let index = 0; index < count; index++) out.push({ corner: { part, ring, index }, a: points[index] as Point, b: points[(index + 1) % points.length] as Point });
    });
  });
  return out;
}

/** Whether a place is in a ring; on the border may be either. */
export function isInside(p: Point, ring: Ring): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i] as Point;
    const b = ring[j] as Point;
    if (a[1] > p[1] !== b[1] > p[1] && p[0] < ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
  }
  return inside;
}

export function covers(shape: Shape, p: Point): boolean {
  return shape.sort === 'Polygon' && shape.parts.some(([outer = [], ...holes]) => isInside(p, outer) && !holes.some((hole) => isInside(p, hole)));
}

/** Square metres of a polygon, holes taken out. */
export function areaOf(shape: Shape): number {
  if (shape.sort !== 'Polygon') return 0;
  return shape.parts.reduce((sum, rings) => sum + rings.reduce((s, ring, i) => s + (i === 0 ? 1 : -1) * ringArea(ring as LonLat[]), 0), 0);
}

/** Metres of a line, or around a polygon, holes included. */
export function lengthOf(shape: Shape): number {
  if (shape.sort === 'Point') return 0;
  const close = shape.sort === 'Polygon';
  return shape.parts.flat().reduce((sum, ring) => sum + lineLength((close && ring[0] ? [...ring, ring[0]] : ring) as LonLat[]), 0);
}

export type Box = [west: number, south: number, east: number, north: number];

export function boxOfShape(shape: Shape): Box | null {
  let box: Box | null = null;
  for (const ring of shape.parts.flat()) {
    for (const [x, y] of ring) {
      if (!box) box = [x, y, x, y];
      else box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
    }
  }
  return box;
}

const RAD = Math.PI / 180;
const METERS_PER_DEGREE = 111_195;

/** A place moved by metres to the east and to the north. */
export function movedBy(p: Point, east: number, north: number): Point {
  return rounded([p[0] + east / (METERS_PER_DEGREE * Math.max(Math.cos(p[1] * RAD), 1e-6)), p[1] + north / METERS_PER_DEGREE]);
}

export function grown(box: Box, metres: number): Box {
  const [west, south] = movedBy([box[0], box[1]], -metres, -metres);
  const [east, north] = movedBy([box[2], box[3]], metres, metres);
  return [west, south, east, north];
}

/** Metres east and north of `origin`: flat, for distances within a town. */
export function flat(p: Point, origin: Point): [number, number] {
  return [(p[0] - origin[0]) * METERS_PER_DEGREE * Math.cos(origin[1] * RAD), (p[1] - origin[1]) * METERS_PER_DEGREE];
}

/** The nearest place of a side: its distance in metres and how far along it is, 0 to 1. */
export function nearestOnSide(p: Point, a: Point, b: Point): { at: Point; metres: number; share: number } {
  const [ax, ay] = flat(a, p);
  const [bx, by] = flat(b, p);
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const share = square === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / square));
  return { at: [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share], metres: Math.hypot(ax + dx * share, ay + dy * share), share };
}

/** Where sides of the shape cross or lie on each other: the first few places. */
export function crossings(shape: Shape, most = 8): Point[] {
  const all = sides(shape);
  const found: Point[] = [];
  if (shape.sort !== 'Polygon') return found;
  const boxes = all.map(({ a, b }) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])] as Box);
  for (let i = 0; i < all.length && found.length < most; i++) {
    for (let j = i + 1; j < all.length && found.length < most; j++) {
      const [p, q] = [boxes[i] as Box, boxes[j] as Box];
      if (p[0] > q[2] || q[0] > p[2] || p[1] > q[3] || q[1] > p[3]) continue;
      const at = crossing(all[i] as Side, all[j] as Side);
      if (at && !found.some((known) => samePlace(known, at))) found.push(at);
    }
  }
  return found;
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function crossing(s: Side, t: Side): Point | null {
  const ends = [samePlace(s.a, t.a), samePlace(s.a, t.b), samePlace(s.b, t.a), samePlace(s.b, t.b)];
  if (ends.some(Boolean)) {
    // Sides that meet at a corner cross only when one lies along the other; holes may touch in a corner.
    const sameRing = s.corner.part === t.corner.part && s.corner.ring === t.corner.ring;
    if (!sameRing) return null;
    const shared = ends[0] || ends[1] ? s.a : s.b;
    const p = samePlace(shared, s.a) ? s.b : s.a;
    const q = samePlace(shared, t.a) ? t.b : t.a;
    const along = (p[0] - shared[0]) * (q[0] - shared[0]) + (p[1] - shared[1]) * (q[1] - shared[1]);
    return samePlace(p, q) || (along > 0 && nearestOnSide(p, shared, q).metres < 0.01 && nearestOnSide(p, shared, q).share < 1) ? shared : null;
  }
  const [d1, d2] = [turn(s.a, s.b, t.a), turn(s.a, s.b, t.b)];
  const [d3, d4] = [turn(t.a, t.b, s.a), turn(t.a, t.b, s.b)];
  if (d1 * d2 < 0 && d3 * d4 < 0) {
    const share = d3 / (d3 - d4);
    return rounded([s.a[0] + (s.b[0] - s.a[0]) * share, s.a[1] + (s.b[1] - s.a[1]) * share]);
  }
  return null;
}
