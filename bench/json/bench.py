"""The JSON reader beside others, on one core, in turns. data.py makes the files, bench-json-decode is built with
-DSLUICE_BENCH=ON.

usage: bench.py FOLDER DECODE-PROGRAM [--rounds N]
Run it with the Python of an environment that has the peers (pip install duckdb polars pyarrow)."""
import argparse
import importlib.metadata
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FILES = [("lineitem.jsonl", "lines"), ("spaced.jsonl", "lines"), ("nested.jsonl", "lines"), ("array.json", "array")]
PEERS = ["duckdb", "duckdb_count", "polars", "pyarrow"]
TIMES = 3  # in a run, of which the best counts
ROW = "%-15s %-13s %9s %9s %7s %7s %9s %9s %8s %8s"


def run(command):
    """(records, least processor seconds, least seconds, peak memory in MB); None: it cannot read the file."""
    done = subprocess.run(["taskset", "-c", "0", *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True)
    if done.returncode != 0:
        return None
    *times, memory = [line.split() for line in done.stdout.splitlines()]
    return int(times[0][0]), min(float(t[1]) for t in times), min(float(t[2]) for t in times), int(memory[1]) / 1024


def compare(path, layout, decode, peer, rounds):
    """Pairs of runs, one after the other; the ratios are medians of the pairs."""
    pairs = []
    for _ in range(rounds):
        ours = run([decode, path, TIMES])
        theirs = run([sys.executable, HERE / "peer.py", peer, path, layout, TIMES])
        if theirs is None:
            return None
        if ours[0] != theirs[0]:
            raise SystemExit("%s: %s reads %d records instead of %d" % (path, peer, theirs[0], ours[0]))
        pairs.append((ours, theirs))
    return pairs


def ratio(pairs, at):
    return "%.2f" % statistics.median(theirs[at] / ours[at] for ours, theirs in pairs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("decode")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(", ".join("%s %s" % (name, importlib.metadata.version(name)) for name in ("duckdb", "polars", "pyarrow")),
          "load %.1f" % os.getloadavg()[0])
    print(ROW % ("file", "peer", "ours s", "theirs s", "cpu", "wall", "ours MB/s", "M rows/s", "ours MB", "theirs"))
    for name, layout in FILES:
        path = options.folder / name
        for peer in PEERS:
            pairs = compare(path, layout, options.decode, peer, options.rounds)
            if pairs is None:
                print("%-15s %-13s cannot read it" % (name, peer))
                continue
            ours, theirs = (min((p[i] for p in pairs), key=lambda r: r[1]) for i in (0, 1))
            print(ROW % (name, peer, "%.3f" % ours[1], "%.3f" % theirs[1], ratio(pairs, 1), ratio(pairs, 2),
                         "%.0f" % (path.stat().st_size / ours[1] / 1e6), "%.2f" % (ours[0] / ours[1] / 1e6),
                         "%.0f" % ours[3], "%.0f" % theirs[3]), flush=True)


main()
