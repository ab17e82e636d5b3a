"""Import time, start-up and memory at a million incidents, on both stores.

usage: python3 benches/store.py BINARY [--count N] [--only gpkg|postgis]

Prints one Markdown table per store. PostGIS runs in a private cluster with
fsync on, made in a temporary folder and removed at the end; without PostgreSQL
and PostGIS that part is skipped and said so.
"""

import argparse
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

UNTIL = "2026-11-21"


def run(*command):
    """Runs a command; answers seconds, output and the peak of its memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate()
    seconds = time.monotonic() - started
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{out}\n{err}")
    return seconds, out


def status_mb(pid, name):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(rf"{name}:\s+(\d+)", status.read()).group(1)) / 1024


def serve(binary, store):
    """Seconds until the first answer, then memory in MB: at rest and at its peak."""
    started = time.monotonic()
    process = subprocess.Popen(
        [binary, "serve", *store, "--listen", "127.0.0.1:0", "--tile-cache-mb", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = re.search(r"http://\S+", process.stdout.readline()).group(0).rstrip("/")
        with urllib.request.urlopen(f"{address}/healthz") as answer:
            assert answer.status == 200
        seconds = time.monotonic() - started
        # Threads of the load end, their memory goes back to the system.
        time.sleep(15)
        return seconds, status_mb(process.pid, "VmRSS"), status_mb(process.pid, "VmHWM")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def text_bytes(table):
    """Bytes of the free texts and source ids of a CSV file: what no index can save."""
    import csv

    with open(table, newline="", encoding="utf-8-sig") as rows:
        reader = csv.reader(rows)
        head = next(reader)
        wanted = [head.index(name) for name in head if name in ("Text", "Source id", "内容", "来源编号")]
        return sum(len(row[slot].encode()) for row in reader for slot in wanted)


def measure(name, binary, store, folder, count, empty_mb, text):
    grids, table = os.path.join(folder, "grids.geojson"), os.path.join(folder, "rows.csv")
    run(binary, "import", "grids", grids, *store, "--crs", "wgs84", "--json")
    seconds, out = run(binary, "import", "incidents", table, *store, "--crs", "wgs84", "--json")
    summary = json.loads(out)
    assert summary["accepted"] >= count * 0.99, summary
    print(f"\n### {count:,} incidents, {name}\n\n| what | figure |\n|---|---|")
    print(f"| import of CSV, grids there | {seconds:.1f} s, {count / seconds:,.0f} rows/s |", flush=True)
    again, _ = run(binary, "import", "incidents", table, *store, "--crs", "wgs84", "--json")
    print(f"| the same file again (all unchanged) | {again:.1f} s |", flush=True)
    started_s, rest, peak = serve(binary, store)
    beyond = (rest - empty_mb) * 1e6 / count - text / count
    print(f"| start-up until the first answer | {started_s:.1f} s |")
    print(f"| memory | {rest:.0f} MB, peak while loading {peak:.0f} MB |")
    print(f"| per incident, beyond the program and {text / count:.0f} bytes of text | {beyond:.0f} bytes |")
    hashed, _ = run(binary, "hash", *store)
    print(f"| content hash | {hashed:.1f} s |", flush=True)


class Cluster:
    """A private PostgreSQL with PostGIS."""

    def __init__(self):
        found = [
            os.path.dirname(path)
            for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")
            if os.path.exists(f"/usr/share/postgresql/{path.split('/')[4]}/extension/postgis.control")
        ]
        self.programs = max(found, default=None)

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="gm-pg-", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres")
        data = f"{self.folder}/data"
        self.command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        settings = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c shared_buffers=256MB"
        self.command("pg_ctl", "-D", data, "-l", f"{self.folder}/log", "-w", "-o", settings, "start")
        return f"postgres://postgres@{self.folder.replace('/', '%2F')}/postgres"

    def command(self, name, *arguments):
        subprocess.run(
            [*self.user, f"{self.programs}/{name}", *arguments], check=True, cwd="/tmp", stdout=subprocess.DEVNULL
        )

    def __exit__(self, *_):
        self.command("pg_ctl", "-D", f"{self.folder}/data", "-m", "fast", "stop")
        shutil.rmtree(self.folder)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("binary")
    arguments.add_argument("--count", type=int, default=1_000_000)
    arguments.add_argument("--only", choices=["gpkg", "postgis"])
    given = arguments.parse_args()
    binary, count = os.path.abspath(given.binary), given.count
    print(f"load average at start: {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    folder = tempfile.mkdtemp(prefix="gridmap-bench-")
    try:
        path = lambda name: os.path.join(folder, name)
        run(binary, "sample", "--seed", "1", "--until", UNTIL, "--count", str(count), "--data", path("made"))
        run(binary, "export", "incidents", "--format", "csv", "--data", path("made"), "-o", path("rows.csv"))
        run(binary, "export", "grids", "--format", "geojson", "--data", path("made"), "-o", path("grids.geojson"))
        run(binary, "import", "grids", path("grids.geojson"), "--data", path("empty"), "--crs", "wgs84")
        _, empty_mb, _ = serve(binary, ["--data", path("empty")])
        text = text_bytes(path("rows.csv"))
        print(f"the program with grids alone: {empty_mb:.0f} MB")
        if given.only != "postgis":
            measure("GeoPackage", binary, ["--data", path("loaded")], folder, count, empty_mb, text)
            size = os.path.getsize(path("loaded/gridmap.gpkg"))
            print(f"| file | {size / 1e6:.0f} MB, {size / count:.0f} bytes per incident |")
        cluster = Cluster()
        if given.only == "gpkg":
            return
        if cluster.programs is None:
            print("\nSKIPPED PostGIS: needs PostgreSQL with PostGIS")
            return
        with cluster as url:
            measure("PostGIS", binary, ["--database-url", url], folder, count, empty_mb, text)
    finally:
        shutil.rmtree(folder)


main()
