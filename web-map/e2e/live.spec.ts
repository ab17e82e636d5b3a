import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { busyGrid, digits, expect, get, lastThirtyDays, open, test } from './page';
import { program } from './server';

const run = promisify(execFile);

test('an import on the command line appears on the open map', async ({ page, request }) => {
  const folder = process.env.GRIDMAP_DATA;
  test.skip(!folder, 'needs GRIDMAP_DATA, the folder of the running server');
  const grid = await busyGrid(request);
  const period = await lastThirtyDays(request);
  const day = /datetime=(\d{4}-\d\d-\d\d)/.exec(period)![1];
  await open(page, `#map=16/${grid.lat.toFixed(5)}/${grid.lon.toFixed(5)}&s=grid:${grid.id}`);
  const before = (await get<{ total: number }>(request, `/api/stats/grids?${period}`)).total;
  const count = page.locator('.timebar-count');
  await expect.poll(async () => digits(await count.textContent())).toBe(before);
  const asked: string[] = [];
  page.on('request', (r) => asked.push(new URL(r.url()).pathname));

  const file = join(mkdtempSync(join(tmpdir(), 'gridmap-live-')), 'rows.csv');
  const stamp = Date.now();
  const rows = Array.from({ length: 7 }, (_, i) => `L${stamp}-${i},${grid.lon},${grid.lat},police,${day} 12:0${i}:00`);
  writeFileSync(file, `id,lon,lat,kind,occurred_at\n${rows.join('\n')}\n`);
  const map = ['id', 'lon', 'lat', 'kind', 'occurred_at'].flatMap((field) => ['--map', `${field}=${field}`]);
  const { stdout } = await run(program, ['import', 'incidents', file, '--data', folder!, '--crs', 'wgs84', ...map, '--json']);
  const done = Date.now();
  expect(JSON.parse(stdout)).toMatchObject({ accepted: 7, new: 7 });
  await expect.poll(async () => digits(await count.textContent()), { timeout: 15_000, intervals: [25] }).toBe(before + 7);
  const took = Date.now() - done;
  console.log(`on the map ${took} ms after the import ended`);
  expect(took).toBeLessThan(process.env.CI ? 4000 : 1500);
  await expect.poll(async () => digits(await page.locator('.side-right .fact strong').first().textContent())).toBe(grid.count + 7);
  // Only what changed is asked for again.
  expect(asked.filter((path) => path.startsWith('/tiles/streets') || path.startsWith('/tiles/grids'))).toEqual([]);
  expect(asked.some((path) => path.startsWith('/tiles/incidents'))).toBe(true);
});
