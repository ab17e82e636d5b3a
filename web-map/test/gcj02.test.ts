import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gcj02ToWgs84, insideBox, wgs84ToGcj02 } from '../src/gcj02';
import { movedBox, offMap, ontoMap, placed } from '../src/map/plane';

interface Vector {
  from: string;
  to: string;
  kind: string;
  in: [number, number];
  out: [number, number];
}

const vectors: Vector[] = readFileSync(new URL('../../tests/fixtures/crs/vectors.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .map(([from, to, kind, x, y, lon, lat]) => ({ from: from ?? '', to: to ?? '', kind: kind ?? '', in: [Number(x), Number(y)] as [number, number], out: [Number(lon), Number(lat)] as [number, number] }))
  .filter(({ from, to }) => [from, to].sort().join() === 'GCJ02,WGS84');

/** A repeatable series of numbers in [0, 1). */
function series(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('GCJ-02', () => {
  it('has reference numbers to be compared with', () => {
    expect(vectors.filter((v) => v.kind === 'forward').length).toBeGreaterThan(10);
    expect(vectors.filter((v) => v.kind === 'exact_inverse').length).toBeGreaterThan(10);
  });

  it('agrees with numbers of 40 digits to 1e-9 degrees', () => {
    for (const v of vectors) {
      const out = (v.from === 'WGS84' ? wgs84ToGcj02 : gcj02ToWgs84)(v.in);
      expect(Math.abs(out[0] - v.out[0]), JSON.stringify(v)).toBeLessThan(1e-9);
      expect(Math.abs(out[1] - v.out[1]), JSON.stringify(v)).toBeLessThan(1e-9);
    }
  });

  it('comes back from anywhere, and away again', () => {
    const next = series(7);
    for (let i = 0; i < 20_000; i++) {
      const p = [72.004 + next() * 65.8307, 0.8293 + next() * 54.9978] as const;
      const back = gcj02ToWgs84(wgs84ToGcj02(p));
      expect(Math.abs(back[0] - p[0]) + Math.abs(back[1] - p[1]), p.join()).toBeLessThan(2e-12);
    }
  });

  it('knows by the place itself whether it is shifted, also where the image leaves the box', () => {
    for (const p of [[137.8345, 35], [72.0041, 40], [100, 55.827], [100, 0.8294]] as const) {
      const image = wgs84ToGcj02(p);
      const back = gcj02ToWgs84(image);
      expect(Math.hypot(back[0] - p[0], back[1] - p[1]), `${p.join()}, image inside: ${insideBox(image)}`).toBeLessThan(1e-11);
    }
    expect(insideBox(wgs84ToGcj02([137.8345, 35]))).toBe(false);
  });

  it('leaves the rest of the world alone', () => {
    for (const p of [[-0.1276, 51.5072], [24.94, 60.17], [-180, -85], [180, 85], [0, 90]] as const) {
      expect(wgs84ToGcj02(p)).toEqual(p);
      expect(gcj02ToWgs84(p)).toEqual(p);
    }
  });
});

describe('the plane of the map', () => {
  const square: GeoJSON.FeatureCollection = {
    type: 'FeatureCollection',
    features: [
      { type: 'Feature', properties: { role: 'outside' }, geometry: { type: 'Polygon', coordinates: [[[-180, -85], [180, -85], [180, 85], [-180, -85]], [[117.3, 31.8], [117.31, 31.8], [117.31, 31.81], [117.3, 31.8]]] } },
      { type: 'Feature', properties: {}, geometry: { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [117.3, 31.8] }, { type: 'MultiLineString', coordinates: [[[117.3, 31.8], [117.31, 31.81]]] }] } },
    ],
  };

  it('is WGS84 itself unless told otherwise', () => {
    expect(placed(square, 'wgs84')).toBe(square);
    expect(ontoMap([117.3, 31.8], 'wgs84')).toEqual([117.3, 31.8]);
  });

  it('moves every corner, whatever it is nested in, and touches nothing else', () => {
    const before = JSON.stringify(square);
    const out = placed(square, 'gcj02');
    expect(JSON.stringify(square)).toBe(before);
    expect(placed(square, 'gcj02')).toBe(out);
    const image = wgs84ToGcj02([117.3, 31.8]);
    const [veil, group] = out.features;
    expect((veil?.geometry as GeoJSON.Polygon).coordinates[0]).toEqual((square.features[0]?.geometry as GeoJSON.Polygon).coordinates[0]);
    expect((veil?.geometry as GeoJSON.Polygon).coordinates[1]?.[0]).toEqual(image);
    expect(veil?.properties).toEqual({ role: 'outside' });
    const parts = (group?.geometry as GeoJSON.GeometryCollection).geometries;
    expect((parts[0] as GeoJSON.Point).coordinates).toEqual(image);
    expect((parts[1] as GeoJSON.MultiLineString).coordinates[0]?.[0]).toEqual(image);
  });

  it('gives a box that holds all of the other', () => {
    const box = movedBox([117.3, 31.8, 117.36, 31.86], (p) => ontoMap(p, 'gcj02'));
    const back = movedBox(box, (p) => offMap(p, 'gcj02'));
    expect(box[0]).toBeGreaterThan(117.3);
    expect(back[0]).toBeLessThanOrEqual(117.3 + 1e-12);
    expect(back[1]).toBeLessThanOrEqual(31.8 + 1e-12);
    expect(back[2]).toBeGreaterThanOrEqual(117.36 - 1e-12);
    expect(back[3]).toBeGreaterThanOrEqual(31.86 - 1e-12);
    // Not wider than the shift's own unevenness.
    expect(back[2] - back[0]).toBeLessThan(0.0601);
  });
});
