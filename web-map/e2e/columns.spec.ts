import type { Page } from '@playwright/test';
import { expect, open, settled, test } from './page';

const DEPARTMENT = '办理部门';

/** A store with two kept columns. Their filter is noted and taken off, as the demo has no such columns. */
async function kept(page: Page, asked: string[]): Promise<void> {
  await page.route('**/api/meta', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { extra_columns: Record<string, unknown> };
    body.extra_columns.incidents = [{ name: DEPARTMENT, type: 'text' }, { name: '次数', type: 'number' }];
    await route.fulfill({ response: answer, json: body });
  });
  await page.route(/[?&]x\./, async (route) => {
    const url = new URL(route.request().url());
    asked.push(url.pathname + url.search);
    url.search = url.search.slice(1).split('&').filter((part) => !part.startsWith('x.')).join('&');
    await route.fulfill({ response: await route.fetch({ url: url.href }) });
  });
  await page.route(/\/api\/values\?/, (route) => {
    asked.push(new URL(route.request().url()).search);
    const number = route.request().url().includes(encodeURIComponent('次数'));
    return route.fulfill({
      json: number
        ? { column: '次数', type: 'number', values: [], more: true, min: 0, max: 12 }
        : { column: DEPARTMENT, type: 'text', values: [{ value: '城管, 综合', count: 31 }, { value: '民政', count: 7 }], more: false, min: null, max: null },
    });
  });
}

test('a kept column narrows every answer, the map, the chips and the link', async ({ page }) => {
  const asked: string[] = [];
  await kept(page, asked);
  await open(page, '#v=data');
  const panel = page.locator('.side-left .kept');
  await panel.getByRole('button', { name: DEPARTMENT }).click();
  await panel.getByRole('checkbox', { name: /民政/ }).check();
  await panel.getByRole('checkbox', { name: /城管/ }).check();
  const value = `x.${encodeURIComponent(DEPARTMENT)}=${encodeURIComponent('城管, 综合')},${encodeURIComponent('民政')}`;
  await expect(page).toHaveURL(new RegExp(value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  await settled(page);
  for (const path of ['/api/stats/grids?', '/api/counts?by=kind', '/api/counts?by=category', '/api/histogram?', '/collections/incidents/items?', '/tiles/incidents/']) {
    await expect.poll(() => asked.some((url) => url.startsWith(path) && url.includes(value)), path).toBe(true);
  }
  // Its own values are asked for without it, so that one can still choose another.
  const own = asked.filter((url) => url.startsWith('?layer=incidents&column=')).at(-1);
  expect(own).not.toContain('x.');
  await expect(page.locator('.chips')).toContainText('办理部门:城管, 综合、民政');
  await page.getByRole('button', { name: '下载' }).click();
  expect(await page.getByRole('menuitem', { name: 'CSV' }).getAttribute('href')).toContain(value);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /去掉 办理部门/ }).click();
  await expect(page).not.toHaveURL(/x\./);
});

test('a number column takes a range, open at either side', async ({ page }) => {
  const asked: string[] = [];
  await kept(page, asked);
  await open(page);
  const panel = page.locator('.side-left .kept');
  await panel.getByRole('button', { name: '次数' }).click();
  await panel.getByRole('textbox', { name: '次数 从' }).fill('3');
  await page.keyboard.press('Enter');
  await expect.poll(() => decodeURIComponent(page.url())).toContain('x.次数=3..');
  await panel.getByRole('textbox', { name: '次数 到' }).fill('1');
  await page.keyboard.press('Tab');
  // The wrong way round is meant the other way.
  await expect.poll(() => decodeURIComponent(page.url())).toContain('x.次数=1..3');
  await expect.poll(() => asked.some((url) => decodeURIComponent(url).includes('x.次数=1..3'))).toBe(true);
});

test('where the server tells no values the control is not there', async ({ page, errors }) => {
  await kept(page, []);
  await page.route(/\/api\/values\?/, (route) => route.fulfill({ status: 404, json: { title: 'not found', status: 404 } }));
  await open(page);
  await page.locator('.side-left .tree').waitFor();
  await expect(page.locator('.side-left .kept')).toHaveCount(0);
  // The browser itself notes a refused request, and nothing else went wrong.
  expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
  errors.length = 0;
});
