#!/usr/bin/env bash
# Starts a private PostgreSQL with PostGIS, prints the address of an empty
# database, and stops and removes it when its input ends:
#   tests/postgis.sh < <(sleep 1000)
# Reached by a socket in its own folder only, so no port is taken. Without
# PostGIS on the machine it says SKIPPED and ends.
set -euo pipefail

programs=""
for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V); do
  version="$(basename "$(dirname "$folder")")"
  [ -x "$folder/initdb" ] && [ -e "/usr/share/postgresql/$version/extension/postgis.control" ] && programs="$folder"
done
if [ -z "$programs" ]; then
  echo "SKIPPED $(basename "$0"): needs PostgreSQL with PostGIS"
  exit 0
fi

# The server refuses to run as root.
as=()
[ "$(id -u)" -eq 0 ] && as=(runuser -u postgres --)
# Short, for the socket's path; the server's user has to own it.
folder="$(cd /tmp && "${as[@]}" mktemp -d /tmp/gridmap-pg-XXXXXX)"
cd /tmp

finish() {
  "${as[@]}" "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

# Readable for a client of another user.
"${as[@]}" chmod 755 "$folder"
"${as[@]}" "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
"${as[@]}" tee -a "$folder/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$folder'
fsync = off
max_connections = 60
shared_buffers = 64MB
CONF
"${as[@]}" "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null || {
  cat "$folder/log" >&2
  exit 1
}
run() { "$programs/psql" -X -q -v ON_ERROR_STOP=1 -U postgres -h "$folder" -d "$1" -c "$2" >/dev/null; }
run postgres "CREATE DATABASE gridmap"
run gridmap "CREATE EXTENSION postgis"
echo "postgres://postgres@${folder//\//%2F}/gridmap"
cat >/dev/null
