"""The Avro reader beside others, on one core, in turns. make.py makes the files.

usage: bench.py FOLDER DECODE-PROGRAM [--rounds N] [--peers fastavro,polars,avro,duckdb] [--arrow-avro PROGRAM]
Run it with the Python of an environment that has the peers (pip install fastavro polars avro); peers/ gives PROGRAM."""
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
TIMES = 5  # in a run, of which the best counts
ROW = "%-17s %-22s %9s %12s %9s %7s %9s %7s"


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
        ours, theirs = run([decode, path, TIMES]), run(peer(path))
        if theirs is None:
            return "cannot read it"
        if ours[0] != theirs[0]:
            return "%d records instead of %d" % (theirs[0], ours[0])
        pairs.append((ours, theirs))
    ratio = statistics.median(theirs[1] / ours[1] for ours, theirs in pairs)
    return ratio, min((p[0] for p in pairs), key=lambda r: r[1]), min((p[1] for p in pairs), key=lambda r: r[1])


def python_peer(name):
    times = TIMES if name == "polars" else 1  # the others take seconds
    return lambda path: [sys.executable, HERE / "peers.py", name, path, times]


def arrow_avro(program, batch_rows):
    return lambda path: [program, path, TIMES, batch_rows]


def peers_of(args):
    """What runs each peer, by its name and version."""
    peers = {"%s %s" % (n, importlib.metadata.version(n)): python_peer(n) for n in args.peers.split(",") if n}
    if args.arrow_avro:
        peers["arrow-avro"] = arrow_avro(args.arrow_avro, 10000)
        peers["arrow-avro, batch 1024"] = arrow_avro(args.arrow_avro, 1024)  # what it takes unless told
    return peers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("decode", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="fastavro,polars")
    parser.add_argument("--arrow-avro", type=pathlib.Path, help="the program that cargo built of peers/")
    args = parser.parse_args()
    peers = peers_of(args)
    print("load %.1f %.1f %.1f" % os.getloadavg())
    print(ROW % ("file", "peer", "M rows/s", "MB/s stored", "theirs", "ratio", "MB memory", "theirs"))
    for name in FILES:
        path = args.folder / (name + ".avro")
        for peer, command in peers.items():
            found = compare(path, args.decode, command, args.rounds)
            if isinstance(found, str):
                print("%-17s %-22s %s" % (name, peer, found), flush=True)
                continue
            ratio, ours, theirs = found
            print(ROW % (name, peer, "%.2f" % (ours[0] / ours[1] / 1e6), "%.0f" % (path.stat().st_size / ours[1] / 1e6),
                         "%.3f" % (theirs[0] / theirs[1] / 1e6), "%.2f" % ratio, "%.0f" % ours[2], "%.0f" % theirs[2]),
                  flush=True)
    print("load %.1f %.1f %.1f" % os.getloadavg())


if __name__ == "__main__":
    main()
