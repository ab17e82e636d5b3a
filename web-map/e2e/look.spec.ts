import { expect, open, settled, test } from './page';

test('dark and light: page and map change together, and the link remembers', async ({ page }) => {
  await open(page, '#l=grids&m=none');
  const corner = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await corner();
  await page.getByRole('button', { name: '切换深浅色' }).click();
  await settled(page);
  expect(await corner()).not.toBe(light);
  await expect(page).toHaveURL(/theme=dark/);
  await page.reload();
  await settled(page);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('English is a full second language', async ({ page }) => {
  await open(page, '#v=data&d=grids');
  await page.getByRole('button', { name: 'Switch to English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.locator('.side-left')).toContainText('Layers');
  await expect(page).toHaveURL(/lang=en/);
  // Names are data; every word of the page itself is English.
  const words = await page.evaluate(() => [...document.querySelectorAll('button, h2, th, label .row-name')].filter((el) => !el.closest('.tree, tbody, .search-list') && (el as HTMLElement).lang !== 'zh-CN').map((el) => el.textContent ?? ''));
  for (const word of words) expect(word).not.toMatch(/\p{Script=Han}/u);
});

test('made-up data is marked wherever it is shown', async ({ page }) => {
  await open(page);
  await expect(page.locator('.topbar')).toContainText('虚构示例');
});

test('the coordinate readout changes its datum and keeps it', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: '其他坐标系' }).click();
  await page.getByRole('menuitem', { name: /GCJ-02/ }).click();
  await page.reload();
  await settled(page);
  await expect(page.locator('.over-bottom .coord')).toContainText('GCJ-02');
});

test('measuring gives a length and an area', async ({ page }) => {
  await open(page);
  await page.keyboard.press('m');
  const canvas = page.locator('canvas.maplibregl-canvas');
  const box = (await canvas.boundingBox())!;
  const bar = page.locator('.measurebar');
  await expect(bar).toBeVisible();
  for (const [x, y] of [[200, 200], [320, 200], [320, 300]] as const) await page.mouse.click(box.x + x, box.y + y);
  await expect(bar.locator('output')).toHaveText(/[\d.]+\s?(m|km)/);
  await bar.getByRole('button', { name: '面积' }).click();
  await expect(bar.locator('output')).toHaveText(/m²|km²/);
  await expect(page).not.toHaveURL(/s=/);
  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
});
