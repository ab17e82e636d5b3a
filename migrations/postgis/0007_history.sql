-- The triggers of the change log: once per statement, whatever the number of
-- rows. A writer tells the listeners, who look anyway.

-- Puts the four triggers of a function on a table.
CREATE FUNCTION gridmap.watch(watched text, job text, purpose text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER gridmap_%s_insert AFTER INSERT ON gridmap.%I REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION gridmap.%I()', purpose, watched, job);
  EXECUTE format('CREATE TRIGGER gridmap_%s_update AFTER UPDATE ON gridmap.%I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION gridmap.%I()', purpose, watched, job);
  EXECUTE format('CREATE TRIGGER gridmap_%s_delete AFTER DELETE ON gridmap.%I REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION gridmap.%I()', purpose, watched, job);
  EXECUTE format('CREATE TRIGGER gridmap_%s_truncate AFTER TRUNCATE ON gridmap.%I
    FOR EACH STATEMENT EXECUTE FUNCTION gridmap.%I()', purpose, watched, job);
END
$$;

CREATE FUNCTION gridmap.log_grids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gridmap.changes (layer, fid, fid_to, op)
      SELECT 'grids', min(fid), nullif(max(fid), min(fid)), 'insert'
      FROM (SELECT fid, fid - row_number() OVER (ORDER BY fid) AS run FROM new_rows) n GROUP BY run ORDER BY 2;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'grids', o.fid, CASE WHEN EXISTS (SELECT FROM new_rows n WHERE n.fid = o.fid) THEN 'update' ELSE 'delete' END,
      json_build_object('geom', o.geom::text, 'code', o.code, 'name', o.name, 'kind', o.kind,
        'community', o.community, 'post', o.post, 'households', o.households, 'valid_from', o.valid_from,
        'valid_to', o.valid_to, 'source', o.source, 'source_id', o.source_id, 'extra', o.extra)::text
      FROM old_rows o;
    INSERT INTO gridmap.changes (layer, fid, op)
      SELECT 'grids', n.fid, 'insert' FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.fid = n.fid);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'grids', o.fid, 'delete',
      json_build_object('geom', o.geom::text, 'code', o.code, 'name', o.name, 'kind', o.kind,
        'community', o.community, 'post', o.post, 'households', o.households, 'valid_from', o.valid_from,
        'valid_to', o.valid_to, 'source', o.source, 'source_id', o.source_id, 'extra', o.extra)::text
      FROM old_rows o;
  ELSE
    INSERT INTO gridmap.changes (layer, fid, op) VALUES ('gap', 0, 'update');
  END IF;
  NOTIFY gridmap;
  RETURN NULL;
END
$$;
SELECT gridmap.watch('grids', 'log_grids', 'log');

CREATE FUNCTION gridmap.log_compounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gridmap.changes (layer, fid, fid_to, op)
      SELECT 'compounds', min(fid), nullif(max(fid), min(fid)), 'insert'
      FROM (SELECT fid, fid - row_number() OVER (ORDER BY fid) AS run FROM new_rows) n GROUP BY run ORDER BY 2;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'compounds', o.fid, CASE WHEN EXISTS (SELECT FROM new_rows n WHERE n.fid = o.fid) THEN 'update' ELSE 'delete' END,
      json_build_object('geom', o.geom::text, 'code', o.code, 'name', o.name, 'kind', o.kind,
        'community', o.community, 'priority', o.priority, 'households', o.households, 'gates', o.gates,
        'source', o.source, 'source_id', o.source_id, 'extra', o.extra)::text
      FROM old_rows o;
    INSERT INTO gridmap.changes (layer, fid, op)
      SELECT 'compounds', n.fid, 'insert' FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.fid = n.fid);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'compounds', o.fid, 'delete',
      json_build_object('geom', o.geom::text, 'code', o.code, 'name', o.name, 'kind', o.kind,
        'community', o.community, 'priority', o.priority, 'households', o.households, 'gates', o.gates,
        'source', o.source, 'source_id', o.source_id, 'extra', o.extra)::text
      FROM old_rows o;
  ELSE
    INSERT INTO gridmap.changes (layer, fid, op) VALUES ('gap', 0, 'update');
  END IF;
  NOTIFY gridmap;
  RETURN NULL;
END
$$;
SELECT gridmap.watch('compounds', 'log_compounds', 'log');

CREATE FUNCTION gridmap.log_streets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gridmap.changes (layer, fid, fid_to, op)
      SELECT 'streets', min(fid), nullif(max(fid), min(fid)), 'insert'
      FROM (SELECT fid, fid - row_number() OVER (ORDER BY fid) AS run FROM new_rows) n GROUP BY run ORDER BY 2;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'streets', o.fid, CASE WHEN EXISTS (SELECT FROM new_rows n WHERE n.fid = o.fid) THEN 'update' ELSE 'delete' END,
      json_build_object('geom', o.geom::text, 'name', o.name, 'class', o.class, 'oneway', o.oneway, 'foot', o.foot,
        'source', o.source, 'source_id', o.source_id, 'extra', o.extra)::text
      FROM old_rows o;
    INSERT INTO gridmap.changes (layer, fid, op)
      SELECT 'streets', n.fid, 'insert' FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.fid = n.fid);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'streets', o.fid, 'delete',
      json_build_object('geom', o.geom::text, 'name', o.name, 'class', o.class, 'oneway', o.oneway, 'foot', o.foot,
        'source', o.source, 'source_id', o.source_id, 'extra', o.extra)::text
      FROM old_rows o;
  ELSE
    INSERT INTO gridmap.changes (layer, fid, op) VALUES ('gap', 0, 'update');
  END IF;
  NOTIFY gridmap;
  RETURN NULL;
END
$$;
SELECT gridmap.watch('streets', 'log_streets', 'log');

CREATE FUNCTION gridmap.log_routes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gridmap.changes (layer, fid, fid_to, op)
      SELECT 'routes', min(fid), nullif(max(fid), min(fid)), 'insert'
      FROM (SELECT fid, fid - row_number() OVER (ORDER BY fid) AS run FROM new_rows) n GROUP BY run ORDER BY 2;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'routes', o.fid, CASE WHEN EXISTS (SELECT FROM new_rows n WHERE n.fid = o.fid) THEN 'update' ELSE 'delete' END,
      json_build_object('geom', o.geom::text, 'code', o.code, 'name', o.name, 'mode', o.mode,
        'checkpoints', o.checkpoints, 'source', o.source, 'source_id', o.source_id, 'extra', o.extra)::text
      FROM old_rows o;
    INSERT INTO gridmap.changes (layer, fid, op)
      SELECT 'routes', n.fid, 'insert' FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.fid = n.fid);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'routes', o.fid, 'delete',
      json_build_object('geom', o.geom::text, 'code', o.code, 'name', o.name, 'mode', o.mode,
        'checkpoints', o.checkpoints, 'source', o.source, 'source_id', o.source_id, 'extra', o.extra)::text
      FROM old_rows o;
  ELSE
    INSERT INTO gridmap.changes (layer, fid, op) VALUES ('gap', 0, 'update');
  END IF;
  NOTIFY gridmap;
  RETURN NULL;
END
$$;
SELECT gridmap.watch('routes', 'log_routes', 'log');

CREATE FUNCTION gridmap.log_incidents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gridmap.changes (layer, fid, fid_to, op)
      SELECT 'incidents', min(fid), nullif(max(fid), min(fid)), 'insert'
      FROM (SELECT fid, fid - row_number() OVER (ORDER BY fid) AS run FROM new_rows) n GROUP BY run ORDER BY 2;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'incidents', o.fid, CASE WHEN EXISTS (SELECT FROM new_rows n WHERE n.fid = o.fid) THEN 'update' ELSE 'delete' END,
      json_build_object('geom', o.geom::text, 'kind', o.kind, 'category', o.category,
        'occurred_at', to_char(o.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'date_only', o.date_only,
        'reported_at', to_char(o.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'status', o.status, 'found', o.found, 'text', o.text, 'source', o.source, 'source_id', o.source_id,
        'extra', o.extra)::text
      FROM old_rows o;
    INSERT INTO gridmap.changes (layer, fid, op)
      SELECT 'incidents', n.fid, 'insert' FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.fid = n.fid);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'incidents', o.fid, 'delete',
      json_build_object('geom', o.geom::text, 'kind', o.kind, 'category', o.category,
        'occurred_at', to_char(o.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'date_only', o.date_only,
        'reported_at', to_char(o.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'status', o.status, 'found', o.found, 'text', o.text, 'source', o.source, 'source_id', o.source_id,
        'extra', o.extra)::text
      FROM old_rows o;
  ELSE
    INSERT INTO gridmap.changes (layer, fid, op) VALUES ('gap', 0, 'update');
  END IF;
  NOTIFY gridmap;
  RETURN NULL;
END
$$;
SELECT gridmap.watch('incidents', 'log_incidents', 'log');
SELECT gridmap.watch('incidents', 'keep_incident_keys', 'keys');

CREATE FUNCTION gridmap.log_categories() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gridmap.changes (layer, fid, fid_to, op)
      SELECT 'categories', min(id), nullif(max(id), min(id)), 'insert'
      FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS run FROM new_rows) n GROUP BY run ORDER BY 2;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'categories', o.id, CASE WHEN EXISTS (SELECT FROM new_rows n WHERE n.id = o.id) THEN 'update' ELSE 'delete' END,
      json_build_object('code', o.code, 'parent', o.parent, 'kind', o.kind, 'name_zh', o.name_zh,
        'name_en', o.name_en, 'sensitive', o.sensitive, 'aliases', o.aliases)::text
      FROM old_rows o;
    INSERT INTO gridmap.changes (layer, fid, op)
      SELECT 'categories', n.id, 'insert' FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.id = n.id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'categories', o.id, 'delete',
      json_build_object('code', o.code, 'parent', o.parent, 'kind', o.kind, 'name_zh', o.name_zh,
        'name_en', o.name_en, 'sensitive', o.sensitive, 'aliases', o.aliases)::text
      FROM old_rows o;
  ELSE
    INSERT INTO gridmap.changes (layer, fid, op) VALUES ('gap', 0, 'update');
  END IF;
  NOTIFY gridmap;
  RETURN NULL;
END
$$;
SELECT gridmap.watch('categories', 'log_categories', 'log');

CREATE FUNCTION gridmap.log_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gridmap.changes (layer, fid, fid_to, op)
      SELECT 'settings', min(id), nullif(max(id), min(id)), 'insert'
      FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS run FROM new_rows) n GROUP BY run ORDER BY 2;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'settings', o.id, CASE WHEN EXISTS (SELECT FROM new_rows n WHERE n.id = o.id) THEN 'update' ELSE 'delete' END,
      json_build_object('name', o.name, 'value', o.value)::text
      FROM old_rows o;
    INSERT INTO gridmap.changes (layer, fid, op)
      SELECT 'settings', n.id, 'insert' FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.id = n.id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gridmap.changes (layer, fid, op, before)
      SELECT 'settings', o.id, 'delete',
      json_build_object('name', o.name, 'value', o.value)::text
      FROM old_rows o;
  ELSE
    INSERT INTO gridmap.changes (layer, fid, op) VALUES ('gap', 0, 'update');
  END IF;
  NOTIFY gridmap;
  RETURN NULL;
END
$$;
SELECT gridmap.watch('settings', 'log_settings', 'log');

-- Begins a write: takes the one lock of all writers (for which it waits ten
-- seconds at most), numbers what others changed, and answers the last number.
CREATE FUNCTION gridmap.begin_write() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('lock_timeout', '10s', true);
  PERFORM pg_advisory_xact_lock(7454136213304340480);
  PERFORM gridmap.number_changes();
  PERFORM set_config('gridmap.numbers', 'on', true);
  RETURN gridmap.current_revision();
END
$$;
