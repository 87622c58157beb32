#!/usr/bin/env python3
"""Round trips: files that pyarrow, DuckDB and Polars (PyPI) write, in a matrix of types, encodings, codecs, page versions
and nesting, through `sluice cat --output arrow`, every value compared. Usage: parquet_matrix.py SLUICE [SCRATCH-FOLDER]"""
import math, os, subprocess, sys, tempfile
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import duckdb, polars
import pyarrow as pa, pyarrow.ipc, pyarrow.parquet as pq

sluice = sys.argv[1]
scratch = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="sluice-parquet-")
N = 3000
counts = {"files": 0, "columns": 0, "bad": 0}


def some(make, step=7):
    return [None if i % step == 3 else make(i) for i in range(N)]


def nested(i):
    return None if i % 11 == 5 else [None if j % 5 == 4 else [f"{i}-{k}" if k != 1 else None for k in range((i + j) % 4)] for j in range(i % 6)]


flat = {
    "bool": pa.array(some(lambda i: i % 3 == 0)), "i8": pa.array(some(lambda i: i % 256 - 128), pa.int8()),
    "u8": pa.array(some(lambda i: i % 256), pa.uint8()), "i16": pa.array(some(lambda i: i * 7 % 65536 - 32768), pa.int16()),
    "u16": pa.array(some(lambda i: i * 7 % 65536), pa.uint16()), "i32": pa.array(some(lambda i: i * 999983 % 2**32 - 2**31), pa.int32()),
    "u32": pa.array(some(lambda i: i * 999983 % 2**32), pa.uint32()), "i64": pa.array(some(lambda i: i * 6364136223846793005 % 2**64 - 2**63), pa.int64()),
    "u64": pa.array(some(lambda i: i * 6364136223846793005 % 2**64), pa.uint64()), "f16": pa.array(some(lambda i: float(i % 1000)), pa.float16()),
    "f32": pa.array(some(lambda i: i / 7), pa.float32()), "f64": pa.array(some(lambda i: [i / 7, -0.0, math.inf, 1e-300][i % 4])),
    "required": pa.array(range(N), pa.int64()), "same": pa.array([42] * N), "few": pa.array(some(lambda i: i % 5)),
    "text": pa.array(some(lambda i: "näïve " * (i % 4) + str(i))), "fewtexts": pa.array(some(lambda i: ["a", "", "long " * 20][i % 3])),
    "large": pa.array(some(lambda i: str(i)), pa.large_string()), "view": pa.array(some(lambda i: str(i) * 5), pa.string_view()),
    "bin": pa.array(some(lambda i: bytes([i % 256]) * (i % 40))), "fix": pa.array(some(lambda i: bytes([i % 256] * 7)), pa.binary(7)),
    "d5": pa.array(some(lambda i: Decimal(i - 500) / 100), pa.decimal128(7, 2)), "d18": pa.array(some(lambda i: Decimal(i * 10**12 - 7) / 1000), pa.decimal128(18, 3)),
    "d38": pa.array(some(lambda i: -Decimal(i * 10**30 + 1)), pa.decimal128(38, 0)), "d76": pa.array(some(lambda i: Decimal(10**60 - i)), pa.decimal256(70, 2)),
    "date": pa.array(some(lambda i: date(1900, 1, 1) + timedelta(days=i * 17))), "t32": pa.array(some(lambda i: time(i % 24, i % 60, 1)), pa.time32("ms")),
    "t64": pa.array(some(lambda i: time(i % 24, i % 60, 1, i)), pa.time64("us")), "t64n": pa.array(some(lambda i: i * 10**9), pa.time64("ns")),
    "tms": pa.array(some(lambda i: i * 10**9), pa.timestamp("ms")), "tus": pa.array(some(lambda i: i * 10**12), pa.timestamp("us", "UTC")),
    "tns": pa.array(some(lambda i: i * 10**15), pa.timestamp("ns", "Europe/Paris")), "dur": pa.array(some(lambda i: i * 1000), pa.duration("us")),
    "null": pa.nulls(N), "dict": pa.array(some(lambda i: f"k{i % 50}")).dictionary_encode(),
}
deep = {
    "li": pa.array(some(lambda i: list(range(i % 9)))), "ll": pa.array([nested(i) for i in range(N)]),
    "st": pa.array(some(lambda i: {"a": i, "b": None if i % 2 else {"c": str(i), "d": [i] * (i % 3)}})),
    "ls": pa.array(some(lambda i: [{"x": j, "y": [str(j)] * (j % 3)} for j in range(i % 5)])),
    "mp": pa.array(some(lambda i: [(f"k{j}", None if j == 1 else [j, i]) for j in range(i % 4)]), pa.map_(pa.string(), pa.list_(pa.int64()))),
    "fl": pa.array([[i, i + 1] for i in range(N)], pa.list_(pa.int32(), 2)), "big": pa.array(some(lambda i: list(range(i % 9))), pa.large_list(pa.int64())),
    "id": pa.array(range(N)),
}


def values(column):
    t = column.type
    if isinstance(t, pa.BaseExtensionType):
        column = pa.chunked_array([c.storage for c in column.chunks], t.storage_type)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type) or pa.types.is_duration(column.type):
        scale = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[column.type.unit]
        return [None if v is None else v * scale for v in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_time(column.type):
        scale = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[column.type.unit]
        return [None if v is None else v * scale for v in column.cast(pa.int32() if column.type.bit_width == 32 else pa.int64()).to_pylist()]
    return column.to_pylist()


def check(path, truth, what):
    counts["files"] += 1
    run = subprocess.run([sluice, "cat", path, "--output", "arrow"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode:
        counts["bad"] += 1
        print(f"{what}: exit {run.returncode}: {run.stderr.decode()[-300:]}")
        return
    got = pa.ipc.open_stream(run.stdout).read_all()
    got.validate(full=True)
    for name in truth.column_names:
        counts["columns"] += 1
        a, b = values(got.column(name)), values(truth.column(name))
        if repr(a) != repr(b):
            at = next((i for i in range(len(b)) if i >= len(a) or repr(a[i]) != repr(b[i])), -1)
            counts["bad"] += 1
            print(f"{what}: column {name} row {at}: {a[at]!r}, not {b[at]!r} ({got.column(name).type})")


def write(table, what, **options):
    path = os.path.join(scratch, "file.parquet")
    pq.write_table(table, path, **options)
    check(path, table, "pyarrow " + what)


table, tree = pa.table(flat), pa.table(deep)
for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
    for version in ("1.0", "2.0"):
        for dictionary in (True, False):
            options = dict(compression=codec, data_page_version=version, use_dictionary=dictionary, write_page_checksum=True)
            write(table, f"flat {options}", row_group_size=1100, **options)
            write(tree, f"nested {options}", data_page_size=2000, row_group_size=1700, **options)
ints = [n for n, a in flat.items() if pa.types.is_integer(a.type) or n in ("date", "t32", "t64", "tms", "tus", "tns", "dur")]
encodings = {"DELTA_BINARY_PACKED": ints, "BYTE_STREAM_SPLIT": ints + ["f16", "f32", "f64", "fix", "d38"],
             "DELTA_LENGTH_BYTE_ARRAY": ["text", "fewtexts", "bin", "large", "view"],
             "DELTA_BYTE_ARRAY": ["text", "fewtexts", "bin", "large", "view", "fix", "d38"], "RLE": ["bool"]}
for encoding, names in encodings.items():
    part = table.select(names)
    for version in ("1.0", "2.0"):
        for size in (300, 1 << 20):
            write(part, f"{encoding} {version} {size}", column_encoding={n: encoding for n in names}, use_dictionary=False,
                  data_page_version=version, data_page_size=size, compression="zstd")
for name, encoding in (("li", "DELTA_BINARY_PACKED"), ("big", "BYTE_STREAM_SPLIT"), ("ll", "DELTA_BYTE_ARRAY"), ("ll", "DELTA_LENGTH_BYTE_ARRAY")):
    leaf = {"li": "li.list.element", "big": "big.list.element", "ll": "ll.list.element.list.element"}[name]
    write(tree.select([name]), f"{name} {encoding}", column_encoding={leaf: encoding}, use_dictionary=False, data_page_size=500)
write(pa.table({"t": flat["tns"].cast(pa.timestamp("ns"))}), "int96", use_deprecated_int96_timestamps=True)
write(table.slice(0, 0), "no rows")
db = duckdb.connect()
db.execute(f"""create table t as select i::int i, case when i%7=3 then null else i*1000000007 end l, i/7.0::double d, (i/7)::float f,
  i%2=0 b, 'text '||(i%97) s, repeat('x', (i%30)::int) u, (i*1.01)::decimal(12,2) c, (i*1.01)::decimal(30,5) h, date '2000-01-01' + i::int dt,
  timestamp '2000-01-01' + interval (i) minute ts, timestamptz '2000-01-01 00:00:00+00' + interval (i) hour tz, time '00:00:00' + interval (i%86400) second tm,
  range(i%5) li, {{'a': i, 'b': [i::varchar, null]}} st, map {{'k'||(i%3): i}} mp, (i%256)::utinyint ub, i::hugeint::double hd, encode('b'||i) bl
  from range({N}) t(i)""")
truth = db.execute("select * from t").to_arrow_table()
for codec in ("uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"):
    for version in ("V1", "V2"):
        path = os.path.join(scratch, "duckdb.parquet")
        db.execute(f"copy t to '{path}' (format parquet, compression {codec}, parquet_version {version}, row_group_size 2048)")
        check(path, truth, f"duckdb {codec} {version}")
frame = polars.from_arrow(table.drop_columns(["f16", "d76", "dict", "null", "view", "d38"]))
more = polars.from_arrow(tree.drop_columns(["mp"]))
for codec in ("uncompressed", "snappy", "gzip", "brotli", "zstd", "lz4"):
    path = os.path.join(scratch, "polars.parquet")
    frame.write_parquet(path, compression=codec, row_group_size=1000)
    check(path, frame.to_arrow(), f"polars flat {codec}")
    more.write_parquet(path, compression=codec, data_page_size=3000)
    check(path, more.to_arrow(), f"polars nested {codec}")
print(counts)
sys.exit(counts["bad"] > 0)
