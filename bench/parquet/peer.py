#!/usr/bin/env python3
"""Reads a Parquet file into Arrow memory with one of the peers. Prints the best seconds by the wall and of
CPU, rows, and peak memory in MB.
Usage: peer.py duckdb|pyarrow|polars FILE ROUNDS THREADS"""
import os, resource, sys, time

peer, path, rounds, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.environ["POLARS_MAX_THREADS"] = str(threads)
if peer == "duckdb":
    import duckdb

    db = duckdb.connect()
    db.execute(f"set threads={threads}")
    read = lambda: db.sql(f"select * from read_parquet('{path}')").to_arrow_table().num_rows
elif peer == "pyarrow":
    import pyarrow as pa, pyarrow.parquet as pq

    pa.set_cpu_count(threads)
    read = lambda: pq.read_table(path, use_threads=threads > 1, pre_buffer=False).num_rows
else:
    import polars as pl

    read = lambda: pl.read_parquet(path).height
best, cpu, rows = 1e9, 1e9, 0
for _ in range(rounds):
    start, start_cpu = time.perf_counter(), time.process_time()
    rows = read()
    best, cpu = min(best, time.perf_counter() - start), min(cpu, time.process_time() - start_cpu)
print(f"{best:.6f} {cpu:.6f} {rows} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f}")
