/** Splitting a grid along a drawn line, and merging chosen neighbours. */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { ApiError } from '../api/client';
import type { Feature } from '../api/types';
import { conflictsOf, faultsOf, type EditApi, type Stored, type Tagged } from './api';
import { areaOf, boxOfShape, covers, geometryOf, grown, placeKey, shapeOf, type Point, type Ring, type Shape } from './shape';
import { Sketch } from './sketch';

/** `from`: the old grids end on a day and the new ones begin; `past`: a correction of what was wrong all along. */
export type How = 'from' | 'past';

export interface Side {
  code: string;
  name: string;
  households: string;
}

const AROUND_M = 80;

/** A code that is free, made from another: `…001` gives `…001-2`. */
export function nextCode(code: string, taken: ReadonlySet<string>): string {
  for (let n = 2; n < 1000; n++) if (!taken.has(`${code}-${n}`)) return `${code}-${n}`;
  return `${code}-x`;
}

/** Whether two shapes share a side: two corners at least. */
export function areNeighbours(a: Shape, b: Shape): boolean {
  const places = new Set(a.parts.flat(2).map(placeKey));
  let shared = 0;
  for (const p of b.parts.flat(2)) if (places.has(placeKey(p)) && ++shared > 1) return true;
  return false;
}

export class Regroup {
  readonly sketch: Sketch;
  readonly how: Signal<How> = signal('from');
  readonly day: Signal<string>;
  readonly line: Signal<Ring | null> = signal(null);
  readonly halves: Signal<readonly [Side, Side]>;
  readonly one: Signal<Side>;
  /** Grids to be merged, the first one first. */
  readonly chosen: Signal<readonly Tagged[]>;
  readonly saving = signal(false);
  readonly failure: Signal<string | null> = signal(null);
  readonly stale = signal(false);
  readonly around: Signal<readonly Tagged[]> = signal([]);
  readonly ready: ReadonlySignal<boolean>;

  constructor(
    private readonly api: EditApi,
    readonly kind: 'split' | 'merge',
    readonly base: Tagged,
    today: string,
  ) {
    const p = base.feature.properties;
    const code = String(p.code ?? '');
    const name = String(p.name ?? '');
    const households = typeof p.households === 'number' ? String(p.households) : '';
    const own: Side = { code, name, households };
    this.day = signal(today);
    this.halves = signal([{ ...own, households: '' }, { code: nextCode(code, new Set()), name: name && `${name}-2`, households: '' }]);
    this.one = signal(own);
    this.chosen = signal([base]);
    this.sketch = new Sketch({ own: 'line', sort: 'LineString', shape: null, tool: kind === 'split' ? 'ring' : 'pick' });
    this.sketch.onPick = (at) => this.toggleAt(at);
    this.sketch.onRing = (ring) => {
      batch(() => {
        this.line.value = ring;
        this.sketch.putOwn({ sort: 'LineString', multi: false, parts: [[ring]] });
        this.sketch.tool.value = 'edit';
        this.failure.value = null;
      });
    };
    this.ready = computed(() => (kind === 'split' ? this.sketch.shape.value !== null || this.sketch.canFinishRing() : this.chosen.value.length > 1) && (this.how.value === 'past' || this.day.value !== ''));
  }

  async lookAround(): Promise<void> {
    const shape = shapeOf(this.base.feature.geometry);
    const box = shape && boxOfShape(shape);
    if (!box) return;
    const found = await this.api.around('grids', grown(box, this.kind === 'merge' ? AROUND_M * 8 : AROUND_M), 500);
    const p = this.base.feature.properties;
    const today = this.day.peek();
    const others = found.filter(({ feature }) => feature.id !== this.base.feature.id && feature.properties.kind === p.kind && !(typeof feature.properties.valid_to === 'string' && feature.properties.valid_to <= today));
    batch(() => {
      // In an order that stays: those beside it first.
      const beside = (t: Tagged): boolean => {
        const other = shapeOf(t.feature.geometry);
        return other !== null && areNeighbours(shape, other);
      };
      const near = new Map(others.map((t) => [t, beside(t)]));
      this.around.value = others.sort((a, b) => Number(near.get(b)) - Number(near.get(a)) || titleOf(a.feature).localeCompare(titleOf(b.feature), 'zh', { numeric: true }));
      this.sketch.targets.value = [...others.map((t) => shapeOf(t.feature.geometry)), shape].filter((s): s is Shape => s !== null);
      const taken = new Set(found.map(({ feature }) => String(feature.properties.code)));
      const [a, b] = this.halves.peek();
      this.halves.value = [a, { ...b, code: nextCode(a.code, taken) }];
    });
  }

  /** Draws the line anew. */
  again(): void {
    batch(() => {
      this.line.value = null;
      this.sketch.putOwn(null);
      this.sketch.tool.value = 'ring';
    });
  }

  toggleAt(at: Point): void {
    const hit = this.around.peek().find(({ feature }) => {
      const shape = shapeOf(feature.geometry);
      return shape !== null && covers(shape, at);
    });
    if (hit) this.toggle(hit);
  }

  toggle(tagged: Tagged): void {
    const { id } = tagged.feature;
    const now = this.chosen.peek();
    this.failure.value = null;
    if (now.some((t) => t.feature.id === id)) {
      if (id !== this.base.feature.id) this.chosen.value = now.filter((t) => t.feature.id !== id);
      return;
    }
    const shape = shapeOf(tagged.feature.geometry);
    const touches = shape !== null && now.some((t) => {
      const other = shapeOf(t.feature.geometry);
      return other !== null && areNeighbours(other, shape);
    });
    if (touches) this.chosen.value = [...now, tagged];
    else this.failure.value = 'notBeside';
  }

  area(): number {
    return this.chosen.value.reduce((sum, t) => sum + areaOf(shapeOf(t.feature.geometry) ?? { sort: 'Polygon', multi: false, parts: [] }), 0);
  }

  households(): number | null {
    const known = this.chosen.value.map((t) => t.feature.properties.households).filter((n): n is number => typeof n === 'number');
    return known.length ? known.reduce((a, b) => a + b, 0) : null;
  }

  async save(): Promise<Stored | null> {
    if (this.saving.peek()) return null;
    if (this.sketch.pending.peek().length) this.sketch.finishRing();
    const validFrom = this.how.peek() === 'from' ? this.day.peek() : null;
    this.saving.value = true;
    this.failure.value = null;
    this.stale.value = false;
    try {
      if (this.kind === 'split') {
        const line = geometryOf(this.sketch.shape.peek());
        if (!line) {
          this.failure.value = 'short';
          return null;
        }
        const [a, b] = this.halves.peek();
        const count = (text: string): number | null => (/^\d{1,7}$/.test(text.trim()) ? Number(text) : null);
        const body = { id: this.base.feature.id, etag: this.base.etag, line, valid_from: validFrom, codes: [a.code.trim(), b.code.trim()], names: [a.name.trim(), b.name.trim()], households: [count(a.households), count(b.households)] };
        return (await this.api.call<Stored>('POST', '/api/grids/split', { body })).body;
      }
      const chosen = this.chosen.peek();
      const { code, name } = this.one.peek();
      const body = { ids: chosen.map((t) => t.feature.id), etags: chosen.map((t) => t.etag), code: code.trim(), name: name.trim(), valid_from: validFrom };
      return (await this.api.call<Stored>('POST', '/api/grids/merge', { body })).body;
    } catch (error) {
      this.refused(error);
      return null;
    } finally {
      this.saving.value = false;
    }
  }

  private refused(error: unknown): void {
    if (error instanceof ApiError) {
      this.stale.value = error.status === 412 || conflictsOf(error).length > 0;
      const places = faultsOf(error).map((fault) => fault.at).filter((at): at is [number, number] => at !== null);
      if (places.length) this.sketch.bad.value = { at: places, why: error.message };
      this.failure.value = error.message;
    } else this.failure.value = error instanceof Error ? error.message : String(error);
  }
}

/** What a feature is called in a list. */
export function titleOf(feature: Feature): string {
  return String(feature.properties.name || feature.properties.code || feature.id);
}
