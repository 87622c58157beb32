#!/usr/bin/env python3
"""Filters on a lineitem-like file that is sorted by l_shipdate: bench-parquet-where against DuckDB, Polars and pyarrow, one thread
each, in turns. Makes the file (Parquet of pyarrow, row groups of 200,000 rows, page index) from data.py's lineitem_zstd.parquet if
it is not there. Ratios are theirs by ours, of CPU seconds and by the wall. Usage: where.py BUILD-BIN-FOLDER DATA-FOLDER [PAIRS]"""
import importlib.metadata as metadata
import os, resource, statistics, subprocess, sys, time

cases = {  # as Sluice has it, as SQL has it
    "one day of seven years": ("l_shipdate = '1995-03-15'", "l_shipdate = date '1995-03-15'"),
    "one month": ("l_shipdate >= '1995-03-01' and l_shipdate < '1995-04-01'", "l_shipdate >= date '1995-03-01' and l_shipdate < date '1995-04-01'"),
    "one month, some of it": ("l_shipdate >= '1995-03-01' and l_shipdate < '1995-04-01' and l_quantity < 5 and l_shipmode = 'AIR'",
                              "l_shipdate >= date '1995-03-01' and l_shipdate < date '1995-04-01' and l_quantity < 5 and l_shipmode = 'AIR'"),
    "no page is left out, one row of a thousand": ("l_suppkey < 10", "l_suppkey < 10"),
    "no page is left out, one of seven": ("l_shipmode = 'AIR'", "l_shipmode = 'AIR'"),
    "no page is left out, one of two": ("l_quantity > 25", "l_quantity > 25"),
    "no page is left out, nine of ten": ("l_discount < 0.1", "l_discount < 0.1"),
}


def peer(side, path, rounds, sql):
    os.environ["POLARS_MAX_THREADS"] = "1"
    if side == "duckdb":
        import duckdb
        db = duckdb.connect()
        db.execute("set threads=1")
        read = lambda: db.sql(f"select * from read_parquet('{path}') where {sql}").to_arrow_table().num_rows
    elif side == "polars":
        import polars as pl
        read = lambda: pl.scan_parquet(path).filter(pl.sql_expr(sql)).collect().height
    else:
        import pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq
        from datetime import date
        from decimal import Decimal
        pa.set_cpu_count(1)
        parts = [t.replace("date '", "'").split(" ", 2) for t in sql.split(" and ")]
        ops = {"=": "=="}
        value = lambda t: date.fromisoformat(t.strip("'")) if t[1:2] == "1" else t.strip("'") if t[0] == "'" else Decimal(t)
        filters = [(name, ops.get(op, op), value(text)) for name, op, text in parts]
        read = lambda: pq.read_table(path, use_threads=False, filters=filters).num_rows
    best, cpu, rows = 1e9, 1e9, 0
    for _ in range(rounds):
        start, start_cpu = time.perf_counter(), time.process_time()
        rows = read()
        best, cpu = min(best, time.perf_counter() - start), min(cpu, time.process_time() - start_cpu)
    print(f"{best:.6f} {cpu:.6f} {rows} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f}")


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    wall, cpu, rows, memory = (float(x) for x in done.stdout.split()[:4])
    return {"wall": wall, "cpu": cpu, "rows": int(rows), "memory": memory, "bytes": int((done.stdout.split() + [0])[4])}


def make(folder, path):
    import duckdb, pyarrow.parquet as pq
    table = duckdb.sql(f"select * from read_parquet('{folder}/lineitem_zstd.parquet') order by l_shipdate").to_arrow_table()
    pq.write_table(table, path + ".new", row_group_size=200000, write_page_index=True, compression="zstd")
    os.rename(path + ".new", path)


def main(binary, folder, pairs):
    path = os.path.join(folder, "lineitem_sorted.parquet")
    if not os.path.exists(path):
        make(folder, path)
    size = os.path.getsize(path)
    print("versions: " + ", ".join(f"{name} {metadata.version(name)}" for name in ("duckdb", "polars", "pyarrow")))
    print("| filter | rows | ours, ms CPU | MB | of the file read | DuckDB: CPU, wall, MB | Polars | pyarrow |\n|---|---|---|---|---|---|---|---|")
    for name, (ours, sql) in cases.items():
        runs = {side: [] for side in ("ours", "duckdb", "polars", "pyarrow")}
        for _ in range(pairs):
            for side in runs:
                command = [os.path.join(binary, "bench-parquet-where"), path, "3", ours] if side == "ours" else [sys.executable, __file__, "--peer", side, path, "3", sql]
                runs[side].append(run(command))
        assert len({r["rows"] for got in runs.values() for r in got}) == 1, (name, {s: r[0]["rows"] for s, r in runs.items()})
        mine = runs["ours"]
        line = f"| {name} | {mine[0]['rows']} | {min(r['cpu'] for r in mine) * 1000:.1f} | {max(r['memory'] for r in mine):.0f} | {mine[0]['bytes'] / size:.1%} |"
        for side in ("duckdb", "polars", "pyarrow"):
            ratio = {key: statistics.median(t[key] / m[key] for t, m in zip(runs[side], mine)) for key in ("cpu", "wall")}
            line += f" {ratio['cpu']:.2f}, {ratio['wall']:.2f}, {max(r['memory'] for r in runs[side]):.0f} |"
        print(line, flush=True)


if sys.argv[1] == "--peer":
    peer(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
else:
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 3)
