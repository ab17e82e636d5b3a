import { inflateSync } from 'node:zlib';
import { expect, open, settled, test } from './page';

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

/** Pixels of the largest picture in a PDF, as three bytes each. */
function picture(pdf: Buffer): { width: number; height: number; at(x: number, y: number): [number, number, number] } {
  const text = pdf.toString('latin1');
  let best: { width: number; height: number; data: Buffer } | null = null;
  for (const found of text.matchAll(/<<([^<>]*?\/Subtype \/Image[^<>]*?)>>\s*stream\r?\n/g)) {
    const number = (name: string): number => Number(new RegExp(`/${name} (\\d+)`).exec(found[1] ?? '')?.[1] ?? 0);
    const [width, height, length] = [number('Width'), number('Height'), number('Length')];
    if (!(found[1] ?? '').includes('/FlateDecode') || width * height <= (best ? best.width * best.height : 0)) continue;
    const start = found.index + found[0].length;
    best = { width, height, data: inflateSync(pdf.subarray(start, start + length)) };
  }
  if (!best || best.data.length < best.width * best.height * 3) throw new Error('there is no picture in the PDF');
  const { width, height, data } = best;
  return { width, height, at: (x, y) => [0, 1, 2].map((c) => data[(y * width + x) * 3 + c] ?? 0) as [number, number, number] };
}

test('a dark screen prints on light paper, and stays dark', async ({ page }) => {
  await open(page, '#theme=dark');
  const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const map = picture(await page.pdf({ landscape: true, format: 'A4', printBackground: true }));
  // The corner is the ground outside the district: --bg of the light theme.
  expect(map.at(4, 4)).toEqual([0xf3, 0xf5, 0xf8]);
  const colors = new Map<string, number>();
  let light = 0;
  let n = 0;
  for (let y = 0; y < map.height; y += 3) {
    for (let x = 0; x < map.width; x += 3) {
      const [r, g, b] = map.at(x, y);
      const hex = [r, g, b].map((v) => v.toString(16).padStart(2, '0')).join('');
      colors.set(hex, (colors.get(hex) ?? 0) + 1);
      if (0.2126 * r + 0.7152 * g + 0.0722 * b > 120) light++;
      n++;
    }
  }
  expect(light / n, 'a light sheet').toBeGreaterThan(0.85);
  // The grids wear the light ramp, each class of it, and none of the dark one.
  const ramp = ['fff4d2', 'f9d890', 'efa75e', 'd86c48', 'a23a3a'];
  for (const color of ramp) expect(colors.get(color) ?? 0, color).toBeGreaterThan(20);
  for (const color of ['0e131a', '553823', '8a4f28', 'c47233', 'f2ae62']) expect(colors.get(color) ?? 0, color).toBeLessThan(5);
  await settled(page);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(before);
});
