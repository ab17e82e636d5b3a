/** Words of the export dialog. */
export const exportZh = {
  title: '导出数据',
  what: '内容',
  all: '全部图层',
  format: '文件',
  'format.xlsx': 'Excel(.xlsx)',
  'format.csv': 'CSV(Excel 可直接打开)',
  'format.gpkg': 'GeoPackage(QGIS)',
  'format.shp': 'Shapefile(.zip)',
  'format.geojson': 'GeoJSON',
  'format.kml': 'KML(奥维、Google 地球)',
  'format.gpx': 'GPX(手持机)',
  filtered: '按当前的时间、类别和网格筛选。',
  whole: '整个图层,不按筛选。',
  package: '所有图层放进一个文件,不按筛选。',
  masked: '不含个人信息:导入时已经去掉。',
  download: '下载',
} as const;
