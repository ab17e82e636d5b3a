-- The schema `gridmap`: what the program keeps in PostgreSQL with PostGIS.
-- Each file runs once, in order, inside one transaction.

CREATE SCHEMA IF NOT EXISTS gridmap;

-- One row: the version of this schema, and the last change that the log no
-- longer has.
CREATE TABLE gridmap.store (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  version integer NOT NULL,
  forgotten bigint NOT NULL DEFAULT 0
);
INSERT INTO gridmap.store (version) VALUES (0);

-- Numbers of changes. Only a transaction that holds the advisory lock takes
-- one, so that the order of numbers is the order of commits.
CREATE SEQUENCE gridmap.revision;

-- The number of a change: now, if this transaction holds the lock and says so,
-- else later, by gridmap.number_changes().
CREATE FUNCTION gridmap.number() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN current_setting('gridmap.numbers', true) = 'on' THEN nextval('gridmap.revision') END
$$;

-- The change log, written by triggers only, so that edits by QGIS or psql are
-- seen as well. One row per changed row, or, for a run of inserts, one row
-- from `fid` to `fid_to`. `before` is the old row as JSON with the geometry as
-- EWKB in hexadecimal digits.
CREATE TABLE gridmap.changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  revision bigint DEFAULT gridmap.number(),
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  layer text NOT NULL,
  fid bigint NOT NULL,
  fid_to bigint,
  op text NOT NULL,
  before text
);
CREATE UNIQUE INDEX changes_revision ON gridmap.changes (revision);
CREATE INDEX changes_unnumbered ON gridmap.changes (id) WHERE revision IS NULL;
CREATE INDEX changes_row ON gridmap.changes (layer, fid);
CREATE INDEX changes_run ON gridmap.changes (layer, fid, fid_to) WHERE fid_to IS NOT NULL;

-- The last number given; it survives pruning of the log.
CREATE FUNCTION gridmap.current_revision() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT greatest((SELECT forgotten FROM gridmap.store), (SELECT max(revision) FROM gridmap.changes))
$$;

-- Numbers what other programs changed and committed. A transaction still open
-- is not seen here and gets higher numbers when it is done: nothing is lost,
-- whatever the order in which transactions began. Does nothing while another
-- writer holds the lock; there is always a next time.
CREATE FUNCTION gridmap.number_changes() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF pg_is_in_recovery() OR NOT EXISTS (SELECT FROM gridmap.changes WHERE revision IS NULL) THEN
    RETURN;
  END IF;
  IF NOT pg_try_advisory_xact_lock(7454136213304340480) THEN
    RETURN;
  END IF;
  UPDATE gridmap.changes c SET revision = n.revision
    FROM (SELECT id, nextval('gridmap.revision') AS revision
          FROM (SELECT id FROM gridmap.changes WHERE revision IS NULL ORDER BY id) unnumbered) n
    WHERE c.id = n.id;
END
$$;

-- Who changed what, and why.
CREATE TABLE gridmap.revisions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  before bigint NOT NULL,
  revision bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL,
  action text NOT NULL,
  reason text NOT NULL,
  key text UNIQUE,
  digest text,
  undoes bigint,
  counts text
);
CREATE INDEX revisions_revision ON gridmap.revisions (revision);
CREATE INDEX revisions_at ON gridmap.revisions (at);
CREATE INDEX revisions_undoes ON gridmap.revisions (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE gridmap.settings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  value text NOT NULL
);
CREATE TABLE gridmap.categories (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE,
  parent text,
  kind text NOT NULL,
  name_zh text,
  name_en text,
  sensitive boolean,
  aliases text
);
COMMENT ON TABLE gridmap.categories IS '类别 category tree';
