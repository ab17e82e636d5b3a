import { expect, open, settled, test } from './page';

/** Days of a sparse store: one record every third day for a year, up to the last day of the demo. */
async function sparse(page: import('@playwright/test').Page): Promise<void> {
  await page.route(/\/api\/histogram\?step=day$/, async (route) => {
    const { 'if-none-match': _, ...headers } = route.request().headers();
    const answer = await route.fetch({ headers });
    const body = (await answer.json()) as { start: string; counts: number[] };
    await route.fulfill({ response: answer, json: { ...body, counts: body.counts.map((_, i) => ((body.counts.length - 1 - i) % 3 === 0 ? 1 : 0)) } });
  });
}

test('a sparse store opens with the time that holds enough, and the link stays short', async ({ page }) => {
  await sparse(page);
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/stats/grids')) asked.push(request.url());
  });
  await open(page);
  // 244 records in 730 days: half of them, 122, take a year.
  await expect(page.locator('.timebar').getByRole('button', { name: '365天' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page).not.toHaveURL(/[#&]t=/);
  const [, from, to] = /datetime=(\d{4}-\d\d-\d\d)T00:00:00\/(\d{4}-\d\d-\d\d)/.exec(asked[0] ?? '') ?? [];
  expect((Date.parse(to!) - Date.parse(from!)) / 86_400_000).toBe(365);
  // Another length is said in the link, and the opening one is not.
  await page.locator('.timebar').getByRole('button', { name: '30天' }).click();
  await expect(page).toHaveURL(/[#&]t=\d{4}/);
  await page.locator('.timebar').getByRole('button', { name: '365天' }).click();
  await expect(page).not.toHaveURL(/[#&]t=/);
});

test('without grids the streets make the town, and nothing claims to be outside', async ({ page }) => {
  await page.route('**/api/meta', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { layers: { name: string; count: number }[] };
    await route.fulfill({ response: answer, json: { ...body, layers: body.layers.map((layer) => (layer.name === 'grids' ? { ...layer, count: 0 } : layer)) } });
  });
  await page.route('**/collections/grids/items*', (route) => route.fulfill({ json: { type: 'FeatureCollection', features: [], numberMatched: 0 } }));
  await page.route(/\/api\/stats\/grids/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), grids: [] } });
  });
  await open(page, '#l=streets,incidents');
  await settled(page);
  const style = await page.evaluate(() => {
    const map = window.__map as unknown as { getPaintProperty(layer: string, name: string): unknown; queryRenderedFeatures(where: undefined, options: object): unknown[] };
    return { ground: map.getPaintProperty('background', 'background-color'), outside: map.queryRenderedFeatures(undefined, { layers: ['outside'] }).length };
  });
  const land = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--map-land').trim());
  expect(String(style.ground).toLowerCase()).toBe(land.toLowerCase());
  expect(style.outside).toBe(0);
  await expect(page.locator('.legend')).toContainText('还没有网格');
  await expect(page.locator('.legend').getByRole('radiogroup')).toHaveCount(0);
});
