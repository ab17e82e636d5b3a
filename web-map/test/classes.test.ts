import { describe, expect, it } from 'vitest';
import { classOf, classRange, makeBreaks, nice, rampStep } from '../src/classes';

describe('nice numbers', () => {
  it.each([[1, 1], [7, 8], [13, 12], [14.2, 15], [97, 100], [0.4, 1], [1234, 1200]])('%d becomes %d', (v, want) => expect(nice(v)).toBe(want));
  it('keeps fractions when asked', () => expect(nice(0.37, false)).toBe(0.4));
});

describe('breaks', () => {
  const spread = Array.from({ length: 48 }, (_, i) => Math.round(1.11 ** i));

  it('cover every value above zero and rise', () => {
    for (const mode of ['quantile', 'equal'] as const) {
      const breaks = makeBreaks([0, 0, ...spread], mode);
      expect(breaks).toHaveLength(5);
      expect([...breaks]).toEqual([...breaks].sort((a, b) => a - b));
      expect(new Set(breaks).size).toBe(5);
      for (const v of spread) expect(classOf(v, breaks)).toBeGreaterThan(0);
      expect(classOf(0, breaks)).toBe(0);
    }
  });

  it('put about as many in every quantile class', () => {
    const breaks = makeBreaks(spread);
    const sizes = [1, 2, 3, 4, 5].map((k) => spread.filter((v) => classOf(v, breaks) === k).length);
    for (const n of sizes) expect(n).toBeGreaterThanOrEqual(4);
  });

  it('are one easy step apart when the steps are equal', () => {
    expect(makeBreaks([1, 12, 37], 'equal')).toEqual([1, 8, 16, 24, 32]);
    expect(makeBreaks([1, 101], 'equal')).toEqual([1, 25, 50, 75, 100]);
    expect(makeBreaks([1, 2, 3], 'equal')).toEqual([1, 2, 3]);
    expect(makeBreaks([7], 'equal')).toEqual([2, 4, 6]);
    expect(makeBreaks([0.3, 0.9, 4.1], 'equal', 5, false)).toEqual([0.3, 1, 2, 3, 4]);
    expect(makeBreaks([0, 0], 'equal')).toEqual([]);
    for (let max = 6; max < 3000; max++) {
      const breaks = makeBreaks([1, max], 'equal');
      const step = (breaks[2] ?? 2) - (breaks[1] ?? 1);
      for (const [i, at] of breaks.entries()) if (i > 0) expect(at, `${max}: ${breaks.join()}`).toBe(step === 1 ? i + 1 : i * step);
      // No class at the top is empty because the scale was cut too coarse.
      expect(classOf(max, breaks)).toBe(breaks.length);
    }
  });

  it('make no more classes than there are numbers', () => {
    expect(makeBreaks([0, 0])).toEqual([]);
    expect(makeBreaks([])).toEqual([]);
    expect(makeBreaks([NaN, -3, Infinity])).toEqual([]);
    expect(makeBreaks([1, 1, 1])).toEqual([1]);
    expect(makeBreaks([1, 1, 2, 2]).length).toBeLessThanOrEqual(2);
  });

  it('do not depend on the order of the cells', () => {
    expect(makeBreaks([...spread].reverse())).toEqual(makeBreaks(spread));
  });

  it('leave no value above zero below the first break, whatever the values', () => {
    let seed = 7;
    const next = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
    for (let round = 0; round < 300; round++) {
      const whole = round % 2 === 0;
      const values = Array.from({ length: 1 + Math.floor(next() * 60) }, () => {
        const v = next() ** 4 * 10 ** Math.floor(next() * 4);
        return whole ? Math.floor(v) : v;
      });
      const breaks = makeBreaks(values, round % 3 === 0 ? 'equal' : 'quantile', 5, whole);
      for (const v of values) if (v > 0) expect(classOf(v, breaks)).toBeGreaterThan(0);
      for (let i = 1; i < breaks.length; i++) expect(breaks[i]).toBeGreaterThan(breaks[i - 1] as number);
    }
  });
});

describe('classes', () => {
  const breaks = [1, 3, 8, 15, 30];
  it.each([[0, 0], [1, 1], [2.9, 1], [3, 2], [30, 5], [4000, 5], [null, null], [NaN, null]])('%s is in class %s', (v, want) => expect(classOf(v, breaks)).toBe(want));
  it('have bounds', () => {
    expect(classRange(0, breaks)).toEqual({ from: 0, to: 0 });
    expect(classRange(2, breaks)).toEqual({ from: 3, to: 8 });
    expect(classRange(5, breaks)).toEqual({ from: 30, to: null });
  });
  it('use the ends of the ramp', () => {
    expect([1, 2, 3, 4, 5].map((i) => rampStep(i, 5))).toEqual([1, 2, 3, 4, 5]);
    expect([1, 2, 3].map((i) => rampStep(i, 3))).toEqual([1, 3, 5]);
    expect(rampStep(0, 5)).toBe(0);
  });
});
