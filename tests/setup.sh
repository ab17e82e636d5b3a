#!/usr/bin/env bash
# Installs what the tests need, or says in one list what is missing.
set -euo pipefail

packages=()
need() { # need COMMAND-OR-FILE PACKAGE
  if [ -e "$1" ] || command -v "$1" >/dev/null 2>&1; then return; fi
  packages+=("$2")
}
need chromium chromium
need ogrinfo gdal-bin
need sqlite3 sqlite3
need curl curl
need openssl openssl
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages+=(postgresql)
ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || packages+=(postgresql-postgis)
fc-list 2>/dev/null | grep -q "Noto Sans CJK SC" || packages+=(fonts-noto-cjk fontconfig)
python3 -c 'import osgeo' 2>/dev/null || /usr/bin/python3 -c 'import osgeo' 2>/dev/null || packages+=(python3-gdal)

if ! command -v npm >/dev/null 2>&1; then
  echo "npm is missing: install Node.js 20 with npm, then run make test again." >&2
  exit 1
fi
[ ${#packages[@]} -eq 0 ] && exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo="sudo"; else
    echo "These packages are missing; install them and run make test again:" >&2
    echo "  apt-get install --no-install-recommends ${packages[*]}" >&2
    exit 1
  fi
fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "These Debian packages, or what your system calls them, are missing: ${packages[*]}" >&2
  exit 1
fi
echo "installing: ${packages[*]}"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
