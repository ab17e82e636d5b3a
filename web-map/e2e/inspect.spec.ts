import { busyGrid, digits, expect, get, lastThirtyDays, open, pixel, settled, test } from './page';

test('a click on a grid fills the panel with the server’s figures', async ({ page, request }) => {
  const grid = await busyGrid(request);
  await open(page, `#map=16/${grid.lat.toFixed(5)}/${grid.lon.toFixed(5)}&l=grids,streets`);
  const at = await pixel(page, grid.lon, grid.lat);
  await page.mouse.click(at.x + 2, at.y + 2);
  const panel = page.locator('.side-right');
  await expect(panel.getByRole('heading', { level: 2 }).first()).toContainText(grid.name);
  await expect(panel).toContainText(grid.code);
  const period = await lastThirtyDays(request);
  const summary = await get<{ counts: { total: number } }>(request, `/api/feature/grids/${grid.id}/summary?${period}`);
  expect(summary.counts.total).toBe(grid.count);
  await expect.poll(async () => digits(await panel.locator('.fact strong').first().textContent())).toBe(grid.count);
  await expect(panel.getByRole('img', { name: /高发|最高|件有时刻/ })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`s=grid:${grid.id}`));
  await page.keyboard.press('Escape');
  await expect(panel).toHaveCount(0);
});

test('an incident is found under its mark and names its place', async ({ page, request }) => {
  const grid = await busyGrid(request);
  await open(page, `#map=17/${grid.lat.toFixed(5)}/${grid.lon.toFixed(5)}`);
  const mark = await page.evaluate(() => {
    const { width, height } = document.querySelector('canvas')!.getBoundingClientRect();
    const found = window.__map.queryRenderedFeatures(undefined, { layers: ['incidents-point'] }) as unknown as { id: number; geometry: { coordinates: [number, number] } }[];
    return found
      .map((f) => ({ id: f.id, at: f.geometry.coordinates, px: window.__map.project(f.geometry.coordinates) }))
      .find(({ px }) => px.x > 80 && px.y > 80 && px.x < width - 120 && px.y < height - 200);
  });
  expect(mark, 'a mark in the free part of the map').toBeTruthy();
  const at = await pixel(page, mark!.at[0], mark!.at[1]);
  await page.mouse.click(at.x, at.y);
  await expect(page).toHaveURL(/s=incident:\d+/);
  const panel = page.locator('.side-right');
  await expect(panel).toContainText('发生时间');
  await expect(panel).toContainText('网格');
});

test('beside everything the panel says what is here', async ({ page, request }) => {
  const grid = await busyGrid(request);
  await open(page, `#map=16/${grid.lat.toFixed(5)}/${grid.lon.toFixed(5)}&l=streets`);
  await page.getByRole('combobox', { name: '搜索' }).fill(`${grid.lon.toFixed(5)},${grid.lat.toFixed(5)}`);
  await page.keyboard.press('Enter');
  await expect(page.locator('.side-right')).toContainText('这里是什么');
  await expect(page.locator('.side-right')).toContainText(grid.name);
});

test('the list selects on the map and the map in the list', async ({ page, request }) => {
  const grid = await busyGrid(request);
  await open(page, '#v=data&d=grids');
  const row = page.getByRole('row', { name: new RegExp(grid.code) });
  await row.click();
  await expect(page).toHaveURL(new RegExp(`s=grid:${grid.id}`));
  await settled(page);
  const selected = await page.evaluate(() => window.__map.queryRenderedFeatures(undefined, { layers: ['grids-fill'] }).filter((f) => f.state.selected).map((f) => Number(f.id)));
  expect([...new Set(selected)]).toEqual([grid.id]);
  await expect(row).toHaveAttribute('aria-selected', 'true');
});

test('the trend of a grid adds up to its count, from zero, with the days before', async ({ page, request }) => {
  const grid = await busyGrid(request);
  await open(page, `#s=grid:${grid.id}`);
  const trend = page.locator('.side-right .trend');
  await expect(trend.getByRole('img')).toBeVisible();
  const name = (await trend.getByRole('img').getAttribute('aria-label')) ?? '';
  const sum = name.replace(/^[^:]*:/, '').split(',').reduce((total, part) => total + digits(part), 0);
  expect(sum).toBe(grid.count);
  await expect(trend.locator('.trend-before')).toHaveCount(1);
  await expect(trend.locator('svg text').nth(0)).toHaveText('0');
  await page.getByRole('button', { name: '同比' }).click();
  await expect(trend).toContainText('去年同期');
});
