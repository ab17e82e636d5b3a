import { defineConfig } from '@playwright/test';
import { chromiumPath, hasPostgis, pageUrl, postgisUrl } from './server';

// Tests that say @store write through all of the server: those are worth a second store.
const onPostgis = { name: 'postgis', grep: /@store/, use: { baseURL: postgisUrl } };

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './server.ts',
  // One software-drawn map at a time is what the machine can carry.
  workers: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  projects: [{ name: 'geopackage', use: { baseURL: pageUrl } }, ...(hasPostgis ? [onPostgis] : [])],
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: chromiumPath },
    // The desktop layout, small enough for software drawing.
    viewport: { width: 1100, height: 700 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
  },
});
