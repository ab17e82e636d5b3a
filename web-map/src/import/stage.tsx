import { effect, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { useApp } from '../app/context';
import type { Bounds } from '../api/types';
import { mapLocale, t } from '../i18n';
import { Icon } from '../ui/icons';
import { ScaleBar } from '../ui/mapbits';
import { useFlow } from './context';
import { SampleMap } from './map';
import { boxOfPoints, chosenIndex, comparedCount, rowPoints, samplePoints } from './sample';
import { w } from './words';

/** The district with room for what lies beside it: a wrong datum is off by half a kilometre. */
function wider(bounds: Bounds, points: Bounds | null): Bounds {
  if (!points) return bounds;
  const x = (bounds[2] - bounds[0]) * 0.6;
  const y = (bounds[3] - bounds[1]) * 0.6;
  return [
    Math.min(bounds[0], Math.max(points[0], bounds[0] - x)),
    Math.min(bounds[1], Math.max(points[1], bounds[1] - y)),
    Math.max(bounds[2], Math.min(points[2], bounds[2] + x)),
    Math.max(bounds[3], Math.min(points[3], bounds[3] + y)),
  ];
}

/** The small map, kept up with candidates, rows, and the picked row. */
export function SampleStage({ pointed }: { pointed: number | null }): JSX.Element {
  const app = useApp();
  const flow = useFlow();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<SampleMap | null>(null);
  const metres = useSignal(0);
  const failed = useSignal(!app.can.webgl2);
  const over = useSignal<number | null>(pointed);
  useEffect(() => {
    over.value = pointed;
  }, [pointed]);

  const home = (): void => {
    const bounds = app.session.meta.peek()?.bounds ?? null;
    const points = boxOfPoints((flow.session.peek()?.crs.candidates ?? []).slice(0, comparedCount(flow.session.peek()?.crs.candidates ?? [], null)).flatMap((c) => c.points));
    if (bounds) view.current?.fit(wider(bounds, points));
    else if (points) view.current?.fit(points);
  };

  useEffect(() => {
    if (!host.current || failed.peek()) return undefined;
    let map: SampleMap;
    try {
      map = new SampleMap({
        container: host.current,
        outline: app.session.outline.peek(),
        bounds: app.session.meta.peek()?.bounds ?? null,
        bare: app.session.bare.peek(),
        locale: { ...mapLocale(), 'Map.Title': w('map.label') },
        still: app.can.test || app.can.reducedMotion,
        onRow: (number) => {
          const row = [...flow.rows.state.peek().rows.values()].find((r) => r.row === number);
          if (row) flow.picked.value = row;
        },
        onMove: (scale) => (metres.value = scale),
      });
    } catch {
      failed.value = true;
      return undefined;
    }
    view.current = map;
    if (app.can.test) (window as unknown as { __sample: unknown }).__sample = map.map;
    let fitted = '';
    const stops = [
      effect(() => {
        const session = flow.session.value;
        const options = flow.draft.value;
        const candidates = session?.crs.candidates ?? [];
        const comparing = flow.step.value === 'crs';
        const chosen = chosenIndex(candidates, options.crs ?? session?.crs.chosen ?? null, options.swap);
        map.sample(comparing ? samplePoints(candidates.slice(0, comparedCount(candidates, chosen)), chosen, over.value) : { type: 'FeatureCollection', features: [] });
        map.rows(rowPoints([...flow.rows.state.value.rows.values()]), !comparing);
        // Looks at the whole once per file, not at every choice.
        const key = `${session?.id} ${candidates.length > 0} ${app.session.meta.value !== null}`;
        if (key !== fitted) {
          fitted = key;
          home();
        }
      }),
      effect(() => map.outline(app.session.outline.value)),
      effect(() => map.pick(flow.picked.value?.at ?? null)),
      effect(() => {
        void app.tokens.value;
        map.restyle(app.session.bare.value);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      view.current = null;
      map.destroy();
    };
  }, []);

  if (failed.value) return <p class="bar bar-warn">{w('crs.noMap')}</p>;
  return (
    <div class="imp-stage">
      <div class="imp-map-host" ref={host} />
      <div class="imp-map-buttons float">
        <button type="button" class="btn btn-icon btn-small" aria-label={t('map.zoomIn')} title={t('map.zoomIn')} onClick={() => view.current?.zoomBy(1)}><Icon name="plus" /></button>
        <button type="button" class="btn btn-icon btn-small" aria-label={t('map.zoomOut')} title={t('map.zoomOut')} onClick={() => view.current?.zoomBy(-1)}><Icon name="minus" /></button>
        <button type="button" class="btn btn-icon btn-small" aria-label={w('map.all')} title={w('map.all')} onClick={home}><Icon name="home" /></button>
      </div>
      <div class="imp-scale">{metres.value > 0 ? <ScaleBar metresPerPixel={metres.value} maxWidth={120} /> : null}</div>
      {app.session.meta.value?.district.attribution ? <div class="attribution imp-attribution">{app.session.meta.value.district.attribution}</div> : null}
    </div>
  );
}
