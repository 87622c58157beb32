"""The Avro reader beside others, on one core, in turns. make.py makes the files.

usage: bench.py FOLDER DECODE-PROGRAM [--rounds N] [--peers fastavro,polars,avro,duckdb]
Run it with the Python of an environment that has the peers (pip install fastavro polars avro)."""
import argparse
import importlib.metadata
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FILES = ["%s-%s" % (kind, codec) for kind in ("flat", "line", "nested") for codec in
         ("null", "snappy", "deflate", "zstandard")]


def run(command):
    """(rows, best seconds of processor time, peak memory in MB); None: it cannot read the file."""
    env = dict(os.environ, POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1")
    done = subprocess.run(["taskset", "-c", "0", *map(str, command)], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    if done.returncode != 0:
        return None
    *times, memory = [line.split() for line in done.stdout.splitlines()]
    return int(times[0][0]), min(float(t[1]) for t in times), int(memory[1]) / 1024


def compare(path, decode, peer, rounds):
    """Pairs of runs, one after the other; the ratio is the median of the pairs."""
    pairs = []
    for _ in range(rounds):
        ours, theirs = run([decode, path, 5]), run([sys.executable, HERE / "peers.py", peer, path, 1])
        if theirs is None:
            return None
        if ours[0] != theirs[0]:
            return "%d records instead of %d" % (theirs[0], ours[0])
        pairs.append((ours, theirs))
    ratio = statistics.median(theirs[1] / ours[1] for ours, theirs in pairs)
    best = min(pairs, key=lambda pair: pair[0][1])[0], min(pairs, key=lambda pair: pair[1][1])[1]
    return ratio, best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("decode", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="fastavro,polars")
    args = parser.parse_args()
    for peer in args.peers.split(","):
        print("%s %s" % (peer, importlib.metadata.version(peer)))
        print("%-18s %10s %12s %12s %8s %9s %9s" % ("file", "M rows/s", "MB/s stored", "theirs", "ratio", "MB memory",
                                                    "theirs"))
        for name in FILES:
            path = args.folder / (name + ".avro")
            found = compare(path, args.decode, peer, args.rounds)
            if not found or isinstance(found, str):
                print("%-18s %s" % (name, found or "they cannot read it"))
                continue
            ratio, (ours, theirs) = found
            print("%-18s %10.2f %12.0f %12.3f %8.1f %9.0f %9.0f" % (
                name, ours[0] / ours[1] / 1e6, path.stat().st_size / ours[1] / 1e6, theirs[0] / theirs[1] / 1e6, ratio,
                ours[2], theirs[2]), flush=True)


if __name__ == "__main__":
    main()
