/**
 * Numbers, dates and distances in words.
 *
 * Civil time is always Asia/Shanghai (UTC+8, no summer time since 1991), whatever the reader's
 * computer says: a report of 23:40 must not move to another day on a badly set office PC.
 */

export type Lang = 'zh' | 'en';

/**
 * Thin space between thousands and before units. The no-break one (U+202F) is half as wide in the
 * usual fallback fonts, so groups would run together; style sheets keep numbers on one line.
 */
export const THIN = '\u2009';
const MINUS = '\u2212';
const DASH = '\u2013';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const SHANGHAI_MS = 8 * 3600_000;
export const DAY_MS = 86_400_000;

/** `2 316`, `0.15`, `−8`; an em dash when there is no number. */
export function num(value: number | null | undefined, decimals?: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '—';
  const fixed = decimals === undefined ? String(Math.round(value * 1000) / 1000) : value.toFixed(decimals);
  const negative = fixed.startsWith('-') && Number(fixed) !== 0;
  const [whole = '0', fraction] = fixed.replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  return (negative ? MINUS : '') + grouped + (fraction === undefined ? '' : `.${fraction}`);
}

/** `+12`, `−8`, `0` */
export function signed(value: number, decimals?: number): string {
  const text = num(value, decimals);
  return value > 0 && text !== num(0, decimals) ? `+${text}` : text;
}

/** Share as a whole percentage, `+8%` when `sign`. */
export function percent(share: number, sign = false): string {
  if (!Number.isFinite(share)) return '—';
  const p = Math.round(share * 100);
  return `${sign ? signed(p) : num(p)}%`;
}

/** A change against an earlier number, in percent from 30 upwards, else in pieces; null when nothing was counted before. */
export function change(now: number, before: number | null | undefined): string | null {
  if (before === null || before === undefined) return null;
  return before >= 30 ? percent((now - before) / before, true) : signed(now - before);
}

/** What a moment looks like on a wall clock in Shanghai. Bare dates and bare local times are taken as they stand. */
export interface Civil {
  year: number;
  month: number;
  day: number;
  /** null when only the date is known. */
  minute: number | null;
  weekday: number;
}

/** Reads `2026-11-22`, `2026-11-22T21:40` (local), an ISO time with zone, or seconds since 1970; null if it is none. */
export function civil(value: string | number | null | undefined): Civil | null {
  if (value === null || value === undefined || value === '') return null;
  let ms: number;
  let dateOnly = false;
  if (typeof value === 'number') ms = value * 1000 + SHANGHAI_MS;
  else if (/^\d{4}-\d\d-\d\d$/.test(value)) {
    ms = Date.parse(`${value}T00:00:00Z`);
    dateOnly = true;
  } else if (/(?:Z|[+-]\d\d:?\d\d)$/.test(value)) ms = Date.parse(value) + SHANGHAI_MS;
  else ms = Date.parse(`${value}Z`);
  if (!Number.isFinite(ms)) return null;
  const d = new Date(ms);
  return {
    year: d.getUTCFullYear(),
    month: d.getUTCMonth() + 1,
    day: d.getUTCDate(),
    minute: dateOnly ? null : d.getUTCHours() * 60 + d.getUTCMinutes(),
    weekday: ((d.getUTCDay() + 6) % 7) + 1,
  };
}

const two = (n: number): string => String(n).padStart(2, '0');
const clock = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** `11月22日`, `2025年11月22日` with the year; `22 Nov`. */
export function formatDay(value: string | number | null | undefined, lang: Lang, withYear = false): string {
  const c = civil(value);
  if (!c) return '—';
  if (lang === 'zh') return `${withYear ? `${c.year}年` : ''}${c.month}月${c.day}日`;
  return `${c.day} ${MONTHS[c.month - 1]}${withYear ? ` ${c.year}` : ''}`;
}

/** `11月22日 21:40`; only the day when the time is not known. */
export function formatTime(value: string | number | null | undefined, lang: Lang, dateOnly = false, withYear = false): string {
  const c = civil(value);
  if (!c) return '—';
  const day = formatDay(value, lang, withYear);
  return c.minute === null || dateOnly ? day : `${day} ${clock(c.minute)}`;
}

/** `11-22 21:40`, for narrow tables in both languages. */
export function formatShort(value: string | number | null | undefined, dateOnly = false): string {
  const c = civil(value);
  if (!c) return '—';
  const day = `${two(c.month)}-${two(c.day)}`;
  return c.minute === null || dateOnly ? day : `${day} ${clock(c.minute)}`;
}

/** `10月24日 – 11月22日`, both days included; years only when they differ from each other or from `thisYear`. */
export function formatRange(from: string, to: string, lang: Lang, thisYear?: number): string {
  const a = civil(from);
  const b = civil(to);
  if (!a || !b) return '—';
  const years = a.year !== b.year || (thisYear !== undefined && b.year !== thisYear);
  if (from === to) return formatDay(from, lang, years);
  return `${formatDay(from, lang, years)} ${DASH} ${formatDay(to, lang, years && (a.year !== b.year || lang === 'en'))}`;
}

/** `20–23`: from the start of the first hour to the end of the last. */
export function formatHours(first: number, count: number): string {
  return count >= 24 ? `0${DASH}24` : `${first}${DASH}${(first + count - 1) % 24 + 1}`;
}

/** `168 m`, `1.46 km` */
export function formatLength(metres: number): string {
  if (metres < 999.5) return `${num(metres, metres < 10 ? 1 : 0)}${THIN}m`;
  const km = metres / 1000;
  return `${num(km, km < 10 ? 2 : km < 100 ? 1 : 0)}${THIN}km`;
}

/** `860 m²`, `0.15 km²` */
export function formatArea(squareMetres: number): string {
  if (squareMetres < 10_000) return `${num(squareMetres, 0)}${THIN}m²`;
  const km2 = squareMetres / 1e6;
  return `${num(km2, km2 < 10 ? 2 : km2 < 100 ? 1 : 0)}${THIN}km²`;
}

/** Days between two ISO dates, `to − from`. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** The ISO date `days` later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The same calendar day a year earlier (29 February becomes the 28th). */
export function yearBefore(date: string): string {
  const [y = '0', m = '01', d = '01'] = date.split('-');
  return `${Number(y) - 1}-${m}-${m === '02' && d === '29' ? '28' : d}`;
}
