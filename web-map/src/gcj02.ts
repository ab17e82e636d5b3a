/**
 * GCJ-02, the shifted datum of maps published in mainland China: the public formula (a = 6378245 m,
 * 1/f = 298.3) and its exact inverse. Positions are `[lon, lat]` in degrees.
 */

type LonLat = readonly [lon: number, lat: number];

const A = 6378245;
const E2 = (() => {
  const f = 1 / 298.3;
  return f * (2 - f);
})();
const RAD = Math.PI / 180;

/** The mainland box of the published formula; outside it GCJ-02 equals WGS84. */
export function insideBox([lon, lat]: LonLat): boolean {
  return lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
}

function wave(x: number, a: number, b: number, c: number, f1: number, f2: number, f3: number): number {
  return ((a * Math.sin(x * f1) + b * Math.sin(x * f2) + c * Math.sin(x * f3)) * 2) / 3;
}

/** Shift of GCJ-02 against WGS84 at a WGS84 position, in degrees. */
function shift([lon, lat]: LonLat): LonLat {
  const x = lon - 105;
  const y = lat - 35;
  const common = wave(x, 20, 20, 0, 6 * Math.PI, 2 * Math.PI, 0);
  const root = Math.sqrt(Math.abs(x));
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common +
    wave(y, 20, 40, 0, Math.PI, Math.PI / 3, 0) + wave(y, 160, 320, 0, Math.PI / 12, Math.PI / 30, 0);
  const east =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common +
    wave(x, 20, 40, 0, Math.PI, Math.PI / 3, 0) + wave(x, 150, 300, 0, Math.PI / 12, Math.PI / 30, 0);
  const phi = lat * RAD;
  const w = 1 - E2 * Math.sin(phi) ** 2;
  const dLat = (north * 180) / (((A * (1 - E2)) / (w * Math.sqrt(w))) * Math.PI);
  const dLon = (east * 180) / ((A / Math.sqrt(w)) * Math.cos(phi) * Math.PI);
  return [dLon, dLat];
}

export function wgs84ToGcj02(p: LonLat): LonLat {
  if (!insideBox(p)) return p;
  const d = shift(p);
  return [p[0] + d[0], p[1] + d[1]];
}

/** A step smaller than this is the rounding of the numbers themselves. */
const STILL = 1e-14;

/**
 * Solves `forward(q) = p` by fixed-point steps. Each step leaves less than a hundredth of the error,
 * so eight are more than enough; it stops once nothing moves.
 */
export function invert(p: LonLat, forward: (q: LonLat) => LonLat): LonLat {
  let q = p;
  for (let i = 0; i < 8; i++) {
    const r = forward(q);
    const dx = p[0] - r[0];
    const dy = p[1] - r[1];
    q = [q[0] + dx, q[1] + dy];
    if (Math.abs(dx) + Math.abs(dy) < STILL) break;
  }
  return q;
}

/**
 * The WGS84 position whose image is `p`. Whether the shift applies is a question about that position
 * and not about its image, which at the edge of the box may lie outside.
 */
export function gcj02ToWgs84(p: LonLat): LonLat {
  const q = invert(p, (r) => {
    const d = shift(r);
    return [r[0] + d[0], r[1] + d[1]];
  });
  return insideBox(q) ? q : p;
}
