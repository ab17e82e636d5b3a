import type { Bounds } from '../api/types';
import type { Camera } from '../state/url';

export type View = Camera;

const WORLD_PX = 512;

const toX = (lon: number): number => (lon + 180) / 360;
const toY = (lat: number): number => (1 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI) / 2;
const toLon = (x: number): number => x * 360 - 180;
const toLat = (y: number): number => (360 / Math.PI) * Math.atan(Math.exp((1 - 2 * y) * Math.PI)) - 90;

export interface Still {
  view: View;
  bounds: Bounds;
  /** Position of a pixel of the picture. */
  at(x: number, y: number): [lon: number, lat: number];
}

/** What a picture of `width` by `height` px shows: the camera given, else the whole of `all`. */
export function boxAround(camera: Camera | null, all: Bounds, width: number, height: number): Still {
  const view = camera ?? fitting(all, width, height);
  const scale = WORLD_PX * 2 ** view.zoom;
  const cx = toX(view.lon);
  const cy = toY(view.lat);
  const at = (x: number, y: number): [number, number] => [toLon(cx + (x - width / 2) / scale), toLat(cy + (y - height / 2) / scale)];
  const [west, north] = at(0, 0);
  const [east, south] = at(width, height);
  return { view, bounds: [west, south, east, north], at };
}

function fitting(all: Bounds, width: number, height: number): View {
  const w = Math.max(1e-9, toX(all[2]) - toX(all[0]));
  const h = Math.max(1e-9, toY(all[1]) - toY(all[3]));
  const zoom = Math.min(18, Math.log2(Math.min((width * 0.94) / (w * WORLD_PX), (height * 0.94) / (h * WORLD_PX))));
  return { zoom, lon: toLon((toX(all[0]) + toX(all[2])) / 2), lat: toLat((toY(all[1]) + toY(all[3])) / 2) };
}

/** Moves by pixels. */
export function panned(view: View, dx: number, dy: number): View {
  const scale = WORLD_PX * 2 ** view.zoom;
  return { ...view, lon: toLon(toX(view.lon) + dx / scale), lat: toLat(toY(view.lat) + dy / scale) };
}

export function zoomed(view: View, step: number): View {
  return { ...view, zoom: Math.max(2, Math.min(19, view.zoom + step)) };
}
