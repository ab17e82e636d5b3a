-- Synthetic city for tile-server comparison.  Deterministic (hash-based), SRID 4326.
-- 2000 grids (50 x 40, shared wobbly borders, 60 vertices each), 300 compounds, 400 patrol routes,
-- 200000 incidents; about 12 km x 12 km around lon 117.31 lat 31.87.
\set ON_ERROR_STOP on
CREATE EXTENSION IF NOT EXISTS postgis;
DROP SCHEMA IF EXISTS raw CASCADE;
DROP SCHEMA IF EXISTS tiles CASCADE;
CREATE SCHEMA raw;
CREATE SCHEMA tiles;
SET search_path = raw, public;

-- uniform [0,1) from an integer key and a salt
CREATE OR REPLACE FUNCTION u01(k bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (hashint8extended(k, salt) & 4294967295)::float8 / 4294967296.0 $$;
-- metres east / north of the centre -> lon/lat point
CREATE OR REPLACE FUNCTION m2pt(x float8, y float8) RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT ST_SetSRID(ST_MakePoint(117.31 + x / (111320.0 * cos(radians(31.87))), 31.87 + y / 110870.0), 4326) $$;
-- vertex (a,b) of the fine lattice: 750 x 600 steps over 12 km, smooth warp + noise, shared by neighbours
CREATE OR REPLACE FUNCTION lattice_pt(a int, b int) RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT m2pt(
     -6000 + a*16.0 + 70*sin(b*16.0/900.0) + 35*sin(a*16.0/500.0 + b*16/700.0) + 11*(u01(a*100000::bigint+b, 1)-0.5),
     -6000 + b*20.0 + 70*sin(a*16.0/1100.0) + 35*cos(a*16.0/600.0 - b*16/800.0) + 13*(u01(a*100000::bigint+b, 2)-0.5)) $$;

CREATE TABLE grids (
  id int PRIMARY KEY, code text UNIQUE NOT NULL, name text NOT NULL, community text NOT NULL,
  captain text, population int, risk_level int, geom geometry(Polygon,4326) NOT NULL);
INSERT INTO grids
SELECT j*50+i+1, 'G'||lpad((j*50+i+1)::text,4,'0'), '第'||(j*50+i+1)||'网格', '社区'||((j/4)*5+i/10+1),
       '网格长'||(j*50+i+1), (300+1700*u01(j*50+i,11))::int, 1+floor(4*u01(j*50+i,12))::int,
       ST_MakePolygon(ST_MakeLine(ARRAY(
         SELECT lattice_pt(i*15+k, j*15)        FROM generate_series(0,14) k UNION ALL
         SELECT NULL WHERE false) ||
         ARRAY(SELECT lattice_pt(i*15+15, j*15+k)    FROM generate_series(0,14) k) ||
         ARRAY(SELECT lattice_pt(i*15+15-k, j*15+15) FROM generate_series(0,14) k) ||
         ARRAY(SELECT lattice_pt(i*15, j*15+15-k)    FROM generate_series(0,15) k)))
FROM generate_series(0,49) i, generate_series(0,39) j;

CREATE TABLE compounds (
  id int PRIMARY KEY, name text NOT NULL, kind text, households int, key_level int, geom geometry(Polygon,4326) NOT NULL);
INSERT INTO compounds
SELECT n, '小区'||n, (ARRAY['residential','school','market','hospital'])[1+floor(4*u01(n,21))::int],
       (100+2900*u01(n,22))::int, 1+floor(3*u01(n,23))::int,
       ST_MakePolygon(ST_MakeLine(ARRAY(
         SELECT m2pt(-5800+11600*u01(n,24) + r*cos(2*pi()*(k%24)/24.0), -5800+11600*u01(n,25) + r*0.8*sin(2*pi()*(k%24)/24.0))
         FROM (SELECT k, (60+90*u01(n,26))*(0.8+0.4*u01(n*100::bigint+k%24,27)) AS r FROM generate_series(0,24) k) s ORDER BY k)))
FROM generate_series(1,300) n;

CREATE TABLE patrol_routes (
  id int PRIMARY KEY, name text NOT NULL, team text, shift text, length_m float8, geom geometry(LineString,4326) NOT NULL);
INSERT INTO patrol_routes (id,name,team,shift,geom)
SELECT n, '巡防路线'||n, '巡防'||(1+n%20)||'队', (ARRAY['day','evening','night'])[1+n%3],
  ST_MakeLine(ARRAY(SELECT m2pt(x,y) FROM (
     SELECT k, -5500+11000*u01(n,31) + sum(45*cos(2*pi()*u01(n,33) + 1.6*sin(k/9.0+6*u01(n,34)) + 0.5*u01(n*1000::bigint+k,35))) OVER (ORDER BY k) AS x,
               -5500+11000*u01(n,32) + sum(45*sin(2*pi()*u01(n,33) + 1.6*sin(k/9.0+6*u01(n,34)) + 0.5*u01(n*1000::bigint+k,35))) OVER (ORDER BY k) AS y
     FROM generate_series(1,80) k) s ORDER BY k))
FROM generate_series(1,400) n;
UPDATE patrol_routes SET length_m = round(ST_Length(geom::geography)::numeric,1);

CREATE TABLE incidents (
  id int PRIMARY KEY, category text NOT NULL, source text NOT NULL, severity int NOT NULL,
  occurred_at timestamptz NOT NULL, grid_code text, geom geometry(Point,4326) NOT NULL);
INSERT INTO incidents (id,category,source,severity,occurred_at,geom)
SELECT n,
  (ARRAY['theft','fraud','fight','noise','traffic','dispute_family','dispute_labor','dispute_neighbor','parking','sanitation','property_mgmt','other'])[1+floor(12*power(u01(n,41),1.6))::int],
  (ARRAY['110','12345','dispute'])[1+floor(3*u01(n,42))::int], 1+floor(5*power(u01(n,43),2))::int,
  timestamptz '2025-11-01 00:00+08' + make_interval(secs => floor(365*86400*u01(n,44))),
  CASE WHEN u01(n,45) < 0.2 THEN m2pt(-6000+12000*u01(n,46), -6000+12000*u01(n,47))
       ELSE (SELECT m2pt(greatest(-6000,least(6000, -5000+10000*u01(c,51) + s*sqrt(-2*ln(1-u01(n,48)))*cos(2*pi()*u01(n,49)))),
                         greatest(-6000,least(6000, -5000+10000*u01(c,52) + s*sqrt(-2*ln(1-u01(n,48)))*sin(2*pi()*u01(n,49)))))
             FROM (SELECT 1+floor(40*power(u01(n,50),1.4))::int AS c) a, LATERAL (SELECT 80+520*u01(a.c,53) AS s) b) END
FROM generate_series(1,200000) n;

CREATE INDEX ON grids USING gist(geom);
CREATE INDEX ON incidents USING gist(geom);
UPDATE incidents p SET grid_code = g.code FROM grids g WHERE ST_Intersects(g.geom, p.geom);

-- What both servers send: the columns of gridmap's tiles, times in whole seconds.
-- Stored tables with integer ids, typed geometry and clustered indexes, so that nothing is worked out per request.
CREATE TABLE tiles.grids AS SELECT id, code, name, 'basic'::text AS kind, community, population AS households, geom FROM grids;
CREATE TABLE tiles.compounds AS SELECT id, name, kind, key_level AS priority, geom FROM compounds;
CREATE TABLE tiles.routes AS SELECT id, 'R' || lpad(id::text, 4, '0') AS code, name,
  (ARRAY['foot','ebike','car'])[1 + id % 3] AS mode, geom FROM patrol_routes;
CREATE TABLE tiles.incidents AS SELECT id,
  CASE WHEN c.code LIKE 'police%' THEN 'police' WHEN c.code LIKE 'dispute%' THEN 'dispute' ELSE 'hotline' END AS kind,
  c.code AS category, extract(epoch FROM occurred_at)::bigint AS occurred_at,
  CASE WHEN source = '110' THEN 'resident' ELSE 'patrol' END AS found,
  (ARRAY['已办结','处理中','待核实','已转办','已回访'])[severity] AS status, grid_code AS grid, geom
FROM incidents JOIN (VALUES
  ('theft', 'police.theft'), ('fraud', 'police.fraud'), ('fight', 'police.order.assault'), ('noise', 'police.order.noise'),
  ('traffic', 'police.traffic'), ('dispute_family', 'dispute.family'), ('dispute_labor', 'dispute.labor'),
  ('dispute_neighbor', 'dispute.neighbor'), ('parking', 'hotline.parking'), ('sanitation', 'hotline.sanitation'),
  ('property_mgmt', 'hotline.property'), ('other', 'hotline.other')) AS c(word, code) ON c.word = category;
ALTER TABLE tiles.grids ADD PRIMARY KEY (id);
ALTER TABLE tiles.compounds ADD PRIMARY KEY (id);
ALTER TABLE tiles.routes ADD PRIMARY KEY (id);
ALTER TABLE tiles.incidents ADD PRIMARY KEY (id);
CREATE INDEX grids_geom ON tiles.grids USING gist(geom);
CREATE INDEX compounds_geom ON tiles.compounds USING gist(geom);
CREATE INDEX routes_geom ON tiles.routes USING gist(geom);
CREATE INDEX incidents_geom ON tiles.incidents USING gist(geom);
CREATE INDEX incidents_time ON tiles.incidents(occurred_at);
CREATE INDEX incidents_category ON tiles.incidents(category);
CLUSTER tiles.incidents USING incidents_geom;
VACUUM ANALYZE;

-- Martin's function source: incidents of some categories and a stretch of time named in the address.
CREATE OR REPLACE FUNCTION tiles.incidents_f(z integer, x integer, y integer, query_params json) RETURNS bytea
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  r bytea;
  cats text[] := string_to_array(query_params->>'category', ',');
  t0 bigint := (query_params->>'from')::bigint;
  t1 bigint := (query_params->>'to')::bigint;
BEGIN
  SELECT ST_AsMVT(t, 'incidents', 4096, 'geom', 'id') INTO r FROM (
    SELECT ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(z, x, y), 4096, 0, true) AS geom,
      i.id, i.category, i.found, i.grid, i.kind, i.occurred_at, i.status
    FROM tiles.incidents AS i
    WHERE geom && ST_Expand(ST_Transform(ST_TileEnvelope(z, x, y), 4326), (0.015625 * 360) / 2^z)
      AND (cats IS NULL OR category = ANY(cats)) AND (t0 IS NULL OR occurred_at >= t0) AND (t1 IS NULL OR occurred_at < t1)) t;
  RETURN r;
END $$;

SELECT 'grids' AS t, count(*) FROM tiles.grids UNION ALL SELECT 'compounds', count(*) FROM tiles.compounds
UNION ALL SELECT 'routes', count(*) FROM tiles.routes UNION ALL SELECT 'incidents', count(*) FROM tiles.incidents;
