#!/usr/bin/env python3
"""Parquet to Arrow on one core: bench-parquet-decode against DuckDB, pyarrow and Polars, in turns, each in a process of
its own. The files are those of data.py; they are read once before. Needs duckdb, pyarrow and polars (PyPI).
Texts: DuckDB and pyarrow give utf8, and Sluice's utf8 is compared with theirs; Polars gives views, and Sluice's views
are compared with its. Ratios are theirs by ours, by the wall and of CPU seconds, which other work disturbs less.
Usage: bench.py BUILD-BIN-FOLDER DATA-FOLDER [PAIRS] [CASE...]"""
import importlib.metadata as metadata
import os, statistics, subprocess, sys

binary, data = sys.argv[1], sys.argv[2]
pairs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
cases = sys.argv[4:] or ["lineitem_none", "lineitem_snappy", "lineitem_lz4_raw", "lineitem_zstd", "lineitem_gzip", "plain",
                         "delta", "delta_duckdb", "texts", "nested", "nulls"]
beside = {"duckdb": "plain", "pyarrow": "plain", "polars": "views"}  # which of our texts are like theirs
here = os.path.dirname(os.path.abspath(__file__))
decoder = os.path.join(binary, "bench-parquet-decode")


class Run:
    def __init__(self, printed):
        wall, cpu, rows, memory = printed.split()
        self.wall, self.cpu, self.rows, self.memory = float(wall), float(cpu), int(rows), float(memory)


def command(side, path, rounds=3, threads=1):
    if side in ("plain", "views"):
        return [decoder, path, str(rounds), str(threads), side]
    return [sys.executable, os.path.join(here, "peer.py"), side, path, str(rounds), str(threads)]


def run(side, path, rounds=3, threads=1):
    out = subprocess.run(command(side, path, rounds, threads), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return Run(out.stdout) if out.returncode == 0 else None


def middle(values):
    return statistics.median(values)


def compare(case):
    path = os.path.join(data, case + ".parquet")
    with open(path, "rb") as f:
        while f.read(1 << 24):
            pass
    runs = {side: [] for side in ["plain", "views", *beside]}
    for _ in range(pairs):
        for side in runs:
            runs[side].append(run(side, path))
    rows = runs["plain"][0].rows
    assert all(r is None or r.rows == rows for got in runs.values() for r in got), case
    line = f"| {case.replace('_', ' ')} |"
    for ours in ("plain", "views"):
        line += f" {rows / min(r.cpu for r in runs[ours]) / 1e6:.1f} |"
    line += f" {max(r.memory for ours in ('plain', 'views') for r in runs[ours]):.0f} |"
    least = []
    for peer, ours in beside.items():
        both = [(t, m) for t, m in zip(runs[peer], runs[ours]) if t]
        if not both:
            line += " cannot |"
            continue
        least.append(middle([t.cpu / m.cpu for t, m in both]))
        line += f" {middle([t.wall / m.wall for t, m in both]):.2f}, {least[-1]:.2f}, {max(t.memory for t, _ in both):.0f} |"
    copied = [t.cpu / m.cpu for t, m in zip(runs["polars"], runs["plain"]) if t]
    print(line + f" {middle(copied):.2f} | {min(least):.2f} |", flush=True)


def two_threads(case):
    path = os.path.join(data, case + ".parquet")
    one, two, side = [], [], []
    for _ in range(pairs + 1):
        one.append(run("views", path, 5))
        two.append(run("views", path, 5, 2))
        both = [subprocess.Popen(command("views", path, 5), stdout=subprocess.PIPE) for _ in (0, 1)]
        side.append([Run(p.communicate()[0]) for p in both])
    alone, cpu = min(r.wall for r in one), min(r.cpu for r in one)
    threads, apart = alone / min(r.wall for r in two), 2 * alone / min(max(r.wall for r in s) for s in side)
    print(f"{case}: two threads are {threads:.2f} times one by the wall; two one-thread runs side by side reach {apart:.2f}; "
          f"CPU seconds of two threads by those of one: {min(r.cpu for r in two) / cpu:.2f}, of two runs by two of one: "
          f"{min(sum(r.cpu for r in s) for s in side) / 2 / cpu:.2f}", flush=True)


print("versions: " + ", ".join(f"{p} {metadata.version(p)}" for p in beside) + f"; load {os.getloadavg()[0]:.1f}")
print("| case | M rows/s of CPU: utf8 | views | MB | DuckDB by utf8: wall, CPU, MB | pyarrow by utf8 | Polars by views |"
      " Polars by utf8, CPU | least (CPU) |")
print("|---|---|---|---|---|---|---|---|---|")
for name in cases:
    compare(name)
for name in ("lineitem_none", "lineitem_zstd", "plain"):
    if name in cases:
        two_threads(name)
print(f"load at the end {os.getloadavg()[0]:.1f}")
