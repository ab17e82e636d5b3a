-- 警情/纠纷/12345诉求 incidents
CREATE TABLE IF NOT EXISTS incidents (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  geom POINT,
  kind TEXT,
  category TEXT,
  occurred_at DATETIME,
  date_only BOOLEAN,
  reported_at DATETIME,
  status TEXT,
  found TEXT,
  text TEXT,
  source TEXT,
  source_id TEXT,
  extra TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS incidents_key ON incidents (source, source_id);
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)
  VALUES ('incidents', 'features', 'incidents', '警情/纠纷/12345诉求 incidents', 4326);
INSERT OR IGNORE INTO gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m)
  VALUES ('incidents', 'geom', 'POINT', 4326, 0, 0);
INSERT OR IGNORE INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope)
  VALUES ('incidents', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec140/#extension_rtree', 'write-only');
-- GDAL before 1.4 made these two, which break upserts.
DROP TRIGGER IF EXISTS "rtree_incidents_geom_update1";
DROP TRIGGER IF EXISTS "rtree_incidents_geom_update3";
CREATE VIRTUAL TABLE IF NOT EXISTS "rtree_incidents_geom" USING rtree(id, minx, maxx, miny, maxy);
CREATE TRIGGER IF NOT EXISTS "rtree_incidents_geom_insert" AFTER INSERT ON "incidents" WHEN (NEW."geom" NOT NULL AND NOT ST_IsEmpty(NEW."geom")) BEGIN INSERT OR REPLACE INTO "rtree_incidents_geom" VALUES (NEW."fid", ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER IF NOT EXISTS "rtree_incidents_geom_update2" AFTER UPDATE OF "geom" ON "incidents" WHEN OLD."fid" = NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom")) BEGIN DELETE FROM "rtree_incidents_geom" WHERE id = OLD."fid"; END;
CREATE TRIGGER IF NOT EXISTS "rtree_incidents_geom_update4" AFTER UPDATE ON "incidents" WHEN OLD."fid" != NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom")) BEGIN DELETE FROM "rtree_incidents_geom" WHERE id IN (OLD."fid", NEW."fid"); END;
CREATE TRIGGER IF NOT EXISTS "rtree_incidents_geom_update5" AFTER UPDATE ON "incidents" WHEN OLD."fid" != NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom")) BEGIN DELETE FROM "rtree_incidents_geom" WHERE id = OLD."fid"; INSERT OR REPLACE INTO "rtree_incidents_geom" VALUES (NEW."fid", ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER IF NOT EXISTS "rtree_incidents_geom_update6" AFTER UPDATE OF "geom" ON "incidents" WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom")) AND (OLD."geom" NOTNULL AND NOT ST_IsEmpty(OLD."geom")) BEGIN UPDATE "rtree_incidents_geom" SET minx = ST_MinX(NEW."geom"), maxx = ST_MaxX(NEW."geom"), miny = ST_MinY(NEW."geom"), maxy = ST_MaxY(NEW."geom") WHERE id = NEW."fid"; END;
CREATE TRIGGER IF NOT EXISTS "rtree_incidents_geom_update7" AFTER UPDATE OF "geom" ON "incidents" WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom")) AND (OLD."geom" ISNULL OR ST_IsEmpty(OLD."geom")) BEGIN INSERT INTO "rtree_incidents_geom" VALUES (NEW."fid", ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER IF NOT EXISTS "rtree_incidents_geom_delete" AFTER DELETE ON "incidents" WHEN OLD."geom" NOT NULL BEGIN DELETE FROM "rtree_incidents_geom" WHERE id = OLD."fid"; END;
-- Rows that were there before the index.
INSERT OR REPLACE INTO "rtree_incidents_geom" SELECT fid, ST_MinX(geom), ST_MaxX(geom), ST_MinY(geom), ST_MaxY(geom) FROM incidents
  WHERE geom NOT NULL AND NOT ST_IsEmpty(geom) AND NOT EXISTS (SELECT 1 FROM "rtree_incidents_geom" LIMIT 1);
-- The change log.
CREATE TRIGGER IF NOT EXISTS gridmap_incidents_insert AFTER INSERT ON incidents
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('incidents', NEW.fid, 'insert'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_incidents_update AFTER UPDATE ON incidents
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('incidents', NEW.fid, 'update'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_incidents_move AFTER UPDATE OF fid ON incidents WHEN OLD.fid != NEW.fid
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('incidents', OLD.fid, 'delete'); END;
CREATE TRIGGER IF NOT EXISTS gridmap_incidents_delete AFTER DELETE ON incidents
BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('incidents', OLD.fid, 'delete'); END;

