import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { Here } from '../api/types';
import type { LonLat } from '../coords';
import { EditActions } from '../draw/actions';
import { t } from '../i18n';
import { boxOf } from '../map/box';
import { CoordinateChip } from '../ui/coordinate';
import { HereView, Inspector } from '../ui/inspector';
import { ErrorBar, Skeleton } from '../ui/state';
import { firstDay, lastDay, today } from '../state/session';
import { trendOf } from '../state/trend';
import type { TrendProps } from '../ui/trend';
import { useApp } from './context';
import type { Controller } from './controller';
import { periodText } from './words';

/** The right panel: the selected thing, or what lies at a clicked place. */
export function Inspect(): JSX.Element {
  const app = useApp();
  const { selection } = app.store.state.value;
  const { value, error, key } = app.session.summary.state.value;
  if (!selection) return <Place />;
  const current = value !== null && (key?.startsWith(`${selection.layer} ${selection.id} `) ?? false);
  if (!current) {
    if (error) return <ErrorBar text={error === 'offline' ? t('state.error') : error} onRetry={() => app.session.retry()} />;
    return <Skeleton lines={8} />;
  }
  const { layer, id } = selection;
  const grid = layer === 'grids' ? (app.session.stats.state.value.value?.grids.find((row) => row.id === id) ?? null) : null;
  // The server gives the code of the grid; people know its name.
  const summary = { ...value, recent: value.recent?.map((row) => ({ ...row, place: row.place && app.session.gridName(row.place) })) };
  const { geometry } = value.feature;
  const box = geometry ? boxOf(geometry) : null;
  const middle: LonLat | null = box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : null;
  const code = typeof value.feature.properties.code === 'string' ? value.feature.properties.code : '';
  return (
    <Inspector
      key={`${layer}:${id}`}
      layer={layer}
      summary={summary as Parameters<typeof Inspector>[0]['summary']}
      grid={grid}
      period={periodText(app)}
      trend={layer === 'grids' ? trendLine(app) : null}
      coordinates={middle && layer !== 'streets' && layer !== 'routes' ? <Chip at={middle} /> : undefined}
      onOpen={(target, other) => app.select(target, other)}
      actions={<EditActions layer={layer} id={id} placed={geometry !== null} />}
      onZoom={box ? () => app.zoomToSelection() : undefined}
      onAll={layer === 'grids' && code ? () => app.recordsOfGrid(code) : undefined}
      onPrevious={() => app.neighbor(-1)}
      onNext={() => app.neighbor(1)}
    />
  );
}

/** The days of the selected grid as a line, with the days to compare with. */
function trendLine(app: Controller): TrendProps | null {
  const { session, store } = app;
  const meta = session.meta.value;
  const daily = session.trend.state.value.value;
  if (!meta || !daily) return null;
  const { yearOnYear } = store.state.value;
  const period = session.period.value ?? { from: firstDay(meta), to: lastDay(meta) };
  const line = trendOf(daily, period, { first: firstDay(meta), today: today(meta) }, yearOnYear ? 'year' : 'previous');
  return line && { ...line, beforeName: t(yearOnYear ? 'trend.year' : 'trend.previous') };
}

function Chip({ at }: { at: LonLat }): JSX.Element {
  const app = useApp();
  return <CoordinateChip at={at} datum={app.datum.value} onDatum={(datum) => (app.datum.value = datum)} />;
}

function Place(): JSX.Element | null {
  const app = useApp();
  const place = app.interaction.value?.place.value ?? null;
  const here = useSignal<Here | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    here.value = null;
    failed.value = false;
    if (!place) return;
    const controller = new AbortController();
    app.session.client.here(place[0], place[1], controller.signal).then(
      (answer) => {
        here.value = answer;
      },
      () => {
        failed.value = !controller.signal.aborted;
      },
    );
    return () => controller.abort();
  }, [place?.[0], place?.[1]]);
  if (!place) return null;
  let body: ComponentChildren;
  if (failed.value) body = <ErrorBar text={t('state.error')} />;
  else if (!here.value) body = <Skeleton />;
  else body = <HereView here={here.value} coordinates={<Chip at={place} />} onOpen={(layer, id) => app.select(layer, id)} />;
  return <>{body}</>;
}
