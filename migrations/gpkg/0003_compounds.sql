-- 重点小区 key compounds
CREATE TABLE IF NOT EXISTS compounds (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  geom GEOMETRY,
  code TEXT,
  name TEXT,
  kind TEXT,
  community TEXT,
  priority MEDIUMINT,
  households MEDIUMINT,
  gates TEXT,
  source TEXT,
  source_id TEXT,
  extra TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS compounds_key ON compounds (source, source_id);
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)
  VALUES ('compounds', 'features', 'compounds', '重点小区 key compounds', 4326);
INSERT OR IGNORE INTO gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m)
  VALUES ('compounds', 'geom', 'GEOMETRY', 4326, 0, 0);
INSERT OR IGNORE INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope)
  VALUES ('compounds', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec140/#extension_rtree', 'write-only');
-- GDAL before 1.4 made these two, which break upserts.
DROP TRIGGER IF EXISTS "rtree_compounds_geom_update1";
DROP TRIGGER IF EXISTS "rtree_compounds_geom_update3";
CREATE VIRTUAL TABLE IF NOT EXISTS "rtree_compounds_geom" USING rtree(id, minx, maxx, miny, maxy);
CREATE TRIGGER IF NOT EXISTS "rtree_compounds_geom_insert" AFTER INSERT ON "compounds" WHEN (NEW."geom" NOT NULL AND NOT ST_IsEmpty(NEW."geom")) BEGIN INSERT OR REPLACE INTO "rtree_compounds_geom" VALUES (NEW."fid", ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER IF NOT EXISTS "rtree_compounds_geom_update2" AFTER UPDATE OF "geom" ON "compounds" WHEN OLD."fid" = NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom")) BEGIN DELETE FROM "rtree_compounds_geom" WHERE id = OLD."fid"; END;
CREATE TRIGGER IF NOT EXISTS "rtree_compounds_geom_update4" AFTER UPDATE ON "compounds" WHEN OLD."fid" != NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom")) BEGIN DELETE FROM "rtree_compounds_geom" WHERE id IN (OLD."fid", NEW."fid"); END;
CREATE TRIGGER IF NOT EXISTS "rtree_compounds_geom_update5" AFTER UPDATE ON "compounds" WHEN OLD."fid" != NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom")) BEGIN DELETE FROM "rtree_compounds_geom" WHERE id = OLD."fid"; INSERT OR REPLACE INTO "rtree_compounds_geom" VALUES (NEW."fid", ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER IF NOT EXISTS "rtree_compounds_geom_update6" AFTER UPDATE OF "geom" ON "compounds" WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom")) AND (OLD."geom" NOTNULL AND NOT ST_IsEmpty(OLD."geom")) BEGIN UPDATE "rtree_compounds_geom" SET minx = ST_MinX(NEW."geom"), maxx = ST_MaxX(NEW."geom"), miny = ST_MinY(NEW."geom"), maxy = ST_MaxY(NEW."geom") WHERE id = NEW."fid"; END;
CREATE TRIGGER IF NOT EXISTS "rtree_compounds_geom_update7" AFTER UPDATE OF "geom" ON "compounds" WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom")) AND (OLD."geom" ISNULL OR ST_IsEmpty(OLD."geom")) BEGIN INSERT INTO "rtree_compounds_geom" VALUES (NEW."fid", ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER IF NOT EXISTS "rtree_compounds_geom_delete" AFTER DELETE ON "compounds" WHEN OLD."geom" NOT NULL BEGIN DELETE FROM "rtree_compounds_geom" WHERE id = OLD."fid"; END;
-- Rows that were there before the index.
INSERT OR REPLACE INTO "rtree_compounds_geom" SELECT fid, ST_MinX(geom), ST_MaxX(geom), ST_MinY(geom), ST_MaxY(geom) FROM compounds
  WHERE geom NOT NULL AND NOT ST_IsEmpty(geom) AND NOT EXISTS (SELECT 1 FROM "rtree_compounds_geom" LIMIT 1);
-- The change log.
CREATE TRIGGER IF NOT EXISTS gridmap_compounds_insert AFTER INSERT ON compounds
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('compounds', NEW.fid, 'insert'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_compounds_update AFTER UPDATE ON compounds
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('compounds', NEW.fid, 'update'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_compounds_move AFTER UPDATE OF fid ON compounds WHEN OLD.fid != NEW.fid
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('compounds', OLD.fid, 'delete'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_compounds_delete AFTER DELETE ON compounds
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('compounds', OLD.fid, 'delete'); END;

