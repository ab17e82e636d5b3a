-- Rows that another program replaces: `INSERT OR REPLACE` deletes the old row
-- without firing delete triggers, unless that program asks SQLite for it. Before
-- an insert the rows with its id or key are set aside; after it those that are
-- gone are logged as deleted, with what they were. An insert that became an
-- update, or was ignored, leaves them where they are, and nothing is logged.
--
-- gridmap_replaced: what is set aside, a row or two; while this program writes,
-- which never replaces rows in that way, one row 'own' keeps the trigger away.

CREATE TABLE IF NOT EXISTS gridmap_replaced (
  id INTEGER PRIMARY KEY NOT NULL,
  layer TEXT NOT NULL,
  fid INTEGER NOT NULL,
  before TEXT
);
DELETE FROM gridmap_replaced;
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES
  ('gridmap_replaced', 'attributes', 'gridmap_replaced', 'rows about to be replaced, used by triggers', NULL);

-- grids
DROP TRIGGER IF EXISTS gridmap_grids_replace;
DROP TRIGGER IF EXISTS gridmap_grids_insert;
DROP TRIGGER IF EXISTS gridmap_grids_delete;
CREATE TRIGGER gridmap_grids_replace BEFORE INSERT ON grids WHEN NOT EXISTS (SELECT 1 FROM gridmap_replaced WHERE layer = 'own')
BEGIN
  DELETE FROM gridmap_replaced;
  INSERT INTO gridmap_replaced (layer, fid, before) SELECT 'grids', o.fid,
    json_object('geom', CASE WHEN o.geom NOTNULL THEN hex(o.geom) END, 'code', CAST(o.code AS TEXT),
      'name', CAST(o.name AS TEXT), 'kind', CAST(o.kind AS TEXT), 'community', CAST(o.community AS TEXT),
      'post', CAST(o.post AS TEXT), 'households', CAST(o.households AS INTEGER),
      'valid_from', CAST(o.valid_from AS TEXT), 'valid_to', CAST(o.valid_to AS TEXT),
      'source', CAST(o.source AS TEXT), 'source_id', CAST(o.source_id AS TEXT), 'extra', CAST(o.extra AS TEXT))
    FROM grids o WHERE o.fid = NEW.fid OR (o.source = NEW.source AND o.source_id = NEW.source_id);
END;
CREATE TRIGGER gridmap_grids_insert AFTER INSERT ON grids
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) SELECT r.layer, r.fid, 'delete', strftime('%s','now'), r.before
    FROM gridmap_replaced r WHERE r.layer = 'grids'
    AND (r.fid = NEW.fid OR NOT EXISTS (SELECT 1 FROM grids o WHERE o.fid = r.fid)) ORDER BY r.id;
  DELETE FROM gridmap_replaced WHERE layer = 'grids';
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('grids', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_grids_delete AFTER DELETE ON grids
BEGIN
  DELETE FROM gridmap_replaced WHERE layer = 'grids' AND fid = OLD.fid;
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('grids', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'kind', CAST(OLD.kind AS TEXT), 'community', CAST(OLD.community AS TEXT),
      'post', CAST(OLD.post AS TEXT), 'households', CAST(OLD.households AS INTEGER),
      'valid_from', CAST(OLD.valid_from AS TEXT), 'valid_to', CAST(OLD.valid_to AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;

-- compounds
DROP TRIGGER IF EXISTS gridmap_compounds_replace;
DROP TRIGGER IF EXISTS gridmap_compounds_insert;
DROP TRIGGER IF EXISTS gridmap_compounds_delete;
CREATE TRIGGER gridmap_compounds_replace BEFORE INSERT ON compounds WHEN NOT EXISTS (SELECT 1 FROM gridmap_replaced WHERE layer = 'own')
BEGIN
  DELETE FROM gridmap_replaced;
  INSERT INTO gridmap_replaced (layer, fid, before) SELECT 'compounds', o.fid,
    json_object('geom', CASE WHEN o.geom NOTNULL THEN hex(o.geom) END, 'code', CAST(o.code AS TEXT),
      'name', CAST(o.name AS TEXT), 'kind', CAST(o.kind AS TEXT), 'community', CAST(o.community AS TEXT),
      'priority', CAST(o.priority AS INTEGER), 'households', CAST(o.households AS INTEGER),
      'gates', CAST(o.gates AS TEXT), 'source', CAST(o.source AS TEXT), 'source_id', CAST(o.source_id AS TEXT),
      'extra', CAST(o.extra AS TEXT))
    FROM compounds o WHERE o.fid = NEW.fid OR (o.source = NEW.source AND o.source_id = NEW.source_id);
END;
CREATE TRIGGER gridmap_compounds_insert AFTER INSERT ON compounds
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) SELECT r.layer, r.fid, 'delete', strftime('%s','now'), r.before
    FROM gridmap_replaced r WHERE r.layer = 'compounds'
    AND (r.fid = NEW.fid OR NOT EXISTS (SELECT 1 FROM compounds o WHERE o.fid = r.fid)) ORDER BY r.id;
  DELETE FROM gridmap_replaced WHERE layer = 'compounds';
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('compounds', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_compounds_delete AFTER DELETE ON compounds
BEGIN
  DELETE FROM gridmap_replaced WHERE layer = 'compounds' AND fid = OLD.fid;
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('compounds', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'kind', CAST(OLD.kind AS TEXT), 'community', CAST(OLD.community AS TEXT),
      'priority', CAST(OLD.priority AS INTEGER), 'households', CAST(OLD.households AS INTEGER),
      'gates', CAST(OLD.gates AS TEXT), 'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT),
      'extra', CAST(OLD.extra AS TEXT)));
END;

-- streets
DROP TRIGGER IF EXISTS gridmap_streets_replace;
DROP TRIGGER IF EXISTS gridmap_streets_insert;
DROP TRIGGER IF EXISTS gridmap_streets_delete;
CREATE TRIGGER gridmap_streets_replace BEFORE INSERT ON streets WHEN NOT EXISTS (SELECT 1 FROM gridmap_replaced WHERE layer = 'own')
BEGIN
  DELETE FROM gridmap_replaced;
  INSERT INTO gridmap_replaced (layer, fid, before) SELECT 'streets', o.fid,
    json_object('geom', CASE WHEN o.geom NOTNULL THEN hex(o.geom) END, 'name', CAST(o.name AS TEXT),
      'class', CAST(o.class AS TEXT), 'oneway', CAST(o.oneway AS INTEGER), 'foot', CAST(o.foot AS INTEGER),
      'source', CAST(o.source AS TEXT), 'source_id', CAST(o.source_id AS TEXT), 'extra', CAST(o.extra AS TEXT))
    FROM streets o WHERE o.fid = NEW.fid OR (o.source = NEW.source AND o.source_id = NEW.source_id);
END;
CREATE TRIGGER gridmap_streets_insert AFTER INSERT ON streets
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) SELECT r.layer, r.fid, 'delete', strftime('%s','now'), r.before
    FROM gridmap_replaced r WHERE r.layer = 'streets'
    AND (r.fid = NEW.fid OR NOT EXISTS (SELECT 1 FROM streets o WHERE o.fid = r.fid)) ORDER BY r.id;
  DELETE FROM gridmap_replaced WHERE layer = 'streets';
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('streets', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_streets_delete AFTER DELETE ON streets
BEGIN
  DELETE FROM gridmap_replaced WHERE layer = 'streets' AND fid = OLD.fid;
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('streets', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'name', CAST(OLD.name AS TEXT),
      'class', CAST(OLD.class AS TEXT), 'oneway', CAST(OLD.oneway AS INTEGER), 'foot', CAST(OLD.foot AS INTEGER),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;

-- routes
DROP TRIGGER IF EXISTS gridmap_routes_replace;
DROP TRIGGER IF EXISTS gridmap_routes_insert;
DROP TRIGGER IF EXISTS gridmap_routes_delete;
CREATE TRIGGER gridmap_routes_replace BEFORE INSERT ON routes WHEN NOT EXISTS (SELECT 1 FROM gridmap_replaced WHERE layer = 'own')
BEGIN
  DELETE FROM gridmap_replaced;
  INSERT INTO gridmap_replaced (layer, fid, before) SELECT 'routes', o.fid,
    json_object('geom', CASE WHEN o.geom NOTNULL THEN hex(o.geom) END, 'code', CAST(o.code AS TEXT),
      'name', CAST(o.name AS TEXT), 'mode', CAST(o.mode AS TEXT), 'checkpoints', CAST(o.checkpoints AS TEXT),
      'source', CAST(o.source AS TEXT), 'source_id', CAST(o.source_id AS TEXT), 'extra', CAST(o.extra AS TEXT))
    FROM routes o WHERE o.fid = NEW.fid OR (o.source = NEW.source AND o.source_id = NEW.source_id);
END;
CREATE TRIGGER gridmap_routes_insert AFTER INSERT ON routes
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) SELECT r.layer, r.fid, 'delete', strftime('%s','now'), r.before
    FROM gridmap_replaced r WHERE r.layer = 'routes'
    AND (r.fid = NEW.fid OR NOT EXISTS (SELECT 1 FROM routes o WHERE o.fid = r.fid)) ORDER BY r.id;
  DELETE FROM gridmap_replaced WHERE layer = 'routes';
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('routes', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_routes_delete AFTER DELETE ON routes
BEGIN
  DELETE FROM gridmap_replaced WHERE layer = 'routes' AND fid = OLD.fid;
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('routes', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'code', CAST(OLD.code AS TEXT),
      'name', CAST(OLD.name AS TEXT), 'mode', CAST(OLD.mode AS TEXT), 'checkpoints', CAST(OLD.checkpoints AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;

-- incidents
DROP TRIGGER IF EXISTS gridmap_incidents_replace;
DROP TRIGGER IF EXISTS gridmap_incidents_insert;
DROP TRIGGER IF EXISTS gridmap_incidents_delete;
CREATE TRIGGER gridmap_incidents_replace BEFORE INSERT ON incidents WHEN NOT EXISTS (SELECT 1 FROM gridmap_replaced WHERE layer = 'own')
BEGIN
  DELETE FROM gridmap_replaced;
  INSERT INTO gridmap_replaced (layer, fid, before) SELECT 'incidents', o.fid,
    json_object('geom', CASE WHEN o.geom NOTNULL THEN hex(o.geom) END, 'kind', CAST(o.kind AS TEXT),
      'category', CAST(o.category AS TEXT), 'occurred_at', CAST(o.occurred_at AS TEXT),
      'date_only', CAST(o.date_only AS INTEGER), 'reported_at', CAST(o.reported_at AS TEXT),
      'status', CAST(o.status AS TEXT), 'found', CAST(o.found AS TEXT), 'text', CAST(o.text AS TEXT),
      'source', CAST(o.source AS TEXT), 'source_id', CAST(o.source_id AS TEXT), 'extra', CAST(o.extra AS TEXT))
    FROM incidents o WHERE o.fid = NEW.fid OR (o.source = NEW.source AND o.source_id = NEW.source_id);
END;
CREATE TRIGGER gridmap_incidents_insert AFTER INSERT ON incidents
BEGIN
  INSERT INTO gridmap_changes (layer, fid, op, at, before) SELECT r.layer, r.fid, 'delete', strftime('%s','now'), r.before
    FROM gridmap_replaced r WHERE r.layer = 'incidents'
    AND (r.fid = NEW.fid OR NOT EXISTS (SELECT 1 FROM incidents o WHERE o.fid = r.fid)) ORDER BY r.id;
  DELETE FROM gridmap_replaced WHERE layer = 'incidents';
  INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('incidents', NEW.fid, 'insert', strftime('%s','now'));
END;
CREATE TRIGGER gridmap_incidents_delete AFTER DELETE ON incidents
BEGIN
  DELETE FROM gridmap_replaced WHERE layer = 'incidents' AND fid = OLD.fid;
  INSERT INTO gridmap_changes (layer, fid, op, at, before) VALUES ('incidents', OLD.fid, 'delete', strftime('%s','now'),
    json_object('geom', CASE WHEN OLD.geom NOTNULL THEN hex(OLD.geom) END, 'kind', CAST(OLD.kind AS TEXT),
      'category', CAST(OLD.category AS TEXT), 'occurred_at', CAST(OLD.occurred_at AS TEXT),
      'date_only', CAST(OLD.date_only AS INTEGER), 'reported_at', CAST(OLD.reported_at AS TEXT),
      'status', CAST(OLD.status AS TEXT), 'found', CAST(OLD.found AS TEXT), 'text', CAST(OLD.text AS TEXT),
      'source', CAST(OLD.source AS TEXT), 'source_id', CAST(OLD.source_id AS TEXT), 'extra', CAST(OLD.extra AS TEXT)));
END;
