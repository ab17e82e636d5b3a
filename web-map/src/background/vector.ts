/** A vector background in the colors of our own map. */
import type { ExpressionSpecification as Expression, FilterSpecification as Filter, LayerSpecification as Layer } from 'maplibre-gl';
import type { GroundLayers } from '../map/style';
import type { Palette } from './palette';
import type { Of, Schema } from './schemas';

export const SOURCE = 'ground';

export interface Look {
  palette: Palette;
  fonts: string[];
  /** How much larger than usual the reader wants text. */
  textScale: number;
  /** Our own streets are drawn over it. */
  streets: boolean;
  lang: 'zh' | 'en';
}

const line = ['==', ['geometry-type'], 'LineString'] as Filter;
const area = ['==', ['geometry-type'], 'Polygon'] as Filter;
const dot = ['==', ['geometry-type'], 'Point'] as Filter;

/** Roadway in px at z14: a little less than our own streets, which then cover it. */
const WIDTH = { arterial: 3.6, secondary: 3.2, branch: 2.4, lane: 1.8 } as const;
/** The zoom a class comes at. */
const FROM = { arterial: 6, secondary: 9, branch: 12, lane: 13 } as const;
type Roadway = keyof typeof WIDTH;
const ROADWAYS = Object.keys(WIDTH) as Roadway[];

function width(of: Expression, extra: number): Expression {
  const at = (factor: number): Expression => ['+', extra, ['match', of, 'arterial', WIDTH.arterial * factor, 'secondary', WIDTH.secondary * factor, 'branch', WIDTH.branch * factor, WIDTH.lane * factor]];
  return ['interpolate', ['exponential', 1.6], ['zoom'], 8, at(0.15), 11, at(0.3), 14, at(1), 16, at(2.5), 18, at(7.6)];
}

/** Name to show: of the reader's language where the tiles carry several. */
function nameOf(schema: Schema, lang: Look['lang']): Expression {
  if (schema.ownNames) return ['get', 'name'];
  return lang === 'en' ? ['coalesce', ['get', 'name:en'], ['get', 'name_en'], ['get', 'name']] : ['coalesce', ['get', 'name:zh-Hans'], ['get', 'name:zh'], ['get', 'name']];
}

export function vectorLayers(schema: Schema, look: Look): GroundLayers {
  const { palette: p } = look;
  const under: Layer[] = [];
  const names: Layer[] = [];
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  const all = (...filters: (Filter | undefined)[]): Filter => ['all', ...filters.filter((f) => f !== undefined)] as Filter;
  /** One style layer for each source layer. */
  const each = (list: readonly Of[], id: string, make: (of: { id: string; source: string; 'source-layer': string }, where: Filter | undefined) => Layer): Layer[] =>
    list.map(({ from, where }, i) => make({ id: i === 0 ? id : `${id}-${i + 1}`, source: SOURCE, 'source-layer': from }, where));

  under.push(
    ...each(schema.built, 'ground-built', (of, where) => ({ ...of, type: 'fill', maxzoom: 15, filter: all(area, where), paint: { 'fill-color': p.built } })),
    ...each(schema.green, 'ground-green', (of, where) => ({ ...of, type: 'fill', filter: all(area, where), paint: { 'fill-color': p.green } })),
    ...each(schema.water, 'ground-water', (of, where) => ({ ...of, type: 'fill', filter: all(area, where), paint: { 'fill-color': p.water, 'fill-outline-color': p.waterEdge } })),
    ...each(schema.waterLines, 'ground-stream', (of, where) => ({
      ...of, type: 'line', minzoom: 9, filter: all(line, where), layout: round,
      paint: { 'line-color': p.waterEdge, 'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 9, 0.5, 14, ['match', ['coalesce', ['get', 'kind'], ['get', 'class'], ''], ['river', 'canal'], 2.2, 1], 18, ['match', ['coalesce', ['get', 'kind'], ['get', 'class'], ''], ['river', 'canal'], 9, 4]] },
    })),
    ...each(schema.buildings, 'ground-building', (of, where) => ({
      ...of, type: 'fill', minzoom: 13, filter: all(area, where),
      paint: { 'fill-color': p.building, 'fill-outline-color': p.buildingEdge, 'fill-opacity': ['interpolate', ['linear'], ['zoom'], 13, 0.35, 14.5, 1] },
    })),
    ...roads(schema, look, each, all),
    ...each(schema.rails, 'ground-rail', (of, where) => ({
      ...of, type: 'line', minzoom: 9, filter: all(line, where), layout: { 'line-join': 'round' },
      paint: { 'line-color': p.rail, 'line-width': ['interpolate', ['exponential', 1.4], ['zoom'], 9, 0.6, 14, 1.4, 18, 4] },
    })),
    ...each(schema.rails, 'ground-rail-gap', (of, where) => ({
      ...of, type: 'line', minzoom: 13, filter: all(line, where), layout: { 'line-join': 'round' },
      paint: { 'line-color': p.paper, 'line-width': ['interpolate', ['exponential', 1.4], ['zoom'], 13, 0.5, 18, 2.4], 'line-dasharray': [5, 5] },
    })),
  );

  const field = nameOf(schema, look.lang);
  const named: Filter = ['!=', ['coalesce', field, ''], ''] as Filter;
  const size = (n: number): number => n * look.textScale;
  const text = (color: string, px: number): { layout: object; paint: object } => ({
    layout: { 'text-field': field, 'text-font': look.fonts, 'text-size': size(px), 'text-max-width': 8 },
    paint: { 'text-color': color, 'text-halo-color': p.halo, 'text-halo-width': 1.3 },
  });
  const along = { 'symbol-placement': 'line', 'symbol-spacing': 420, 'text-max-angle': 35, 'text-padding': 6, 'text-letter-spacing': 0.08 } as const;
  const put = (list: readonly Of[], id: string, filter: Filter, minzoom: number, style: { layout: object; paint: object }, more: object = {}): void => {
    names.push(...each(list, id, (of, where) => ({ ...of, type: 'symbol', minzoom, filter: all(filter, named, where), layout: { ...style.layout, ...more }, paint: style.paint }) as Layer));
  };
  put(schema.greenNames, 'ground-green-name', area, 14.5, text(p.greenName, 11), { 'text-padding': 40 });
  put(schema.waterNames, 'ground-water-name', line, 12, text(p.waterName, 11), along);
  put(schema.waterNames, 'ground-lake-name', ['any', area, dot] as Filter, 13, text(p.waterName, 11), { 'text-padding': 60 });
  // Where our own streets are, they carry the names.
  if (!look.streets) {
    names.push(
      ...each(schema.roadNames, 'ground-road-name', (of, where) => ({
        ...of, type: 'symbol', minzoom: 12,
        filter: all(line, named, where, ['>=', ['zoom'], ['match', schema.roadClass, 'arterial', 12, 'secondary', 13, 'branch', 14, 15]] as Filter),
        layout: { ...text(p.name, 11).layout, ...along, 'text-rotation-alignment': 'map' },
        paint: text(p.name, 11).paint,
      }) as Layer),
    );
  }
  names.push(
    ...each(schema.places, 'ground-place', (of, where) => ({
      ...of, type: 'symbol', minzoom: 6,
      filter: all(dot, named, where, ['>=', ['zoom'], ['match', schema.placeRank, 0, 6, 1, 9, 2, 11, 3, 12, 13.5]] as Filter, ['<', ['zoom'], ['match', schema.placeRank, 0, 13, 1, 14, 17]] as Filter),
      layout: {
        'text-field': field,
        'text-font': look.fonts,
        'text-size': ['interpolate', ['linear'], ['zoom'], 8, ['match', schema.placeRank, 0, size(14), 1, size(12), size(11)], 14, ['match', schema.placeRank, 0, size(18), 1, size(15), 2, size(13), size(12)]],
        'text-max-width': 8,
        'text-padding': 8,
        'symbol-sort-key': schema.placeRank,
      },
      paint: { 'text-color': p.name, 'text-halo-color': p.halo, 'text-halo-width': 1.4, 'text-opacity': 0.9 },
    })),
  );
  return { under, over: [], names };
}

/** Paths, then casings, then roadways, each class from its own zoom on. */
function roads(schema: Schema, { palette: p, streets }: Look, each: (list: readonly Of[], id: string, make: (of: { id: string; source: string; 'source-layer': string }, where: Filter | undefined) => Layer) => Layer[], all: (...filters: (Filter | undefined)[]) => Filter): Layer[] {
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  const is = (name: string): Filter => ['==', schema.roadClass, name] as Filter;
  const roadway: Filter = ['match', schema.roadClass, ROADWAYS as string[], true, false] as Filter;
  const shown: Filter = ['>=', ['zoom'], ['match', schema.roadClass, 'arterial', FROM.arterial, 'secondary', FROM.secondary, 'branch', FROM.branch, FROM.lane]] as Filter;
  const order: Expression = ['match', schema.roadClass, 'arterial', 4, 'secondary', 3, 'branch', 2, 1];
  return [
    ...each(schema.roads, 'ground-path', (of, where) => ({
      ...of, type: 'line', minzoom: 14, filter: all(line, is('path'), where), layout: { 'line-join': 'round' },
      // Our own footpaths are dashed; two dashes at one place would be a pattern of their own.
      paint: { 'line-color': p.path, 'line-width': ['interpolate', ['linear'], ['zoom'], 14, 0.5, 18, 1.4], ...(streets ? { 'line-opacity': 0.5 } : { 'line-dasharray': [4, 3] }) },
    })),
    ...each(schema.roads, 'ground-casing', (of, where) => ({
      ...of, type: 'line', minzoom: 11, filter: all(line, roadway, shown, where), layout: { ...round, 'line-sort-key': order },
      paint: { 'line-color': p.casing, 'line-width': width(schema.roadClass, 1), 'line-opacity': ['interpolate', ['linear'], ['zoom'], 11, 0, 13, 1] },
    })),
    ...each(schema.roads, 'ground-road', (of, where) => ({
      ...of, type: 'line', filter: all(line, roadway, shown, where), layout: { ...round, 'line-sort-key': order },
      paint: { 'line-color': ['interpolate', ['linear'], ['zoom'], 10, p.casing, 12.5, p.road], 'line-width': width(schema.roadClass, 0) },
    })),
  ];
}

/** A schema nobody here knows: thin shapes, so that one can at least find one's way. */
export function plainLayers(vectorLayers: readonly string[], { palette: p }: Look): GroundLayers {
  const at = (name: string, id: string): { id: string; source: string; 'source-layer': string } => ({ id, source: SOURCE, 'source-layer': name });
  return {
    under: [
      ...vectorLayers.map((name, i): Layer => ({ ...at(name, `ground-fill-${i}`), type: 'fill', filter: area, paint: { 'fill-color': /water|ocean|river|lake|水/i.test(name) ? p.water : p.built, 'fill-outline-color': p.buildingEdge } })),
      ...vectorLayers.map((name, i): Layer => ({ ...at(name, `ground-line-${i}`), type: 'line', filter: line, paint: { 'line-color': /water|ocean|river|lake|水/i.test(name) ? p.waterEdge : p.path, 'line-width': 0.8 } })),
    ],
    over: [],
    names: [],
  };
}
