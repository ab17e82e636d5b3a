import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(?:html|js|mjs|css|svg|json|txt|webmanifest)$/;
/** Files smaller than this gain nothing from a compressed twin. */
const MIN_BYTES = 512;

async function* walk(dir: string): AsyncGenerator<string> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

/**
 * Writes `x.br` and `x.gz` beside every text file of the output, because the
 * server embeds the folder and picks by Accept-Encoding. Over plain http
 * browsers ask for gzip only, so both are needed.
 */
export function compress(): Plugin {
  let outDir = 'dist';
  return {
    name: 'gridmap-compress',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
    },
    async closeBundle() {
      // Quality 11 costs about 7 s and saves 8 %: worth it for a release only.
      const quality = process.env.WEB_MAP_RELEASE ? 11 : 5;
      const level = 9;
      for await (const path of walk(outDir)) {
        if (!TEXT.test(path) || (await stat(path)).size < MIN_BYTES) continue;
        const body = await readFile(path);
        const [br, gz] = await Promise.all([
          promisify(brotliCompress)(body, {
            params: {
              [constants.BROTLI_PARAM_QUALITY]: quality,
              [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
            },
          }),
          promisify(gzip)(body, { level }),
        ]);
        await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
      }
    },
  };
}
