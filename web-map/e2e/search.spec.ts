import { expect, get, open, settled, test } from './page';

test.describe('search', () => {
  test('finds a grid by its code and goes there', async ({ page, request }) => {
    const { grids } = await get<{ grids: { id: number; code: string; name: string }[] }>(request, '/api/stats/grids');
    const grid = grids[Math.floor(grids.length / 2)]!;
    await open(page);
    await page.keyboard.press('/');
    await expect(page.getByRole('combobox', { name: '搜索' })).toBeFocused();
    await page.keyboard.type(grid.code);
    await expect(page.locator('.search-list').getByRole('option').first()).toContainText(grid.code);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`s=grid:${grid.id}`));
    await expect(page.locator('.side-right')).toContainText(grid.name);
  });

  test('finds a compound by the initials of its pinyin', async ({ page }) => {
    await open(page);
    // 元一名城
    await page.getByRole('combobox', { name: '搜索' }).fill('yymc');
    await expect(page.locator('.search-list').getByRole('option', { name: /元一名城/ }).first()).toBeVisible();
    await page.locator('.search-list').getByRole('option', { name: /元一名城/ }).first().click();
    await expect(page).toHaveURL(/s=compound:\d+/);
    await settled(page);
    expect(await page.evaluate(() => window.__map.getZoom())).toBeGreaterThan(14);
  });

  test('reads pasted coordinates in three datums', async ({ page }) => {
    await open(page);
    await page.getByRole('combobox', { name: '搜索' }).fill('117.30217, 31.88412');
    const options = page.locator('.search-list').getByRole('option');
    await expect(options).toHaveCount(3);
    for (const datum of ['WGS84', 'GCJ-02', 'BD-09']) await expect(page.locator('.search-list').getByRole('option', { name: new RegExp(datum) })).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Escape');
    await expect(options.first()).toBeHidden();
  });

  test('says when there is nothing', async ({ page }) => {
    await open(page);
    await page.getByRole('combobox', { name: '搜索' }).fill('没有这个地方');
    await expect(page.locator('.search')).toContainText('没有找到');
  });
});
