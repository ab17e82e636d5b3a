import type { exportZh } from './export.zh';

/** The same in English. */
export const exportEn: Record<keyof typeof exportZh, string> = {
  title: 'Export data',
  what: 'Content',
  all: 'All layers',
  format: 'File',
  'format.xlsx': 'Excel (.xlsx)',
  'format.csv': 'CSV (opens in Excel)',
  'format.gpkg': 'GeoPackage (QGIS)',
  'format.shp': 'Shapefile (.zip)',
  'format.geojson': 'GeoJSON',
  'format.kml': 'KML (Google Earth)',
  'format.gpx': 'GPX (handheld devices)',
  filtered: 'As filtered now by time, category and grid.',
  whole: 'The whole layer, not filtered.',
  package: 'All layers in one file, not filtered.',
  masked: 'Nothing about persons: it was dropped at import.',
  download: 'Download',
};
