/** What is being drawn: shapes, the tool, the chosen corner, steps back and forth. Knows no map and no server. */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import {
  areaOf, cornerAt, corners, crossings, fewest, lengthOf, movedBy, ringAt, rounded, samePlace, withNewRing, withoutRing, type Corner, type Point, type Ring, type Shape, type Sort,
} from './shape';
import { snap, type Snap } from './snap';
import { begin, redo, step, undo, type Timeline } from './timeline';
import { changedKeys, deleteCorner, insertCorner, moveCorner, sharers, stitch, type Scene } from './topology';

/** `edit` moves corners; `ring` draws a new ring or line; `place` sets a point; `pick` chooses things; `look` leaves the map alone. */
export type Tool = 'edit' | 'ring' | 'place' | 'pick' | 'look';

/** Places of which the map shows that something is wrong there. */
export interface Bad {
  at: readonly Point[];
  why: string;
}

const NO_SCENE: Scene = new Map();

export interface SketchOptions {
  own: string;
  sort: Sort;
  shape: Shape | null;
  /** Shapes whose corners may move along, by key. */
  linked?: Scene;
  /** Asked for as few corners as the whole thing can have. */
  tool?: Tool;
}

export class Sketch {
  readonly own: string;
  readonly sort: Sort;
  readonly tool: Signal<Tool>;
  readonly snapping = signal(true);
  /** 同步移动公共顶点 */
  readonly together = signal(true);
  readonly chosen: Signal<Corner | null> = signal(null);
  /** Points of the ring or line that is being drawn. */
  readonly pending: Signal<Ring> = signal([]);
  /** Where the pointer would set the next point. */
  readonly ghost: Signal<Point | null> = signal(null);
  readonly snapped: Signal<Snap | null> = signal(null);
  readonly bad: Signal<Bad | null> = signal(null);
  /** What a click chose, with the tool `pick`. */
  onPick: ((at: Point) => void) | null = null;
  /** A ring or line was finished. */
  onRing: ((ring: Ring) => void) | null = null;

  private readonly line: Signal<Timeline<Scene>>;
  /** The scene while a corner is dragged. */
  private readonly live: Signal<Scene | null> = signal(null);
  private start: Scene;
  readonly targets: Signal<readonly Shape[]> = signal([]);

  readonly scene: ReadonlySignal<Scene>;
  readonly shape: ReadonlySignal<Shape | null>;
  readonly changed: ReadonlySignal<readonly string[]>;
  readonly undos: ReadonlySignal<number>;
  readonly redos: ReadonlySignal<number>;
  readonly area: ReadonlySignal<number>;
  readonly length: ReadonlySignal<number>;
  /** Corners of all rings in their order. */
  readonly corners: ReadonlySignal<readonly Corner[]>;
  /** Keys of the shapes that share the chosen corner. */
  readonly sharing: ReadonlySignal<readonly string[]>;

  constructor(options: SketchOptions) {
    this.own = options.own;
    this.sort = options.sort;
    this.tool = signal(options.tool ?? (options.shape ? 'edit' : options.sort === 'Point' ? 'place' : 'ring'));
    const scene = new Map(options.linked ?? NO_SCENE);
    if (options.shape) scene.set(this.own, options.shape);
    this.start = scene;
    this.line = signal(begin<Scene>(scene));
    this.scene = computed(() => this.live.value ?? this.line.value.now);
    this.shape = computed(() => this.scene.value.get(this.own) ?? null);
    this.changed = computed(() => changedKeys(this.start, this.scene.value));
    this.undos = computed(() => this.pending.value.length || this.line.value.past.length);
    this.redos = computed(() => (this.pending.value.length ? 0 : this.line.value.future.length));
    this.corners = computed(() => (this.shape.value ? corners(this.shape.value) : []));
    this.sharing = computed(() => {
      const at = this.chosenAt();
      return at ? sharers(this.scene.value, this.own, at) : [];
    });
    const whole = computed((): Shape | null => {
      const ring = this.ghost.value && this.tool.value === 'ring' ? [...this.pending.value, this.ghost.value] : this.pending.value;
      if (ring.length > 1) return { sort: this.sort, multi: false, parts: [[ring]] };
      return this.shape.value;
    });
    this.area = computed(() => (whole.value ? areaOf(whole.value) : 0));
    this.length = computed(() => (whole.value ? lengthOf(whole.value) : 0));
  }

  /** The shape of another key before anything was changed. */
  before(key: string): Shape | undefined {
    return this.start.get(key);
  }

  isDirty(): boolean {
    return this.changed.value.length > 0 || this.pending.value.length > 0;
  }

  /** Adds shapes that may move along; what was drawn already stays. */
  link(linked: Scene): void {
    const add = (scene: Scene): Scene => new Map([...linked, ...scene]);
    const { past, now, future } = this.line.peek();
    batch(() => {
      this.start = add(this.start);
      this.line.value = { past: past.map(add), now: add(now), future: future.map(add) };
    });
  }

  /** Starts again from other shapes, e.g. those somebody else made. */
  rebase(start: Scene, now: Scene): void {
    batch(() => {
      this.start = start;
      this.live.value = null;
      this.line.value = begin(now);
      this.chosen.value = null;
      this.pending.value = [];
      this.bad.value = null;
    });
  }

  private put(scene: Scene): void {
    this.live.value = null;
    this.line.value = step(this.line.peek(), scene);
    this.bad.value = null;
  }

  chosenAt(): Point | null {
    const corner = this.chosen.value;
    const shape = this.shape.value;
    return corner && shape ? cornerAt(shape, corner) : null;
  }

  /** Where a pointer at `p` means: a corner or side nearby, or just there. */
  aim(p: Point, zoom: number, reach: number, except: Point | null = null): Point {
    const found = this.snapping.peek() ? snap(p, this.snapTargets(), { zoom, reach, except }) : null;
    this.snapped.value = found;
    return found ? found.at : rounded(p);
  }

  private *snapTargets(): Iterable<Shape> {
    for (const [key, shape] of this.scene.peek()) if (key !== this.own) yield shape;
    yield* this.targets.peek();
    const pending = this.pending.peek();
    if (pending.length > 2 && this.sort === 'Polygon') yield { sort: 'Point', multi: false, parts: [[[pending[0] as Point]]] };
  }

  choose(corner: Corner | null): void {
    this.chosen.value = corner;
  }

  chooseNext(stepBy: 1 | -1): void {
    const all = this.corners.peek();
    if (!all.length) return;
    const now = this.chosen.peek();
    const at = now ? all.findIndex((c) => c.part === now.part && c.ring === now.ring && c.index === now.index) : stepBy > 0 ? -1 : 0;
    this.chosen.value = all[(at + stepBy + all.length) % all.length] ?? null;
  }

  /** The scene a drag starts from. */
  settled(): Scene {
    return this.line.peek().now;
  }

  drag(base: Scene, corner: Corner, to: Point): void {
    this.live.value = moveCorner(base, this.own, corner, to, this.together.peek());
  }

  /** Keeps what a drag made, or forgets it. */
  drop(keep: boolean): void {
    const scene = this.live.peek();
    batch(() => {
      this.snapped.value = null;
      if (scene && keep) this.put(scene);
      else this.live.value = null;
    });
  }

  moveChosenTo(to: Point): void {
    const corner = this.chosen.peek();
    if (corner) this.put(moveCorner(this.settled(), this.own, corner, to, this.together.peek()));
  }

  nudge(east: number, north: number): void {
    const at = this.chosenAt();
    if (at) this.moveChosenTo(movedBy(at, east, north));
  }

  /** A scene with one corner more, not kept yet: the drag that follows keeps it. */
  withInserted(after: Corner, at: Point): Scene {
    return insertCorner(this.settled(), this.own, after, at, this.together.peek());
  }

  insertAfterChosen(): void {
    const corner = this.chosen.peek();
    const shape = this.shape.peek();
    if (!corner || !shape || shape.sort === 'Point') return;
    const ring = ringAt(shape, corner.part, corner.ring);
    const last = shape.sort === 'LineString' && corner.index === ring.length - 1;
    const after = last ? corner.index - 1 : corner.index;
    const a = ring[after];
    const b = ring[(after + 1) % ring.length];
    if (!a || !b) return;
    this.put(this.withInserted({ ...corner, index: after }, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]));
    this.chosen.value = { ...corner, index: after + 1 };
  }

  /** Whether the corner could go. */
  removeCorner(corner: Corner | null = this.chosen.peek()): boolean {
    if (!corner) return false;
    const scene = deleteCorner(this.settled(), this.own, corner, this.together.peek());
    if (!scene) return false;
    this.put(scene);
    const shape = this.shape.peek();
    const left = shape ? ringAt(shape, corner.part, corner.ring).length : 0;
    this.chosen.value = left ? { ...corner, index: Math.min(corner.index, left - 1) } : null;
    return true;
  }

  removeRing(part: number, ring: number): void {
    const shape = this.shape.peek();
    if (!shape) return;
    const next = withoutRing(shape, part, ring);
    this.putOwn(next.parts.length ? next : null);
    this.chosen.value = null;
  }

  /** Replaces the edited shape. */
  putOwn(shape: Shape | null): void {
    const scene = new Map(this.settled());
    if (shape) scene.set(this.own, shape);
    else scene.delete(this.own);
    this.put(scene);
  }

  setPoint(at: Point): void {
    this.putOwn({ sort: 'Point', multi: false, parts: [[[rounded(at)]]] });
    this.tool.value = 'edit';
    this.chosen.value = { part: 0, ring: 0, index: 0 };
  }

  addPoint(at: Point): void {
    const ring = this.pending.peek();
    const last = ring[ring.length - 1];
    const point = rounded(at);
    if (ring[0] && ring.length >= fewest(this.sort) && this.sort === 'Polygon' && samePlace(ring[0], point)) {
      this.finishRing();
      return;
    }
    // A double click sets its point twice.
    if (last && samePlace(last, point)) return;
    this.bad.value = null;
    this.pending.value = [...ring, point];
  }

  canFinishRing(): boolean {
    return this.pending.value.length >= fewest(this.sort);
  }

  /** Ends what is being drawn; what is too short stays. */
  finishRing(): boolean {
    const ring = this.pending.peek();
    if (!this.canFinishRing()) return false;
    batch(() => {
      this.pending.value = [];
      this.ghost.value = null;
      this.snapped.value = null;
      if (this.onRing) {
        this.onRing(ring);
        return;
      }
      const shape = this.shape.peek();
      this.putOwn(shape ? withNewRing(shape, ring) : { sort: this.sort, multi: false, parts: [[ring]] });
      this.tool.value = 'edit';
    });
    return true;
  }

  dropPending(): void {
    this.pending.value = [];
    this.ghost.value = null;
    this.snapped.value = null;
  }

  undo(): void {
    if (this.pending.peek().length) {
      this.pending.value = this.pending.peek().slice(0, -1);
      return;
    }
    this.turn(undo(this.line.peek()));
  }

  redo(): void {
    if (!this.pending.peek().length) this.turn(redo(this.line.peek()));
  }

  private turn(line: Timeline<Scene>): void {
    batch(() => {
      this.live.value = null;
      this.line.value = line;
      this.bad.value = null;
      const shape = line.now.get(this.own);
      const corner = this.chosen.peek();
      if (corner && (!shape || !cornerAt(shape, corner))) this.chosen.value = null;
      if (!shape && this.tool.peek() === 'edit') this.tool.value = this.sort === 'Point' ? 'place' : 'ring';
    });
  }

  /** Where borders cross themselves. */
  faults(): Point[] {
    const shape = this.shape.peek();
    return shape ? crossings(shape) : [];
  }

  /** Gives neighbours the corners that were set on their borders. */
  stitch(): void {
    if (!this.together.peek()) return;
    const scene = stitch(this.settled(), this.own);
    if (scene !== this.settled()) this.put(scene);
  }
}
