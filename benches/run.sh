#!/usr/bin/env bash
# Prints the figures of docs/benchmarks.md.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release
python3 benches/serve.py "${CARGO_TARGET_DIR:-target}/release/gridmap" "$@"
cargo bench --bench query
