/** Properties of a layer as fields of a form: text in, typed values out. */
import type { Category, Kind, LayerName } from '../api/types';
import { isDate } from '../state/url';

export type FieldType = 'text' | 'integer' | 'number' | 'bool' | 'date' | 'instant';

/** A property as `/api/meta` describes it. */
export interface FieldInfo {
  name: string;
  type: string;
  zh: string;
  en: string;
}

export interface Field {
  name: string;
  type: FieldType;
  title: { zh: string; en: string };
  /** Codes to choose from; the words are of the client. */
  choices?: readonly string[];
  /** The word group of the choices, e.g. `gridKind`. */
  words?: string;
  long?: boolean;
  required?: boolean;
}

export type Properties = Record<string, unknown>;

const CHOICES: Record<string, { choices: readonly string[]; words: string }> = {
  'grids.kind': { choices: ['basic', 'special'], words: 'gridKind' },
  'compounds.kind': { choices: ['residential', 'school', 'market', 'hospital', 'station', 'office', 'other'], words: 'compoundKind' },
  'compounds.priority': { choices: ['1', '2', '3'], words: 'priority' },
  'streets.class': { choices: ['arterial', 'secondary', 'branch', 'lane', 'path', 'rail'], words: 'class' },
  'routes.mode': { choices: ['foot', 'ebike', 'car'], words: 'mode' },
  'incidents.kind': { choices: ['police', 'dispute', 'hotline'], words: 'kind' },
  'incidents.found': { choices: ['resident', 'patrol'], words: 'found' },
};

/** What an incident's status is offered as; any other word may be typed. */
export const STATUSES = ['open', 'assigned', 'handling', 'closed'] as const;

/** Who wrote a row and how it was named there are no matter of taste. */
const FIXED = new Set(['source', 'source_id', 'gates', 'checkpoints', 'grid', 'special_grid']);
const REQUIRED: Partial<Record<LayerName, readonly string[]>> = { incidents: ['kind', 'category', 'occurred_at'], grids: ['code'] };

function typeOf(type: string): FieldType {
  return type === 'integer' || type === 'number' || type === 'bool' || type === 'date' || type === 'instant' ? type : 'text';
}

export function fieldsOf(layer: LayerName, infos: readonly FieldInfo[], extra: readonly { name: string; type: string }[]): Field[] {
  const own = infos
    .filter((info) => !FIXED.has(info.name))
    .map((info): Field => ({
      name: info.name,
      type: typeOf(info.type),
      title: { zh: info.zh, en: info.en },
      ...(CHOICES[`${layer}.${info.name}`] ?? {}),
      ...(info.name === 'text' ? { long: true } : {}),
      ...(REQUIRED[layer]?.includes(info.name) ? { required: true } : {}),
    }));
  const more = extra.map(({ name, type }): Field => ({ name, type: type === 'number' ? 'number' : type === 'date' ? 'date' : 'text', title: { zh: name, en: name } }));
  return [...own, ...more];
}

/** The text of a value in its input. Instants are local times of the district. */
export function textOf(field: Field, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (field.type === 'bool') return value === true ? 'true' : 'false';
  if (field.type === 'instant') return localTime(String(value));
  if (field.type === 'date') return String(value).slice(0, 10);
  return String(value);
}

const ZONE_H = 8;

/** `2026-11-21T09:30`, the wall clock of the district, whatever this computer's is set to. */
export function localTime(instant: string): string {
  const time = Date.parse(instant);
  if (Number.isNaN(time)) return '';
  return new Date(time + ZONE_H * 3_600_000).toISOString().slice(0, 16);
}

/** A wall clock time of the district as an instant. */
export function instantOf(local: string): string {
  return `${local.length === 10 ? `${local}T00:00` : local}:00+08:00`;
}

export type Wrong = 'required' | 'integer' | 'number' | 'date' | 'time' | 'negative' | 'order';
export type Parsed = { ok: true; value: unknown } | { ok: false; wrong: Wrong };

const WIDE: Record<string, string> = { '０': '0', '．': '.', '－': '-' };

function halfWidth(text: string): string {
  return text.replace(/[０-９．－]/g, (c) => WIDE[c] ?? String.fromCharCode(c.charCodeAt(0) - 0xfee0));
}

export function parseField(field: Field, text: string): Parsed {
  const clean = text.trim();
  if (clean === '') return field.required ? { ok: false, wrong: 'required' } : { ok: true, value: field.type === 'bool' ? false : null };
  switch (field.type) {
    case 'integer': {
      const digits = halfWidth(clean).replace(/[\s,，\u2009]/g, '');
      if (!/^-?\d{1,9}$/.test(digits)) return { ok: false, wrong: 'integer' };
      return Number(digits) < 0 ? { ok: false, wrong: 'negative' } : { ok: true, value: Number(digits) };
    }
    case 'number': {
      const value = Number(halfWidth(clean).replace(/[\s,，\u2009]/g, ''));
      return Number.isFinite(value) ? { ok: true, value } : { ok: false, wrong: 'number' };
    }
    case 'bool':
      return { ok: true, value: clean === 'true' };
    case 'date':
      return isDate(clean) ? { ok: true, value: clean } : { ok: false, wrong: 'date' };
    case 'instant':
      return /^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$/.test(clean) && !Number.isNaN(Date.parse(instantOf(clean))) ? { ok: true, value: instantOf(clean) } : { ok: false, wrong: 'time' };
    default:
      return { ok: true, value: clean };
  }
}

export interface FormResult {
  /** Only what the form has fields for. */
  values: Properties;
  wrong: Record<string, Wrong>;
}

/** Reads all texts of a form. Fields that were not touched keep the value they had. */
export function readForm(fields: readonly Field[], texts: Readonly<Record<string, string>>, before: Properties): FormResult {
  const values: Properties = {};
  const wrong: Record<string, Wrong> = {};
  for (const field of fields) {
    const text = texts[field.name] ?? '';
    if (text === textOf(field, before[field.name]) && !(field.required && text.trim() === '')) {
      if (field.name in before) values[field.name] = before[field.name];
      continue;
    }
    const parsed = parseField(field, text);
    if (parsed.ok) values[field.name] = field.choices && field.type === 'integer' ? Number(parsed.value) : parsed.value;
    else wrong[field.name] = parsed.wrong;
  }
  const { valid_from: from, valid_to: to } = values;
  if (typeof from === 'string' && typeof to === 'string' && to < from) wrong.valid_to = 'order';
  return { values, wrong };
}

/** Codes under one kind, parents before children, with their depth. */
export function categoriesOf(tree: readonly Category[], kind: Kind | null): { code: string; name: Category; depth: number }[] {
  const out: { code: string; name: Category; depth: number }[] = [];
  const known = new Set(tree.map((c) => c.code));
  const walk = (parent: string | null, depth: number): void => {
    for (const item of tree) {
      const under = item.parent !== null && known.has(item.parent) ? item.parent : null;
      if (under !== parent || (kind !== null && item.kind !== null && item.kind !== kind)) continue;
      out.push({ code: item.code, name: item, depth });
      if (depth < 8) walk(item.code, depth + 1);
    }
  };
  walk(null, 0);
  return out;
}
