/**
 * Coordinates as people type and read them: the three datums in use in China, text in and out,
 * and lengths and areas for the measure tool.
 *
 * Inside the client every position is WGS84 `[lon, lat]` in degrees; the other datums exist only
 * in what a person pastes or copies.
 */
import { gcj02ToWgs84, insideBox, invert, wgs84ToGcj02 } from './gcj02';

export { gcj02ToWgs84, wgs84ToGcj02 };

export type LonLat = readonly [lon: number, lat: number];
export type Datum = 'wgs84' | 'gcj02' | 'bd09';

export const DATUMS: readonly Datum[] = ['wgs84', 'gcj02', 'bd09'];
export const DATUM_NAMES: Record<Datum, string> = { wgs84: 'WGS84', gcj02: 'GCJ-02', bd09: 'BD-09' };

const RAD = Math.PI / 180;
const X_PI = (Math.PI * 3000) / 180;

export function gcj02ToBd09([x, y]: LonLat): LonLat {
  const z = Math.sqrt(x * x + y * y) + 0.00002 * Math.sin(y * X_PI);
  const theta = Math.atan2(y, x) + 0.000003 * Math.cos(x * X_PI);
  return [z * Math.cos(theta) + 0.0065, z * Math.sin(theta) + 0.006];
}

/** The true inverse, not the widely copied one-step formula, which is up to 0.13 m off. */
export function bd09ToGcj02(p: LonLat): LonLat {
  return invert(p, gcj02ToBd09);
}

export function toWgs84(p: LonLat, from: Datum): LonLat {
  if (from === 'wgs84') return p;
  return gcj02ToWgs84(from === 'bd09' ? bd09ToGcj02(p) : p);
}

export function fromWgs84(p: LonLat, to: Datum): LonLat {
  if (to === 'wgs84') return p;
  const g = wgs84ToGcj02(p);
  return to === 'bd09' ? gcj02ToBd09(g) : g;
}

/** `117.33319, 31.87321`: five decimals are about one metre. */
export function formatLonLat([lon, lat]: LonLat, decimals = 5): string {
  return `${lon.toFixed(decimals)}, ${lat.toFixed(decimals)}`;
}

/** `31°52'23.6"N 117°19'59.5"E` */
export function formatDms([lon, lat]: LonLat): string {
  const part = (value: number, letters: string): string => {
    // Rounded once, in tenths of a second, so that 59.96" never prints as 60.0".
    const tenths = Math.round(Math.abs(value) * 36000);
    const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
    const minutes = String(Math.floor(tenths / 600) % 60).padStart(2, '0');
    return `${Math.floor(tenths / 36000)}°${minutes}'${seconds}"${letters[value < 0 ? 1 : 0]}`;
  };
  return `${part(lat, 'NS')} ${part(lon, 'EW')}`;
}

export interface Candidate {
  datum: Datum;
  /** What the text says, read as lon, lat in `datum`. */
  read: LonLat;
  /** The same place in WGS84. */
  at: LonLat;
  /** True when the text had latitude first. */
  swapped: boolean;
}

/** One number of a pair, with its hemisphere letter if it had one. */
interface Part {
  value: number;
  axis: 'lon' | 'lat' | null;
}

const DMS =
  /([NSEW东西南北])?\s*([+-]?\d+(?:\.\d+)?)\s*(?:[°度º]\s*(?:(\d+(?:\.\d+)?)\s*(?:['′’分]\s*(?:(\d+(?:\.\d+)?)\s*(?:["″”秒]|'')?)?)?)?)?\s*([NSEW东西南北])?/giu;

function axisOf(letter: string | undefined): Part['axis'] {
  if (!letter) return null;
  return 'NS南北'.includes(letter.toUpperCase()) ? 'lat' : 'lon';
}

/** The numbers of a pasted text, or null when it is anything else than one pair of coordinates. */
function parts(text: string): [Part, Part] | null {
  const cleaned = text
    // Full-width digits, letters and marks of a Chinese keyboard. (Unicode normalization would
    // also turn the double prime of the seconds into two single ones.)
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
    .replace(/([东西南北])[经纬]/gu, ' $1 ')
    .replace(/(?:经度|lng|longitude|lon)\s*[:=]?/giu, ' E ')
    .replace(/(?:纬度|latitude|lat)\s*[:=]?/giu, ' N ')
    .replace(/^[\s([{"]+|[\s)\]}"]+$/gu, (edge) => (edge.includes('"') && /\d\s*"$/u.test(text.trim()) ? '"' : ''));
  const found: Part[] = [];
  let rest = cleaned;
  for (const m of cleaned.matchAll(DMS)) {
    const [whole, before, degrees, minutes, seconds, after] = m;
    if (degrees === undefined) continue;
    // `E117.3 N31.8`: the second letter belongs to the second number.
    const letter = before ?? after;
    const size = Math.abs(Number(degrees)) + Number(minutes ?? 0) / 60 + Number(seconds ?? 0) / 3600;
    if (Number(minutes ?? 0) >= 60 || Number(seconds ?? 0) >= 60) return null;
    const negative = degrees.startsWith('-') || (letter !== undefined && 'SW南西'.includes(letter.toUpperCase()));
    found.push({ value: negative ? -size : size, axis: axisOf(letter) });
    rest = rest.replace(whole, ' ');
  }
  if (found.length !== 2 || /[^\s,;/、，；NSEW东西南北]/iu.test(rest)) return null;
  return [found[0] as Part, found[1] as Part];
}

function valid([lon, lat]: LonLat): boolean {
  return Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}

/**
 * Reads pasted coordinates: decimal or degrees-minutes-seconds, `lng,lat` or `lat,lng`.
 *
 * The order is decided by hemisphere letters, else by what is possible, else both orders are
 * offered. Every order is offered in the three datums: the text never says which one it is.
 * Returns an empty list when the text is not a pair of coordinates.
 */
export function parseCoordinates(text: string): Candidate[] {
  if (text.length > 120) return [];
  const pair = parts(text);
  if (!pair) return [];
  const [a, b] = pair;
  const orders: { read: LonLat; swapped: boolean }[] = [];
  if (a.axis !== 'lat' && b.axis !== 'lon') orders.push({ read: [a.value, b.value], swapped: false });
  if (a.axis !== 'lon' && b.axis !== 'lat') orders.push({ read: [b.value, a.value], swapped: true });
  const possible = orders.filter((o) => valid(o.read));
  const inChina = possible.filter((o) => insideBox(o.read));
  return (inChina.length > 0 ? inChina : possible).flatMap(({ read, swapped }) =>
    DATUMS.map((datum) => ({ datum, read, at: toWgs84(read, datum), swapped })),
  );
}

/** Mean radius of the Earth, metres. A sphere is at most 0.5 % off, enough for measuring on a map. */
const R = 6371008.8;

/** Great-circle distance in metres. */
export function distance(a: LonLat, b: LonLat): number {
  const s = Math.sin(((b[1] - a[1]) * RAD) / 2) ** 2;
  const t = Math.sin(((b[0] - a[0]) * RAD) / 2) ** 2;
  return 2 * R * Math.asin(Math.sqrt(Math.min(1, s + Math.cos(a[1] * RAD) * Math.cos(b[1] * RAD) * t)));
}

/** Length of a line in metres. */
export function lineLength(points: readonly LonLat[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) sum += distance(points[i - 1] as LonLat, points[i] as LonLat);
  return sum;
}

/** Area on the sphere in square metres, of a ring given with or without its closing point. */
export function ringArea(points: readonly LonLat[]): number {
  const n = points.length;
  if (n < 3) return 0;
  // Longitudes relative to the first point keep the sum small and cross the date line safely.
  const lon0 = (points[0] as LonLat)[0];
  const rel = (p: LonLat): number => (((p[0] - lon0 + 540) % 360) - 180) * RAD;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const p = points[i] as LonLat;
    const q = points[(i + 1) % n] as LonLat;
    sum += (rel(q) - rel(p)) * (2 + Math.sin(p[1] * RAD) + Math.sin(q[1] * RAD));
  }
  return Math.abs((sum * R * R) / 2);
}

/** A geometry as the server sends it; only the parts measured here. */
export interface Shape {
  type: string;
  coordinates?: unknown;
  geometries?: readonly Shape[];
}

type Ring = readonly LonLat[];

/** Area of polygons in square metres, holes taken out; 0 for points and lines. */
export function shapeArea(shape: Shape | null | undefined): number {
  const one = (rings: readonly Ring[]): number => rings.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * ringArea(ring), 0);
  if (shape?.type === 'Polygon') return one(shape.coordinates as Ring[]);
  if (shape?.type === 'MultiPolygon') return (shape.coordinates as Ring[][]).reduce((sum, p) => sum + one(p), 0);
  return 0;
}

/** Length of lines in metres; 0 for anything else. */
export function shapeLength(shape: Shape | null | undefined): number {
  if (shape?.type === 'LineString') return lineLength(shape.coordinates as Ring);
  if (shape?.type === 'MultiLineString') return (shape.coordinates as Ring[]).reduce((sum, l) => sum + lineLength(l), 0);
  return 0;
}
