import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { LayerName } from '../api/types';
import type { Measure } from '../state/url';
import { boundaries, emphasis, ground, incidents, labels, measuring, places, streets } from './layers';
import type { Tokens } from './tokens';

/** Sources of tiles and the server layers each carries. One source = one request per tile. */
export const SOURCES: Record<'base' | 'plan' | 'incidents', { layers: string; of: readonly LayerName[] }> = {
  base: { layers: 'streets', of: ['streets'] },
  plan: { layers: 'grids,grids_label,compounds,compounds_label,routes,routes_stop', of: ['grids', 'compounds', 'routes'] },
  incidents: { layers: 'incidents', of: ['incidents'] },
};
export type SourceName = keyof typeof SOURCES;

/** Deepest tiles asked for; nearer, the engine enlarges them. */
const DEEPEST = 16;

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
  const query = source === 'incidents' && filter ? `?${filter}` : '';
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
    minzoom: 0,
    maxzoom: DEEPEST,
  });
  return {
    version: 8,
    sources: {
      base: vector('base'),
      plan: vector('plan'),
      incidents: vector('incidents'),
      outline: { type: 'geojson', data: input.outline, tolerance: 0.2 },
      measure: { type: 'geojson', data: input.measured, tolerance: 0 },
      marks: { type: 'geojson', data: input.marks },
    },
    layers,
  };
}
