/**
 * Words in two languages.
 *
 * `t('key', vars)` gives the text in the current language; components that call it while
 * rendering are redrawn when `lang` changes. `{name}` in a text is replaced by the variable (a
 * number is grouped by thin spaces), `{n|item|items}` picks the English plural.
 */
import { signal } from '@preact/signals';
import * as format from './format';
import type { Lang } from './format';
import { zh } from './zh-CN';

export type { Lang } from './format';
export type Key = keyof typeof zh;
export type Vars = Record<string, string | number>;

/** The language of the screen. Change it with `setLang`. */
export const lang = signal<Lang>('zh');

/** Chinese comes with the page; English is fetched when a reader asks for it. */
const dictionaries: Record<Lang, Record<Key, string> | null> = { zh, en: null };
let wanted: Lang = 'zh';

/** Changes the language once its words are here; the last call wins. */
export async function setLang(next: Lang): Promise<void> {
  wanted = next;
  if (dictionaries[next] === null) dictionaries.en = (await import('./en')).en;
  if (wanted !== next) return;
  lang.value = next;
  if (typeof document !== 'undefined') document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
}

const words = (): Record<Key, string> => dictionaries[lang.value] ?? zh;

/** Puts the variables into a text. */
export function fill(text: string, vars: Vars): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = vars[name];
    if (value === undefined) return whole;
    if (one !== undefined && many !== undefined) return value === 1 ? one : many;
    return typeof value === 'number' ? format.num(value) : value;
  });
}

export function t(key: Key, vars: Vars = {}): string {
  return fill(words()[key] ?? key, vars);
}

/** The text for a key that is built at run time (`kind.` + code), or the fallback when there is none. */
export function tOr(key: string, fallback: string, vars: Vars = {}): string {
  return Object.hasOwn(words(), key) ? t(key as Key, vars) : fallback;
}

/** Formatting in the current language; see `format.ts` for each. */
export const fmt = {
  num: format.num,
  signed: format.signed,
  percent: format.percent,
  length: format.formatLength,
  area: format.formatArea,
  short: format.formatShort,
  hours: format.formatHours,
  day: (value: string | number | null | undefined, withYear = false): string => format.formatDay(value, lang.value, withYear),
  time: (value: string | number | null | undefined, dateOnly = false, withYear = false): string =>
    format.formatTime(value, lang.value, dateOnly, withYear),
  range: (from: string, to: string, thisYear?: number): string => format.formatRange(from, to, lang.value, thisYear),
};

/** `周一` / `Mon`, from the ISO weekday 1…7. */
export function weekdayName(day: number, short = false): string {
  return t(`weekday.${short ? 'short.' : ''}${day}` as Key);
}

/** The control strings of the map engine, keyed as it keys them. */
export function mapLocale(): Record<string, string> {
  return {
    'AttributionControl.ToggleAttribution': t('map.attribution'),
    'AttributionControl.MapFeedback': t('map.feedback'),
    'FullscreenControl.Enter': t('map.fullscreen'),
    'FullscreenControl.Exit': t('map.fullscreenExit'),
    'GeolocateControl.FindMyLocation': t('map.locate'),
    'GeolocateControl.LocationNotAvailable': t('map.locateNone'),
    'LogoControl.Title': 'MapLibre',
    'Map.Title': t('map.title'),
    'Marker.Title': t('map.marker'),
    'NavigationControl.ResetBearing': t('map.north'),
    'NavigationControl.ZoomIn': t('map.zoomIn'),
    'NavigationControl.ZoomOut': t('map.zoomOut'),
    'Popup.Close': t('action.close'),
    'ScaleControl.Feet': 'ft',
    'ScaleControl.Meters': 'm',
    'ScaleControl.Kilometers': 'km',
    'ScaleControl.Miles': 'mi',
    'ScaleControl.NauticalMiles': 'nm',
    'CooperativeGesturesHandler.WindowsHelpText': t('map.ctrlZoom'),
    'CooperativeGesturesHandler.MacHelpText': t('map.cmdZoom'),
    'CooperativeGesturesHandler.MobileHelpText': t('map.twoFingers'),
  };
}
