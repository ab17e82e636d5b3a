import type { Plugin } from 'vite';

/**
 * The one call that reaches the decoder of MapLibre's own tile format, which
 * this server does not send. Without it the bundler drops the decoder: about
 * 10 kB gzip in the page and as much in the worker.
 */
const CALL = 'const features = decodeTile(new Uint8Array(buffer));';

/** Cuts the decoder out; throws when the engine is no longer the one this was written for. */
export function withoutMlt(code: string): string {
  if (code.split(CALL).length !== 2) throw new Error('maplibre-gl changed: check build/engine.ts before raising its version');
  return code.replace(CALL, "throw new Error('tiles in MLT are not built in'); const features = [];");
}

/** Builds the engine from its readable files, without what this client never calls. */
export function engine(): Plugin {
  return {
    name: 'gridmap-engine',
    enforce: 'pre',
    apply: 'build',
    resolveId(id, importer) {
      if (id === 'maplibre-gl') return this.resolve('maplibre-gl/dist/maplibre-gl-dev.mjs', importer, { skipSelf: true });
      if (id === 'maplibre-gl/dist/maplibre-gl-worker.mjs') return this.resolve('maplibre-gl/dist/maplibre-gl-worker-dev.mjs', importer, { skipSelf: true });
      return null;
    },
    transform(code, id) {
      if (!/maplibre-gl-(?:worker-)?dev\.mjs$/.test(id)) return null;
      return { code: withoutMlt(code), map: null };
    },
  };
}
