import { defineConfig } from '@playwright/test';
import { chromiumPath, pageUrl } from './server';

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
  use: {
    baseURL: pageUrl,
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
