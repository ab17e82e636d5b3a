import { busyGrid, expect, open, settled, test } from './page';

test('everything can be reached and undone without a mouse', async ({ page, request }) => {
  const grid = await busyGrid(request);
  await open(page, '#d=grids');
  await page.keyboard.press('b');
  await expect(page.getByRole('grid')).toBeVisible();
  await page.getByRole('grid').locator('tbody tr[tabindex="0"]').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/s=grid:\d+/);
  const first = /s=grid:(\d+)/.exec(page.url())![1];
  expect(Number(first)).toBe(grid.id);
  await page.locator('body').evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press(']');
  await expect(page).not.toHaveURL(new RegExp(`s=grid:${first}(&|$)`));
  await page.keyboard.press('[');
  await expect(page).toHaveURL(new RegExp(`s=grid:${first}(&|$)`));
  await page.keyboard.press('z');
  await settled(page);
  expect(await page.evaluate(() => window.__map.getZoom())).toBeGreaterThan(14);
  await page.keyboard.press('Escape');
  await expect(page.locator('.side-right')).toHaveCount(0);
  await page.keyboard.press('.');
  await expect(page).toHaveURL(/s=/);
});

test('the map itself pans and zooms with the keys', async ({ page }) => {
  await open(page);
  await page.locator('canvas.maplibregl-canvas').focus();
  const before = await page.evaluate(() => ({ ...window.__map.getCenter(), zoom: window.__map.getZoom() }));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Equal');
  await settled(page);
  const after = await page.evaluate(() => ({ ...window.__map.getCenter(), zoom: window.__map.getZoom() }));
  expect(after.lng).toBeGreaterThan(before.lng);
  expect(after.zoom).toBeGreaterThan(before.zoom);
});

test('shortcuts are listed and can be switched off', async ({ page }) => {
  await open(page);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.getByRole('checkbox', { name: /单键/ }).uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('b');
  await expect(page.getByRole('grid')).toHaveCount(0);
});
