import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { expect, get, test } from './page';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const foot = (page: Page): Locator => page.locator('.set-foot');
const save = (page: Page): Promise<void> => foot(page).getByRole('button', { name: '保存' }).click();
const saved = (page: Page): Promise<void> => expect(foot(page).getByRole('status')).toHaveText('已保存');

async function openSettings(page: Page, section: string, fragment = ''): Promise<void> {
  if (page.url() !== 'about:blank') await page.goto('about:blank');
  await page.goto(`/#v=settings${fragment}`);
  await page.locator('.set-nav').getByRole('button', { name: section }).click();
  await foot(page).waitFor();
}

async function put(request: APIRequestContext, path: string, value: unknown): Promise<void> {
  const { etag } = (await request.get(path)).headers();
  const answer = await request.put(path, { headers: { 'If-Match': etag ?? '' }, data: value });
  expect(answer.ok(), await answer.text()).toBe(true);
}

async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const run = (window as unknown as { axe: { run: (root: Document, options: unknown) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe;
    return (await run.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
  });
  expect(found).toEqual([]);
}

test.afterEach(async ({ request }) => {
  await put(request, '/api/settings/teams', []);
  await put(request, '/api/settings/shifts', []);
  await put(request, '/api/settings/visits', { by_priority: {}, by_compound: [] });
});

test('a team is added; what is wrong stands below its field and nothing typed is lost', { tag: '@store' }, async ({ page, request, errors }) => {
  await openSettings(page, '队伍');
  await page.getByRole('button', { name: '加一队' }).click();
  await page.getByLabel('名称').fill('一组');
  await page.getByLabel('人数').fill('0');
  await save(page);
  await expect(page.locator('.set-why')).toContainText('1');
  await expect(page.getByLabel('名称')).toHaveValue('一组');
  await page.getByLabel('人数').fill('4');
  await save(page);
  await saved(page);
  expect(await get(request, '/api/settings/teams')).toEqual([{ name: '一组', size: 4, mode: 'foot' }]);
  errors.splice(0, errors.length, ...errors.filter((text) => !text.includes('422')));
});

test('somebody else saved first: the person chooses', { tag: '@store' }, async ({ page, request, errors }) => {
  await openSettings(page, '队伍');
  await page.getByRole('button', { name: '加一队' }).click();
  await page.getByLabel('名称').fill('我的队');
  await put(request, '/api/settings/teams', [{ name: '对方的队', size: 3, mode: 'car' }]);
  await save(page);
  const bar = page.getByRole('alert');
  await expect(bar).toContainText('已被别人保存过');
  await bar.getByRole('button', { name: '用我的覆盖' }).click();
  await saved(page);
  expect(await get(request, '/api/settings/teams')).toEqual([{ name: '我的队', size: 2, mode: 'foot' }]);
  await put(request, '/api/settings/teams', [{ name: '对方的队', size: 3, mode: 'car' }]);
  await page.getByLabel('名称').fill('又一队');
  await save(page);
  await page.getByRole('alert').getByRole('button', { name: /采用对方/ }).click();
  await expect(page.getByLabel('名称')).toHaveValue('对方的队');
  errors.splice(0, errors.length, ...errors.filter((text) => !text.includes('412')));
});

test('history gives back an earlier value, to be looked at and saved', { tag: '@store' }, async ({ page, request }) => {
  await put(request, '/api/settings/teams', [{ name: '早先的队', size: 3, mode: 'car' }]);
  await put(request, '/api/settings/teams', [{ name: '现在的队', size: 3, mode: 'car' }]);
  await openSettings(page, '队伍');
  await expect(page.getByLabel('名称')).toHaveValue('现在的队');
  await page.getByText('历史', { exact: true }).click();
  await page.getByRole('button', { name: '取回改之前的' }).first().click();
  await expect(page.getByLabel('名称')).toHaveValue('早先的队');
  await save(page);
  await saved(page);
});

test('shifts and visits are forms too', async ({ page, request }) => {
  await openSettings(page, '班次');
  await page.getByRole('button', { name: '加一班' }).click();
  await page.getByLabel('名称').fill('夜班');
  await page.getByLabel('开始').fill('22:00');
  await page.getByLabel('结束').fill('06:00');
  await page.getByRole('group', { name: '星期' }).getByRole('button').nth(5).click();
  await save(page);
  await saved(page);
  expect(await get(request, '/api/settings/shifts')).toEqual([{ name: '夜班', start: '22:00', end: '06:00', days: [1, 2, 3, 4, 5, 6] }]);
  await page.locator('.set-nav').getByRole('button', { name: '应巡次数' }).click();
  await page.getByRole('group', { name: '一级' }).getByRole('checkbox').check();
  await page.getByRole('group', { name: '一级' }).getByLabel('次数').fill('2');
  await page.locator('.set-add select').selectOption({ index: 1 });
  await save(page);
  await saved(page);
  const visits = await get<{ by_priority: unknown; by_compound: unknown[] }>(request, '/api/settings/visits');
  expect(visits.by_priority).toEqual({ 1: { per: 'day', times: 2 } });
  expect(visits.by_compound).toHaveLength(1);
});

interface Tree {
  categories: { code: string; parent: string | null; name_zh: string; aliases: string[] }[];
  incidents: Record<string, number>;
}

test('a category is renamed with the keyboard, moved, and gets other names', { tag: '@store' }, async ({ page, request }) => {
  const { incidents: _, ...before } = await get<Tree>(request, '/api/categories');
  try {
    await openSettings(page, '类别树');
    await page.locator('.set-node').first().focus();
    await page.keyboard.press('ArrowDown');
    await expect(page.locator('.set-node[aria-pressed=true]')).toHaveCount(1);
    const code = await page.getByLabel('编码').inputValue();
    await page.getByLabel('中文名').fill('改名类别');
    await page.getByLabel('别名').fill('甲类、乙类,甲类');
    await save(page);
    await saved(page);
    const after = (await get<Tree>(request, '/api/categories')).categories.find((c) => c.code === code);
    expect(after).toMatchObject({ name_zh: '改名类别', aliases: ['甲类', '乙类'] });
  } finally {
    await put(request, '/api/categories', before);
  }
});

test('a category that incidents have needs another one in its place', { tag: '@store' }, async ({ page, request, errors }) => {
  await openSettings(page, '类别树');
  const { categories, incidents } = await get<Tree>(request, '/api/categories');
  const leaf = categories.find((c) => (incidents[c.code] ?? 0) > 0 && !categories.some((d) => d.parent === c.code));
  if (!leaf) throw new Error('no category has incidents');
  await page.locator(`.set-node[data-code="${leaf.code}"]`).click();
  await page.locator('.set-danger').click();
  await save(page);
  const asked = page.getByRole('alert');
  await expect(asked).toContainText('这些类别还有事件');
  await expect(asked).toContainText(leaf.name_zh);
  await expect(asked).toContainText(`${incidents[leaf.code]}`.replace(/\B(?=(\d{3})+$)/g, '\u2009'));
  await asked.getByRole('button', { name: '都不删,恢复原样' }).click();
  await expect(page.locator(`.set-node[data-code="${leaf.code}"]`)).toBeVisible();
  errors.splice(0, errors.length, ...errors.filter((text) => !text.includes('409')));
});

for (const theme of ['light', 'dark']) {
  test(`every section is accessible in ${theme}`, async ({ page }) => {
    await openSettings(page, '类别树', `&theme=${theme}`);
    await page.locator('.set-node').first().click();
    await accessible(page);
    for (const section of ['队伍', '应巡次数', '班次']) {
      await page.locator('.set-nav').getByRole('button', { name: section }).click();
      await foot(page).waitFor();
      const add = page.getByRole('button', { name: /^加一/ });
      if (await add.count()) await add.first().click();
      await accessible(page);
    }
  });
}

test('a phone shows it without scrolling sideways, in English too', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 720 });
  await page.goto('/#v=settings&lang=en');
  await page.locator('.set-node').first().waitFor();
  await page.locator('.set-node').first().click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  const words = (await page.locator('.set-main label, .set-main button:not(.set-node), .set-nav button').allInnerTexts()).join(' ');
  expect(words).not.toMatch(/[\u4e00-\u9fff]/);
});
