import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { LEDGER_BARE, LEDGER_ROWS, ledger, PERSONAL, type MadeFile } from './files';
import { digits, expect, get, test } from './page';

const fixtures = join(import.meta.dirname, 'fixtures');
const fixture = (name: string): string => join(fixtures, name);
const GRIDS = ['grids_gbk.shp', 'grids_gbk.shx', 'grids_gbk.dbf', 'grids_gbk.prj', 'grids_gbk.cpg'].map(fixture);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Meta {
  revision: number;
  layers: { name: string; count: number; unplaced: number }[];
}

// The server holds few imports at once; one that a test leaves behind would keep the next from beginning.
test.beforeEach(({ page }) => {
  started.length = 0;
  page.on('response', (response) => {
    if (response.request().method() !== 'POST' || !/\/api\/imports$/.test(response.url())) return;
    void response.json().then((body: { id?: string }) => body.id && started.push(body.id), () => undefined);
  });
});
test.afterEach(async ({ request }) => {
  for (const id of started) await request.delete(`/api/imports/${id}`);
});
const started: string[] = [];

const meta = (request: APIRequestContext): Promise<Meta> => get<Meta>(request, '/api/meta');
const countOf = (of: Meta, layer: string): number => of.layers.find((entry) => entry.name === layer)?.count ?? -1;

async function openImport(page: Page, fragment = ''): Promise<void> {
  if (page.url() !== 'about:blank') await page.goto('about:blank');
  await page.goto(`/#v=import${fragment}`);
  await page.locator('.imp-drop').waitFor();
}

async function bring(page: Page, files: string[] | MadeFile): Promise<void> {
  await page.locator('.imp-drop input[type=file]').setInputFiles(files);
  await page.locator('.imp-foot').waitFor();
  await checked(page);
}

/** The newest choices are checked and shown. */
async function checked(page: Page): Promise<void> {
  await expect(page.locator('.imp-foot .imp-on')).not.toHaveText('正在重新校验…');
}

const main = (page: Page): Locator => page.locator('.imp-foot .imp-on');

/** The four numbers of the footer. */
async function sums(page: Page): Promise<{ direct: number; confirm: number; rejected: number; total: number }> {
  const texts = await page.locator('.imp-sum').allTextContents();
  const [direct = 0, confirm = 0, rejected = 0, total = 0] = texts.map(digits);
  expect(direct + confirm + rejected, 'the footer adds up').toBe(total);
  return { direct, confirm, rejected, total };
}

/** From the open session to the stored rows. */
async function store(page: Page): Promise<void> {
  for (let i = 0; i < 4 && !(await main(page).textContent())?.startsWith('入库'); i++) {
    await expect(main(page)).toHaveAttribute('aria-disabled', 'false');
    await main(page).click();
  }
  await expect(main(page)).toHaveAttribute('aria-disabled', 'false');
  await main(page).click();
  await expect(page.locator('.imp-done')).toBeVisible({ timeout: 20_000 });
}

async function undo(page: Page): Promise<void> {
  await page.getByRole('button', { name: '撤销本批' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: '撤销', exact: true }).click();
  await expect(page.locator('.imp-done .imp-said')).toContainText('已撤销');
}

async function findings(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: axe });
  return page.evaluate(async () => {
    interface Finding {
      id: string;
      nodes: { target: string[]; failureSummary: string }[];
    }
    const { axe: run } = window as unknown as { axe: { run(context: unknown, options: unknown): Promise<{ violations: Finding[] }> } };
    const { violations } = await run.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return violations.flatMap((f) => f.nodes.map((node) => `${f.id}: ${node.target.join(' ')} — ${node.failureSummary}`));
  });
}

test('a ledger in GCJ-02: nothing is stored before the end, nothing of a person ever, and all of it can be taken back', { tag: '@store' }, async ({ page, request }) => {
  const before = await meta(request);
  await page.goto('/#v=data');
  await page.getByRole('button', { name: '导入', exact: true }).click();
  await bring(page, await ledger(request));

  const notice = page.locator('.imp-privacy');
  await expect(notice).toContainText('“报警人”“联系电话”');
  await expect(notice).toContainText('1 个手机号');
  const shown = await page.content();
  for (const secret of Object.values(PERSONAL)) expect(shown, 'nothing of a person is on the page').not.toContain(secret);
  await expect(page.locator('.imp-table tbody td.imp-blank').first()).toHaveText('个人信息,不显示');
  expect((await meta(request)).revision, 'only looked at').toBe(before.revision);

  const gcj02 = page.getByRole('radio', { name: /GCJ-02/ });
  await expect(page.locator('.imp-candidate').first()).toContainText('GCJ-02');
  await gcj02.check();
  await checked(page);
  await expect(main(page)).toHaveText('用 GCJ-02,下一步');
  const { total, rejected } = await sums(page);
  expect([total, rejected]).toEqual([LEDGER_ROWS, 0]);

  await expect(page.locator('#imp-places')).toBeVisible();
  await page.getByRole('button', { name: /全部按建议确认/ }).click();
  await checked(page);
  await expect(page.locator('#imp-places .imp-left')).toHaveText('都处理了');
  expect((await meta(request)).revision, 'only chosen').toBe(before.revision);

  await store(page);
  await expect(page.locator('.imp-done h3')).toContainText(`${LEDGER_ROWS} 件已入库`);
  const after = await meta(request);
  expect(after.revision).toBeGreaterThan(before.revision);
  expect(countOf(after, 'incidents')).toBe(countOf(before, 'incidents') + LEDGER_ROWS);
  const all = await request.get(`/collections/incidents/items?f=json&limit=200&sort=-occurred_at&filter=${encodeURIComponent("source_id LIKE 'E2E%'")}&filter-lang=cql2-text`);
  const body = await all.text();
  for (const secret of Object.values(PERSONAL)) expect(body).not.toContain(secret);

  await undo(page);
  const undone = await meta(request);
  expect(undone.revision).toBeGreaterThan(after.revision);
  expect(countOf(undone, 'incidents')).toBe(countOf(before, 'incidents'));
  await expect(page.locator('.imp-log-table tbody tr').nth(1)).toContainText('撤销');
});

test('rows without coordinates stay off the map unless they are confirmed', { tag: '@store' }, async ({ page, request }) => {
  const before = await meta(request);
  await openImport(page);
  await bring(page, await ledger(request));
  await page.getByRole('radio', { name: /GCJ-02/ }).check();
  await checked(page);
  await main(page).click();
  await expect(page.locator('.imp-figure', { hasText: '其中未上图' }).locator('dd')).toHaveText(String(LEDGER_BARE));
  const first = page.locator('#imp-places tbody tr').first();
  await first.getByRole('button', { name: '留作未上图' }).click();
  await expect(first).toHaveAttribute('data-choice', 'unplaced');
  await checked(page);
  const second = page.locator('#imp-places tbody tr').nth(1);
  await second.getByRole('button', { name: '换一处' }).click();
  await page.getByRole('searchbox').fill('路');
  await page.locator('.imp-other li button').first().click();
  await expect(second).toHaveAttribute('data-choice', 'placed');
  await checked(page);
  await expect(page.locator('.imp-figure', { hasText: '其中未上图' }).locator('dd')).toHaveText(String(LEDGER_BARE - 1));
  await page.getByRole('button', { name: '取消', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: '放弃' }).click();
  await expect(page.locator('.imp-said').first()).toContainText('没有写入任何一行');
  expect((await meta(request)).revision).toBe(before.revision);
});

test('a Shapefile in GBK with its companions', { tag: '@store' }, async ({ page, request }) => {
  const before = await meta(request);
  await openImport(page);
  await bring(page, GRIDS);
  await expect(page.locator('.imp-head h2')).toHaveText('导入网格');
  await expect(page.locator('.imp-table tbody')).toContainText('样例三网格（东）');
  expect(await page.locator('.imp-table tbody').textContent()).not.toMatch(/[\ufffd锟]/);
  expect((await sums(page)).total).toBe(6);
  expect((await meta(request)).revision).toBe(before.revision);
  await store(page);
  const after = await meta(request);
  expect(countOf(after, 'grids')).toBe(countOf(before, 'grids') + 6);
  const found = await request.get(`/api/search?q=${encodeURIComponent('样例三网格')}`);
  expect(await found.text()).toContain('样例三网格（东）');
  await undo(page);
  expect(countOf(await meta(request), 'grids')).toBe(countOf(before, 'grids'));
});

test('a dirty table: why rows are refused, taken home, and nothing stored', async ({ page, request }) => {
  const before = await meta(request);
  await openImport(page);
  await page.getByRole('button', { name: '警情/纠纷/诉求' }).click();
  await bring(page, [fixture('incidents_dirty.csv')]);
  if ((await page.locator('.imp-missing').count()) > 0) {
    const kind = page.getByRole('combobox', { name: /每行都填/ });
    if ((await kind.count()) > 0) await kind.first().selectOption('hotline');
    await checked(page);
  }
  await expect(page.locator('.imp-table tbody')).toContainText('样例路');
  const { total, rejected } = await sums(page);
  expect(total).toBe(30);
  expect(rejected).toBeGreaterThan(0);
  await page.getByRole('button', { name: /^不入库 \d/ }).click();
  await expect(page.locator('.imp-table tbody tr[data-index]')).toHaveCount(rejected);
  await page.locator('.imp-table tbody tr[data-index]').first().click();
  await expect(page.locator('.imp-picked')).toContainText('第');
  const cell = page.locator('.imp-table tbody td[data-tone=bad]:not(.imp-words)').first();
  await expect(cell).toHaveAttribute('title', /./);

  const issue = page.locator('.imp-issue-name').first();
  const title = (await issue.textContent()) ?? '';
  await issue.click();
  await expect(issue).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('.imp-preview .chip')).toContainText(title);
  await page.getByRole('button', { name: /不再只看/ }).click();

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: /下载不入库/ }).click();
  const file = await (await download).path();
  const csv = readFileSync(file, 'utf8');
  expect(csv.startsWith('\ufeff')).toBe(true);
  expect(csv.trim().split('\r\n').length).toBe(rejected + 1);
  expect(csv).toContain('原因');

  await page.getByRole('button', { name: '取消', exact: true }).click();
  const dialog = page.getByRole('dialog');
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: '放弃' }).click();
  await expect(page.locator('.imp-drop')).toBeVisible();
  expect((await meta(request)).revision).toBe(before.revision);
});

test('a heading is the way to another field, by keyboard alone', async ({ page, request }) => {
  await openImport(page);
  await bring(page, await ledger(request));
  const head = page.locator('.imp-table thead').getByRole('button', { name: /^事发地点/ });
  const was = await head.locator('.imp-col-target').textContent();
  await head.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menu')).toBeVisible();
  await expect(page.getByRole('menuitemradio', { checked: true })).toBeFocused();
  await page.keyboard.press('End');
  await expect(page.getByRole('menuitemradio', { name: '不写入' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(head).toBeFocused();
  await checked(page);
  await expect(head.locator('.imp-col-target')).toHaveText('不写入');
  await page.keyboard.press('Enter');
  await page.getByRole('menuitemradio', { name: was ?? '', exact: true }).press('Enter');
  await checked(page);
  await expect(head.locator('.imp-col-target')).toHaveText(was ?? '');
  // Rows by arrow keys, and Enter shows one on the map.
  await page.locator('.imp-table tbody tr[tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.locator('.imp-picked strong')).toHaveText('第 2 行');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page.locator('.imp-picked strong')).toHaveText('第 1 行');
});

test('a point of the small map picks its row', async ({ page, request }) => {
  await openImport(page);
  await bring(page, await ledger(request));
  await page.getByRole('radio', { name: /GCJ-02/ }).check();
  await checked(page);
  await page.getByRole('button', { name: /校验/ }).click();
  const canvas = page.locator('.imp-map-host canvas');
  await canvas.waitFor();
  const at = await page.waitForFunction(() => {
    const map = (window as unknown as { __sample?: { loaded(): boolean; areTilesLoaded(): boolean; queryRenderedFeatures(where: undefined, options: { layers: string[] }): { geometry: { coordinates: [number, number] } }[]; project(at: [number, number]): { x: number; y: number } } }).__sample;
    if (!map?.loaded() || !map.areTilesLoaded()) return null;
    const [hit] = map.queryRenderedFeatures(undefined, { layers: ['rows'] });
    return hit ? map.project(hit.geometry.coordinates) : null;
  });
  const { x, y } = (await at.jsonValue()) as { x: number; y: number };
  await canvas.click({ position: { x, y } });
  await expect(page.locator('.imp-table tr[aria-selected=true]')).toHaveCount(1);
});

test('files dropped anywhere open the import', async ({ page, request }) => {
  await page.goto('/');
  await page.locator('canvas.maplibregl-canvas').waitFor();
  const made = await ledger(request);
  const transfer = await page.evaluateHandle(
    ({ name, bytes }) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
      return data;
    },
    { name: made.name, bytes: made.buffer.toString('base64') },
  );
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: transfer });
  await expect(page.locator('.imp-veil')).toBeVisible();
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  await expect(page.locator('.imp-veil')).toHaveCount(0);
  await page.locator('.imp-foot').waitFor();
  await expect(page.locator('.imp-file strong')).toHaveText(made.name);
  // A page loaded again takes the batch up where it was.
  await page.reload();
  await page.locator('.imp-foot').waitFor();
  await expect(page.locator('.imp-file strong')).toHaveText(made.name);
});

test('a server that forgot the batch is said in words, and trying again works', async ({ page, request, errors }) => {
  await openImport(page);
  await bring(page, await ledger(request));
  const before = (await meta(request)).revision;
  await page.route('**/api/imports/*', (route) => route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{"title":"x","status":404}' }));
  await page.getByRole('button', { name: 'EN: Switch to English' }).click();
  await expect(page.getByRole('alert')).toContainText('not one row of this batch was written');
  await page.unroute('**/api/imports/*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.imp-foot').waitFor();
  expect((await meta(request)).revision).toBe(before);
  expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
  errors.length = 0;
});

test('works at 320 px', async ({ page, request }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await openImport(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await bring(page, await ledger(request));
  expect(await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector('.imp-app')?.scrollWidth ?? 0))).toBeLessThanOrEqual(320);
  await page.getByRole('radio', { name: /GCJ-02/ }).check();
  await expect(main(page)).toBeInViewport();
});

test.describe('for everyone', () => {
  // The policy of the page forbids injected scripts; only these may pass it.
  test.use({ bypassCSP: true });

  for (const [theme, width] of [['light', 1280], ['dark', 1280], ['light', 412]] as const) {
    test(`no findings, ${theme}, ${width} px`, async ({ page, request }) => {
      await page.setViewportSize({ width, height: 900 });
      await openImport(page, `&theme=${theme}`);
      expect(await findings(page)).toEqual([]);
      await bring(page, await ledger(request));
      await page.locator('.imp-table tbody tr[data-index]').first().waitFor();
      expect(await findings(page)).toEqual([]);
      await page.getByRole('button', { name: '看遮盖了什么' }).click();
      if (width > 1000) {
        await page.locator('.imp-table thead').getByRole('button', { name: /^事发地点/ }).click();
        expect(await findings(page)).toEqual([]);
        await page.keyboard.press('Escape');
      }
      await page.getByRole('button', { name: /校验/ }).click();
      expect(await findings(page)).toEqual([]);
    });
  }
});
