#!/usr/bin/env bash
# Runs the browser tests against the real server with a demo district of a fixed day.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${CARGO_TARGET_DIR:-target}"
export GRIDMAP_BIN="${GRIDMAP_BIN:-$(realpath "$target/release/gridmap")}"
CHROMIUM="${CHROMIUM:-$(command -v chromium)}"
export CHROMIUM
cd web-map
[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund
exec npx --no-install playwright test -c e2e/playwright.config.ts "$@"
