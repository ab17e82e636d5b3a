import { digits, expect, get, lastThirtyDays, open, settled, test } from './page';

test('who reported: one choice for every figure, and the legend says which', async ({ page, request }) => {
  const period = await lastThirtyDays(request);
  const all = await get<{ total: number }>(request, `/api/stats/grids?${period}`);
  const resident = await get<{ total: number }>(request, `/api/stats/grids?${period}&found=resident`);
  const both = await get<{ total: number }>(request, `/api/stats/grids?${period}&found=resident,patrol`);
  expect(both.total).toBe(all.total);
  expect(resident.total).toBeLessThan(all.total);
  await open(page);
  const legend = page.locator('.side-left .legend');
  await expect(legend).toContainText(new RegExp(`含巡防发现 ${all.total - resident.total} 件`));
  const count = page.locator('.timebar-count');
  await expect.poll(async () => digits(await count.textContent())).toBe(all.total);
  const found = page.getByRole('radiogroup', { name: '来由' });
  await found.getByRole('radio', { name: '群众上报' }).click();
  await expect(page).toHaveURL(/f=resident/);
  await expect.poll(async () => digits(await count.textContent())).toBe(resident.total);
  await expect(legend).toContainText('只计群众上报');
  // The arrows choose too.
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/f=patrol/);
  await expect.poll(async () => digits(await count.textContent())).toBe(all.total - resident.total);
  await expect(legend).toContainText('只计巡防发现');
});

test('grids of the day or of today, said in the legend', async ({ page }) => {
  await open(page);
  const legend = page.locator('.side-left .legend');
  await expect(legend).toContainText('按事发当日的网格统计');
  await page.getByRole('radiogroup', { name: '按哪天的网格' }).getByRole('radio', { name: '今天' }).click();
  await expect(page).toHaveURL(/g=today/);
  await expect(legend).toContainText('按今天的网格统计');
});

test('the map shows the grids of the day that is counted, where they were others', async ({ page }) => {
  // One grid of the answer ends after the period: the plan of that day is another one than today's.
  await page.route('**/collections/grids/items*', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { features: { properties: Record<string, unknown> }[] };
    body.features[0]!.properties.valid_to = '2026-10-01';
    await route.fulfill({ response: answer, json: body });
  });
  const tiles: string[] = [];
  await page.route('**/tiles/grids,**', async (route) => {
    const url = new URL(route.request().url());
    tiles.push(url.search);
    url.search = '';
    await route.fulfill({ response: await route.fetch({ url: url.href }) });
  });
  await open(page, '#t=2026-07-01..2026-07-31');
  await settled(page);
  expect(tiles.at(-1)).toBe('?grids_on=2026-07-31');
  await expect(page.locator('.side-left .legend')).toContainText('2026年7月31日');
  await page.getByRole('radiogroup', { name: '按哪天的网格' }).getByRole('radio', { name: '今天' }).click();
  await expect.poll(() => tiles.at(-1)).toBe('');
});

test('equal steps instead of equal groups, in the link, zero on its own', async ({ page }) => {
  await open(page);
  const chips = page.locator('.side-left .legend-chip');
  const before = await chips.allTextContents();
  await page.getByRole('combobox', { name: '分级方式' }).selectOption('equal');
  await expect(page).toHaveURL(/b=equal/);
  await expect.poll(() => chips.allTextContents()).not.toEqual(before);
  const numbers = (await chips.allTextContents()).map((text) => digits(text));
  expect(numbers[0]).toBe(0);
  const steps = numbers.slice(3).map((n, i) => n - numbers[i + 2]!);
  expect(new Set(steps).size).toBe(1);
  await page.reload();
  await settled(page);
  expect((await chips.allTextContents()).map((text) => digits(text))).toEqual(numbers);
});
