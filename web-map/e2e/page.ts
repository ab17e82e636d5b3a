import { expect, test as base, type APIRequestContext, type Page } from '@playwright/test';

export { expect };

/** The engine as the page exposes it to tests; only what they call. */
interface EngineHandle {
  loaded(): boolean;
  areTilesLoaded(): boolean;
  isMoving(): boolean;
  getZoom(): number;
  getCenter(): { lng: number; lat: number };
  jumpTo(to: { center?: [number, number]; zoom?: number }): void;
  project(at: [number, number]): { x: number; y: number };
  unproject(at: [number, number]): { lng: number; lat: number };
  getSource(id: string): unknown;
  getLayer(id: string): unknown;
  queryRenderedFeatures(where: undefined, options: { layers: string[] }): { id?: number | string; properties: Record<string, unknown>; state: Record<string, unknown> }[];
  queryRenderedFeatures(where: [number, number] | [[number, number], [number, number]], options: { layers: string[] }): { id?: number | string; properties: Record<string, unknown>; state: Record<string, unknown> }[];
}

declare global {
  interface Window {
    __map: EngineHandle;
  }
}

/** Fails a test on any error of the page: script, policy or console. */
export const test = base.extend<{ errors: string[] }>({
  context: async ({ context }, use) => {
    await context.addInitScript(() => {
      (window as unknown as { __e2e: boolean }).__e2e = true;
    });
    await use(context);
  },
  errors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(`page: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(`console: ${message.text()}`);
      });
      await use(errors);
      expect(errors, 'the console stays free of errors').toEqual([]);
    },
    { auto: true },
  ],
});

/** Waits until the map shows all it was asked for and stands still. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.body.dataset.idle === 'true');
  // Points follow the filter after a pause of 150 ms, so quiet has to last a little.
  await page.waitForFunction(() => {
    const quiet = window.__map.loaded() && window.__map.areTilesLoaded() && !window.__map.isMoving();
    const now = performance.now();
    const state = window as unknown as { __quietSince?: number | undefined };
    if (!quiet) state.__quietSince = undefined;
    else state.__quietSince ??= now;
    return quiet && now - (state.__quietSince ?? now) > 400;
  });
}

/** Opens the client at a fragment and waits for the map. */
export async function open(page: Page, fragment = ''): Promise<void> {
  // From another page, so that a fragment alone is a visit too.
  if (page.url() !== 'about:blank') await page.goto('about:blank');
  await page.goto(`/${fragment}`);
  await settled(page);
}

/** Ids on the screen in some style layers, each once. */
export async function rendered(page: Page, layers: string[]): Promise<number[]> {
  return page.evaluate((wanted) => {
    const known = wanted.filter((id) => window.__map.getLayer(id));
    const ids = window.__map.queryRenderedFeatures(undefined, { layers: known }).map((f) => Number(f.id));
    return [...new Set(ids)].sort((a, b) => a - b);
  }, layers);
}

/** Where a position is on the page. */
export async function pixel(page: Page, lon: number, lat: number): Promise<{ x: number; y: number }> {
  const at = await page.evaluate(([x, y]) => window.__map.project([x as number, y as number]), [lon, lat]);
  const box = await page.locator('canvas.maplibregl-canvas').boundingBox();
  if (!box) throw new Error('there is no map');
  return { x: box.x + at.x, y: box.y + at.y };
}

export interface GridStat {
  id: number;
  code: string;
  name: string;
  kind: string;
  count: number;
  few: boolean;
  households: number | null;
  rate_per_1000: number | null;
}

export async function get<T>(request: APIRequestContext, path: string): Promise<T> {
  const answer = await request.get(path, { headers: { Accept: 'application/json' } });
  expect(answer.ok(), `${path}: ${answer.status()}`).toBe(true);
  return (await answer.json()) as T;
}

/** Digits of a text with grouped thousands. */
export function digits(text: string | null): number {
  return Number((text ?? '').replace(/[^\d]/g, ''));
}

/** The datetime filter of the client's default: the last 30 days of data. */
export async function lastThirtyDays(request: APIRequestContext): Promise<string> {
  const meta = await get<{ time: { last: string } }>(request, '/api/meta');
  const local = new Date(Date.parse(meta.time.last) + 8 * 3600_000).toISOString().slice(0, 10);
  const day = (n: number): string => new Date(Date.parse(`${local}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);
  return `datetime=${day(-29)}T00:00:00/${day(1)}T00:00:00`;
}

/** A grid in the middle of the district with many incidents and a point inside it. */
export async function busyGrid(request: APIRequestContext): Promise<GridStat & { lon: number; lat: number }> {
  const { grids } = await get<{ grids: GridStat[] }>(request, `/api/stats/grids?${await lastThirtyDays(request)}`);
  const top = grids.filter((g) => g.kind !== 'special').sort((a, b) => b.count - a.count)[0];
  if (!top) throw new Error('there are no grids');
  const found = await get<{ groups: { items: { id: number; lon: number; lat: number }[] }[] }>(request, `/api/search?q=${encodeURIComponent(top.code)}`);
  const at = found.groups.flatMap((g) => g.items).find((item) => item.id === top.id);
  if (!at) throw new Error(`search does not find ${top.code}`);
  return { ...top, lon: at.lon, lat: at.lat };
}
