/** Templates of usual services, to be filled in: addresses as the services publish them, never a key. */
import type { Item } from './rows';

export interface Preset {
  id: 'tiandituVec' | 'tiandituImg' | 'amap' | 'file';
  item: Item;
}

/** The WMTS of 天地图 in its key-value form, on web-mercator tiles. */
const tianditu = (layer: string): string =>
  `https://t{s}.tianditu.gov.cn/${layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}`;

const TIANDITU = { minzoom: 1, maxzoom: 18, tile_size: 256, scheme: 'xyz', datum: 'cgcs2000', subdomains: ['0', '1', '2', '3', '4', '5', '6', '7'], attribution: '天地图', key_ref: 'GRIDMAP_TIANDITU_KEY' };

export const PRESETS: readonly Preset[] = [
  { id: 'tiandituVec', item: { name: '天地图 矢量', url: tianditu('vec'), labels_url: tianditu('cva'), ...TIANDITU } },
  { id: 'tiandituImg', item: { name: '天地图 影像', url: tianditu('img'), labels_url: tianditu('cia'), ...TIANDITU } },
  {
    id: 'amap',
    item: {
      name: '高德', url: 'https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}',
      minzoom: 3, maxzoom: 18, tile_size: 256, scheme: 'xyz', datum: 'gcj02', subdomains: ['1', '2', '3', '4'], attribution: '高德地图',
    },
  },
  { id: 'file', item: { name: '', url: 'pmtiles:', datum: 'wgs84' } },
];

/** A filled-in entry with a name that is still free. */
export function presetItem({ item }: Preset, taken: readonly string[]): Item {
  const name = String(item.name);
  if (!name || !taken.includes(name)) return { ...item };
  for (let n = 2; ; n++) if (!taken.includes(`${name} ${n}`)) return { ...item, name: `${name} ${n}` };
}
