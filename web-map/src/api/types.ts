/** Shapes of the server's answers; see /openapi.json. */
export const LAYERS = ['grids', 'compounds', 'streets', 'routes', 'incidents'] as const;
export type LayerName = (typeof LAYERS)[number];

export const KINDS = ['police', 'dispute', 'hotline'] as const;
export type Kind = (typeof KINDS)[number];

export type Bounds = [west: number, south: number, east: number, north: number];

export interface Category {
  code: string;
  parent: string | null;
  name_zh: string;
  name_en: string;
  kind: Kind | null;
}

export interface Meta {
  product: string;
  version: string;
  district: { name: string; note: string | null; attribution: string | null };
  revision: number;
  revisions: Record<LayerName, number>;
  bounds: Bounds | null;
  time: { first: string; last: string } | null;
  layers: { name: LayerName; count: number; unplaced: number }[];
  extra_columns: Record<string, { name: string; type: string }[]>;
  categories: Category[];
  now: string;
}

export interface Counts {
  by: string;
  total: number;
  placed: number;
  unplaced: number;
  outside: number;
  date_only: number;
  items: { key: string; count: number }[];
  revision: number;
}

export interface GridStat {
  id: number;
  code: string;
  name: string;
  kind: string;
  community: string;
  households: number | null;
  households_from: 'grid' | 'compounds' | null;
  area_m2: number;
  count: number;
  rate_per_1000: number | null;
  few: boolean;
}

export interface GridStats {
  total: number;
  unplaced: number;
  revision: number;
  grids: GridStat[];
}

export interface Histogram {
  step: 'day' | 'week' | 'month';
  /** `null` without any incident. */
  start: string | null;
  counts: number[];
  other: number[];
}

export interface ColumnValues {
  column: string;
  type: 'text' | 'number' | 'date';
  values: { value: string | number; count: number }[];
  /** How many more values there are. */
  more: number | boolean;
  min: string | number | null;
  max: string | number | null;
}

export interface Feature {
  type: 'Feature';
  id: number;
  geometry: GeoJSON.Geometry | null;
  properties: Record<string, unknown>;
}

export interface FeatureCollection {
  type: 'FeatureCollection';
  features: Feature[];
  numberMatched?: number;
  numberReturned?: number;
}

export interface Here {
  lon: number;
  lat: number;
  grid: HereItem | null;
  special_grid: HereItem | null;
  community: string | null;
  compound: HereItem | null;
  street: (HereItem & { distance_m: number }) | null;
}

export interface HereItem {
  id: number;
  code?: string;
  name: string;
}

export interface Recent {
  id: number;
  occurred_at: string;
  kind: Kind;
  category: string;
  category_name: string;
  place: string | null;
  status: string | null;
}

export interface Summary {
  feature: Feature;
  counts?: { total: number } & Record<Kind, number>;
  previous_total?: number | null;
  by_hour?: number[];
  by_weekday?: number[];
  recent?: Recent[];
  here?: Here | null;
  category_name?: string;
}

export type SearchGroupName = 'grids' | 'compounds' | 'streets' | 'routes' | 'coordinates';

export interface SearchItem {
  layer?: LayerName;
  id?: number;
  code?: string | null;
  name: string;
  detail?: string | null;
  datum?: 'wgs84' | 'gcj02' | 'bd09';
  lon: number;
  lat: number;
  bbox?: Bounds | null;
}

export interface SearchAnswer {
  groups: { group: SearchGroupName; items: SearchItem[] }[];
}

export interface Change {
  revision: number;
  layers: { name: LayerName; revision: number; bbox: Bounds | null }[];
}

/** What keeps a background from being shown, with what to do about it. */
export interface BackgroundProblem {
  code: string;
  zh: string;
  en: string;
}

/** A map to lie under all the others, as the server lists it. */
export interface Background {
  id: string;
  kind: 'osm' | 'pmtiles' | 'raster';
  name: string;
  /** Addresses of the tiles, and of the names drawn above the grids. */
  tiles: string;
  labels: string | null;
  minzoom: number;
  maxzoom: number;
  tile_size: number;
  bounds: Bounds | null;
  datum: 'wgs84' | 'gcj02';
  attribution: string;
  /** 审图号 */
  approval: string;
  schema: 'gridmap' | 'protomaps' | 'openmaptiles' | 'other' | 'raster';
  vector_layers?: string[];
  problem: BackgroundProblem | null;
}

export interface Problem {
  title: string;
  status: number;
  detail?: string;
  code?: string;
}
