import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from '@playwright/test';
import { expect, get, open, pixel, settled, test } from './page';
import { hasCorner, item, newest, patch, ringsOf, sharedCorner, takeBack, type Item } from './writes';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const panel = (page: Page): Locator => page.locator('.draw-panel');
const bar = (page: Page): Locator => page.locator('.drawbar');
const finish = (page: Page): Promise<void> => page.locator('.draw-foot .btn-primary').click();
const toast = (page: Page): Locator => page.locator('.toasts');

let since = 0;
test.beforeEach(async ({ request }) => {
  since = await newest(request);
});
test.afterEach(async ({ request }) => {
  await takeBack(request, since);
});

/** Opens a feature in the editor and waits until its corners are there. */
async function edit(page: Page, fragment: string): Promise<void> {
  await open(page, `#${fragment}`);
  await page.locator('.inspector-actions').getByRole('button', { name: '编辑', exact: true }).click();
  await panel(page).getByRole('button', { name: '完成' }).waitFor();
  await bar(page).waitFor();
  await settled(page);
}

async function make(page: Page, name: string, fragment = ''): Promise<void> {
  await open(page, fragment);
  await page.locator('.topbar').getByRole('button', { name: '编辑', exact: true }).click();
  await page.getByRole('menuitem', { name }).click();
  await panel(page).locator('h2').waitFor();
  await settled(page);
}

async function tap(page: Page, lon: number, lat: number): Promise<void> {
  const { x, y } = await pixel(page, lon, lat);
  await page.mouse.move(x, y);
  await page.mouse.click(x, y);
  // Two clicks within the time of a double click are one.
  await page.waitForTimeout(350);
}

async function drag(page: Page, at: readonly [number, number], dx: number, dy: number): Promise<void> {
  const { x, y } = await pixel(page, at[0], at[1]);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx / 2, y + dy / 2, { steps: 3 });
  await page.mouse.move(x + dx, y + dy, { steps: 3 });
  await page.mouse.up();
}

async function center(page: Page): Promise<[number, number]> {
  return page.evaluate(() => {
    const { lng, lat } = window.__map.getCenter();
    return [lng, lat] as [number, number];
  });
}

async function faults(request: Parameters<typeof get>[0]): Promise<number> {
  const { kinds } = await get<{ kinds: { overlaps: unknown[]; gaps: unknown[] }[] }>(request, '/api/check/grids');
  return kinds.reduce((sum, kind) => sum + kind.overlaps.length + kind.gaps.length, 0);
}

async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const run = (window as unknown as { axe: { run: (root: Document, options: unknown) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe;
    return (await run.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
  });
  expect(found).toEqual([]);
}

test('a corner that two grids share moves in both, as one change that can be undone', { tag: '@store' }, async ({ page, request }) => {
  const { a, b, at } = await sharedCorner(request);
  await edit(page, `s=grid:${a.id}`);
  const before = await faults(request);
  await drag(page, at, 18, 12);
  await expect(bar(page).getByRole('button', { name: '撤销 1' })).toBeVisible();
  await finish(page);
  await expect(toast(page)).toContainText('个相邻对象已保存');
  const [mine, other] = [(await item(request, 'grids', a.id)).feature, (await item(request, 'grids', b.id)).feature];
  expect(hasCorner(mine, at)).toBe(false);
  expect(hasCorner(other, at)).toBe(false);
  const moved = ringsOf(mine).flat().find((p) => !hasCorner(a, p));
  expect(moved && hasCorner(other, moved)).toBe(true);
  expect(await faults(request)).toBe(before);
  const { writes } = await get<{ writes: { counts: { rows: number }[] }[] }>(request, '/api/writes?limit=1');
  expect(writes[0]?.counts.reduce((sum, c) => sum + c.rows, 0)).toBe(2);
  await toast(page).getByRole('button', { name: '撤销' }).click();
  await expect(toast(page)).toContainText('已撤销');
  expect(hasCorner((await item(request, 'grids', b.id)).feature, at)).toBe(true);
});

test('a corner moved alone leaves a gap or an overlap, told before anything is saved', async ({ page, request }) => {
  const { a, at } = await sharedCorner(request);
  await edit(page, `s=grid:${a.id}`);
  await bar(page).getByLabel('同步移动公共顶点').uncheck();
  await drag(page, at, 26, 18);
  await finish(page);
  const found = panel(page).getByRole('alert', { name: '保存后会出现' });
  await expect(found).toBeVisible();
  await expect(found.locator('li').first()).toContainText(/缝隙|重叠/);
  await expect(found.locator('li').first()).toContainText('m²');
  await found.getByRole('button', { name: '看这里' }).first().click();
  await settled(page);
  await found.getByRole('button', { name: '返回修改' }).click();
  expect(hasCorner((await item(request, 'grids', a.id)).feature, at)).toBe(true);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').getByRole('button', { name: '放弃' }).click();
  await expect(panel(page)).toHaveCount(0);
});

test('the keyboard chooses corners and moves them by a metre or ten, and takes it back', async ({ page, request }) => {
  const { a } = await sharedCorner(request);
  await edit(page, `s=grid:${a.id}`);
  await page.locator('canvas.maplibregl-canvas').focus();
  await page.keyboard.press(']');
  await expect(panel(page)).toContainText('第 1 /');
  const coordinates = panel(page).locator('.draw-coords input');
  const start = (await coordinates.inputValue()).split(',').map(Number) as [number, number];
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowUp');
  const moved = (await coordinates.inputValue()).split(',').map(Number) as [number, number];
  expect((moved[0] - start[0]) * 111_195 * Math.cos((start[1] * Math.PI) / 180)).toBeCloseTo(1, 0);
  expect((moved[1] - start[1]) * 111_195).toBeCloseTo(10, 0);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await expect(coordinates).toHaveValue(start.map((n) => n.toFixed(7)).join(', '));
  await page.keyboard.press('Control+Shift+Z');
  await expect(bar(page).getByRole('button', { name: '重做 1' })).toBeVisible();
  await coordinates.fill('这里');
  await panel(page).getByRole('button', { name: '移到这里' }).click();
  await expect(panel(page)).toContainText('请写成');
  await coordinates.fill(start.map((n) => n.toFixed(7)).join(', '));
  await panel(page).getByRole('button', { name: '移到这里' }).click();
  const count = Number(/\/ (\d+) 个/.exec(await panel(page).innerText())?.[1]);
  await page.locator('canvas.maplibregl-canvas').focus();
  await page.keyboard.press('Insert');
  await expect(panel(page)).toContainText(`/ ${count + 1} 个`);
  await page.keyboard.press('Delete');
  await expect(panel(page)).toContainText(`/ ${count} 个`);
});

test('a border that crosses itself is not sent; the map and a sentence say where', async ({ page, request }) => {
  const { a } = await sharedCorner(request);
  await edit(page, `s=grid:${a.id}`);
  await bar(page).getByLabel('同步移动公共顶点').uncheck();
  const ring = ringsOf(a)[0] as number[][];
  const xs = ring.map((p) => p[0] as number);
  const ys = ring.map((p) => p[1] as number);
  await page.locator('canvas.maplibregl-canvas').focus();
  await page.keyboard.press(']');
  // A corner thrown over to beyond the other side.
  const [x, y] = ring[0] as [number, number];
  const far = [2 * (Math.min(...xs) + Math.max(...xs)) / 2 - x + (x < (Math.min(...xs) + Math.max(...xs)) / 2 ? 0.001 : -0.001), 2 * (Math.min(...ys) + Math.max(...ys)) / 2 - y];
  await panel(page).locator('.draw-coords input').fill(far.map((n) => n.toFixed(7)).join(', '));
  await panel(page).getByRole('button', { name: '移到这里' }).click();
  await finish(page);
  await expect(panel(page).getByRole('alert')).toContainText('边界自己相交了');
  await expect.poll(() => page.evaluate(() => window.__map.queryRenderedFeatures(undefined, { layers: ['draw-bad'] }).length)).toBeGreaterThan(0);
});

test('a compound is drawn, gets a hole, and keeps it when only its name changes', { tag: '@store' }, async ({ page, request }) => {
  await make(page, '新建小区', '#map=17/31.882/117.301');
  await bar(page).getByLabel('吸附').uncheck();
  const [lon, lat] = await center(page);
  const square = (d: number): [number, number][] => [[lon - d, lat - d], [lon + d, lat - d], [lon + d, lat + d], [lon - d, lat + d]];
  for (const p of square(0.0008)) await tap(page, ...p);
  await page.keyboard.press('Enter');
  await expect(bar(page).locator('output')).toContainText('m²');
  await panel(page).getByLabel('编号').fill('E2E-1');
  await panel(page).getByLabel('名称', { exact: true }).fill('试画小区');
  await panel(page).getByLabel('户数').fill('三百');
  await finish(page);
  await expect(panel(page)).toContainText('请填整数');
  await panel(page).getByLabel('户数').fill('300');
  await finish(page);
  await expect(toast(page)).toContainText('“试画小区”已保存');
  await page.locator('.inspector h2', { hasText: '试画小区' }).waitFor();
  await page.locator('.inspector-actions').getByRole('button', { name: '编辑', exact: true }).click();
  await bar(page).getByRole('button', { name: '加一块或挖洞' }).click();
  await settled(page);
  await bar(page).getByLabel('吸附').uncheck();
  for (const p of square(0.0003)) await tap(page, ...p);
  await bar(page).getByRole('button', { name: '画好了' }).click();
  await expect(panel(page)).toContainText('第 1 块的洞 1');
  await finish(page);
  await expect(panel(page)).toHaveCount(0);
  const found = await get<{ features: Item[] }>(request, '/collections/compounds/items?f=json&limit=1000');
  const drawn = found.features.find((f) => f.properties.code === 'E2E-1') as Item;
  expect(ringsOf(drawn).map((ring) => ring.length)).toEqual([5, 5]);
  expect(drawn.properties.households).toBe(300);
  await page.locator('.inspector-actions').getByRole('button', { name: '编辑', exact: true }).click();
  await panel(page).getByLabel('名称', { exact: true }).fill('改名小区');
  await finish(page);
  await expect(toast(page)).toContainText('“改名小区”已保存');
  expect((await item(request, 'compounds', drawn.id)).feature.geometry).toEqual(drawn.geometry);
});

test('a route snaps to a street corner and is finished by a double click', async ({ page, request }) => {
  await make(page, '新建路线', '#map=17/31.882/117.301');
  const { features } = await get<{ features: Item[] }>(request, '/collections/streets/items?f=json&limit=500&bbox=117.2995,31.8812,117.3025,31.8828');
  const all = features.filter((f) => f.geometry?.type === 'LineString').flatMap((f) => f.geometry?.coordinates as number[][]);
  const far = (p: number[]): number => Math.hypot((p[0] as number) - 117.301, (p[1] as number) - 31.882);
  const corner = all.sort((p, q) => far(p) - far(q))[0] as number[];
  const { x, y } = await pixel(page, corner[0] as number, corner[1] as number);
  await page.mouse.move(x + 5, y + 4);
  await page.mouse.click(x + 5, y + 4);
  await page.waitForTimeout(350);
  await bar(page).getByLabel('吸附').uncheck();
  await page.mouse.move(x + 90, y + 20);
  await page.mouse.dblclick(x + 90, y + 20);
  await expect(bar(page).locator('output')).toContainText(/m/);
  await panel(page).getByLabel('名称', { exact: true }).fill('试画路线');
  await finish(page);
  await expect(toast(page)).toContainText('“试画路线”已保存');
  const routes = await get<{ features: Item[] }>(request, '/collections/routes/items?f=json&limit=100');
  const drawn = routes.features.find((f) => f.properties.name === '试画路线')?.geometry?.coordinates as number[][];
  expect(drawn).toHaveLength(2);
  const snapped = features.some((f) => JSON.stringify(f.geometry?.coordinates).includes(JSON.stringify(drawn[0]).slice(1, -1)));
  expect(snapped, 'the first point is a corner of a street, to the last digit').toBe(true);
});

test('when somebody else saves first, both are shown and nothing of theirs is lost', { tag: '@store' }, async ({ page, request, errors }) => {
  const { a } = await sharedCorner(request);
  await edit(page, `s=grid:${a.id}`);
  await patch(request, 'grids', a.id, { properties: { households: 777, name: '对方的名字' } });
  await panel(page).getByLabel('名称', { exact: true }).fill('我的名字');
  await page.locator('canvas.maplibregl-canvas').focus();
  await finish(page);
  const conflict = panel(page).getByRole('alert', { name: '别人也改了' });
  await expect(conflict).toContainText('对方的名字');
  await expect(conflict).toContainText('我的名字');
  await expect(conflict).toContainText('777');
  await conflict.getByRole('button', { name: '保留我的' }).click();
  await expect(toast(page)).toContainText('“我的名字”已保存');
  expect((await item(request, 'grids', a.id)).feature.properties).toMatchObject({ name: '我的名字', households: 777 });
  // A refused write is an answer, not an error of the page.
  errors.splice(0, errors.length, ...errors.filter((text) => !text.includes('412')));
});

test('theirs can be taken, and work put aside comes back as a draft', async ({ page, request, errors }) => {
  const { a } = await sharedCorner(request);
  await edit(page, `s=grid:${a.id}`);
  await patch(request, 'grids', a.id, { properties: { name: '对方的名字' } });
  await panel(page).getByLabel('名称', { exact: true }).fill('我的名字');
  await finish(page);
  const conflict = panel(page).getByRole('alert', { name: '别人也改了' });
  await conflict.getByRole('button', { name: '采用对方' }).click();
  await expect(panel(page).getByLabel('名称', { exact: true })).toHaveValue('对方的名字');
  await panel(page).getByLabel('名称', { exact: true }).fill('放着的名字');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').getByRole('button', { name: '存为草稿' }).click();
  await expect(panel(page)).toHaveCount(0);
  await page.locator('.inspector-actions').getByRole('button', { name: '编辑', exact: true }).click();
  await panel(page).getByRole('button', { name: '载入草稿' }).click();
  await expect(panel(page).getByLabel('名称', { exact: true })).toHaveValue('放着的名字');
  errors.splice(0, errors.length, ...errors.filter((text) => !text.includes('412')));
});

test('history shows who changed what, the shape before, and brings it back', { tag: '@store' }, async ({ page, request }) => {
  const { a } = await sharedCorner(request);
  await patch(request, 'grids', a.id, { properties: { post: '网格长99号岗' } });
  await open(page, `#s=grid:${a.id}`);
  await page.getByRole('button', { name: '历史', exact: true }).click();
  const first = page.locator('.draw-history > li').first();
  await expect(first).toContainText('修改');
  await expect(first).toContainText('网格长岗位');
  await first.getByRole('button', { name: '看改之前的形状' }).click();
  await expect.poll(() => page.evaluate(() => window.__map.queryRenderedFeatures(undefined, { layers: ['draw-ghost'] }).length)).toBeGreaterThan(0);
  await first.getByRole('button', { name: '恢复到改之前' }).click();
  await first.getByRole('button', { name: '确认恢复' }).click();
  await expect(panel(page).getByRole('status')).toContainText('已恢复');
  expect((await item(request, 'grids', a.id)).feature.properties.post).toBe(a.properties.post);
});

test('a line splits a grid from a day on, the old one stays in the history', { tag: '@store' }, async ({ page, request }) => {
  const { a } = await sharedCorner(request);
  await open(page, `#s=grid:${a.id}`);
  await page.getByRole('button', { name: '拆分', exact: true }).click();
  await panel(page).locator('h2').waitFor();
  await settled(page);
  const points = ringsOf(a).flat();
  const xs = points.map((p) => p[0] as number);
  const ys = points.map((p) => p[1] as number);
  const lat = (Math.min(...ys) + Math.max(...ys)) / 2;
  await bar(page).getByLabel('吸附').uncheck();
  await tap(page, Math.min(...xs) - 0.0001, lat);
  await tap(page, Math.max(...xs) + 0.0001, lat);
  await page.keyboard.press('Enter');
  await panel(page).getByRole('button', { name: '拆分', exact: true }).click();
  await expect(toast(page)).toContainText('已保存');
  const old = (await item(request, 'grids', a.id)).feature;
  expect(old.properties.valid_to).toMatch(/^\d{4}-\d\d-\d\d$/);
  const { features } = await get<{ features: Item[] }>(request, '/collections/grids/items?f=json&limit=1000');
  const halves = features.filter((f) => f.properties.valid_from === old.properties.valid_to);
  expect(halves.map((f) => f.properties.code)).toContain(a.properties.code);
  expect(halves.length).toBe(2);
});

test('neighbours are chosen and merged; one that is not beside is refused in words', { tag: '@store' }, async ({ page, request }) => {
  const { a, b } = await sharedCorner(request);
  await open(page, `#s=grid:${a.id}`);
  await page.getByRole('button', { name: '合并', exact: true }).click();
  const picks = panel(page).locator('.draw-picks');
  await picks.getByRole('checkbox').nth(1).waitFor();
  await picks.getByRole('checkbox').last().click();
  await expect(panel(page).getByRole('alert')).toContainText('没有公共边界');
  await picks.getByLabel(String(b.properties.name), { exact: true }).check();
  await panel(page).getByRole('radio', { name: /更正/ }).check();
  await panel(page).getByRole('button', { name: '合并 2 个' }).click();
  await expect(toast(page)).toContainText('已保存');
  const answer = await request.get(`/collections/grids/items/${b.id}?f=json`);
  expect(answer.status()).toBe(404);
});

test('an incident is recorded at a clicked place; numbers in its text are masked', { tag: '@store' }, async ({ page, request }) => {
  await make(page, '登记事件', '#map=17/31.882/117.301');
  const [lon, lat] = await center(page);
  await bar(page).getByLabel('吸附').uncheck();
  await tap(page, lon, lat);
  await panel(page).getByLabel('类别 *').selectOption({ index: 2 });
  await panel(page).getByLabel('内容').fill('楼道堆放杂物,联系 13800138000');
  await finish(page);
  await expect(toast(page)).toContainText('已保存');
  await page.locator('.inspector').getByText('[电话]').waitFor();
  const id = Number(new URL(page.url()).hash.match(/incident:(\d+)/)?.[1]);
  const { feature } = await item(request, 'incidents', id);
  expect(String(feature.properties.text)).not.toContain('138');
  const at = feature.geometry?.coordinates as [number, number];
  expect(Math.abs(at[0] - lon)).toBeLessThan(0.00002);
  expect(Math.abs(at[1] - lat)).toBeLessThan(0.00002);
});

test('an unplaced incident is found in the list and put on the map', { tag: '@store' }, async ({ page, request }) => {
  await open(page, '#v=data&d=incidents&t=all&u=1');
  await page.locator('.table tbody tr').first().click();
  await page.getByRole('button', { name: '放到地图上' }).click();
  await bar(page).getByText('在地图上点一下位置').waitFor();
  const id = Number(new URL(page.url()).hash.match(/incident:(\d+)/)?.[1]);
  const [lon, lat] = await center(page);
  await tap(page, lon, lat);
  await finish(page);
  await expect(toast(page)).toContainText('已保存');
  expect((await item(request, 'incidents', id)).feature.geometry?.type).toBe('Point');
});

test('grids are proposed, a piece is moved, and the plan is saved without gaps', { tag: '@store' }, async ({ page, request, errors }) => {
  test.setTimeout(180_000);
  const grids = await get<{ features: Item[] }>(request, '/collections/grids/items?f=json&limit=1000');
  const community = String(grids.features.find((f) => f.properties.kind === 'basic')?.properties.community);
  await make(page, '网格划分');
  await panel(page).getByLabel('范围').selectOption(community);
  await panel(page).getByLabel('数量', { exact: true }).fill('0');
  await panel(page).getByRole('button', { name: '开始' }).click();
  await expect(panel(page).getByRole('alert')).toContainText('大于 0');
  await panel(page).getByLabel('数量', { exact: true }).fill('300');
  await panel(page).getByRole('button', { name: '开始' }).click();
  const rows = panel(page).locator('.draw-table tbody tr');
  await rows.first().waitFor({ timeout: 120_000 });
  await settled(page);
  const count = await rows.count();
  expect(count).toBeGreaterThan(1);
  // Some pieces cannot go without breaking a grid apart; the server says so.
  const canvas = await page.locator('canvas.maplibregl-canvas').boundingBox();
  if (!canvas) throw new Error('there is no map');
  let moved = false;
  for (let i = 0; i < 40 && !moved; i++) {
    await page.mouse.click(canvas.x + canvas.width * (0.25 + (i % 8) * 0.07), canvas.y + 130 + Math.floor(i / 8) * 50);
    const to = panel(page).locator('.draw-face button').first();
    if (!(await to.isVisible().catch(() => false))) continue;
    await to.click();
    await expect(to.or(panel(page).locator('.draw-face')).first()).toBeAttached({ timeout: 200 }).catch(() => undefined);
    await page.waitForTimeout(400);
    moved = (await panel(page).locator('.draw-face').count()) === 0;
  }
  expect(moved, 'a piece was moved').toBe(true);
  await panel(page).getByLabel('编号前缀').fill('E2E');
  await panel(page).getByRole('button', { name: /^保存为/ }).click();
  await expect(toast(page)).toContainText('个网格已保存', { timeout: 30_000 });
  expect(await faults(request)).toBe(0);
  errors.splice(0, errors.length, ...errors.filter((text) => !text.includes('422')));
});

for (const theme of ['light', 'dark']) {
  test(`the editor is accessible in ${theme}`, async ({ page, request }) => {
    const { a } = await sharedCorner(request);
    await edit(page, `s=grid:${a.id}&theme=${theme}`);
    await page.locator('canvas.maplibregl-canvas').focus();
    await page.keyboard.press(']');
    await accessible(page);
  });
}

test('it speaks English throughout', async ({ page, request }) => {
  const { a } = await sharedCorner(request);
  await open(page, `#s=grid:${a.id}&lang=en`);
  await page.locator('.inspector-actions').getByRole('button', { name: 'Edit', exact: true }).click();
  await panel(page).getByRole('button', { name: 'Finish' }).waitFor();
  await bar(page).waitFor();
  const words = `${await bar(page).innerText()} ${await panel(page).locator('h3, label, .draw-keys, button').allInnerTexts()}`;
  expect(words).not.toMatch(/[\u4e00-\u9fff]/);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a compound is drawn by touch and saved', async ({ page }) => {
    await open(page, '#map=17/31.882/117.301');
    await page.getByRole('button', { name: '更多' }).first().click();
    await page.getByRole('menuitem', { name: '新建小区' }).click();
    await bar(page).waitFor();
    await settled(page);
    const canvas = await page.locator('canvas.maplibregl-canvas').boundingBox();
    if (!canvas) throw new Error('there is no map');
    for (const [x, y] of [[100, 330], [220, 330], [220, 430], [100, 430]] as const) {
      await page.touchscreen.tap(canvas.x + x, canvas.y + y);
      await page.waitForTimeout(400);
    }
    await bar(page).getByRole('button', { name: '画好了' }).tap();
    await panel(page).getByLabel('名称', { exact: true }).fill('手机小区');
    await finish(page);
    await expect(toast(page)).toContainText('“手机小区”已保存');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wide).toBe(false);
  });
});
