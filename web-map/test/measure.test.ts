import { describe, expect, it } from 'vitest';
import { addPoint, areaOf, drawing, finish, lengthOf, movePointer, NOTHING, undoPoint } from '../src/map/measure';

// About 100 m by 100 m at 31.88° north.
const DX = 100 / (111_319.49 * Math.cos((31.88 * Math.PI) / 180));
const DY = 100 / 110_870;
const a = [117.3, 31.88] as const;
const b = [117.3 + DX, 31.88] as const;
const c = [117.3 + DX, 31.88 + DY] as const;
const d = [117.3, 31.88 + DY] as const;

describe('measuring', () => {
  const square = [a, b, c, d].reduce(addPoint, NOTHING);

  it('knows length and area to half a percent', () => {
    expect(lengthOf(square)).toBeGreaterThan(298.5);
    expect(lengthOf(square)).toBeLessThan(301.5);
    expect(Math.abs(areaOf(square) - 10_000)).toBeLessThan(60);
  });

  it('counts the point under the pointer, and drops it at the end', () => {
    const two = [a, b].reduce(addPoint, NOTHING);
    expect(lengthOf(movePointer(two, c))).toBeGreaterThan(lengthOf(two) * 1.9);
    expect(lengthOf(finish(movePointer(two, c)))).toBe(lengthOf(two));
  });

  it('drops the second point of a double click', () => {
    expect(finish([a, b, b].reduce(addPoint, NOTHING)).points).toHaveLength(2);
  });

  it('does not end with one point, and starts anew after the end', () => {
    expect(finish(addPoint(NOTHING, a)).done).toBe(false);
    expect(addPoint(finish(square), a).points).toEqual([a]);
    expect(undoPoint(square).points).toHaveLength(3);
  });

  it('draws an area from three points on', () => {
    expect(drawing([a, b].reduce(addPoint, NOTHING)).features.map((f) => f.geometry.type)).toEqual(['LineString', 'Point', 'Point']);
    expect(drawing([a, b, c].reduce(addPoint, NOTHING)).features[0]?.geometry.type).toBe('Polygon');
  });
});
