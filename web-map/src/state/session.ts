import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { Client, join } from '../api/client';
import { follow, type Link } from '../api/events';
import { LAYERS, type Counts, type FeatureCollection, type GridStats, type Histogram, type Kind, type LayerName, type Meta, type Summary } from '../api/types';
import { classOf, makeBreaks, rampStep, type Breaks, type ClassMode } from '../classes';
import { civil } from '../i18n/format';
import type { GridPaint } from '../map/engine';
import { outline } from '../map/outline';
import { before, filterQuery, type Filter } from './filter';
import { debounce, Loader } from './loader';
import { openingOf, openingPeriod, type Opening } from './opening';
import type { Store } from './store';
import type { Measure, Period } from './url';
import { gridsDay, validOn } from './validity';

/** Rows of one page of the linked table. */
export const PAGE_ROWS = 50;
/** Grids and rows fetched at once; more are paged. */
const ALL_GRIDS = 1000;
const QUIET_MS = 150;

export interface TableState {
  page: number;
  sort: string;
  inView: boolean;
}

/** The local day of a moment. */
function localDay(moment: string): string {
  const at = civil(moment);
  if (!at) return '1970-01-01';
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.year}-${two(at.month)}-${two(at.day)}`;
}

/** The last local day that has data, today when there is none. */
export function lastDay(meta: Meta): string {
  return localDay(meta.time?.last ?? meta.now);
}

export function firstDay(meta: Meta): string {
  return meta.time ? localDay(meta.time.first) : lastDay(meta);
}

/** The local day by the server's clock. */
export function today(meta: Meta): string {
  return localDay(meta.now);
}

/**
 * What the server said about the current state, kept up to date: one place
 * that asks, so that legend, chips, table and map speak of the same filter.
 */
export class Session {
  readonly meta: Signal<Meta | null> = signal(null);
  /** What a link without a period shows, decided from the data when the page opens and then kept. */
  readonly opening: Signal<Opening> = signal<Opening>(30);
  readonly failure: Signal<string | null> = signal(null);
  readonly link: Signal<Link> = signal('connecting');
  /** When the last answer of the server came, ms since 1970. */
  readonly asOf: Signal<number | null> = signal(null);
  /** The period while a handle is dragged or the playback runs: not yet in the address, and class breaks stay as they are. */
  readonly livePeriod: Signal<Period | null> = signal(null);
  /** Classes kept by a click in the legend; empty = all. */
  readonly classes: Signal<readonly number[]> = signal([]);
  readonly table: Signal<TableState> = signal({ page: 0, sort: '', inView: false });
  readonly viewBounds: Signal<string> = signal('');
  /** Last announced change, for the map: layers and a counter. */
  readonly changed: Signal<{ layers: readonly LayerName[]; n: number }> = signal({ layers: [], n: 0 });

  readonly stats: Loader<GridStats>;
  readonly kinds: Loader<Counts>;
  /** Of what passes the filter, what patrols found. */
  readonly patrol: Loader<Counts>;
  readonly categories: Loader<Counts>;
  readonly histogram: Loader<Histogram>;
  readonly summary: Loader<Summary>;
  /** Days of the selected grid under the other filters. */
  readonly trend: Loader<Histogram>;
  readonly items: Loader<FeatureCollection>;
  readonly grids: Loader<FeatureCollection>;

  readonly period: ReadonlySignal<Period | null>;
  readonly previous: ReadonlySignal<Period | null>;
  readonly filter: ReadonlySignal<Filter>;
  readonly query: ReadonlySignal<string>;
  /** The day whose grids the map shows; `null` = today's. */
  readonly gridsDay: ReadonlySignal<string | null>;
  /** No grids at all: a town of streets and points. */
  readonly bare: ReadonlySignal<boolean>;
  readonly outline: ReadonlySignal<GeoJSON.FeatureCollection>;
  readonly breaks: ReadonlySignal<Breaks>;
  readonly paint: ReadonlySignal<Map<number, GridPaint>>;

  private heldBreaks: { measure: Measure; classMode: ClassMode; breaks: Breaks } | null = null;
  /** The newest answer about the store. */
  private answered: Meta | null = null;
  private stops: (() => void)[] = [];

  constructor(
    readonly store: Store,
    readonly client: Client = new Client(),
  ) {
    this.stats = new Loader((query, abort) => this.stamp(client.gridStats(query, abort)));
    this.kinds = new Loader((query, abort) => client.counts('kind', query, abort));
    this.patrol = new Loader((query, abort) => client.counts('kind', query, abort));
    this.categories = new Loader((query, abort) => client.counts('category', query, abort));
    this.histogram = new Loader((query, abort) => client.histogram(query, 'day', abort));
    this.grids = new Loader((_, abort) => client.items('grids', `limit=${ALL_GRIDS}`, abort));
    this.items = new Loader((key, abort) => {
      const [layer, query] = split(key);
      return client.items(layer, query, abort);
    });
    this.summary = new Loader((key, abort) => {
      const [layer, rest] = split(key);
      const [id, query] = cut(rest, ' ');
      return client.summary(layer, Number(id), query, abort);
    });

    this.trend = new Loader((query, abort) => client.histogram(query, 'day', abort));

    const state = store.state;
    this.period = computed(() => {
      const { period } = state.value;
      const meta = this.meta.value;
      if (this.livePeriod.value) return this.livePeriod.value;
      if (period === 'all' || !meta?.time) return null;
      return period ?? openingPeriod(this.opening.value, lastDay(meta));
    });
    this.previous = computed(() => (this.period.value ? before(this.period.value) : null));
    this.filter = computed(() => {
      const s = state.value;
      return { kinds: s.kinds, categories: s.categories, grids: s.grids, hours: s.hours, weekdays: s.weekdays, found: s.found, placed: s.placed, columns: s.columns, todaysGrids: s.todaysGrids, period: this.period.value };
    });
    this.query = computed(() => filterQuery(this.filter.value));
    this.gridsDay = computed(() => {
      const meta = this.meta.value;
      const plan = this.grids.state.value.value;
      if (!meta || this.filter.value.todaysGrids || !plan) return null;
      const complete = (plan.numberMatched ?? plan.features.length) <= plan.features.length;
      return gridsDay(plan.features, complete, this.period.value?.to ?? null, today(meta));
    });
    this.bare = computed(() => this.meta.value !== null && !this.meta.value.layers.some((layer) => layer.name === 'grids' && layer.count > 0));
    const shown = computed(() => {
      const meta = this.meta.value;
      const on = this.gridsDay.value ?? (meta ? today(meta) : null);
      const all = this.grids.state.value.value?.features ?? [];
      return on === null ? all : all.filter((grid) => validOn(grid, on));
    });
    this.outline = computed(() => outline(shown.value));
    this.breaks = computed(() => this.computeBreaks());
    this.paint = computed(() => this.computePaint());
  }

  private async stamp<T>(answer: Promise<T>): Promise<T> {
    const value = await answer;
    this.asOf.value = Date.now();
    return value;
  }

  /** The number a grid is colored by; `null` = no number (no households, too few). */
  valueOf(grid: GridStats['grids'][number], measure: Measure = this.store.state.value.measure): number | null {
    if (measure === 'none') return null;
    if (measure === 'count') return grid.count;
    if (grid.count === 0 && grid.households) return 0;
    return grid.few ? null : grid.rate_per_1000;
  }

  private computeBreaks(): Breaks {
    const { measure, classMode } = this.store.state.value;
    const stats = this.stats.state.value.value;
    if (!stats || measure === 'none') return [];
    if (this.livePeriod.value && this.heldBreaks?.measure === measure && this.heldBreaks.classMode === classMode) return this.heldBreaks.breaks;
    const values = stats.grids.filter((g) => !isSpecial(g.kind)).map((g) => this.valueOf(g, measure));
    const breaks = makeBreaks(values.filter((v): v is number => v !== null), classMode, 5, measure === 'count');
    this.heldBreaks = { measure, classMode, breaks };
    return breaks;
  }

  private computePaint(): Map<number, GridPaint> {
    const out = new Map<number, GridPaint>();
    const { measure } = this.store.state.value;
    const stats = this.stats.state.value.value;
    if (!stats || measure === 'none') return out;
    const breaks = this.breaks.value;
    const kept = this.classes.value;
    for (const grid of stats.grids) {
      const value = this.valueOf(grid, measure);
      const cls = classOf(value, breaks);
      if (kept.length && (cls === null || !kept.includes(cls))) continue;
      out.set(grid.id, { step: cls === null ? 0 : rampStep(cls, breaks.length), hatch: value === null });
    }
    return out;
  }

  toggleClass(index: number): void {
    const kept = this.classes.peek();
    this.classes.value = kept.includes(index) ? kept.filter((i) => i !== index) : [...kept, index].sort((a, b) => a - b);
  }

  /** Number of grids per class, zero first; grids without a number are in none. */
  classSizes(): number[] {
    const breaks = this.breaks.value;
    const sizes = Array.from({ length: breaks.length + 1 }, () => 0);
    for (const grid of this.stats.state.value.value?.grids ?? []) {
      const cls = isSpecial(grid.kind) ? null : classOf(this.valueOf(grid), breaks);
      if (cls !== null) sizes[cls] = (sizes[cls] ?? 0) + 1;
    }
    return sizes;
  }

  /** Asks for the first time and keeps asking as the state changes. */
  async start(): Promise<void> {
    // The opening period needs the days of all records: asked for together, so that it costs no round trip.
    const [, days] = await Promise.all([this.loadMeta(false), this.client.histogram('', 'day').catch(() => null)]);
    batch(() => {
      if (days) this.opening.value = openingOf(days);
      this.meta.value = this.answered;
    });
    const quiet = debounce(QUIET_MS, () => this.loadFiltered());
    const trendQuery = computed(() => {
      const code = this.selectedGrid();
      return code === null ? '' : filterQuery({ ...this.filter.value, grids: [code] }, ['datetime']);
    });
    let first = true;
    const watched = computed(() => `${this.query.value} ${this.meta.value !== null}`);
    this.stops.push(
      effect(() => {
        void watched.value;
        if (!this.meta.value) return;
        // The first answer is wanted at once, later ones when the gesture rests.
        if (first) this.loadFiltered();
        else quiet();
        first = false;
      }),
      effect(() => {
        const { selection } = this.store.state.value;
        const query = this.query.value;
        if (!this.meta.value) return;
        if (selection) void this.summary.load(`${selection.layer} ${selection.id} ${selection.layer === 'incidents' ? '' : query}`);
        else this.summary.clear();
      }),
      effect(() => {
        void this.changed.value;
        const query = trendQuery.value;
        if (query) void this.trend.load(query);
        else this.trend.clear();
      }),
      effect(() => {
        const { view, table } = this.store.state.value;
        const key = this.tableKey();
        if (this.meta.value && view === 'data' && key && table !== 'grids') void this.items.load(key);
      }),
      this.listen(),
    );
    void this.grids.load('');
  }

  /** Code of the selected grid, if one is selected and the filter does not leave it out. */
  private selectedGrid(): string | null {
    const { selection, grids } = this.store.state.value;
    if (selection?.layer !== 'grids') return null;
    const code = this.stats.state.value.value?.grids.find((grid) => grid.id === selection.id)?.code ?? null;
    return code !== null && (grids.length === 0 || grids.includes(code)) ? code : null;
  }

  /** Layer and query of the table page on screen. */
  tableKey(): string {
    const { table } = this.store.state.value;
    const { page, sort, inView } = this.table.value;
    const filter = table === 'incidents' ? this.query.value : '';
    const order = sort || (table === 'incidents' ? '-occurred_at' : '');
    return `${table} ${join(filter, `limit=${PAGE_ROWS}`, page ? `offset=${page * PAGE_ROWS}` : '', order ? `sort=${order}` : '', inView && this.viewBounds.value ? `bbox=${this.viewBounds.value}` : '')}`;
  }

  private async loadMeta(show = true): Promise<void> {
    try {
      this.answered = await this.client.meta();
      if (show) this.meta.value = this.answered;
      this.failure.value = null;
      this.asOf.value = Date.now();
    } catch (error) {
      this.failure.value = error instanceof Error ? error.message : String(error);
    }
  }

  private loadFiltered(): void {
    const filter = this.filter.peek();
    void this.stats.load(this.query.peek());
    void this.kinds.load(filterQuery(filter, ['kind']));
    void this.patrol.load(filterQuery({ ...filter, found: 'patrol' }));
    void this.categories.load(filterQuery(filter, ['category']));
    void this.histogram.load(filterQuery(filter, ['datetime']));
  }

  private listen(): () => void {
    return follow({
      onLink: (link) => {
        this.link.value = link;
      },
      onHello: (revision) => {
        if (this.meta.peek() && this.meta.peek()?.revision !== revision) void this.refresh(null);
      },
      onChange: (change) => void this.refresh(change.layers.map((layer) => layer.name)),
    });
  }

  /**
   * Fetches again what a change of these layers can have altered, and nothing
   * else; `null` = unknown, compare revisions.
   */
  async refresh(layers: readonly LayerName[] | null): Promise<void> {
    const old = this.meta.peek();
    await this.loadMeta();
    const now = this.meta.peek();
    // The first records of an empty store decide what is shown of them.
    if (old && !old.time && now?.time) {
      const days = await this.client.histogram('', 'day').catch(() => null);
      if (days) this.opening.value = openingOf(days);
    }
    const changed = layers ?? LAYERS.filter((layer) => old?.revisions[layer] !== now?.revisions[layer]);
    batch(() => {
      this.changed.value = { layers: changed, n: this.changed.peek().n + 1 };
    });
    const counted = changed.some((layer) => layer === 'incidents' || layer === 'grids' || layer === 'compounds');
    if (counted) this.loadFiltered();
    if (changed.includes('grids')) void this.grids.load('');
    const { selection, view, table } = this.store.state.peek();
    if (selection) void this.summary.load(`${selection.layer} ${selection.id} ${selection.layer === 'incidents' ? '' : this.query.peek()}`);
    if (view === 'data' && changed.includes(table) && table !== 'grids') void this.items.load(this.tableKey());
  }

  retry(): void {
    void this.refresh(null).then(() => this.loadFiltered());
  }

  /** Number of incidents under the current filter, the figure every panel shows. */
  total(): number | null {
    return this.stats.state.value.value?.total ?? null;
  }

  gridName(code: string): string {
    return this.stats.state.value.value?.grids.find((grid) => grid.code === code)?.name ?? code;
  }

  /** The last local day with data. */
  lastDay(): string {
    const meta = this.meta.value;
    return meta ? lastDay(meta) : '1970-01-01';
  }

  /** How many of the filtered incidents patrols found; `null` while unknown. */
  patrolCount(): number | null {
    return this.patrol.state.value.value?.total ?? null;
  }

  /** Grids that counted in the period but are not on the map any more, and what they counted. */
  retired(): { grids: number; count: number } {
    const meta = this.meta.value;
    const on = this.gridsDay.value ?? (meta ? today(meta) : null);
    const none = { grids: 0, count: 0 };
    if (on === null) return none;
    const gone = new Set((this.grids.state.value.value?.features ?? []).filter((grid) => !validOn(grid, on)).map((grid) => grid.id));
    if (gone.size === 0) return none;
    const counted = (this.stats.state.value.value?.grids ?? []).filter((grid) => gone.has(grid.id) && grid.count > 0);
    return { grids: counted.length, count: counted.reduce((sum, grid) => sum + grid.count, 0) };
  }

  kindCount(kind: Kind): number | null {
    const counts = this.kinds.state.value.value;
    return counts ? (counts.items.find((item) => item.key === kind)?.count ?? 0) : null;
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }
}

export function isSpecial(kind: string): boolean {
  return kind === 'special' || kind.startsWith('专属');
}

function cut(text: string, at: string): [string, string] {
  const i = text.indexOf(at);
  return i < 0 ? [text, ''] : [text.slice(0, i), text.slice(i + 1)];
}

function split(key: string): [LayerName, string] {
  const [layer, query] = cut(key, ' ');
  return [layer as LayerName, query];
}
