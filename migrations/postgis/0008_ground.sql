-- 底图 ground: roads, buildings, water, green, rails and names of places from an
-- OpenStreetMap extract. It is replaced as a whole; what is known about it is
-- the setting `ground`, whose change in the log tells followers to read it anew.
CREATE TABLE gridmap.ground (
  fid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  geom geometry(Geometry, 4326),
  class text,
  kind text,
  name text
);
CREATE INDEX ground_geom ON gridmap.ground USING gist (geom);
COMMENT ON TABLE gridmap.ground IS '底图 ground (OpenStreetMap)';
