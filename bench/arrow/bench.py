#!/usr/bin/env python3
"""The Arrow reader against pyarrow, in pairs, one thread each. Run with a Python that has pyarrow (PyPI), in a venv outside
the tree: python3 bench.py --bin BUILD/bin [--rows N] [--tmp FOLDER]. Prints CPU seconds of each (the best of five), the ratio, and peak memory."""
import argparse
import decimal
import pathlib
import subprocess
import sys
import tempfile

PYARROW = r"""
import re, sys, time
import pyarrow as pa, pyarrow.ipc as ipc
pa.set_cpu_count(1)
path, how = sys.argv[1:]
options = ipc.IpcReadOptions(use_threads=False, included_fields=[0] if how == "one" else None)
best = 1e9
for _ in range(5):
    start = time.process_time()
    with (pa.OSFile(path) if how == "read" else pa.memory_map(path)) as source:
        with ipc.open_file(source, options=options) as reader:
            rows = 0
            for i in range(reader.num_record_batches):
                batch = reader.get_batch(i)
                rows += batch.num_rows
                if how in ("full", "read", "one"):
                    batch.validate(full=True)
    best = min(best, time.process_time() - start)
print(best, rows, 0, int(re.search(r'VmHWM:\s*(\d+)', open('/proc/self/status').read())[1]) // 1024)
"""


def lineitem(rows):
    """16 columns of the shape of TPC-H's lineitem: integers, decimals, dates, texts."""
    import random
    import pyarrow as pa
    import pyarrow.compute as pc
    rng = random.Random(42)
    n = min(rows, 200_000)

    def repeat(array):
        return pa.concat_arrays([array] * (rows // n))

    def ints(top):
        return repeat(pa.array([rng.randrange(top) for _ in range(n)], pa.int64()))

    def money(top):
        return repeat(pc.cast(pa.array([decimal.Decimal(rng.randrange(top)) / 100 for _ in range(n)]), pa.decimal128(15, 2)))

    def dates():
        return repeat(pa.array([rng.randrange(8000, 10600) for _ in range(n)], pa.int32()).cast(pa.date32()))

    def words(*choices):
        return repeat(pa.array([rng.choice(choices) for _ in range(n)]))

    text = "the quick brown fox jumps over lazy dogs and carefully final deposits sleep furiously".split()
    comments = repeat(pa.array([" ".join(rng.choices(text, k=rng.randrange(2, 8))) for _ in range(n)]))
    return pa.table({
        "orderkey": ints(6_000_000), "partkey": ints(200_000), "suppkey": ints(10_000), "linenumber": ints(7),
        "quantity": money(5000), "extendedprice": money(10_000_000), "discount": money(10), "tax": money(8),
        "returnflag": words("A", "N", "R"), "linestatus": words("O", "F"),
        "shipdate": dates(), "commitdate": dates(), "receiptdate": dates(),
        "shipinstruct": words("DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"),
        "shipmode": words("AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB", "REG AIR"), "comment": comments})


def write(path, table, codec=None):
    import pyarrow.ipc as ipc
    with ipc.new_file(str(path), table.schema, options=ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(table, max_chunksize=65536)


def run(command):
    fields = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(fields[0]), int(fields[1]), int(fields[2]), int(fields[3])


def compare(args, name, path, how):
    ours = run([args.bin / "bench-arrow-decode", how, path])
    theirs = run([sys.executable, "-c", PYARROW, path, how])
    assert ours[1] == theirs[1]
    gigabytes = ours[2] / 1e9
    print(f"| {name} | {how} | {ours[0] * 1000:.2f} ms, {gigabytes / ours[0]:.1f} GB/s, {ours[3]} MB | "
          f"{theirs[0] * 1000:.2f} ms, {gigabytes / theirs[0]:.1f} GB/s, {theirs[3]} MB | {theirs[0] / ours[0]:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of a release build's bench-arrow-decode")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--tmp", help="where to make files")
    args = parser.parse_args()
    import pyarrow
    with tempfile.TemporaryDirectory(prefix="bench-arrow-", dir=args.tmp) as folder:
        folder = pathlib.Path(folder)
        table = lineitem(args.rows)
        numbers = table.select([name for name in table.column_names if str(table.schema.field(name).type) != "string"])
        files = {"lineitem": (table, None), "its 11 number columns": (numbers, None),
                 "a quarter of those": (numbers.slice(0, args.rows // 4), None), "lineitem lz4": (table, "lz4"),
                 "lineitem zstd": (table, "zstd")}
        print(f"pyarrow {pyarrow.__version__}; {args.rows} rows\n| file | how | sluice | pyarrow | times |\n|---|---|---|---|---|")
        for name, (content, codec) in files.items():
            path = folder / "file.arrow"
            write(path, content, codec)
            for how in ("full", "bounds", "read", "one"):
                compare(args, name, path, how)
            if codec:
                took, _, size, _ = run([args.bin / "bench-arrow-decode", "codec", path])
                print(f"| {name} | the codec alone | {took * 1000:.2f} ms, {size / 1e9 / took:.1f} GB/s | | |", flush=True)


main()
