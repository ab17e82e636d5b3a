import { describe, expect, it } from 'vitest';
import type { Feature } from '../src/api/types';
import { outline } from '../src/map/outline';

function square(id: number, x: number, y: number, community: string, kind = 'basic'): Feature {
  const ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]];
  return { type: 'Feature', id, geometry: { type: 'Polygon', coordinates: [ring] }, properties: { community, kind } };
}

const role = (features: Feature[], name: string) => outline(features).features.find((f) => f.properties?.role === name)?.geometry;

describe('outline of the district', () => {
  const four = [square(1, 0, 0, 'a'), square(2, 1, 0, 'a'), square(3, 0, 1, 'b'), square(4, 1, 1, 'b')];

  it('is the edges that only one grid has', () => {
    const district = role(four, 'district');
    expect(district?.type).toBe('MultiLineString');
    const lines = (district as GeoJSON.MultiLineString).coordinates;
    expect(lines).toHaveLength(1);
    expect(lines[0]).toHaveLength(9);
    expect(lines[0]?.[0]).toEqual(lines[0]?.at(-1));
    expect(lines.flat().some(([x, y]) => x === 1 && y === 1)).toBe(false);
  });

  it('joins the line between two communities', () => {
    const between = role(four, 'community') as GeoJSON.MultiLineString;
    expect(between.coordinates).toHaveLength(1);
    expect(between.coordinates[0]).toHaveLength(3);
    expect(between.coordinates.flat().every(([, y]) => y === 1)).toBe(true);
  });

  it('leaves a hole for the district in the veil', () => {
    const veil = role(four, 'outside') as GeoJSON.Polygon;
    expect(veil.coordinates).toHaveLength(2);
  });

  it('ignores special grids, which lie over basic ones', () => {
    const lines = (features: Feature[]) => (role(features, 'district') as GeoJSON.MultiLineString).coordinates.flat().length;
    expect(lines([...four, square(9, 0.25, 0.25, 'a', 'special')])).toBe(lines(four));
  });

  it('draws no district when borders do not match', () => {
    const loose = [square(1, 0, 0, 'a'), square(2, 1.001, 0, 'a'), square(3, 0, 1.001, 'a')];
    expect(role(loose, 'outside')).toBeUndefined();
    expect(outline([]).features).toEqual([]);
  });
});
