import { digits, expect, get, lastThirtyDays, open, settled, test } from './page';

test.describe('figures above the map', () => {
  test.use({ viewport: { width: 1280, height: 720 } });

  test('agree with the server, and each opens the list it counts', async ({ page, request }) => {
    const period = await lastThirtyDays(request);
    const stats = await get<{ total: number; unplaced: number }>(request, `/api/stats/grids?${period}`);
    await open(page);
    const strip = page.getByRole('region', { name: '本期概况' });
    const value = (name: string) => strip.getByRole('link', { name: new RegExp(`^${name}`) }).locator('.kpi-value');
    await expect.poll(async () => digits(await value('总量').textContent())).toBe(stats.total);
    await expect.poll(async () => digits(await value('未上图').textContent())).toBe(stats.unplaced);
    await expect(strip).toContainText('较去年同期');
    await strip.getByRole('link', { name: /^未上图/ }).click();
    await expect(page).toHaveURL(/v=data/);
    await expect(page).toHaveURL(/u=1/);
    await expect.poll(async () => digits(await page.locator('.chips-result').textContent())).toBe(stats.unplaced);
    await page.goBack();
    await expect(strip).toBeVisible();
    await strip.getByRole('link', { name: /^较前期/ }).click();
    await expect(page).toHaveURL(/t=\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d/);
  });

  test('shrink to a line and stay so; narrow screens have none', async ({ page }) => {
    await open(page);
    const strip = page.getByRole('region', { name: '本期概况' });
    const tall = (await strip.boundingBox())!.height;
    await page.getByRole('button', { name: '收起概况' }).click();
    expect((await strip.boundingBox())!.height).toBeLessThan(tall - 16);
    await page.reload();
    await settled(page);
    await expect(page.getByRole('button', { name: '展开概况' })).toBeVisible();
    await page.setViewportSize({ width: 1100, height: 700 });
    await expect(strip).toBeHidden();
  });
});

test('the presentation hides what edits, keeps the legend, and leaves by key', async ({ page }) => {
  await open(page);
  const camera = await page.evaluate(() => ({ zoom: window.__map.getZoom(), ...window.__map.getCenter() }));
  await page.keyboard.press('w');
  await expect(page).toHaveURL(/[#&]p=1/);
  await expect(page.locator('.wall-legend')).toContainText('图例');
  await expect(page.locator('.wall-side .clock-face')).toBeVisible();
  await expect(page.locator('.wall-side .trend')).toBeVisible();
  await expect(page.locator('.side-left, .timebar, .mapbuttons, .topbar')).toHaveCount(0);
  // No choice was made: a wall is dark.
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await settled(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/[#&]p=1/);
  await expect(page.locator('.timebar')).toBeVisible();
  await settled(page);
  const after = await page.evaluate(() => ({ zoom: window.__map.getZoom(), ...window.__map.getCenter() }));
  expect(after.zoom).toBeCloseTo(camera.zoom, 3);
  expect(after.lat).toBeCloseTo(camera.lat, 4);
});

test('views take turns, and any input holds them', async ({ page }) => {
  await page.clock.install();
  await page.goto('/#p=1');
  await page.waitForFunction(() => document.body.dataset.idle === 'true' || document.querySelector('.wall-head') !== null);
  await page.locator('.wall-head').waitFor();
  await page.clock.runFor(1000);
  await page.clock.runFor(20_500);
  await expect(page).toHaveURL(/m=rate/);
  await page.clock.runFor(20_000);
  await expect(page).toHaveURL(/m=none/);
  await page.mouse.move(300, 300);
  await expect(page.locator('.wall-controls')).toContainText('已暂停');
  await page.clock.runFor(60_000);
  await expect(page).toHaveURL(/m=none/);
  await page.getByRole('button', { name: '继续轮换' }).click();
  await expect(page.locator('.wall-controls')).not.toContainText('已暂停');
});

test('large text is remembered and nothing is wider than the page', async ({ page }) => {
  await open(page);
  const size = (): Promise<number> => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  expect(await size()).toBe(14);
  await page.getByRole('button', { name: '更多', exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: '大字' }).click();
  expect(await size()).toBe(16);
  await page.reload();
  await settled(page);
  expect(await size()).toBe(16);
  // 200 % zoom of a 1280 px screen, and the narrowest one asked for.
  for (const [width, height] of [[640, 400], [320, 640]] as const) {
    await page.setViewportSize({ width, height });
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `${width}`).toBeLessThanOrEqual(width);
    await expect(page.getByRole('combobox', { name: '搜索' })).toBeVisible();
  }
});
