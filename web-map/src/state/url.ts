import { KINDS, LAYERS, type Kind, type LayerName } from '../api/types';
import type { ClassMode } from '../classes';
import { COLUMN_PREFIX, formatValues, parseValues, type ColumnFilter } from './columns';

export const VIEWS = ['overview', 'data', 'import', 'settings'] as const;
export type View = (typeof VIEWS)[number];
export const MEASURES = ['count', 'rate', 'none'] as const;
export type Measure = (typeof MEASURES)[number];
/** The layers as the panel lists them: a higher one is drawn over a lower one of its sort. */
export const LAYER_ORDER: readonly LayerName[] = ['incidents', 'routes', 'compounds', 'grids', 'streets'];
export type Language = 'zh-CN' | 'en';
export type Theme = 'light' | 'dark';

export interface Camera {
  zoom: number;
  lat: number;
  lon: number;
}

/** Inclusive local dates, `YYYY-MM-DD`. */
export interface Period {
  from: string;
  to: string;
}

export interface Selection {
  layer: LayerName;
  id: number;
}

/** Everything a link reproduces. `null` means: the default, decided by the data or the device. */
export interface ViewState {
  camera: Camera | null;
  view: View;
  layers: LayerName[];
  /** All layers, the topmost first. */
  order: readonly LayerName[];
  kinds: Kind[];
  categories: string[];
  /** Codes of grids; empty = all. */
  grids: string[];
  period: Period | 'all' | null;
  hours: string;
  weekdays: string;
  found: '' | 'resident' | 'patrol';
  /** Only incidents with or without a place on the map; empty = both. */
  placed: '' | 'true' | 'false';
  /** Values of kept columns, by column; a number or date column holds one range `A..B`. */
  columns: ColumnFilter;
  todaysGrids: boolean;
  /** Compare with the same days a year ago instead of the days before. */
  yearOnYear: boolean;
  measure: Measure;
  classMode: ClassMode;
  table: LayerName;
  selection: Selection | null;
  /** For a screen that many look at: nothing to edit, views by turns. */
  present: boolean;
  language: Language | null;
  theme: Theme | null;
  /** Id of a background map, `none` for none; `null` = what this browser remembers. */
  background: string | null;
}

export const DEFAULTS: ViewState = {
  camera: null,
  view: 'overview',
  layers: [...LAYERS],
  order: LAYER_ORDER,
  kinds: [...KINDS],
  categories: [],
  grids: [],
  period: null,
  hours: '',
  weekdays: '',
  found: '',
  placed: '',
  columns: {},
  todaysGrids: false,
  yearOnYear: false,
  measure: 'count',
  classMode: 'quantile',
  table: 'incidents',
  selection: null,
  present: false,
  language: null,
  theme: null,
  background: null,
};

const SHORT: Record<LayerName, string> = {
  grids: 'grid',
  compounds: 'compound',
  streets: 'street',
  routes: 'route',
  incidents: 'incident',
};
const LONG = Object.fromEntries(LAYERS.map((layer) => [SHORT[layer], layer])) as Record<string, LayerName | undefined>;

/** Keys this client owns; any other key of the fragment is carried along untouched. */
const OWN = new Set(['map', 'v', 'l', 'o', 'k', 'c', 'in', 't', 'h', 'w', 'f', 'u', 'g', 'y', 'm', 'b', 'd', 's', 'p', 'lang', 'theme', 'bg']);

/** A list `6,20-23` of numbers and ranges; ranges may wrap. */
const RANGES = /^\d{1,2}(-\d{1,2})?(,\d{1,2}(-\d{1,2})?)*$/;
const CODES = /^[\p{L}\p{N}._-]{1,64}$/u;

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Reads a fragment; whatever does not parse falls back to its default. */
export function parseFragment(fragment: string): { state: ViewState; rest: [string, string][] } {
  const state: ViewState = { ...DEFAULTS };
  const rest: [string, string][] = [];
  for (const [key, raw] of pairs(fragment)) {
    const column = key.startsWith(COLUMN_PREFIX) ? key.slice(COLUMN_PREFIX.length) : '';
    const values = column ? parseValues(raw) : [];
    if (values.length) state.columns = { ...state.columns, [column]: values };
    else if (OWN.has(key)) read(state, key, decode(raw));
    else rest.push([key, decode(raw)]);
  }
  return { state, rest };
}

/** Keys decoded, values as they stand: a list is cut at its commas before they are decoded. */
function pairs(fragment: string): [string, string][] {
  const text = fragment.startsWith('#') ? fragment.slice(1) : fragment;
  return text
    .split('&')
    .filter(Boolean)
    .map((part) => {
      const cut = part.indexOf('=');
      const [key, value] = cut < 0 ? [part, ''] : [part.slice(0, cut), part.slice(cut + 1)];
      return [decode(key), value];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function read(state: ViewState, key: string, value: string): void {
  switch (key) {
    case 'map':
      state.camera = parseCamera(value);
      break;
    case 'v':
      state.view = oneOf(VIEWS, value, DEFAULTS.view);
      break;
    case 'l':
      state.layers = subset(LAYERS, value);
      break;
    case 'o':
      state.order = ordered(value);
      break;
    case 'k': {
      const kinds = subset(KINDS, value);
      state.kinds = kinds.length ? kinds : [...KINDS];
      break;
    }
    case 'c':
      state.categories = value.split(',').filter((code) => CODES.test(code));
      break;
    case 'in':
      state.grids = value.split(',').filter((code) => CODES.test(code));
      break;
    case 't':
      state.period = parsePeriod(value);
      break;
    case 'h':
      if (RANGES.test(value) && within(value, 0, 23)) state.hours = value;
      break;
    case 'w':
      if (RANGES.test(value) && within(value, 1, 7)) state.weekdays = value;
      break;
    case 'f':
      state.found = oneOf(['', 'resident', 'patrol'] as const, value, '');
      break;
    case 'u':
      state.placed = value === '1' ? 'false' : value === '0' ? 'true' : '';
      break;
    case 'g':
      state.todaysGrids = value === 'today';
      break;
    case 'y':
      state.yearOnYear = value === '1';
      break;
    case 'm':
      state.measure = oneOf(MEASURES, value, DEFAULTS.measure);
      break;
    case 'b':
      state.classMode = value === 'equal' ? 'equal' : 'quantile';
      break;
    case 'd':
      state.table = oneOf(LAYERS, value, DEFAULTS.table);
      break;
    case 's':
      state.selection = parseSelection(value);
      break;
    case 'p':
      state.present = value === '1';
      break;
    case 'lang':
      state.language = value.startsWith('en') ? 'en' : value.startsWith('zh') ? 'zh-CN' : null;
      break;
    case 'theme':
      state.theme = value === 'light' || value === 'dark' ? value : null;
      break;
    case 'bg':
      state.background = /^[\w-]{1,40}$/.test(value) ? value : null;
      break;
  }
}

function oneOf<T extends string>(known: readonly T[], value: string, otherwise: T): T {
  return known.find((item) => item === value) ?? otherwise;
}

/** Keeps the order of `known`, so that equal sets give equal links. */
function subset<T extends string>(known: readonly T[], value: string): T[] {
  const wanted = new Set(value.split(','));
  return known.filter((item) => wanted.has(item));
}

/** The layers named, topmost first, then the others as they come by default; nonsense is the default. */
function ordered(value: string): readonly LayerName[] {
  const named = [...new Set(value.split(','))].map((short) => LONG[short]).filter((layer) => layer !== undefined);
  const all = [...named, ...LAYER_ORDER.filter((layer) => !named.includes(layer))];
  return all.join() === LAYER_ORDER.join() ? LAYER_ORDER : all;
}

function within(ranges: string, low: number, high: number): boolean {
  return ranges.split(/[,-]/).every((part) => Number(part) >= low && Number(part) <= high);
}

function parseCamera(value: string): Camera | null {
  const numbers = value.split('/').map(Number);
  const [zoom, lat, lon] = numbers;
  if (numbers.length !== 3 || zoom === undefined || lat === undefined || lon === undefined) return null;
  const fine = Number.isFinite(zoom) && zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85.06 && Math.abs(lon) <= 180;
  return fine ? { zoom, lat, lon } : null;
}

function parsePeriod(value: string): Period | 'all' | null {
  if (value === 'all') return 'all';
  const [from, to, more] = value.split('..');
  if (!from || !to || more !== undefined || !isDate(from) || !isDate(to) || from > to) return null;
  return { from, to };
}

function parseSelection(value: string): Selection | null {
  const [short, id] = value.split(':');
  const layer = LONG[short ?? ''];
  if (!layer || !id || !/^-?\d{1,15}$/.test(id)) return null;
  return { layer, id: Number(id) };
}

export function formatCamera(camera: Camera): string {
  // Five decimals are about a meter: enough for a link.
  return `${trim(camera.zoom, 2)}/${trim(camera.lat, 5)}/${trim(camera.lon, 5)}`;
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** Writes the fragment with `#`, without defaults; `rest` keeps foreign keys. */
export function formatFragment(state: ViewState, rest: readonly [string, string][] = []): string {
  const out: string[] = [];
  const put = (key: string, value: string): void => {
    out.push(`${key}=${encode(value)}`);
  };
  if (state.camera) put('map', formatCamera(state.camera));
  if (state.view !== DEFAULTS.view) put('v', state.view);
  if (state.layers.length !== LAYERS.length) put('l', subset(LAYERS, state.layers.join(',')).join(','));
  if (state.order.join() !== LAYER_ORDER.join()) put('o', state.order.map((layer) => SHORT[layer]).join(','));
  if (state.kinds.length !== KINDS.length) put('k', subset(KINDS, state.kinds.join(',')).join(','));
  if (state.categories.length) put('c', [...state.categories].sort().join(','));
  if (state.grids.length) put('in', [...state.grids].sort().join(','));
  if (state.period === 'all') put('t', 'all');
  else if (state.period) put('t', `${state.period.from}..${state.period.to}`);
  if (state.hours) put('h', state.hours);
  if (state.weekdays) put('w', state.weekdays);
  if (state.found) put('f', state.found);
  if (state.placed) put('u', state.placed === 'false' ? '1' : '0');
  for (const column of Object.keys(state.columns).sort()) out.push(`${encode(COLUMN_PREFIX + column)}=${formatValues(state.columns[column] ?? [])}`);
  if (state.todaysGrids) put('g', 'today');
  if (state.yearOnYear) put('y', '1');
  if (state.measure !== DEFAULTS.measure) put('m', state.measure);
  if (state.classMode !== DEFAULTS.classMode) put('b', state.classMode);
  if (state.table !== DEFAULTS.table) put('d', state.table);
  if (state.selection) put('s', `${SHORT[state.selection.layer]}:${state.selection.id}`);
  if (state.present) put('p', '1');
  if (state.language) put('lang', state.language === 'en' ? 'en' : 'zh');
  if (state.theme) put('theme', state.theme);
  if (state.background) put('bg', state.background);
  for (const [key, value] of rest) put(encode(key), value);
  return out.length ? `#${out.join('&')}` : '';
}

/** Encodes what would break a fragment, and leaves `,/:.` readable. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(2C|2F|3A|40)/gi, (escape) => decodeURIComponent(escape));
}
