-- 警情/纠纷/12345诉求 incidents
CREATE SEQUENCE gridmap.incidents_fid_seq;
CREATE TABLE gridmap.incidents (
  fid bigint NOT NULL DEFAULT nextval('gridmap.incidents_fid_seq'),
  geom geometry(Point, 4326),
  kind text,
  category text,
  occurred_at timestamptz NOT NULL,
  date_only boolean,
  reported_at timestamptz,
  status text,
  found text,
  text text,
  source text,
  source_id text,
  extra text,
  PRIMARY KEY (fid, occurred_at)
) PARTITION BY RANGE (occurred_at);
ALTER SEQUENCE gridmap.incidents_fid_seq OWNED BY gridmap.incidents.fid;
CREATE INDEX incidents_geom ON gridmap.incidents USING gist (geom);
COMMENT ON TABLE gridmap.incidents IS '警情/纠纷/12345诉求 incidents';

-- One month of local time per partition: old months go by dropping a table.
-- PostgreSQL cannot keep a key unique over partitions without their column in
-- it; this table does, and knows the partition of every row.
CREATE TABLE gridmap.incident_keys (
  fid bigint PRIMARY KEY,
  occurred_at timestamptz NOT NULL,
  source text,
  source_id text,
  UNIQUE (source, source_id)
);
CREATE FUNCTION gridmap.keep_incident_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gridmap.incident_keys SELECT fid, occurred_at, source, source_id FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    DELETE FROM gridmap.incident_keys k USING old_rows o WHERE k.fid = o.fid;
  ELSIF TG_OP = 'UPDATE' THEN
    DELETE FROM gridmap.incident_keys k USING old_rows o
      WHERE k.fid = o.fid AND NOT EXISTS (SELECT FROM new_rows n WHERE n.fid = k.fid AND n.source IS NOT DISTINCT FROM k.source
        AND n.source_id IS NOT DISTINCT FROM k.source_id AND n.occurred_at = k.occurred_at);
    INSERT INTO gridmap.incident_keys SELECT n.fid, n.occurred_at, n.source, n.source_id FROM new_rows n
      WHERE NOT EXISTS (SELECT FROM gridmap.incident_keys k WHERE k.fid = n.fid AND n.source IS NOT DISTINCT FROM k.source
        AND n.source_id IS NOT DISTINCT FROM k.source_id AND n.occurred_at = k.occurred_at);
  ELSE
    DELETE FROM gridmap.incident_keys k WHERE NOT EXISTS
      (SELECT FROM gridmap.incidents i WHERE i.fid = k.fid AND i.occurred_at = k.occurred_at);
  END IF;
  RETURN NULL;
END
$$;

-- Makes the partition of a month (its first day) if it is missing. ATTACH
-- takes no lock that readers would wait for.
CREATE FUNCTION gridmap.make_month(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  part text := 'incidents_' || to_char(month, 'YYYY_MM');
  first timestamptz := month::timestamp AT TIME ZONE 'Asia/Shanghai';
  next timestamptz := (month + interval '1 month')::timestamp AT TIME ZONE 'Asia/Shanghai';
  job text;
BEGIN
  IF to_regclass('gridmap.' || part) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE gridmap.%I (LIKE gridmap.incidents INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
  EXECUTE format('ALTER TABLE gridmap.incidents ATTACH PARTITION gridmap.%I FOR VALUES FROM (%L) TO (%L)', part, first, next);
  -- Who edits the partition itself passes by the triggers of the whole.
  PERFORM gridmap.watch(part, 'log_incidents', 'log');
  PERFORM gridmap.watch(part, 'keep_incident_keys', 'keys');
END
$$;
