#!/bin/sh
# Asks other people's programs what they think of a running server:
# GDAL's OAPIF driver, OWSLib and schemathesis.
#
#   tests/judges/run.sh http://127.0.0.1:8080
#
# Needs ogrinfo (gdal-bin) and python3 with venv; OWSLib and schemathesis go
# into a folder of their own under ${TMPDIR:-/tmp}.
set -eu
url=${1:?usage: tests/judges/run.sh http://127.0.0.1:8080}
url=${url%/}
here=$(dirname "$0")
tools=${TMPDIR:-/tmp}/gridmap-judges
if [ ! -x "$tools/bin/st" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install -q owslib schemathesis
fi

echo "== GDAL OAPIF"
for layer in grids compounds streets routes incidents; do
    ogrinfo -ro -so "OAPIF:$url" "$layer" | grep -E '^(Layer name|Geometry|Feature Count|Extent)'
    # Reads every page and counts what came.
    told=$(ogrinfo -ro -so "OAPIF:$url" "$layer" | sed -n 's/^Feature Count: //p')
    read=$(ogrinfo -ro -al -q -geom=NO -oo PAGE_SIZE=1000 "OAPIF:$url" "$layer" | grep -c '^OGRFeature' || true)
    if [ "$told" != "$read" ]; then
        echo "$layer: told $told features, read $read" >&2
        exit 1
    fi
done

echo "== OWSLib"
"$tools/bin/python" "$here/owslib_judge.py" "$url"

echo "== schemathesis"
# Positive acceptance is left out: a schema cannot say that west is not beyond
# east, or that a route with that number exists.
"$tools/bin/st" run "$url/openapi.json" \
    --url "$url" \
    --exclude-path /api/events \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance,negative_data_rejection,unsupported_method \
    --max-examples "${EXAMPLES:-30}" \
    --request-timeout 30
