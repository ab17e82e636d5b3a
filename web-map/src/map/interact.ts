import { signal, type Signal } from '@preact/signals';
import type { MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import type { LonLat } from '../coords';
import type { Store } from '../state/store';
import type { MapView } from './engine';
import { cellAt, choose, gridAt, hitsAt } from './hits';
import { addPoint, drawing, finish, movePointer, NOTHING, undoPoint, type Measured } from './measure';

const REACH_MOUSE = 4;
const REACH_TOUCH = 14;
/** Two clicks closer than this are at the same place. */
const SAME_PLACE_PX = 5;

/** Turns pointer and keys on the map into changes of the state. */
export class Interaction {
  /** `null` = the tool is off. */
  readonly measured: Signal<Measured | null> = signal(null);
  readonly pointer: Signal<LonLat | null> = signal(null);
  /** Where the map was clicked beside everything: shown as a place. */
  readonly place: Signal<LonLat | null> = signal(null);
  /** Another tool has the pointer: nothing is selected or hovered. */
  taken = false;
  private last: { x: number; y: number } | null = null;
  private frame = 0;
  private touched = false;

  constructor(
    private readonly view: MapView,
    private readonly store: Store,
  ) {
    const { map } = view;
    map.on('click', (event) => this.click(event));
    map.on('dblclick', (event) => {
      if (!this.measured.peek()) return;
      event.preventDefault();
      this.finishMeasure();
    });
    map.on('touchstart', () => {
      this.touched = true;
    });
    map.on('mousemove', (event) => {
      this.touched = false;
      this.move(event);
    });
    map.on('mouseout', () => {
      this.pointer.value = null;
      view.hover(null);
    });
  }

  private click(event: MapMouseEvent | MapTouchEvent): void {
    if (this.taken) return;
    const at = this.view.ground(event.lngLat);
    const measured = this.measured.peek();
    if (measured) {
      this.setMeasured(addPoint(measured, at));
      return;
    }
    const { x, y } = event.point;
    const same = this.last !== null && Math.hypot(x - this.last.x, y - this.last.y) < SAME_PLACE_PX;
    this.last = { x, y };
    this.pick(x, y, at, same, this.touched ? REACH_TOUCH : REACH_MOUSE);
  }

  private pick(x: number, y: number, at: LonLat, same: boolean, reach: number): void {
    const { map } = this.view;
    const cell = cellAt(map, x, y);
    if (cell) {
      const [lon, lat] = this.view.ground({ lng: cell.lon, lat: cell.lat });
      this.view.easeTo(lon, lat, Math.min(map.getZoom() + 1.5, 17));
      return;
    }
    const hit = choose(hitsAt(map, x, y, reach), this.store.state.peek().selection, same);
    this.place.value = hit ? null : at;
    this.store.update({ selection: hit });
  }

  /** The keyboard's click: what is under the middle of the free part of the map. */
  pickCenter(): void {
    const { map } = this.view;
    const { x, y } = map.project(map.getCenter());
    this.pick(x, y, this.view.center(), false, REACH_MOUSE);
  }

  private move(event: MapMouseEvent): void {
    const at = this.view.ground(event.lngLat);
    const { x, y } = event.point;
    if (this.frame) return;
    // Reading features costs; once per frame is enough, and not while the map moves.
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.pointer.value = at;
      const measured = this.measured.peek();
      if (measured) {
        this.setMeasured(movePointer(measured, at));
        return;
      }
      if (this.taken || this.view.map.isMoving()) return;
      const grid = gridAt(this.view.map, x, y);
      this.view.hover(grid);
      this.view.map.getContainer().classList.toggle('map-picking', grid !== null);
    });
  }

  toggleMeasure(): void {
    this.setMeasured(this.measured.peek() ? null : NOTHING);
  }

  finishMeasure(): void {
    const measured = this.measured.peek();
    if (measured) this.setMeasured(finish(measured));
  }

  undoMeasure(): void {
    const measured = this.measured.peek();
    if (measured) this.setMeasured(undoPoint(measured));
  }

  clearMeasure(): void {
    this.setMeasured(NOTHING);
  }

  stopMeasure(): void {
    this.setMeasured(null);
  }

  /** Adds the middle of the map as a point, for the keyboard. */
  measureCenter(): void {
    const measured = this.measured.peek();
    if (measured) this.setMeasured(addPoint(measured, this.view.center()));
  }

  private setMeasured(next: Measured | null): void {
    this.measured.value = next;
    this.view.map.getContainer().classList.toggle('map-measuring', next !== null);
    this.view.show({ measured: drawing(next ?? NOTHING) });
    if (next) {
      this.view.hover(null);
      this.view.map.doubleClickZoom.disable();
    } else this.view.map.doubleClickZoom.enable();
  }
}
