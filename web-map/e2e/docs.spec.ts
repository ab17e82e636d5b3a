import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ledger } from './files';
import { busyGrid, expect, open, settled, test } from './page';
import { newest, takeBack } from './writes';

const folder = join(import.meta.dirname, '../../docs/images');

/** Pictures of the user guide; only when asked for, because they are committed. */
test.describe('pictures', () => {
  test.skip(!process.env.DOCS_SCREENSHOTS, 'needs DOCS_SCREENSHOTS');
  test.use({ viewport: { width: 1280, height: 800 } });
  test.beforeAll(() => mkdirSync(folder, { recursive: true }));

  const shots: [string, (id: number, lat: number, lon: number) => string][] = [
    ['overview', () => '#m=count'],
    ['inspect', (id) => `#m=rate&s=grid:${id}`],
    ['street-level', (_, lat, lon) => `#map=16/${lat}/${lon}&m=none`],
    ['records', (id) => `#v=data&s=grid:${id}`],
    ['dark', (id) => `#theme=dark&s=grid:${id}`],
  ];
  for (const [name, fragment] of shots) {
    test(name, async ({ page, request }) => {
      const grid = await busyGrid(request);
      await open(page, fragment(grid.id, grid.lat, grid.lon));
      await page.waitForTimeout(600);
      await settled(page);
      await page.screenshot({ path: join(folder, `${name}.png`) });
    });
  }

  test('import', async ({ page, request }) => {
    const begun = page.waitForResponse((response) => response.request().method() === 'POST' && /\/api\/imports$/.test(response.url()));
    await page.goto('/#v=import');
    await page.locator('.imp-drop input[type=file]').setInputFiles(await ledger(request));
    await page.locator('.imp-foot').waitFor();
    await expect(page.locator('.imp-foot .imp-on')).not.toHaveText('正在重新校验…');
    await page.waitForTimeout(2_000);
    await page.screenshot({ path: join(folder, 'import.png') });
    const { id } = (await (await begun).json()) as { id: string };
    await request.delete(`/api/imports/${id}`);
  });

  test('background', async ({ page, request }) => {
    const since = await newest(request);
    const grid = await busyGrid(request);
    await page.goto('/#v=import');
    await page.locator('.imp-drop input[type=file]').setInputFiles(join(import.meta.dirname, 'fixtures/town.osm.pbf'));
    const main = page.locator('.imp-foot .imp-on');
    await main.waitFor();
    await page.locator('.imp-card', { hasText: 'OpenStreetMap' }).getByText('只作底图').click();
    await expect(main).not.toHaveText('正在重新校验…');
    for (let i = 0; i < 3 && (await main.textContent()) !== '更新底图'; i++) await main.click();
    await main.click();
    await page.locator('.imp-done').waitFor();
    await open(page, `#map=15.6/${grid.lat}/${grid.lon}&m=none&bg=osm`);
    await page.waitForTimeout(600);
    await settled(page);
    await page.screenshot({ path: join(folder, 'background.png') });
    await takeBack(request, since);
  });

  test('edit', async ({ page, request }) => {
    const grid = await busyGrid(request);
    await open(page, `#s=grid:${grid.id}&m=none`);
    await page.locator('.inspector-actions').getByRole('button', { name: '编辑', exact: true }).click();
    await page.locator('.drawbar').waitFor();
    await page.waitForTimeout(600);
    await settled(page);
    await page.screenshot({ path: join(folder, 'edit.png') });
  });

  test('phone', async ({ page, request }) => {
    const grid = await busyGrid(request);
    await page.setViewportSize({ width: 412, height: 915 });
    await open(page, `#s=grid:${grid.id}`);
    await page.waitForTimeout(600);
    await settled(page);
    await page.screenshot({ path: join(folder, 'phone.png') });
  });
});
