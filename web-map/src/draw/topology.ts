/** Corners that several shapes share, moved, set and taken away together. */
import { cornerAt, fewest, nearestOnSide, placeKey, ringAt, rounded, samePlace, sides, withRing, type Corner, type Point, type Ring, type Shape } from './shape';

/** Shapes by their key, such as `grids/12`. The one that is edited is among them. */
export type Scene = ReadonlyMap<string, Shape>;

/** Nearer than this a border runs through a corner, metres: coordinates are kept to a centimetre. */
const ON_BORDER_M = 0.06;

function replace(scene: Scene, changed: ReadonlyMap<string, Shape>): Scene {
  if (changed.size === 0) return scene;
  const next = new Map(scene);
  for (const [key, shape] of changed) next.set(key, shape);
  return next;
}

/** Applies `change` to every ring; `null` leaves the ring as it is. */
function mapRings(shape: Shape, change: (ring: Ring) => Ring | null): Shape {
  let next = shape;
  shape.parts.forEach((rings, part) => {
    rings.forEach((ring, index) => {
      const made = change(ring);
      if (made) next = withRing(next, part, index, made);
    });
  });
  return next;
}

/** How many shapes beside `own` have a corner at this place. */
export function sharers(scene: Scene, own: string, at: Point): string[] {
  const place = placeKey(at);
  const out: string[] = [];
  for (const [key, shape] of scene) {
    if (key !== own && shape.parts.some((rings) => rings.some((ring) => ring.some((p) => placeKey(p) === place)))) out.push(key);
  }
  return out;
}

/** The shape with a corner at `at` wherever one of its sides runs through it. */
function withCornerOn(shape: Shape, at: Point): Shape {
  if (shape.sort === 'Point') return shape;
  let next = shape;
  // From the last side to the first, so that positions stay right while corners are added.
  for (const { corner, a, b } of sides(shape).reverse()) {
    if (samePlace(a, at) || samePlace(b, at)) continue;
    const { metres, share } = nearestOnSide(at, a, b);
    if (metres > ON_BORDER_M || share === 0 || share === 1) continue;
    const ring = ringAt(next, corner.part, corner.ring);
    next = withRing(next, corner.part, corner.ring, [...ring.slice(0, corner.index + 1), at, ...ring.slice(corner.index + 1)]);
  }
  return next;
}

/** Moves a corner; `together` also moves it in the other shapes that have it, or whose border runs through it. */
export function moveCorner(scene: Scene, own: string, corner: Corner, to: Point, together: boolean): Scene {
  const shape = scene.get(own);
  const from = shape && cornerAt(shape, corner);
  if (!shape || !from) return scene;
  const target = rounded(to);
  const changed = new Map<string, Shape>();
  const ring = ringAt(shape, corner.part, corner.ring);
  changed.set(own, withRing(shape, corner.part, corner.ring, ring.map((p, i) => (i === corner.index ? target : p))));
  if (together) {
    const place = placeKey(from);
    for (const [key, other] of scene) {
      const base = changed.get(key) ?? other;
      const whole = key === own ? base : withCornerOn(base, from);
      const moved = mapRings(whole, (points) => (points.some((p) => placeKey(p) === place) ? points.map((p) => (placeKey(p) === place ? target : p)) : null));
      if (moved !== other && moved !== base) changed.set(key, moved);
    }
  }
  return replace(scene, changed);
}

/** Sets a corner on the side after `corner`, in all shapes whose border it is. */
export function insertCorner(scene: Scene, own: string, after: Corner, at: Point, together: boolean): Scene {
  const shape = scene.get(own);
  if (!shape) return scene;
  const place = rounded(at);
  const ring = ringAt(shape, after.part, after.ring);
  const from = ring[after.index];
  const to = ring[(after.index + 1) % ring.length];
  const changed = new Map([[own, withRing(shape, after.part, after.ring, [...ring.slice(0, after.index + 1), place, ...ring.slice(after.index + 1)])]]);
  if (together && from && to) {
    for (const [key, other] of scene) {
      if (key === own) continue;
      // A side with the same two ends is the same border, however far the new corner is from it.
      const twin = sides(other).find(({ a, b }) => (samePlace(a, from) && samePlace(b, to)) || (samePlace(a, to) && samePlace(b, from)));
      const made = twin
        ? withRing(other, twin.corner.part, twin.corner.ring, ((points: Ring) => [...points.slice(0, twin.corner.index + 1), place, ...points.slice(twin.corner.index + 1)])(ringAt(other, twin.corner.part, twin.corner.ring)))
        : withCornerOn(other, place);
      if (made !== other) changed.set(key, made);
    }
  }
  return replace(scene, changed);
}

/** Takes a corner away; `null` when a ring would have too few left. */
export function deleteCorner(scene: Scene, own: string, corner: Corner, together: boolean): Scene | null {
  const shape = scene.get(own);
  const at = shape && cornerAt(shape, corner);
  if (!shape || !at) return scene;
  const least = fewest(shape.sort);
  const ring = ringAt(shape, corner.part, corner.ring);
  if (ring.length <= least) return null;
  const changed = new Map([[own, withRing(shape, corner.part, corner.ring, ring.filter((_, i) => i !== corner.index))]]);
  if (together) {
    const place = placeKey(at);
    for (const key of sharers(scene, own, at)) {
      const other = scene.get(key) as Shape;
      let short = false;
      const made = mapRings(other, (points) => {
        const rest = points.filter((p) => placeKey(p) !== place);
        if (rest.length === points.length) return null;
        if (rest.length < fewest(other.sort)) short = true;
        return rest;
      });
      if (short) return null;
      changed.set(key, made);
    }
  }
  return replace(scene, changed);
}

/** Gives every other shape the corners of `own` that lie on its border, so that both have the same. */
export function stitch(scene: Scene, own: string): Scene {
  const shape = scene.get(own);
  if (!shape) return scene;
  const changed = new Map<string, Shape>();
  for (const [key, other] of scene) {
    if (key === own) continue;
    let next = other;
    for (const ring of shape.parts.flat()) for (const p of ring) next = withCornerOn(next, p);
    if (next !== other) changed.set(key, next);
  }
  return replace(scene, changed);
}

/** Keys of the shapes that differ from what they were. */
export function changedKeys(before: Scene, now: Scene): string[] {
  const out: string[] = [];
  for (const [key, shape] of now) if (before.get(key) !== shape) out.push(key);
  return out;
}
