import { expect, open, test } from './page';

test('the printed map is not blank, and says what it shows', async ({ page }) => {
  await open(page);
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  const image = page.locator('.print-map img');
  await expect(image).toBeVisible();
  const shades = await image.evaluate(async (element) => {
    const img = element as HTMLImageElement;
    await img.decode();
    const canvas = document.createElement('canvas');
    canvas.width = 200;
    canvas.height = Math.round((200 * img.naturalHeight) / img.naturalWidth);
    const context = canvas.getContext('2d')!;
    context.drawImage(img, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set<number>();
    for (let i = 0; i < data.length; i += 4) seen.add(((data[i]! >> 4) << 8) | ((data[i + 1]! >> 4) << 4) | (data[i + 2]! >> 4));
    return seen.size;
  });
  expect(shades).toBeGreaterThan(20);
  const sheet = page.locator('.print');
  await expect(sheet).toContainText('虚构示例');
  await expect(sheet).toContainText('件');
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await expect(sheet).toHaveCount(0);
});

test('the browser’s own printing takes the picture too', async ({ page }) => {
  await open(page);
  const pdf = await page.pdf({ landscape: true, format: 'A4', printBackground: true });
  // A blank map prints to some 30 kB; the picture is several times that.
  expect(pdf.length).toBeGreaterThan(90_000);
});
