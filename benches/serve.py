"""Import rate, start-up, memory and tile times of the built program.

usage: python3 benches/serve.py BINARY [COUNT …]

Prints one Markdown table row per measurement. Everything runs on this machine
over loopback; a tile is asked for once with the cache off (cold), one request
at a time, so the figures are latencies and not throughput.
"""

import gzip
import http.client
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

UNTIL = "2026-11-21"
ZOOMS = range(10, 18)


def run(*command):
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return time.monotonic() - started, done.stdout


def resident_mb(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


class Server:
    """The program on a free port, until the `with` block ends."""

    def __init__(self, binary, data):
        self.command = [binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--tile-cache-mb", "0"]

    def __enter__(self):
        self.log = tempfile.TemporaryFile(mode="w+")
        started = time.monotonic()
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=subprocess.STDOUT)
        while True:
            self.log.seek(0)
            found = re.search(r"http://127\.0\.0\.1:(\d+)", self.log.read())
            if found:
                break
            if self.process.poll() is not None or time.monotonic() - started > 300:
                self.log.seek(0)
                sys.exit(self.log.read())
            time.sleep(0.01)
        self.port = int(found.group(1))
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        assert self.get("/healthz")[0] == 200
        self.started_s = time.monotonic() - started
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def get(self, path):
        self.connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def tile_of(lon, lat, zoom):
    n = 2**zoom
    y = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180) / 360 * n), int((1 - y / math.pi) / 2 * n)


def tiles(server, layers, suffix=""):
    """Latency of every non-empty tile over the district, by zoom."""
    meta = json.loads(gzip.decompress(server.get("/api/meta")[1]))
    west, south, east, north = meta["bounds"]
    for zoom in ZOOMS:
        left, top = tile_of(west, north, zoom)
        right, bottom = tile_of(east, south, zoom)
        wanted = [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)][:400]
        times, sizes = [], []
        for repeat in range(max(1, 40 // len(wanted))):
            for x, y in wanted:
                started = time.perf_counter()
                status, body = server.get(f"/tiles/{layers}/{zoom}/{x}/{y}{suffix}")
                elapsed = (time.perf_counter() - started) * 1000
                assert status in (200, 204), status
                if status == 200:
                    times.append(elapsed)
                    sizes.append(len(body))
        if times:
            times.sort()
            yield zoom, len(sizes), statistics.median(times), times[int(len(times) * 0.99)], max(sizes) / 1000


def main():
    binary = os.path.abspath(sys.argv[1])
    counts = [int(count) for count in sys.argv[2:]] or [60_000, 1_000_000]
    print(f"load average at start: {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n")
    folder = tempfile.mkdtemp(prefix="gridmap-bench-")
    try:
        for count in counts:
            measure(binary, folder, count)
    finally:
        shutil.rmtree(folder)


def measure(binary, folder, count):
    made, loaded = os.path.join(folder, f"made{count}"), os.path.join(folder, f"loaded{count}")
    run(binary, "sample", "--seed", "1", "--until", UNTIL, "--count", str(count), "--data", made)
    table = os.path.join(folder, f"{count}.csv")
    run(binary, "export", "incidents", "--format", "csv", "--data", made, "-o", table)
    grids = os.path.join(folder, "grids.geojson")
    run(binary, "export", "grids", "--format", "geojson", "--data", made, "-o", grids)
    run(binary, "import", "grids", grids, "--data", loaded, "--crs", "wgs84", "--json")
    seconds, out = run(binary, "import", "incidents", table, "--data", loaded, "--crs", "wgs84", "--json")
    summary = json.loads(out)
    assert summary["accepted"] >= count * 0.99, summary
    print(f"### {count:,} incidents\n")
    print("| what | figure |\n|---|---|")
    print(f"| import of CSV into an empty folder | {seconds:.1f} s, {summary['read'] / seconds:,.0f} rows/s |")
    again, _ = run(binary, "import", "incidents", table, "--data", loaded, "--crs", "wgs84", "--json")
    print(f"| the same file again (all unchanged) | {again:.1f} s |")
    size = os.path.getsize(os.path.join(loaded, "gridmap.gpkg"))
    print(f"| GeoPackage | {size / 1e6:.0f} MB, {size / count:.0f} bytes per incident |")
    with Server(binary, made) as server:
        memory = resident_mb(server.process.pid)
        print(f"| start-up until the first answer | {server.started_s:.2f} s |")
        print(f"| resident memory | {memory:.0f} MB, {memory * 1e6 / count:.0f} bytes per incident (all of the program) |")
        print("\n| layers | zoom | tiles | p50 ms | p99 ms | largest kB (gzip) |\n|---|---|---|---|---|---|")
        for layers in ("incidents", "grids,grids_label,compounds,compounds_label,streets,routes,incidents"):
            name = "incidents" if layers == "incidents" else "all layers"
            for zoom, number, p50, p99, largest in tiles(server, layers):
                print(f"| {name} | {zoom} | {number} | {p50:.2f} | {p99:.2f} | {largest:.0f} |")
        suffix = "?category=police.theft&datetime=2026-10-22/2026-11-22"
        for zoom, number, p50, p99, largest in tiles(server, "incidents", suffix):
            print(f"| filtered | {zoom} | {number} | {p50:.2f} | {p99:.2f} | {largest:.0f} |")
    print()


main()
