import { describe, expect, it } from 'vitest';
import { setLang } from '../src/i18n';
import { addDays, daysBetween } from '../src/i18n/format';
import * as b from '../src/ui/brush';
import { branches, toggleCategory, type CategoryNode } from '../src/ui/categories';
import { peakHours, wedge } from '../src/ui/clock';
import { columnsFor } from '../src/ui/columns';
import { describeFilter, filterSentence, periodWords } from '../src/ui/describe';
import { dropIndex, moved } from '../src/ui/layers';
import { rangeText } from '../src/ui/legend';
import { scaleStep } from '../src/ui/mapbits';
import { formatRanges, hoursInWords, parseRanges } from '../src/ui/ranges';
import { coordinateHits } from '../src/ui/search';
import { detentHeight, settle } from '../src/ui/sheet';
import { sortRows } from '../src/ui/table';
import { axisTop } from '../src/ui/trend';
import { featureTitle, valueWord } from '../src/ui/words';

await setLang('zh');
const daily: b.Daily = { start: '2026-09-01', counts: Array.from({ length: 83 }, (_, i) => i) };

describe('the brush', () => {
  const period = { from: '2026-10-24', to: '2026-11-22' };

  it('knows its days', () => {
    expect(b.lastDay(daily)).toBe('2026-11-22');
    expect(b.length(period)).toBe(30);
    expect(b.previousPeriod(period)).toEqual({ from: '2026-09-24', to: '2026-10-23' });
    expect(b.yearAgo(period)).toEqual({ from: '2025-10-24', to: '2025-11-22' });
  });

  it('adds up, and says when it cannot', () => {
    expect(b.sum({ from: '2026-09-01', to: '2026-09-04' }, daily)).toBe(0 + 1 + 2 + 3);
    expect(b.sum(b.yearAgo(period), daily)).toBeNull();
  });

  it('keeps its length when moved and stays inside', () => {
    for (const step of [-1, 1, 7, -7, -1000, 1000]) {
      const moved = b.shiftPeriod(period, step, daily);
      expect(b.length(moved)).toBe(30);
      expect(moved.from >= daily.start && moved.to <= b.lastDay(daily)).toBe(true);
    }
    expect(b.shiftPeriod(period, -1, daily)).toEqual({ from: '2026-10-23', to: '2026-11-21' });
  });

  it('never lets one end pass the other', () => {
    expect(b.moveEnd(period, 'from', 100, daily)).toEqual({ from: '2026-11-22', to: '2026-11-22' });
    expect(b.moveEnd(period, 'to', -100, daily)).toEqual({ from: '2026-10-24', to: '2026-10-24' });
    expect(b.moveEnd(period, 'from', -7, daily).from).toBe('2026-10-17');
    expect(b.moveEnd(period, 'from', -1000, daily).from).toBe('2026-09-01');
  });

  it('shows the period before beside it', () => {
    const win = b.windowFor(period, daily);
    expect(win).toEqual({ from: '2026-09-24', to: '2026-11-22' });
    const long = { start: '2024-11-23', counts: new Array<number>(730).fill(2) };
    const w = b.windowFor({ from: '2026-08-25', to: '2026-11-22' }, long);
    expect(b.length(w)).toBe(180);
  });

  it('gathers days into bars without losing or doubling one', () => {
    for (const most of [10, 30, 60, 200]) {
      const win = { from: '2026-09-03', to: '2026-11-22' };
      const { bins } = b.bins(win, daily, most);
      expect(bins.length).toBeLessThanOrEqual(Math.max(most, 3));
      expect(bins.reduce((s, x) => s + x.count, 0)).toBe(b.sum(win, daily));
      expect(bins[0]?.from).toBe(win.from);
      for (let i = 1; i < bins.length; i++) expect(daysBetween(bins[i - 1]?.to as string, bins[i]?.from as string)).toBe(1);
      expect(addDays(bins[bins.length - 1]?.to as string, 0)).toBe(win.to);
    }
  });
});

describe('hours and weekdays', () => {
  it('read and write the filter notation', () => {
    expect(parseRanges('20-23,6', 0, 23)).toEqual([6, 20, 21, 22, 23]);
    expect(parseRanges('22-5', 0, 23)).toEqual([0, 1, 2, 3, 4, 5, 22, 23]);
    expect(parseRanges('9-x,99', 0, 23)).toEqual([]);
    expect(formatRanges([0, 1, 22, 23], 0, 23)).toBe('22-1');
    expect(formatRanges([6, 20, 21], 0, 23)).toBe('6,20-21');
    expect(formatRanges([1, 2, 3, 4, 5, 6, 7], 1, 7)).toBe('');
    expect(hoursInWords('20-22')).toBe('20–23');
  });
  it('write what they read, for every set of weekdays', () => {
    for (let bits = 1; bits < 127; bits++) {
      const days = [1, 2, 3, 4, 5, 6, 7].filter((d) => bits & (1 << (d - 1)));
      expect(parseRanges(formatRanges(days, 1, 7), 1, 7)).toEqual(days);
    }
  });
});

describe('the clock', () => {
  it('finds the three hours in a row, also over midnight', () => {
    const at = (hours: Record<number, number>): number[] => Array.from({ length: 24 }, (_, h) => hours[h] ?? 0);
    expect(peakHours(at({ 20: 5, 21: 9, 22: 6, 3: 10 }))).toEqual({ first: 20, count: 20 });
    expect(peakHours(at({ 23: 5, 0: 9, 1: 6 }))).toEqual({ first: 23, count: 20 });
    expect(peakHours(at({}))).toBeNull();
  });
  it('draws midnight at the top and runs clockwise', () => {
    expect(wedge(0, 6, 32, 92).startsWith('M0.00 -32.00L0.00 -92.00A92 92 0 0 1 92.00 ')).toBe(true);
  });
});

describe('categories', () => {
  const nodes: CategoryNode[] = [
    { code: 'a', parent: null, name: 'A', kind: 'police' },
    { code: 'a1', parent: 'a', name: 'A1', kind: 'police' },
    { code: 'a2', parent: 'a', name: 'A2', kind: 'police' },
    { code: 'b', parent: 'gone', name: 'B', kind: null },
    { code: 'x', parent: 'y', name: 'X', kind: null },
    { code: 'y', parent: 'x', name: 'Y', kind: null },
  ];
  const roots = branches(nodes, { a: 1, a1: 10, a2: 100 });

  it('sum counts upwards and survive missing parents and loops', () => {
    expect(roots.map((r) => [r.node.code, r.count])).toEqual([['a', 111], ['b', 0], ['x', 0], ['y', 0]]);
  });
  it('choose a whole branch, and take one child out of it', () => {
    expect(toggleCategory(roots, [], 'a', true)).toEqual(['a']);
    expect(toggleCategory(roots, ['a'], 'a1', false)).toEqual(['a2']);
    expect(toggleCategory(roots, ['a1'], 'a2', true)).toEqual(['a']);
    expect(toggleCategory(roots, ['a1', 'b'], 'a', true).sort()).toEqual(['a', 'b']);
    expect(toggleCategory(roots, ['a', 'b'], 'a', false)).toEqual(['b']);
  });
});

describe('words', () => {
  it('say the filter the same way everywhere', () => {
    const filter = { kinds: ['police', 'hotline'] as const, categories: [{ code: 'theft', name: '盗窃' }], period: null, hours: '20-22', weekdays: '6-7', found: '' as const, placed: '' as const, columns: {}, todaysGrids: false };
    expect(filterSentence(filter)).toBe('警情、12345 诉求 · 盗窃 · 20–23 时 · 周六、周日');
    expect(describeFilter(filter).map((d) => d.id)).toEqual(['kinds', 'category', 'hours', 'weekdays']);
    expect(filterSentence({ ...filter, kinds: ['police', 'dispute', 'hotline'], categories: [], hours: '', weekdays: '' })).toBe('全部记录');
  });
  it('say what kept columns are held to', () => {
    const filter = { kinds: ['police', 'dispute', 'hotline'] as const, categories: [], period: null, hours: '', weekdays: '', found: 'resident' as const, placed: 'false' as const, columns: { 部门: ['a', 'b', 'c', 'd', 'e'], 次数: ['3..'], 等级: ['2..2'] }, todaysGrids: false };
    expect(describeFilter(filter).map((d) => d.label)).toEqual(['群众上报', '未上图', '次数:≥ 3', '等级:2', '部门:a、b、c +2']);
  });
  it('name the period', () => {
    expect(periodWords({ from: '2026-10-24', to: '2026-11-22' }, '2026-11-22')).toBe('近30天');
    expect(periodWords({ from: '2026-10-24', to: '2026-11-22' }, '2026-12-01')).toBe('10月24日 – 11月22日');
    expect(periodWords(null, null)).toBe('全部');
  });
  it('translate codes and leave the rest alone', () => {
    expect(valueWord('grids', 'kind', 'special')).toBe('专属网格');
    expect(valueWord('streets', 'class', 'lane')).toBe('巷');
    expect(valueWord('streets', 'class', 'strange')).toBe('strange');
    expect(valueWord('streets', 'oneway', true)).toBe('是');
    expect(valueWord('grids', 'post', '')).toBe('—');
    expect(featureTitle('grids', 7, { code: 'WG007' })).toBe('WG007');
  });
  it('write class ranges as the map draws them', () => {
    const breaks = [1, 3, 8, 15, 30];
    expect([0, 1, 2, 5].map((i) => rangeText(i, breaks, true))).toEqual(['0', '1–2', '3–7', '30+']);
    expect(rangeText(1, [1, 2, 3], true)).toBe('1');
    expect(rangeText(2, [0.5, 1.2, 4], false)).toBe('1.2–4');
  });
});

describe('the layer list', () => {
  it('puts a row where it is dropped', () => {
    const middles = [10, 30, 50, 70];
    expect([0, 20, 45, 55, 90].map((y) => dropIndex(middles, 1, y))).toEqual([0, 1, 1, 2, 3]);
    expect(dropIndex(middles, 3, 0)).toBe(0);
    expect(dropIndex(middles, 0, 29)).toBe(0);
    expect(moved(['a', 'b', 'c'], 'a', 2)).toEqual(['b', 'c', 'a']);
    expect(moved(['a', 'b', 'c'], 'c', 0)).toEqual(['c', 'a', 'b']);
    expect(moved(['a', 'b', 'c'], 'b', 99)).toEqual(['a', 'c', 'b']);
  });
  it('moves one row and keeps the others in order, wherever it goes', () => {
    for (let from = 0; from < 5; from++) {
      for (let y = -5; y < 110; y += 5) {
        const list = [0, 1, 2, 3, 4];
        const to = dropIndex(list.map((i) => i * 20 + 10), from, y);
        const next = moved(list, from, to);
        expect(next[to]).toBe(from);
        expect(next.filter((n) => n !== from)).toEqual(list.filter((n) => n !== from));
      }
    }
  });
});

describe('small arithmetic', () => {
  it('scale bar fits and is round', () => {
    for (const mpp of [0.1, 1, 2.4, 37, 999]) {
      const { metres, width } = scaleStep(mpp, 120);
      expect(width).toBeLessThanOrEqual(120);
      expect(width).toBeGreaterThan(55);
      expect([1, 2, 3, 5]).toContain(Number(String(metres)[0]));
    }
    expect(scaleStep(0, 120).metres).toBe(0);
  });
  it('axis tops hold the data and halve evenly', () => {
    for (let n = 0; n < 3000; n++) {
      expect(axisTop(n)).toBeGreaterThanOrEqual(n);
      expect(axisTop(n) % 2).toBe(0);
    }
  });
  it('a released sheet falls into the nearest detent, a flick carries it on', () => {
    expect([96, 360, 736].map((h) => settle(h, 800))).toEqual(['small', 'half', 'full']);
    expect(settle(300, 800, 2)).toBe('full');
    expect(settle(300, 800, -2)).toBe('small');
    expect(detentHeight('half', 800)).toBe(360);
  });
  it('rows sort by value with empty ones last, both ways', () => {
    const rows = [3, null, 10, 1].map((count, id) => ({ id, values: { count } }));
    expect(sortRows(rows, { key: 'count', down: false }, 'zh').map((r) => r.values.count)).toEqual([1, 3, 10, null]);
    expect(sortRows(rows, { key: 'count', down: true }, 'zh').map((r) => r.values.count)).toEqual([10, 3, 1, null]);
    const names = ['网格10', '网格9'].map((name, id) => ({ id, values: { name } }));
    expect(sortRows(names, { key: 'name', down: false }, 'zh').map((r) => r.values.name)).toEqual(['网格9', '网格10']);
  });
  it('pasted coordinates become three answers', () => {
    const hits = coordinateHits('117.290893,31.888727');
    expect(hits.map((h) => h.datum)).toEqual(['wgs84', 'gcj02', 'bd09']);
    expect(hits[1]?.lon).toBeCloseTo(117.285365, 5);
    expect(hits[1]?.detail).toBe('按 GCJ-02 读');
    expect(coordinateHits('朝云里')).toEqual([]);
  });
  it('every layer has columns with unique keys', () => {
    for (const layer of ['grids', 'compounds', 'streets', 'routes', 'incidents'] as const) {
      const keys = columnsFor(layer, { categoryName: (c) => c, extra: [{ name: '备注', type: 'text' }] }).map((c) => c.key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys).toContain('备注');
    }
  });
});
