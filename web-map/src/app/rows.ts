import type { LayerName } from '../api/types';
import { classOf } from '../classes';
import { lang } from '../i18n';
import { sortRows, type Sort, type TableRow } from '../ui/table';
import type { Controller } from './controller';

/** Grid rows in the order of the table, all of them. */
export function gridRows(app: Controller): TableRow[] {
  const { session } = app;
  const kept = session.classes.value;
  const breaks = session.breaks.value;
  const grids = (session.stats.state.value.value?.grids ?? []).filter((grid) => {
    const cls = kept.length ? classOf(session.valueOf(grid), breaks) : null;
    return !kept.length || (cls !== null && kept.includes(cls));
  });
  const rows = grids.map((grid) => ({ id: grid.id, values: { ...grid } }));
  return sortRows(rows, sortOf(app, 'grids'), lang.value === 'en' ? 'en' : 'zh-CN');
}

/** The order of a layer's table: as chosen, else the one most asked for. */
export function sortOf(app: Controller, layer: LayerName): Sort | null {
  const text = app.session.table.value.sort;
  if (text) return { key: text.replace(/^-/, ''), down: text.startsWith('-') };
  if (layer === 'grids') return { key: 'count', down: true };
  return layer === 'incidents' ? { key: 'occurred_at', down: true } : null;
}

