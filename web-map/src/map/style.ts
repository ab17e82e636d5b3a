import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { LayerName } from '../api/types';
import type { Measure } from '../state/url';
import { labels } from './labels';
import { boundaries, emphasis, ground, incidents, measuring, places, POINTS_FROM, streets } from './layers';
import type { Tokens } from './tokens';

/**
 * Sources of tiles, the server layers each carries, and the zooms they are
 * asked for at; nearer, the engine enlarges the deepest. One source = one
 * request per tile.
 */
export const SOURCES: Record<'base' | 'plan' | 'cells' | 'incidents', { layers: string; of: readonly LayerName[]; zooms: readonly [number, number] }> = {
  base: { layers: 'streets', of: ['streets'], zooms: [0, 16] },
  plan: { layers: 'grids,grids_label,compounds,compounds_label,routes,routes_stop', of: ['grids', 'compounds', 'routes'], zooms: [0, 16] },
  cells: { layers: 'incidents', of: ['incidents'], zooms: [0, 13] },
  incidents: { layers: 'incidents', of: ['incidents'], zooms: [POINTS_FROM, 16] },
};
export type SourceName = keyof typeof SOURCES;

export interface StyleInput {
  tokens: Tokens;
  measure: Measure;
  /** Layers that are switched on. */
  layers: readonly LayerName[];
  /** Filter of the incident tiles, as a query string. */
  filter: string;
  origin: string;
  /** Boundaries computed from the grids, and what is being measured. */
  outline: GeoJSON.FeatureCollection;
  measured: GeoJSON.FeatureCollection;
  /** A clicked place, a previewed answer of the search. */
  marks: GeoJSON.FeatureCollection;
}

/** Address of a source's tiles. Without a revision: the server's ETag tells what is new. */
export function tileUrl(origin: string, source: SourceName, filter: string): string {
  const query = (source === 'incidents' || source === 'cells') && filter ? `?${filter}` : '';
  return `${origin}/tiles/${SOURCES[source].layers}/{z}/{x}/{y}${query}`;
}

/** The data layer a style layer draws, by the first part of its id. */
export function layerOf(id: string): LayerName | null {
  const head = id.split('-')[0];
  if (head === 'community' || head === 'district') return 'grids';
  return head === 'grids' || head === 'compounds' || head === 'streets' || head === 'routes' || head === 'incidents' ? head : null;
}

/** The whole style; pure, so that a change of state is a difference of two styles. */
export function buildStyle(input: StyleInput): StyleSpecification {
  const { tokens: t, measure } = input;
  const choropleth = measure !== 'none' && input.layers.includes('grids');
  const layers: LayerSpecification[] = [
    ...ground(t),
    ...streets(t),
    ...boundaries(t),
    ...places(t),
    ...emphasis(t),
    ...incidents(t, choropleth),
    ...labels(t),
    ...measuring(t),
  ];
  for (const layer of layers) {
    const of = layerOf(layer.id);
    if (of && !input.layers.includes(of)) layer.layout = { ...layer.layout, visibility: 'none' } as never;
  }
  const vector = (name: SourceName) => ({
    type: 'vector' as const,
    tiles: [tileUrl(input.origin, name, input.filter)],
    minzoom: SOURCES[name].zooms[0],
    maxzoom: SOURCES[name].zooms[1],
  });
  return {
    version: 8,
    sources: {
      base: vector('base'),
      plan: vector('plan'),
      cells: vector('cells'),
      incidents: vector('incidents'),
      outline: { type: 'geojson', data: input.outline, tolerance: 0.2 },
      measure: { type: 'geojson', data: input.measured, tolerance: 0 },
      marks: { type: 'geojson', data: input.marks },
    },
    layers,
  };
}
