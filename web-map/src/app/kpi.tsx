import type { JSX } from 'preact';
import { fmt, t } from '../i18n';
import { change } from '../i18n/format';
import { before } from '../state/filter';
import { firstDay, isSpecial } from '../state/session';
import type { Period, ViewState } from '../state/url';
import { sum, yearAgo } from '../ui/brush';
import { KpiStrip, type Kpi } from '../ui/kpi';
import { useApp } from './context';
import type { Controller } from './controller';

/** Below this a grid's figures say little; the server calls it `few`. */
const FEW = 5;

/** A figure that opens a list. */
function figure(app: Controller, item: Omit<Kpi, 'href' | 'onOpen'>, list: Partial<ViewState>, sort = ''): Kpi {
  const to = { view: 'data', ...list } as const;
  return {
    ...item,
    href: app.store.linkTo(to) || '#',
    onOpen: () => {
      app.set(to);
      app.session.table.value = { page: 0, sort, inView: false };
    },
  };
}

/** Against other days: a percentage from 30 on, else a number of records. */
function against(app: Controller, id: string, label: string, now: number | null, other: Period): Kpi | null {
  const meta = app.session.meta.value;
  const daily = app.session.histogram.state.value.value;
  // Days before the first record are no days without records.
  if (!meta || other.from < firstDay(meta) || !daily?.start || now === null) return null;
  const count = sum(other.from < daily.start ? { from: daily.start, to: other.to } : other, { start: daily.start, counts: daily.counts }) ?? 0;
  return figure(app, { id, label, value: change(now, count) ?? '—', note: fmt.num(count), up: now > count }, { table: 'incidents', period: other });
}

/** The figures that the server has now. */
export function figures(app: Controller): Kpi[] {
  const { session } = app;
  const stats = session.stats.state.value.value;
  const period = session.period.value;
  const total = stats?.total ?? null;
  const out: (Kpi | null)[] = [figure(app, { id: 'total', label: t('kpi.total'), value: fmt.num(total) }, { table: 'incidents' })];
  if (period) {
    out.push(against(app, 'previous', t('kpi.change'), total, before(period)), against(app, 'year', t('kpi.year'), total, yearAgo(period)));
  }
  out.push(figure(app, { id: 'unplaced', label: t('kpi.unplaced'), value: fmt.num(stats?.unplaced) }, { table: 'incidents', placed: 'false' }));
  const grids = (stats?.grids ?? []).filter((grid) => !isSpecial(grid.kind));
  if (grids.length > 0) {
    const none = grids.filter((grid) => grid.count === 0).length;
    const few = grids.filter((grid) => grid.count > 0 && grid.count < FEW).length;
    out.push(figure(app, { id: 'grids', label: t('kpi.grids'), value: fmt.num(grids.length), note: t('kpi.gridsNote', { none, few }) }, { table: 'grids' }, 'count'));
  }
  return out.filter((item) => item !== null);
}

/** Above the map of the overview on wide screens. */
export function Kpis(): JSX.Element {
  const app = useApp();
  return <KpiStrip items={figures(app)} slim={app.slimFigures.value} onSlim={(on) => (app.slimFigures.value = on)} />;
}
