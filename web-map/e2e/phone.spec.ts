import { devices } from '@playwright/test';
import { busyGrid, expect, open, pixel, settled, test } from './page';

const { viewport: _viewport, ...pixel7 } = devices['Pixel 7'];
test.use({ ...pixel7, viewport: { width: 412, height: 915 }, deviceScaleFactor: 1, defaultBrowserType: undefined });

test('tap, sheet and tabs on a phone', async ({ page, request }) => {
  const grid = await busyGrid(request);
  await open(page, `#map=16/${grid.lat.toFixed(5)}/${grid.lon.toFixed(5)}&l=grids,streets`);
  await expect(page.getByRole('combobox', { name: '搜索' })).toBeVisible();
  const sheet = page.locator('.sheet');
  await expect(sheet).toHaveAttribute('data-detent', 'small');
  const at = await pixel(page, grid.lon, grid.lat);
  await page.touchscreen.tap(at.x, at.y);
  await expect(sheet).toHaveAttribute('data-detent', 'half');
  await expect(sheet).toContainText(grid.name);
  await page.locator('.sheet-handle').click();
  await expect(sheet).toHaveAttribute('data-detent', 'full');
  await page.getByRole('button', { name: '记录' }).last().click();
  await expect(sheet.getByRole('grid')).toBeVisible();
});

test('nothing is wider than the screen, and targets are large enough', async ({ page }) => {
  await open(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(412);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, select, [role=slider]')]
      .map((el) => ({ name: el.getAttribute('aria-label') ?? el.textContent ?? '', box: el.getBoundingClientRect(), hidden: el.closest('.skips') !== null }))
      .filter(({ box, hidden }) => !hidden && box.width > 0 && (box.width < 24 || box.height < 24))
      .map(({ name, box }) => `${name} ${box.width}x${box.height}`),
  );
  expect(small.filter((name) => !name.startsWith('开始日期') && !name.startsWith('结束日期'))).toEqual([]);
});

test('works at 320 px', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page);
  await settled(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await expect(page.getByRole('combobox', { name: '搜索' })).toBeVisible();
});
