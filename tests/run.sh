#!/usr/bin/env bash
# Every check, one after the other, with the minutes that each takes.
set -uo pipefail
cd "$(dirname "$0")/.."

export WEB_MAP=force
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
failed=""
times=()

step() { # step NAME COMMAND…
  local name="$1" start status
  shift
  echo
  echo "== $name"
  start=$(date +%s)
  "$@" 2>&1 | tee -a "$log"
  status=${PIPESTATUS[0]}
  times+=("$(awk -v s=$(($(date +%s) - start)) -v n="$name" 'BEGIN{printf "%6.1f min  %s", s/60, n}')")
  [ "$status" -eq 0 ] || { failed="$failed $name"; return "$status"; }
}

finish() {
  echo
  echo "== minutes per step"
  printf '%s\n' "${times[@]}"
  if grep -q '^SKIPPED ' "$log"; then
    echo
    echo "== skipped"
    grep -h '^SKIPPED ' "$log" | sort -u
  fi
  if [ -n "$failed" ]; then
    echo
    echo "FAILED:$failed"
    exit 1
  fi
  exit 0
}

step setup bash tests/setup.sh || finish
step format cargo fmt --check
step clippy cargo clippy --release --all-targets -- -D warnings || finish
step build cargo build --release || finish
step rust cargo test --release --no-fail-fast
step client bash -c 'cd web-map && npm run --silent check && npm test --silent'
step browser bash tests/e2e.sh
finish
