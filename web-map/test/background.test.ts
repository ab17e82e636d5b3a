import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import type { Client } from '../src/api/client';
import { LAYERS, type Background, type LayerName } from '../src/api/types';
import type { Controller } from '../src/app/controller';
import { choose, Grounds, NO_GROUND } from '../src/app/grounds';
import { credit } from '../src/app/words';
import { groundOf } from '../src/background/ground';
import { gridColor } from '../src/map/layers';
import { buildStyle, layerOf, tileUrl, type StyleInput } from '../src/map/style';
import { tileAt } from '../src/settings/preview';
import { PRESETS, presetItem } from '../src/settings/presets';
import { Store, type Page } from '../src/state/store';
import { LAYER_ORDER } from '../src/state/url';
import type { Tokens } from '../src/map/tokens';

const light: Tokens = {
  bg: '#F3F5F8', surface: '#fff', control: '#758194', text: '#16202E', text2: '#465264', accent: '#0B5CAD', danger: '#B42318',
  land: '#F4F3EF', line: '#5D6570', halo: '#fff', route: '#0B5CAD',
  kinds: { police: '#C2410C', dispute: '#5B3FB5', hotline: '#0891B2' },
  density: ['#FFF4D2', '#F9D890', '#EFA75E', '#D86C48', '#A23A3A'],
  textScale: 1,
  fonts: ['Noto Sans SC', 'Noto Sans CJK SC', 'sans-serif'],
};
const dark: Tokens = { ...light, bg: '#0E131A', land: '#141A21', line: '#8592A3', halo: '#0E131A', text: '#E9EEF4', text2: '#AAB6C5' };
const empty: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
const input: StyleInput = { tokens: light, measure: 'count', layers: LAYERS, order: LAYER_ORDER, gridsDay: null, bare: false, filter: '', origin: 'http://127.0.0.1:8080', outline: empty, measured: empty, marks: empty };

function background(change: Partial<Background>): Background {
  return { id: 'osm', kind: 'osm', name: 'OpenStreetMap', tiles: '/background/osm/{z}/{x}/{y}?v=1', labels: null, minzoom: 6, maxzoom: 16, tile_size: 512, bounds: [117, 31, 118, 32], datum: 'wgs84', attribution: '© OpenStreetMap contributors', approval: '', schema: 'gridmap', problem: null, ...change };
}
const picture = background({ id: 'a1', kind: 'raster', schema: 'raster', tiles: '/background/a1/{z}/{x}/{y}', labels: '/background/a1/labels/{z}/{x}/{y}', tile_size: 256, bounds: null, datum: 'gcj02' });
const all: [string, Background][] = [
  ['gridmap', background({})],
  ['protomaps', background({ schema: 'protomaps' })],
  ['openmaptiles', background({ schema: 'openmaptiles' })],
  ['other', background({ schema: 'other', vector_layers: ['roads', 'lakes_water'] })],
  ['raster', picture],
];

function style(b: Background, change: Partial<StyleInput> = {}, strength = 1, own = true) {
  return buildStyle({ ...input, ...change, ground: groundOf(b, { strength, own, lang: 'zh' }, input.origin), datum: b.datum });
}

describe('a background', () => {
  it.each(all)('of the kind %s makes a valid style, light and dark, strong and faint', (_, b) => {
    for (const tokens of [light, dark]) for (const strength of [1, 0.4]) for (const own of [true, false]) expect(validateStyleMin(style(b, { tokens }, strength, own))).toEqual([]);
  });

  it.each(all)('of the kind %s lies under grids and streets, whatever their order, and is hidden with none of them', (_, b) => {
    const orders: LayerName[][] = [[...LAYER_ORDER], [...LAYER_ORDER].reverse()];
    for (const order of orders) {
      const { layers } = style(b, { order, layers: [] }, 0.5);
      const ids = layers.map((layer) => layer.id);
      expect(new Set(ids).size).toBe(ids.length);
      const grounds = layers.filter((layer) => layer.id.startsWith('ground-'));
      expect(grounds.length).toBeGreaterThan(0);
      for (const layer of grounds) {
        expect(layerOf(layer.id)).toBeNull();
        expect(JSON.stringify(layer.layout ?? {})).not.toContain('"none"');
        const at = ids.indexOf(layer.id);
        if (layer.type === 'symbol' || layer.id === 'ground-raster-labels') {
          expect(at).toBeGreaterThan(ids.indexOf('grids-fill'));
          expect(at).toBeLessThan(ids.indexOf('grids-label'));
          if (layer.type === 'raster') expect(at).toBeLessThan(ids.indexOf('incidents-point'));
        } else expect(at).toBeLessThan(Math.min(ids.indexOf('grids-fill'), ids.indexOf('streets-line'), ids.indexOf('outside')));
      }
    }
  });

  it('shows through the grids, and is not covered by their ground', () => {
    const plain = buildStyle(input);
    const over = style(background({}));
    const paint = (s: typeof plain, id: string): Record<string, unknown> => (s.layers.find((layer) => layer.id === id)?.paint ?? {}) as Record<string, unknown>;
    expect(plain.layers.some((layer) => layer.id === 'grids-land')).toBe(true);
    expect(over.layers.some((layer) => layer.id === 'grids-land')).toBe(false);
    // The style of the fills is the same, so that a background comes and goes without new tiles.
    expect(paint(over, 'grids-fill')).toEqual(paint(plain, 'grids-fill'));
    expect(gridColor(light, 5, false)).toBe('#A23A3A');
    expect(gridColor(light, 5, true)).toBe('rgba(162,58,58,0.7)');
    expect(gridColor(light, 0, false)).toBe(light.land);
    expect(gridColor(light, 0, true)).toMatch(/,0\)$/);
    const alpha = (color: unknown): number => Number(/([\d.]+)\)$/.exec(String(color))?.[1]);
    expect(alpha(paint(over, 'outside')['fill-color'])).toBeLessThan(alpha(paint(plain, 'outside')['fill-color']));
  });

  it('names roads only where our own streets do not', () => {
    const names = (change: Partial<StyleInput>, own: boolean): boolean => style(background({}), change, 1, own).layers.some((layer) => layer.id === 'ground-road-name');
    expect(names({}, true)).toBe(false);
    expect(names({}, false)).toBe(true);
    expect(names({ layers: ['grids'] }, true)).toBe(true);
  });

  it('keeps the pictures of a service dim at night and its zooms and datum', () => {
    const raster = (tokens: Tokens): Record<string, unknown> => (style(picture, { tokens }).layers.find((layer) => layer.id === 'ground-raster')?.paint ?? {}) as Record<string, unknown>;
    expect(raster(dark)['raster-brightness-max']).toBeLessThan(1);
    expect(raster(light)['raster-brightness-max']).toBeUndefined();
    const { sources } = style(picture);
    expect(sources.ground).toMatchObject({ type: 'raster', tileSize: 256, minzoom: 6, maxzoom: 16, tiles: ['http://127.0.0.1:8080/background/a1/{z}/{x}/{y}'] });
    expect(sources['ground-labels']).toBeDefined();
    expect(JSON.stringify(sources.plan)).toContain('datum=gcj02');
    expect(JSON.stringify(style(background({})).sources.plan)).not.toContain('datum');
  });

  it('changes with the theme in colors that need no new tiles', () => {
    for (const [, b] of all) {
      const [a, z] = [style(b).layers, style(b, { tokens: dark }).layers];
      expect(a.map((layer) => layer.id)).toEqual(z.map((layer) => layer.id));
      for (const [i, layer] of a.entries()) {
        if (!layer.id.startsWith('ground-')) continue;
        for (const [key, value] of Object.entries(layer.paint ?? {})) {
          const other = (z[i]?.paint as Record<string, unknown> | undefined)?.[key];
          if (JSON.stringify(value) !== JSON.stringify(other)) expect(JSON.stringify([value, other]), `${layer.id} ${key}`).not.toContain('"get"');
        }
        expect(JSON.stringify(layer.layout)).toBe(JSON.stringify(z[i]?.layout));
      }
    }
  });
});

describe('tiles of our own', () => {
  it('are asked for in the plane of the background, beside what else is asked', () => {
    const at = { origin: '', filter: 'kind=police', gridsDay: '2026-06-30', datum: 'gcj02' } as const;
    expect(tileUrl(at, 'incidents')).toBe('/tiles/incidents/{z}/{x}/{y}?kind=police&datum=gcj02');
    expect(tileUrl(at, 'plan')).toMatch(/\?grids_on=2026-06-30&datum=gcj02$/);
    expect(tileUrl(at, 'base')).toBe('/tiles/streets/{z}/{x}/{y}?datum=gcj02');
  });
});

describe('the choice', () => {
  const osm = background({});
  const broken = background({ id: 'b2', kind: 'raster', problem: { code: 'no_key', zh: '没有密钥', en: 'no key' } });
  const list = [osm, picture, broken];

  it('is our own ground where there is one and nothing was said', () => {
    expect(choose(list, null, null)).toBe(osm);
    expect(choose([picture], null, null)).toBeNull();
    expect(choose(null, null, null)).toBeNull();
  });

  it('is the link before the browser, and none where none is wanted', () => {
    expect(choose(list, 'a1', 'osm')).toBe(picture);
    expect(choose(list, null, 'a1')).toBe(picture);
    expect(choose(list, 'none', 'a1')).toBeNull();
    expect(choose(list, null, 'none')).toBeNull();
  });

  it('passes over what is gone, and shows nothing for what does not work', () => {
    expect(choose(list, 'gone', 'a1')).toBe(picture);
    expect(choose(list, 'gone', 'gone too')).toBe(osm);
    expect(choose(list, null, 'b2')).toBeNull();
  });
});

describe('the tile to try', () => {
  const zooms = { minzoom: 3, maxzoom: 18, tile_size: 256 };
  it('holds the place', () => {
    for (const [lon, lat, zoom] of [[117.3, 31.85, 14], [-70.2, -33.4, 9.6], [0, 0, 5], [179.999, 84, 12]] as const) {
      const { z, x, y } = tileAt([lon, lat], zoom, zooms);
      const west = (x / 2 ** z) * 360 - 180;
      const north = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI;
      const south = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (y + 1)) / 2 ** z))) * 180) / Math.PI;
      expect(lon).toBeGreaterThanOrEqual(west);
      expect(lon).toBeLessThan(west + 360 / 2 ** z);
      expect(lat).toBeLessThanOrEqual(north + 1e-9);
      expect(lat).toBeGreaterThan(south - 1e-9);
    }
  });

  it('is of a zoom that there is, as large on the screen as the map is', () => {
    expect(tileAt([117, 31], 14, zooms).z).toBe(15);
    expect(tileAt([117, 31], 14, { ...zooms, tile_size: 512 }).z).toBe(14);
    expect(tileAt([117, 31], 20, zooms).z).toBe(18);
    expect(tileAt([117, 31], 0, zooms).z).toBe(3);
  });
});

describe('templates of services', () => {
  it('carry no key, and say where one goes', () => {
    for (const { item } of PRESETS) {
      for (const url of [item.url, item.labels_url].map((u) => String(u ?? ''))) {
        expect(url).not.toMatch(/(?:tk|key|ak|token)=(?!\{key\})/);
        if (/^https?:/.test(url)) for (const mark of ['{z}', '{x}', '{y}', '{s}']) expect(url).toContain(mark);
      }
      if (String(item.url).includes('{s}')) expect(Array.isArray(item.subdomains) && item.subdomains.length > 0).toBe(true);
    }
  });

  it('get a name that is free', () => {
    const preset = PRESETS[0];
    if (!preset) throw new Error('there are none');
    expect(presetItem(preset, []).name).toBe('天地图 矢量');
    expect(presetItem(preset, ['天地图 矢量', '天地图 矢量 2']).name).toBe('天地图 矢量 3');
  });
});

describe('the backgrounds of a page', () => {
  function page(): { page: Page; hash: () => string } {
    let hash = '';
    return { page: { hash: () => hash, write: (fragment) => (hash = fragment), onNavigate: () => undefined }, hash: () => hash };
  }
  const answering = (get: () => Promise<unknown>): Client => ({ get }) as unknown as Client;

  it('are none where the server does not tell, and the map is as it was', async () => {
    const grounds = new Grounds(answering(() => Promise.reject(new Error('offline'))), new Store(page().page));
    expect(grounds.list.value).toBeNull();
    await grounds.load();
    expect(grounds.list.value).toEqual([]);
    expect(grounds.chosen.value).toBeNull();
  });

  it('keep what is known when a later question fails', async () => {
    let fine = true;
    const grounds = new Grounds(answering(() => (fine ? Promise.resolve({ backgrounds: [background({})] }) : Promise.reject(new Error('offline')))), new Store(page().page));
    await grounds.load();
    fine = false;
    await grounds.load();
    expect(grounds.chosen.value?.id).toBe('osm');
  });

  it('are chosen into the address, from where they can be taken back', async () => {
    const { page: p, hash } = page();
    const store = new Store(p);
    const grounds = new Grounds(answering(() => Promise.resolve({ backgrounds: [background({}), picture] })), store);
    await grounds.load();
    expect(hash()).toBe('');
    expect(grounds.wish).toBe('osm');
    grounds.use('a1');
    expect(hash()).toBe('#bg=a1');
    expect(grounds.chosen.value).toBe(picture);
    grounds.use(NO_GROUND);
    expect(grounds.chosen.value).toBeNull();
    // The address without it: what this browser remembers.
    store.update({ background: null });
    expect(grounds.wish).toBe(NO_GROUND);
  });

  it('say why tiles do not come in the words of the server, once', async () => {
    const grounds = new Grounds(answering(() => Promise.resolve({ backgrounds: [] })), new Store(page().page));
    await grounds.fail({ body: new Blob([JSON.stringify({ title: 'x', detail: '服务“甲”没有回答' })]) });
    expect(grounds.failed.value).toBe('服务“甲”没有回答');
    await grounds.fail({ body: new Blob([JSON.stringify({ detail: 'another' })]) });
    expect(grounds.failed.value).toBe('服务“甲”没有回答');
    grounds.failed.value = null;
    await grounds.fail(new Error('no body'));
    expect(grounds.failed.value).toBe('');
  });
});

describe('the line of sources', () => {
  const app = (own: string | null, ground: Background | null): Controller => ({ session: { meta: { value: { district: { attribution: own } } } }, grounds: { chosen: { value: ground } } }) as unknown as Controller;

  it('names the map below with the number of its approval', () => {
    expect(credit(app('本街道', background({ attribution: '天地图', approval: 'GS(2024)0001号' })))).toBe('本街道 · 天地图 · 审图号:GS(2024)0001号');
    expect(credit(app(null, background({ attribution: '', approval: '审图号：GS(2024)0001号' })))).toBe('审图号：GS(2024)0001号');
    expect(credit(app('本街道', null))).toBe('本街道');
    expect(credit(app(null, null))).toBe('');
  });

  it('says nothing twice', () => {
    expect(credit(app('街道 © OpenStreetMap contributors', background({})))).toBe('街道 © OpenStreetMap contributors');
    expect(credit(app('© OpenStreetMap contributors', background({ attribution: '© OpenStreetMap contributors, 试图' })))).toBe('© OpenStreetMap contributors, 试图');
  });
});
