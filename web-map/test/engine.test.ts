import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withoutMlt } from '../build/engine';

const read = (name: string): string => readFileSync(new URL(`../node_modules/maplibre-gl/dist/${name}`, import.meta.url), 'utf8');

describe('the engine as built', () => {
  it.each(['maplibre-gl-dev.mjs', 'maplibre-gl-worker-dev.mjs'])('%s still has the one call that is cut', (name) => {
    expect(withoutMlt(read(name))).not.toContain('decodeTile(new Uint8Array');
  });

  it('refuses an engine it does not know', () => {
    expect(() => withoutMlt('export {}')).toThrow(/maplibre-gl changed/);
  });
});
