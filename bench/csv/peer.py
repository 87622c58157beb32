#!/usr/bin/env python3
"""Reads a CSV file with one of the peers, some times over, and prints the best seconds by the wall and of CPU, rows, and
peak memory in MB. "duckdb" and "polars" make the whole table, "pyarrow" gives batches, which are thrown away; the peers
that can do both were tried both ways, and are taken in the faster one. Types are as each finds them.
Usage: peer.py duckdb|pyarrow|polars FILE ROUNDS THREADS"""
import os, resource, sys, time

peer, path, rounds, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.environ["POLARS_MAX_THREADS"] = str(threads)
if peer.startswith("duckdb"):
    import duckdb

    db = duckdb.connect()
    db.execute(f"set threads={threads}")
    if peer == "duckdb":
        def read():
            return sum(batch.num_rows for batch in db.sql(f"select * from read_csv('{path}')").to_arrow_reader(100_000))
    else:  # the same without the way to Arrow: every column is looked at
        columns = [row[0] for row in db.execute(f"describe select * from read_csv('{path}')").fetchall()]
        maxima = ", ".join(f'max("{c}")' for c in columns)
        def read():
            return db.execute(f"select count(*), {maxima} from read_csv('{path}')").fetchone()[0]
elif peer.startswith("pyarrow"):
    import pyarrow as pa, pyarrow.csv as csv

    pa.set_cpu_count(threads)
    options = csv.ReadOptions(use_threads=threads > 1)
    if peer == "pyarrow":
        def read():
            return csv.read_csv(path, read_options=options).num_rows
    else:
        def read():
            return sum(batch.num_rows for batch in csv.open_csv(path, read_options=options))
else:
    import polars

    def read():
        return polars.read_csv(path, try_parse_dates=True).height
best, cpu, rows = 1e9, 1e9, 0
for _ in range(rounds):
    start, start_cpu = time.perf_counter(), time.process_time()
    rows = read()
    best, cpu = min(best, time.perf_counter() - start), min(cpu, time.process_time() - start_cpu)
print(f"{best:.6f} {cpu:.6f} {rows} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f}")
