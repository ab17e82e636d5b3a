import { chromium } from 'playwright';
import { statSync } from 'node:fs';
const [url, out] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--use-angle=swiftshader-webgl'] });
const page = await b.newPage({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN' });
const t0 = Date.now(); const say = (...a) => console.log(((Date.now() - t0) / 1000).toFixed(1), ...a);
page.on('console', (m) => ['error', 'warning'].includes(m.type()) && say('CONSOLE', m.text().slice(0, 200)));
page.on('pageerror', (e) => say('PAGEERROR', e.message));
const shot = (n) => page.screenshot({ path: `${out}-${n}.png` });
await page.goto(url + '/'); await page.waitForTimeout(2500); await shot('0-empty');
const main = page.locator('.imp-foot .imp-on');
async function bring(files, name, datum) {
  await page.goto('about:blank'); await page.goto(url + '/#v=import'); await page.locator('.imp-drop').waitFor();
  if (name === 'grids') await shot('1-drop');
  await page.locator('.imp-drop input[type=file]').setInputFiles(files);
  await page.locator('.imp-foot').waitFor();
  for (let i = 0; i < 60 && (await main.textContent()) === '正在重新校验…'; i++) await page.waitForTimeout(250);
  await page.waitForTimeout(600);
  await shot(`${name}-a`); say(name, 'read:', await main.textContent(), await page.locator('.imp-sum').allTextContents());
  for (let i = 0; i < 6; i++) {
    const t = await main.textContent();
    if (t.startsWith('入库')) break;
    if (await main.getAttribute('aria-disabled') === 'true') { say('blocked:', t); 
      const opts = page.getByRole('radio'); say('radios', await opts.count());
      if (datum) { await page.getByText(datum).first().click(); await page.waitForTimeout(1500);} }
    else { await main.click(); await page.waitForTimeout(1200); }
    await shot(`${name}-b${i}`); say(name, 'step', await main.textContent(), await page.locator('.imp-sum').allTextContents());
  }
  await main.click(); await page.locator('.imp-done').waitFor({ timeout: 60000 }); await page.waitForTimeout(800);
  await shot(`${name}-z`); say(name, 'stored', (await page.locator('.imp-done').innerText()).replace(/\n/g, ' | ').slice(0, 300));
}
const T = '/work/trial/';
await bring(['网格.shp', '网格.shx', '网格.dbf', '网格.prj', '网格.cpg'].map((f) => T + f), 'grids');
await bring(T + 'town.osm.pbf', 'osm');
await bring(T + '警情台账.xlsx', 'xlsx', 'GCJ-02');
await page.goto('about:blank'); await page.goto(url + '/'); await page.waitForFunction(() => document.body.dataset.idle === 'true', null, { timeout: 60000 }); await page.waitForTimeout(2500);
await shot('8-map'); say('map');
await page.keyboard.press('/'); await page.keyboard.type('北塘'); await page.waitForTimeout(1200); await shot('9-search-a');
await page.keyboard.press('Escape'); await page.keyboard.press('Escape');
await page.keyboard.press('/'); await page.keyboard.type('七里塘'); await page.waitForTimeout(1200); await shot('9-search'); await page.keyboard.press('Enter'); await page.waitForTimeout(2500); await shot('9-found'); say('found');
await page.keyboard.press('Escape');
await page.evaluate(() => dispatchEvent(new Event('beforeprint'))).catch(() => {});
await page.waitForTimeout(2500);
await page.pdf({ path: `${out}-print.pdf`, format: 'A4', landscape: true, printBackground: true }); say('pdf', statSync(`${out}-print.pdf`).size);
await b.close();
