import { digits, expect, get, lastThirtyDays, open, rendered, settled, test, type GridStat } from './page';

test('the district is readable within seconds of opening', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  const start = Date.now();
  await page.goto('/');
  await page.waitForFunction(() => document.body.dataset.idle === 'true');
  const took = Date.now() - start;
  test.info().annotations.push({ type: 'readable after ms', description: String(took) });
  console.log(`readable after ${took} ms`);
  expect((await rendered(page, ['grids-fill'])).length).toBeGreaterThan(20);
  expect((await rendered(page, ['grids-label'])).length).toBeGreaterThan(5);
  expect((await rendered(page, ['streets-label'])).length).toBeGreaterThan(3);
  // Generous, because the machine may be building at the same time.
  expect(took).toBeLessThan(12_000);
});

test('layer rows carry the numbers of the server', async ({ page, request }) => {
  await open(page);
  const meta = await get<{ layers: { name: string; count: number }[] }>(request, '/api/meta');
  const stats = await get<{ total: number }>(request, `/api/stats/grids?${await lastThirtyDays(request)}`);
  const rows = page.locator('.side-left section').first().locator('.row');
  const expected = ['routes', 'compounds', 'grids', 'streets'].map((name) => meta.layers.find((layer) => layer.name === name)?.count);
  for (const [i, count] of [stats.total, ...expected].entries()) {
    await expect.poll(async () => digits(await rows.nth(i).locator('.row-count').textContent())).toBe(count);
  }
});

test('grids are filled by the class of their count', async ({ page, request }) => {
  await open(page);
  const { grids } = await get<{ grids: GridStat[] }>(request, `/api/stats/grids?${await lastThirtyDays(request)}`);
  const states = await page.evaluate(() => Object.fromEntries(window.__map.queryRenderedFeatures(undefined, { layers: ['grids-fill'] }).map((f) => [String(f.id), f.state.step])));
  const seen = grids.filter((grid) => String(grid.id) in states);
  expect(seen.length).toBeGreaterThan(20);
  for (const a of seen) {
    for (const b of seen) if (a.count < b.count) expect(Number(states[a.id]), `${a.code} and ${b.code}`).toBeLessThanOrEqual(Number(states[b.id]));
    if (a.count === 0) expect(states[a.id]).toBe(0);
  }
  expect(new Set(Object.values(states)).size).toBeGreaterThan(3);
});

test('switching a layer off takes it from the map', async ({ page }) => {
  await open(page);
  expect((await rendered(page, ['grids-fill'])).length).toBeGreaterThan(0);
  await page.getByRole('checkbox', { name: /^网格/ }).first().uncheck();
  await settled(page);
  expect(await rendered(page, ['grids-fill', 'grids-line'])).toEqual([]);
  await expect(page).toHaveURL(/#.*l=compounds,streets,routes,incidents/);
});

test('far out incidents are counted cells, near they are single marks', async ({ page, request }) => {
  const meta = await get<{ bounds: [number, number, number, number] }>(request, '/api/meta');
  const [w, s, e, n] = meta.bounds;
  const at = `${((s + n) / 2).toFixed(5)}/${((w + e) / 2).toFixed(5)}`;
  const period = await lastThirtyDays(request);
  const { placed } = await get<{ placed: number }>(request, `/api/counts?by=kind&${period}`);
  await open(page, `#map=12/${at}`);
  const sum = await page.evaluate(() => {
    const seen = new Map<number, number>();
    for (const f of window.__map.queryRenderedFeatures(undefined, { layers: ['incidents-cell'] })) seen.set(Number(f.id), Number(f.properties.count));
    return [...seen.values()].reduce((a, b) => a + b, 0);
  });
  expect(sum).toBe(placed);
  await open(page, `#map=15.5/${at}`);
  expect(await rendered(page, ['incidents-cell'])).toEqual([]);
  const points = await rendered(page, ['incidents-point']);
  expect(points.length).toBeGreaterThan(3);
});
