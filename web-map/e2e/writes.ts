import { expect, type APIRequestContext } from '@playwright/test';
import { get } from './page';

interface Write {
  revision: number;
  undone_by: number | null;
  undoable: boolean;
}

export interface Item {
  id: number;
  geometry: { type: string; coordinates: unknown } | null;
  properties: Record<string, unknown>;
}

/** The newest write. */
export async function newest(request: APIRequestContext): Promise<number> {
  const { writes } = await get<{ writes: Write[] }>(request, '/api/writes?limit=1');
  return writes[0]?.revision ?? 0;
}

/** Takes back every write after a revision, so that other tests see the data they know. */
export async function takeBack(request: APIRequestContext, since: number): Promise<void> {
  for (let round = 0; round < 30; round++) {
    const { writes } = await get<{ writes: Write[] }>(request, '/api/writes?limit=50');
    const undone = new Set(writes.map((write) => write.undone_by).filter((n) => n !== null));
    const next = writes.find((write) => write.revision > since && write.undone_by === null && !undone.has(write.revision) && write.undoable);
    if (!next) return;
    const answer = await request.post(`/api/writes/${next.revision}/undo`, { data: { edited: 'revert' } });
    expect(answer.ok(), `undo ${next.revision}: ${await answer.text()}`).toBe(true);
  }
}

export async function item(request: APIRequestContext, layer: string, id: number): Promise<{ feature: Item; etag: string }> {
  const answer = await request.get(`/collections/${layer}/items/${id}?f=json`);
  expect(answer.ok()).toBe(true);
  return { feature: (await answer.json()) as Item, etag: answer.headers().etag ?? '' };
}

/** Somebody else saves a change meanwhile. */
export async function patch(request: APIRequestContext, layer: string, id: number, change: unknown): Promise<void> {
  const { etag } = await item(request, layer, id);
  const answer = await request.patch(`/collections/${layer}/items/${id}`, { headers: { 'If-Match': etag, 'Content-Type': 'application/merge-patch+json' }, data: JSON.stringify(change) });
  expect(answer.ok(), await answer.text()).toBe(true);
}

export function ringsOf(feature: Item): number[][][] {
  const { geometry } = feature;
  if (geometry?.type === 'Polygon') return geometry.coordinates as number[][][];
  if (geometry?.type === 'MultiPolygon') return (geometry.coordinates as number[][][][]).flat();
  return [];
}

const key = (p: readonly number[]): string => `${Math.round((p[0] ?? 0) * 1e7)},${Math.round((p[1] ?? 0) * 1e7)}`;

export function hasCorner(feature: Item, at: readonly number[]): boolean {
  return ringsOf(feature).some((ring) => ring.some((p) => key(p) === key(at)));
}

/** Two basic grids of today and a corner that both have and no third one. */
export async function sharedCorner(request: APIRequestContext): Promise<{ a: Item; b: Item; at: [number, number] }> {
  const { features } = await get<{ features: Item[] }>(request, '/collections/grids/items?f=json&limit=1000');
  const basic = features.filter((f) => f.properties.kind === 'basic' && !f.properties.valid_to);
  const holders = new Map<string, { at: [number, number]; of: Item[] }>();
  for (const grid of basic) {
    for (const p of new Map(ringsOf(grid).flat().map((q) => [key(q), q])).values()) {
      const known = holders.get(key(p));
      if (known) known.of.push(grid);
      else holders.set(key(p), { at: [p[0] as number, p[1] as number], of: [grid] });
    }
  }
  for (const { at, of } of holders.values()) {
    const [a, b] = of;
    if (of.length !== 2 || !a || !b || ringsOf(a).flat().length <= 8) continue;
    // In the middle of their border, not where it meets the outside.
    const ring = ringsOf(a)[0]?.slice(0, -1) ?? [];
    const i = ring.findIndex((p) => key(p) === key(at));
    const beside = [ring[(i + 1) % ring.length], ring[(i + ring.length - 1) % ring.length]];
    if (i >= 0 && beside.every((p) => p !== undefined && hasCorner(b, p))) return { a, b, at };
  }
  throw new Error('no two grids share a corner');
}
