-- 巡防路线 patrol routes
CREATE SEQUENCE gridmap.routes_fid_seq;
CREATE TABLE gridmap.routes (
  fid bigint NOT NULL DEFAULT nextval('gridmap.routes_fid_seq') PRIMARY KEY,
  geom geometry(MultiLineString, 4326),
  code text,
  name text,
  mode text,
  checkpoints text,
  source text,
  source_id text,
  extra text,
  UNIQUE (source, source_id)
);
ALTER SEQUENCE gridmap.routes_fid_seq OWNED BY gridmap.routes.fid;
CREATE INDEX routes_geom ON gridmap.routes USING gist (geom);
COMMENT ON TABLE gridmap.routes IS '巡防路线 patrol routes';
