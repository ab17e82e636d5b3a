import { expect, open, settled, test } from './page';

const names = (page: import('@playwright/test').Page): Promise<string[]> => page.locator('.side-left .layers .row-name').allTextContents();
const index = (page: import('@playwright/test').Page, id: string): Promise<number> =>
  page.evaluate((layer) => (window.__map as unknown as { getStyle(): { layers: { id: string }[] } }).getStyle().layers.findIndex((one) => one.id === layer), id);

test('the order of layers: by menu and keyboard, in the link, and on the map', async ({ page }) => {
  await open(page);
  expect(await names(page)).toEqual(['警情/纠纷/诉求', '巡防路线', '重点小区', '网格', '街巷']);
  expect(await index(page, 'routes-line')).toBeGreaterThan(await index(page, 'grids-line'));
  const more = page.getByRole('button', { name: '网格:更多操作' });
  for (let i = 0; i < 2; i++) {
    await more.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem', { name: '上移' })).toBeFocused();
    await page.keyboard.press('Enter');
    // The focus stays with the layer.
    await expect(more).toBeFocused();
  }
  expect(await names(page)).toEqual(['警情/纠纷/诉求', '网格', '巡防路线', '重点小区', '街巷']);
  await expect(page).toHaveURL(/o=incident,grid,route,compound,street/);
  await settled(page);
  expect(await index(page, 'routes-line')).toBeLessThan(await index(page, 'grids-line'));
  // An area never covers a line, whatever the order.
  expect(await index(page, 'grids-fill')).toBeLessThan(await index(page, 'streets-line'));
  await page.reload();
  await settled(page);
  expect((await names(page))[1]).toBe('网格');
});

test('a layer is dragged by its handle', async ({ page }) => {
  await open(page);
  const grip = page.locator('.layers [data-layer=streets] .row-grip');
  const top = page.locator('.layers [data-layer=incidents]');
  await page.locator('.layers [data-layer=streets]').hover();
  const from = (await grip.boundingBox())!;
  const to = (await top.boundingBox())!;
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2, to.y + 4, { steps: 5 });
  await expect(top).toHaveAttribute('data-drop', 'before');
  await page.mouse.up();
  await expect(page).toHaveURL(/o=street,incident/);
  expect((await names(page))[0]).toBe('街巷');
});
