/** Which tile shows a place. Pure. */
import type { LonLat } from '../coords';

export interface Tile {
  z: number;
  x: number;
  y: number;
}

const RAD = Math.PI / 180;

/** The tile over a position of the plane of the tiles, at the zoom nearest to the map's that there is. */
export function tileAt([lon, lat]: LonLat, zoom: number, { minzoom, maxzoom, tile_size }: { minzoom: number; maxzoom: number; tile_size: number }): Tile {
  // The map counts zooms in tiles of 512 px.
  const z = Math.max(minzoom, Math.min(maxzoom, Math.round(zoom + Math.log2(512 / tile_size))));
  const n = 2 ** z;
  const clamp = (value: number): number => Math.max(0, Math.min(n - 1, Math.floor(value)));
  const y = Math.asinh(Math.tan(Math.max(-85.05, Math.min(85.05, lat)) * RAD)) / Math.PI;
  return { z, x: clamp(((lon + 180) / 360) * n), y: clamp(((1 - y) / 2) * n) };
}
