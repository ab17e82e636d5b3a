import { join } from '../api/client';
import { fmt, lang, t } from '../i18n';
import type { Action } from '../ui/types';
import type { Controller } from './controller';

export type ExportFormat = 'csv' | 'geojson' | 'xlsx' | 'gpkg' | 'shp' | 'kml' | 'gpx';

/** Address of all of a layer's rows as a file, incidents under the current filter; several layers fit into a GeoPackage. */
export function exportUrl(app: Controller, layer: string, format: ExportFormat): string {
  const filter = layer === 'incidents' ? app.session.query.value : '';
  return `/api/export/${layer}?${join(`format=${format}`, filter, `lang=${lang.value}`)}`;
}

/** The entries of the export menu. */
export function exportActions(app: Controller): Action[] {
  const map = app.view.value !== null;
  return [
    { id: 'xlsx', label: t('export.xlsx'), note: fmt.num(app.session.total()), href: exportUrl(app, 'incidents', 'xlsx') },
    { id: 'data', label: t('export.data'), run: () => (app.dialog.value = 'export') },
    { id: 'grids', label: t('export.grids'), run: () => void import('./picture').then(({ saveGrids }) => saveGrids(app)) },
    { id: 'image', label: t('export.image'), disabled: !map, run: () => void import('./picture').then(({ saveImage }) => saveImage(app)) },
    { id: 'print', label: t('export.print'), run: () => window.print() },
  ];
}

/** The parameters of the server's own picture: for browsers without WebGL2, and as a link. */
export function imageUrl(app: Controller, bbox: readonly number[], width: number, height: number): string {
  const { measure, layers } = app.store.state.value;
  return `/map.png?${join(`bbox=${bbox.map((n) => n.toFixed(6)).join(',')}`, `width=${width}`, `height=${height}`, `theme=${app.theme.value}`, `layers=${layers.join(',')}`, measure === 'none' ? '' : `measure=${measure}`, app.session.query.value, `lang=${lang.value}`)}`;
}

