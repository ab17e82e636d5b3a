import { effect, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { useApp } from '../app/context';
import { credit } from '../app/words';
import { lang, mapLocale, t } from '../i18n';
import { Icon } from '../ui/icons';
import { ScaleBar } from '../ui/mapbits';
import { useFlow } from './context';
import { SampleMap } from './map';
import { chosenIndex, comparedCount, rowPoints, samplePoints, viewOf } from './sample';
import { w } from './words';

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
    const candidates = flow.session.peek()?.crs.candidates ?? [];
    const bounds = viewOf(app.session.meta.peek()?.bounds ?? null, candidates.slice(0, comparedCount(candidates, null)));
    if (bounds) view.current?.fit(bounds);
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
    if (app.grounds.list.peek() === null) void app.grounds.load();
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
      effect(() => {
        const background = app.grounds.chosen.value;
        const wanted = { strength: app.grounds.strength.value, own: app.session.meta.value?.layers.some((layer) => layer.name === 'streets' && layer.count > 0) ?? false, lang: lang.value };
        // One in GCJ-02 would put our own lines beside the places they are compared with.
        if (background?.datum !== 'wgs84') map.ground(null);
        else void import('../background/ground').then(({ groundOf }) => app.grounds.chosen.peek() === background && view.current === map && map.ground(groundOf(background, wanted)), () => undefined);
      }),
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

  const sources = app.grounds.chosen.value?.datum === 'wgs84' ? credit(app) : (app.session.meta.value?.district.attribution ?? '');
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
      {sources ? <div class="attribution imp-attribution">{sources}</div> : null}
    </div>
  );
}
