#!/usr/bin/env python3
"""Parquet to Arrow on one core: bench-parquet-decode against DuckDB, pyarrow and Polars, in turns, each in a process of
its own. The files are those of data.py; they are read once before. Needs duckdb, pyarrow and polars (PyPI).
Usage: bench.py BUILD-BIN-FOLDER DATA-FOLDER [PAIRS] [CASE...]"""
import importlib.metadata as metadata
import os, statistics, subprocess, sys

binary, data = sys.argv[1], sys.argv[2]
pairs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
cases = sys.argv[4:] or ["lineitem_none", "lineitem_snappy", "lineitem_lz4_raw", "lineitem_zstd", "lineitem_gzip", "plain",
                         "delta", "delta_duckdb", "texts", "nested", "nulls"]
peers = ["duckdb", "pyarrow", "polars"]
here = os.path.dirname(os.path.abspath(__file__))


def run(side, path, rounds=3, threads=1):
    command = ([os.path.join(binary, "bench-parquet-decode"), path, str(rounds), str(threads)] if side == "sluice" else
               [sys.executable, os.path.join(here, "peer.py"), side, path, str(rounds), str(threads)])
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if out.returncode:
        return None
    wall, cpu, rows, memory = out.stdout.split()
    return float(wall), int(rows), float(memory), float(cpu)


print("versions: " + ", ".join(f"{p} {metadata.version(p)}" for p in peers) + f"; load {os.getloadavg()[0]:.1f}")
print(f"{'case':18s} {'M rows/s':>9s} {'MB':>6s} | " + " | ".join(f"{p + ' ratio':>14s} {'MB':>6s}" for p in peers) + " | least")
print("(ratios: by the wall, and of CPU seconds, which other work on the machine disturbs less)")
for case in cases:
    path = os.path.join(data, case + ".parquet")
    with open(path, "rb") as f:
        while f.read(1 << 24):
            pass
    ratios, cpu, ours, memory = {p: [] for p in peers}, {p: [] for p in peers}, [], {}
    for _ in range(pairs):
        mine = run("sluice", path)
        ours.append(mine[0])
        memory["sluice"] = mine[2]
        for p in peers:
            theirs = run(p, path)
            if theirs:
                assert theirs[1] == mine[1], (case, p, theirs, mine)
                ratios[p].append(theirs[0] / mine[0])
                cpu[p].append(theirs[3] / mine[3])
                memory[p] = theirs[2]
    least = [min(statistics.median(r) for r in by.values() if r) for by in (ratios, cpu)]
    print(f"{case:18s} {mine[1] / min(ours) / 1e6:9.1f} {memory['sluice']:6.0f} | " +
          " | ".join(f"{statistics.median(ratios[p]):8.2f} {statistics.median(cpu[p]):5.2f} {memory[p]:6.0f}" if ratios[p] else f"{'cannot':>14s} {'':6s}" for p in peers) +
          f" | {least[0]:.2f} {least[1]:.2f}", flush=True)
for case in ("lineitem_none", "lineitem_zstd"):
    if case not in cases:
        continue
    path = os.path.join(data, case + ".parquet")
    one, two = run("sluice", path, 5)[0], run("sluice", path, 5, 2)[0]
    both = [subprocess.Popen([os.path.join(binary, "bench-parquet-decode"), path, "5"], stdout=subprocess.PIPE) for _ in (0, 1)]
    side = max(float(p.communicate()[0].split()[0]) for p in both)
    print(f"{case}: two threads are {one / two:.2f} times one; two one-thread runs side by side reach {2 * one / side:.2f}")
