import { digits, expect, get, lastThirtyDays, open, settled, test } from './page';

test('the handles move by days with the arrow keys, and the counts follow', async ({ page, request }) => {
  await open(page);
  const from = page.getByRole('slider', { name: '开始日期' });
  await from.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page).toHaveURL(/t=\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d/);
  const [, a, b] = /t=(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)/.exec(page.url())!;
  const usual = await lastThirtyDays(request);
  const first = /datetime=(\d{4}-\d\d-\d\d)/.exec(usual)![1]!;
  expect((Date.parse(a!) - Date.parse(first)) / 86_400_000).toBe(8);
  const next = new Date(Date.parse(`${b}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  const { total } = await get<{ total: number }>(request, `/api/stats/grids?datetime=${a}T00:00:00/${next}T00:00:00`);
  await expect.poll(async () => digits(await page.locator('.timebar-count').textContent())).toBe(total);
});

test('chips choose 7, 30 and 90 days', async ({ page }) => {
  await open(page);
  const bar = page.locator('.timebar');
  await expect(bar.getByRole('button', { name: '30天' })).toHaveAttribute('aria-pressed', 'true');
  const thirty = digits(await page.locator('.timebar-count').textContent());
  await bar.getByRole('button', { name: '90天' }).click();
  await expect(bar.getByRole('button', { name: '90天' })).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(async () => digits(await page.locator('.timebar-count').textContent())).toBeGreaterThan(thirty);
  await bar.getByRole('button', { name: '30天' }).click();
  await expect(page).not.toHaveURL(/[#&]t=/);
});

test('dragging the range moves it without filling the history', async ({ page }) => {
  await open(page);
  const range = page.locator('.brush-range');
  const box = (await range.boundingBox())!;
  const before = await page.evaluate(() => history.length);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  for (let i = 1; i <= 6; i++) await page.mouse.move(box.x + box.width / 2 - i * 20, box.y + box.height / 2);
  await page.mouse.up();
  await expect(page).toHaveURL(/t=/);
  expect(await page.evaluate(() => history.length)).toBe(before + 1);
});

test('playing steps through time and keeps the class breaks', async ({ page }) => {
  await open(page);
  const breaks = async (): Promise<string> => (await page.locator('.legend-chips').textContent()) ?? '';
  const of30Days = await breaks();
  await page.getByRole('button', { name: '90天' }).click();
  // The figures come after the tiles; three months have other breaks than one.
  await expect.poll(breaks).not.toBe(of30Days);
  await settled(page);
  const before = await breaks();
  const period = page.locator('.timebar-period');
  const text = await period.textContent();
  await page.getByRole('button', { name: '播放' }).click();
  await expect.poll(() => period.textContent()).not.toBe(text);
  const first = await period.textContent();
  await expect.poll(() => period.textContent()).not.toBe(first);
  expect(await breaks()).toBe(before);
  await page.getByRole('button', { name: '暂停' }).click();
  await expect(page).toHaveURL(/t=/);
});
