import { busyGrid, expect, open, settled, test } from './page';

test('a link opens exactly what was seen', async ({ page, context, request }) => {
  const grid = await busyGrid(request);
  await open(page, `#map=15.2/${grid.lat.toFixed(5)}/${grid.lon.toFixed(5)}&v=data&l=grids,streets&k=police,hotline&h=18-23&m=rate&d=grids&s=grid:${grid.id}&theme=dark&x-other=1`);
  const url = page.url();
  const other = await context.newPage();
  await other.goto(url);
  await settled(other);
  expect(new URL(other.url()).hash).toBe(new URL(url).hash);
  await expect(other.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(other.locator('.side-right')).toContainText(grid.name);
  const center = await other.evaluate(() => ({ zoom: window.__map.getZoom(), ...window.__map.getCenter() }));
  expect(center.zoom).toBeCloseTo(15.2, 2);
  expect(center.lat).toBeCloseTo(grid.lat, 4);
  expect(new URL(other.url()).hash).toContain('x-other=1');
});

test('Back undoes a selection and a view, not every step of the camera', async ({ page, request }) => {
  const grid = await busyGrid(request);
  await open(page);
  await page.getByRole('navigation').getByRole('button', { name: '数据' }).click();
  await expect(page.getByRole('grid')).toBeVisible();
  await page.evaluate(([lon, lat]) => window.__map.jumpTo({ center: [lon as number, lat as number], zoom: 15 }), [grid.lon, grid.lat]);
  await settled(page);
  await page.getByRole('button', { name: '放大' }).click();
  await settled(page);
  await page.goBack();
  await expect(page.getByRole('grid')).toHaveCount(0);
  await page.goForward();
  await expect(page.getByRole('grid')).toBeVisible();
});

test('the share dialog gives the link of this very view', async ({ page }) => {
  await open(page, '#m=rate&h=20-23');
  await page.getByRole('button', { name: '分享' }).click();
  const field = page.getByRole('textbox', { name: '链接' });
  await expect(field).toHaveValue(/m=rate/);
  await expect(field).toHaveValue(/h=20-23/);
  await page.keyboard.press('Escape');
  await expect(field).toHaveCount(0);
});
