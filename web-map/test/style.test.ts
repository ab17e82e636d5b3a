import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { LAYERS, type LayerName } from '../src/api/types';
import { buildStyle, layerOf, tileUrl, type StyleInput } from '../src/map/style';
import { LAYER_ORDER } from '../src/state/url';
import { blend, fade, type Tokens } from '../src/map/tokens';

const tokens: Tokens = {
  bg: '#F3F5F8', surface: '#fff', control: '#758194', text: '#16202E', text2: '#465264', accent: '#0B5CAD', danger: '#B42318',
  land: '#F4F3EF', line: '#5D6570', halo: '#fff', route: '#0B5CAD',
  kinds: { police: '#C2410C', dispute: '#5B3FB5', hotline: '#0891B2' },
  density: ['#FFF4D2', '#F9D890', '#EFA75E', '#D86C48', '#A23A3A'],
  textScale: 1,
  fonts: ['Noto Sans SC', 'Noto Sans CJK SC', 'sans-serif'],
};
const empty: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
const input: StyleInput = { tokens, measure: 'count', layers: LAYERS, order: LAYER_ORDER, gridsDay: null, bare: false, filter: 'kind=police', origin: 'http://127.0.0.1:8080', outline: empty, measured: empty, marks: empty };

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
    const asked = { origin: '', filter: 'kind=police', gridsDay: null };
    expect(tileUrl(asked, 'incidents')).toBe('/tiles/incidents/{z}/{x}/{y}?kind=police');
    expect(tileUrl(asked, 'plan')).toBe('/tiles/grids,grids_label,compounds,compounds_label,routes,routes_stop/{z}/{x}/{y}');
    expect(tileUrl({ ...asked, filter: '' }, 'cells')).not.toContain('?');
  });

  it('asks for the grids of the day that is counted', () => {
    const asked = { origin: '', filter: 'kind=police', gridsDay: '2026-06-30' };
    expect(tileUrl(asked, 'plan')).toMatch(/\?grids_on=2026-06-30$/);
    expect(tileUrl(asked, 'incidents')).not.toContain('grids_on');
    expect(tileUrl(asked, 'base')).not.toContain('?');
  });

  it('draws areas under lines under symbols under names, whatever the order', () => {
    const orders: LayerName[][] = [[...LAYER_ORDER], [...LAYER_ORDER].reverse(), ['grids', 'incidents', 'streets', 'compounds', 'routes']];
    const ids = orders.map((order) => buildStyle({ ...input, order }).layers.map((layer) => layer.id));
    for (const [i, list] of ids.entries()) {
      const at = (id: string): number => list.indexOf(id);
      expect(new Set(list).size).toBe(list.length);
      expect([...list].sort()).toEqual([...(ids[0] ?? [])].sort());
      for (const area of ['grids-fill', 'compounds-fill']) for (const line of ['streets-line', 'grids-line', 'compounds-line', 'routes-line']) expect(at(area)).toBeLessThan(at(line));
      for (const line of ['streets-line', 'outside', 'routes-line', 'grids-line']) for (const symbol of ['incidents-point', 'compounds-point', 'routes-chevron']) expect(at(line)).toBeLessThan(at(symbol));
      expect(at('incidents-point')).toBeLessThan(Math.min(at('streets-label'), at('grids-label'), at('incidents-cell-count')));
      const order = orders[i] as LayerName[];
      for (const [a, b] of [['streets', 'grids'], ['grids', 'compounds'], ['compounds', 'routes'], ['streets', 'routes']] as const) {
        expect(at(`${a}-line`) < at(`${b}-line`), `${a} and ${b} in ${order.join()}`).toBe(order.indexOf(a) > order.indexOf(b));
      }
    }
    for (const order of orders) expect(validateStyleMin(buildStyle({ ...input, order }))).toEqual([]);
  });

  it('makes a town of the streets where there are no grids', () => {
    const paint = (bare: boolean, id: string): string => JSON.stringify(buildStyle({ ...input, bare }).layers.find((layer) => layer.id === id)?.paint);
    expect(paint(true, 'background')).toContain(tokens.land);
    expect(paint(false, 'background')).toContain(tokens.bg);
    expect(paint(true, 'streets-casing')).not.toBe(paint(false, 'streets-casing'));
    expect(JSON.stringify(buildStyle({ ...input, bare: true }).layers.find((layer) => layer.id === 'incidents-point')?.layout)).toContain('kind-');
    expect(validateStyleMin(buildStyle({ ...input, bare: true }))).toEqual([]);
  });

  it('keeps colors of classes out of the style, so that a theme changes in one frame', () => {
    const text = JSON.stringify(buildStyle(input).layers.filter((layer) => layer.id.startsWith('grids-fill')));
    for (const color of tokens.density) expect(text).not.toContain(color);
    expect(buildStyle(input).transition).toEqual({ duration: 0, delay: 0 });
    // What is left that depends on data (widths, sizes) is the same in every theme.
    const other = { ...tokens, bg: '#000001', surface: '#000002', control: '#000003', text: '#000004', text2: '#000005', accent: '#000006', danger: '#000007', land: '#000008', line: '#000009', halo: '#00000a', route: '#00000b' };
    const [light, dark] = [buildStyle(input).layers, buildStyle({ ...input, tokens: other }).layers];
    for (const [i, layer] of light.entries()) {
      const [a, b] = [layer.paint ?? {}, dark[i]?.paint ?? {}] as Record<string, unknown>[];
      for (const key of Object.keys(a ?? {})) if (JSON.stringify(a?.[key]) !== JSON.stringify(b?.[key])) expect(typeof a?.[key], `${layer.id} ${key}`).toBe('string');
      expect(JSON.stringify(layer.layout)).toBe(JSON.stringify(dark[i]?.layout));
    }
  });

  it('enlarges names with the page’s text', () => {
    const sizes = (textScale: number): string[] => buildStyle({ ...input, tokens: { ...tokens, textScale } }).layers.filter((l) => l.type === 'symbol').map((l) => JSON.stringify((l.layout as Record<string, unknown>)['text-size']));
    expect(sizes(1.15)).not.toEqual(sizes(1));
    expect(validateStyleMin(buildStyle({ ...input, tokens: { ...tokens, textScale: 1.15 } }))).toEqual([]);
  });
});

describe('colors', () => {
  it('read the short form that build tools write', () => {
    expect(fade('#fff', 0.5)).toBe('rgba(255,255,255,0.5)');
    expect(blend('#000000', '#fff', 0.5)).toBe('rgb(128,128,128)');
  });
});
