import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import type { LayerName } from '../api/types';
import { LAYER_ORDER, type Measure } from '../state/url';
import type { MapDatum } from './plane';
import { labels } from './labels';
import { boundaries, compounds, emphasis, ground, grids, incidents, measuring, POINTS_FROM, routes, streets } from './layers';
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

/** Sources and layers of a tool, over all others. */
export interface Overlay {
  sources(): Record<string, SourceSpecification>;
  layers(tokens: Tokens): LayerSpecification[];
}

/** What a background draws, from below: under the fills of the grids, under the symbols, and its names. */
export interface GroundLayers {
  under: LayerSpecification[];
  over: LayerSpecification[];
  names: LayerSpecification[];
}

/** A background map. Its layers are named `ground-…`. */
export interface Ground {
  sources: Record<string, SourceSpecification & { tiles?: string[] }>;
  layers(input: StyleInput): GroundLayers;
}

export interface StyleInput {
  tokens: Tokens;
  measure: Measure;
  /** Layers that are switched on. */
  layers: readonly LayerName[];
  /** All layers, the topmost first. */
  order: readonly LayerName[];
  /** The day whose grids are shown; `null` = today's. */
  gridsDay: string | null;
  /** There are no grids: the streets alone make the town. */
  bare: boolean;
  /** Filter of the incident tiles, as a query string. */
  filter: string;
  origin: string;
  /** Boundaries computed from the grids, and what is being measured. */
  outline: GeoJSON.FeatureCollection;
  measured: GeoJSON.FeatureCollection;
  /** A clicked place, a previewed answer of the search. */
  marks: GeoJSON.FeatureCollection;
  /** What a tool draws, while one is at work. */
  overlay?: Overlay | null;
  /** A background under all of it. */
  ground?: Ground | null;
  /** The datum of the background, whose plane everything is drawn in. */
  datum?: MapDatum;
}

/** Address of a source's tiles. Without a revision: the server's ETag tells what is new. */
export function tileUrl(input: Pick<StyleInput, 'origin' | 'filter' | 'gridsDay' | 'datum'>, source: SourceName): string {
  const counted = source === 'incidents' || source === 'cells';
  const asked = counted ? input.filter : source === 'plan' && input.gridsDay ? `grids_on=${input.gridsDay}` : '';
  const query = input.datum === 'gcj02' ? `${asked}${asked && '&'}datum=gcj02` : asked;
  return `${input.origin}/tiles/${SOURCES[source].layers}/{z}/{x}/{y}${query && '?'}${query}`;
}

/** The data layer a style layer draws, by the first part of its id. */
export function layerOf(id: string): LayerName | null {
  const head = id.split('-')[0];
  if (head === 'community' || head === 'district') return 'grids';
  return head === 'grids' || head === 'compounds' || head === 'streets' || head === 'routes' || head === 'incidents' ? head : null;
}

/** The style layers of one data layer, by what lies over what: areas under lines under symbols under names. */
export interface Drawn {
  areas: LayerSpecification[];
  lines: LayerSpecification[];
  symbols: LayerSpecification[];
  names: LayerSpecification[];
}

/** Whether the grids are colored, so that single incidents have to be ink. */
export function isChoropleth({ measure, layers, bare }: Pick<StyleInput, 'measure' | 'layers' | 'bare'>): boolean {
  return measure !== 'none' && layers.includes('grids') && !bare;
}

/** The whole style; pure, so that a change of state is a difference of two styles. */
export function buildStyle(input: StyleInput): StyleSpecification {
  const { tokens: t, bare } = input;
  const below = input.ground?.layers(input) ?? null;
  const over = below !== null;
  const names = labels(t);
  const drawn: Record<LayerName, Drawn> = {
    streets: { areas: [], lines: streets(t, bare, over), symbols: [], names: names.streets },
    grids: { areas: grids(t, over), lines: boundaries(t), symbols: [], names: names.grids },
    compounds: { ...compounds(t), names: names.compounds },
    routes: { areas: [], ...routes(t), names: names.routes },
    incidents: { areas: [], lines: [], symbols: incidents(t, isChoropleth(input)), names: names.incidents },
  };
  const upwards = [...LAYER_ORDER].sort((a, b) => input.order.indexOf(b) - input.order.indexOf(a));
  const all = (part: keyof Drawn): LayerSpecification[] => upwards.flatMap((layer) => drawn[layer][part]);
  const layers: LayerSpecification[] = [
    ...ground(t, bare || over),
    ...(below?.under ?? []),
    ...all('areas'),
    ...all('lines'),
    ...emphasis(t),
    ...(below?.over ?? []),
    ...all('symbols'),
    ...(below?.names ?? []),
    ...all('names'),
    ...measuring(t),
    ...(input.overlay?.layers(t) ?? []),
  ];
  for (const layer of layers) {
    const of = layerOf(layer.id);
    if (of && !input.layers.includes(of)) layer.layout = { ...layer.layout, visibility: 'none' } as never;
  }
  const vector = (name: SourceName) => ({
    type: 'vector' as const,
    tiles: [tileUrl(input, name)],
    minzoom: SOURCES[name].zooms[0],
    maxzoom: SOURCES[name].zooms[1],
  });
  return {
    version: 8,
    // Colors change at once: a printed page is drawn in the tick its theme changes.
    transition: { duration: 0, delay: 0 },
    sources: {
      base: vector('base'),
      plan: vector('plan'),
      cells: vector('cells'),
      incidents: vector('incidents'),
      outline: { type: 'geojson', data: input.outline, tolerance: 0.2 },
      measure: { type: 'geojson', data: input.measured, tolerance: 0 },
      marks: { type: 'geojson', data: input.marks },
      ...(input.ground?.sources ?? {}),
      ...(input.overlay?.sources() ?? {}),
    },
    layers,
  };
}
