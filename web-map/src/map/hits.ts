import type { Map as Engine, MapGeoJSONFeature, PointLike } from 'maplibre-gl';
import type { LayerName } from '../api/types';
import type { Selection } from '../state/url';

export interface Hit {
  layer: LayerName;
  id: number;
}

export interface Cell {
  count: number;
  /** Where it lies in the plane of the map. */
  lon: number;
  lat: number;
}

/** Style layers that answer a click, the most particular first. */
const ORDER: [string, LayerName][] = [
  ['incidents-point', 'incidents'],
  ['routes-stop', 'routes'],
  ['compounds-label', 'compounds'],
  ['routes-halo', 'routes'],
  ['compounds-fill', 'compounds'],
  ['grids-fill', 'grids'],
  ['grids-special', 'grids'],
  ['streets-casing', 'streets'],
  ['streets-rail', 'streets'],
  ['streets-path', 'streets'],
];

/** From this zoom a street under the pointer comes before the grid around it. */
const STREETS_FIRST = 16;

function box(x: number, y: number, reach: number): [PointLike, PointLike] {
  return [
    [x - reach, y - reach],
    [x + reach, y + reach],
  ];
}

function rank(layerId: string, zoom: number): number {
  const at = ORDER.findIndex(([id]) => id === layerId);
  return layerId.startsWith('streets') && zoom >= STREETS_FIRST ? 4.5 + at / 100 : at;
}

/** Things under a point, best first, each once. Areas are taken at the point itself, marks within `reach` px. */
export function hitsAt(map: Engine, x: number, y: number, reach: number): Hit[] {
  const known = new Map(ORDER);
  const present = ORDER.map(([id]) => id).filter((id) => map.getLayer(id));
  const isArea = (id: string): boolean => id === 'grids-fill' || id === 'compounds-fill';
  const areas = present.filter(isArea);
  const marks = present.filter((id) => !isArea(id));
  const found: MapGeoJSONFeature[] = [
    ...map.queryRenderedFeatures(box(x, y, reach), { layers: marks }),
    ...map.queryRenderedFeatures([x, y], { layers: areas }),
  ];
  const zoom = map.getZoom();
  const sorted = found.map((feature, i) => ({ feature, i, rank: rank(feature.layer.id, zoom) })).sort((a, b) => a.rank - b.rank || a.i - b.i);
  const out: Hit[] = [];
  for (const { feature } of sorted) {
    const layer = known.get(feature.layer.id);
    const id = feature.layer.id === 'routes-stop' ? Number(feature.properties.route_id ?? feature.properties.route) : Number(feature.id);
    if (!layer || !Number.isFinite(id) || out.some((hit) => hit.layer === layer && hit.id === id)) continue;
    out.push({ layer, id });
  }
  return out;
}

/** The counted cell under a point, when the map is too far out for single incidents. */
export function cellAt(map: Engine, x: number, y: number): Cell | null {
  if (!map.getLayer('incidents-cell')) return null;
  const feature = map.queryRenderedFeatures(box(x, y, 2), { layers: ['incidents-cell'] })[0];
  if (!feature || feature.geometry.type !== 'Point') return null;
  const [lon = 0, lat = 0] = feature.geometry.coordinates;
  return { count: Number(feature.properties.count), lon, lat };
}

/** The grid under a point, for hovering. */
export function gridAt(map: Engine, x: number, y: number): number | null {
  if (!map.getLayer('grids-fill')) return null;
  const id = map.queryRenderedFeatures([x, y], { layers: ['grids-fill'] })[0]?.id;
  return typeof id === 'number' ? id : null;
}

/**
 * What a click selects: the first hit, or, when that one is selected already
 * and the click is at the same place, the next one below it.
 */
export function choose(hits: readonly Hit[], current: Selection | null, samePlace: boolean): Hit | null {
  const at = current && samePlace ? hits.findIndex((hit) => hit.layer === current.layer && hit.id === current.id) : -1;
  return hits[(at + 1) % Math.max(1, hits.length)] ?? null;
}
