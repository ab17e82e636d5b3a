-- 重点小区 key compounds
CREATE SEQUENCE gridmap.compounds_fid_seq;
CREATE TABLE gridmap.compounds (
  fid bigint NOT NULL DEFAULT nextval('gridmap.compounds_fid_seq') PRIMARY KEY,
  geom geometry(Geometry, 4326),
  code text,
  name text,
  kind text,
  community text,
  priority bigint,
  households bigint,
  gates text,
  source text,
  source_id text,
  extra text,
  UNIQUE (source, source_id)
);
ALTER SEQUENCE gridmap.compounds_fid_seq OWNED BY gridmap.compounds.fid;
CREATE INDEX compounds_geom ON gridmap.compounds USING gist (geom);
COMMENT ON TABLE gridmap.compounds IS '重点小区 key compounds';
