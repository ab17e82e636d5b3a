-- 底图 ground: roads, buildings, water, green, rails and names of places from an
-- OpenStreetMap extract. It is replaced as a whole; what is known about it is
-- the setting `ground`, whose change in the log tells followers to read it anew.
CREATE TABLE IF NOT EXISTS ground (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  geom GEOMETRY,
  class TEXT,
  kind TEXT,
  name TEXT
);
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)
  VALUES ('ground', 'features', 'ground', '底图 ground (OpenStreetMap)', 4326);
INSERT OR IGNORE INTO gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m)
  VALUES ('ground', 'geom', 'GEOMETRY', 4326, 0, 0);
