import type { ExpressionSpecification as Expression, LayerSpecification as Layer } from 'maplibre-gl';
import { BASIC, POINTS_FROM, STATION } from './layers';
import type { LayerName } from '../api/types';
import type { Tokens } from './tokens';

/** Name, and the code below it in smaller type when it is another text. */
const withCode: Expression = [
  'case',
  ['==', ['get', 'name'], ['get', 'code']],
  ['get', 'name'],
  ['format', ['get', 'name'], {}, '\n', {}, ['get', 'code'], { 'font-scale': 0.82 }],
];

/** Names along streets, the greater first. */
function streetNames(t: Tokens): Layer[] {
  const halo = { 'text-halo-color': t.halo, 'text-halo-width': 1.5 } as const;
  return [
    {
      id: 'streets-label',
      type: 'symbol',
      source: 'base',
      'source-layer': 'streets',
      minzoom: 12,
      filter: [
        'all',
        ['has', 'name'],
        ['>=', ['zoom'], ['match', ['get', 'class'], 'arterial', 12, 'secondary', 13, 'rail', 13, 'branch', 14, 'lane', 15, 16]],
      ],
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 420,
        'symbol-sort-key': ['match', ['get', 'class'], 'arterial', 0, 'secondary', 1, 'branch', 2, 3],
        'text-field': ['get', 'name'],
        'text-font': t.fonts,
        'text-size': ['interpolate', ['linear'], ['zoom'], 13, ['match', ['get', 'class'], ['arterial', 'secondary'], 12, 11], 17, ['match', ['get', 'class'], ['arterial', 'secondary'], 15, 13]],
        'text-letter-spacing': 0.08,
        'text-max-angle': 35,
        'text-padding': 6,
        'text-keep-upright': true,
        'text-rotation-alignment': 'map',
      },
      paint: { 'text-color': t.text2, ...halo },
    },
  ];
}

function gridNames(t: Tokens): Layer[] {
  const halo = { 'text-halo-color': t.halo, 'text-halo-width': 1.5 } as const;
  return [
    {
      id: 'grids-label',
      type: 'symbol',
      source: 'plan',
      'source-layer': 'grids_label',
      minzoom: 12.5,
      filter: BASIC,
      layout: {
        // Long official codes say little on a map; they come last.
        'text-field': ['step', ['zoom'], ['get', 'name'], 15, ['case', ['<=', ['length', ['get', 'code']], 8], withCode, ['get', 'name']], 17, withCode],
        'text-font': t.fonts,
        'text-size': ['interpolate', ['linear'], ['zoom'], 12.5, 11, 14, 12, 16, 14],
        'text-max-width': 9,
        'text-padding': 2,
        // A name steps aside for a count before it gives way.
        'text-variable-anchor': ['center', 'top', 'bottom'],
        'text-radial-offset': 1,
        'text-justify': 'auto',
      },
      paint: { 'text-color': t.text, ...halo },
    },
  ];
}

function compoundNames(t: Tokens): Layer[] {
  const halo = { 'text-halo-color': t.halo, 'text-halo-width': 1.5 } as const;
  return [
    {
      id: 'compounds-label',
      type: 'symbol',
      source: 'plan',
      'source-layer': 'compounds_label',
      minzoom: 12.5,
      filter: ['any', ['>=', ['zoom'], 14], STATION, ['<=', ['coalesce', ['get', 'priority'], 3], 1]],
      layout: {
        'symbol-sort-key': ['coalesce', ['get', 'priority'], 3],
        // Near, the hatched outline is there and the name goes into it.
        'icon-image': ['step', ['zoom'], ['case', STATION, 'station', 'diamond'], 14, ['case', STATION, 'station', '']],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 12.5, 0.75, 15, 1],
        'text-field': ['step', ['zoom'], ['case', STATION, ['get', 'name'], ''], 14, ['case', ['any', STATION, ['<=', ['coalesce', ['get', 'priority'], 3], 1]], ['get', 'name'], ''], 15, ['get', 'name']],
        'text-font': t.fonts,
        'text-size': ['interpolate', ['linear'], ['zoom'], 14, 11, 16, 13],
        'text-anchor': ['step', ['zoom'], 'top', 14, ['case', STATION, 'top', 'center']],
        'text-offset': ['step', ['zoom'], ['literal', [0, 0.65]], 14, ['case', STATION, ['literal', [0, 0.65]], ['literal', [0, 0]]]],
        'text-max-width': 8,
        'text-optional': true,
        'text-padding': 3,
      },
      paint: { 'text-color': t.text, ...halo },
    },
  ];
}

/** Numbered stops: names give way to them. */
function stops(t: Tokens): Layer[] {
  return [
    {
      id: 'routes-stop',
      type: 'circle',
      source: 'plan',
      'source-layer': 'routes_stop',
      minzoom: 15,
      paint: { 'circle-radius': 10, 'circle-color': t.route, 'circle-stroke-color': t.halo, 'circle-stroke-width': 1.5 },
    },
    {
      id: 'routes-stop-number',
      type: 'symbol',
      source: 'plan',
      'source-layer': 'routes_stop',
      minzoom: 15,
      layout: {
        'text-field': ['to-string', ['get', 'ordinal']],
        'text-font': t.fonts,
        'text-size': 12,
        'text-allow-overlap': true,
        'text-padding': 4,
      },
      paint: { 'text-color': t.halo },
    },
  ];
}

/** The counts of cells. */
function cellCounts(t: Tokens): Layer[] {
  return [
    {
      id: 'incidents-cell-count',
      type: 'symbol',
      source: 'cells',
      'source-layer': 'incidents',
      maxzoom: POINTS_FROM,
      layout: {
        'text-field': ['to-string', ['get', 'count']],
        'text-font': t.fonts,
        'text-size': ['interpolate', ['linear'], ['sqrt', ['get', 'count']], 1, 9.5, 10, 12, 60, 14],
        'text-allow-overlap': true,
        'text-padding': 3,
        'symbol-sort-key': ['get', 'count'],
      },
      paint: { 'text-color': t.text },
    },
  ];
}

/** Every text on the map, by data layer. Those drawn later win a collision. */
export function labels(t: Tokens): Record<LayerName, Layer[]> {
  const all = { streets: streetNames(t), grids: gridNames(t), compounds: compoundNames(t), routes: stops(t), incidents: cellCounts(t) };
  return t.textScale === 1 ? all : (Object.fromEntries(Object.entries(all).map(([layer, list]) => [layer, list.map((one) => larger(one, t.textScale))])) as typeof all);
}

/** A symbol layer with its text as much larger as the reader wants the page's. */
function larger(layer: Layer, scale: number): Layer {
  const size = layer.type === 'symbol' ? layer.layout?.['text-size'] : undefined;
  if (layer.type !== 'symbol' || size === undefined) return layer;
  return { ...layer, layout: { ...layer.layout, 'text-size': scaled(size, scale) } } as Layer;
}

/** `interpolate` with every output multiplied; the zoom has to stay outermost. */
function scaled(size: unknown, scale: number): unknown {
  if (typeof size === 'number') return size * scale;
  if (!Array.isArray(size) || size[0] !== 'interpolate') return ['*', scale, size];
  return size.map((part, i) => (i >= 4 && i % 2 === 0 ? scaled(part, scale) : part));
}
