#!/usr/bin/env python3
"""Compare two tile servers tile by tile (reference first), needs: pip install mapbox-vector-tile shapely
  compare.py 'http://127.0.0.1:3000/incidents/{z}/{x}/{y}' 'http://127.0.0.1:4002/incidents/{z}/{x}/{y}' LIST [max tiles]
Reports: tiles with different layer names, feature ids missing / extra (points within 1 unit of the buffer edge are expected),
different properties, largest distance between geometries in tile units (Hausdorff), invalid polygons on each side, bytes."""
import json, sys, urllib.request, gzip, mapbox_vector_tile as mvt
from shapely.geometry import shape, box
A, B, lst = sys.argv[1:4]; n = int(sys.argv[4]) if len(sys.argv) > 4 else 10**9
def get(u, t):
    z, x, y = t.split('/'); r = urllib.request.urlopen(u.replace('{z}', z).replace('{x}', x).replace('{y}', y), timeout=300); b = r.read()
    if r.headers.get('Content-Encoding') == 'gzip': b = gzip.decompress(b)
    return (mvt.decode(b, default_options={'y_coord_down': True}) if b else {}), len(b)
S = dict(tiles=0, layerdiff=0, missing=0, extra=0, feats=0, props=0, maxdist=0.0, far=0, invalid_a=0, invalid_b=0, bytes_a=0, bytes_b=0)
ex = {}
for t in list(dict.fromkeys(open(lst).read().split()))[:n]:
    (a, na), (b, nb) = get(A, t), get(B, t); S['tiles'] += 1; S['bytes_a'] += na; S['bytes_b'] += nb
    if set(a) != set(b): S['layerdiff'] += 1; ex.setdefault('layerdiff', (t, sorted(a), sorted(b)))
    for name in set(a) & set(b):
        fa = {f['id']: f for f in a[name]['features']}; fb = {f['id']: f for f in b[name]['features']}
        S['feats'] += len(fa); S['missing'] += len(set(fa) - set(fb)); S['extra'] += len(set(fb) - set(fa))
        if set(fa) ^ set(fb): ex.setdefault('ids', (t, name, [fa[i]['geometry'] for i in list(set(fa) - set(fb))[:2]], [fb[i]['geometry'] for i in list(set(fb) - set(fa))[:2]]))
        for i in set(fa) & set(fb):
            if fa[i]['properties'] != fb[i]['properties']: S['props'] += 1; ex.setdefault('props', (t, fa[i]['properties'], fb[i]['properties']))
            ga, gb = shape(fa[i]['geometry']), shape(fb[i]['geometry'])
            if not ga.is_valid: S['invalid_a'] += 1
            if not gb.is_valid: S['invalid_b'] += 1; ex.setdefault('invalid_b', (t, i))
            d = ga.hausdorff_distance(gb)
            if d > 2: S['far'] += 1; ex.setdefault('far', (t, name, i, d))
            S['maxdist'] = max(S['maxdist'], d)
print(json.dumps(S)); [print(k, v) for k, v in ex.items()]
