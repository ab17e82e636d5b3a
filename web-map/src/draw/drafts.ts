/** Work that could not be saved, kept in this browser. What an incident says is never kept. */
import type { Feature, LayerName } from '../api/types';

export interface Draft {
  layer: LayerName;
  id: number | null;
  /** When it was put aside, ms since 1970. */
  at: number;
  name: string;
  feature: Pick<Feature, 'geometry' | 'properties'>;
}

const KEY = 'gridmap.drafts';
const MOST = 20;

type Box = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Texts people wrote about what happened. */
const PRIVATE = ['text'];

export function withoutTexts(layer: LayerName, properties: Record<string, unknown>): Record<string, unknown> {
  if (layer !== 'incidents') return { ...properties };
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !PRIVATE.includes(name)));
}

export function readDrafts(box: Box = localStorage): Draft[] {
  try {
    const kept: unknown = JSON.parse(box.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? (kept as Draft[]).filter((d) => typeof d?.layer === 'string' && typeof d.at === 'number' && d.feature !== null && typeof d.feature === 'object') : [];
  } catch {
    return [];
  }
}

/** Whether it is kept; a browser that refuses storage says no. */
export function keepDraft(draft: Draft, box: Box = localStorage): boolean {
  const others = readDrafts(box).filter((d) => d.layer !== draft.layer || d.id !== draft.id || d.id === null);
  const clean: Draft = { ...draft, feature: { geometry: draft.feature.geometry, properties: withoutTexts(draft.layer, draft.feature.properties) } };
  try {
    box.setItem(KEY, JSON.stringify([clean, ...others].slice(0, MOST)));
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(draft: Pick<Draft, 'layer' | 'id' | 'at'>, box: Box = localStorage): void {
  try {
    box.setItem(KEY, JSON.stringify(readDrafts(box).filter((d) => d.layer !== draft.layer || d.id !== draft.id || d.at !== draft.at)));
  } catch {
    // Storage that is switched off has nothing to drop.
  }
}

export function draftOf(layer: LayerName, id: number | null, box: Box = localStorage): Draft | null {
  return readDrafts(box).find((d) => d.layer === layer && d.id === id) ?? null;
}
