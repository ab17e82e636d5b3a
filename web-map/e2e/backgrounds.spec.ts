import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { formatLonLat, gcj02ToWgs84, wgs84ToGcj02, type LonLat } from '../src/coords';
import { tileAt } from '../src/settings/preview';
import { mvt, pmtiles, putBackgrounds, quarter, upstream, type Upstream } from './grounds';
import { busyGrid, expect, get, open, settled, test } from './page';
import { item, newest, ringsOf, takeBack, type Item } from './writes';

interface Listed {
  id: string;
  kind: string;
  name: string;
  datum: string;
  problem: unknown;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AT: [number, number] = [117.3008, 31.8808];
const picker = (page: Page): Locator => page.locator('.grounds');
const credits = (page: Page): Locator => page.locator('.over-bottom > .attribution');
const listed = async (request: Parameters<typeof get>[0]): Promise<Listed[]> => (await get<{ backgrounds: Listed[] }>(request, '/api/backgrounds')).backgrounds;
const entry = (name: string, url: string, change: Record<string, unknown> = {}): Record<string, unknown> => ({ name, url, minzoom: 3, maxzoom: 18, tile_size: 256, scheme: 'xyz', datum: 'wgs84', ...change });

let since = 0;
let service: Upstream;
test.beforeEach(async ({ request }) => {
  since = await newest(request);
  service = await upstream([120, 170, 120]);
});
test.afterEach(async ({ request }) => {
  await takeBack(request, since);
  await putBackgrounds(request, []);
  await service.stop();
});

/** How many features of style layers are on the screen. */
function seen(page: Page, layers: string[]): Promise<number> {
  return page.evaluate((wanted) => window.__map.queryRenderedFeatures(undefined, { layers: wanted.filter((id) => window.__map.getLayer(id)) }).length, layers);
}

/** Where the map draws a place of its own plane, in pixels of the canvas. */
function project(page: Page, at: LonLat): Promise<{ x: number; y: number }> {
  return page.evaluate(([x, y]) => window.__map.project([x as number, y as number]), [...at]);
}

/** The plane's position of a pixel of the canvas. */
async function unproject(page: Page, x: number, y: number): Promise<LonLat> {
  const { lng, lat } = await page.evaluate(([px, py]) => window.__map.unproject([px as number, py as number]), [x, y]);
  return [lng, lat];
}

async function canvas(page: Page): Promise<{ x: number; y: number }> {
  const box = await page.locator('canvas.maplibregl-canvas').boundingBox();
  if (!box) throw new Error('there is no map');
  return box;
}

async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const run = (window as unknown as { axe: { run: (root: Document, options: unknown) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe;
    return (await run.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
  });
  expect(found).toEqual([]);
}

test('an extract becomes the background: told before, shown at once, named at the corner, taken back', async ({ page, request }) => {
  test.slow();
  await page.goto('/#v=import');
  await page.locator('.imp-drop input[type=file]').setInputFiles(quarter(AT));
  const main = page.locator('.imp-foot .imp-on');
  await main.waitFor();
  const card = page.locator('.imp-card', { hasText: 'OpenStreetMap' });
  await card.getByText('只作底图').click();
  await expect(main).not.toHaveText('正在重新校验…');
  await expect(card).toContainText('建筑 1');
  await expect(card).toContainText('地名 1');
  await accessible(page);
  for (let i = 0; i < 3 && (await main.textContent()) !== '更新底图'; i++) await main.click();
  await expect(main).toHaveAttribute('aria-disabled', 'false');
  await main.click();
  await expect(page.locator('.imp-done')).toContainText('底图已更新', { timeout: 20_000 });
  expect((await listed(request)).map((b) => b.id)).toContain('osm');
  await page.getByRole('button', { name: '查看地图' }).click();
  await open(page, `#map=16/${AT[1]}/${AT[0]}&m=none`);
  await expect(credits(page)).toContainText('© OpenStreetMap contributors');
  await expect.poll(() => seen(page, ['ground-building'])).toBeGreaterThan(0);
  expect(await seen(page, ['ground-water'])).toBeGreaterThan(0);
  expect(await seen(page, ['ground-green'])).toBeGreaterThan(0);
  expect(await seen(page, ['ground-road'])).toBeGreaterThan(0);
  // Our own streets are there and carry the names.
  expect(await page.evaluate(() => window.__map.getLayer('ground-road-name') === undefined)).toBe(true);

  await picker(page).getByRole('radio', { name: '无' }).check();
  await settled(page);
  expect(await seen(page, ['ground-building', 'ground-road'])).toBe(0);
  await expect(credits(page)).not.toContainText('OpenStreetMap');
  await expect(page).toHaveURL(/[#&]bg=none/);
  // This browser remembers; a link says otherwise.
  await open(page, `#map=16/${AT[1]}/${AT[0]}`);
  expect(await seen(page, ['ground-building'])).toBe(0);
  await open(page, `#map=16/${AT[1]}/${AT[0]}&bg=osm`);
  await expect.poll(() => seen(page, ['ground-building'])).toBeGreaterThan(0);

  await takeBack(request, since);
  expect((await listed(request)).map((b) => b.id)).not.toContain('osm');
});

test('a file of vector tiles in the folder is listed and drawn in our colors', async ({ page, request }) => {
  const folder = process.env.GRIDMAP_DATA;
  test.skip(!folder, 'needs the folder of the server');
  const tile = tileAt(AT, 8, { minzoom: 8, maxzoom: 8, tile_size: 512 });
  const all = (kind: string): { kind: string; ring: [number, number][] }[] => [{ kind, ring: [[0, 0], [4096, 0], [4096, 4096], [0, 4096]] }];
  const body = mvt({ earth: all('earth'), landuse: all('park'), water: all('lake'), buildings: [], roads: [], places: [] });
  const layers = ['earth', 'landuse', 'water', 'buildings', 'roads', 'places'];
  mkdirSync(join(folder as string, 'backgrounds'), { recursive: true });
  const path = join(folder as string, 'backgrounds', 'town.pmtiles');
  writeFileSync(path, pmtiles(tile, body, { name: '试城', attribution: '<a href="x">© 试城</a>', vector_layers: layers.map((id) => ({ id, fields: {} })) }));
  try {
    const file = (await listed(request)).find((b) => b.kind === 'pmtiles');
    expect(file?.name).toBe('试城');
    await open(page, `#map=15/${AT[1]}/${AT[0]}&m=none&bg=${file?.id}`);
    await expect.poll(() => seen(page, ['ground-water'])).toBeGreaterThan(0);
    // Parks are of the second layer that may be green.
    expect(await seen(page, ['ground-green-2'])).toBeGreaterThan(0);
    await expect(credits(page)).toContainText('© 试城');
    expect(await credits(page).innerHTML()).not.toContain('href');
  } finally {
    rmSync(path);
  }
});

test('over pictures in GCJ-02 all of ours lies where they show it, and what comes out is WGS84', async ({ page, request }) => {
  await putBackgrounds(request, [entry('偏移影像', service.url, { datum: 'gcj02', attribution: '试图', approval: 'GS(2024)0001号' })]);
  const ground = (await listed(request)).find((b) => b.name === '偏移影像');
  expect(ground?.datum).toBe('gcj02');
  const grid = await busyGrid(request);
  await open(page, `#map=16/${grid.lat}/${grid.lon}&bg=${ground?.id}`);
  await expect(credits(page)).toContainText('试图 · 审图号:GS(2024)0001号');
  expect(service.asked.length).toBeGreaterThan(0);

  // The middle is the same place on the ground: shifted in the plane, not in the address.
  const middle = await page.evaluate(() => window.__map.getCenter());
  const wanted = wgs84ToGcj02([grid.lon, grid.lat]);
  expect(Math.hypot(middle.lng - wanted[0], middle.lat - wanted[1])).toBeLessThan(1e-7);
  await expect(page).toHaveURL(new RegExp(`map=16/${grid.lat.toFixed(5).replace(/0+$/, '')}`));

  // The border of the grid is drawn through the shifted corners, and nowhere near the unshifted ones.
  const { feature } = await item(request, 'grids', grid.id);
  const corners = ringsOf(feature).flat() as [number, number][];
  const on = async (at: LonLat): Promise<boolean> => {
    const { x, y } = await project(page, at);
    return page.evaluate(([px, py]) => window.__map.queryRenderedFeatures([[(px as number) - 2, (py as number) - 2], [(px as number) + 2, (py as number) + 2]], { layers: ['grids-line'] }).length > 0, [x, y]);
  };
  const inSight: [number, number][] = [];
  for (const corner of corners) {
    const { x, y } = await project(page, wgs84ToGcj02(corner));
    if (x > 20 && y > 20 && x < 700 && y < 450) inSight.push(corner);
  }
  expect(inSight.length).toBeGreaterThan(2);
  for (const corner of inSight) expect(await on(wgs84ToGcj02(corner)), corner.join()).toBe(true);
  const inside = await project(page, wgs84ToGcj02([grid.lon, grid.lat]));
  const hit = await page.evaluate(([x, y]) => window.__map.queryRenderedFeatures([x as number, y as number], { layers: ['grids-fill'] }).map((f) => [Number(f.id), Number(f.state.step)]), [inside.x, inside.y]);
  expect(hit[0]?.[0]).toBe(grid.id);
  // Colors came along: the busiest grid is of the top class.
  expect(hit[0]?.[1]).toBe(5);
});

test('a click, the readout and the server agree to a billionth of a degree', async ({ page, request }) => {
  await putBackgrounds(request, [entry('偏移影像', service.url, { datum: 'gcj02' })]);
  const ground = (await listed(request)).find((b) => b.name === '偏移影像');
  const meta = await get<{ bounds: [number, number, number, number] }>(request, '/api/meta');
  // Beside the district, where nothing else is hit.
  await open(page, `#map=16/${(meta.bounds[3] + 0.004).toFixed(5)}/${(meta.bounds[0] - 0.006).toFixed(5)}&bg=${ground?.id}`);
  const box = await canvas(page);
  const [x, y] = [351, 223];
  const expected = gcj02ToWgs84(await unproject(page, x, y));
  await page.mouse.move(box.x + x, box.y + y);
  await expect(page.locator('.over-bottom .coord-text')).toHaveText(formatLonLat(expected));
  const asked = page.waitForRequest((r) => r.url().includes('/api/here'));
  await page.mouse.click(box.x + x, box.y + y);
  const query = new URL((await asked).url()).searchParams;
  expect(Math.abs(Number(query.get('lon')) - expected[0])).toBeLessThan(1e-9);
  expect(Math.abs(Number(query.get('lat')) - expected[1])).toBeLessThan(1e-9);
  // And not the position of the pictures themselves.
  expect(Math.abs(Number(query.get('lon')) - wgs84ToGcj02(expected)[0])).toBeGreaterThan(1e-3);
});

test('what is drawn over GCJ-02 is saved at the exact inverse, and stays in place when the background goes', async ({ page, request }) => {
  test.slow();
  await putBackgrounds(request, [entry('偏移影像', service.url, { datum: 'gcj02' })]);
  const ground = (await listed(request)).find((b) => b.name === '偏移影像');
  await open(page, `#map=17/31.882/117.301&bg=${ground?.id}`);
  await page.locator('.topbar').getByRole('button', { name: '编辑', exact: true }).click();
  await page.getByRole('menuitem', { name: '新建小区' }).click();
  await page.locator('.draw-panel h2').waitFor();
  await settled(page);
  await page.locator('.drawbar').getByLabel('吸附').uncheck();
  const box = await canvas(page);
  const pixels: [number, number][] = [[180, 200], [330, 205], [325, 330], [185, 320]];
  const expected: LonLat[] = [];
  for (const [x, y] of pixels) {
    // The page rounds the pointer to whole pixels of the canvas, as the engine does.
    expected.push(gcj02ToWgs84(await unproject(page, x, y)));
    await page.mouse.move(box.x + x, box.y + y);
    await page.mouse.click(box.x + x, box.y + y);
    await page.waitForTimeout(350);
  }
  await page.keyboard.press('Enter');
  await page.locator('.draw-panel').getByLabel('编号').fill('E2E-GCJ');
  await page.locator('.draw-panel').getByLabel('名称', { exact: true }).fill('偏移小区');
  await page.locator('.draw-foot .btn-primary').click();
  await expect(page.locator('.toasts')).toContainText('“偏移小区”已保存');
  const { features } = await get<{ features: Item[] }>(request, '/collections/compounds/items?f=json&limit=1000');
  const saved = features.find((f) => f.properties.code === 'E2E-GCJ') as Item;
  const ring = ringsOf(saved)[0] ?? [];
  expect(ring.length).toBe(5);
  for (const at of expected) {
    const nearest = Math.min(...ring.map((p) => Math.max(Math.abs((p[0] as number) - at[0]), Math.abs((p[1] as number) - at[1]))));
    // Seven decimals are kept of any corner; the rest is exact.
    expect(nearest, at.join()).toBeLessThan(0.5e-7 + 1e-9);
  }
  await settled(page);
  // Drawn from the tiles, it lies under the pixels that were clicked.
  const under = async (x: number, y: number): Promise<boolean> => (await page.evaluate(([px, py]) => window.__map.queryRenderedFeatures([px as number, py as number], { layers: ['compounds-fill'] }).map((f) => Number(f.id)), [x, y])).includes(saved.id);
  const mid = await project(page, wgs84ToGcj02([(expected[0]?.[0] ?? 0) + 0.0001, (expected[0]?.[1] ?? 0) - 0.0001]));
  await expect.poll(() => under(mid.x, mid.y)).toBe(true);

  const before = await page.evaluate(() => window.location.hash);
  await picker(page).getByRole('radio', { name: '无' }).check();
  await settled(page);
  const camera = (hash: string): string | undefined => /map=([^&]*)/.exec(hash)?.[1];
  expect(camera(await page.evaluate(() => window.location.hash))).toBe(camera(before));
  const plain = await project(page, [(expected[0]?.[0] ?? 0) + 0.0001, (expected[0]?.[1] ?? 0) - 0.0001]);
  expect(await under(plain.x, plain.y)).toBe(true);
  // The same place on the ground is at the same place of the screen, but for how uneven the shift is.
  expect(Math.hypot(plain.x - mid.x, plain.y - mid.y)).toBeLessThan(2);
  // The page must not ask for what is taken back after the test.
  await page.goto('about:blank');
});

test('a service that does not answer is told of quietly, and the map stays', async ({ page, request, errors }) => {
  service.broken = true;
  await putBackgrounds(request, [entry('断的影像', service.url)]);
  const ground = (await listed(request)).find((b) => b.name === '断的影像');
  await open(page, `#map=15/${AT[1]}/${AT[0]}&bg=${ground?.id}`);
  await expect(credits(page)).toContainText('底图有瓦片取不到');
  await expect(picker(page)).toContainText(/有瓦片取不到:.+/);
  await expect(page.locator('.over-top')).not.toContainText('瓦片失败');
  expect(await seen(page, ['grids-fill'])).toBeGreaterThan(3);
  // A tile may still be on its way.
  await page.goto('about:blank');
  errors.splice(0, errors.length, ...errors.filter((text) => !/50[234]/.test(text)));
});

test('one that lacks its key stands in the list with what to do, and cannot be chosen', async ({ page, request }) => {
  await putBackgrounds(request, [entry('缺密钥', 'http://127.0.0.1:9/{z}/{x}/{y}?tk={key}', { key_ref: 'GRIDMAP_E2E_MISSING_KEY' })]);
  await open(page);
  const row = picker(page).locator('.ground-row', { hasText: '缺密钥' });
  await expect(row.getByRole('radio')).toBeDisabled();
  await expect(row).toContainText('GRIDMAP_E2E_MISSING_KEY');
  await accessible(page);
});

test('a template is filled in, saved and tried in the settings', async ({ page, request }) => {
  await page.goto('/#v=settings');
  await page.locator('.set-nav').getByRole('button', { name: '底图' }).click();
  await page.getByRole('button', { name: '天地图 矢量' }).click();
  await expect(page.getByLabel('瓦片地址')).toHaveValue(/vec_w.*TILEMATRIX=\{z\}.*tk=\{key\}/);
  await expect(page.getByLabel('注记地址')).toHaveValue(/cva_w/);
  await expect(page.getByLabel('分域名')).toHaveValue('0, 1, 2, 3, 4, 5, 6, 7');
  await page.getByRole('button', { name: '自己填一种' }).click();
  const mine = page.locator('.set-row').nth(1);
  await mine.getByLabel('名称').fill('本机影像');
  await mine.getByLabel('瓦片地址').fill(service.url);
  await mine.getByRole('button', { name: '上移' }).click();
  await expect(page.locator('.set-row').first().getByLabel('名称')).toHaveValue('本机影像');
  await page.locator('.set-foot').getByRole('button', { name: '保存' }).click();
  await expect(page.locator('.set-foot').getByRole('status')).toHaveText('已保存');
  expect((await listed(request)).filter((b) => b.kind === 'raster').map((b) => b.name)).toEqual(['本机影像', '天地图 矢量']);
  await page.getByRole('button', { name: '试看“本机影像”' }).click();
  const tile = page.locator('.set-tile img');
  await expect(tile).toBeVisible();
  expect(await tile.evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth))).toBe(256);
  await page.getByRole('button', { name: '试看“天地图 矢量”' }).click();
  await expect(page.locator('.set-row').nth(1).getByRole('status')).toContainText('GRIDMAP_TIANDITU_KEY');
  await accessible(page);
});
