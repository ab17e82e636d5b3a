import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { LAYERS } from '../src/api/types';
import { buildStyle, layerOf, tileUrl, type StyleInput } from '../src/map/style';
import { blend, fade, type Tokens } from '../src/map/tokens';

const tokens: Tokens = {
  bg: '#F3F5F8', surface: '#fff', control: '#758194', text: '#16202E', text2: '#465264', accent: '#0B5CAD', danger: '#B42318',
  land: '#F4F3EF', line: '#5D6570', halo: '#fff', route: '#0B5CAD',
  kinds: { police: '#C2410C', dispute: '#5B3FB5', hotline: '#0891B2' },
  density: ['#FFF4D2', '#F9D890', '#EFA75E', '#D86C48', '#A23A3A'],
  fonts: ['Noto Sans SC', 'Noto Sans CJK SC', 'sans-serif'],
};
const empty: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
const input: StyleInput = { tokens, measure: 'count', layers: LAYERS, filter: 'kind=police', origin: 'http://127.0.0.1:8080', outline: empty, measured: empty, marks: empty };

describe('style', () => {
  it.each(['count', 'rate', 'none'] as const)('is valid when coloring by %s', (measure) => {
    expect(validateStyleMin(buildStyle({ ...input, measure }))).toEqual([]);
  });

  it('draws all text with the one font list and asks no server for glyphs', () => {
    const style = buildStyle(input);
    expect(style.glyphs).toBeUndefined();
    const symbols = style.layers.filter((layer) => layer.type === 'symbol');
    expect(symbols.length).toBeGreaterThan(5);
    for (const layer of symbols) expect((layer.layout as Record<string, unknown>)['text-font'], layer.id).toEqual(tokens.fonts);
  });

  it('shows kinds by color only when nothing else is colored', () => {
    const icon = (measure: StyleInput['measure'], layers = LAYERS as StyleInput['layers']) =>
      JSON.stringify(buildStyle({ ...input, measure, layers }).layers.find((layer) => layer.id === 'incidents-point')?.layout);
    expect(icon('count')).toContain('ink-');
    expect(icon('none')).toContain('kind-');
    expect(icon('count', ['incidents'])).toContain('kind-');
  });

  it('hides every layer of what is switched off, and nothing else', () => {
    const style = buildStyle({ ...input, layers: ['streets'] });
    for (const layer of style.layers) {
      const of = layerOf(layer.id);
      const hidden = (layer.layout as { visibility?: string } | undefined)?.visibility === 'none';
      expect(hidden, layer.id).toBe(of !== null && of !== 'streets');
    }
  });

  it('filters the incident tiles only', () => {
    expect(tileUrl('', 'incidents', 'kind=police')).toBe('/tiles/incidents/{z}/{x}/{y}?kind=police');
    expect(tileUrl('', 'plan', 'kind=police')).not.toContain('kind');
  });
});

describe('colors', () => {
  it('read the short form that build tools write', () => {
    expect(fade('#fff', 0.5)).toBe('rgba(255,255,255,0.5)');
    expect(blend('#000000', '#fff', 0.5)).toBe('rgb(128,128,128)');
  });
});
