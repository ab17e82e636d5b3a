/** Shapes of the import, place, write and undo answers of the server. */
import type { LayerName } from '../api/types';

export const STATES = ['reading', 'checking', 'ready', 'storing', 'done', 'failed', 'cancelled'] as const;
export type ImportState = (typeof STATES)[number];

export const SEVERITIES = ['rejected', 'repaired', 'warning'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const ACTIONS = ['none', 'crs', 'mapping', 'places', 'encoding', 'category', 'sheet'] as const;
export type ProblemAction = (typeof ACTIONS)[number];

export const RESULTS = ['new', 'updated', 'unchanged', 'rejected'] as const;
export type RowResult = (typeof RESULTS)[number];

/** Which rows the preview shows. */
export type Show = 'all' | 'confirm' | 'rejected';

export type LonLat = [lon: number, lat: number];

export interface Progress {
  step: string;
  done: number;
  /** 0 while unknown. */
  total: number;
  rows_per_s: number;
}

export interface Column {
  name: string;
  field: string | null;
  kept: boolean;
  /** About persons: never written, never shown. */
  personal: boolean;
  type: string;
  /** Share of rows with a value, 0 to 1. */
  filled_share: number;
  samples: string[];
}

/** A field the layer takes. */
export interface Field {
  name: string;
  title: string;
  required: boolean;
}

export interface Candidate {
  crs: string;
  title: string;
  /** Share of the sample inside the district, 0 to 1. */
  inside_share: number;
  /** Distance to the place each row names, metres; null without such places. */
  median_m: number | null;
  points: LonLat[];
  axis_swapped: boolean;
  best: boolean;
}

/** `read = new + updated + unchanged + rejected`; the other three are parts of what is accepted. */
export interface Counts {
  read: number;
  new: number;
  updated: number;
  unchanged: number;
  rejected: number;
  to_confirm: number;
  unplaced: number;
  masked: number;
}

export interface Problem {
  code: string;
  title: string;
  severity: Severity;
  rows: number;
  first_rows: number[];
  what_happens: string;
  action: ProblemAction;
}

/** A word that is no category of ours. */
export interface NewWord {
  word: string;
  rows: number;
  /** Code of the new category it becomes unless another is chosen; null = its rows are refused. */
  code: string | null;
  /** The reader has decided about it. */
  chosen: boolean;
}

export interface PlaceRef {
  layer: LayerName;
  id: number;
}
export type PlaceChoice = PlaceRef | 'unplaced';

export interface Options {
  layer: LayerName | null;
  sheet: string | null;
  encoding: string | null;
  crs: string | null;
  map: Record<string, string | string[]>;
  set: Record<string, string>;
  keep: { column: string; type: string }[];
  swap: boolean;
  repeat: 'reject' | 'keep';
  source: string;
  places: Record<string, PlaceChoice>;
  categories: Record<string, string>;
  profile: string | null;
  save_profile: string | null;
  remember_crs: boolean;
  /** Of an OpenStreetMap extract: take its rows, take the background. Without meaning for other files. */
  rows: boolean;
  background: boolean;
}

export interface Result {
  new: number;
  updated: number;
  unchanged: number;
  unplaced: number;
  masked: number;
  rejected: number;
  revision: number;
  before: number;
  /** The same batch had been stored before; nothing was written now. */
  repeated: boolean;
  undo: string | null;
  /** The background that was stored with it. */
  background: { features: number; replaced: boolean } | null;
}

/** The background an OpenStreetMap extract can become. */
export interface GroundOffer {
  taken: boolean;
  /** Features by class; `null` until read, or when not taken. */
  counts: Record<'road' | 'building' | 'water' | 'green' | 'rail' | 'place', number> | null;
  /** Areas and lines left out: open, or crossing themselves. */
  dropped: number;
  /** The box it is cut to; `null` = all of the file. */
  within: [west: number, south: number, east: number, north: number] | null;
  replaces: { file: string; imported_at: number } | null;
}

export interface Session {
  id: string;
  state: ImportState;
  file: { names: string[]; size_bytes: number; format: string };
  layer: LayerName | null;
  guessed_layer: LayerName | null;
  progress: Progress;
  sheets: { name: string; rows: number; chosen: boolean }[];
  encodings: { name: string; sample: string; chosen: boolean }[];
  columns: Column[];
  fields: Field[];
  crs: { named_by_file: string | null; remembered: string | null; chosen: string | null; undecided: boolean; candidates: Candidate[] };
  counts: Counts | null;
  masked: Record<string, number>;
  dropped_columns: string[];
  new_categories: NewWord[];
  problems: Problem[];
  profile: { name: string | null; available: string[] };
  result: Result | null;
  error: { code: string; detail: string } | null;
  options: Options;
  /** `null` for any other file. */
  background: GroundOffer | null;
}

export interface RowNote {
  column: string | null;
  code: string;
  severity: Severity;
  reason: string;
}

export interface Row {
  /** Number of the row in the file. */
  row: number;
  /** One per column; null = about persons, or empty. */
  cells: (string | null)[];
  result: RowResult;
  unplaced: boolean;
  /** A person should look at it before it is stored. */
  to_confirm: boolean;
  /** What will happen to it, in words. */
  words: string;
  at: LonLat | null;
  notes: RowNote[];
}

export interface PlaceOffer extends PlaceRef {
  name: string;
  at: LonLat | null;
}

export interface PlaceItem {
  text: string;
  rows: number;
  proposal: PlaceOffer | null;
  others: PlaceOffer[];
  chosen: PlaceChoice | null;
}

export interface Write {
  revision: number;
  before: number;
  at: string;
  actor: string;
  action: string;
  reason: string;
  counts: { layer: string; op: string; rows: number }[];
  undone_by: number | null;
  /** The write that this one took back. */
  undoes: number | null;
  undoable: boolean;
}

export interface UndoPreview {
  /** Rows that go back without a question. */
  rows: number;
  /** Rows changed again since; the list may be shorter. */
  edited: number;
  edited_since: { layer: string; id: number; name: string; what: string }[];
  gone: unknown[];
}

export interface UndoResult {
  revision: number;
  reverted: number;
  kept: number;
}
