import { defineConfig } from 'vite';
import { compress } from './build/compress';
import { engine } from './build/engine';

const server = process.env.GRIDMAP_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [engine(), compress()],
  // TSX is compiled by Vite itself; no plugin needed for Preact.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    // Chromium 94 is what 360, Qianxin and UOS browsers ship.
    target: 'chrome94',
    cssTarget: 'chrome94',
    assetsInlineLimit: 0,
    emptyOutDir: true,
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1400,
    // Modules are preloaded by the browsers we support.
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es', plugins: () => [engine()] },
  // `vite preview` passes the same on; GRIDMAP_E2E_URL sends the browser tests there.
  server: {
    proxy: Object.fromEntries(
      // The host stays the one of the page: the server refuses writes that come from another origin.
      ['/api', '/tiles', '/background', '/collections', '/map.png', '/openapi.json', '/conformance'].map((path) => [path, { target: server, changeOrigin: false }]),
    ),
  },
});
