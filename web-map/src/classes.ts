/**
 * Classes of a choropleth: where the colours change.
 *
 * Zero is always a class of its own (class 0, drawn in the ground colour), so that the first
 * colour means "something happened". Breaks are computed once per period and then kept, so that
 * moving or playing never re-colours a cell whose number did not change.
 */

export type ClassMode = 'quantile' | 'equal';

/** Lower bounds of classes 1…n, ascending; class i holds `breaks[i-1] <= v < breaks[i]`. */
export type Breaks = readonly number[];

/** Numbers people read easily: 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten. */
const NICE = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The easy number nearest to `value` by ratio; whole if `whole`. */
export function nice(value: number, whole = true): number {
  if (!(value > 0) || !Number.isFinite(value)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  let best = power;
  for (const step of NICE) {
    const candidate = Number((step * power).toPrecision(6));
    if (whole && !Number.isInteger(candidate)) continue;
    if (Math.abs(Math.log(candidate / value)) < Math.abs(Math.log(best / value))) best = candidate;
  }
  return whole ? Math.max(1, best) : best;
}

/** Linear-interpolated quantile of an ascending list. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const a = sorted[low] ?? 0;
  const b = sorted[Math.min(low + 1, sorted.length - 1)] ?? a;
  return a + (b - a) * (at - low);
}

/**
 * At most `count` classes above zero for the values given. Zeros, negatives and non-numbers do not
 * count. Fewer classes come back when the values do not fill them: two different counts make two
 * classes, never five empty ones. An empty list means there is nothing to colour.
 */
export function makeBreaks(values: readonly number[], mode: ClassMode = 'quantile', count = 5, whole = true): Breaks {
  const above = values.filter((v) => Number.isFinite(v) && v > 0).sort((a, b) => a - b);
  const min = above[0];
  const max = above[above.length - 1];
  if (min === undefined || max === undefined) return [];
  if (mode === 'equal') return equalSteps(min, max, count, whole);
  const raw = Array.from({ length: count }, (_, i) => quantile(above, i / count));
  const breaks: number[] = [];
  // The first class must reach down to the smallest value, or that cell would look like zero.
  for (const [i, value] of raw.entries()) {
    const rounded = i === 0 ? floorNice(Math.min(value, min), whole) : nice(value, whole);
    const last = breaks[breaks.length - 1];
    if (last === undefined || (rounded > last && rounded <= max)) breaks.push(rounded);
  }
  return breaks;
}

/** The first class reaches down to the smallest value, the others are one easy step wide; the last is open. */
function equalSteps(min: number, max: number, count: number, whole: boolean): Breaks {
  const step = ceilNice(max / count, whole);
  const breaks = [floorNice(Math.min(min, step), whole)];
  for (let i = 1; i < count; i++) {
    const at = Number((i * step).toPrecision(6));
    if (at > max) break;
    if (at > (breaks[breaks.length - 1] as number)) breaks.push(at);
  }
  return breaks;
}

/** The smallest easy number not below `value`. */
function ceilNice(value: number, whole: boolean): number {
  if (whole && value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = NICE.map((step) => Number((step * power).toPrecision(6))).filter((c) => c >= value && (!whole || Number.isInteger(c)));
  return steps[0] ?? Math.ceil(value);
}

/** The greatest easy number not above `value`. */
function floorNice(value: number, whole: boolean): number {
  if (whole && value < 2) return 1;
  const rounded = nice(value, whole);
  if (rounded <= value) return rounded;
  const power = 10 ** Math.floor(Math.log10(value));
  const below = NICE.map((step) => Number((step * power).toPrecision(6))).filter(
    (c) => c <= value && (!whole || Number.isInteger(c)),
  );
  return below[below.length - 1] ?? power;
}

/** Class of a value: 0 for zero (or below the first break), else 1…breaks.length; null when there is no value. */
export function classOf(value: number | null | undefined, breaks: Breaks): number | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  if (value <= 0) return 0;
  let i = 0;
  while (i < breaks.length && value >= (breaks[i] as number)) i++;
  return i;
}

/**
 * Which of the five colours class `i` of `n` takes. Few classes are spread over the ramp, so that
 * the strongest class always wears the strongest colour.
 */
export function rampStep(i: number, n: number): number {
  if (i <= 0) return 0;
  if (n <= 1) return 3;
  return Math.round(1 + ((i - 1) * 4) / (n - 1));
}

/** Lower and upper bound of class i (upper bound null for the open last one). */
export function classRange(i: number, breaks: Breaks): { from: number; to: number | null } {
  if (i <= 0) return { from: 0, to: 0 };
  return { from: breaks[i - 1] ?? 0, to: breaks[i] ?? null };
}
