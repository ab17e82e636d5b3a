/** Words of this chunk, in the language of the screen. */
import { fill, lang, t, type Vars } from '../i18n';
import { fileSize } from '../ui/bytes';
import { importEn } from '../i18n/import.en';
import { importZh } from '../i18n/import.zh';
import { LAYERS, type LayerName } from '../api/types';

export { fileSize };

export type Word = keyof typeof importZh;

export function w(key: Word, vars: Vars = {}): string {
  return fill((lang.value === 'en' ? importEn : importZh)[key] ?? key, vars);
}

/** The text for a key built at run time, else the fallback. */
export function wOr(key: string, fallback: string, vars: Vars = {}): string {
  return Object.hasOwn(importZh, key) ? w(key as Word, vars) : fallback;
}

/** A sentence of the server, or ours for a lost connection. */
export function trouble(text: string): string {
  return text === 'offline' ? w('offline') : text;
}

/** `4 131 件`: a number with what is counted in the layer. */
export function counted(layer: LayerName | null, n: number): string {
  return layer ? w(`unit.${layer}`, { n }) : w('rows', { n });
}

export function layerName(layer: string): string {
  const known = LAYERS.find((name) => name === layer);
  return known ? t(`layer.${known}`) : wOr(`layer.${layer}`, layer);
}

/** What is in an upload, before it is sent. */
export interface Trouble {
  /** Companions of a Shapefile that are missing and matter. */
  missing: string[];
  /** A file over the limit. */
  tooLarge: string | null;
}

export const MAX_BYTES = 512 * 1024 * 1024;

export function inspectFiles(files: readonly { name: string; size: number }[]): Trouble {
  const names = new Set(files.map((file) => file.name.toLowerCase()));
  const missing = new Set<string>();
  for (const name of names) {
    if (!name.endsWith('.shp')) continue;
    const base = name.slice(0, -4);
    if (!names.has(`${base}.dbf`)) missing.add('.dbf');
  }
  return { missing: [...missing], tooLarge: files.find((file) => file.size > MAX_BYTES)?.name ?? null };
}
