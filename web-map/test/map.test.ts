import { describe, expect, it } from 'vitest';
import { boxOf } from '../src/map/box';
import { choose, type Hit } from '../src/map/hits';
import { scaleFor } from '../src/map/sheet';
import { boxAround, panned, zoomed } from '../src/map/still';
import { Loader } from '../src/state/loader';

describe('boxes', () => {
  it('go around every part of a geometry', () => {
    expect(boxOf({ type: 'MultiPolygon', coordinates: [[[[1, 2], [3, 5], [2, 2], [1, 2]]], [[[-1, 0], [0, 0], [0, 1], [-1, 0]]]] })).toEqual([-1, 0, 3, 5]);
    expect(boxOf({ type: 'Point', coordinates: [7, 8] })).toEqual([7, 8, 7, 8]);
    expect(boxOf({ type: 'LineString', coordinates: [] })).toBeNull();
  });
});

describe('clicking', () => {
  const hits: Hit[] = [{ layer: 'incidents', id: 1 }, { layer: 'compounds', id: 2 }, { layer: 'grids', id: 3 }];
  it('takes the best hit', () => expect(choose(hits, null, false)).toEqual(hits[0]));
  it('goes down through what lies below, and round', () => {
    expect(choose(hits, hits[0]!, true)).toEqual(hits[1]);
    expect(choose(hits, hits[2]!, true)).toEqual(hits[0]);
  });
  it('starts at the top in another place', () => expect(choose(hits, hits[0]!, false)).toEqual(hits[0]));
  it('finds nothing where there is nothing', () => expect(choose([], hits[0]!, true)).toBeNull());
});

describe('the scale bar', () => {
  it.each([[1, 140, 100], [0.37, 140, 50], [10, 150, 1000], [3, 100, 200]])('at %f m/px in %i px is %i m', (perPixel, room, meters) => {
    const bar = scaleFor(perPixel, room);
    expect(bar.meters).toBe(meters);
    expect(bar.px).toBeLessThanOrEqual(room);
    expect(bar.px * perPixel).toBeCloseTo(meters, 6);
  });
});

describe('the server’s picture', () => {
  const all: [number, number, number, number] = [117.28, 31.87, 117.32, 31.9];
  it('shows the whole district at first', () => {
    const { bounds } = boxAround(null, all, 800, 600);
    expect(bounds[0]).toBeLessThan(all[0]);
    expect(bounds[1]).toBeLessThan(all[1]);
    expect(bounds[2]).toBeGreaterThan(all[2]);
    expect(bounds[3]).toBeGreaterThan(all[3]);
  });
  it('knows where a pixel is, and has square pixels on the ground', () => {
    const still = boxAround({ zoom: 15, lat: 31.88, lon: 117.3 }, all, 800, 600);
    const [lon, lat] = still.at(400, 300);
    expect(lon).toBeCloseTo(117.3, 9);
    expect(lat).toBeCloseTo(31.88, 9);
    const east = (still.at(500, 300)[0] - lon) * Math.cos((31.88 * Math.PI) / 180);
    const south = lat - still.at(400, 400)[1];
    expect(south / east).toBeCloseTo(1, 3);
  });
  it('moves by what it is told', () => {
    const view = { zoom: 15, lat: 31.88, lon: 117.3 };
    const still = boxAround(view, all, 800, 600);
    const moved = panned(view, 100, -50);
    expect([moved.lon, moved.lat]).toEqual([expect.closeTo(still.at(500, 250)[0], 9), expect.closeTo(still.at(500, 250)[1], 9)]);
    expect(zoomed({ ...view, zoom: 19 }, 1).zoom).toBe(19);
  });
});

describe('loader', () => {
  it('shows the answer to the last question only', async () => {
    const waiting: Record<string, (value: string) => void> = {};
    const loader = new Loader<string>((key) => new Promise((resolve) => (waiting[key] = resolve)));
    const first = loader.load('a');
    const second = loader.load('b');
    waiting.b!('B');
    await second;
    waiting.a!('A');
    await first;
    expect(loader.state.value).toEqual({ value: 'B', key: 'b', loading: false, error: null });
  });

  it('keeps the old answer while asking and after a failure', async () => {
    let fail = false;
    const loader = new Loader<string>(async (key) => {
      if (fail) throw new Error('no');
      return key;
    });
    await loader.load('a');
    fail = true;
    const asked = loader.load('b');
    expect(loader.state.value).toMatchObject({ value: 'a', loading: true });
    await asked;
    expect(loader.state.value).toMatchObject({ value: 'a', key: 'a', loading: false, error: 'offline' });
  });
});
