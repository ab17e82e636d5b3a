import { Map as Engine, setWorkerUrl, type ErrorEvent, type GeoJSONSource, type VectorTileSource } from 'maplibre-gl';
import workerUrl from './worker?worker&url';
import './engine.css';
import type { Bounds, LayerName } from '../api/types';
import type { LonLat } from '../coords';
import { formatCamera, type Camera, type Selection } from '../state/url';
import { putImages } from './images';
import { gridColor } from './layers';
import { movedBox, offMap, ontoMap, placed, type MapDatum } from './plane';
import { buildStyle, SOURCES, tileUrl, type Overlay, type SourceName, type StyleInput } from './style';

export type { Overlay } from './style';

setWorkerUrl(workerUrl);

/** Where the features of a layer live in the tiles; selection and hover are set there. */
const HOMES: Record<LayerName, { source: SourceName; sourceLayer: string }[]> = {
  grids: [{ source: 'plan', sourceLayer: 'grids' }],
  compounds: [
    { source: 'plan', sourceLayer: 'compounds' },
    { source: 'plan', sourceLayer: 'compounds_label' },
  ],
  streets: [{ source: 'base', sourceLayer: 'streets' }],
  routes: [{ source: 'plan', sourceLayer: 'routes' }],
  incidents: [{ source: 'incidents', sourceLayer: 'incidents' }],
};

/** How a grid is filled: ramp step 0 (ground) to 5, and whether it is hatched. */
export interface GridPaint {
  step: number;
  hatch: boolean;
}

export interface Padding {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export interface EngineOptions {
  container: HTMLElement;
  input: StyleInput;
  camera: Camera | null;
  bounds: Bounds | null;
  padding: Padding;
  locale: Record<string, string>;
  /** No fading of tiles and labels: for tests and reduced motion. */
  still: boolean;
  onMove(camera: Camera, moving: boolean): void;
  onTileFailure(source: string, error: unknown): void;
  onFatal(message: string): void;
}

const DURATION_MS = 380;
const ROOM = 24;

/**
 * The map: a projection of the state onto MapLibre, told what to show, never
 * deciding. It takes and gives WGS84; inside, everything lies in the plane of
 * the background.
 */
export class MapView {
  readonly map: Engine;
  private input: StyleInput;
  /** What the style was made from. */
  private readonly built: StyleInput;
  private ready = false;
  private painted = new Map<number, GridPaint>();
  private wantedPaint = new Map<number, GridPaint>();
  private selected: Selection | null = null;
  private hovered: number | null = null;
  /** Sources whose address changed while tiles of the old one were on their way. */
  private readonly late = new Set<SourceName>();

  constructor(private readonly options: EngineOptions) {
    this.input = options.input;
    this.built = options.input;
    const { camera, bounds } = options;
    const start = camera ? { center: this.toPlane([camera.lon, camera.lat]), zoom: camera.zoom } : { center: [105, 35] as [number, number], zoom: 3 };
    this.map = new Engine({
      container: options.container,
      style: this.style(),
      ...start,
      maxZoom: 20,
      minZoom: 2,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      renderWorldCopies: false,
      fadeDuration: options.still ? 0 : 120,
      locale: options.locale,
      pixelRatio: Math.min(window.devicePixelRatio || 1, 2),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.setPadding(options.padding);
    if (!camera && bounds) this.map.fitBounds(this.boxToPlane(bounds), { padding: ROOM, duration: 0 });
    this.listen();
  }

  private listen(): void {
    const { map, options } = this;
    map.on('style.load', () => {
      this.ready = true;
      putImages(map, this.input.tokens);
      this.flush();
    });
    map.on('move', () => options.onMove(this.camera(), true));
    map.on('moveend', () => options.onMove(this.camera(), false));
    map.once('idle', () => {
      document.body.dataset.idle = 'true';
    });
    map.on('sourcedata', (event) => {
      // After the engine is done with the event itself.
      if (this.late.size > 0) setTimeout(() => this.catchUp(event.sourceId as SourceName));
    });
    map.on('error', (event: ErrorEvent & { sourceId?: string }) => {
      if (event.sourceId) options.onTileFailure(event.sourceId, event.error);
      else console.warn('map:', event.error?.message ?? event);
    });
    map.getCanvas().addEventListener('webglcontextlost', () => options.onFatal('webgl context lost'));
  }

  get datum(): MapDatum {
    return this.input.datum ?? 'wgs84';
  }

  private toPlane(p: LonLat): [number, number] {
    const [x, y] = ontoMap(p, this.datum);
    return [x, y];
  }

  private boxToPlane(box: Bounds): Bounds {
    return movedBox(box, (p) => ontoMap(p, this.datum));
  }

  /** WGS84 of a place in the plane of the map: of an event, of a feature the engine found. */
  ground(at: { lng: number; lat: number }): LonLat {
    return offMap([at.lng, at.lat], this.datum);
  }

  /** WGS84 of the middle of the free part of the map. */
  center(): LonLat {
    return this.ground(this.map.getCenter());
  }

  camera(): Camera {
    const [lon, lat] = this.center();
    return { zoom: this.map.getZoom(), lat, lon };
  }

  /** The style of the state, with all that is given in WGS84 put into the plane. */
  private style(): ReturnType<typeof buildStyle> {
    const { input, datum } = this;
    if (datum === 'wgs84') return buildStyle(input);
    const put = (data: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection => placed(data, datum);
    return buildStyle({ ...input, outline: put(input.outline), measured: put(input.measured), marks: put(input.marks), overlay: input.overlay ? moved(input.overlay, put) : null });
  }

  /** Applies a changed style; what a new plane takes from the features is set again. */
  private restyle(before: StyleInput): void {
    this.map.setStyle(this.style(), { diff: true });
    if ((before.datum ?? 'wgs84') === this.datum) {
      if (Boolean(before.ground) !== Boolean(this.input.ground)) this.paint(this.wantedPaint, true);
      return;
    }
    // Tiles of another plane are another source: its features know nothing yet.
    this.painted.clear();
    this.hovered = null;
    this.late.clear();
    this.paint(this.wantedPaint);
    if (this.selected) this.mark(this.selected, true);
  }

  /** Shows another state; only what differs is touched. */
  show(change: Partial<StyleInput>): void {
    const before = this.input;
    const camera = change.datum && change.datum !== this.datum ? this.camera() : null;
    this.input = { ...before, ...change };
    // The same place on the ground stays in the middle.
    if (camera) this.map.jumpTo({ center: this.toPlane([camera.lon, camera.lat]), zoom: camera.zoom });
    if (!this.ready) return;
    if (change.tokens && change.tokens !== before.tokens) putImages(this.map, change.tokens);
    if (change.filter !== undefined && change.filter !== before.filter) this.refresh(['incidents']);
    if (change.gridsDay !== undefined && change.gridsDay !== before.gridsDay) this.reload('plan');
    if (change.outline && change.outline !== before.outline) this.data('outline', change.outline);
    if (change.measured && change.measured !== before.measured) this.data('measure', change.measured);
    if (change.marks) this.data('marks', change.marks);
    if (!restyled(before, this.input)) return;
    this.restyle(before);
    if (change.tokens && change.tokens !== before.tokens) this.paint(this.wantedPaint, true);
  }

  /** Gives a source of the style, or of a tool, other features. */
  data(name: string, data: GeoJSON.FeatureCollection): void {
    (this.map.getSource(name) as GeoJSONSource | undefined)?.setData(placed(data, this.datum));
  }

  /**
   * Asks the server again for the tiles of one source; unchanged ones cost a
   * 304. The engine only re-reads what is still on its way, at its old address,
   * so those are asked for once more when they are there.
   */
  private reload(name: SourceName): void {
    const source = this.map.getSource(name) as VectorTileSource | undefined;
    if (!source) return;
    if (!this.map.isSourceLoaded(name)) this.late.add(name);
    source.setTiles([tileUrl(this.input, name)]);
  }

  private catchUp(name: SourceName): void {
    if (!this.late.has(name) || !this.map.isSourceLoaded(name)) return;
    this.late.delete(name);
    this.reload(name);
  }

  /** Refreshes the sources that carry any of the changed layers. */
  refresh(layers: readonly LayerName[]): void {
    if (!this.ready) return;
    for (const name of Object.keys(SOURCES) as SourceName[]) {
      if (SOURCES[name].of.some((layer) => layers.includes(layer))) this.reload(name);
    }
  }

  /** Asks for the tiles of the background again. */
  retryGround(): void {
    for (const [name, { tiles }] of Object.entries(this.input.ground?.sources ?? {})) {
      if (tiles) (this.map.getSource(name) as VectorTileSource | undefined)?.setTiles(tiles);
    }
  }

  retryTiles(): void {
    this.refresh(['grids', 'streets', 'incidents']);
  }

  /** Rings at a clicked place and at an answer of the search. */
  marks(place: LonLat | null, preview: LonLat | null): void {
    const point = (at: LonLat, role: string): GeoJSON.Feature => ({ type: 'Feature', properties: { role }, geometry: { type: 'Point', coordinates: [at[0], at[1]] } });
    if (!place && !preview && !this.input.marks.features.length) return;
    const features = [...(place ? [point(place, 'place')] : []), ...(preview ? [point(preview, 'preview')] : [])];
    this.show({ marks: { type: 'FeatureCollection', features } });
  }

  /** Fills the grids; ids not named fall back to the ground color. `anew` also where the class is the same. */
  paint(wanted: Map<number, GridPaint>, anew = false): void {
    this.wantedPaint = wanted;
    if (!this.ready) return;
    const target = (id: number) => ({ source: 'plan', sourceLayer: 'grids', id });
    const { tokens, ground } = this.input;
    const color = (step: number): string => gridColor(tokens, step, Boolean(ground));
    for (const [id, paint] of wanted) {
      const known = this.painted.get(id);
      if (!anew && known?.step === paint.step && known.hatch === paint.hatch) continue;
      this.map.setFeatureState(target(id), { ...paint, color: color(paint.step) });
    }
    for (const id of this.painted.keys()) {
      if (!wanted.has(id)) this.map.setFeatureState(target(id), { step: 0, hatch: false, color: color(0) });
    }
    this.painted = new Map(wanted);
  }

  select(selection: Selection | null): void {
    if (this.ready && this.selected) this.mark(this.selected, false);
    this.selected = selection;
    if (this.ready && selection) this.mark(selection, true);
  }

  private mark(selection: Selection, selected: boolean): void {
    for (const home of HOMES[selection.layer]) this.map.setFeatureState({ ...home, id: selection.id }, { selected });
  }

  hover(grid: number | null): void {
    if (!this.ready || grid === this.hovered) return;
    const set = (id: number, hover: boolean): void => {
      this.map.setFeatureState({ source: 'plan', sourceLayer: 'grids', id }, { hover });
    };
    if (this.hovered !== null) set(this.hovered, false);
    if (grid !== null) set(grid, true);
    this.hovered = grid;
  }

  /** Applies what was asked for before the style was there, and only that: each change costs a frame. */
  private flush(): void {
    const { built, input } = this;
    this.painted.clear();
    this.paint(this.wantedPaint);
    if (this.selected) this.mark(this.selected, true);
    if (input.filter !== built.filter) this.refresh(['incidents']);
    if (input.gridsDay !== built.gridsDay) this.reload('plan');
    if (input.outline !== built.outline) this.data('outline', input.outline);
    if (input.measured !== built.measured) this.data('measure', input.measured);
    if (input.marks !== built.marks) this.data('marks', input.marks);
    if (restyled(built, input)) this.restyle(built);
  }

  /** Goes to a camera unless it is there already. */
  goTo(camera: Camera): void {
    if (formatCamera(camera) === formatCamera(this.camera())) return;
    this.map.jumpTo({ center: this.toPlane([camera.lon, camera.lat]), zoom: camera.zoom });
  }

  easeTo(lon: number, lat: number, zoom?: number): void {
    this.map.easeTo({ center: this.toPlane([lon, lat]), zoom: zoom ?? this.map.getZoom(), duration: DURATION_MS });
  }

  /** Brings a box into the free part of the map; `top` pixels of it are taken by a tool. */
  fit(bounds: Bounds, maxZoom = 17, top = 0): void {
    this.map.fitBounds(this.boxToPlane(bounds), { padding: { top: ROOM + top, right: ROOM, bottom: ROOM, left: ROOM }, maxZoom, duration: DURATION_MS });
  }

  /** True when the position is inside the part not covered by panels. */
  sees(lon: number, lat: number): boolean {
    const p = this.map.project(this.toPlane([lon, lat]));
    const { clientWidth, clientHeight } = this.map.getContainer();
    const pad = this.map.getPadding();
    return p.x > (pad.left ?? 0) + 8 && p.y > (pad.top ?? 0) + 8 && p.x < clientWidth - (pad.right ?? 0) - 8 && p.y < clientHeight - (pad.bottom ?? 0) - 8;
  }

  bounds(): Bounds {
    const b = this.map.getBounds();
    return this.boxOff([b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]);
  }

  /** The box of the part not covered by panels. */
  freeBounds(): Bounds {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const pad = this.map.getPadding();
    const a = this.map.unproject([pad.left ?? 0, clientHeight - (pad.bottom ?? 0)]);
    const b = this.map.unproject([clientWidth - (pad.right ?? 0), pad.top ?? 0]);
    return this.boxOff([a.lng, a.lat, b.lng, b.lat]);
  }

  private boxOff(box: Bounds): Bounds {
    return movedBox(box, (p) => offMap(p, this.datum));
  }

  setPadding(padding: Padding): void {
    const now = this.map.getPadding();
    if (now.top !== padding.top || now.bottom !== padding.bottom || now.left !== padding.left || now.right !== padding.right) {
      this.map.easeTo({ padding, duration: 0 });
    }
  }

  /** A picture of the canvas; drawn and read in one tick, as the browser clears it after. */
  snapshot(): HTMLCanvasElement {
    this.map.redraw();
    const from = this.map.getCanvas();
    const copy = document.createElement('canvas');
    copy.width = from.width;
    copy.height = from.height;
    copy.getContext('2d')?.drawImage(from, 0, 0);
    return copy;
  }

  /** Meters on the ground per CSS pixel at the center. */
  metersPerPixel(): number {
    return (40_075_016.686 * Math.cos((this.map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** this.map.getZoom());
  }

  destroy(): void {
    this.map.remove();
  }
}

/** Whether the layers of the style differ, not only the data of its sources. */
function restyled(a: StyleInput, b: StyleInput): boolean {
  return a.tokens !== b.tokens || a.measure !== b.measure || a.layers !== b.layers || a.order !== b.order || a.bare !== b.bare || a.overlay !== b.overlay || a.ground !== b.ground || a.datum !== b.datum;
}

/** A tool's overlay with the features of its sources put into the plane. */
function moved(overlay: Overlay, put: (data: GeoJSON.FeatureCollection) => GeoJSON.FeatureCollection): Overlay {
  return {
    layers: (tokens) => overlay.layers(tokens),
    sources: () =>
      Object.fromEntries(
        Object.entries(overlay.sources()).map(([name, source]) => [name, source.type === 'geojson' && typeof source.data === 'object' && source.data.type === 'FeatureCollection' ? { ...source, data: put(source.data) } : source]),
      ),
  };
}
