/**
 * What the source layers of a vector background mean. One drawing for all of them: each schema says
 * where its water, green, buildings, roads and names are, and in which of our classes a road is.
 */
import type { ExpressionSpecification as Expression, FilterSpecification as Filter } from 'maplibre-gl';

/** Features of one source layer, all of them or those that fit. */
export interface Of {
  from: string;
  where?: Filter;
}

export interface Schema {
  green: readonly Of[];
  /** Ground covered by houses and yards, drawn while single buildings are too small. */
  built: readonly Of[];
  water: readonly Of[];
  waterLines: readonly Of[];
  buildings: readonly Of[];
  roads: readonly Of[];
  /** `arterial`, `secondary`, `branch`, `lane` or `path` of a feature of `roads`. */
  roadClass: Expression;
  rails: readonly Of[];
  roadNames: readonly Of[];
  waterNames: readonly Of[];
  greenNames: readonly Of[];
  places: readonly Of[];
  /** 0 a large town … 4 a quarter of it. */
  placeRank: Expression;
  /** Only our own tiles are sure to have their names in the reader's first language. */
  ownNames: boolean;
}

const anyOf = (key: string, values: string[]): Expression => ['match', ['coalesce', ['get', key], ''], values, true, false];

const GRIDMAP: Schema = {
  green: [{ from: 'green' }],
  built: [],
  water: [{ from: 'water' }],
  waterLines: [{ from: 'water' }],
  buildings: [{ from: 'building' }],
  roads: [{ from: 'road' }],
  roadClass: ['coalesce', ['get', 'class'], 'lane'],
  rails: [{ from: 'rail' }],
  roadNames: [{ from: 'road' }],
  waterNames: [{ from: 'water' }],
  greenNames: [{ from: 'green' }],
  places: [{ from: 'place' }],
  placeRank: ['match', ['get', 'kind'], 'city', 0, ['town', 'borough', 'district'], 1, ['suburb', 'county'], 2, ['village', 'quarter'], 3, 4],
  ownNames: true,
};

/** Versions before 4 put their classes under another key. */
const KIND: Expression = ['coalesce', ['get', 'kind'], ['get', 'pmap:kind'], ''];
const kind = (...values: string[]): Expression => ['match', KIND, values, true, false];
const GREEN = ['park', 'forest', 'wood', 'grass', 'grassland', 'scrub', 'garden', 'golf_course', 'nature_reserve', 'national_park', 'cemetery', 'meadow', 'farmland', 'orchard', 'recreation_ground', 'village_green', 'protected_area', 'playground', 'pitch', 'wetland'];

const PROTOMAPS: Schema = {
  green: [{ from: 'landcover', where: kind('grassland', 'forest', 'scrub', 'farmland', 'wood', 'grass') }, { from: 'landuse', where: kind(...GREEN) }, { from: 'natural', where: kind(...GREEN) }],
  built: [{ from: 'landuse', where: kind('residential', 'commercial', 'industrial', 'school', 'university', 'hospital') }],
  water: [{ from: 'water' }],
  waterLines: [{ from: 'water' }, { from: 'physical_line', where: kind('river', 'stream', 'canal') }],
  buildings: [{ from: 'buildings', where: ['!=', KIND, 'address'] }],
  roads: [{ from: 'roads', where: ['!', kind('rail', 'ferry', 'aeroway', 'aerialway', 'pier')] }],
  roadClass: ['match', KIND, ['highway', 'major_road'], ['match', ['coalesce', ['get', 'kind_detail'], ['get', 'pmap:kind_detail'], ['get', 'highway'], ''], ['secondary', 'tertiary', 'secondary_link', 'tertiary_link'], 'secondary', 'arterial'], 'medium_road', 'secondary', 'minor_road', ['match', ['coalesce', ['get', 'kind_detail'], ''], 'service', 'lane', 'branch'], ['path', 'other'], 'path', 'lane'],
  rails: [{ from: 'roads', where: kind('rail') }, { from: 'transit', where: kind('rail') }],
  roadNames: [{ from: 'roads', where: ['!', kind('rail', 'ferry', 'aeroway', 'aerialway', 'pier')] }],
  waterNames: [{ from: 'water' }, { from: 'physical_line', where: kind('river', 'canal') }],
  greenNames: [],
  places: [{ from: 'places', where: ['!', kind('country', 'region')] }],
  placeRank: ['match', ['coalesce', ['get', 'kind_detail'], ['get', 'pmap:kind_detail'], KIND], 'city', 0, 'town', 1, ['borough', 'suburb', 'macrohood'], 2, ['village', 'quarter'], 3, 4],
  ownNames: false,
};

const OPENMAPTILES: Schema = {
  green: [{ from: 'landcover', where: anyOf('class', ['wood', 'grass', 'farmland', 'wetland']) }, { from: 'park' }, { from: 'landuse', where: anyOf('class', ['cemetery', 'pitch', 'playground', 'stadium', 'zoo']) }],
  built: [{ from: 'landuse', where: anyOf('class', ['residential', 'suburb', 'quarter', 'neighbourhood', 'commercial', 'retail', 'industrial', 'school', 'university', 'hospital']) }],
  water: [{ from: 'water' }],
  waterLines: [{ from: 'waterway' }],
  buildings: [{ from: 'building' }],
  roads: [{ from: 'transportation', where: ['!', anyOf('class', ['rail', 'transit', 'ferry', 'aerialway', 'pier'])] }],
  roadClass: ['match', ['get', 'class'], ['motorway', 'trunk', 'primary'], 'arterial', ['secondary', 'tertiary'], 'secondary', 'minor', 'branch', ['service', 'track', 'busway', 'raceway'], 'lane', 'path', 'path', 'lane'],
  rails: [{ from: 'transportation', where: anyOf('class', ['rail', 'transit']) }],
  roadNames: [{ from: 'transportation_name' }],
  waterNames: [{ from: 'waterway' }, { from: 'water_name' }],
  greenNames: [],
  places: [{ from: 'place', where: ['!', anyOf('class', ['continent', 'country', 'state', 'province'])] }],
  placeRank: ['match', ['get', 'class'], 'city', 0, 'town', 1, ['borough', 'suburb'], 2, ['village', 'quarter'], 3, 4],
  ownNames: false,
};

export const SCHEMAS = { gridmap: GRIDMAP, protomaps: PROTOMAPS, openmaptiles: OPENMAPTILES } as const;
