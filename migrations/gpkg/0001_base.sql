-- GeoPackage 1.4 tables (OGC 12-128, annex C), the five layers, and gridmap's
-- own tables. Every statement may run on a file that already has some of them.

CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition  TEXT NOT NULL,
  description TEXT
);
INSERT OR IGNORE INTO gpkg_spatial_ref_sys
  (srs_name, srs_id, organization, organization_coordsys_id, definition, description) VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326,
   'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]',
   'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');

CREATE TABLE IF NOT EXISTS gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);

-- gridmap's own tables. `gridmap_changes` is written by triggers only, so that
-- edits by QGIS or GDAL are seen as well; its last number is the revision.
CREATE TABLE IF NOT EXISTS gridmap_changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  layer TEXT NOT NULL,
  fid INTEGER NOT NULL,
  op TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS gridmap_revisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  revision INTEGER NOT NULL,
  at DATETIME NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS gridmap_settings (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS gridmap_categories (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  parent TEXT,
  kind TEXT NOT NULL,
  name_zh TEXT,
  name_en TEXT,
  sensitive BOOLEAN,
  aliases TEXT
);
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES
  ('gridmap_changes', 'attributes', 'gridmap_changes', 'change log, written by triggers', NULL),
  ('gridmap_revisions', 'attributes', 'gridmap_revisions', 'who changed what, and why', NULL),
  ('gridmap_settings', 'attributes', 'gridmap_settings', 'settings of this store', NULL),
  ('gridmap_categories', 'attributes', 'gridmap_categories', '类别 category tree', NULL);

CREATE TRIGGER IF NOT EXISTS gridmap_categories_insert AFTER INSERT ON gridmap_categories
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('categories', NEW.id, 'insert'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_categories_update AFTER UPDATE ON gridmap_categories
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('categories', NEW.id, 'update'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_categories_delete AFTER DELETE ON gridmap_categories
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('categories', OLD.id, 'delete'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_settings_insert AFTER INSERT ON gridmap_settings
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('settings', NEW.id, 'insert'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_settings_update AFTER UPDATE ON gridmap_settings
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('settings', NEW.id, 'update'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_settings_delete AFTER DELETE ON gridmap_settings
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('settings', OLD.id, 'delete'); END;

