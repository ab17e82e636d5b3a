import { describe, expect, it } from 'vitest';
import { differences, merged, same } from '../src/draw/conflict';
import { draftOf, dropDraft, keepDraft, readDrafts } from '../src/draw/drafts';
import { categoriesOf, fieldsOf, instantOf, localTime, parseField, readForm, textOf, type Field } from '../src/draw/fields';
import { press } from '../src/draw/keys';
import { colorsOf, readProposal } from '../src/draw/partition';
import { areNeighbours, nextCode } from '../src/draw/regroup';
import {
  areaOf, corners, covers, crossings, geometryOf, lengthOf, movedBy, nearestOnSide, placeKey, rounded, shapeOf, withNewRing, withoutRing, type Point, type Shape,
} from '../src/draw/shape';
import { Sketch } from '../src/draw/sketch';
import { fromPixels, snap, toPixels } from '../src/draw/snap';
import { begin, redo, step, undo } from '../src/draw/timeline';
import { changedKeys, deleteCorner, insertCorner, moveCorner, sharers, stitch, type Scene } from '../src/draw/topology';

const square = (x: number, y: number, size = 0.001): Point[] => [[x, y], [x + size, y], [x + size, y + size], [x, y + size]].map(([a, b]) => rounded([117.3 + (a ?? 0), 31.88 + (b ?? 0)]));
const polygon = (...rings: Point[][]): Shape => ({ sort: 'Polygon', multi: false, parts: [rings] });

describe('shapes', () => {
  const closed = (ring: Point[]): number[][] => [...ring, ring[0] as Point].map((p) => [...p]);
  const holed: GeoJSON.MultiPolygon = {
    type: 'MultiPolygon',
    coordinates: [[closed(square(0, 0, 0.004)), closed(square(0.001, 0.001)), closed(square(0.0025, 0.0025))], [closed(square(0.01, 0))]],
  };

  it('keep holes and parts on the way in and out', () => {
    expect(geometryOf(shapeOf(holed))).toEqual(holed);
    for (const geometry of [
      { type: 'Polygon', coordinates: [closed(square(0, 0))] },
      { type: 'LineString', coordinates: [[117.1, 31.1], [117.2, 31.2]] },
      { type: 'MultiLineString', coordinates: [[[117.1, 31.1], [117.2, 31.2]], [[117.3, 31], [117.4, 31]]] },
      { type: 'Point', coordinates: [117.1, 31.1] },
      { type: 'MultiPoint', coordinates: [[117.1, 31.1]] },
    ] as GeoJSON.Geometry[]) expect(geometryOf(shapeOf(geometry))).toEqual(geometry);
    expect(shapeOf(null)).toBeNull();
    expect(geometryOf(null)).toBeNull();
  });

  it('put a ring drawn inside of a part there as a hole, else beside', () => {
    const one = polygon(square(0, 0, 0.004));
    expect(withNewRing(one, square(0.001, 0.001)).parts.map((rings) => rings.length)).toEqual([2]);
    expect(withNewRing(one, square(0.01, 0)).parts.map((rings) => rings.length)).toEqual([1, 1]);
    expect(geometryOf(withNewRing(one, square(0.01, 0)))?.type).toBe('MultiPolygon');
    const all = shapeOf(holed) as Shape;
    expect(withoutRing(all, 0, 1).parts.map((rings) => rings.length)).toEqual([2, 1]);
    expect(withoutRing(all, 0, 0).parts.map((rings) => rings.length)).toEqual([1]);
  });

  it('measure area without holes, length with them', () => {
    const whole = polygon(square(0, 0, 0.004));
    const hole = square(0.001, 0.001, 0.001);
    const side = 0.001 * 111_195;
    const small = side * side * Math.cos((31.881 * Math.PI) / 180);
    expect(areaOf(whole) - areaOf(polygon(square(0, 0, 0.004), hole))).toBeCloseTo(small, -2);
    expect(lengthOf(polygon(square(0, 0, 0.004), hole))).toBeGreaterThan(lengthOf(whole));
    expect(corners(polygon(square(0, 0, 0.004), hole))).toHaveLength(8);
    expect(covers(polygon(square(0, 0, 0.004), hole), [117.3015, 31.8815])).toBe(false);
    expect(covers(polygon(square(0, 0, 0.004), hole), [117.3005, 31.8805])).toBe(true);
  });

  it('find where a border crosses itself, and nothing in a sound one', () => {
    const bow: Point[] = [[117, 31], [117.001, 31.001], [117.001, 31], [117, 31.001]];
    const found = crossings(polygon(bow));
    expect(found).toHaveLength(1);
    expect(found[0]?.[0]).toBeCloseTo(117.0005, 6);
    expect(crossings(polygon(square(0, 0)))).toEqual([]);
    expect(crossings(polygon(square(0, 0, 0.004), square(0.001, 0.001)))).toEqual([]);
    // A spike that goes out and back on itself.
    expect(crossings(polygon([[117, 31], [117.001, 31], [117.002, 31], [117.001, 31], [117.001, 31.001]]))).not.toEqual([]);
  });

  it('move by metres and find the nearest place of a side', () => {
    const p: Point = [117.3, 31.88];
    const east = movedBy(p, 10, 0);
    expect((east[0] - p[0]) * 111_195 * Math.cos((31.88 * Math.PI) / 180)).toBeCloseTo(10, 1);
    expect(movedBy(p, 0, 1)[1] - p[1]).toBeCloseTo(1 / 111_195, 7);
    const near = nearestOnSide([117.3005, 31.8801], [117.3, 31.88], [117.301, 31.88]);
    expect(near.metres).toBeCloseTo(11.1, 0);
    expect(near.share).toBeCloseTo(0.5, 6);
  });
});

describe('shared corners', () => {
  const left = square(0, 0);
  const right = square(0.001, 0);
  /** Has the middle of its left side where `left` and `right` meet, without a corner there. */
  const above: Point[] = square(0, 0.001, 0.002);
  const scene = (): Scene => new Map([['grids/1', polygon(left)], ['grids/2', polygon(right)], ['grids/3', polygon(above)]]);
  const ringOf = (s: Scene, key: string): readonly Point[] => s.get(key)?.parts[0]?.[0] ?? [];
  const upper = { part: 0, ring: 0, index: 2 };

  it('move in every shape that has them, and in borders that run through them', () => {
    const to: Point = [117.3012, 31.8812];
    const moved = moveCorner(scene(), 'grids/1', upper, to, true);
    expect(changedKeys(scene(), scene()).length).toBe(3);
    expect(ringOf(moved, 'grids/1')[2]).toEqual(to);
    expect(ringOf(moved, 'grids/2').some((p) => placeKey(p) === placeKey(to))).toBe(true);
    expect(ringOf(moved, 'grids/3').some((p) => placeKey(p) === placeKey(to))).toBe(true);
    expect(ringOf(moved, 'grids/3')).toHaveLength(5);
  });

  it('stay where they are in the others when told so', () => {
    const before = scene();
    const moved = moveCorner(before, 'grids/1', upper, [117.3012, 31.8812], false);
    expect(changedKeys(before, moved)).toEqual(['grids/1']);
  });

  it('leave the sum of areas as it was when all move together', () => {
    const before = scene();
    const moved = moveCorner(before, 'grids/1', upper, [117.3012, 31.8808], true);
    const sum = (s: Scene): number => [...s.values()].reduce((a, shape) => a + areaOf(shape), 0);
    expect(sum(moved)).toBeCloseTo(sum(before), 0);
  });

  it('are set on both sides of a border, wherever they are dragged from there', () => {
    const before = scene();
    const made = insertCorner(before, 'grids/1', { part: 0, ring: 0, index: 1 }, [117.301, 31.8805], true);
    expect(changedKeys(before, made).sort()).toEqual(['grids/1', 'grids/2']);
    expect(ringOf(made, 'grids/2')).toHaveLength(5);
    const dragged = moveCorner(made, 'grids/1', { part: 0, ring: 0, index: 2 }, [117.3013, 31.8805], true);
    expect(placeKey(ringOf(dragged, 'grids/2').find((p) => p[1] === 31.8805) as Point)).toBe(placeKey([117.3013, 31.8805]));
  });

  it('go together, but never leave less than a triangle', () => {
    const before = scene();
    const made = insertCorner(before, 'grids/1', { part: 0, ring: 0, index: 1 }, [117.301, 31.8805], true);
    const back = deleteCorner(made, 'grids/1', { part: 0, ring: 0, index: 2 }, true) as Scene;
    expect(ringOf(back, 'grids/1')).toEqual(left);
    expect(ringOf(back, 'grids/2')).toEqual(right);
    const triangle: Scene = new Map([['a', polygon(left.slice(0, 3))], ['b', polygon(right)]]);
    expect(deleteCorner(triangle, 'a', { part: 0, ring: 0, index: 0 }, true)).toBeNull();
    // The neighbour would be too small.
    const other: Scene = new Map([['a', polygon(left)], ['b', polygon([left[1] as Point, left[2] as Point, [117.302, 31.8805]])]]);
    expect(deleteCorner(other, 'a', { part: 0, ring: 0, index: 1 }, true)).toBeNull();
    expect(deleteCorner(other, 'a', { part: 0, ring: 0, index: 1 }, false)).not.toBeNull();
  });

  it('are known by their sharers and stitched into borders', () => {
    expect(sharers(scene(), 'grids/1', left[2] as Point).sort()).toEqual(['grids/2']);
    const stitched = stitch(scene(), 'grids/1');
    expect(ringOf(stitched, 'grids/3')).toHaveLength(5);
    expect(changedKeys(scene(), stitch(new Map([['grids/1', polygon(left)]]), 'grids/1')).length).toBe(1);
  });
});

describe('snapping', () => {
  const target = polygon(square(0, 0));
  const zoom = 18;

  it('goes there and back between degrees and pixels', () => {
    const p: Point = [117.2939635, 31.8826918];
    const [lon, lat] = fromPixels(toPixels(p, zoom), zoom);
    expect(lon).toBeCloseTo(p[0], 10);
    expect(lat).toBeCloseTo(p[1], 10);
  });

  it('prefers a corner, to the last digit, then a side, then nothing', () => {
    const corner = square(0, 0)[2] as Point;
    const near = movedBy(corner, 2, 2);
    expect(snap(near, [target], { zoom, reach: 12 })).toEqual({ at: corner, on: 'corner' });
    const onSide = movedBy([117.3005, 31.88], 0, -2);
    const side = snap(onSide, [target], { zoom, reach: 12 });
    expect(side?.on).toBe('side');
    expect(side?.at[1]).toBeCloseTo(31.88, 7);
    expect(snap(movedBy(corner, 40, 40), [target], { zoom, reach: 12 })).toBeNull();
    expect(snap(near, [target], { zoom, reach: 12, except: corner })?.on).not.toBe('corner');
  });
});

describe('steps', () => {
  it('go back and forth, and forget the future on a new one', () => {
    let line = begin(1);
    line = step(step(line, 2), 3);
    expect(undo(line).now).toBe(2);
    expect(redo(undo(line))).toEqual(line);
    expect(step(undo(line), 9)).toEqual({ past: [1, 2], now: 9, future: [] });
    expect(undo(begin(1)).now).toBe(1);
    expect(step(line, 3)).toBe(line);
  });
});

describe('a sketch', () => {
  const make = (): Sketch => new Sketch({ own: 'grids/1', sort: 'Polygon', shape: polygon(square(0, 0)), linked: new Map([['grids/2', polygon(square(0.001, 0))]]) });

  it('counts steps and takes them back with the neighbours', () => {
    const s = make();
    s.choose({ part: 0, ring: 0, index: 2 });
    s.nudge(1, 0);
    s.nudge(0, 10);
    expect(s.undos.value).toBe(2);
    expect([...s.changed.value].sort()).toEqual(['grids/1', 'grids/2']);
    s.undo();
    s.undo();
    expect(s.redos.value).toBe(2);
    expect(s.changed.value).toEqual([]);
    expect(s.isDirty()).toBe(false);
  });

  it('forgets a drag that is cancelled and keeps one that is dropped', () => {
    const s = make();
    const corner = { part: 0, ring: 0, index: 0 };
    s.drag(s.settled(), corner, [117.2999, 31.8799]);
    expect(s.changed.value).toEqual(['grids/1']);
    s.drop(false);
    expect(s.changed.value).toEqual([]);
    s.drag(s.settled(), corner, [117.2999, 31.8799]);
    s.drop(true);
    expect(s.undos.value).toBe(1);
  });

  it('draws a ring, closes it on its first point and cuts a hole', () => {
    const s = new Sketch({ own: 'compounds/new', sort: 'Polygon', shape: null });
    expect(s.tool.value).toBe('ring');
    const ring = square(0, 0, 0.004);
    for (const p of ring) s.addPoint(p);
    s.addPoint(ring[3] as Point);
    expect(s.pending.value).toHaveLength(4);
    s.undo();
    expect(s.pending.value).toHaveLength(3);
    s.addPoint(ring[3] as Point);
    s.addPoint(ring[0] as Point);
    expect(s.tool.value).toBe('edit');
    s.tool.value = 'ring';
    for (const p of square(0.001, 0.001)) s.addPoint(p);
    expect(s.finishRing()).toBe(true);
    expect(s.shape.value?.parts[0]).toHaveLength(2);
    s.removeRing(0, 1);
    expect(s.shape.value?.parts[0]).toHaveLength(1);
  });

  it('does not finish what is too short, and goes round the corners by key', () => {
    const s = new Sketch({ own: 'routes/new', sort: 'LineString', shape: null });
    s.addPoint([117.3, 31.88]);
    expect(s.finishRing()).toBe(false);
    s.addPoint([117.301, 31.88]);
    expect(s.finishRing()).toBe(true);
    s.chooseNext(1);
    s.insertAfterChosen();
    expect(s.corners.value).toHaveLength(3);
    expect(s.chosen.value?.index).toBe(1);
    s.chooseNext(1);
    s.insertAfterChosen();
    expect(s.corners.value).toHaveLength(4);
    s.chooseNext(-1);
    expect(s.removeCorner()).toBe(true);
  });
});

describe('the form', () => {
  const fields = fieldsOf(
    'grids',
    [
      { name: 'code', type: 'text', zh: '编号', en: 'Code' },
      { name: 'kind', type: 'text', zh: '类型', en: 'Kind' },
      { name: 'households', type: 'integer', zh: '户数', en: 'Households' },
      { name: 'valid_from', type: 'date', zh: '启用日期', en: 'Valid from' },
      { name: 'valid_to', type: 'date', zh: '停用日期', en: 'Valid to' },
      { name: 'source_id', type: 'text', zh: '来源编号', en: 'Source id' },
    ],
    [{ name: '楼栋', type: 'number' }],
  );
  const texts = (change: Record<string, string> = {}): Record<string, string> => ({ code: 'WG1', kind: 'basic', households: '413', valid_from: '2020-01-01', valid_to: '', 楼栋: '', ...change });
  const before = { code: 'WG1', kind: 'basic', households: 413, valid_from: '2020-01-01', valid_to: null, source_id: 'x' };

  it('takes its fields from the server, leaving out who wrote the row', () => {
    expect(fields.map((field) => field.name)).toEqual(['code', 'kind', 'households', 'valid_from', 'valid_to', '楼栋']);
    expect(fields[1]?.choices).toEqual(['basic', 'special']);
  });

  it('reads numbers as people type them and says what is wrong where', () => {
    expect(readForm(fields, texts({ households: '1 200' }), before).values.households).toBe(1200);
    expect(readForm(fields, texts({ households: '１２' }), before).values.households).toBe(12);
    expect(readForm(fields, texts({ households: '' }), before).values.households).toBeNull();
    expect(readForm(fields, texts({ households: '十二', code: ' ' }), before).wrong).toEqual({ households: 'integer', code: 'required' });
    expect(readForm(fields, texts({ households: '-3' }), before).wrong).toEqual({ households: 'negative' });
    expect(readForm(fields, texts({ valid_to: '2019-01-01' }), before).wrong).toEqual({ valid_to: 'order' });
    expect(readForm(fields, texts({ valid_to: '2019-02-31' }), before).wrong).toEqual({ valid_to: 'date' });
    expect(readForm(fields, texts({ 楼栋: '3.5' }), before).values['楼栋']).toBe(3.5);
  });

  it('leaves what was not touched exactly as it was', () => {
    expect(readForm(fields, texts(), before).values).toEqual({ code: 'WG1', kind: 'basic', households: 413, valid_from: '2020-01-01', valid_to: null });
    const instant: Field = { name: 'occurred_at', type: 'instant', title: { zh: '', en: '' } };
    const given = '2024-11-22T01:37:08+08:00';
    expect(readForm([instant], { occurred_at: textOf(instant, given) }, { occurred_at: given }).values.occurred_at).toBe(given);
  });

  it('means the wall clock of the district', () => {
    expect(localTime('2024-11-21T17:37:08Z')).toBe('2024-11-22T01:37');
    expect(instantOf('2024-11-22T01:37')).toBe('2024-11-22T01:37:00+08:00');
    const instant: Field = { name: 't', type: 'instant', title: { zh: '', en: '' }, required: true };
    expect(parseField(instant, '2024-11-22T01:37')).toEqual({ ok: true, value: '2024-11-22T01:37:00+08:00' });
    expect(parseField(instant, '昨天')).toEqual({ ok: false, wrong: 'time' });
  });

  it('offers the categories of the kind only, children after parents', () => {
    const tree = [
      { code: 'hotline', parent: null, kind: 'hotline' as const, name_zh: '诉求', name_en: '' },
      { code: 'police.fraud.rebate', parent: 'police.fraud', kind: 'police' as const, name_zh: '刷单', name_en: '' },
      { code: 'police.fraud', parent: null, kind: 'police' as const, name_zh: '诈骗', name_en: '' },
    ];
    expect(categoriesOf(tree, 'police').map(({ code, depth }) => [code, depth])).toEqual([['police.fraud', 0], ['police.fraud.rebate', 1]]);
    expect(categoriesOf(tree, null)).toHaveLength(3);
  });
});

describe('two people at one thing', () => {
  const geometry = (n: number): GeoJSON.Geometry => ({ type: 'Point', coordinates: [n, 0] });
  const before = { geometry: geometry(0), properties: { name: 'a', households: 1, post: 'p', grid: 'derived' } };

  it('differ only where the two do, and by whose change', () => {
    const mine = { geometry: geometry(1), properties: { name: 'mine', households: 1, post: 'q' } };
    const theirs = { geometry: geometry(0), properties: { name: 'theirs', households: 2, post: 'q' } };
    expect(differences(before, mine, theirs).map(({ name, by }) => [name, by])).toEqual([['name', 'both'], ['households', 'theirs'], ['geometry', 'mine']]);
    expect(merged(before, mine, theirs)).toEqual({ geometry: geometry(1), properties: { name: 'mine', households: 2, post: 'q' } });
  });

  it('take null and nothing for the same, and the order of keys for nothing', () => {
    expect(same(null, undefined)).toBe(true);
    expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(same([1], { 0: 1 })).toBe(false);
    expect(same({ a: 1 }, null)).toBe(false);
  });
});

describe('drafts', () => {
  const box = (): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> => {
    const kept = new Map<string, string>();
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) };
  };

  it('never keep what an incident says', () => {
    const b = box();
    expect(keepDraft({ layer: 'incidents', id: 7, at: 1, name: '', feature: { geometry: null, properties: { kind: 'police', text: '某某来报' } } }, b)).toBe(true);
    expect(b.getItem('gridmap.drafts')).not.toContain('某某');
    expect(draftOf('incidents', 7, b)?.feature.properties).toEqual({ kind: 'police' });
  });

  it('are one for each thing, and go when they are dropped', () => {
    const b = box();
    const draft = { layer: 'grids' as const, id: 1, at: 1, name: 'x', feature: { geometry: null, properties: { name: 'x' } } };
    keepDraft(draft, b);
    keepDraft({ ...draft, at: 2 }, b);
    expect(readDrafts(b)).toHaveLength(1);
    dropDraft({ layer: 'grids', id: 1, at: 2 }, b);
    expect(readDrafts(b)).toEqual([]);
    b.setItem('gridmap.drafts', '{broken');
    expect(readDrafts(b)).toEqual([]);
  });
});

describe('regrouping', () => {
  it('finds free codes and who shares a side', () => {
    expect(nextCode('WG1', new Set(['WG1-2']))).toBe('WG1-3');
    expect(areNeighbours(polygon(square(0, 0)), polygon(square(0.001, 0)))).toBe(true);
    expect(areNeighbours(polygon(square(0, 0)), polygon(square(0.001, 0.001)))).toBe(false);
  });

  it('gives neighbours different colors and reads a proposal', () => {
    const ring = [...square(0, 0), square(0, 0)[0] as Point].map((p) => [...p]);
    const proposal = readProposal({
      faces: { type: 'FeatureCollection', features: [{ type: 'Feature', id: 4, properties: { id: 4, grid: 1, households: 12 }, geometry: { type: 'Polygon', coordinates: [ring] } }] },
      grids: { type: 'FeatureCollection', features: [0, 1, 2].map((id) => ({ type: 'Feature', id, properties: { households: 100 + id * 50, area_m2: 10, neighbours: [0, 1, 2].filter((n) => n !== id) }, geometry: { type: 'Polygon', coordinates: [ring] } })) },
      balance: { basis: 'households', wanted: 100, share_within_tolerance: 0.5 },
      problems: [{ code: 'x', detail: '只有三块' }],
    });
    expect(proposal?.faces[0]).toMatchObject({ id: 4, grid: 1, households: 12 });
    expect(proposal?.grids.map((grid) => grid.deviation)).toEqual([0, 0.5, 1]);
    expect(proposal?.notes).toEqual(['只有三块']);
    expect(new Set(colorsOf(proposal?.grids ?? [], 6).values()).size).toBe(3);
    expect(readProposal({})).toBeNull();
  });
});

describe('keys while drawing', () => {
  const event = (key: string, more: Partial<KeyboardEvent> = {}, closest: (selector: string) => boolean = () => false): KeyboardEvent =>
    ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false, target: { closest: (selector: string) => (closest(selector) ? {} : null) }, ...more }) as unknown as KeyboardEvent;
  const shop = () => {
    const sketch = new Sketch({ own: 'a', sort: 'Polygon', shape: polygon(square(0, 0)) });
    const said: string[] = [];
    return { sketch, said, shop: { sketch: () => sketch, finish: () => void said.push('finish'), leave: () => void said.push('leave'), canvas: null } };
  };

  it('move the chosen corner, and only then take the arrows from the map', () => {
    const { sketch, shop: s } = shop();
    expect(press(s, event('ArrowRight'))).toBe(false);
    expect(press(s, event(']'))).toBe(true);
    expect(press(s, event('ArrowRight'))).toBe(true);
    expect(sketch.undos.value).toBe(1);
    expect(press(s, event('z', { ctrlKey: true }))).toBe(true);
    expect(press(s, event('Z', { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(sketch.undos.value).toBe(1);
  });

  it('leave fields and dialogs alone', () => {
    const { said, shop: s } = shop();
    expect(press(s, event('ArrowRight', {}, (selector) => selector.includes('textarea')))).toBe(false);
    expect(press(s, event('z', { ctrlKey: true }, (selector) => selector.includes('textarea')))).toBe(false);
    expect(press(s, event('Escape', {}, (selector) => selector === 'dialog'))).toBe(false);
    expect(press(s, event('Enter', {}, (selector) => selector.includes('button')))).toBe(false);
    expect(press(s, event('Enter'))).toBe(true);
    expect(press(s, event('Escape', {}, (selector) => selector.includes('textarea')))).toBe(true);
    expect(said).toEqual(['finish', 'leave']);
  });

  it('let Escape drop what is being drawn before it leaves', () => {
    const { sketch, said, shop: s } = shop();
    sketch.tool.value = 'ring';
    sketch.addPoint([117.3, 31.88]);
    expect(press(s, event('Escape'))).toBe(true);
    expect(sketch.pending.value).toEqual([]);
    expect(sketch.tool.value).toBe('edit');
    expect(said).toEqual([]);
  });
});
