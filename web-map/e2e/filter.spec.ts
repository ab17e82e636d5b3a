import { digits, expect, get, lastThirtyDays, open, settled, test } from './page';

test('one filter everywhere: legend, chips, table, counts and tiles agree', async ({ page, request }) => {
  await open(page, '#v=data');
  await page.getByRole('checkbox', { name: /^纠纷/ }).first().uncheck();
  await page.getByRole('checkbox', { name: /^12345/ }).first().uncheck();
  await expect(page).toHaveURL(/k=police/);
  await settled(page);
  const period = await lastThirtyDays(request);
  const { total } = await get<{ total: number }>(request, `/api/stats/grids?${period}&kind=police`);
  expect(total).toBeGreaterThan(0);
  const incidents = page.locator('.side-left .row', { hasText: '警情/纠纷' }).locator('.row-count');
  await expect.poll(async () => digits(await incidents.textContent())).toBe(total);
  await expect.poll(async () => digits(await page.locator('.chips-result').textContent())).toBe(total);
  await expect(page.locator('.pager')).toContainText(new RegExp(`共.*${total.toLocaleString('en').replace(',', '.?')}`));
  await expect.poll(async () => digits(await page.locator('.timebar-count').textContent())).toBe(total);
  const kinds = page.locator('.side-left section', { has: page.getByRole('heading', { name: '类别' }) }).locator('.row-count');
  await expect.poll(async () => digits(await kinds.first().textContent())).toBe(total);
  const table = page.getByRole('grid');
  await expect(table.getByRole('row').nth(1)).toContainText('警情');
  await expect(table).not.toContainText('12345');
  await page.getByRole('button', { name: '清除全部' }).click();
  await expect(page).not.toHaveURL(/k=police/);
});

test('an hour filter narrows all figures, and date-only records are said', async ({ page, request }) => {
  await open(page, '#v=data&h=20-23');
  const { total } = await get<{ total: number }>(request, `/api/stats/grids?${await lastThirtyDays(request)}&hour=20-23`);
  await expect.poll(async () => digits(await page.locator('.chips-result').textContent())).toBe(total);
  await expect(page.locator('.chips')).toContainText('20–24');
});

test('an empty period offers a way out', async ({ page }) => {
  await open(page, '#t=2001-01-01..2001-01-02');
  await expect(page.locator('.over-top')).toContainText('该时段没有记录');
  await page.locator('.over-top').getByRole('button', { name: /90/ }).click();
  await expect(page.locator('.over-top')).not.toContainText('该时段没有记录');
});

test('the records of one grid: a chip, and every figure follows', async ({ page, request }) => {
  const { grids } = await get<{ grids: { id: number; code: string; count: number; kind: string }[] }>(request, `/api/stats/grids?${await lastThirtyDays(request)}`);
  const grid = grids.filter((g) => g.kind !== 'special').sort((a, b) => b.count - a.count)[0]!;
  await open(page, `#s=grid:${grid.id}`);
  await page.getByRole('button', { name: /查看全部/ }).click();
  await expect(page).toHaveURL(/in=/);
  await expect.poll(async () => digits(await page.locator('.chips-result').textContent())).toBe(grid.count);
});

test('a filter chosen while tiles are on their way is the one the map shows', async ({ page }) => {
  const last = new Map<string, string>();
  await page.route(/\/tiles\/incidents\//, async (route) => {
    const url = new URL(route.request().url());
    last.set(url.pathname, url.search);
    // Slow enough that the filter changes before the first tile is here.
    await new Promise((done) => setTimeout(done, 1200));
    await route.continue();
  });
  await page.goto('/');
  await page.getByRole('checkbox', { name: /^纠纷/ }).first().waitFor();
  await expect.poll(() => last.size).toBeGreaterThan(0);
  await page.getByRole('checkbox', { name: /^纠纷/ }).first().uncheck();
  await settled(page);
  await settled(page);
  expect(last.size).toBeGreaterThan(0);
  for (const [path, search] of last) expect(search, path).toContain('kind=police,hotline');
});
