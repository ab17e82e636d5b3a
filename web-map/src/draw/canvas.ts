/** The sketch on the map: what is drawn, and what the pointer does to it. */
import { effect } from '@preact/signals';
import type { CircleLayerSpecification, LayerSpecification, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import type { MapView, Overlay } from '../map/engine';
import { fade, type Tokens } from '../map/tokens';
import { fewest, geometryOf, placeKey, sides, type Corner, type Point, type Shape } from './shape';
import type { Sketch } from './sketch';
import { toPixels } from './snap';

export interface Marks {
  /** Shapes shown beside: an old one, the one of somebody else. */
  ghosts?: readonly Shape[];
  /** Areas that are wrong, proposals, chosen grids. */
  areas?: GeoJSON.FeatureCollection;
}

const NONE: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
const REACH_MOUSE = 10;
const REACH_TOUCH = 24;
const SNAP_MOUSE = 10;
const SNAP_TOUCH = 18;
/** Sides shorter than this have no handle in their middle. */
const ROOM_PX = 30;
const MOST_HANDLES = 1500;
const PULSE_MS = 450;

const collection = (features: GeoJSON.Feature[]): GeoJSON.FeatureCollection => ({ type: 'FeatureCollection', features });
const feature = (geometry: GeoJSON.Geometry, properties: Record<string, unknown>): GeoJSON.Feature => ({ type: 'Feature', properties, geometry });
const point = (at: Point, properties: Record<string, unknown>): GeoJSON.Feature => feature({ type: 'Point', coordinates: [at[0], at[1]] }, properties);

type Name = 'draw-areas' | 'draw-shapes' | 'draw-handles';

function circles(id: string, role: string, paint: CircleLayerSpecification['paint'] & object): LayerSpecification {
  return { id, type: 'circle', source: 'draw-handles', filter: ['==', ['get', 'role'], role], paint };
}

/** The layers of the editor, over everything else. */
export function drawLayers(t: Tokens, veil: number): LayerSpecification[] {
  const is = (role: string): ['==', ['get', 'role'], string] => ['==', ['get', 'role'], role];
  const line = (id: string, role: string, color: string, width: number, dash?: number[]): LayerSpecification => ({
    id,
    type: 'line',
    source: 'draw-shapes',
    filter: is(role),
    layout: { 'line-join': 'round', 'line-cap': dash ? 'butt' : 'round' },
    paint: { 'line-color': color, 'line-width': width, ...(dash ? { 'line-dasharray': dash } : {}) },
  });
  return [
    // The map steps back behind what is drawn.
    ...(veil ? [{ id: 'draw-veil', type: 'background' as const, paint: { 'background-color': t.land, 'background-opacity': veil } }] : []),
    { id: 'draw-area', type: 'fill', source: 'draw-areas', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': ['get', 'color'], 'fill-opacity': ['coalesce', ['get', 'opacity'], 0.45] } },
    { id: 'draw-area-line', type: 'line', source: 'draw-areas', paint: { 'line-color': ['coalesce', ['get', 'line'], t.text], 'line-width': ['coalesce', ['get', 'width'], 1.5] } },
    {
      id: 'draw-area-name', type: 'symbol', source: 'draw-areas', filter: ['has', 'name'],
      layout: { 'text-field': ['get', 'name'], 'text-font': t.fonts, 'text-size': 12 * t.textScale },
      paint: { 'text-color': t.text, 'text-halo-color': t.halo, 'text-halo-width': 1.6 },
    },
    { id: 'draw-fill', type: 'fill', source: 'draw-shapes', filter: ['all', is('own'), ['==', ['geometry-type'], 'Polygon']], paint: { 'fill-color': fade(t.accent, 0.14) } },
    line('draw-ghost-halo', 'ghost', t.halo, 4.5),
    line('draw-ghost', 'ghost', t.text, 2, [3, 2.5]),
    line('draw-linked-halo', 'linked', t.halo, 5),
    line('draw-linked', 'linked', t.accent, 2, [4, 2]),
    line('draw-halo', 'own', t.halo, 6),
    line('draw-line', 'own', t.accent, 3),
    line('draw-band', 'band', t.accent, 2, [2, 2]),
    circles('draw-mid', 'mid', { 'circle-radius': 4, 'circle-color': t.surface, 'circle-stroke-color': t.accent, 'circle-stroke-width': 1.2, 'circle-stroke-opacity': 0.7 }),
    circles('draw-corner', 'corner', { 'circle-radius': 5, 'circle-color': t.surface, 'circle-stroke-color': t.accent, 'circle-stroke-width': 2 }),
    // Corners that neighbours have too are filled: they are what moves along.
    circles('draw-shared', 'shared', { 'circle-radius': 5, 'circle-color': t.accent, 'circle-stroke-color': t.halo, 'circle-stroke-width': 2 }),
    circles('draw-chosen', 'chosen', { 'circle-radius': 8, 'circle-color': t.accent, 'circle-stroke-color': t.halo, 'circle-stroke-width': 3 }),
    circles('draw-snap', 'snap', { 'circle-radius': 9, 'circle-color': 'transparent', 'circle-stroke-color': t.text, 'circle-stroke-width': 2 }),
    circles('draw-bad', 'bad', { 'circle-radius': 9, 'circle-color': fade(t.danger, 0.25), 'circle-stroke-color': t.danger, 'circle-stroke-width': 2.5 }),
  ];
}

interface Drag {
  base: ReturnType<Sketch['settled']>;
  corner: Corner;
  from: Point;
  x: number;
  y: number;
  moved: boolean;
  touch: boolean;
}

export class Canvas {
  private readonly overlay: Overlay;
  private readonly data: Record<Name, GeoJSON.FeatureCollection> = { 'draw-areas': NONE, 'draw-shapes': NONE, 'draw-handles': NONE };
  private drag: Drag | null = null;
  private frame = 0;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private marks: Marks = {};
  private readonly stops: (() => void)[] = [];
  private touched = false;

  constructor(
    readonly view: MapView,
    readonly sketch: Sketch,
    private readonly still: boolean,
    /** How much of the map steps back, 0 to 1. */
    veil: number,
  ) {
    const data = this.data;
    this.overlay = {
      sources: () => Object.fromEntries((Object.keys(data) as Name[]).map((name) => [name, { type: 'geojson' as const, data: data[name], tolerance: 0 }])),
      layers: (tokens) => drawLayers(tokens, veil),
    };
    view.show({ overlay: this.overlay });
    view.hover(null);
    this.listen();
    this.stops.push(
      effect(() => {
        const { sketch: s } = this;
        void [s.scene.value, s.pending.value, s.ghost.value, s.chosen.value, s.snapped.value, s.bad.value, s.tool.value, s.together.value];
        this.redraw();
      }),
      effect(() => {
        const tool = sketch.tool.value;
        view.map.getContainer().classList.toggle('map-measuring', tool === 'ring' || tool === 'place' || tool === 'pick');
        if (tool === 'ring') view.map.doubleClickZoom.disable();
        else view.map.doubleClickZoom.enable();
      }),
      effect(() => this.beat(sketch.bad.value !== null)),
    );
  }

  /** Shows other things beside the sketch. */
  mark(marks: Marks): void {
    this.marks = marks;
    this.redraw();
  }

  private put(name: Name, data: GeoJSON.FeatureCollection): void {
    if (this.data[name] === data) return;
    this.data[name] = data;
    this.view.data(name, data);
  }

  private redraw(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { sketch: s } = this;
    const shapes: GeoJSON.Feature[] = [];
    const add = (shape: Shape | null | undefined, role: string): void => {
      const geometry = geometryOf(shape ?? null);
      if (geometry && geometry.type !== 'Point' && geometry.type !== 'MultiPoint') shapes.push(feature(geometry, { role }));
    };
    for (const shape of this.marks.ghosts ?? []) add(shape, 'ghost');
    for (const key of s.changed.peek()) if (key !== s.own) add(s.scene.peek().get(key), 'linked');
    add(s.shape.peek(), 'own');
    const pending = s.pending.peek();
    const ghost = s.tool.peek() === 'ring' ? s.ghost.peek() : null;
    if (pending.length > 1) add({ sort: 'LineString', multi: false, parts: [[pending]] }, 'own');
    const last = pending[pending.length - 1];
    if (last && ghost) add({ sort: 'LineString', multi: false, parts: [[s.sort === 'Polygon' && pending[0] && pending.length > 1 ? [last, ghost, pending[0]] : [last, ghost]]] }, 'band');
    this.put('draw-shapes', collection(shapes));
    this.put('draw-handles', collection(this.handles()));
    this.put('draw-areas', this.marks.areas ?? NONE);
  }

  private handles(): GeoJSON.Feature[] {
    const { sketch: s } = this;
    const out: GeoJSON.Feature[] = [];
    for (const shape of this.marks.ghosts ?? []) if (shape.sort === 'Point') out.push(...shape.parts.map((rings) => point(rings[0]?.[0] ?? [0, 0], { role: 'mid' })));
    const shape = s.shape.peek();
    const tool = s.tool.peek();
    const chosen = s.chosen.peek();
    if (shape && (tool === 'edit' || shape.sort === 'Point')) {
      const [west, south, east, north] = this.view.bounds();
      const seen = (p: Point): boolean => p[0] >= west && p[0] <= east && p[1] >= south && p[1] <= north;
      const shared = new Set<string>();
      if (s.together.peek()) for (const [key, other] of s.scene.peek()) if (key !== s.own) for (const ring of other.parts.flat()) for (const p of ring) shared.add(placeKey(p));
      const zoom = this.view.map.getZoom();
      for (const side of sides(shape)) {
        if (out.length > MOST_HANDLES) break;
        const [ax, ay] = toPixels(side.a, zoom);
        const [bx, by] = toPixels(side.b, zoom);
        const middle: Point = [(side.a[0] + side.b[0]) / 2, (side.a[1] + side.b[1]) / 2];
        if (Math.hypot(bx - ax, by - ay) >= ROOM_PX && seen(middle)) out.push(point(middle, { role: 'mid' }));
      }
      for (const corner of s.corners.peek()) {
        if (out.length > MOST_HANDLES * 2) break;
        const at = shape.parts[corner.part]?.[corner.ring]?.[corner.index];
        if (at && seen(at)) out.push(point(at, { role: shape.sort === 'Point' ? 'chosen' : shared.has(placeKey(at)) ? 'shared' : 'corner' }));
      }
      const at = chosen && shape.parts[chosen.part]?.[chosen.ring]?.[chosen.index];
      if (at) out.push(point(at, { role: 'chosen' }));
    }
    for (const p of s.pending.peek()) out.push(point(p, { role: 'corner' }));
    const snapped = s.snapped.peek();
    if (snapped) out.push(point(snapped.at, { role: 'snap' }));
    for (const at of s.bad.peek()?.at ?? []) out.push(point(at, { role: 'bad' }));
    return out;
  }

  /** What is wrong beats like a heart, unless motion is unwanted. */
  private beat(on: boolean): void {
    clearInterval(this.pulse);
    if (!on || this.still) return;
    let large = false;
    this.pulse = setInterval(() => {
      large = !large;
      if (this.view.map.getLayer('draw-bad')) this.view.map.setPaintProperty('draw-bad', 'circle-radius', large ? 13 : 9);
    }, PULSE_MS);
  }

  private listen(): void {
    const { map } = this.view;
    const on = (type: string, handler: (event: never) => void): void => {
      map.on(type as 'click', handler as never);
      this.stops.push(() => void map.off(type as 'click', handler as never));
    };
    on('mousedown', (event: MapMouseEvent) => {
      this.touched = false;
      if (event.originalEvent.button === 0) this.press(event, false);
    });
    on('touchstart', (event: MapTouchEvent) => {
      this.touched = true;
      if (event.points.length === 1) this.press(event, true);
      else this.release(false);
    });
    on('mousemove', (event: MapMouseEvent) => this.move(event, false));
    on('touchmove', (event: MapTouchEvent) => this.move(event, true));
    on('touchend', () => this.release(true));
    on('touchcancel', () => this.release(false));
    on('mouseout', () => {
      if (!this.drag) this.sketch.ghost.value = null;
    });
    on('click', (event: MapMouseEvent) => this.click(event));
    on('dblclick', (event: MapMouseEvent) => {
      if (this.sketch.tool.peek() !== 'ring') return;
      event.preventDefault();
      this.sketch.finishRing();
    });
    on('contextmenu', (event: MapMouseEvent) => {
      if (this.sketch.tool.peek() !== 'edit') return;
      const hit = this.cornerNear(event);
      if (!hit) return;
      event.preventDefault();
      this.sketch.choose(hit);
      this.sketch.removeCorner(hit);
    });
    on('moveend', () => this.redraw());
    // The pointer may be let go outside of the map.
    const up = (): void => this.release(true);
    window.addEventListener('mouseup', up);
    this.stops.push(() => window.removeEventListener('mouseup', up));
  }

  private place(event: MapMouseEvent | MapTouchEvent): Point {
    const [lon, lat] = this.view.ground(event.lngLat);
    return [lon, lat];
  }

  private cornerNear(event: MapMouseEvent | MapTouchEvent): Corner | null {
    return this.near(event, 'corner')?.corner ?? null;
  }

  private near(event: MapMouseEvent | MapTouchEvent, what: 'corner' | 'mid'): { corner: Corner; at: Point } | null {
    const { sketch: s, view } = this;
    const shape = s.shape.peek();
    if (!shape) return null;
    const zoom = view.map.getZoom();
    const [px, py] = toPixels(this.place(event), zoom);
    let best: { corner: Corner; at: Point } | null = null;
    let least = this.touched ? REACH_TOUCH : REACH_MOUSE;
    const look = (corner: Corner, at: Point): void => {
      const [x, y] = toPixels(at, zoom);
      const d = Math.hypot(x - px, y - py);
      if (d < least) {
        least = d;
        best = { corner, at };
      }
    };
    if (what === 'corner') {
      for (const corner of s.corners.peek()) {
        const at = shape.parts[corner.part]?.[corner.ring]?.[corner.index];
        if (at) look(corner, at);
      }
    } else {
      for (const side of sides(shape)) {
        const [ax, ay] = toPixels(side.a, zoom);
        const [bx, by] = toPixels(side.b, zoom);
        if (Math.hypot(bx - ax, by - ay) >= ROOM_PX) look(side.corner, [(side.a[0] + side.b[0]) / 2, (side.a[1] + side.b[1]) / 2]);
      }
    }
    return best;
  }

  private press(event: MapMouseEvent | MapTouchEvent, touch: boolean): void {
    const { sketch: s } = this;
    if (s.tool.peek() !== 'edit') return;
    const corner = this.near(event, 'corner');
    const middle = corner ? null : this.near(event, 'mid');
    const hit = corner ?? middle;
    if (!hit) return;
    event.preventDefault();
    const { x, y } = event.point;
    const index = middle ? hit.corner.index + 1 : hit.corner.index;
    this.drag = {
      base: middle ? s.withInserted(hit.corner, hit.at) : s.settled(),
      corner: { ...hit.corner, index },
      from: hit.at,
      x,
      y,
      moved: false,
      touch,
    };
    // The new corner is there from the first touch on; a click without a move keeps it.
    if (middle) s.drag(this.drag.base, this.drag.corner, hit.at);
    s.choose(this.drag.corner);
  }

  private move(event: MapMouseEvent | MapTouchEvent, touch: boolean): void {
    const { sketch: s, drag } = this;
    const zoom = this.view.map.getZoom();
    const reach = touch ? SNAP_TOUCH : SNAP_MOUSE;
    if (drag) {
      if (drag.touch !== touch) return;
      event.preventDefault();
      const { x, y } = event.point;
      if (!drag.moved && Math.hypot(x - drag.x, y - drag.y) < 3) return;
      drag.moved = true;
      s.drag(drag.base, drag.corner, s.aim(this.place(event), zoom, reach, drag.from));
      return;
    }
    const tool = s.tool.peek();
    if (touch || this.view.map.isMoving()) return;
    if (tool === 'ring' || tool === 'place') s.ghost.value = s.aim(this.place(event), zoom, reach);
    else if (tool === 'edit') this.view.map.getCanvas().style.cursor = this.near(event, 'corner') || this.near(event, 'mid') ? 'move' : '';
  }

  private release(keep: boolean): void {
    const { drag } = this;
    if (!drag) return;
    this.drag = null;
    this.sketch.drop(keep);
  }

  /** Takes a drag back. Whether there was one. */
  cancelDrag(): boolean {
    const had = this.drag !== null;
    this.release(false);
    return had;
  }

  private click(event: MapMouseEvent): void {
    const { sketch: s } = this;
    const zoom = this.view.map.getZoom();
    const at = this.place(event);
    switch (s.tool.peek()) {
      case 'ring': {
        // On touch there is no pointer to see: near the first point means closing.
        s.addPoint(s.aim(at, zoom, this.touched ? SNAP_TOUCH : SNAP_MOUSE));
        s.snapped.value = null;
        return;
      }
      case 'place':
        s.setPoint(s.aim(at, zoom, this.touched ? SNAP_TOUCH : SNAP_MOUSE));
        s.snapped.value = null;
        return;
      case 'pick':
        s.onPick?.(at);
        return;
      case 'edit':
        if (!this.near(event, 'corner') && !this.near(event, 'mid')) s.choose(null);
        return;
      default:
    }
  }

  /** The keyboard's click: the middle of the free part of the map. */
  addCenter(): void {
    const [lon, lat] = this.view.center();
    const { sketch: s } = this;
    if (s.tool.peek() === 'ring') s.addPoint([lon, lat]);
    else if (s.tool.peek() === 'place') s.setPoint([lon, lat]);
    else if (s.tool.peek() === 'pick') s.onPick?.([lon, lat]);
  }

  /** Whether enough is drawn for a shape of its sort. */
  isEnough(): boolean {
    return this.sketch.pending.peek().length >= fewest(this.sketch.sort);
  }

  destroy(): void {
    clearInterval(this.pulse);
    cancelAnimationFrame(this.frame);
    for (const stop of this.stops) stop();
    this.view.map.getContainer().classList.remove('map-measuring');
    this.view.map.getCanvas().style.cursor = '';
    this.view.map.doubleClickZoom.enable();
    this.view.show({ overlay: null });
  }
}
