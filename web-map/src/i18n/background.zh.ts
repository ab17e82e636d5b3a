/** Words about background maps, Chinese. */
export const backgroundZh = {
  'title': '底图',
  'none': '无',
  'strength': '浓淡',
  'empty': '还没有底图。导入 OpenStreetMap 的 .osm.pbf 时可以作为底图,瓦片服务在设置里填。',
  'toSettings': '设置底图',
  'gcj02': 'GCJ-02',
  'gcj02Hint': '这种底图用 GCJ-02,地图上的数据会跟着移到同一处;坐标、链接和保存的仍是 WGS84',
  'failed': '有瓦片取不到',
  'why': '有瓦片取不到:{why}',
} as const;
