import { describe, expect, it } from 'vitest';
import * as c from '../src/coords';

// from, to, lon in, lat in, lon out, lat out; computed in 40-digit arithmetic.
const VECTORS: [c.Datum, c.Datum, number, number, number, number][] = [
  ['wgs84', 'gcj02', 117.285365, 31.890726, 117.290893072446, 31.888726886402],
  ['gcj02', 'wgs84', 117.285365, 31.890726, 117.279846299895, 31.892731992125],
  ['gcj02', 'bd09', 117.285365, 31.890726, 117.291914645273, 31.896467247136],
  ['bd09', 'gcj02', 117.285365, 31.890726, 117.278840897587, 31.884888173553],
  ['wgs84', 'bd09', 117.285365, 31.890726, 117.29745881014, 31.894409029349],
  ['bd09', 'wgs84', 117.285365, 31.890726, 117.273332623704, 31.886899285977],
  ['wgs84', 'gcj02', 114.0397861, 22.5444302, 114.04487254111, 22.541675158531],
  ['bd09', 'gcj02', 87.617733, 43.792818, 87.611353368357, 43.786606024138],
  ['bd09', 'gcj02', 116.397428, 39.90923, 116.391037649489, 39.902919560397],
  ['wgs84', 'gcj02', 91.132212, 29.660361, 91.133755306837, 29.657640565917],
  ['gcj02', 'wgs84', -0.1276, 51.5072, -0.1276, 51.5072],
];

function convert(p: c.LonLat, from: c.Datum, to: c.Datum): c.LonLat {
  if (from === 'bd09' && to === 'gcj02') return c.bd09ToGcj02(p);
  if (from === 'gcj02' && to === 'bd09') return c.gcj02ToBd09(p);
  return c.fromWgs84(c.toWgs84(p, from), to);
}

describe('datums', () => {
  it.each(VECTORS)('%s to %s at %d, %d', (from, to, x, y, lon, lat) => {
    const out = convert([x, y], from, to);
    expect(Math.abs(out[0] - lon)).toBeLessThan(1e-9);
    expect(Math.abs(out[1] - lat)).toBeLessThan(1e-9);
  });

  it('comes back to where it started, everywhere in the country', () => {
    for (let lon = 74; lon < 136; lon += 3.7) {
      for (let lat = 4; lat < 54; lat += 3.1) {
        for (const datum of c.DATUMS) {
          const back = c.toWgs84(c.fromWgs84([lon, lat], datum), datum);
          expect(Math.hypot(back[0] - lon, back[1] - lat)).toBeLessThan(1e-9);
        }
      }
    }
  });
});

describe('pasted text', () => {
  const first = (text: string): c.LonLat | undefined => c.parseCoordinates(text)[0]?.read;

  it.each([
    ['117.33319,31.87321', [117.33319, 31.87321]],
    ['31.87321, 117.33319', [117.33319, 31.87321]],
    ['(117.33319,31.87321)', [117.33319, 31.87321]],
    ['[117.33319, 31.87321]', [117.33319, 31.87321]],
    ['117.33319，31.87321', [117.33319, 31.87321]],
    ['１１７.３３３１９ ３１.８７３２１', [117.33319, 31.87321]],
    ['经度:117.33319 纬度:31.87321', [117.33319, 31.87321]],
    ['lat: 31.87321, lng: 117.33319', [117.33319, 31.87321]],
    ['31.87321N 117.33319E', [117.33319, 31.87321]],
    ['E117.33319 N31.87321', [117.33319, 31.87321]],
    ['北纬31.87321 东经117.33319', [117.33319, 31.87321]],
    ['117.33319 31.87321', [117.33319, 31.87321]],
    ['-73.56, 45.5', [-73.56, 45.5]],
  ] as [string, c.LonLat][])('%s', (text, want) => expect(first(text)).toEqual(want));

  it.each([`31°52'23.556"N 117°19'59.484"E`, '31°52′23.556″N, 117°19′59.484″E', '31度52分23.556秒 117度19分59.484秒', `117°19'59.484", 31°52'23.556"`])('degrees, minutes, seconds: %s', (text) => {
    const read = first(text);
    expect(read?.[0]).toBeCloseTo(117.33319, 6);
    expect(read?.[1]).toBeCloseTo(31.87321, 6);
  });

  it('offers every datum, moved to WGS84', () => {
    const found = c.parseCoordinates('117.290893072446,31.888726886402');
    expect(found.map((x) => x.datum)).toEqual(['wgs84', 'gcj02', 'bd09']);
    expect(found[1]?.at[0]).toBeCloseTo(117.285365, 8);
  });

  it('asks when both orders are possible', () => {
    expect(c.parseCoordinates('45.5, -73.56').map((x) => x.read)).toContainEqual([-73.56, 45.5]);
    expect(c.parseCoordinates('12.5, 33.1').map((x) => x.swapped)).toEqual([false, false, false, true, true, true]);
  });

  it.each(['', '朝云里', 'WG190', '117.3', '1,2,3', '999,999', '117.3,31.8 2号楼', 'NaN,NaN', '31°72\'00" 117°19\'00"', '3-5栋', '2026-11-22 21:40'])(
    'is no pair of coordinates: %s',
    (text) => expect(c.parseCoordinates(text)).toEqual([]),
  );

  it('writes what it reads', () => {
    expect(c.formatLonLat([117.333194, 31.873206])).toBe('117.33319, 31.87321');
    expect(c.formatDms([117.99999999, -31.5])).toBe(`31°30'00.0"S 118°00'00.0"E`);
    const back = first(c.formatDms([117.33319, 31.87321]));
    expect(back?.[0]).toBeCloseTo(117.33319, 4);
  });
});

describe('measuring', () => {
  it('gives a degree of latitude and a quarter of the Earth', () => {
    expect(c.distance([117, 31], [117, 32])).toBeCloseTo(111_195, -1);
    expect(c.distance([0, 0], [90, 0])).toBeCloseTo((Math.PI / 2) * 6371008.8, 0);
    expect(c.lineLength([[0, 0], [0, 1], [0, 2]])).toBeCloseTo(2 * c.distance([0, 0], [0, 1]), 3);
  });

  it('gives the area between parallels, the same in both directions and across the date line', () => {
    const belt: c.LonLat[] = [[0, 0], [90, 0], [90, 30], [0, 30]];
    expect(c.ringArea(belt) / ((6371008.8 ** 2 * Math.PI) / 4)).toBeCloseTo(1, 9);
    const box: c.LonLat[] = [[117, 31], [117.01, 31], [117.01, 31.01], [117, 31.01]];
    const area = c.ringArea(box);
    expect(area).toBeCloseTo(c.distance([117, 31.005], [117.01, 31.005]) * c.distance([117, 31], [117, 31.01]), -2);
    expect(c.ringArea([...box].reverse())).toBeCloseTo(area, 3);
    expect(c.ringArea([...box, box[0] as c.LonLat])).toBeCloseTo(area, 3);
    const moved = box.map(([x, y]): c.LonLat => [x + 62.995 > 180 ? x + 62.995 - 360 : x + 62.995, y]);
    expect(c.ringArea(moved)).toBeCloseTo(area, 0);
  });

  it('takes holes out and adds parts', () => {
    const ring = (x: number, s: number): c.LonLat[] => [[x, 0], [x + s, 0], [x + s, s], [x, s], [x, 0]];
    const whole = c.shapeArea({ type: 'Polygon', coordinates: [ring(0, 1)] });
    const hole = c.shapeArea({ type: 'Polygon', coordinates: [ring(0, 1), ring(0, 0.5)] });
    expect(hole / whole).toBeCloseTo(0.75, 3);
    expect(c.shapeArea({ type: 'MultiPolygon', coordinates: [[ring(0, 1)], [ring(5, 1)]] }) / whole).toBeCloseTo(2, 6);
    expect(c.shapeLength({ type: 'LineString', coordinates: [[0, 0], [0, 1]] })).toBeCloseTo(111_195, -1);
    expect(c.shapeArea(null) + c.shapeLength({ type: 'Point', coordinates: [1, 2] })).toBe(0);
  });
});
