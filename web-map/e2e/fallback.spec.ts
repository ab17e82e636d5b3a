import { expect, get, test } from './page';

test('without WebGL2: the server’s picture, its buttons and the table', async ({ page }) => {
  await page.addInitScript(() => {
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
      return kind.startsWith('webgl') ? null : real.call(this, kind as '2d', ...(rest as []));
    } as typeof real;
  });
  await page.goto('/');
  const image = page.locator('.still img');
  await expect(image).toBeVisible();
  await expect.poll(() => image.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBeGreaterThan(200);
  await expect(page.locator('.still-note')).toContainText('WebGL2');
  await expect(page.getByRole('grid')).toBeVisible();
  const before = await image.getAttribute('src');
  await page.getByRole('button', { name: '放大' }).click();
  await expect.poll(() => image.getAttribute('src')).not.toBe(before);
  await page.getByRole('button', { name: '向东移' }).click();
  await expect(page).toHaveURL(/map=/);
});

test('the page says so when the server is gone', async ({ page, errors }) => {
  await page.route('**/api/meta', (route) => route.abort());
  await page.goto('/');
  await expect(page.getByText('连接已断开')).toBeVisible();
  await expect(page.getByRole('button', { name: '重试' })).toBeVisible();
  errors.length = 0;
});

test('every answer carries the strict policy', async ({ request }) => {
  const answer = await request.get('/', { headers: { Accept: 'text/html' } });
  const policy = answer.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(policy).not.toContain('worker-src blob');
  expect(await get<{ product: string }>(request, '/api/meta')).toMatchObject({ product: 'gridmap' });
});
