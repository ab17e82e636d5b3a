import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { KINDS, LAYERS, type Feature, type LayerName } from '../api/types';
import { t } from '../i18n';
import { withColumn } from '../state/columns';
import { PAGE_ROWS } from '../state/session';
import { FilterChips, type Chip } from '../ui/chips';
import { columnsFor } from '../ui/columns';
import { ErrorBar } from '../ui/state';
import { DataTable, type TableRow } from '../ui/table';
import { useApp } from './context';
import type { Controller } from './controller';
import { exportUrl } from './exports';
import { gridRows, sortOf } from './rows';
import { categoryName, described } from './words';

/** What narrows the records, each part to be taken off. */
export function chips(app: Controller): Chip[] {
  const out: Chip[] = described(app).map(({ id, code, label }) => ({
    id: code ? `${id}:${code}` : id,
    label,
    onRemove: () => {
      const { categories } = app.store.state.peek();
      if (id === 'kinds') app.set({ kinds: [...KINDS] });
      else if (id === 'category') app.set({ categories: categories.filter((other) => other !== code) });
      else if (id === 'hours') app.set({ hours: '' });
      else if (id === 'weekdays') app.set({ weekdays: '' });
      else if (id === 'found') app.set({ found: '' });
      else if (id === 'placed') app.set({ placed: '' });
      else if (id === 'column') app.set({ columns: withColumn(app.store.state.peek().columns, code ?? '', []) });
      else app.set({ todaysGrids: false });
    },
  }));
  for (const code of app.store.state.value.grids) {
    const name = app.session.gridName(code);
    out.push({ id: `grid:${code}`, label: t('filter.grid', { name }), onRemove: () => app.set({ grids: app.store.state.peek().grids.filter((other) => other !== code) }) });
  }
  return out;
}

export function clearFilters(app: Controller): void {
  app.session.classes.value = [];
  app.set({ kinds: [...KINDS], categories: [], grids: [], hours: '', weekdays: '', found: '', placed: '', columns: {}, todaysGrids: false });
}

function featureRow(app: Controller, feature: Feature): TableRow {
  const { grid } = feature.properties;
  const name = typeof grid === 'string' ? { grid_name: app.session.gridName(grid) } : {};
  return { id: feature.id, values: { ...feature.properties, ...name, placed: feature.geometry !== null } };
}

/** The linked table: the second map, same filter, same selection. */
export function Records(): JSX.Element {
  const app = useApp();
  const { session, store } = app;
  const { table, selection } = store.state.value;
  const meta = session.meta.value;
  const answer = session.items.state.value;
  const grids = useComputed(() => gridRows(app));
  const columns = columnsFor(table, { categoryName: (code) => categoryName(app, code), gridName: (code) => (code ? app.session.gridName(code) : ''), extra: meta?.extra_columns[table] ?? [] });
  const { page } = session.table.value;
  const local = table === 'grids';
  const current = answer.key?.startsWith(`${table} `) ?? false;
  const rows = local
    ? session.stats.state.value.value && grids.value.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS)
    : current
      ? (answer.value?.features.map((feature) => featureRow(app, feature)) ?? null)
      : null;
  const total = local ? grids.value.length : current ? (answer.value?.numberMatched ?? rows?.length ?? 0) : 0;
  const error = local ? session.stats.state.value.error : answer.error;
  return (
    <DataTable
      name={t('table.label', { name: t(`layer.${table}`) })}
      columns={columns}
      rows={rows}
      loading={local ? session.stats.state.value.loading : answer.loading}
      selected={selection?.layer === table ? selection.id : null}
      onSelect={(id) => app.selectFromList(table, id)}
      sort={sortOf(app, table)}
      onSort={(sort) => {
        session.table.value = { ...session.table.value, page: 0, sort: `${sort.down ? '-' : ''}${sort.key}` };
      }}
      offset={page * PAGE_ROWS}
      pageSize={PAGE_ROWS}
      total={total}
      onOffset={(offset) => {
        session.table.value = { ...session.table.value, page: Math.round(offset / PAGE_ROWS) };
      }}
      downloads={[
        { id: 'csv', label: t('table.csv'), href: exportUrl(app, table, 'csv') },
        { id: 'geojson', label: t('table.geojson'), href: exportUrl(app, table, 'geojson') },
      ]}
      head={
        <>
          <Tabs />
          <button type="button" class="btn btn-outline btn-small" onClick={() => app.set({ view: 'import' })}>
            {t('view.import')}
          </button>
          {table === 'incidents' || table === 'grids' ? (
            <FilterChips
              chips={chips(app)}
              result={session.total() === null ? null : t('filter.result', { n: session.total() ?? 0 })}
              onClear={() => clearFilters(app)}
            />
          ) : null}
          {error ? <ErrorBar text={error === 'offline' ? t('state.error') : error} onRetry={() => session.retry()} /> : null}
        </>
      }
      empty={{
        text: table === 'incidents' ? t('state.emptyPeriod') : t('state.empty'),
        ...(table === 'incidents' && meta ? { action: { label: app.wider() === 'all' ? t('time.widenAll') : t('time.widen', { n: app.wider() }), run: () => app.widen() } } : {}),
      }}
      onClose={() => app.set({ view: 'overview' })}
    />
  );
}

function Tabs(): JSX.Element {
  const app = useApp();
  const { table } = app.store.state.value;
  const order: LayerName[] = ['incidents', 'grids', ...LAYERS.filter((layer) => layer !== 'incidents' && layer !== 'grids')];
  return (
    <div class="segments" role="group" aria-label={t('table.layer')}>
      {order.map((layer) => (
        <button key={layer} type="button" aria-pressed={layer === table} onClick={() => app.openTable(layer)}>
          {t(`layer.${layer}`)}
        </button>
      ))}
    </div>
  );
}
