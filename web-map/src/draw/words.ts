/** Words of this chunk, in the language of the screen. */
import { fill, fmt, lang, type Vars } from '../i18n';
import { drawEn } from '../i18n/draw.en';
import { drawZh } from '../i18n/draw.zh';

export type Word = keyof typeof drawZh;

export function w(key: Word, vars: Vars = {}): string {
  return fill((lang.value === 'en' ? drawEn : drawZh)[key] ?? key, vars);
}

export function wOr(key: string, fallback: string, vars: Vars = {}): string {
  return Object.hasOwn(drawZh, key) ? w(key as Word, vars) : fallback;
}

/** A sentence of the server, or ours for a lost connection. */
export function trouble(text: string): string {
  return text === 'offline' ? w('offline') : text;
}

/** Exact enough to see a corner move: square metres up to a square kilometre. */
export function areaText(squareMetres: number): string {
  return squareMetres < 1e6 ? `${fmt.num(Math.round(squareMetres))}\u2009m²` : fmt.area(squareMetres);
}

/** As `areaText`, with tenths for what is small. */
export function slitText(squareMetres: number): string {
  return squareMetres < 10 ? `${fmt.num(squareMetres, 1)}\u2009m²` : areaText(squareMetres);
}
