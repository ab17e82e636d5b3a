/** Reads the server's answers: what is missing gets its empty value, what is of the wrong kind is left out. */
import { LAYERS, type LayerName } from '../api/types';
import {
  ACTIONS,
  RESULTS,
  SEVERITIES,
  STATES,
  type Candidate,
  type Column,
  type Counts,
  type GroundOffer,
  type LonLat,
  type NewWord,
  type Options,
  type PlaceChoice,
  type PlaceItem,
  type PlaceOffer,
  type Problem,
  type Progress,
  type Result,
  type Row,
  type Session,
  type UndoPreview,
  type UndoResult,
  type Write,
} from './types';

type Json = Record<string, unknown>;

const object = (value: unknown): Json => (value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
const textOr = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const numberOr = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const texts = (value: unknown): string[] => list(value).filter((item): item is string => typeof item === 'string');
const oneOf = <T extends string>(known: readonly T[], value: unknown, otherwise: T): T => known.find((item) => item === value) ?? otherwise;
const layer = (value: unknown): LayerName | null => LAYERS.find((name) => name === value) ?? null;

/** An answer that is not what was agreed on, so that nothing can be shown of it. */
export class ContractError extends Error {
  constructor(what: string) {
    super(`unexpected answer: ${what}`);
    this.name = 'ContractError';
  }
}

/** `[lon, lat]` in degrees, else null. */
export function position(value: unknown): LonLat | null {
  const [lon, lat] = list(value);
  if (typeof lon !== 'number' || typeof lat !== 'number') return null;
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}

export function readProgress(value: unknown): Progress {
  const p = object(value);
  return { step: text(p.step), done: number(p.done), total: number(p.total), rows_per_s: number(p.rows_per_s) };
}

function column(value: unknown): Column {
  const c = object(value);
  const personal = c.personal === true;
  return {
    name: text(c.name),
    field: personal ? null : textOr(c.field),
    kept: !personal && c.kept === true,
    personal,
    type: text(c.type),
    filled_share: Math.max(0, Math.min(1, number(c.filled_share))),
    // Whatever comes, nothing of a person reaches the screen.
    samples: personal ? [] : texts(c.samples),
  };
}

function candidate(value: unknown): Candidate {
  const c = object(value);
  return {
    crs: text(c.crs),
    title: text(c.title),
    inside_share: Math.max(0, Math.min(1, number(c.inside_share))),
    median_m: numberOr(c.median_m),
    points: list(c.points).map(position).filter((at): at is LonLat => at !== null),
    axis_swapped: c.axis_swapped === true,
    best: c.best === true,
  };
}

function problem(value: unknown): Problem {
  const p = object(value);
  return {
    code: text(p.code),
    title: text(p.title) || text(p.code),
    severity: oneOf(SEVERITIES, p.severity, 'warning'),
    rows: number(p.rows),
    first_rows: list(p.first_rows).map(number),
    what_happens: text(p.what_happens),
    action: oneOf(ACTIONS, p.action, 'none'),
  };
}

function newWord(value: unknown): NewWord {
  if (typeof value === 'string') return { word: value, rows: 0, code: null, chosen: false };
  const n = object(value);
  return { word: text(n.word), rows: number(n.rows), code: textOr(n.code), chosen: n.chosen === true };
}

function counts(value: unknown): Counts | null {
  if (value === null || typeof value !== 'object') return null;
  const c = object(value);
  return {
    read: number(c.read),
    new: number(c.new),
    updated: number(c.updated),
    unchanged: number(c.unchanged),
    rejected: number(c.rejected),
    to_confirm: number(c.to_confirm),
    unplaced: number(c.unplaced),
    masked: number(c.masked),
  };
}

export function readResult(value: unknown): Result | null {
  if (value === null || typeof value !== 'object') return null;
  const r = object(value);
  return {
    new: number(r.new),
    updated: number(r.updated),
    unchanged: number(r.unchanged),
    unplaced: number(r.unplaced),
    masked: number(r.masked),
    rejected: number(r.rejected),
    revision: number(r.revision),
    before: number(r.before),
    repeated: r.repeated === true,
    undo: textOr(r.undo),
    background: r.background === null || r.background === undefined ? null : { features: number(object(r.background).features), replaced: object(r.background).replaced === true },
  };
}

function placeChoice(value: unknown): PlaceChoice | null {
  if (value === 'unplaced') return 'unplaced';
  const ref = object(value);
  const of = layer(ref.layer);
  return of && typeof ref.id === 'number' ? { layer: of, id: ref.id } : null;
}

function strings(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(object(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

export function emptyOptions(): Options {
  return {
    layer: null, sheet: null, encoding: null, crs: null, map: {}, set: {}, keep: [], swap: false, repeat: 'reject', source: '',
    places: {}, categories: {}, profile: null, save_profile: null, remember_crs: false, rows: true, background: true,
  };
}

export function readOptions(value: unknown): Options {
  const o = object(value);
  const map: Options['map'] = {};
  for (const [field, columns] of Object.entries(object(o.map))) {
    if (typeof columns === 'string') map[field] = columns;
    else if (Array.isArray(columns)) map[field] = texts(columns);
  }
  const places: Options['places'] = {};
  for (const [word, choice] of Object.entries(object(o.places))) {
    const read = placeChoice(choice);
    if (read) places[word] = read;
  }
  return {
    layer: layer(o.layer),
    sheet: textOr(o.sheet),
    encoding: textOr(o.encoding),
    crs: textOr(o.crs),
    map,
    set: strings(o.set),
    keep: list(o.keep).map(object).map((k) => ({ column: text(k.column), type: text(k.type) || 'text' })).filter((k) => k.column !== ''),
    swap: o.swap === true,
    repeat: o.repeat === 'keep' ? 'keep' : 'reject',
    source: text(o.source),
    places,
    categories: strings(o.categories),
    profile: textOr(o.profile),
    save_profile: textOr(o.save_profile),
    remember_crs: o.remember_crs === true,
    rows: o.rows !== false,
    background: o.background !== false,
  };
}

/** @throws ContractError without an id or a known state. */
export function readSession(value: unknown): Session {
  const s = object(value);
  const id = text(s.id);
  const state = STATES.find((known) => known === s.state);
  if (!id || !state) throw new ContractError('session');
  const file = object(s.file);
  const crs = object(s.crs);
  const error = object(s.error);
  const profile = object(s.profile);
  return {
    id,
    state,
    file: { names: texts(file.names), size_bytes: number(file.size_bytes), format: text(file.format) },
    layer: layer(s.layer),
    guessed_layer: layer(s.guessed_layer),
    progress: readProgress(s.progress),
    sheets: list(s.sheets).map(object).map((x) => ({ name: text(x.name), rows: number(x.rows), chosen: x.chosen === true })),
    encodings: list(s.encodings).map(object).map((x) => ({ name: text(x.name), sample: text(x.sample), chosen: x.chosen === true })),
    columns: list(s.columns).map(column),
    fields: list(s.fields).map(object).map((x) => ({ name: text(x.name), title: text(x.title) || text(x.name), required: x.required === true })),
    crs: {
      named_by_file: textOr(crs.named_by_file),
      remembered: textOr(crs.remembered),
      chosen: textOr(crs.chosen),
      undecided: crs.undecided === true,
      candidates: list(crs.candidates).map(candidate),
    },
    counts: counts(s.counts),
    masked: Object.fromEntries(Object.entries(object(s.masked)).map(([kind, n]) => [kind, number(n)]).filter(([, n]) => (n as number) > 0)),
    dropped_columns: texts(s.dropped_columns),
    new_categories: list(s.new_categories).map(newWord).filter((word) => word.word !== ''),
    problems: list(s.problems).map(problem),
    profile: { name: textOr(profile.name), available: texts(profile.available) },
    result: readResult(s.result),
    error: s.error === null || s.error === undefined ? null : { code: text(error.code), detail: text(error.detail) },
    options: readOptions(s.options),
    background: readGround(s.background),
  };
}

function readGround(value: unknown): GroundOffer | null {
  if (value === null || value === undefined) return null;
  const g = object(value);
  const c = object(g.counts);
  const within = list(g.within).map(number);
  const replaces = object(g.replaces);
  return {
    taken: g.taken === true,
    counts: g.counts === null || g.counts === undefined ? null : { road: number(c.road), building: number(c.building), water: number(c.water), green: number(c.green), rail: number(c.rail), place: number(c.place) },
    dropped: number(g.dropped),
    within: within.length === 4 ? (within as GroundOffer['within']) : null,
    replaces: g.replaces === null || g.replaces === undefined ? null : { file: text(replaces.file), imported_at: number(replaces.imported_at) },
  };
}

/** A page of rows; a cell of a personal column is blanked here too, whatever was sent. */
export function readRows(value: unknown, columns: readonly Column[]): { total: number; rows: Row[] } {
  const answer = object(value);
  const rows = list(answer.rows).map(object).map((r): Row => ({
    row: number(r.row),
    cells: list(r.cells).map((cell, i) => (cell === null || cell === undefined || columns[i]?.personal ? null : text(cell))),
    result: oneOf(RESULTS, r.result, 'rejected'),
    unplaced: r.unplaced === true,
    to_confirm: r.to_confirm === true,
    words: text(r.words),
    at: position(r.at),
    notes: list(r.notes).map(object).map((n) => ({ column: textOr(n.column), code: text(n.code), severity: oneOf(SEVERITIES, n.severity, 'warning'), reason: text(n.reason) })),
  }));
  return { total: number(answer.total), rows };
}

function offer(value: unknown): PlaceOffer | null {
  const o = object(value);
  const of = layer(o.layer);
  if (!of || typeof o.id !== 'number') return null;
  return { layer: of, id: o.id, name: text(o.name), at: position(o.at) };
}

export function readPlaces(value: unknown): PlaceItem[] {
  return list(object(value).items).map(object).map((item) => ({
    text: text(item.text),
    rows: number(item.rows),
    proposal: offer(item.proposal),
    others: list(item.others).map(offer).filter((o): o is PlaceOffer => o !== null),
    chosen: placeChoice(item.chosen),
  }));
}

export function readWrites(value: unknown): Write[] {
  return list(object(value).writes).map(object).map((w) => ({
    revision: number(w.revision),
    before: number(w.before),
    at: text(w.at),
    actor: text(w.actor),
    action: text(w.action),
    reason: text(w.reason),
    counts: list(w.counts).map(object).map((c) => ({ layer: text(c.layer), op: text(c.op), rows: number(c.rows) })),
    undone_by: numberOr(w.undone_by),
    undoes: numberOr(w.undoes),
    undoable: w.undoable === true,
  }));
}

export function readUndo(value: unknown): UndoPreview {
  const u = object(value);
  const listed = list(u.edited_since).length;
  return {
    rows: number(u.rows),
    edited: Math.max(number(u.edited), listed),
    edited_since: list(u.edited_since).map(object).map((e) => ({ layer: text(e.layer), id: number(e.id), name: text(e.name), what: text(e.what) })),
    gone: list(u.gone),
  };
}

export function readUndone(value: unknown): UndoResult {
  const u = object(value);
  return { revision: number(u.revision), reverted: number(u.reverted), kept: number(u.kept) };
}
