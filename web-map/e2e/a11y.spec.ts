import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page } from '@playwright/test';
import { busyGrid, open, test } from './page';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// The policy of the page forbids injected scripts; only this spec may pass it.
test.use({ bypassCSP: true });

interface Finding {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}

async function findings(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: axe });
  const found = await page.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: { run(context: unknown, options: unknown): Promise<{ violations: Finding[] }> } };
    return (await run.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations;
  });
  return found.flatMap((f) => f.nodes.map((node) => `${f.id}: ${node.target.join(' ')} — ${node.failureSummary}`));
}

for (const theme of ['light', 'dark'] as const) {
  test(`overview with a selection, ${theme}`, async ({ page, request }) => {
    const grid = await busyGrid(request);
    await open(page, `#s=grid:${grid.id}&theme=${theme}`);
    await page.locator('.clock-face').waitFor();
    expect(await findings(page)).toEqual([]);
  });
  test(`records, ${theme}`, async ({ page }) => {
    await open(page, `#v=data&theme=${theme}&h=20-23`);
    await page.getByRole('grid').waitFor();
    expect(await findings(page)).toEqual([]);
  });
}

test('open search and dialogs', async ({ page }) => {
  await open(page);
  await page.getByRole('combobox', { name: '搜索' }).fill('117.3,31.88');
  await page.locator('.search-list').getByRole('option').first().waitFor();
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '分享' }).click();
  await page.getByRole('dialog').waitFor();
  expect(await findings(page)).toEqual([]);
});

test('phone', async ({ page }) => {
  await page.setViewportSize({ width: 412, height: 915 });
  await open(page);
  await page.getByRole('button', { name: '图层' }).first().click();
  expect(await findings(page)).toEqual([]);
});

for (const theme of ['light', 'dark'] as const) {
  test(`presentation, ${theme}`, async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 720 });
    await open(page, `#p=1&theme=${theme}`);
    await page.locator('.wall-side .clock-face').waitFor();
    await page.mouse.move(200, 300);
    expect(await findings(page)).toEqual([]);
  });
}

test('figures, counting rules and a layer menu on a wide screen, with large text', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.addInitScript(() => localStorage.setItem('gridmap.large-text', 'true'));
  await open(page);
  await page.locator('.kpis').waitFor();
  await page.getByRole('button', { name: '网格:更多操作' }).click();
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '更多', exact: true }).click();
  expect(await findings(page)).toEqual([]);
});
