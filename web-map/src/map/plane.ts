/**
 * The plane the map is drawn in. Everything in the client is WGS84; a background of GCJ-02 cannot be
 * moved, so what lies over it is, on its way into the engine, and comes back exactly on its way out.
 */
import type { Bounds } from '../api/types';
import { gcj02ToWgs84, wgs84ToGcj02, type LonLat } from '../coords';

export type MapDatum = 'wgs84' | 'gcj02';

/** Where a WGS84 position lies in the plane of the map. */
export function ontoMap(p: LonLat, datum: MapDatum): LonLat {
  return datum === 'gcj02' ? wgs84ToGcj02(p) : p;
}

/** The WGS84 position of a place of the map. */
export function offMap(p: LonLat, datum: MapDatum): LonLat {
  return datum === 'gcj02' ? gcj02ToWgs84(p) : p;
}

/** The box around the moved corners of a box. */
export function movedBox([w, s, e, n]: Bounds, move: (p: LonLat) => LonLat): Bounds {
  const corners = [move([w, s]), move([e, s]), move([e, n]), move([w, n])];
  const x = corners.map((p) => p[0]);
  const y = corners.map((p) => p[1]);
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}

function moved(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [x, y] = value as unknown[];
  return typeof x === 'number' && typeof y === 'number' ? wgs84ToGcj02([x, y]) : value.map(moved);
}

function movedGeometry(geometry: GeoJSON.Geometry): GeoJSON.Geometry {
  if (geometry.type === 'GeometryCollection') return { ...geometry, geometries: geometry.geometries.map(movedGeometry) };
  return { ...geometry, coordinates: moved(geometry.coordinates) } as GeoJSON.Geometry;
}

/** Moved once each: a boundary of ten thousand corners is handed over at every change of style. */
const known = new WeakMap<GeoJSON.FeatureCollection, GeoJSON.FeatureCollection>();

/** Features of WGS84 as they are handed to the engine. The original stays as it is. */
export function placed(data: GeoJSON.FeatureCollection, datum: MapDatum): GeoJSON.FeatureCollection {
  if (datum === 'wgs84') return data;
  let out = known.get(data);
  if (!out) {
    out = { ...data, features: data.features.map((f) => (f.geometry ? { ...f, geometry: movedGeometry(f.geometry) } : f)) };
    known.set(data, out);
  }
  return out;
}
