#!/usr/bin/env python3
"""CSV to Arrow on one core: bench-csv-decode against DuckDB, pyarrow and Polars, and against counting line ends, in turns,
each in a process of its own. The files are those of data.py; they are read once before. Needs duckdb, pyarrow and polars
(PyPI). Prints the tables of RESULTS.md.
Usage: bench.py BUILD-BIN-FOLDER DATA-FOLDER [PAIRS] [CASE...]"""
import importlib.metadata as metadata
import os, statistics, subprocess, sys

binary, data = sys.argv[1], sys.argv[2]
pairs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
cases = sys.argv[4:] or ["typed.csv", "quoted.csv", "wide.csv", "long.csv", "mixed.csv", "typed.csv.gz", "typed.csv.zst"]
peers = ["duckdb", "duckdb-max", "pyarrow", "pyarrow-stream", "polars"]
here = os.path.dirname(os.path.abspath(__file__))
decode = os.path.join(binary, "bench-csv-decode")


def run(side, path, rounds=2, threads=0):
    command = {"sluice": [decode, path, str(rounds), str(threads)], "count": [decode, path, str(rounds), "count"]}.get(
        side, [sys.executable, os.path.join(here, "peer.py"), side, path, str(rounds), "1"])
    out = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if out.returncode:
        return None
    wall, cpu, rows, memory = out.stdout.split()
    return {"wall": float(wall), "cpu": float(cpu), "rows": int(rows), "memory": float(memory)}


def read_once(path):
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def text_bytes(path):
    return os.path.getsize(path[:path.index(".csv") + 4])


def median(results, other, what):
    return statistics.median(theirs[what] / ours[what] for ours, theirs in zip(results["sluice"], results[other]) if theirs)


print(", ".join(f"{p} {metadata.version(p)}" for p in ("duckdb", "pyarrow", "polars")) + f"; load {os.getloadavg()[0]:.1f}\n")
print("| case | MB | GB/s | GB/s of CPU | peak MB | " + " | ".join(peers) + " | count | least, wall | least, CPU |")
print("|---" * (8 + len(peers)) + "|")
for case in cases:
    path = os.path.join(data, case)
    read_once(path)
    results = {side: [] for side in ["sluice", "count", *peers]}
    for _ in range(pairs):
        for side in results:
            results[side].append(run(side, path))
    ours, size = results["sluice"], text_bytes(path)
    rows = {r["rows"] for side in ["sluice", *peers] for r in results[side] if r}
    assert len(rows) == 1, (case, rows)
    able = [p for p in peers if any(results[p])]
    cells = [f"{median(results, p, 'wall'):.1f}, {median(results, p, 'cpu'):.1f}, {results[p][0]['memory']:.0f}" if p in able
             else "cannot" for p in peers]
    least = [min(median(results, p, what) for p in able) for what in ("wall", "cpu")]
    print(f"| {case} | {size / 1e6:.0f} | {size / min(r['wall'] for r in ours) / 1e9:.2f} | "
          f"{size / min(r['cpu'] for r in ours) / 1e9:.2f} | {ours[0]['memory']:.0f} | " + " | ".join(cells) +
          f" | {median(results, 'count', 'cpu'):.2f} | {least[0]:.2f} | {least[1]:.2f} |", flush=True)

print("\nTwo threads over the pieces that the format plans, by the wall; planning is in the time:")
for case in ("typed.csv", "quoted.csv"):
    path = os.path.join(data, case)
    walls = {threads: [] for threads in (0, 1, 2)}
    both = []
    for _ in range(2 * pairs if case in cases else 0):
        for threads in walls:
            walls[threads].append(run("sluice", path, 3, threads)["wall"])
        side = [subprocess.Popen([decode, path, "3"], stdout=subprocess.PIPE) for _ in (0, 1)]
        both.append(max(float(p.communicate()[0].split()[0]) for p in side))
    if both:
        of = lambda other, by=1: by * statistics.median(a / b for a, b in zip(walls[0], other))
        print(f"{case}: two are {of(walls[2]) / of(walls[1]):.2f} times one over the pieces, {of(walls[2]):.2f} times one without pieces; "
              f"two runs without pieces side by side reach {of(both, 2):.2f} (best times {min(walls[0]):.3f}, {min(walls[1]):.3f}, "
              f"{min(walls[2]):.3f}, side by side {min(both):.3f} s)")
