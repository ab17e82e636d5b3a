/** The small map of the import: our own ground, the sample by shape, the rows of the preview. */
import { Map as Engine, type GeoJSONSource, type MapGeoJSONFeature, type StyleSpecification } from 'maplibre-gl';
import type { Bounds } from '../api/types';
import { putImages } from '../map/images';
import { buildStyle, type Ground } from '../map/style';
import { readTokens, type Tokens } from '../map/tokens';
import { LAYER_ORDER } from '../state/url';
import type { LonLat } from './types';

const NONE: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
/** Sources of the big map that say nothing about where a sample belongs. */
const LEFT_OUT = new Set(['cells', 'incidents', 'measure', 'marks']);
const RATIO = 2;
const SIZE = 14;

interface Colors {
  tokens: Tokens;
  warn: string;
  bad: string;
}

function colors(): Colors {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string): string => style.getPropertyValue(name).trim() || '#888888';
  return { tokens: readTokens(), warn: get('--warn'), bad: get('--danger') };
}

/** ● ○ × ▵ □ with a halo, told apart without color. */
function drawShape(shape: string, { tokens }: Colors): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE * RATIO;
  const c = canvas.getContext('2d', { willReadFrequently: true });
  if (!c) return new ImageData(canvas.width, canvas.height);
  c.scale(RATIO, RATIO);
  c.lineJoin = 'round';
  c.lineCap = 'round';
  const m = SIZE / 2;
  const path = (): void => {
    c.beginPath();
    if (shape === 'disc' || shape === 'ring') c.arc(m, m, shape === 'disc' ? 4.4 : 3.6, 0, Math.PI * 2);
    else if (shape === 'cross') {
      c.moveTo(m - 3.4, m - 3.4);
      c.lineTo(m + 3.4, m + 3.4);
      c.moveTo(m + 3.4, m - 3.4);
      c.lineTo(m - 3.4, m + 3.4);
    } else if (shape === 'triangle') {
      c.moveTo(m, m - 4);
      c.lineTo(m + 4, m + 3.4);
      c.lineTo(m - 4, m + 3.4);
      c.closePath();
    } else c.rect(m - 3.4, m - 3.4, 6.8, 6.8);
  };
  path();
  c.strokeStyle = tokens.halo;
  c.lineWidth = shape === 'disc' ? 2.6 : 4.2;
  c.stroke();
  path();
  if (shape === 'disc') {
    c.fillStyle = tokens.accent;
    c.fill();
  } else {
    if (shape !== 'cross') {
      c.fillStyle = tokens.halo;
      c.fill();
    }
    c.strokeStyle = tokens.text2;
    c.lineWidth = 1.6;
    c.stroke();
  }
  return c.getImageData(0, 0, canvas.width, canvas.height);
}

function styleOf(theme: Colors, outline: GeoJSON.FeatureCollection, bare: boolean, ground: Ground | null): StyleSpecification {
  const base = buildStyle({
    tokens: theme.tokens,
    measure: 'none',
    layers: ['grids', 'compounds', 'streets'],
    order: LAYER_ORDER,
    gridsDay: null,
    bare,
    filter: '',
    origin: window.location.origin,
    outline,
    measured: NONE,
    marks: NONE,
    ground,
  });
  const sources = Object.fromEntries(Object.entries(base.sources).filter(([name]) => !LEFT_OUT.has(name)));
  const layers = base.layers.filter((layer) => !('source' in layer && typeof layer.source === 'string' && LEFT_OUT.has(layer.source)) && !layer.id.startsWith('routes') && layer.id !== 'grids-label');
  return {
    ...base,
    sources: { ...sources, sample: { type: 'geojson', data: NONE }, rows: { type: 'geojson', data: NONE }, picked: { type: 'geojson', data: NONE } },
    layers: [
      ...layers,
      {
        id: 'sample',
        type: 'symbol',
        source: 'sample',
        // The chosen system comes last, and is to be seen where all of them agree.
        layout: { 'symbol-z-order': 'source', 'icon-image': ['concat', 'sample-', ['get', 'shape']], 'icon-allow-overlap': true, 'icon-ignore-placement': true },
        paint: { 'icon-opacity': ['case', ['get', 'faint'], 0.3, 1] },
      },
      {
        id: 'rows',
        type: 'circle',
        source: 'rows',
        paint: {
          'circle-radius': 4,
          'circle-color': ['match', ['get', 'tone'], 'bad', theme.bad, 'warn', theme.warn, theme.tokens.text],
          'circle-stroke-color': theme.tokens.halo,
          'circle-stroke-width': 1.5,
        },
      },
      {
        id: 'picked',
        type: 'circle',
        source: 'picked',
        paint: { 'circle-radius': 9, 'circle-opacity': 0, 'circle-stroke-color': theme.tokens.text, 'circle-stroke-width': 2.5 },
      },
      {
        id: 'picked-halo',
        type: 'circle',
        source: 'picked',
        paint: { 'circle-radius': 11.5, 'circle-opacity': 0, 'circle-stroke-color': theme.tokens.halo, 'circle-stroke-width': 2 },
      },
    ],
  };
}

interface SampleMapOptions {
  container: HTMLElement;
  outline: GeoJSON.FeatureCollection;
  bounds: Bounds | null;
  /** There are no grids yet. */
  bare: boolean;
  locale: Record<string, string>;
  still: boolean;
  /** A row's point was clicked. */
  onRow(row: number): void;
  onMove(metersPerPixel: number): void;
}

const PX_AROUND = 8;

export class SampleMap {
  readonly map: Engine;
  private theme = colors();
  private data: Record<'sample' | 'rows' | 'picked', GeoJSON.FeatureCollection> = { sample: NONE, rows: NONE, picked: NONE };
  private border: GeoJSON.FeatureCollection;
  private rowsShown = true;
  private below: Ground | null = null;
  private bare: boolean;
  private ready = false;

  constructor(private readonly options: SampleMapOptions) {
    this.border = options.outline;
    this.bare = options.bare;
    this.map = new Engine({
      container: options.container,
      style: styleOf(this.theme, options.outline, options.bare, null),
      center: [105, 35],
      zoom: 3,
      maxZoom: 19,
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
    const { map } = this;
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    if (options.bounds) map.fitBounds(options.bounds, { padding: 16, duration: 0 });
    map.on('style.load', () => {
      this.ready = true;
      if (this.below) this.renew();
      else {
        this.images();
        this.flush();
      }
    });
    map.on('move', () => options.onMove(this.metersPerPixel()));
    map.on('load', () => options.onMove(this.metersPerPixel()));
    map.on('error', (event) => console.warn('map:', event.error?.message ?? event));
    map.on('click', (event) => {
      const { x, y } = event.point;
      const hits = map.queryRenderedFeatures([[x - PX_AROUND, y - PX_AROUND], [x + PX_AROUND, y + PX_AROUND]], { layers: ['rows'] });
      const nearest = hits.map((hit) => ({ hit, d: this.distance(hit, x, y) })).sort((a, b) => a.d - b.d)[0];
      if (nearest) options.onRow(Number(nearest.hit.properties.row));
    });
    map.on('mousemove', 'rows', () => (map.getCanvas().style.cursor = 'pointer'));
    map.on('mouseleave', 'rows', () => (map.getCanvas().style.cursor = ''));
  }

  private distance(hit: MapGeoJSONFeature, x: number, y: number): number {
    if (hit.geometry.type !== 'Point') return Infinity;
    const p = this.map.project(hit.geometry.coordinates as [number, number]);
    return Math.hypot(p.x - x, p.y - y);
  }

  private images(): void {
    putImages(this.map, this.theme.tokens);
    for (const shape of ['disc', 'ring', 'cross', 'triangle', 'square']) {
      const name = `sample-${shape}`;
      if (this.map.hasImage(name)) this.map.removeImage(name);
      this.map.addImage(name, drawShape(shape, this.theme), { pixelRatio: RATIO });
    }
  }

  private flush(): void {
    if (this.border !== this.options.outline) (this.map.getSource('outline') as GeoJSONSource | undefined)?.setData(this.border);
    for (const name of ['sample', 'rows', 'picked'] as const) (this.map.getSource(name) as GeoJSONSource | undefined)?.setData(this.data[name]);
    this.tone();
  }

  /** While systems are compared, rows can be hit but are not drawn over the shapes. */
  private tone(): void {
    const shown = this.rowsShown ? 1 : 0;
    this.map.setPaintProperty('rows', 'circle-opacity', shown);
    this.map.setPaintProperty('rows', 'circle-stroke-opacity', shown);
  }

  private put(name: 'sample' | 'rows' | 'picked', data: GeoJSON.FeatureCollection): void {
    this.data[name] = data;
    if (this.ready) (this.map.getSource(name) as GeoJSONSource | undefined)?.setData(data);
  }

  /** The boundary, which may come after the map. */
  outline(data: GeoJSON.FeatureCollection): void {
    if (data === this.border) return;
    this.border = data;
    if (this.ready) (this.map.getSource('outline') as GeoJSONSource | undefined)?.setData(data);
  }

  sample(data: GeoJSON.FeatureCollection): void {
    this.put('sample', data);
  }

  rows(data: GeoJSON.FeatureCollection, shown: boolean): void {
    this.rowsShown = shown;
    this.put('rows', data);
    if (this.ready) this.tone();
  }

  pick(at: LonLat | null): void {
    this.put('picked', at ? { type: 'FeatureCollection', features: [{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: at } }] } : NONE);
    if (!at) return;
    const p = this.map.project(at);
    const { clientWidth, clientHeight } = this.map.getContainer();
    if (p.x < 16 || p.y < 16 || p.x > clientWidth - 16 || p.y > clientHeight - 16) this.map.easeTo({ center: at, zoom: Math.max(this.map.getZoom(), 14), duration: 300 });
  }

  fit(bounds: Bounds): void {
    this.map.fitBounds(bounds, { padding: 24, maxZoom: 16, duration: this.options.still ? 0 : 300 });
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 200 });
  }

  /** Light or dark, with grids or without. */
  restyle(bare: boolean): void {
    this.theme = colors();
    this.bare = bare;
    this.renew();
  }

  /** A background, which here has to be one of WGS84: what is compared is where the others lie. */
  ground(below: Ground | null): void {
    if (below === this.below) return;
    this.below = below;
    this.renew();
  }

  private renew(): void {
    if (!this.ready) return;
    this.map.setStyle(styleOf(this.theme, this.border, this.bare, this.below), { diff: true });
    this.images();
    this.flush();
  }

  metersPerPixel(): number {
    return (40_075_016.686 * Math.cos((this.map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** this.map.getZoom());
  }

  destroy(): void {
    this.map.remove();
  }
}
