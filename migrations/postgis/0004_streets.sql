-- 街巷 streets
CREATE SEQUENCE gridmap.streets_fid_seq;
CREATE TABLE gridmap.streets (
  fid bigint NOT NULL DEFAULT nextval('gridmap.streets_fid_seq') PRIMARY KEY,
  geom geometry(MultiLineString, 4326),
  name text,
  class text,
  oneway boolean,
  foot boolean,
  source text,
  source_id text,
  extra text,
  UNIQUE (source, source_id)
);
ALTER SEQUENCE gridmap.streets_fid_seq OWNED BY gridmap.streets.fid;
CREATE INDEX streets_geom ON gridmap.streets USING gist (geom);
COMMENT ON TABLE gridmap.streets IS '街巷 streets';
