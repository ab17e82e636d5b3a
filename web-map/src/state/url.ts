import { KINDS, LAYERS, type Kind, type LayerName } from '../api/types';

export const VIEWS = ['overview', 'data', 'import'] as const;
export type View = (typeof VIEWS)[number];
export const MEASURES = ['count', 'rate', 'none'] as const;
export type Measure = (typeof MEASURES)[number];
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
  kinds: Kind[];
  categories: string[];
  /** Codes of grids; empty = all. */
  grids: string[];
  period: Period | 'all' | null;
  hours: string;
  weekdays: string;
  found: '' | 'resident' | 'patrol';
  todaysGrids: boolean;
  /** Compare with the same days a year ago instead of the days before. */
  yearOnYear: boolean;
  measure: Measure;
  table: LayerName;
  selection: Selection | null;
  language: Language | null;
  theme: Theme | null;
}

export const DEFAULTS: ViewState = {
  camera: null,
  view: 'overview',
  layers: [...LAYERS],
  kinds: [...KINDS],
  categories: [],
  grids: [],
  period: null,
  hours: '',
  weekdays: '',
  found: '',
  todaysGrids: false,
  yearOnYear: false,
  measure: 'count',
  table: 'incidents',
  selection: null,
  language: null,
  theme: null,
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
const OWN = new Set(['map', 'v', 'l', 'k', 'c', 'in', 't', 'h', 'w', 'f', 'g', 'y', 'm', 'd', 's', 'lang', 'theme']);

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
  for (const [key, value] of pairs(fragment)) {
    if (OWN.has(key)) read(state, key, value);
    else rest.push([key, value]);
  }
  return { state, rest };
}

function pairs(fragment: string): [string, string][] {
  const text = fragment.startsWith('#') ? fragment.slice(1) : fragment;
  return text
    .split('&')
    .filter(Boolean)
    .map((part) => {
      const cut = part.indexOf('=');
      const [key, value] = cut < 0 ? [part, ''] : [part.slice(0, cut), part.slice(cut + 1)];
      return [decode(key), decode(value)];
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
    case 'g':
      state.todaysGrids = value === 'today';
      break;
    case 'y':
      state.yearOnYear = value === '1';
      break;
    case 'm':
      state.measure = oneOf(MEASURES, value, DEFAULTS.measure);
      break;
    case 'd':
      state.table = oneOf(LAYERS, value, DEFAULTS.table);
      break;
    case 's':
      state.selection = parseSelection(value);
      break;
    case 'lang':
      state.language = value.startsWith('en') ? 'en' : value.startsWith('zh') ? 'zh-CN' : null;
      break;
    case 'theme':
      state.theme = value === 'light' || value === 'dark' ? value : null;
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
  if (state.kinds.length !== KINDS.length) put('k', subset(KINDS, state.kinds.join(',')).join(','));
  if (state.categories.length) put('c', [...state.categories].sort().join(','));
  if (state.grids.length) put('in', [...state.grids].sort().join(','));
  if (state.period === 'all') put('t', 'all');
  else if (state.period) put('t', `${state.period.from}..${state.period.to}`);
  if (state.hours) put('h', state.hours);
  if (state.weekdays) put('w', state.weekdays);
  if (state.found) put('f', state.found);
  if (state.todaysGrids) put('g', 'today');
  if (state.yearOnYear) put('y', '1');
  if (state.measure !== DEFAULTS.measure) put('m', state.measure);
  if (state.table !== DEFAULTS.table) put('d', state.table);
  if (state.selection) put('s', `${SHORT[state.selection.layer]}:${state.selection.id}`);
  if (state.language) put('lang', state.language === 'en' ? 'en' : 'zh');
  if (state.theme) put('theme', state.theme);
  for (const [key, value] of rest) put(encode(key), value);
  return out.length ? `#${out.join('&')}` : '';
}

/** Encodes what would break a fragment, and leaves `,/:.` readable. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(2C|2F|3A|40)/gi, (escape) => decodeURIComponent(escape));
}
