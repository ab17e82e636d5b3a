import type { Feature as GridFeature } from '../api/types';

type Point = [number, number];

/** Ten thousandths of a meter do not make two corners different. */
const key = (p: readonly number[]): string => `${Math.round((p[0] ?? 0) * 1e7)},${Math.round((p[1] ?? 0) * 1e7)}`;

interface Edge {
  from: string;
  to: string;
  a: Point;
  b: Point;
  /** Communities on its two sides; one entry means the edge is an outer one. */
  sides: string[];
}

/** Half the world's width in web-mercator latitudes, for the veil around the district. */
const WORLD: Point[] = [
  [-180, -85],
  [180, -85],
  [180, 85],
  [-180, 85],
  [-180, -85],
];

function rings(geometry: GeoJSON.Geometry | null): Point[][] {
  if (geometry?.type === 'Polygon') return geometry.coordinates as Point[][];
  if (geometry?.type === 'MultiPolygon') return (geometry.coordinates as Point[][][]).flat();
  return [];
}

function edgesOf(grids: readonly GridFeature[]): Map<string, Edge> {
  const edges = new Map<string, Edge>();
  for (const grid of grids) {
    const community = String(grid.properties.community ?? '');
    for (const ring of rings(grid.geometry)) {
      for (let i = 1; i < ring.length; i++) {
        const a = ring[i - 1] as Point;
        const b = ring[i] as Point;
        const from = key(a);
        const to = key(b);
        if (from === to) continue;
        const id = from < to ? `${from}|${to}` : `${to}|${from}`;
        const known = edges.get(id);
        if (known) known.sides.push(community);
        else edges.set(id, { from, to, a, b, sides: [community] });
      }
    }
  }
  return edges;
}

/** Follows directed edges into rings; `null` when they do not close. */
function chain(edges: readonly Edge[]): Point[][] | null {
  const next = new Map<string, Edge[]>();
  for (const edge of edges) {
    const list = next.get(edge.from);
    if (list) list.push(edge);
    else next.set(edge.from, [edge]);
  }
  const out: Point[][] = [];
  for (const start of edges) {
    let edge = take(next, start.from);
    if (!edge) continue;
    const first = edge.from;
    const ring: Point[] = [edge.a, edge.b];
    while (edge.to !== first) {
      edge = take(next, edge.to);
      if (!edge) return null;
      ring.push(edge.b);
    }
    out.push(ring);
  }
  return out;
}

function take(next: Map<string, Edge[]>, from: string): Edge | undefined {
  return next.get(from)?.pop();
}

/**
 * Joins edges end to end at points where exactly two meet, so that a dashed or
 * haloed line is not broken at every corner.
 */
function lines(edges: readonly Edge[]): Point[][] {
  const at = new Map<string, Edge[]>();
  for (const edge of edges) {
    for (const end of [edge.from, edge.to]) {
      const list = at.get(end);
      if (list) list.push(edge);
      else at.set(end, [edge]);
    }
  }
  const used = new Set<Edge>();
  const out: Point[][] = [];
  const walk = (edge: Edge, from: string): void => {
    used.add(edge);
    const line: Point[] = edge.from === from ? [edge.a, edge.b] : [edge.b, edge.a];
    let end = edge.from === from ? edge.to : edge.from;
    for (;;) {
      const here = at.get(end) ?? [];
      const more = here.length === 2 ? here.find((e) => !used.has(e)) : undefined;
      if (!more) break;
      used.add(more);
      line.push(more.from === end ? more.b : more.a);
      end = more.from === end ? more.to : more.from;
    }
    out.push(line);
  };
  for (const edge of edges) {
    for (const end of [edge.from, edge.to]) {
      if (!used.has(edge) && at.get(end)?.length !== 2) walk(edge, end);
    }
  }
  for (const edge of edges) if (!used.has(edge)) walk(edge, edge.from);
  return out;
}

/**
 * The district's outer line, the lines between communities, and the veil over
 * everything outside, from grids that share borders exactly: an edge of one
 * grid only is an outer edge. When the outer edges do not close into rings
 * (grids that overlap or leave slivers) there is no veil, only what is sure.
 */
export function outline(grids: readonly GridFeature[]): GeoJSON.FeatureCollection {
  const basic = grids.filter((grid) => !['special', '专属', '专属网格'].includes(String(grid.properties.kind)));
  const edges = [...edgesOf(basic).values()];
  const outer = edges.filter((edge) => edge.sides.length === 1);
  const between = edges.filter((edge) => edge.sides.length === 2 && edge.sides[0] !== edge.sides[1]);
  const features: GeoJSON.Feature[] = [];
  const add = (role: string, geometry: GeoJSON.Geometry): void => {
    features.push({ type: 'Feature', properties: { role }, geometry });
  };
  const closed = chain(outer);
  // Borders that do not match leave every grid a ring of its own; that is no district.
  if (closed?.length && (basic.length === 1 || closed.length * 2 <= basic.length)) {
    add('outside', { type: 'Polygon', coordinates: [WORLD, ...closed] });
    add('district', { type: 'MultiLineString', coordinates: closed });
  }
  if (between.length) add('community', { type: 'MultiLineString', coordinates: lines(between) });
  return { type: 'FeatureCollection', features };
}
