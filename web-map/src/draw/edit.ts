/** Editing or making one feature: its shape, its properties, its neighbours, saved as one change. */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { ApiError } from '../api/client';
import type { Feature, LayerName } from '../api/types';
import type { Controller } from '../app/controller';
import { conflictsOf, faultsOf, type Conflict, type DeleteItem, type EditApi, type Fault, type Finding, type Json, type PutItem, type Stored, type Tagged } from './api';
import { merged, same, settable } from './conflict';
import { draftOf, dropDraft, keepDraft, type Draft } from './drafts';
import { fieldsOf, readForm, textOf, type Field, type FieldInfo, type Properties, type Wrong } from './fields';
import { newKey } from './random';
import { boxOfShape, geometryOf, grown, shapeOf, type Box, type Point, type Shape, type Sort } from './shape';
import { Sketch } from './sketch';
import type { Scene } from './topology';

export interface Met {
  conflict: Conflict;
  key: string;
  before: Part;
  mine: Part;
}
type Part = Pick<Feature, 'geometry' | 'properties'>;

const SORTS: Record<LayerName, Sort> = { grids: 'Polygon', compounds: 'Polygon', streets: 'LineString', routes: 'LineString', incidents: 'Point' };
/** How far around a feature neighbours are fetched, metres. */
const AROUND_M = 80;
const MOST_AROUND = 500;
/** Findings below this are rounding. */
const NOTHING_M2 = 0.1;

export interface Names {
  fields: readonly FieldInfo[];
  extra: readonly { name: string; type: string }[];
}

/** What `/api/meta` says of a layer. */
export function namesOf(app: Controller, layer: LayerName): Names {
  const meta = app.session.meta.peek();
  const entry = meta?.layers.find((row) => row.name === layer) as ({ fields?: FieldInfo[] } & object) | undefined;
  return { fields: entry?.fields ?? [], extra: meta?.extra_columns[layer] ?? [] };
}

export const keyOf = (layer: LayerName, id: number | null): string => `${layer}/${id ?? 'new'}`;

export class EditJob {
  readonly key: string;
  readonly fields: readonly Field[];
  readonly texts: Signal<Readonly<Record<string, string>>>;
  /** What of the form is wrong, by field: our own checks, then the server's sentence. */
  readonly wrong: Signal<Readonly<Record<string, Wrong>>> = signal({});
  readonly told: Signal<Readonly<Record<string, string>>> = signal({});
  readonly saving = signal(false);
  readonly failure: Signal<string | null> = signal(null);
  readonly findings: Signal<readonly Finding[] | null> = signal(null);
  /** Faults that were there before and are not of this change. */
  readonly older = signal(0);
  readonly unchecked = signal(false);
  readonly met: Signal<readonly Met[]> = signal([]);
  readonly draft: Signal<Draft | null> = signal(null);
  readonly reason = signal('');
  readonly extras: Signal<Json> = signal({});
  readonly sketch: Sketch;
  private readonly neighbours = new Map<string, Tagged>();
  private base: Tagged | null;
  private idemKey = newKey();
  private readonly gone = new Set<string>();
  readonly dirtyForm: ReadonlySignal<boolean>;
  private fetched: Box | null = null;

  constructor(
    private readonly api: EditApi,
    readonly layer: LayerName,
    readonly id: number | null,
    base: Tagged | null,
    names: Names,
    preset: Properties = {},
  ) {
    this.base = base;
    this.key = keyOf(layer, id);
    this.fields = fieldsOf(layer, names.fields, names.extra);
    const before = base?.feature.properties ?? preset;
    this.texts = signal(this.textsOf(before));
    this.extras.value = pick(before, ['gates', 'checkpoints']);
    this.sketch = new Sketch({ own: this.key, sort: SORTS[layer], shape: shapeOf(base?.feature.geometry) });
    this.draft.value = draftOf(layer, id);
    this.dirtyForm = computed(() => {
      const from = this.base?.feature.properties ?? preset;
      return this.fields.some((field) => (this.texts.value[field.name] ?? '') !== textOf(field, from[field.name])) || !same(this.extras.value, pick(from, ['gates', 'checkpoints']));
    });
  }

  private textsOf(properties: Properties): Record<string, string> {
    return Object.fromEntries(this.fields.map((field) => [field.name, textOf(field, properties[field.name])]));
  }

  isDirty(): boolean {
    return this.sketch.isDirty() || this.dirtyForm.peek();
  }

  isNew(): boolean {
    return this.base === null;
  }

  name(): string {
    const p = this.base?.feature.properties ?? {};
    return String(p.name || p.code || p.source_id || '');
  }

  nameOf(key: string): string {
    const p = key === this.key ? this.base?.feature.properties : this.neighbours.get(key)?.feature.properties;
    return String(p?.name || p?.code || key);
  }

  setText(name: string, text: string): void {
    const { [name]: _, ...wrong } = this.wrong.peek();
    const { [name]: __, ...told } = this.told.peek();
    batch(() => {
      // A category belongs to one kind.
      const follows: Record<string, string> = this.layer === 'incidents' && name === 'kind' ? { category: '' } : {};
      this.texts.value = { ...this.texts.peek(), ...follows, [name]: text };
      this.wrong.value = wrong;
      this.told.value = told;
    });
  }

  /** Fetches the exact shapes around: grids of the same kind move along, the rest only attract. */
  async lookAround(view: Box | null, signal?: AbortSignal): Promise<void> {
    const shape = this.sketch.shape.peek();
    const own = shape ? boxOfShape(shape) : null;
    const box = own ? grown(own, AROUND_M) : view;
    if (!box || (this.fetched && this.fetched.every((n, i) => n === box[i]))) return;
    this.fetched = box;
    const layers: LayerName[] = this.layer === 'incidents' ? ['compounds', 'streets'] : ['grids', 'compounds', 'streets'];
    const all = await Promise.all(layers.map((layer) => this.api.around(layer, box, MOST_AROUND, signal).catch(() => [] as Tagged[])));
    if (signal?.aborted) return;
    const linked = new Map<string, Shape>();
    const targets: Shape[] = [];
    layers.forEach((layer, i) => {
      for (const tagged of all[i] ?? []) {
        const key = keyOf(layer, tagged.feature.id);
        const near = shapeOf(tagged.feature.geometry);
        if (!near || key === this.key) continue;
        if (layer === this.layer && layer === 'grids' && this.livesBeside(tagged.feature)) {
          if (!this.neighbours.has(key)) {
            this.neighbours.set(key, tagged);
            linked.set(key, near);
          }
        } else targets.push(near);
      }
    });
    batch(() => {
      this.sketch.link(linked);
      this.sketch.targets.value = targets;
    });
  }

  /** The same kind of grid, valid at some time together with this one. */
  private livesBeside(other: Feature): boolean {
    const mine: Properties = this.base?.feature.properties ?? { kind: this.texts.peek().kind || 'basic' };
    const day = (value: unknown, otherwise: string): string => (typeof value === 'string' && value ? value : otherwise);
    const p = other.properties;
    return p.kind === mine.kind && day(p.valid_from, '0') < day(mine.valid_to, '9') && day(mine.valid_from, '0') < day(p.valid_to, '9');
  }

  /** The feature as it would be stored; null while the form is wrong. */
  private mine(): Part | null {
    const before = this.base?.feature.properties ?? {};
    const { values, wrong } = readForm(this.fields, this.texts.peek(), before);
    if (Object.keys(wrong).length) {
      this.wrong.value = wrong;
      return null;
    }
    const properties = { ...settable(before), ...values, ...this.extras.peek() };
    for (const [name, value] of Object.entries(properties)) if (value === null && !(name in before)) delete properties[name];
    return { properties, geometry: this.geometryFor(this.key) };
  }

  private geometryFor(key: string): GeoJSON.Geometry | null {
    const tagged = key === this.key ? this.base : this.neighbours.get(key);
    const shape = this.sketch.scene.peek().get(key) ?? null;
    // What was not touched goes back exactly as it came.
    if (tagged && shape === (this.sketch.before(key) ?? null)) return tagged.feature.geometry;
    return geometryOf(shape);
  }

  private changes(own: Part): { put: PutItem[]; delete: DeleteItem[]; keys: string[] } {
    const put: PutItem[] = [];
    const keys: string[] = [];
    const add = (key: string, tagged: Tagged | null, part: Part): void => {
      keys.push(key);
      put.push({ layer: this.layer, id: tagged?.feature.id ?? null, etag: tagged?.etag ?? null, feature: { type: 'Feature', geometry: part.geometry, properties: settable(part.properties) } });
    };
    const before = this.base?.feature;
    if (!before || !same(before.geometry, own.geometry) || !same(settable(before.properties), own.properties)) add(this.key, this.base, own);
    for (const key of this.sketch.changed.peek()) {
      const tagged = this.neighbours.get(key);
      if (key === this.key || !tagged || this.gone.has(key)) continue;
      add(key, tagged, { properties: tagged.feature.properties, geometry: this.geometryFor(key) });
    }
    return { put, delete: [], keys };
  }

  /** Whether a place is drawn where the layer needs one. */
  lacksShape(): boolean {
    return this.layer !== 'incidents' && !this.sketch.shape.peek();
  }

  /**
   * Checks and saves. `anyway` skips the report of gaps and overlaps, which the person has seen.
   * Returns what was stored, or null when something stands in the way; then the signals say what.
   */
  async save(anyway = false): Promise<Stored | 'unchanged' | null> {
    if (this.saving.peek()) return null;
    const { sketch } = this;
    if (sketch.pending.peek().length && !sketch.finishRing()) {
      this.failure.value = 'short';
      return null;
    }
    if (this.lacksShape()) {
      this.failure.value = 'noShape';
      return null;
    }
    const crossed = sketch.faults();
    if (crossed.length) {
      sketch.bad.value = { at: crossed, why: 'crosses' };
      return null;
    }
    if (this.layer === 'grids') sketch.stitch();
    const own = this.mine();
    if (!own) return null;
    const { put, delete: gone, keys } = this.changes(own);
    if (put.length === 0) return 'unchanged';
    this.saving.value = true;
    this.failure.value = null;
    this.told.value = {};
    try {
      if (this.layer === 'grids' && !anyway && !(await this.checked(put))) return null;
      const stored = await this.api.save({ reason: this.reason.peek(), key: this.idemKey, put, delete: gone });
      dropDraft(this.draft.peek() ?? { layer: this.layer, id: this.id, at: -1 });
      return stored;
    } catch (error) {
      // The same key would only repeat the refused answer.
      this.idemKey = newKey();
      this.refused(error, put, keys);
      return null;
    } finally {
      this.saving.value = false;
    }
  }

  private async checked(put: readonly PutItem[]): Promise<boolean> {
    const shapes = put.map((item): Json => ({ ...item.feature, ...(item.id === null ? {} : { id: item.id }) }));
    const [after, before] = await Promise.all([this.api.check(shapes, []), this.api.check([], [])]);
    this.unchecked.value = after === null;
    if (!after || !before) return true;
    const known = new Set(before.map(print));
    const fresh = after.filter((finding) => finding.area_m2 >= NOTHING_M2 && !known.has(print(finding)));
    batch(() => {
      this.older.value = after.length - fresh.length;
      this.findings.value = fresh.length ? fresh : null;
    });
    return fresh.length === 0;
  }

  private refused(error: unknown, put: readonly PutItem[], keys: readonly string[]): void {
    if (!(error instanceof ApiError)) {
      this.failure.value = error instanceof Error && error.message === 'offline' ? 'offline' : String(error instanceof Error ? error.message : error);
      return;
    }
    const conflicts = conflictsOf(error);
    if (error.status === 412 && conflicts.length) {
      this.met.value = conflicts.flatMap((conflict) => this.meet(conflict, put, keys));
      return;
    }
    const faults = faultsOf(error);
    this.tell(faults, keys);
    this.failure.value = faults.length && faults.every((fault) => this.fieldOf(fault, keys)) ? 'fields' : error.message;
  }

  private meet(conflict: Conflict, put: readonly PutItem[], keys: readonly string[]): Met[] {
    const at = put.findIndex((item) => item.layer === conflict.layer && item.id === conflict.id);
    const key = keys[at];
    const tagged = key === this.key ? this.base : key !== undefined ? this.neighbours.get(key) : null;
    const item = put[at];
    return key !== undefined && tagged && item ? [{ conflict, key, before: tagged.feature, mine: item.feature }] : [];
  }

  private fieldOf(fault: Fault, keys: readonly string[]): string | null {
    return keys[fault.index] === this.key && fault.property && this.fields.some((field) => field.name === fault.property) ? fault.property : null;
  }

  private tell(faults: readonly Fault[], keys: readonly string[]): void {
    const told: Record<string, string> = {};
    const places: Point[] = [];
    let why = '';
    for (const fault of faults) {
      const field = this.fieldOf(fault, keys);
      if (field) told[field] = fault.detail;
      if (fault.at) {
        places.push([fault.at[0], fault.at[1]]);
        why ||= fault.detail;
      }
    }
    this.told.value = told;
    if (places.length) this.sketch.bad.value = { at: places, why };
  }

  /** My changes over theirs, where they do not touch the same thing mine win. */
  keepMine(): void {
    batch(() => {
      for (const met of this.met.peek()) this.settle(met, met.conflict.current ? merged(met.before, met.mine, met.conflict.current) : met.mine);
      this.met.value = [];
    });
  }

  /** What they made stands; my other changes stay in the editor. Null = the feature itself is gone. */
  takeTheirs(): 'gone' | 'kept' {
    const own = this.met.peek().find((met) => met.key === this.key);
    if (own && !own.conflict.current) return 'gone';
    batch(() => {
      for (const met of this.met.peek()) {
        if (met.conflict.current) this.settle(met, met.conflict.current);
        else this.gone.add(met.key);
      }
      this.met.value = [];
    });
    return 'kept';
  }

  private settle(met: Met, part: Part): void {
    const { conflict, key } = met;
    const tagged: Tagged | null = conflict.current ? { feature: conflict.current, etag: conflict.etag ?? '' } : null;
    const start = new Map(this.sketch.scene.peek());
    const now = new Map(start);
    for (const name of start.keys()) {
      const known = this.sketch.before(name);
      if (known) start.set(name, known);
    }
    const put = (scene: Map<string, Shape>, geometry: GeoJSON.Geometry | null): void => {
      const shape = shapeOf(geometry);
      if (shape) scene.set(key, shape);
      else scene.delete(key);
    };
    put(start, tagged?.feature.geometry ?? null);
    const shared = tagged !== null && same(tagged.feature.geometry, part.geometry);
    if (shared) {
      const shape = start.get(key);
      if (shape) now.set(key, shape);
      else now.delete(key);
    } else put(now, part.geometry);
    if (key === this.key) {
      this.base = tagged;
      this.texts.value = this.textsOf(part.properties);
      this.extras.value = pick(part.properties, ['gates', 'checkpoints']);
    } else if (tagged) this.neighbours.set(key, tagged);
    else {
      // Somebody deleted the neighbour: it is not ours to bring back.
      this.gone.add(key);
      this.neighbours.delete(key);
      now.delete(key);
      start.delete(key);
    }
    this.sketch.rebase(start as Scene, now as Scene);
  }

  /** Puts the work aside in this browser. Whether it is kept. */
  putAside(): boolean {
    const own = this.mine();
    if (!own) return false;
    const code = this.texts.peek().code;
    return keepDraft({ layer: this.layer, id: this.id, at: Date.now(), name: this.name() || this.texts.peek().name || code || '', feature: own });
  }

  useDraft(): void {
    const draft = this.draft.peek();
    if (!draft) return;
    batch(() => {
      this.texts.value = { ...this.texts.peek(), ...this.textsOf({ ...(this.base?.feature.properties ?? {}), ...draft.feature.properties }) };
      this.extras.value = pick(draft.feature.properties, ['gates', 'checkpoints']);
      const shape = shapeOf(draft.feature.geometry);
      if (shape) {
        this.sketch.putOwn(shape);
        this.sketch.tool.value = 'edit';
      }
      this.draft.value = null;
    });
  }

  dropDraft(): void {
    const draft = this.draft.peek();
    if (draft) dropDraft(draft);
    this.draft.value = null;
  }

  /** Deletes the feature. */
  async remove(): Promise<Stored | null> {
    if (!this.base || this.id === null) return null;
    this.saving.value = true;
    this.failure.value = null;
    try {
      return await this.api.save({ reason: this.reason.peek(), key: newKey(), put: [], delete: [{ layer: this.layer, id: this.id, etag: this.base.etag }] });
    } catch (error) {
      this.failure.value = error instanceof Error ? error.message : String(error);
      return null;
    } finally {
      this.saving.value = false;
    }
  }
}

function print(finding: Finding): string {
  return `${finding.kind} ${JSON.stringify(finding.geometry)}`;
}

function pick(from: Properties, names: readonly string[]): Json {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined && from[name] !== null).map((name) => [name, from[name]]));
}
