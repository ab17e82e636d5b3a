import { describe, expect, it, vi } from 'vitest';
import { importEn } from '../src/i18n/import.en';
import { importZh } from '../src/i18n/import.zh';
import { ImportApi, rowsPath } from '../src/import/api';
import { categoryChoices } from '../src/import/categories';
import { defaultName } from '../src/import/columns';
import { ContractError, emptyOptions, position, readOptions, readPlaces, readResult, readRows, readSession, readUndo, readWrites } from '../src/import/contract';
import { classWords } from '../src/import/ground';
import { watch } from '../src/import/live';
import { assign, effectiveMap, joinable, keep, leaveOut, setConstant, targetOf, unused, wholeMap } from '../src/import/mapping';
import { choiceOf, choose, confirmAll, offered, tally } from '../src/import/places';
import { columnWidths } from '../src/import/preview';
import { PAGE, RowWindow } from '../src/import/rows';
import { boxOfPoints, chosenIndex, closeCall, comparedCount, crsName, crsTitle, rowPoints, samplePoints, shapesOf, toneOf, viewOf } from '../src/import/sample';
import * as steps from '../src/import/steps';
import type { Candidate, Column, Counts, Options, PlaceItem, Row, Session } from '../src/import/types';
import { asOptions, useOf, USES } from '../src/import/use';
import { fileSize, inspectFiles, w } from '../src/import/words';

const column = (name: string, field: string | null = null, personal = false): Column => ({ name, field, kept: false, personal, type: 'text', filled_share: 1, samples: [] });
const columns = [column('接警编号', 'id'), column('报警时间', 'occurred_at'), column('事发地点', 'text'), column('内容'), column('报警人', null, true), column('经度', 'lon'), column('纬度', 'lat')];
const fields = ['id', 'occurred_at', 'reported_at', 'kind', 'text', 'place', 'lon', 'lat'].map((name) => ({ name, title: name, required: false }));
const shape = { columns, fields };
const counts = (change: Partial<Counts> = {}): Counts => ({ read: 100, new: 60, updated: 20, unchanged: 5, rejected: 15, to_confirm: 7, unplaced: 3, masked: 2, ...change });
const candidate = (crs: string, inside_share: number, change: Partial<Candidate> = {}): Candidate => ({ crs, title: '', inside_share, median_m: null, points: [[117.3, 31.8]], axis_swapped: false, best: false, ...change });

function session(change: Partial<Session> = {}): Session {
  return {
    ...readSession({ id: 'a', state: 'ready' }),
    layer: 'incidents',
    columns,
    fields: [{ name: 'id', title: '来源编号', required: true }, { name: 'occurred_at', title: '发生时间', required: true }, { name: 'kind', title: '种类', required: false }],
    counts: counts(),
    crs: { named_by_file: null, remembered: null, chosen: null, undecided: true, candidates: [candidate('gcj02', 0.97), candidate('wgs84', 0.58)] },
    ...change,
  };
}

describe('the footer', () => {
  it('adds up whatever the counts are', () => {
    let seed = 7;
    const random = (n: number): number => (seed = (seed * 16807) % 2147483647) % n;
    for (let i = 0; i < 500; i++) {
      const c = counts({ new: random(1000), updated: random(1000), unchanged: random(1000), rejected: random(1000), to_confirm: random(4000) });
      const { direct, confirm, rejected, total } = steps.ledger(c);
      expect(direct + confirm + rejected).toBe(total);
      expect(total).toBe(c.new + c.updated + c.unchanged + c.rejected);
      expect(direct).toBeGreaterThanOrEqual(0);
    }
  });

  it('takes the rows to confirm out of the accepted', () => {
    expect(steps.ledger(counts())).toEqual({ direct: 78, confirm: 7, rejected: 15, total: 100 });
  });
});

describe('the steps', () => {
  const options = emptyOptions();

  it('go through the phases', () => {
    expect(steps.phaseOf(false, null, null)).toBe('start');
    expect(steps.phaseOf(true, null, null)).toBe('uploading');
    expect(steps.phaseOf(false, null, session({ state: 'reading', counts: null }))).toBe('reading');
    expect(steps.phaseOf(false, null, session({ state: 'checking', counts: null }))).toBe('reading');
    expect(steps.phaseOf(false, null, session({ state: 'checking' }))).toBe('work');
    expect(steps.phaseOf(false, null, session())).toBe('work');
    expect(steps.phaseOf(false, null, session({ state: 'storing' }))).toBe('storing');
    expect(steps.phaseOf(false, null, session({ state: 'done' }))).toBe('done');
    expect(steps.phaseOf(false, 'restart', session())).toBe('lost');
    expect(steps.phaseOf(false, null, session({ state: 'cancelled' }))).toBe('start');
  });

  it('keep a failed reading open when a choice can mend it', () => {
    const bare = { columns: [], sheets: [], encodings: [], counts: null, error: { code: 'corrupt', detail: 'x' } };
    expect(steps.phaseOf(false, null, session({ state: 'failed', ...bare }))).toBe('failed');
    expect(steps.phaseOf(false, null, session({ state: 'failed', ...bare, columns }))).toBe('failed');
    for (const code of ['layer', 'encoding', 'mapping', 'ambiguous']) {
      expect(steps.phaseOf(false, null, session({ state: 'failed', ...bare, error: { code, detail: 'x' } })), code).toBe('work');
    }
  });

  it('ask first for the layer, then sheet and encoding, then required fields', () => {
    const two = [{ name: 'a', rows: 1, chosen: false }, { name: 'b', rows: 2, chosen: false }];
    const readings = [{ name: 'gbk', sample: 'a', chosen: false }, { name: 'big5', sample: 'b', chosen: false }];
    expect(steps.checkBlockers(session({ layer: null, sheets: two, encodings: readings }), options)).toEqual(['layer', 'sheet', 'encoding']);
    expect(steps.checkBlockers(session({ layer: null, sheets: two }), { ...options, layer: 'grids', sheet: 'b' })).toEqual([]);
    expect(steps.checkBlockers(session({ columns: [column('x')] }), options)).toEqual(['required']);
    expect(steps.missingFields(session({ columns: [column('x')] }), { ...options, set: { id: '1' } })).toEqual(['occurred_at']);
    expect(steps.missingFields(session(), { ...options, map: { id: [] } })).toEqual(['id']);
    expect(steps.checkBlockers(session({ counts: counts({ read: 3, new: 0, updated: 0, unchanged: 0, rejected: 3 }) }), options)).toEqual(['refused']);
    expect(steps.checkBlockers(session({ counts: counts({ read: 0 }) }), options)).toEqual(['empty']);
    expect(steps.checkBlockers(session(), options)).toEqual([]);
  });

  it('choose nothing while the coordinates are undecided', () => {
    const now = session({ crs: { ...session().crs, remembered: 'bd09' } });
    expect(steps.chosenCrs(now, options)).toBeNull();
    expect(steps.blockers('crs', now, options)).toEqual(['crs']);
    expect(steps.blockers('store', now, options)).toEqual(['crs']);
    expect(steps.blockers('crs', now, { ...options, crs: 'wgs84' })).toEqual([]);
  });

  it('take what the file names, and need nothing without coordinates', () => {
    const named = session({ crs: { named_by_file: 'cgcs2000', remembered: null, chosen: null, undecided: false, candidates: [] } });
    expect(steps.chosenCrs(named, options)).toBe('cgcs2000');
    const none = session({ crs: { named_by_file: null, remembered: null, chosen: null, undecided: false, candidates: [] } });
    expect(steps.placeless(none)).toBe(true);
    expect(steps.blockers('store', none, options)).toEqual([]);
    const unknown = session({ crs: { named_by_file: null, remembered: null, chosen: null, undecided: true, candidates: [] } });
    expect(steps.placeless(unknown)).toBe(false);
    expect(steps.blockers('crs', unknown, options)).toEqual(['crs']);
  });

  it('open where something is missing, else at the map', () => {
    expect(steps.firstStep(session({ columns: [column('x')] }), options)).toBe('check');
    expect(steps.firstStep(session(), options)).toBe('crs');
    expect(steps.nextStep('crs')).toBe('store');
    expect(steps.nextStep('store')).toBeNull();
    expect(steps.backStep('store')).toBe('crs');
    expect(steps.backStep('check')).toBeNull();
    expect(steps.STEPS.map((step) => steps.markOf(step, 'crs'))).toEqual(['done', 'done', 'now', 'todo']);
    expect(steps.share(1, 0)).toBeNull();
    expect(steps.share(5, 4)).toBe(1);
  });
});

describe('the mapping', () => {
  const options = emptyOptions();

  it('starts from what the server found', () => {
    expect(Object.fromEntries(effectiveMap(options, columns))).toEqual({ id: ['接警编号'], occurred_at: ['报警时间'], text: ['事发地点'], lon: ['经度'], lat: ['纬度'] });
    expect(targetOf(options, columns, '内容')).toEqual({ to: 'none' });
    expect(targetOf(options, columns, '报警人')).toEqual({ to: 'personal' });
    expect(unused(options, columns).map((c) => c.name)).toEqual(['内容']);
  });

  it('replaces, joins, moves', () => {
    const replaced = assign(options, shape, '内容', 'text');
    expect(targetOf(replaced, columns, '内容')).toEqual({ to: 'field', field: 'text', part: 0, parts: 1 });
    expect(targetOf(replaced, columns, '事发地点')).toEqual({ to: 'none' });
    const joined = assign(options, shape, '内容', 'text', 'join');
    expect(targetOf(joined, columns, '内容')).toEqual({ to: 'field', field: 'text', part: 1, parts: 2 });
    expect(joined.map.text).toEqual(['事发地点', '内容']);
    const moved = assign(options, shape, '报警时间', 'reported_at');
    expect(moved.map).toMatchObject({ occurred_at: [], reported_at: ['报警时间'], place: [] });
    expect(effectiveMap(moved, columns).has('occurred_at')).toBe(false);
    expect(assign(options, shape, '接警编号', 'id')).toBe(options);
    expect(joinable('text')).toBe(true);
    expect(joinable('lon')).toBe(false);
  });

  it('keeps, leaves out, and comes back', () => {
    const kept = keep(options, shape, '事发地点', 'text');
    expect(targetOf(kept, columns, '事发地点')).toEqual({ to: 'keep', type: 'text' });
    expect(kept.map.text).toEqual([]);
    expect(keep(kept, shape, '事发地点', 'date').keep).toEqual([{ column: '事发地点', type: 'date' }]);
    const out = leaveOut(kept, shape, '事发地点');
    expect(targetOf(out, columns, '事发地点')).toEqual({ to: 'none' });
    expect(targetOf(assign(out, shape, '事发地点', 'text'), columns, '事发地点').to).toBe('field');
  });

  it('never touches a column about persons', () => {
    expect(assign(options, shape, '报警人', 'text')).toBe(options);
    expect(keep(options, shape, '报警人', 'text')).toBe(options);
  });

  it('leaves nothing for the server to guess once the reader has chosen', () => {
    const out = leaveOut(options, shape, '事发地点');
    // Whatever the headings suggest next, the column goes nowhere.
    const guessed = columns.map((c) => (c.name === '事发地点' ? { ...c, field: 'place' } : c));
    expect(targetOf(out, guessed, '事发地点')).toEqual({ to: 'none' });
    expect(Object.keys(out.map).sort()).toEqual(fields.map((field) => field.name).sort());
  });

  it('says one value for all rows until a column says it', () => {
    const set = setConstant(options, 'kind', ' police ');
    expect(set.set).toEqual({ kind: 'police' });
    expect(setConstant(set, 'kind', null).set).toEqual({});
    expect(assign(set, shape, '内容', 'kind').set).toEqual({});
  });

  it('ends a chosen profile once it is changed', () => {
    const used: Options = { ...options, profile: '110 台账' };
    for (const changed of [assign(used, shape, '内容', 'text'), keep(used, shape, '内容', 'text'), leaveOut(used, shape, '内容'), setConstant(used, 'kind', 'police')]) {
      expect(changed.profile).toBeNull();
    }
  });

  it('is said whole to be kept', () => {
    expect(wholeMap(leaveOut(assign(options, shape, '内容', 'text', 'join'), shape, '经度'), shape)).toEqual({
      id: '接警编号', occurred_at: '报警时间', reported_at: [], kind: [], text: ['事发地点', '内容'], place: [], lat: '纬度', lon: [],
    });
  });

  it('names a profile after the file without its date', () => {
    expect(defaultName('11月警情台账.xlsx')).toBe('警情台账');
    expect(defaultName('2026年11月_12345 工单(1).csv')).toBe('工单');
    expect(defaultName('202611.xlsx')).toBe('');
  });
});

describe('the contract', () => {
  it('reads a whole session', () => {
    const read = readSession({
      id: 'x1',
      state: 'ready',
      file: { names: ['a.xlsx'], size_bytes: 12, format: 'xlsx' },
      layer: 'incidents',
      columns: [
        { name: '报警人', field: 'text', kept: true, personal: true, type: 'text', filled_share: 1, samples: ['张'] },
        { name: '经度', field: 'lon', kept: false, personal: false, type: 'number', filled_share: 2, samples: ['117.3'] },
      ],
      crs: { named_by_file: null, remembered: null, chosen: null, undecided: true, candidates: [{ crs: 'gcj02', title: '高德', inside_share: 0.97, median_m: null, points: [[117.3, 31.8], [999, 0], 'x'], axis_swapped: false, best: true }] },
      counts: { read: 1, new: 1, updated: 0, unchanged: 0, rejected: 0, to_confirm: 0, unplaced: 0, masked: 0 },
      masked: { mobile: 6, id: 0 },
      problems: [{ code: 'crs', title: '', severity: 'odd', rows: 3, first_rows: [1], what_happens: '', action: 'odd' }],
      options: { layer: 'incidents', map: { text: ['a', 'b'], id: 'c', odd: 3 }, places: { 元一名城: { layer: 'compounds', id: 3 }, 不详: 'unplaced', x: 'odd', y: { layer: 'odd', id: 1 } }, keep: [{ column: 'k' }], repeat: 'odd' },
    });
    expect(read.columns[0]).toEqual({ name: '报警人', field: null, kept: false, personal: true, type: 'text', filled_share: 1, samples: [] });
    expect(read.columns[1]?.filled_share).toBe(1);
    expect(read.crs.candidates[0]?.points).toEqual([[117.3, 31.8]]);
    expect(read.masked).toEqual({ mobile: 6 });
    expect(read.problems[0]).toMatchObject({ title: 'crs', severity: 'warning', action: 'none' });
    expect(read.options.map).toEqual({ text: ['a', 'b'], id: 'c' });
    expect(read.options.places).toEqual({ 元一名城: { layer: 'compounds', id: 3 }, 不详: 'unplaced' });
    expect(read.options.keep).toEqual([{ column: 'k', type: 'text' }]);
    expect(read.options.repeat).toBe('reject');
    expect(read.result).toBeNull();
  });

  it('fills what is missing, and refuses what is no session', () => {
    expect(readSession({ id: 'x', state: 'reading' })).toMatchObject({ columns: [], counts: null, error: null, options: emptyOptions() });
    for (const bad of [null, [], {}, { id: 'x' }, { id: 'x', state: 'odd' }, 'text']) expect(() => readSession(bad)).toThrow(ContractError);
  });

  it('sends back exactly the options it was given', () => {
    const options = { ...emptyOptions(), layer: 'grids' as const, map: { text: ['a'] }, set: { kind: 'police' }, places: { a: 'unplaced' as const }, categories: { 噪音: 'hotline.noise' } };
    expect(readOptions(JSON.parse(JSON.stringify(options)))).toEqual(options);
  });

  it('blanks the cells of persons whatever was sent', () => {
    const { rows, total } = readRows({ total: 9, rows: [{ row: 2, cells: ['JJ1', '', '路', null, '张', 117, '31'], result: 'new', words: '可入库', at: [117, 31], notes: [{ column: null, code: 'x', severity: 'rejected', reason: 'r' }] }, { row: 3, result: 'odd', at: [1] }] }, columns);
    expect(total).toBe(9);
    expect(rows[0]?.cells).toEqual(['JJ1', '', '路', null, null, '117', '31']);
    expect(rows[1]).toMatchObject({ cells: [], result: 'rejected', at: null, to_confirm: false });
    expect(position([181, 0])).toBeNull();
  });

  it('reads places, writes and undo', () => {
    expect(readPlaces({ items: [{ text: 'a', rows: 2, proposal: { layer: 'compounds', id: 1, name: 'A', at: [1, 2] }, others: [{ layer: 'odd', id: 1 }, null], chosen: null }] })).toEqual([
      { text: 'a', rows: 2, proposal: { layer: 'compounds', id: 1, name: 'A', at: [1, 2] }, others: [], chosen: null },
    ]);
    expect(readWrites({ writes: [{ revision: 5, before: 4, at: 't', actor: 'local', action: 'import', reason: null, counts: [{ layer: 'grids', op: 'put', rows: 6 }], undone_by: null, undoable: true }] })[0]).toMatchObject({ revision: 5, reason: '', undone_by: null, undoable: true });
    expect(readUndo({ rows: 3, edited_since: [{ layer: 'grids', id: 1, name: 'n', what: 'w' }], gone: [{}] })).toMatchObject({ rows: 3, gone: [{}] });
  });

  it('asks for rows and undoes by the agreed addresses', async () => {
    expect(rowsPath('s', { show: 'confirm', offset: 100, limit: 100, problem: 'a b' })).toBe('/api/imports/s/rows?show=confirm&offset=100&limit=100&problem=a%20b');
    const sent: [string, RequestInit][] = [];
    const send = ((url: string, init: RequestInit) => {
      sent.push([url, init]);
      return Promise.resolve(new Response(JSON.stringify({ new: 1, revision: 9, reverted: 1 }), { status: 200 }));
    }) as unknown as typeof fetch;
    const api = new ImportApi(() => 'en', send);
    expect((await api.commit('s', 'key'))?.revision).toBe(9);
    await api.undo(9, 'keep');
    expect(sent.map(([url, init]) => `${init.method} ${url}`)).toEqual(['POST /api/imports/s/commit', 'POST /api/writes/9/undo']);
    expect((sent[0]?.[1].headers as Record<string, string>)['Idempotency-Key']).toBe('key');
    expect((sent[0]?.[1].headers as Record<string, string>)['Accept-Language']).toBe('en');
    expect(sent[1]?.[1].body).toBe('{"edited":"keep"}');
    expect(api.rejectedUrl('s')).toBe('/api/imports/s/rejected.csv?lang=en');
  });
});

describe('the events', () => {
  it('tell of progress, ask anew after every connection, and come back', () => {
    vi.useFakeTimers();
    try {
      const opened: { url: string; fire: (name: string, data?: unknown) => void; closed: boolean }[] = [];
      const open = (url: string) => {
        const on = new Map<string, (event: Event) => void>();
        const entry = { url, closed: false, fire: (name: string, data?: unknown) => on.get(name)?.({ data: JSON.stringify(data) } as unknown as Event) };
        opened.push(entry);
        return { addEventListener: (name: string, listener: (event: Event) => void) => void on.set(name, listener), close: () => void (entry.closed = true) } as unknown as EventSource;
      };
      const listener = { onProgress: vi.fn(), onSession: vi.fn(), onLink: vi.fn() };
      const stop = watch('s1', listener, open);
      expect(opened[0]?.url).toBe('/api/imports/s1/events');
      opened[0]?.fire('open');
      opened[0]?.fire('progress', { state: 'checking', step: 'checking', done: 5, total: 10, rows_per_s: 2 });
      opened[0]?.fire('progress', 'odd');
      expect(listener.onProgress.mock.calls).toEqual([['checking', { step: 'checking', done: 5, total: 10, rows_per_s: 2 }]]);
      opened[0]?.fire('session', {});
      expect(listener.onSession).toHaveBeenCalledTimes(2);
      opened[0]?.fire('error');
      expect(opened[0]?.closed).toBe(true);
      expect(listener.onLink).toHaveBeenLastCalledWith(false);
      vi.advanceTimersByTime(500);
      expect(opened).toHaveLength(2);
      opened[1]?.fire('error');
      vi.advanceTimersByTime(500);
      expect(opened).toHaveLength(2);
      vi.advanceTimersByTime(500);
      expect(opened).toHaveLength(3);
      stop();
      expect(opened[2]?.closed).toBe(true);
      vi.advanceTimersByTime(60_000);
      expect(opened).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the rows', () => {
  const row = (n: number): Row => ({ row: n, cells: [], result: 'new', unplaced: false, to_confirm: false, words: '', at: null, notes: [] });

  it('are fetched a page at a time, once, and again after a new check', async () => {
    const ask = vi.fn((query: { offset: number }) => Promise.resolve({ total: 250, rows: Array.from({ length: Math.min(PAGE, 250 - query.offset) }, (_, i) => row(query.offset + i + 1)) }));
    const rows = new RowWindow(ask);
    rows.need(0, 20);
    rows.need(10, 30);
    await Promise.resolve();
    await Promise.resolve();
    expect(ask).toHaveBeenCalledTimes(1);
    rows.need(90, 110);
    await vi.waitFor(() => expect(rows.state.value.rows.size).toBe(200));
    expect(rows.state.value.rows.get(150)?.row).toBe(151);
    rows.reset({ show: 'rejected', problem: null });
    expect(ask.mock.lastCall?.[0]).toEqual({ show: 'rejected', problem: null, offset: 0, limit: PAGE });
    await vi.waitFor(() => expect(rows.state.value.rows.size).toBe(100));
  });

  it('are held in bounded number, and fetched again when one comes back', async () => {
    const ask = vi.fn((query: { offset: number }) => Promise.resolve({ total: 60_000, rows: Array.from({ length: PAGE }, (_, i) => row(query.offset + i + 1)) }));
    const rows = new RowWindow(ask);
    for (let page = 0; page < 80; page++) {
      rows.need(page * PAGE, page * PAGE + 20);
      await vi.waitFor(() => expect(rows.state.value.rows.get(page * PAGE)?.row).toBe(page * PAGE + 1));
    }
    expect(rows.state.value.rows.size).toBeLessThanOrEqual(4000);
    const asked = ask.mock.calls.length;
    rows.need(0, 20);
    expect(ask.mock.calls.length).toBe(asked + 1);
  });

  it('say when they cannot be had, and are asked for again', async () => {
    let fail = true;
    const rows = new RowWindow(() => (fail ? Promise.reject(new Error('x')) : Promise.resolve({ total: 1, rows: [row(1)] })));
    rows.need(0, 1);
    await vi.waitFor(() => expect(rows.state.value.failed).toBe(true));
    fail = false;
    rows.need(0, 1);
    await vi.waitFor(() => expect(rows.state.value).toMatchObject({ total: 1, failed: false }));
  });

  it('have a tone', () => {
    expect(toneOf(row(1))).toBe('ok');
    expect(toneOf({ ...row(1), to_confirm: true })).toBe('warn');
    expect(toneOf({ ...row(1), result: 'rejected', to_confirm: true })).toBe('bad');
    expect(rowPoints([row(1), { ...row(2), at: [117, 31] }]).features.map((f) => f.properties)).toEqual([{ row: 2, tone: 'ok' }]);
  });

  it('stand in columns wide enough for headings and samples', () => {
    const [narrow, wide] = columnWidths([column('a'), { ...column('b'), samples: ['利港路26号门口旁边的小店'] }], ['', '']);
    expect(narrow).toBe(72);
    expect(wide).toBeGreaterThan(150);
  });
});

describe('the sample', () => {
  const three = [candidate('gcj02', 0.97), candidate('wgs84', 0.58), candidate('bd09', 0.31)];

  it('moves the filled symbol with the choice', () => {
    expect(shapesOf(three, null)).toEqual(['ring', 'cross', 'triangle']);
    expect(shapesOf(three, 0)).toEqual(['disc', 'ring', 'cross']);
    expect(shapesOf(three, 2)).toEqual(['ring', 'cross', 'disc']);
  });

  it('draws the chosen one last, and the others faint while one is pointed at', () => {
    const { features } = samplePoints(three, 0, 1);
    expect(features.map((f) => f.properties?.shape)).toEqual(['ring', 'cross', 'disc']);
    expect(features.map((f) => f.properties?.faint)).toEqual([false, true, true]);
  });

  it('tells the axes apart', () => {
    const both = [candidate('wgs84', 0.9, { axis_swapped: true }), candidate('wgs84', 0.1)];
    expect(chosenIndex(both, 'wgs84', true)).toBe(0);
    expect(chosenIndex(both, 'wgs84', false)).toBe(1);
    expect(chosenIndex(both, 'bd09', false)).toBeNull();
    expect(chosenIndex(both, null, false)).toBeNull();
    expect(chosenIndex(three, 'bd09', true)).toBe(2);
  });

  it('compares a few of many zones, and the chosen one whatever its rank', () => {
    const zones = [0.13, ...Array.from({ length: 20 }, () => 0)].map((share, i) => candidate(`epsg:${4534 + i}`, share));
    expect(comparedCount(zones, null)).toBe(3);
    expect(comparedCount(zones, 7)).toBe(8);
    expect(comparedCount(three, null)).toBe(3);
    expect(comparedCount([], null)).toBe(0);
    expect(comparedCount([0.9, 0.8, 0.7, 0.6].map((share, i) => candidate(String(i), share)), null)).toBe(4);
  });

  it('is close within ten points', () => {
    expect(closeCall(three)).toBe(false);
    expect(closeCall([candidate('a', 0.9), candidate('b', 0.85)])).toBe(true);
    expect(closeCall([candidate('a', 0.9)])).toBe(false);
  });

  it('has names', () => {
    expect(['gcj02', 'wgs84', 'bd09', 'cgcs2000', 'epsg:4548'].map(crsName)).toEqual(['GCJ-02', 'WGS84', 'BD-09', 'CGCS2000', 'EPSG:4548']);
    expect(crsTitle(candidate('gcj02', 1, { title: 'GCJ-02 高德、腾讯' }))).toBe('高德、腾讯');
    expect(crsTitle(candidate('gcj02', 1, { title: '高德、腾讯' }))).toBe('高德、腾讯');
    expect(crsTitle(candidate('wgs84', 1, { title: 'WGS 84' }))).toBe('');
    expect(crsTitle(candidate('wgs84', 1, { title: 'WGS84: GPS, Tianditu' }))).toBe('GPS, Tianditu');
    expect(crsTitle(candidate('epsg:4548', 1, { title: '高斯-克吕格平面坐标 EPSG:4548' }))).toBe('高斯-克吕格平面坐标');
  });

  it('is looked at without far outliers', () => {
    const points: [number, number][] = [...Array.from({ length: 39 }, (_, i): [number, number] => [117 + i / 1000, 31]), [0, 0]];
    expect(boxOfPoints(points)?.[0]).toBeGreaterThan(116);
    expect(boxOfPoints([])).toBeNull();
  });
});

describe('the places', () => {
  const a = { layer: 'compounds' as const, id: 1, name: 'A', at: null };
  const b = { layer: 'streets' as const, id: 2, name: 'B', at: null };
  const items: PlaceItem[] = [
    { text: 'x', rows: 5, proposal: a, others: [b], chosen: null },
    { text: 'y', rows: 2, proposal: null, others: [], chosen: null },
    { text: 'z', rows: 1, proposal: b, others: [], chosen: 'unplaced' },
  ];

  it('are confirmed together without touching what was decided', () => {
    expect(tally(emptyOptions(), items)).toEqual({ texts: 3, rows: 8, open: 1, bare: 1 });
    const all = confirmAll(emptyOptions(), items);
    expect(all.places).toEqual({ x: { layer: 'compounds', id: 1 } });
    expect(tally(all, items)).toMatchObject({ open: 0, bare: 1 });
    const mine = choose(emptyOptions(), 'x', b);
    expect(confirmAll(mine, items)).toBe(mine);
    expect(choiceOf(mine, items[0] as PlaceItem)).toEqual({ layer: 'streets', id: 2 });
    expect(offered(items[0] as PlaceItem, { layer: 'streets', id: 2 })).toBe(b);
    expect(offered(items[0] as PlaceItem, 'unplaced')).toBeNull();
  });
});

describe('the words', () => {
  it('have the same variables in both languages', () => {
    const names = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)/g)].map((m) => m[1] as string))].sort();
    for (const key of Object.keys(importZh) as (keyof typeof importZh)[]) expect(names(importEn[key]), key).toEqual(names(importZh[key]));
  });

  it('fill in', () => {
    expect(w('foot.download', { n: 1234 })).toBe('下载不入库的 1\u2009234 行');
    expect(fileSize(1363149)).toBe('1.3\u2009MB');
    expect(fileSize(800)).toBe('800\u2009B');
  });

  it('notice a Shapefile without its table, and a file too large', () => {
    expect(inspectFiles([{ name: 'A.SHP', size: 1 }, { name: 'a.prj', size: 1 }])).toEqual({ missing: ['.dbf'], tooLarge: null });
    expect(inspectFiles([{ name: 'A.SHP', size: 1 }, { name: 'a.dbf', size: 1 }])).toEqual({ missing: [], tooLarge: null });
    expect(inspectFiles([{ name: 'b.xlsx', size: 600 * 1024 * 1024 }]).tooLarge).toBe('b.xlsx');
  });

  it('offer categories by kind, indented', () => {
    const tree = [
      { code: 'p', parent: null, name_zh: '警情', name_en: 'Police', kind: 'police' as const },
      { code: 'p.t', parent: 'p', name_zh: '盗窃', name_en: 'Theft', kind: null },
      { code: 'd', parent: null, name_zh: '纠纷', name_en: '', kind: 'dispute' as const },
    ];
    expect(categoryChoices(tree, true)).toEqual([
      { kind: 'police', choices: [{ code: 'p', label: 'Police' }, { code: 'p.t', label: '\u3000Theft' }] },
      { kind: 'dispute', choices: [{ code: 'd', label: '纠纷' }] },
    ]);
  });
});

describe('an extract of OpenStreetMap', () => {
  const offer = { taken: true, counts: { road: 1200, building: 30, water: 2, green: 0, rail: 1, place: 4 }, dropped: 3, within: [117.2, 31.8, 117.4, 31.9], replaces: { file: 'old.osm.pbf', imported_at: 1_795_000_000 } };

  it('is read as it was agreed on, and any other file has none', () => {
    expect(readSession({ id: 'x', state: 'ready', background: offer }).background).toEqual(offer);
    expect(readSession({ id: 'x', state: 'ready' }).background).toBeNull();
    expect(readSession({ id: 'x', state: 'ready', background: { counts: null, within: [1, 2] } }).background).toEqual({ taken: false, counts: null, dropped: 0, within: null, replaces: null });
    expect(readOptions({ rows: false }).rows).toBe(false);
    expect(readOptions({}).background).toBe(true);
    expect(readResult({ revision: 1, background: { features: 9, replaced: true } })?.background).toEqual({ features: 9, replaced: true });
    expect(readResult({ revision: 1 })?.background).toBeNull();
  });

  it('has three uses, none of which is neither', () => {
    for (const use of USES) {
      const options = asOptions(use);
      expect(options.rows || options.background).toBe(true);
      expect(useOf(options)).toBe(use);
    }
    expect(useOf(emptyOptions())).toBe('both');
  });

  it('needs nothing settled for its rows when only the background is taken', () => {
    const empty = counts({ read: 0, new: 0, updated: 0, unchanged: 0, rejected: 0 });
    const file = session({ layer: null, counts: empty, background: readSession({ id: 'x', state: 'ready', background: offer }).background });
    const options = { ...emptyOptions(), rows: false };
    expect(steps.checkBlockers(file, options)).toEqual([]);
    expect(steps.crsBlockers(file, options)).toEqual([]);
    expect(steps.checkBlockers(file, emptyOptions())).toContain('layer');
    // The same choice means nothing for another file.
    expect(steps.checkBlockers({ ...file, background: null }, options)).toContain('layer');
  });

  it('tells what the background holds, without what it has none of', () => {
    const words = classWords(offer.counts);
    expect(words).toContain('道路 1');
    expect(words).toContain('建筑 30');
    expect(words).not.toContain('绿地');
    expect(classWords(null)).toBe('');
  });
});

describe('the map of the systems compared', () => {
  const around = (lon: number, lat: number): [number, number][] => Array.from({ length: 40 }, (_, i) => [lon + (i % 7) * 0.0005, lat + (i % 5) * 0.0005]);
  const holds = (box: readonly number[] | null, [lon, lat]: readonly [number, number]): boolean => box !== null && lon >= (box[0] as number) - 1e-9 && lon <= (box[2] as number) + 1e-9 && lat >= (box[1] as number) - 1e-9 && lat <= (box[3] as number) + 1e-9;
  const three = [candidate('wgs84', 0, { points: around(117.3, 31.8) }), candidate('gcj02', 0, { points: around(117.2945, 31.802) }), candidate('bd09', 0, { points: around(117.288, 31.796) })];

  it('shows every candidate whole when there is no district', () => {
    const box = viewOf(null, three);
    for (const { points } of three) expect(points.filter((p) => holds(box, p)).length / points.length).toBeGreaterThan(0.8);
  });

  it('shows them beside a small district too', () => {
    const box = viewOf([117.2995, 31.7995, 117.304, 31.803], three);
    for (const { points } of three) expect(points.filter((p) => holds(box, p)).length / points.length).toBeGreaterThan(0.8);
    expect(holds(box, [117.304, 31.803])).toBe(true);
  });

  it('does not go to another country for a wrong zone', () => {
    const far = candidate('epsg:4548', 0, { points: around(103, 25) });
    expect(viewOf(null, [...three, far])).toEqual(viewOf(null, three));
    expect(viewOf([117.28, 31.79, 117.32, 31.81], [far])).toEqual([117.28, 31.79, 117.32, 31.81]);
    expect(viewOf(null, [])).toBeNull();
  });
});
