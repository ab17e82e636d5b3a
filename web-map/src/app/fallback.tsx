import './fallback.css';
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Bounds } from '../api/types';
import { t } from '../i18n';
import { boxAround, panned, zoomed, type View } from '../map/still';
import { MapButtons } from '../ui/mapbits';
import { useApp } from './context';
import { imageUrl } from './exports';

/** The server's picture of the map with buttons to move it, for browsers without WebGL2. */
export function Fallback(): JSX.Element {
  const app = useApp();
  const host = useRef<HTMLDivElement>(null);
  const size = useSignal<{ width: number; height: number } | null>(null);
  const meta = app.session.meta.value;
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const measure = (): void => {
      // The picture ends where the time bar begins.
      const { bottom } = app.padding();
      size.value = { width: Math.max(64, element.clientWidth), height: Math.max(120, element.clientHeight - bottom) };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    app.openTable();
    return () => observer.disconnect();
  }, []);
  const camera = app.store.state.value.camera;
  const box = size.value && meta?.bounds ? boxAround(camera, meta.bounds, size.value.width, size.value.height) : null;
  const go = (view: View): void => app.set({ camera: view });
  const pan = (dx: number, dy: number) => () => {
    if (box && size.value) go(panned(box.view, dx * size.value.width, dy * size.value.height));
  };
  const click = async (event: MouseEvent): Promise<void> => {
    if (!box || !size.value) return;
    const element = event.currentTarget as HTMLElement;
    const rect = element.getBoundingClientRect();
    const [lon, lat] = box.at(((event.clientX - rect.left) / rect.width) * size.value.width, ((event.clientY - rect.top) / rect.height) * size.value.height);
    const here = await app.session.client.here(lon, lat).catch(() => null);
    const hit = here?.grid;
    if (hit) app.select('grids', hit.id);
  };
  return (
    <div ref={host} class="map-host still">
      {box && size.value ? <img width={size.value.width} height={size.value.height} src={imageUrl(app, box.bounds as Bounds, size.value.width, size.value.height)} alt={t('map.image')} tabIndex={0} onClick={(e) => void click(e)} onKeyDown={(e) => keys(e, pan)} /> : null}
      <div class="bar still-note" role="status">
        {t('map.noWebgl')}
      </div>
      <div class="over over-right">
        <MapButtons
          onZoomIn={() => box && go(zoomed(box.view, 1))}
          onZoomOut={() => box && go(zoomed(box.view, -1))}
          onHome={() => app.set({ camera: null })}
          measuring={false}
          onMeasure={() => app.note(t('map.noWebgl'))}
        />
        <div class="mapbuttons still-pan">
          <div class="float">
            {(
              [
                ['↑', 'map.panUp', 0, -0.3],
                ['↓', 'map.panDown', 0, 0.3],
                ['←', 'map.panLeft', -0.3, 0],
                ['→', 'map.panRight', 0.3, 0],
              ] as const
            ).map(([arrow, key, dx, dy]) => (
              <button key={key} type="button" class="btn" aria-label={t(key)} title={t(key)} onClick={pan(dx, dy)}>
                {arrow}
              </button>
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

function keys(event: KeyboardEvent, pan: (dx: number, dy: number) => () => void): void {
  const steps: Record<string, [number, number]> = { ArrowUp: [0, -0.2], ArrowDown: [0, 0.2], ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0] };
  const step = steps[event.key];
  if (!step) return;
  event.preventDefault();
  pan(...step)();
}
