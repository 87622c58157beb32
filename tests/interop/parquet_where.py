#!/usr/bin/env python3
"""Filters: random files of pyarrow and DuckDB (PyPI) with small row groups, page indexes and Bloom filters, under random filters.
What `sluice cat --where` gives of each must be what pyarrow's own filter gives, and what it gives of the same records as an Arrow
file, of which nothing is left out beforehand. Usage: parquet_where.py SLUICE [ROUNDS] [SEED] [SCRATCH-FOLDER]"""
import math, os, random, re, subprocess, sys, tempfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import duckdb
import pyarrow as pa, pyarrow.compute as pc, pyarrow.ipc, pyarrow.parquet as pq

sluice = sys.argv[1]
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
scratch = sys.argv[4] if len(sys.argv) > 4 else tempfile.mkdtemp(prefix="sluice-where-")
rng = random.Random(seed)
totals = {"groups": 0, "groups left out": 0, "pages": 0, "pages left out": 0, "filters": 0, "filters that left out": 0}
signs = {"=": pc.equal, "!=": pc.not_equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}
alone = [math.nan, math.inf, -math.inf, 0.0, -0.0]


def walk(n, low, high):
    """Numbers that drift, so that row groups and pages differ in their bounds."""
    span, at = max(1, (high - low) // 50), rng.randint(low, high)
    for _ in range(n):
        at = min(high, max(low, at + rng.randint(-span, span)))
        yield at


def text(i):
    return ["", "é"][i % 2] + "ab" * (i % 3) + f"{i:06d}" * (1 + i % 7)


EPOCH = datetime(1970, 1, 1)
makers = {
    "i8": (pa.int8(), -128, 127, int), "u8": (pa.uint8(), 0, 255, int), "i16": (pa.int16(), -2**15, 2**15 - 1, int),
    "u16": (pa.uint16(), 0, 2**16 - 1, int), "i32": (pa.int32(), -2**31, 2**31 - 1, int), "u32": (pa.uint32(), 0, 2**32 - 1, int),
    "i64": (pa.int64(), -2**63, 2**63 - 1, int), "u64": (pa.uint64(), 0, 2**64 - 1, int), "few": (pa.int64(), 0, 9, int),
    "f16": (pa.float16(), -1000, 1000, float), "f32": (pa.float32(), -1000, 1000, lambda i: i / 4), "f64": (pa.float64(), -10**6, 10**6, lambda i: i / 7),
    "text": (pa.string(), 0, 3000, text), "large": (pa.large_string(), 0, 3000, text), "bin": (pa.binary(), 0, 3000, lambda i: text(i).encode()),
    "fix": (pa.binary(6), 0, 3000, lambda i: f"{i:06d}".encode()), "bool": (pa.bool_(), 0, 1, bool),
    "d7": (pa.decimal128(7, 2), -10**6, 10**6, lambda i: Decimal(i) / 100), "d30": (pa.decimal128(30, 3), -10**9, 10**9, lambda i: Decimal(i * 10**12 + 7) / 1000),
    "d60": (pa.decimal256(60, 0), -10**9, 10**9, lambda i: Decimal(i * 10**40)), "date": (pa.date32(), -30000, 60000, lambda i: date(1970, 1, 1) + timedelta(i)),
    "t32": (pa.time32("ms"), 0, 86399, lambda i: time(i // 3600, i // 60 % 60, i % 60, 1000)), "t64": (pa.time64("us"), 0, 86399, lambda i: time(i // 3600, i // 60 % 60, i % 60, i)),
    "tms": (pa.timestamp("ms"), -10**9, 4 * 10**9, lambda i: EPOCH + timedelta(seconds=i, milliseconds=7)),
    "tus": (pa.timestamp("us", "UTC"), -10**9, 4 * 10**9, lambda i: EPOCH + timedelta(seconds=i, microseconds=7)),
}


def column(name, n):
    kind, low, high, make = makers[name]
    nulls = rng.choice([0, 0, 0.1, 0.9])
    values = [make(i) for i in walk(n, low, high)]
    if name in ("f32", "f64", "f16") and rng.random() < 0.5:
        values = [rng.choice(alone) if rng.random() < 0.02 else v for v in values]
    if rng.random() < 0.3:
        key = (lambda v: (v == v, v)) if name[0] == "f" and name[1:].isdigit() else None
        values.sort(key=key, reverse=rng.random() < 0.5)
    start = rng.randrange(n)
    gone = range(start, min(n, start + n // 3)) if rng.random() < 0.3 else ()
    return pa.array([None if rng.random() < nulls or i in gone else v for i, v in enumerate(values)], kind)


def literal(name, value):
    if name == "bool":
        return str(value).lower()
    if isinstance(value, datetime):
        return "'" + value.isoformat(sep=rng.choice(" T")) + "'"
    if isinstance(value, (date, time)):
        return "'" + value.isoformat() + "'"
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(float(value)) if isinstance(value, float) else str(value)


def test(table):
    """One test as text, and the mask that pyarrow makes of it."""
    name = rng.choice(table.column_names)
    values, path = table.column(name), name
    if pa.types.is_struct(values.type):
        path, values, name = name + ".x", pc.struct_field(values, "x"), "i64"
    if pa.types.is_list(values.type) or rng.random() < 0.1:
        return (f"{path} is null", pc.is_null(values)) if rng.random() < 0.5 else (f"{path} is not null", pc.is_valid(values))
    (_, low, high, make), kind = makers[name], values.type
    known = [v for v in values.slice(rng.randrange(len(values)), 40).to_pylist() if v is not None]
    value = rng.choice(known) if known and rng.random() < 0.8 else make(rng.randint(low, high))
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    sign = rng.choice(list(signs))
    text_ = literal(name, value)
    if pa.types.is_float16(kind):
        values, kind = values.cast(pa.float32()), pa.float32()
    return f"{path} {sign} {text_}", signs[sign](values, pa.scalar(value, kind))


def a_filter(table):
    texts, masks = zip(*(test(table) for _ in range(rng.choice([1, 1, 2, 3]))))
    mask = masks[0]
    for other in masks[1:]:
        mask = pc.and_kleene(mask, other)
    return rng.choice([" and ", " AND "]).join(texts), mask


def cat(path, where, columns):
    words = [sluice, "cat", path, "--where", where, "--output", "arrow", "--log-level", "debug"]
    run = subprocess.run(words + (["--columns", ",".join(columns)] if columns else []), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode:
        sys.exit(f"seed {seed}: {words}: exit {run.returncode}: {run.stderr.decode()[-500:]}")
    found = re.search(r"left out (\d+) of (\d+) row groups, (\d+) of (\d+) pages", run.stderr.decode())
    return pa.ipc.open_stream(run.stdout).read_all(), [int(n) for n in found.groups()] if found else None


def plain(table):
    """Values alone, NaN told from others by its text."""
    def of(c):
        if pa.types.is_timestamp(c.type) or pa.types.is_time(c.type):
            c = c.cast(pa.int64() if c.type.bit_width == 64 else pa.int32())
        return repr(c.to_pylist())
    return {name: of(table.column(name)) for name in table.column_names}


def write_arrow(path):
    run = subprocess.run([sluice, "cat", path, "--output", "arrow"], stdout=subprocess.PIPE, check=True)
    other = os.path.join(scratch, "same.arrows")
    with open(other, "wb") as out:
        out.write(run.stdout)
    return other


def a_table():
    n = rng.randint(1, 6000)
    names = rng.sample(list(makers), rng.randint(2, 7))
    columns = {name: column(name, n) for name in names}
    if rng.random() < 0.5:
        xs = list(walk(n, -1000, 1000))
        columns["st"] = pa.array([None if rng.random() < 0.1 else {"y": str(x), "x": None if x % 7 == 0 else x} for x in xs],
                                 pa.struct([("y", pa.string()), ("x", pa.int64())]))
    if rng.random() < 0.5:
        columns["li"] = pa.array([None if rng.random() < 0.1 else [rng.randint(0, 9)] * rng.randint(0, 5) for _ in range(n)], pa.list_(pa.int64()))
    return pa.table(columns)


def write(path, table):
    flat = [name for name in table.column_names if name in makers and name != "bool"]
    if rng.random() < 0.15 and "f16" not in flat and "d60" not in flat:
        duckdb.sql("SET threads = 1")
        duckdb.from_arrow(table.select(flat or table.column_names)).write_parquet(path, row_group_size=2048, compression=rng.choice(["snappy", "zstd"]))
        return
    pq.write_table(table, path, row_group_size=rng.choice([50, 700, 3000, 10000]), write_page_index=rng.random() < 0.8,
                   max_rows_per_page=rng.choice([10, 100, 1000]), write_batch_size=rng.choice([10, 64, 1024]), data_page_version=rng.choice(["1.0", "2.0"]),
                   compression=rng.choice(["none", "snappy", "zstd"]), use_dictionary=rng.random() < 0.5, write_statistics=rng.random() < 0.9,
                   store_decimal_as_integer=rng.random() < 0.5,
                   bloom_filter_options={name: {"ndv": 1000, "fpp": 0.01} for name in flat} if rng.random() < 0.4 else None)


for round_ in range(rounds):
    table, path = a_table(), os.path.join(scratch, "file.parquet")
    write(path, table)
    table, other = pq.read_table(path), None # DuckDB gives some columns other types
    for _ in range(6):
        where, mask = a_filter(table)
        columns = rng.sample(table.column_names, rng.randint(1, len(table.column_names))) if rng.random() < 0.5 else None
        got, left = cat(path, where, columns)
        want = table.filter(mask).select(columns or table.column_names)
        if plain(got) != plain(want):
            keep = os.path.join(tempfile.gettempdir(), "sluice-where-bad.parquet")
            pq.write_table(table, keep + ".same"), os.replace(path, keep)
            sys.exit(f"seed {seed}, round {round_}: {keep}: {where}: {got.num_rows} records, not {want.num_rows}: {plain(got)} {plain(want)}"[:3000])
        if rng.random() < 0.2:
            other = other or write_arrow(path)
            if plain(cat(other, where, columns)[0]) != plain(got):
                sys.exit(f"seed {seed}: {where}: another result of the same records as an Arrow file")
        totals["filters"] += 1
        if left:
            for key, n in zip(("groups left out", "groups", "pages left out", "pages"), left):
                totals[key] += n
            totals["filters that left out"] += left[0] + left[2] > 0
print(f"seed {seed}: " + ", ".join(f"{n} {key}" for key, n in totals.items()))
if rounds >= 20 and not (totals["groups left out"] and totals["pages left out"]):
    sys.exit("nothing was ever left out")
