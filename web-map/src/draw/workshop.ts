/** The task at hand: opened, drawn on the map, saved, left. */
import { batch, effect, signal, untracked, type Signal } from '@preact/signals';
import { ApiError } from '../api/client';
import type { LayerName } from '../api/types';
import type { Controller } from '../app/controller';
import { today } from '../state/session';
import { layout } from '../ui/layout';
import type { MapView } from '../map/engine';
import { EditApi, type Finding, type Stored } from './api';
import { Canvas, type Marks } from './canvas';
import { EditJob, namesOf } from './edit';
import { leaving, task, type Task } from './entry';
import { bindDrawKeys } from './keys';
import { faceAt, Partition } from './partition';
import { proposalAreas } from './proposed';
import { Regroup } from './regroup';
import { boxOfShape, shapeOf, type Box, type Point, type Shape } from './shape';
import { Sketch } from './sketch';
import { w } from './words';

export type Work =
  | { kind: 'loading' }
  | { kind: 'failed'; why: string }
  | { kind: 'edit'; job: EditJob }
  | { kind: 'regroup'; job: Regroup }
  | { kind: 'history'; layer: LayerName; id: number }
  | { kind: 'partition'; job: Partition };

/** How far the map steps back: a plan in colors of its own needs plain ground. */
const VEILS: Record<Work['kind'], number> = { loading: 0, failed: 0, edit: 0.4, regroup: 0.4, history: 0, partition: 0.85 };
/** Nearer than this nothing is fitted. */
const MAX_FIT_ZOOM = 18;

export class Workshop {
  readonly api: EditApi;
  readonly work: Signal<Work> = signal({ kind: 'loading' });
  readonly asking: Signal<'leave' | 'delete' | null> = signal(null);
  /** Shapes the history shows beside. */
  readonly past: Signal<readonly Shape[]> = signal([]);
  canvas: Canvas | null = null;
  /** Whether the map can be drawn on. */
  readonly drawn = signal(false);
  private stops: (() => void)[] = [];
  private fitted: Work | null = null;
  /** What was asked for while there was work to lose. */
  private after: Task | null = null;
  private abort: AbortController | null = null;

  constructor(readonly app: Controller) {
    this.api = new EditApi(() => app.session.client.language);
    leaving.ask = (next) => this.leave(next);
    window.addEventListener('beforeunload', (event) => {
      if (task.peek() && this.isDirty()) event.preventDefault();
    });
    effect(() => {
      const next = task.value;
      // What opens a task may itself read and write signals.
      setTimeout(() => {
        if (task.peek() === next) this.open(next);
      });
    });
    // The map goes when another page comes, and is another one afterwards; the work stays.
    effect(() => {
      const view = app.view.value;
      const work = this.work.value;
      untracked(() => {
        this.detach();
        if (view && task.peek()) this.attach(view, work);
      });
    });
    bindDrawKeys(this);
  }

  sketch(): Sketch | null {
    const work = this.work.peek();
    return work.kind === 'edit' || work.kind === 'regroup' ? work.job.sketch : null;
  }

  private open(next: Task | null): void {
    this.close();
    this.work.value = { kind: 'loading' };
    if (!next) return;
    this.app.interaction.peek()?.stopMeasure();
    const abort = new AbortController();
    this.abort = abort;
    void this.make(next, abort.signal).then(
      (work) => {
        if (abort.signal.aborted) return;
        batch(() => {
          this.work.value = work;
          this.app.tab.value = 'inspect';
          if (this.app.detent.peek() === 'small') this.app.detent.value = 'half';
        });
        if (work.kind === 'regroup') void work.job.lookAround().catch((error: Error) => (work.job.failure.value = error.message));
        if (work.kind === 'edit' && !this.app.view.peek()) void work.job.lookAround(null, abort.signal);
      },
      (error) => {
        if (abort.signal.aborted) return;
        this.work.value = { kind: 'failed', why: error instanceof ApiError && error.status === 404 ? w('gone') : error instanceof Error ? error.message : String(error) };
      },
    );
  }

  private async make(next: Task, signal: AbortSignal): Promise<Work> {
    const { app, api } = this;
    switch (next.kind) {
      case 'edit': {
        const base = await api.feature(next.layer, next.id, signal);
        return { kind: 'edit', job: new EditJob(api, next.layer, next.id, base, namesOf(app, next.layer)) };
      }
      case 'new':
        return { kind: 'edit', job: new EditJob(api, next.layer, null, null, namesOf(app, next.layer), preset(app, next.layer)) };
      case 'split':
      case 'merge': {
        const base = await api.feature('grids', next.id, signal);
        const meta = app.session.meta.peek();
        return { kind: 'regroup', job: new Regroup(api, next.kind, base, meta ? today(meta) : '') };
      }
      case 'history':
        return { kind: 'history', layer: next.layer, id: next.id };
      case 'partition':
        return { kind: 'partition', job: new Partition(api) };
    }
  }

  private attach(view: MapView, work: Work): void {
    const { app } = this;
    if (work.kind === 'loading' || work.kind === 'failed') return;
    const sketch = work.kind === 'edit' || work.kind === 'regroup' ? work.job.sketch : new Sketch({ own: 'none', sort: 'Polygon', shape: null, tool: work.kind === 'partition' ? 'pick' : 'look' });
    if (work.kind === 'partition') sketch.onPick = (at) => pickFace(work.job, at);
    const canvas = new Canvas(view, sketch, app.can.test || app.can.reducedMotion, VEILS[work.kind]);
    this.canvas = canvas;
    this.drawn.value = true;
    const interaction = app.interaction.peek();
    if (interaction && work.kind !== 'history') {
      interaction.taken = true;
      interaction.place.value = null;
    }
    this.stops.push(
      effect(() => canvas.mark(this.marks(work))),
      effect(() => {
        // A phone shows the map while something is drawn, and the form afterwards.
        const tool = sketch.tool.value;
        if (work.kind === 'edit' && layout.peek() === 'phone') app.detent.value = tool === 'edit' ? 'half' : 'small';
      }),
    );
    if (work.kind === 'edit') this.around(view, work.job);
    if (this.fitted !== work) this.fitTo(view, work);
    this.fitted = work;
  }

  private fitTo(view: MapView, work: Work): void {
    const geometry = work.kind === 'edit' ? work.job.sketch.shape.peek() : work.kind === 'regroup' ? shapeOf(work.job.base.feature.geometry) : null;
    const box = geometry ? boxOfShape(geometry) : null;
    if (!box) return;
    const [west, south, east, top] = view.freeBounds();
    const bar = layout.peek() === 'phone' ? 150 : 92;
    const north = top - (bar * (top - south)) / Math.max(view.map.getContainer().clientHeight - (view.map.getPadding().bottom ?? 0), 1);
    const inside = box[0] > west && box[2] < east && box[1] > south && box[3] < north;
    // What is in sight and large enough to work on stays where it is.
    const large = Math.max((box[2] - box[0]) / (east - west), (box[3] - box[1]) / (north - south)) > 0.25;
    if (!inside || !large) view.fit(box, MAX_FIT_ZOOM, bar);
  }

  private around(view: MapView, job: EditJob): void {
    const look = (): void => {
      const box: Box = view.bounds();
      // A whole town is no neighbourhood: the rest comes when the map is nearer.
      const near = box[2] - box[0] < 0.06;
      void job.lookAround(near ? box : null, this.abort?.signal);
    };
    look();
    view.map.on('moveend', look);
    this.stops.push(() => void view.map.off('moveend', look));
  }

  private marks(work: Work): Marks {
    const { tokens } = this.app;
    const t = tokens.value;
    const area = (geometry: GeoJSON.Geometry | null, properties: Record<string, unknown>): GeoJSON.Feature[] => (geometry ? [{ type: 'Feature', properties, geometry }] : []);
    switch (work.kind) {
      case 'edit': {
        const { job } = work;
        const ghosts = job.met.value.flatMap(({ conflict }) => shapeOf(conflict.current?.geometry) ?? []);
        const before = job.sketch.before(job.key);
        if (!ghosts.length && before && job.sketch.shape.value !== before) ghosts.push(before);
        const found = (job.findings.value ?? []).flatMap((finding) => area(finding.geometry, { color: t.danger, line: t.danger, width: 2.5, opacity: 0.5 }));
        return { ghosts, areas: { type: 'FeatureCollection', features: found } };
      }
      case 'regroup': {
        const chosen = work.job.chosen.value.flatMap(({ feature }) => area(feature.geometry, { color: t.accent, line: t.accent, width: 3, opacity: work.job.kind === 'merge' ? 0.25 : 0.08 }));
        return { areas: { type: 'FeatureCollection', features: chosen } };
      }
      case 'history':
        return { ghosts: this.past.value };
      case 'partition':
        return { areas: work.job.proposal.value ? proposalAreas(work.job.proposal.value, work.job.face.value, t) : { type: 'FeatureCollection', features: [] } };
      default:
        return {};
    }
  }

  private close(): void {
    this.abort?.abort();
    this.abort = null;
    const work = this.work.peek();
    if (work.kind === 'partition') work.job.stop();
    this.detach();
    batch(() => {
      this.asking.value = null;
      this.past.value = [];
    });
  }

  private detach(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
    this.canvas?.destroy();
    this.canvas = null;
    const interaction = this.app.interaction.peek();
    if (interaction) interaction.taken = false;
    this.drawn.value = false;
  }

  isDirty(): boolean {
    const work = this.work.peek();
    if (work.kind === 'edit') return work.job.isDirty();
    if (work.kind === 'regroup') return work.job.sketch.isDirty() || work.job.chosen.peek().length > 1;
    return work.kind === 'partition' && work.job.proposal.peek() !== null;
  }

  leave(next: Task | null = null): void {
    this.after = next;
    if (this.isDirty()) this.asking.value = 'leave';
    else this.end();
  }

  /** Goes on with the work after all. */
  stay(): void {
    this.after = null;
    this.asking.value = null;
  }

  end(): void {
    task.value = this.after;
    this.after = null;
  }

  /** Reads the same thing again and starts over. */
  again(): void {
    const now = task.peek();
    if (now) task.value = { ...now };
  }

  /** Finishes what the tool is doing, else saves. */
  finish(): void {
    const sketch = this.sketch();
    if (sketch?.tool.peek() === 'ring' && sketch.pending.peek().length) {
      const work = this.work.peek();
      if (!sketch.finishRing() && work.kind === 'edit') work.job.failure.value = 'short';
      return;
    }
    void this.save();
  }

  async save(anyway = false): Promise<void> {
    const work = this.work.peek();
    if (work.kind === 'edit') {
      const stored = await work.job.save(anyway);
      if (stored === 'unchanged') {
        this.app.note(w('save.unchanged'));
        this.end();
      } else if (stored) this.stored(work.job, stored);
    } else if (work.kind === 'regroup') {
      const stored = await work.job.save();
      if (stored) {
        this.noteUndo(w('regroup.done'), stored.revision);
        this.end();
        const first = stored.items.find((item) => item.id !== work.job.base.feature.id) ?? stored.items[0];
        if (first) this.app.select('grids', first.id);
      }
    }
  }

  private stored(job: EditJob, stored: Stored): void {
    const name = job.texts.peek().name || job.texts.peek().code || job.name() || w(`new.${job.layer}`);
    const others = stored.items.length - 1;
    this.noteUndo(others > 0 ? w('save.doneMany', { name, n: others }) : w('save.done', { name }), stored.revision);
    this.end();
    const own = stored.items[0];
    if (own && job.isNew()) this.app.select(job.layer, own.id);
  }

  async remove(): Promise<void> {
    const work = this.work.peek();
    this.asking.value = null;
    if (work.kind !== 'edit') return;
    const stored = await work.job.remove();
    if (!stored) return;
    this.noteUndo(w('save.deleted', { name: work.job.name() }), stored.revision);
    this.end();
    this.app.set({ selection: null });
  }

  /** Says what was done, with the way back. */
  noteUndo(text: string, revision: number): void {
    this.app.note(text, { label: w('save.undo'), run: () => void this.undoWrite(revision) });
  }

  private async undoWrite(revision: number): Promise<void> {
    try {
      await this.api.call('POST', `/api/writes/${revision}/undo`, { body: { edited: 'keep' } });
      this.app.note(w('save.undone'));
    } catch (error) {
      this.app.note(error instanceof Error && error.message !== 'offline' ? error.message : w('offline'));
    }
  }

  putAside(): void {
    const work = this.work.peek();
    if (work.kind !== 'edit') return;
    const kept = work.job.putAside();
    this.app.note(w(kept ? 'draft.kept' : 'draft.refused'));
    if (kept) this.end();
  }

  look(finding: Finding): void {
    const shape = shapeOf(finding.geometry);
    const box = shape && boxOfShape(shape);
    if (box) this.app.view.peek()?.fit(box, MAX_FIT_ZOOM + 1, 92);
  }
}

function pickFace(job: Partition, at: Point): void {
  const proposal = job.proposal.peek();
  if (!proposal || job.state.peek() !== 'proposed') return;
  const hit = faceAt(proposal, at)?.id ?? null;
  job.face.value = hit === job.face.peek() ? null : hit;
}

/** What a new thing starts with. */
function preset(app: Controller, layer: LayerName): Record<string, unknown> {
  const meta = app.session.meta.peek();
  switch (layer) {
    case 'grids':
      return { kind: 'basic', valid_from: meta ? today(meta) : null };
    case 'compounds':
      return { kind: 'residential', priority: 2 };
    case 'routes':
      return { mode: 'foot' };
    case 'incidents':
      return { kind: 'police', found: 'resident', occurred_at: meta?.now ?? new Date().toISOString(), status: '待处置' };
    default:
      return {};
  }
}
