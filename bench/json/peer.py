"""One reader of another project over a file of JSON, some times over, on one thread; prints records, processor seconds and
seconds of each time, then its peak memory. Usage: peer.py READER FILE LAYOUT TIMES     LAYOUT: lines, array"""
import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"


def duckdb_reader(path, layout):
    import duckdb
    db = duckdb.connect()
    db.execute("set threads=1")
    form = "newline_delimited" if layout == "lines" else "array"

    def read():
        # Batches of Arrow, dropped as they come, as ours are.
        rows = 0
        for batch in db.sql(f"select * from read_json('{path}', format='{form}')").to_arrow_reader(10000):
            rows += batch.num_rows
        return rows
    return read


def duckdb_count_reader(path, layout):
    """Without leaving DuckDB: the values of each column counted."""
    import duckdb
    db = duckdb.connect()
    db.execute("set threads=1")
    form = "newline_delimited" if layout == "lines" else "array"
    source = f"read_json('{path}', format='{form}')"
    columns = [row[0] for row in db.execute(f"describe select * from {source}").fetchall()]
    query = "select count(*), " + ", ".join(f'count("{c}")' for c in columns) + f" from {source}"
    return lambda: db.execute(query).fetchone()[0]


def polars_reader(path, layout):
    import polars
    return lambda: (polars.read_ndjson(path) if layout == "lines" else polars.read_json(path)).height


def pyarrow_reader(path, layout):
    import pyarrow.json
    if layout != "lines":
        raise SystemExit("pyarrow reads lines only")
    options = pyarrow.json.ReadOptions(use_threads=False)

    def read():
        rows = 0
        for batch in pyarrow.json.open_json(path, read_options=options):
            rows += batch.num_rows
        return rows
    return read


def peak_memory():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM:"))


def main():
    reader, path, layout, times = sys.argv[1:]
    read = globals()[reader + "_reader"](path, layout)
    for _ in range(int(times)):
        cpu, wall = time.process_time(), time.monotonic()
        rows = read()
        print(rows, "%.6f %.6f" % (time.process_time() - cpu, time.monotonic() - wall), flush=True)
    print("memory", peak_memory())


main()
