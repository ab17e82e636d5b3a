import type { ExpressionSpecification as Expression, LayerSpecification as Layer } from 'maplibre-gl';
import { blend, fade, type Tokens } from './tokens';

/**
 * From this zoom single incidents are drawn, before it counted cells. The
 * server could send points from z14 on, but a month of a sub-district is a
 * cloud there that hides what it should explain.
 */
export const POINTS_FROM = 15;

export const STREET_CLASSES = ['arterial', 'secondary', 'branch', 'lane'] as const;

/** Width of the roadway in px at z14. */
const ROADWAY: Record<(typeof STREET_CLASSES)[number], number> = {
  arterial: 4.2,
  secondary: 4,
  branch: 3.2,
  lane: 2.6,
};

/** Kinds arrive as words of the data or as codes, depending on where the layer came from. */
const SPECIAL: Expression = ['match', ['get', 'kind'], ['special', '专属', '专属网格'], true, false];
export const BASIC: Expression = ['!', SPECIAL];
export const STATION: Expression = ['match', ['get', 'kind'], ['station', '派出所'], true, false];

const state = (name: string): Expression => ['feature-state', name];
const flagged = (name: string, yes: number, no = 0): Expression => ['case', ['boolean', state(name), false], yes, no];

/** Roadway width growing with the zoom; `extra` px on both sides together make the casing. */
function roadway(extra: number): Expression {
  const at = (factor: number): Expression => [
    '+',
    extra,
    [
      'match',
      ['get', 'class'],
      'arterial',
      ROADWAY.arterial * factor,
      'secondary',
      ROADWAY.secondary * factor,
      'branch',
      ROADWAY.branch * factor,
      ROADWAY.lane * factor,
    ],
  ];
  return ['interpolate', ['exponential', 1.6], ['zoom'], 11, at(0.28), 14, at(1), 16, at(2.6), 18, at(8)];
}

const isClass = (...classes: string[]): Expression => ['match', ['get', 'class'], classes, true, false];

/** How much of a grid's color covers a background; the legend blends its chips as much. */
export const OVER_GROUND = 0.7;
export const CLEAR = 'rgba(0,0,0,0)';

/** The color of a class of the ramp; over a background the one without any is the background itself. */
export function gridColor(t: Tokens, step: number, over: boolean): string {
  const color = t.density[step - 1];
  if (color === undefined) return over ? CLEAR : t.land;
  return over ? fade(color, OVER_GROUND) : color;
}

/** What lies under everything; without grids the whole of it is town. */
export function ground(t: Tokens, bare: boolean): Layer[] {
  return [{ id: 'background', type: 'background', paint: { 'background-color': bare ? t.land : t.bg } }];
}

/**
 * The grids: ground, choropleth, hatching. The color of a class comes with the
 * state of the grid and not with the style, so that a change of theme needs no
 * new tiles and shows in the same frame. `over` = a background shows through.
 */
export function grids(t: Tokens, over: boolean): Layer[] {
  const source = { source: 'plan', 'source-layer': 'grids', filter: BASIC } as const;
  return [
    ...(over ? [] : [{ id: 'grids-land', type: 'fill' as const, ...source, paint: { 'fill-color': t.land, 'fill-antialias': true } }]),
    { id: 'grids-fill', type: 'fill', ...source, paint: { 'fill-color': ['coalesce', state('color'), CLEAR], 'fill-antialias': true } },
    { id: 'grids-hatch', type: 'fill', ...source, paint: { 'fill-pattern': 'hatch-none', 'fill-opacity': flagged('hatch', 1) } },
  ];
}

/**
 * The street network: casing, roadway, footpaths and railway, then the veil
 * outside the district. Where there are no grids the streets are all there is
 * to read, and their casing is as dark as a grid's line; over a background they
 * are one thing among others.
 */
export function streets(t: Tokens, bare: boolean, over: boolean): Layer[] {
  const base = { source: 'base', 'source-layer': 'streets' } as const;
  const road = isClass(...STREET_CLASSES);
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  const order: Expression = ['match', ['get', 'class'], 'arterial', 4, 'secondary', 3, 'branch', 2, 1];
  return [
    {
      id: 'streets-path',
      type: 'line',
      ...base,
      filter: isClass('path'),
      minzoom: 13,
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': fade(t.line, 0.8),
        'line-width': ['interpolate', ['linear'], ['zoom'], 14, 0.7, 17, 1.6],
        'line-dasharray': [4, 3],
      },
    },
    {
      id: 'streets-casing',
      type: 'line',
      ...base,
      filter: road,
      layout: { ...round, 'line-sort-key': order },
      paint: { 'line-color': blend(t.line, t.halo, over ? 0.36 : bare ? 0.72 : 0.42), 'line-width': roadway(bare && !over ? 1.8 : 1.3), 'line-opacity': 1 },
    },
    {
      id: 'streets-line',
      type: 'line',
      ...base,
      filter: road,
      layout: { ...round, 'line-sort-key': order },
      paint: { 'line-color': t.halo, 'line-width': roadway(0) },
    },
    {
      id: 'streets-rail',
      type: 'line',
      ...base,
      filter: isClass('rail'),
      layout: { 'line-join': 'round' },
      paint: {
        // The ground has the same tracks; two of full strength would be the darkest thing on the map.
        'line-color': fade(t.line, over ? 0.5 : 0.9),
        'line-width': over ? ['interpolate', ['exponential', 1.4], ['zoom'], 11, 1, 14, 1.8, 18, 5] : ['interpolate', ['exponential', 1.4], ['zoom'], 11, 1.4, 14, 2.8, 18, 7],
      },
    },
    {
      id: 'streets-rail-gap',
      type: 'line',
      ...base,
      filter: isClass('rail'),
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': t.halo,
        'line-width': over ? ['interpolate', ['exponential', 1.4], ['zoom'], 11, 0.4, 14, 0.8, 18, 3] : ['interpolate', ['exponential', 1.4], ['zoom'], 11, 0.6, 14, 1.5, 18, 4.5],
        'line-dasharray': [5, 5],
      },
    },
    { id: 'outside', type: 'fill', source: 'outline', filter: ['==', ['get', 'role'], 'outside'], paint: { 'fill-color': fade(t.bg, over ? 0.34 : 0.62), 'fill-antialias': false } },
  ];
}

/** Boundaries above the streets: grids, communities, the district. */
export function boundaries(t: Tokens): Layer[] {
  const round = { 'line-join': 'round', 'line-cap': 'round' } as const;
  return [
    {
      id: 'grids-line',
      type: 'line',
      source: 'plan',
      'source-layer': 'grids',
      filter: BASIC,
      layout: round,
      paint: { 'line-color': t.line, 'line-width': ['interpolate', ['linear'], ['zoom'], 12, 0.5, 16, 1.5] },
    },
    {
      id: 'grids-special',
      type: 'line',
      source: 'plan',
      'source-layer': 'grids',
      filter: SPECIAL,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': t.text2, 'line-width': 1.4, 'line-dasharray': [3, 2] },
    },
    {
      id: 'community-line',
      type: 'line',
      source: 'outline',
      filter: ['==', ['get', 'role'], 'community'],
      layout: round,
      paint: { 'line-color': t.line, 'line-width': ['interpolate', ['linear'], ['zoom'], 12, 1.2, 15, 2] },
    },
    {
      id: 'district-halo',
      type: 'line',
      source: 'outline',
      filter: ['==', ['get', 'role'], 'district'],
      layout: round,
      paint: { 'line-color': t.halo, 'line-width': 6 },
    },
    {
      id: 'district-line',
      type: 'line',
      source: 'outline',
      filter: ['==', ['get', 'role'], 'district'],
      layout: round,
      paint: { 'line-color': t.line, 'line-width': ['interpolate', ['linear'], ['zoom'], 12, 2, 15, 3] },
    },
  ];
}

/** Compounds: hatched areas with an outline, diamonds where only a point is known. */
export function compounds(t: Tokens): { areas: Layer[]; lines: Layer[]; symbols: Layer[] } {
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  return {
    areas: [
    {
      id: 'compounds-fill',
      type: 'fill',
      source: 'plan',
      'source-layer': 'compounds',
      filter: ['==', ['geometry-type'], 'Polygon'],
      minzoom: 13,
      paint: { 'fill-pattern': 'hatch-compound', 'fill-opacity': ['interpolate', ['linear'], ['zoom'], 13, 0.35, 15, 0.8] },
    },
    ],
    lines: [
    {
      id: 'compounds-line',
      type: 'line',
      source: 'plan',
      'source-layer': 'compounds',
      filter: ['==', ['geometry-type'], 'Polygon'],
      minzoom: 13,
      layout: round,
      paint: { 'line-color': t.text2, 'line-width': ['interpolate', ['linear'], ['zoom'], 13, 0.5, 16, 1.4] },
    },
    ],
    symbols: [
    {
      id: 'compounds-point',
      type: 'symbol',
      source: 'plan',
      'source-layer': 'compounds',
      filter: ['all', ['==', ['geometry-type'], 'Point'], ['!', STATION]],
      minzoom: 14,
      layout: { 'icon-image': 'diamond', 'icon-allow-overlap': true, 'text-font': t.fonts },
    },
    ],
  };
}

/** Patrol routes with their direction. */
export function routes(t: Tokens): { lines: Layer[]; symbols: Layer[] } {
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  const route = { source: 'plan', 'source-layer': 'routes' } as const;
  return {
    lines: [
    {
      id: 'routes-halo',
      type: 'line',
      ...route,
      layout: round,
      paint: { 'line-color': t.halo, 'line-width': ['interpolate', ['linear'], ['zoom'], 12, 2.2, 14.5, 3.4, 16, 5.5] },
    },
    {
      id: 'routes-line',
      type: 'line',
      ...route,
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': t.route,
        'line-width': ['interpolate', ['linear'], ['zoom'], 12, 1, 14.5, 1.7, 16, 3],
        'line-dasharray': [4, 2],
      },
    },
    ],
    symbols: [
    {
      id: 'routes-chevron',
      type: 'symbol',
      ...route,
      minzoom: 15,
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 80,
        'icon-image': 'chevron',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'icon-rotation-alignment': 'map',
        'text-font': t.fonts,
      },
    },
    ],
  };
}

/** Hover and the double outline of what is selected: dark on halo, so it holds on every class. */
export function emphasis(t: Tokens): Layer[] {
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  const out: Layer[] = [
    {
      id: 'grids-hover',
      type: 'fill',
      source: 'plan',
      'source-layer': 'grids',
      paint: { 'fill-color': t.surface, 'fill-opacity': flagged('hover', 0.2) },
    },
  ];
  const lines: [string, string, string, string][] = [
    ['streets', 'base', 'streets', t.accent],
    ['grids', 'plan', 'grids', t.text],
    ['compounds', 'plan', 'compounds', t.text],
    ['routes', 'plan', 'routes', t.route],
  ];
  for (const [layer, source, sourceLayer, color] of lines) {
    for (const [part, paint, width] of [
      ['halo', t.halo, layer === 'grids' ? 6 : 8],
      ['line', color, layer === 'grids' ? 3 : 4],
    ] as const) {
      out.push({
        id: `${layer}-selected-${part}`,
        type: 'line',
        source,
        'source-layer': sourceLayer,
        layout: round,
        paint: { 'line-color': paint, 'line-width': width, 'line-opacity': flagged('selected', 1) },
      });
    }
  }
  out.push({
    id: 'compounds-selected-ring',
    type: 'circle',
    source: 'plan',
    'source-layer': 'compounds_label',
    paint: {
      'circle-radius': 14,
      'circle-opacity': 0,
      'circle-stroke-color': t.text,
      'circle-stroke-width': 3,
      'circle-stroke-opacity': flagged('selected', 1),
    },
  });
  return out;
}

/** Incidents: counted cells when far, marks told apart by shape when near. */
export function incidents(t: Tokens, ink: boolean): Layer[] {
  const source = { source: 'incidents', 'source-layer': 'incidents' } as const;
  const cells = { source: 'cells', 'source-layer': 'incidents' } as const;
  const ring: Expression = flagged('selected', 1);
  return [
    {
      id: 'incidents-cell',
      type: 'circle',
      ...cells,
      maxzoom: POINTS_FROM,
      paint: {
        'circle-color': t.surface,
        'circle-opacity': 0.88,
        'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'count']], 1, 5, 3, 7.5, 10, 11.5, 30, 18, 100, 26],
        'circle-stroke-color': t.text,
        'circle-stroke-width': 1,
      },
    },
    {
      id: 'incidents-selected',
      type: 'circle',
      ...source,
      minzoom: POINTS_FROM,
      paint: {
        'circle-radius': 13,
        'circle-color': t.halo,
        'circle-opacity': flagged('selected', 0.9),
        'circle-stroke-color': t.text,
        'circle-stroke-width': 3,
        'circle-stroke-opacity': ring,
      },
    },
    {
      id: 'incidents-point',
      type: 'symbol',
      ...source,
      minzoom: POINTS_FROM,
      layout: {
        'icon-image': ['concat', ink ? 'ink-' : 'kind-', ['get', 'kind']],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 14, 0.55, 15, 0.62, 17, 1],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'text-font': t.fonts,
      },
    },
  ];
}

/** The line or ring being measured. */
export function measuring(t: Tokens): Layer[] {
  return [
    { id: 'measure-area', type: 'fill', source: 'measure', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': fade(t.accent, 0.14) } },
    { id: 'measure-halo', type: 'line', source: 'measure', filter: ['==', ['geometry-type'], 'LineString'], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': t.halo, 'line-width': 5 } },
    { id: 'measure-line', type: 'line', source: 'measure', filter: ['==', ['geometry-type'], 'LineString'], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': t.accent, 'line-width': 2.5 } },
    { id: 'marks-halo', type: 'circle', source: 'marks', paint: { 'circle-radius': 9, 'circle-opacity': 0, 'circle-stroke-color': t.halo, 'circle-stroke-width': 5 } },
    { id: 'marks-ring', type: 'circle', source: 'marks', paint: { 'circle-radius': 9, 'circle-opacity': 0, 'circle-stroke-color': t.accent, 'circle-stroke-width': 2.5 } },
    { id: 'measure-point', type: 'circle', source: 'measure', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 4.5, 'circle-color': t.halo, 'circle-stroke-color': t.accent, 'circle-stroke-width': 2 } },
  ];
}
