import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Bounds, LayerName, SearchAnswer } from '../api/types';
import type { Datum, LonLat } from '../coords';
import { lang, setLang, t } from '../i18n';
import { addDays, daysBetween } from '../i18n/format';
import { MapView, type Padding } from '../map/engine';
import { Interaction } from '../map/interact';
import { readTokens, type Tokens } from '../map/tokens';
import { debounce, Loader } from '../state/loader';
import { asState, type Opening } from '../state/opening';
import { firstDay, lastDay, Session } from '../state/session';
import { Store } from '../state/store';
import type { Camera, Period, Theme, ViewState } from '../state/url';
import { layout } from '../ui/layout';
import type { Detent } from '../ui/sheet';
import type { PhoneTab } from '../ui/shell';
import { boxOf } from '../map/box';
import { Grounds } from './grounds';
import { capabilities, type Capabilities } from './capabilities';
import { remembered } from './memory';
import { gridRows } from './rows';

const PLAY_MS = 900;
/** Points follow a gesture when it rests; the choropleth follows at once. */
const TILE_QUIET_MS = 150;

export interface Note {
  id: number;
  text: string;
  /** What may still be done about it. */
  action?: { label: string; run: () => void };
}

/** Glue between state, server answers, map and page; owns no pixels. */
export class Controller {
  readonly can: Capabilities = capabilities();
  readonly store = new Store();
  readonly session = new Session(this.store);
  readonly view: Signal<MapView | null> = signal(null);
  readonly interaction: Signal<Interaction | null> = signal(null);
  readonly camera: Signal<Camera | null> = signal(null);
  readonly mapFailure: Signal<string | null> = signal(null);
  /** The map is drawn here; else the server's picture stands in. */
  readonly drawn: ReadonlySignal<boolean> = computed(() => this.can.webgl2 && this.mapFailure.value === null);
  readonly tileFailures = signal(0);
  readonly busy = signal(false);
  readonly theme: ReadonlySignal<Theme>;
  readonly tokens: Signal<Tokens>;
  readonly datum: Signal<Datum> = remembered<Datum>('datum', 'wgs84');
  readonly grounds = new Grounds(this.session.client, this.store);
  readonly singleKeys: Signal<boolean> = remembered('single-keys', true);
  readonly speed = signal(1);
  readonly playing = signal(false);
  readonly notes: Signal<readonly Note[]> = signal([]);
  readonly searchText = signal('');
  readonly search: Loader<SearchAnswer>;
  readonly dialog: Signal<'share' | 'export' | 'keys' | 'about' | null> = signal(null);
  /** 大字: text a step larger, for this browser. */
  readonly largeText: Signal<boolean> = remembered('large-text', false);
  /** The figures above the map take one line of small type. */
  readonly slimFigures: Signal<boolean> = remembered('slim-figures', false);
  readonly leftOpen: Signal<boolean> = signal(layout.peek() === 'desktop');
  readonly detent: Signal<Detent> = signal('small');
  readonly tab: Signal<PhoneTab> = signal('time');
  readonly previewed: Signal<LonLat | null> = signal(null);
  /** Settles when the words of the chosen language are here. */
  spoken: Promise<void> = Promise.resolve();
  searchInput: HTMLInputElement | null = null;

  private readonly systemDark = signal(window.matchMedia('(prefers-color-scheme: dark)').matches);
  /** The view before the presentation. */
  private walled: { bounds: Bounds; camera: Camera } | null = null;
  /** The link said where to look. */
  private readonly cameraGiven: boolean;
  private timer: ReturnType<typeof setInterval> | undefined;
  private noteId = 0;

  constructor() {
    const state = this.store.state;
    this.cameraGiven = state.peek().camera !== null;
    this.theme = computed(() => state.value.theme ?? (this.systemDark.value || state.value.present ? 'dark' : 'light'));
    this.applyTheme(this.theme.peek());
    this.applyText();
    this.tokens = signal(readTokens());
    this.search = new Loader((text, abort) => this.session.client.search(text, abort));
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => {
      this.systemDark.value = event.matches;
    });
    effect(() => {
      const language = state.value.language ?? (navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh-CN');
      this.session.client.language = language;
      this.spoken = setLang(language === 'en' ? 'en' : 'zh');
      void this.spoken.then(() => {
        document.title = this.title();
      });
    });
    effect(() => {
      this.applyTheme(this.theme.value);
      this.applyText();
      this.tokens.value = readTokens();
    });
    let had = false;
    effect(() => {
      const has = state.value.selection !== null;
      if (has) {
        this.tab.value = 'inspect';
        if (!had && this.detent.peek() === 'small') this.detent.value = 'half';
      }
      had = has;
    });
    const ask = debounce(120, (text: string) => (text ? void this.search.load(text) : this.search.clear()));
    effect(() => ask(this.searchText.value.trim()));
  }

  private title(): string {
    const name = this.session.meta.value?.district.name;
    return name ? `${t('app.title')} · ${name}` : t('app.title');
  }

  private applyTheme(theme: Theme): void {
    document.documentElement.dataset.theme = theme;
  }

  /** The size of text: as usual, large, or growing with a wall screen. */
  private applyText(): void {
    const root = document.documentElement.dataset;
    if (this.store.state.value.present) root.present = 'true';
    else delete root.present;
    if (this.largeText.value) root.text = 'large';
    else delete root.text;
  }

  /** Reads colors and sizes again after they changed in the page. */
  renewTokens(): void {
    this.tokens.value = readTokens();
  }

  /** Starts or ends the presentation; what was to be seen of the map stays to be seen. */
  present(on: boolean): void {
    const view = this.view.peek();
    if (on) {
      this.walled = view ? { bounds: view.freeBounds(), camera: view.camera() } : null;
      this.set({ present: true, view: 'overview', selection: null });
      this.note(t('present.hint'));
      return;
    }
    this.set({ present: false });
    const camera = this.walled?.camera;
    this.walled = null;
    if (camera) setTimeout(() => view?.goTo(camera));
  }

  /** Fits the map into the wall's frame, once that has its size. */
  settleWall(): void {
    const view = this.view.peek();
    if (!view) return;
    view.setPadding(this.padding());
    if (this.walled) view.fit(this.walled.bounds);
    else if (!this.cameraGiven) this.home();
  }

  start(): Promise<void> {
    return this.session.start();
  }

  /** Puts the map into its place; called once the bounds are known. */
  mount(container: HTMLElement): () => void {
    const { session, store } = this;
    const view = new MapView({
      container,
      input: {
        tokens: this.tokens.peek(),
        measure: store.state.peek().measure,
        layers: store.state.peek().layers,
        order: store.state.peek().order,
        filter: session.query.peek(),
        gridsDay: session.gridsDay.peek(),
        bare: session.bare.peek(),
        origin: window.location.origin,
        outline: session.outline.peek(),
        measured: { type: 'FeatureCollection', features: [] },
        marks: { type: 'FeatureCollection', features: [] },
      },
      camera: store.state.peek().camera,
      bounds: session.meta.peek()?.bounds ?? null,
      padding: this.padding(),
      locale: { 'Map.Title': t('map.title') },
      still: this.can.test || this.can.reducedMotion,
      onMove: (camera, moving) => this.moved(camera, moving),
      onTileFailure: (source, error) => {
        if (source.startsWith('ground')) void this.grounds.fail(error);
        else this.tileFailures.value++;
      },
      onFatal: (message) => {
        this.mapFailure.value = message;
      },
    });
    const interaction = new Interaction(view, store);
    view.map.on('dataloading', () => {
      this.busy.value = true;
    });
    view.map.on('idle', () => {
      this.busy.value = false;
    });
    const showFilter = debounce(TILE_QUIET_MS, (filter: string) => view.show({ filter }));
    const stops = [
      effect(() => view.show({ tokens: this.tokens.value, measure: store.state.value.measure, layers: store.state.value.layers, order: store.state.value.order })),
      effect(() => showFilter(session.query.value)),
      effect(() => view.paint(session.paint.value)),
      effect(() => view.show({ gridsDay: session.gridsDay.value })),
      effect(() => view.show({ bare: session.bare.value })),
      effect(() => view.show({ outline: session.outline.value })),
      effect(() => view.select(store.state.value.selection)),
      effect(() => {
        const { layers, n } = session.changed.value;
        if (n === 0) return;
        view.refresh(layers);
        // A write of no layer is one of the ground or of a setting; an extract brings streets and ground at once.
        if (layers.length === 0 || layers.includes('streets')) void this.grounds.load();
      }),
      effect(() => {
        if (store.navigations.value === 0) return;
        const { camera } = store.state.peek();
        if (camera) view.goTo(camera);
        else this.home();
      }),
      effect(() => view.setPadding(this.padding())),
      effect(() => {
        if (this.grounds.chosen.value && !session.meta.peek()?.bounds && !store.state.peek().camera) this.home();
      }),
      this.grounds.follow(view, () => session.meta.value?.layers.some((layer) => layer.name === 'streets' && layer.count > 0) ?? false),
      effect(() => view.marks(interaction.place.value, this.previewed.value)),
    ];
    this.view.value = view;
    this.interaction.value = interaction;
    this.camera.value = view.camera();
    if (this.can.test) (window as unknown as { __map: unknown }).__map = view.map;
    return () => {
      for (const stop of stops) stop();
      this.view.value = null;
      this.interaction.value = null;
      view.destroy();
    };
  }

  /** The part of the map that panels cover. */
  padding(): Padding {
    const none = { top: 0, right: 0, left: 0 };
    if (this.store.state.value.present) {
      // The legend lies at the left; as wide as `.wall-legend` in present.css.
      const legend = 20 * parseFloat(getComputedStyle(document.documentElement).fontSize);
      return { ...none, left: layout.value === 'desktop' ? Math.round(legend) : 0, bottom: 0 };
    }
    // The map keeps what it shows above the sheet, as far as there is room.
    if (layout.value === 'phone') return { ...none, bottom: this.detent.value === 'small' ? 96 : Math.round((window.innerHeight - 60) * 0.45) };
    return { ...none, bottom: 116 };
  }

  private moved(camera: Camera, moving: boolean): void {
    this.camera.value = camera;
    if (moving) return;
    this.store.update({ camera });
    const view = this.view.peek();
    if (view) this.session.viewBounds.value = view.bounds().map((n) => n.toFixed(5)).join(',');
  }

  home(): void {
    // Where nothing is stored yet, the ground is all there is to see.
    const bounds = this.session.meta.peek()?.bounds ?? this.grounds.chosen.peek()?.bounds;
    if (bounds) this.view.peek()?.fit(bounds, 16);
  }

  /** Brings a place into view, only if it is not. */
  reveal(lon: number, lat: number): void {
    const view = this.view.peek();
    if (view && !view.sees(lon, lat)) view.easeTo(lon, lat);
  }

  select(layer: LayerName, id: number): void {
    this.store.update({ selection: { layer, id } });
  }

  openTable(layer?: LayerName): void {
    this.session.table.value = { page: 0, sort: '', inView: this.session.table.peek().inView };
    this.set({ view: 'data', ...(layer ? { table: layer } : {}) });
    if (layout.peek() === 'phone') {
      this.tab.value = 'records';
      if (this.detent.peek() === 'small') this.detent.value = 'half';
    }
  }

  /** The incidents of one grid as a list; the map and every count follow. */
  recordsOfGrid(code: string): void {
    this.session.table.value = { page: 0, sort: '', inView: false };
    this.set({ view: 'data', table: 'incidents', grids: [code] });
  }

  /** A choice in the table: the map follows, if the thing is out of sight. */
  selectFromList(layer: LayerName, id: number): void {
    this.select(layer, id);
    const feature = this.session.items.state.peek().value?.features.find((f) => f.id === id) ?? this.session.grids.state.peek().value?.features.find((f) => f.id === id);
    const box = feature?.geometry ? boxOf(feature.geometry) : null;
    if (box) this.reveal((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
  }

  /** Selects the next or previous row of the list the selection is from. */
  neighbor(step: 1 | -1): void {
    const { selection, table } = this.store.state.peek();
    const layer = selection?.layer ?? table;
    const items = this.session.items.state.peek();
    const ids =
      layer === 'grids' ? gridRows(this).map((row) => row.id) : items.key?.startsWith(`${layer} `) ? (items.value?.features ?? []).map((f) => f.id) : [];
    if (!ids.length) return;
    const at = selection ? ids.indexOf(selection.id) : -1;
    const next = ids[at < 0 ? 0 : (at + step + ids.length) % ids.length];
    if (next !== undefined) this.selectFromList(layer, next);
  }

  /** Shows where an answer of the search lies, before going there. */
  preview(at: LonLat | null): void {
    this.previewed.value = at;
  }

  /** Goes to the selected thing and shows it whole. */
  zoomToSelection(): void {
    const geometry = this.session.summary.state.peek().value?.feature.geometry;
    const box = geometry ? boxOf(geometry) : null;
    if (box) this.view.peek()?.fit(box);
  }

  /**
   * The map on light paper, drawn and read within this very tick: a browser
   * that prints waits for no frame. The screen keeps its own theme.
   */
  paperShot(): HTMLCanvasElement | null {
    const view = this.view.peek();
    if (!view) return null;
    const theme = this.theme.peek();
    if (theme === 'light') return view.snapshot();
    this.applyTheme('light');
    this.tokens.value = readTokens();
    const shot = view.snapshot();
    this.applyTheme(theme);
    this.tokens.value = readTokens();
    return shot;
  }

  zoomBy(step: number): void {
    const map = this.view.peek()?.map;
    map?.easeTo({ zoom: map.getZoom() + step, duration: 200 });
  }

  closeInspector(): void {
    const interaction = this.interaction.peek();
    if (interaction) interaction.place.value = null;
    if (this.store.state.peek().selection) this.set({ selection: null });
  }

  setTab(tab: PhoneTab): void {
    this.tab.value = tab;
    // The phone's sheet shows the table without leaving the map; only its rows are needed.
    if (tab === 'records' && this.store.state.peek().view !== 'data') this.openTable();
    else if (tab !== 'records' && tab !== 'inspect' && this.store.state.peek().view === 'data') this.set({ view: 'overview' });
  }

  /** The time offered where the chosen one is empty: 90 days, or more where the data are sparse. */
  wider(): Opening {
    const opening = this.session.opening.value;
    return opening === 30 ? 90 : opening;
  }

  widen(): void {
    const meta = this.session.meta.peek();
    if (!meta) return;
    const days = this.wider();
    this.setPeriod(days === 'all' ? 'all' : { from: addDays(lastDay(meta), 1 - days), to: lastDay(meta) }, false);
  }

  note(text: string, action?: Note['action']): void {
    this.notes.value = [...this.notes.peek(), { id: ++this.noteId, text, ...(action ? { action } : {}) }];
  }

  dismiss(id: number): void {
    this.notes.value = this.notes.peek().filter((note) => note.id !== id);
  }

  set(change: Partial<ViewState>): void {
    this.store.update(change);
  }

  toggleTheme(): void {
    this.set({ theme: this.theme.peek() === 'dark' ? 'light' : 'dark' });
  }

  toggleLanguage(): void {
    this.set({ language: lang.peek() === 'zh' ? 'en' : 'zh-CN' });
  }

  /** A period from the time bar: shown at once, written to the address when the gesture ends. */
  setPeriod(period: Period | 'all', live: boolean): void {
    if (live && period !== 'all') {
      this.session.livePeriod.value = period;
      return;
    }
    this.pause(false);
    this.session.livePeriod.value = null;
    const meta = this.session.meta.peek();
    this.set({ period: meta ? asState(period, this.session.opening.peek(), lastDay(meta)) : period });
  }

  togglePlay(): void {
    if (this.playing.peek()) this.pause(true);
    else this.play();
  }

  private play(): void {
    const meta = this.session.meta.peek();
    if (!meta?.time) return;
    const last = lastDay(meta);
    const first = firstDay(meta);
    const chosen = this.session.period.peek();
    // All of the time is played a month, or where there is little of it a week, at a time.
    const whole = daysBetween(first, last) >= 180 ? 29 : 6;
    const period = chosen ?? { from: first, to: last };
    const length = chosen ? daysBetween(period.from, period.to) : whole;
    if (chosen === null) this.session.livePeriod.value = { from: first, to: addDays(first, length) };
    else if (period.to >= last) {
      // At the end there is nothing left to play: start a year back, or where the data starts.
      const from = [addDays(last, -365), first].sort()[1] as string;
      this.session.livePeriod.value = { from, to: addDays(from, length) };
    }
    this.playing.value = true;
    const step = length >= 20 ? 7 : 1;
    const tick = (): void => {
      const now = this.session.period.peek();
      if (!now || now.to >= last) {
        this.pause(true);
        return;
      }
      const move = Math.min(step, daysBetween(now.to, last));
      this.session.livePeriod.value = { from: addDays(now.from, move), to: addDays(now.to, move) };
    };
    this.timer = setInterval(tick, PLAY_MS / this.speed.peek());
  }

  setSpeed(speed: number): void {
    this.speed.value = speed;
    if (!this.playing.peek()) return;
    clearInterval(this.timer);
    this.play();
  }

  private pause(commit: boolean): void {
    clearInterval(this.timer);
    if (!this.playing.peek()) return;
    this.playing.value = false;
    const live = this.session.livePeriod.peek();
    if (commit && live) this.setPeriod(live, false);
  }

  locate(): void {
    navigator.geolocation.getCurrentPosition(
      (position) => this.view.peek()?.easeTo(position.coords.longitude, position.coords.latitude, 16),
      () => this.note(t('map.locateNone')),
      { enableHighAccuracy: true, timeout: 10_000 },
    );
  }

  retryGround(): void {
    this.grounds.failed.value = null;
    this.view.peek()?.retryGround();
  }

  retryTiles(): void {
    this.tileFailures.value = 0;
    this.view.peek()?.retryTiles();
  }
}
