-- 网格 grids
CREATE SEQUENCE gridmap.grids_fid_seq;
CREATE TABLE gridmap.grids (
  fid bigint NOT NULL DEFAULT nextval('gridmap.grids_fid_seq') PRIMARY KEY,
  geom geometry(MultiPolygon, 4326),
  code text,
  name text,
  kind text,
  community text,
  post text,
  households bigint,
  valid_from date,
  valid_to date,
  source text,
  source_id text,
  extra text,
  UNIQUE (source, source_id)
);
ALTER SEQUENCE gridmap.grids_fid_seq OWNED BY gridmap.grids.fid;
CREATE INDEX grids_geom ON gridmap.grids USING gist (geom);
COMMENT ON TABLE gridmap.grids IS '网格 grids';
