import { expect, get, test } from './page';

interface Meta {
  layers: { name: string; count: number }[];
}

test('any layer is saved as any kind of file', async ({ page, request }) => {
  await page.goto('/');
  const open = async (): Promise<void> => {
    await page.getByRole('button', { name: '导出' }).click();
    await page.getByRole('menuitem', { name: '其他数据和格式…' }).click();
  };
  await open();
  const dialog = page.getByRole('dialog', { name: '导出数据' });
  const save = async (): Promise<{ name: string; start: string }> => {
    const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('link', { name: '下载' }).click()]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    return { name: download.suggestedFilename(), start: Buffer.concat(chunks).subarray(0, 15).toString('latin1') };
  };
  // Incidents as Excel are offered first; a workbook is a zip.
  await expect(dialog.getByRole('radio', { name: 'Excel(.xlsx)' })).toBeChecked();
  await expect(dialog.getByRole('radio', { name: 'GPX(手持机)' })).toHaveCount(0);
  const workbook = await save();
  expect(workbook.name).toMatch(/^incidents.*\.xlsx$/);
  expect(workbook.start.slice(0, 2)).toBe('PK');

  await open();
  await dialog.getByRole('radio', { name: '巡防路线' }).check();
  await dialog.getByRole('radio', { name: 'GPX(手持机)' }).check();
  const track = await save();
  expect(track.name).toMatch(/\.gpx$/);
  expect(track.start).toContain('<?xml');

  // Everything goes into a GeoPackage, whatever was chosen before.
  await open();
  const { layers } = await get<Meta>(request, '/api/meta');
  const grids = layers.find((layer) => layer.name === 'grids')?.count ?? 0;
  await expect(dialog.locator('label', { hasText: '网格' })).toContainText(String(grids));
  await dialog.getByRole('radio', { name: '全部图层' }).check();
  await expect(dialog.getByRole('radio', { name: 'GeoPackage(QGIS)' })).toBeChecked();
  const all = await save();
  expect(all.name).toMatch(/\.gpkg$/);
  expect(all.start).toBe('SQLite format 3');
});
