-- History: what a row was before each change, also by QGIS and GDAL, and writes
-- that can be repeated safely and taken back. The columns `fid_to`, `at` and
-- `before` of gridmap_changes and `before`, `key`, `digest`, `undoes` and `counts`
-- of gridmap_revisions are added by the program, which can see whether they are
-- there. Plain SQLite functions only, so that any program can edit the layers;
-- the casts keep odd values from failing json_object.
--
-- gridmap_changes: one row per changed row, or, for a run of inserts, one row
-- from `fid` to `fid_to`. `before` is the old row as JSON with the geometry in
-- hexadecimal digits.

CREATE INDEX IF NOT EXISTS gridmap_changes_row ON gridmap_changes (layer, fid);
CREATE INDEX IF NOT EXISTS gridmap_changes_run ON gridmap_changes (layer, fid, fid_to) WHERE fid_to NOTNULL;
CREATE INDEX IF NOT EXISTS gridmap_revisions_revision ON gridmap_revisions (revision);
CREATE INDEX IF NOT EXISTS gridmap_revisions_at ON gridmap_revisions (at);
CREATE UNIQUE INDEX IF NOT EXISTS gridmap_revisions_key ON gridmap_revisions (key) WHERE key NOTNULL;
CREATE INDEX IF NOT EXISTS gridmap_revisions_undoes ON gridmap_revisions (undoes) WHERE undoes NOTNULL;
UPDATE gridmap_revisions
  SET before = coalesce((SELECT max(r.revision) FROM gridmap_revisions r WHERE r.revision < gridmap_revisions.revision), 0)
  WHERE before ISNULL;

-- grids
DROP TRIGGER IF EXISTS gridmap_grids_insert;
DROP TRIGGER IF EXISTS gridmap_grids_update;
DROP TRIGGER IF EXISTS gridmap_grids_delete;
DROP TRIGGER IF EXISTS gridmap_grids_move;
CREATE TRIGGER gridmap_grids_insert AFTER INSERT ON grids
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('grids', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_grids_update AFTER UPDATE ON grids WHEN OLD.fid = NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('grids', OLD.fid, 'update', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'kind', CAST(OLD.kind AS TEXT), 'community', CAST(OLD.community AS TEXT),
      'post', CAST(OLD.post AS TEXT), 'households', CAST(OLD.households AS INTEGER),
      'valid_from', CAST(OLD.valid_from AS TEXT), 'valid_to', CAST(OLD.valid_to AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;
CREATE TRIGGER gridmap_grids_move AFTER UPDATE OF fid ON grids WHEN OLD.fid != NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('grids', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'kind', CAST(OLD.kind AS TEXT), 'community', CAST(OLD.community AS TEXT),
      'post', CAST(OLD.post AS TEXT), 'households', CAST(OLD.households AS INTEGER),
      'valid_from', CAST(OLD.valid_from AS TEXT), 'valid_to', CAST(OLD.valid_to AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('grids', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_grids_delete AFTER DELETE ON grids
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('grids', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'kind', CAST(OLD.kind AS TEXT), 'community', CAST(OLD.community AS TEXT),
      'post', CAST(OLD.post AS TEXT), 'households', CAST(OLD.households AS INTEGER),
      'valid_from', CAST(OLD.valid_from AS TEXT), 'valid_to', CAST(OLD.valid_to AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;

-- compounds
DROP TRIGGER IF EXISTS gridmap_compounds_insert;
DROP TRIGGER IF EXISTS gridmap_compounds_update;
DROP TRIGGER IF EXISTS gridmap_compounds_delete;
DROP TRIGGER IF EXISTS gridmap_compounds_move;
CREATE TRIGGER gridmap_compounds_insert AFTER INSERT ON compounds
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('compounds', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_compounds_update AFTER UPDATE ON compounds WHEN OLD.fid = NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('compounds', OLD.fid, 'update', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'kind', CAST(OLD.kind AS TEXT), 'community', CAST(OLD.community AS TEXT),
      'priority', CAST(OLD.priority AS INTEGER), 'households', CAST(OLD.households AS INTEGER),
      'gates', CAST(OLD.gates AS TEXT), 'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT),
      'extra', CAST(OLD.extra AS TEXT)));
END;
CREATE TRIGGER gridmap_compounds_move AFTER UPDATE OF fid ON compounds WHEN OLD.fid != NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('compounds', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'kind', CAST(OLD.kind AS TEXT), 'community', CAST(OLD.community AS TEXT),
      'priority', CAST(OLD.priority AS INTEGER), 'households', CAST(OLD.households AS INTEGER),
      'gates', CAST(OLD.gates AS TEXT), 'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT),
      'extra', CAST(OLD.extra AS TEXT)));
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('compounds', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_compounds_delete AFTER DELETE ON compounds
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('compounds', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'kind', CAST(OLD.kind AS TEXT), 'community', CAST(OLD.community AS TEXT),
      'priority', CAST(OLD.priority AS INTEGER), 'households', CAST(OLD.households AS INTEGER),
      'gates', CAST(OLD.gates AS TEXT), 'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT),
      'extra', CAST(OLD.extra AS TEXT)));
END;

-- streets
DROP TRIGGER IF EXISTS gridmap_streets_insert;
DROP TRIGGER IF EXISTS gridmap_streets_update;
DROP TRIGGER IF EXISTS gridmap_streets_delete;
DROP TRIGGER IF EXISTS gridmap_streets_move;
CREATE TRIGGER gridmap_streets_insert AFTER INSERT ON streets
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('streets', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_streets_update AFTER UPDATE ON streets WHEN OLD.fid = NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('streets', OLD.fid, 'update', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'name', CAST(OLD.name AS TEXT),
      'class', CAST(OLD.class AS TEXT), 'oneway', CAST(OLD.oneway AS INTEGER), 'foot', CAST(OLD.foot AS INTEGER),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;
CREATE TRIGGER gridmap_streets_move AFTER UPDATE OF fid ON streets WHEN OLD.fid != NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('streets', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'name', CAST(OLD.name AS TEXT),
      'class', CAST(OLD.class AS TEXT), 'oneway', CAST(OLD.oneway AS INTEGER), 'foot', CAST(OLD.foot AS INTEGER),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('streets', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_streets_delete AFTER DELETE ON streets
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('streets', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'name', CAST(OLD.name AS TEXT),
      'class', CAST(OLD.class AS TEXT), 'oneway', CAST(OLD.oneway AS INTEGER), 'foot', CAST(OLD.foot AS INTEGER),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;

-- routes
DROP TRIGGER IF EXISTS gridmap_routes_insert;
DROP TRIGGER IF EXISTS gridmap_routes_update;
DROP TRIGGER IF EXISTS gridmap_routes_delete;
DROP TRIGGER IF EXISTS gridmap_routes_move;
CREATE TRIGGER gridmap_routes_insert AFTER INSERT ON routes
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('routes', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_routes_update AFTER UPDATE ON routes WHEN OLD.fid = NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('routes', OLD.fid, 'update', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'mode', CAST(OLD.mode AS TEXT), 'checkpoints', CAST(OLD.checkpoints AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;
CREATE TRIGGER gridmap_routes_move AFTER UPDATE OF fid ON routes WHEN OLD.fid != NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('routes', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'mode', CAST(OLD.mode AS TEXT), 'checkpoints', CAST(OLD.checkpoints AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('routes', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_routes_delete AFTER DELETE ON routes
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('routes', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'mode', CAST(OLD.mode AS TEXT), 'checkpoints', CAST(OLD.checkpoints AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;

-- incidents
DROP TRIGGER IF EXISTS gridmap_incidents_insert;
DROP TRIGGER IF EXISTS gridmap_incidents_update;
DROP TRIGGER IF EXISTS gridmap_incidents_delete;
DROP TRIGGER IF EXISTS gridmap_incidents_move;
CREATE TRIGGER gridmap_incidents_insert AFTER INSERT ON incidents
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('incidents', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_incidents_update AFTER UPDATE ON incidents WHEN OLD.fid = NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('incidents', OLD.fid, 'update', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'kind', CAST(OLD.kind AS TEXT),
      'category', CAST(OLD.category AS TEXT), 'occurred_at', CAST(OLD.occurred_at AS TEXT),
      'date_only', CAST(OLD.date_only AS INTEGER), 'reported_at', CAST(OLD.reported_at AS TEXT),
      'status', CAST(OLD.status AS TEXT), 'found', CAST(OLD.found AS TEXT), 'text', CAST(OLD.text AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;
CREATE TRIGGER gridmap_incidents_move AFTER UPDATE OF fid ON incidents WHEN OLD.fid != NEW.fid
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('incidents', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'kind', CAST(OLD.kind AS TEXT),
      'category', CAST(OLD.category AS TEXT), 'occurred_at', CAST(OLD.occurred_at AS TEXT),
      'date_only', CAST(OLD.date_only AS INTEGER), 'reported_at', CAST(OLD.reported_at AS TEXT),
      'status', CAST(OLD.status AS TEXT), 'found', CAST(OLD.found AS TEXT), 'text', CAST(OLD.text AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('incidents', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_incidents_delete AFTER DELETE ON incidents
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('incidents', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'kind', CAST(OLD.kind AS TEXT),
      'category', CAST(OLD.category AS TEXT), 'occurred_at', CAST(OLD.occurred_at AS TEXT),
      'date_only', CAST(OLD.date_only AS INTEGER), 'reported_at', CAST(OLD.reported_at AS TEXT),
      'status', CAST(OLD.status AS TEXT), 'found', CAST(OLD.found AS TEXT), 'text', CAST(OLD.text AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;

-- categories
DROP TRIGGER IF EXISTS gridmap_categories_insert;
DROP TRIGGER IF EXISTS gridmap_categories_update;
DROP TRIGGER IF EXISTS gridmap_categories_delete;
CREATE TRIGGER gridmap_categories_insert AFTER INSERT ON gridmap_categories
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('categories', NEW.id, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_categories_update AFTER UPDATE ON gridmap_categories WHEN OLD.id = NEW.id
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('categories', OLD.id, 'update', strftime('%s','now'),
    json_object('code', CAST(OLD.code AS TEXT), 'parent', CAST(OLD.parent AS TEXT), 'kind', CAST(OLD.kind AS TEXT),
      'name_zh', CAST(OLD.name_zh AS TEXT), 'name_en', CAST(OLD.name_en AS TEXT),
      'sensitive', CAST(OLD.sensitive AS INTEGER), 'aliases', CAST(OLD.aliases AS TEXT)));
END;
CREATE TRIGGER gridmap_categories_delete AFTER DELETE ON gridmap_categories
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('categories', OLD.id, 'delete', strftime('%s','now'),
    json_object('code', CAST(OLD.code AS TEXT), 'parent', CAST(OLD.parent AS TEXT), 'kind', CAST(OLD.kind AS TEXT),
      'name_zh', CAST(OLD.name_zh AS TEXT), 'name_en', CAST(OLD.name_en AS TEXT),
      'sensitive', CAST(OLD.sensitive AS INTEGER), 'aliases', CAST(OLD.aliases AS TEXT)));
END;

-- settings
DROP TRIGGER IF EXISTS gridmap_settings_insert;
DROP TRIGGER IF EXISTS gridmap_settings_update;
DROP TRIGGER IF EXISTS gridmap_settings_delete;
CREATE TRIGGER gridmap_settings_insert AFTER INSERT ON gridmap_settings
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('settings', NEW.id, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_settings_update AFTER UPDATE ON gridmap_settings WHEN OLD.id = NEW.id
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('settings', OLD.id, 'update', strftime('%s','now'),
    json_object('name', CAST(OLD.name AS TEXT), 'value', CAST(OLD.value AS TEXT)));
END;
CREATE TRIGGER gridmap_settings_delete AFTER DELETE ON gridmap_settings
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('settings', OLD.id, 'delete', strftime('%s','now'),
    json_object('name', CAST(OLD.name AS TEXT), 'value', CAST(OLD.value AS TEXT)));
END;
