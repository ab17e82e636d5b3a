/** Where the import stands: which step, what is still missing, what the main button does. Pure. */
import { groundOnly } from './use';
import type { Counts, Options, Session } from './types';

export const STEPS = ['read', 'check', 'crs', 'store'] as const;
export type Step = (typeof STEPS)[number];

/** What the page shows. */
export type Phase = 'start' | 'uploading' | 'reading' | 'work' | 'storing' | 'done' | 'failed' | 'lost';

/** Why the work ended without the reader's doing. */
export type Lost = 'restart' | 'storing';

/** What has to be settled before going on; the first one names the way. */
export type Blocker = 'layer' | 'sheet' | 'encoding' | 'required' | 'empty' | 'refused' | 'crs';

export interface Ledger {
  direct: number;
  confirm: number;
  rejected: number;
  total: number;
}

/** The four numbers of the footer: the first three always add up to the last. */
export function ledger(counts: Counts): Ledger {
  const accepted = counts.new + counts.updated + counts.unchanged;
  const confirm = Math.min(counts.to_confirm, accepted);
  return { direct: accepted - confirm, confirm, rejected: counts.rejected, total: accepted + counts.rejected };
}

export function phaseOf(uploading: boolean, lost: Lost | null, session: Session | null): Phase {
  if (lost) return 'lost';
  if (!session) return uploading ? 'uploading' : 'start';
  switch (session.state) {
    case 'reading':
      return 'reading';
    case 'checking':
      // Checked again: the old answers stay in sight meanwhile.
      return session.counts || session.error ? 'work' : 'reading';
    case 'ready':
      return 'work';
    case 'storing':
      return 'storing';
    case 'done':
      return 'done';
    case 'failed':
      // What can be put right by another layer, sheet, encoding or mapping is worked on, not thrown away.
      return mendable(session) ? 'work' : 'failed';
    case 'cancelled':
      return 'start';
  }
}

/** Reasons of the server against which another choice helps; it keeps the file for these, and lets it go for any other. */
const MENDABLE = new Set(['layer', 'mapping', 'crs', 'encoding', 'ambiguous', 'kind', 'csv_columns', 'pii_column_dropped']);

/** A failed reading that another choice may turn into a good one. */
export function mendable(session: Session): boolean {
  return session.error === null ? session.columns.length > 0 : MENDABLE.has(session.error.code);
}

/** Fields that must come from a column or be the same for all rows, and do not yet. */
export function missingFields(session: Session, options: Options): string[] {
  return session.fields
    .filter((field) => field.required)
    .map((field) => field.name)
    .filter((name) => !options.set[name] && !taken(session, options, name));
}

function taken(session: Session, options: Options, field: string): boolean {
  const said = options.map[field];
  if (said !== undefined) return said.length > 0;
  return session.columns.some((column) => column.field === field);
}

/** What is missing in the step of checking, first things first. */
export function checkBlockers(session: Session, options: Options): Blocker[] {
  const out: Blocker[] = [];
  // A background alone has no rows to settle anything for.
  if (groundOnly(session.background, options)) return [];
  if (!options.layer && !session.layer) out.push('layer');
  if (session.sheets.length > 1 && !options.sheet && !session.sheets.some((sheet) => sheet.chosen)) out.push('sheet');
  if (session.encodings.length > 1 && !options.encoding && !session.encodings.some((reading) => reading.chosen)) out.push('encoding');
  if (out.length === 0 && missingFields(session, options).length > 0) out.push('required');
  if (out.length === 0 && session.counts) {
    if (session.counts.read === 0) out.push('empty');
    else if (session.counts.rejected === session.counts.read) out.push('refused');
  }
  if (out.length === 0 && !session.counts) out.push('empty');
  return out;
}

/** The coordinate system that will be used, if that is settled. */
export function chosenCrs(session: Session, options: Options): string | null {
  return options.crs ?? session.crs.chosen ?? (session.crs.undecided ? null : session.crs.remembered ?? session.crs.named_by_file);
}

/** The file has no coordinates at all, so there is nothing to choose. */
export function placeless(session: Session): boolean {
  const { crs } = session;
  return crs.candidates.length === 0 && crs.named_by_file === null && crs.chosen === null && !crs.undecided;
}

export function crsBlockers(session: Session, options: Options): Blocker[] {
  return groundOnly(session.background, options) || placeless(session) || chosenCrs(session, options) ? [] : ['crs'];
}

/** What keeps the reader from leaving `step` forwards. */
export function blockers(step: Step, session: Session, options: Options): Blocker[] {
  if (step === 'read') return [];
  const check = checkBlockers(session, options);
  if (step === 'check' || check.length > 0) return check;
  return crsBlockers(session, options);
}

/** The step to open first: the earliest where something has to be settled, else the coordinates, for a look at the map. */
export function firstStep(session: Session, options: Options): Step {
  return checkBlockers(session, options).length > 0 ? 'check' : 'crs';
}

export type StepMark = 'done' | 'now' | 'todo';

/** How a step looks while `now` is open; one that is done is a button back. */
export function markOf(step: Step, now: Step): StepMark {
  const at = STEPS.indexOf(step);
  const here = STEPS.indexOf(now);
  return at < here ? 'done' : at === here ? 'now' : 'todo';
}

export function nextStep(step: Step): Step | null {
  return STEPS[STEPS.indexOf(step) + 1] ?? null;
}

/** The step before, as far as one can go back: reading is over once it is done. */
export function backStep(step: Step): Step | null {
  return step === 'crs' ? 'check' : step === 'store' ? 'crs' : null;
}

/** Share of the work done, 0 to 1; null while the total is unknown. */
export function share(done: number, total: number): number | null {
  return total > 0 ? Math.max(0, Math.min(1, done / total)) : null;
}
