#!/usr/bin/env python3
"""Our tiles beside Martin + PostGIS, alternating in one run.

usage: run.py BINARY BARE [--seconds 6] [--only compare,cold,filters,warm]

BINARY is gridmap, BARE the program of benches/tiles/bare.rs. Prints Markdown for docs/benchmarks.md.
Needs postgresql-15-postgis-3, wrk, and Martin: MARTIN=path, or `martin` on the PATH
(cargo install martin --version 1.14.0 --locked --no-default-features --features postgres).

Both servers hold the same rows with the same ids and send the same columns.
Cold: Martin has no cache, ours runs with --tile-cache-mb 0.
The figure is CPU per tile of server and database together; `foreign` is what others used of the machine.
"""
import argparse
import calendar
import json
import math
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
PG_BIN = "/usr/lib/postgresql/15/bin"
# Zoom 13 is left out: there ours counts by cell.
LISTS = ["z14", "z15", "z16", "z17"]
FILTER_CATEGORIES = "police.theft,hotline.parking"
FILTER_MONTH = ("2026-03-01", "2026-04-01")


def sh(*command, **options):
    done = subprocess.run(command, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr or done.returncode}")
    return done


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A private PostGIS cluster without fsync: nothing here is kept."""

    def __init__(self, folder):
        self.data, self.port = os.path.join(folder, "pg"), free_port()
        os.makedirs(self.data)
        os.chmod(folder, 0o755)
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.data, self.user)
        self.sh(f"{PG_BIN}/initdb -D {self.data}/db -A trust -U postgres -E UTF8 --locale=C.UTF-8")
        with open(f"{self.data}/db/postgresql.conf", "a") as conf:
            conf.write(
                f"listen_addresses='127.0.0.1'\nport={self.port}\nunix_socket_directories='{self.data}'\n"
                "shared_buffers=1GB\nwork_mem=64MB\neffective_cache_size=8GB\nmaintenance_work_mem=512MB\n"
                "random_page_cost=1.1\nmax_connections=100\njit=off\nfsync=off\n"
            )
        self.sh(f"{PG_BIN}/pg_ctl -D {self.data}/db -l {self.data}/log -w start")
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/city"
        sh("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "city")

    def sh(self, command):
        line = ["su", self.user, "-c", command] if self.user else ["sh", "-c", command]
        sh(*line, stdout=subprocess.DEVNULL)

    def file(self, path):
        sh("psql", "-q", "-d", self.url, "-f", path, stdout=subprocess.DEVNULL)

    def query(self, text):
        return sh("psql", "-qAt", "-d", self.url, "-c", text, capture_output=True, text=True).stdout

    def stop(self):
        self.sh(f"{PG_BIN}/pg_ctl -D {self.data}/db -m immediate stop")


def features(cluster, table, path):
    rows = cluster.query(
        f"select json_build_object('type','Feature','geometry',st_asgeojson(geom,9)::json,"
        f"'properties',to_jsonb(t)-'geom'-'id'||jsonb_build_object('source_id',id::text)) from tiles.{table} t order by id"
    )
    with open(path, "w") as out:
        out.write('{"type":"FeatureCollection","features":[' + ",".join(rows.splitlines()) + "]}")


def fill(binary, cluster, folder):
    """The same rows under the same ids in a folder of ours."""
    data = os.path.join(folder, "data")
    for table in ("grids", "compounds", "routes"):
        path = os.path.join(folder, f"{table}.geojson")
        features(cluster, table, path)
        sh(binary, "import", table, path, "--data", data, "--crs", "wgs84", "--source", "bench", "--json", stdout=subprocess.DEVNULL)
    path = os.path.join(folder, "incidents.csv")
    with open(path, "w") as out:
        out.write(
            cluster.query(
                "copy (select id as source_id, kind, category, to_char(to_timestamp(occurred_at) at time zone 'Asia/Shanghai',"
                " 'YYYY-MM-DD HH24:MI:SS') as occurred_at, found as found_by, status, st_x(geom) as lon, st_y(geom) as lat"
                " from tiles.incidents order by id) to stdout with csv header"
            )
        )
    sh(binary, "import", "incidents", path, "--data", data, "--crs", "wgs84", "--source", "bench", "--json", stdout=subprocess.DEVNULL)
    return data


def serve(binary, data, cache_mb):
    process = subprocess.Popen(
        [binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--tile-cache-mb", str(cache_mb)],
        stdout=subprocess.PIPE,
        text=True,
    )
    address = re.search(r"http://\S+", process.stdout.readline()).group(0).rstrip("/")
    return process, address


def bench(label, url, tiles, lists, enc, seconds, out, pid, pg=None, warm=False):
    command = [sys.executable, f"{HERE}/bench.py", "--url", url, "--pid", str(pid), "--lists", ",".join(lists)]
    command += ["--seconds", str(seconds), "--enc", enc, "--label", label, "--out", out, "--tiles", tiles]
    if pg:
        command += ["--pg", f"{pg}/db"]
    if warm:
        command += ["--warm"]
    sh(*command, stdout=sys.stderr)
    with open(out) as rows:
        return [json.loads(row) for row in rows][-len(lists):]


def ready(url, process, log):
    """Waits until a server answers."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    with open(log) as told:
        sys.exit(f"{url} does not answer:\n{told.read()[-2000:]}")


def cpu(row):
    return row["srv_ms"] + row["pg_ms"]


def geometric(values):
    return math.exp(statistics.fmean(math.log(v) for v in values))


def compared(title, theirs, ours):
    print(f"\n### {title}\n\n| list | Martin CPU ms | ours CPU ms | ratio | Martin bytes | ours bytes | tiles/s | p99 ms | foreign |")
    print("|---|---|---|---|---|---|---|---|---|")
    for a, b in zip(theirs, ours):
        print(
            f"| {a['list']} | {cpu(a):.3f} | {cpu(b):.3f} | **{cpu(a) / cpu(b):.1f}** | {a['mean_bytes']} | {b['mean_bytes']}"
            f" | {a['rps']:.0f} / {b['rps']:.0f} | {a['p99_ms']:.1f} / {b['p99_ms']:.1f} | {a['foreign']:.2f} / {b['foreign']:.2f} |"
        )
    print(f"\nGeometric mean {geometric([cpu(a) / cpu(b) for a, b in zip(theirs, ours)]):.1f}.", flush=True)


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("binary")
    ask.add_argument("bare")
    ask.add_argument("--seconds", type=int, default=6)
    ask.add_argument("--only", default="compare,cold,filters,warm")
    asked = ask.parse_args()
    only = asked.only.split(",")
    martin = os.environ.get("MARTIN") or shutil.which("martin")
    if not martin:
        sys.exit("Martin is missing: cargo install martin --version 1.14.0 --locked --no-default-features --features postgres")
    version = sh(martin, "--version", capture_output=True, text=True).stdout.strip()
    folder = tempfile.mkdtemp(prefix="gridmap-tiles-")
    tiles, out = os.path.join(folder, "lists"), os.path.join(folder, "rows.jsonl")
    sh(sys.executable, f"{HERE}/make_tiles.py", tiles, stdout=subprocess.DEVNULL)
    cluster = Cluster(folder)
    started = []
    try:
        cluster.file(f"{HERE}/dataset.sql")
        data = fill(asked.binary, cluster, folder)
        their, log = f"http://127.0.0.1:{free_port()}", os.path.join(folder, "martin.log")
        with open(f"{HERE}/martin.yaml") as source, open(os.path.join(folder, "martin.yaml"), "w") as config:
            config.write(source.read().replace("ADDRESS", their[7:]).replace("DATABASE", cluster.url))
        with open(log, "w") as told:
            peer = subprocess.Popen([martin, "--config", config.name], stdout=told, stderr=told)
        started.append(peer)
        own, address = serve(asked.binary, data, 0)
        started.append(own)
        ready(f"{their}/health", peer, log)
        print(f"Machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {version}; {asked.seconds} s a list, 16 connections.")
        template = "{}/{}/{{z}}/{{x}}/{{y}}"

        def pair(title, ours_path, their_path, enc, lists=LISTS):
            theirs, ours = [], []
            for name in lists:
                theirs += bench("martin", their + their_path, tiles, [name], enc, asked.seconds, out, peer.pid, cluster.data)
                ours += bench("gridmap", address + ours_path, tiles, [name], enc, asked.seconds, out, own.pid)
            compared(title, theirs, ours)

        layers = {"incidents": "incidents", "four layers": "grids,compounds,routes,incidents"}
        if "compare" in only:
            print("\n### Same features\n\n| layers | tiles | features | ids missing or extra | other properties | invalid rings Martin / ours |\n|---|---|---|---|---|---|")
            for title, names in layers.items():
                for name, most in (("z14", 20), ("z15", 40), ("z16", 80), ("z17", 120)):
                    told = sh(
                        sys.executable, f"{HERE}/compare.py", f"{their}/{names}/{{z}}/{{x}}/{{y}}",
                        f"{address}/tiles/{names}/{{z}}/{{x}}/{{y}}", f"{tiles}/{name}.txt", str(most),
                        capture_output=True, text=True,
                    ).stdout
                    print(told, file=sys.stderr)
                    s = json.loads(told.splitlines()[0])
                    print(f"| {title}, {name} | {s['tiles']} | {s['feats']} | {s['missing']} / {s['extra']} | {s['props']} | {s['invalid_a']} / {s['invalid_b']} |", flush=True)
        if "cold" in only:
            for enc in ("gzip", "identity"):
                for title, names in layers.items():
                    pair(f"Cold, {enc}, {title}", f"/tiles/{names}/{{z}}/{{x}}/{{y}}", f"/{names}/{{z}}/{{x}}/{{y}}", enc)
        if "filters" in only:
            epoch = [str(calendar.timegm(time.strptime(day, "%Y-%m-%d")) - 8 * 3600) for day in FILTER_MONTH]
            pair(
                "Cold, gzip, incidents of two categories in one month",
                f"/tiles/incidents/{{z}}/{{x}}/{{y}}?category={FILTER_CATEGORIES}&datetime={FILTER_MONTH[0]}/{FILTER_MONTH[1]}",
                f"/incidents_f/{{z}}/{{x}}/{{y}}?category={FILTER_CATEGORIES}&from={epoch[0]}&to={epoch[1]}",
                "gzip",
            )
        if "warm" in only:
            own.send_signal(signal.SIGTERM)
            own.wait(60)
            own, address = serve(asked.binary, data, 1024)
            started.append(own)
            rows = []
            for name in LISTS:
                ours = bench("gridmap warm", f"{address}/tiles/incidents/{{z}}/{{x}}/{{y}}", tiles, [name], "gzip", asked.seconds, out, own.pid, warm=True)[0]
                bare = subprocess.Popen([asked.bare, str(max(1, ours["mean_bytes"] - 300))], stdout=subprocess.PIPE, text=True)
                started.append(bare)
                at = bare.stdout.readline().strip()
                base = bench("bare axum", f"{at}/{{z}}/{{x}}/{{y}}", tiles, [name], "gzip", asked.seconds, out, bare.pid, warm=True)[0]
                bare.kill()
                rows.append((base, ours))
            print("\n### Warm, gzip, incidents, beside a bare axum server that sends as many bytes\n\n| list | bare tiles/s | ours tiles/s | share | bare CPU ms | ours CPU ms | foreign |\n|---|---|---|---|---|---|---|")
            for base, ours in rows:
                print(
                    f"| {ours['list']} | {base['rps']:.0f} | {ours['rps']:.0f} | **{ours['rps'] / base['rps'] * 100:.0f} %** | {cpu(base):.4f} | {cpu(ours):.4f}"
                    f" | {base['foreign']:.2f} / {ours['foreign']:.2f} |"
                )
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait(30)
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
