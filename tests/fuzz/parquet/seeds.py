#!/usr/bin/env python3
"""Makes the seeds in ./corpus: small files of all encodings, codecs, page versions and shapes. Needs pyarrow (PyPI)."""
import os
from datetime import date, datetime, time, timezone
from decimal import Decimal

import pyarrow as pa, pyarrow.parquet as pq

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus"))
n = 20
some = lambda f: [None if i % 5 == 3 else f(i) for i in range(n)]
numbers = pa.table({
    "i": pa.array(range(n), pa.int32()), "l": pa.array(some(lambda i: i * 10**10 - 3), pa.int64()),
    "c": pa.array(some(lambda i: i - 9), pa.int8()), "f": pa.array(some(lambda i: i / 3), pa.float32()),
    "g": pa.array([i / 7 for i in range(n)], pa.float64()), "b": pa.array(some(lambda i: i % 3 == 0)),
    "h": pa.array([float(i) for i in range(n)], pa.float16())})
texts = pa.table({"s": pa.array(some(lambda i: "text " * (i % 4) + str(i))), "z": pa.array([bytes([i]) * i for i in range(n)]),
                  "w": pa.array(some(lambda i: bytes([i] * 5)), pa.binary(5))})
others = pa.table({
    "d": pa.array(some(lambda i: Decimal(i * 1234) / 100), pa.decimal128(20, 2)),
    "e": pa.array(some(lambda i: Decimal(i)), pa.decimal256(60, 3)), "t": pa.array(some(lambda i: date(2024, 1, 1 + i))),
    "u": pa.array(some(lambda i: time(i, 1, 2)), pa.time64("us")), "n": pa.nulls(n),
    "x": pa.array(some(lambda i: datetime(2024, 1, 1, i, tzinfo=timezone.utc)), pa.timestamp("us", "UTC"))})
nested = pa.table({
    "a": pa.array([None if i == 4 else list(range(i % 4)) for i in range(n)]),
    "b": pa.array([[[str(i), None], []], None] if i % 3 else [] for i in range(n)),
    "m": pa.array([None if i == 2 else [(str(j), j) for j in range(i % 3)] for i in range(n)], pa.map_(pa.string(), pa.int64())),
    "s": pa.array([None if i % 7 == 6 else {"p": i, "q": {"r": [i] * (i % 3), "t": None if i % 2 else "x"}} for i in range(n)])})


def write(name, table, **options):
    settings = dict(compression="none", use_dictionary=False, write_statistics=False, store_schema=False)
    settings.update(options)
    pq.write_table(table, name + ".parquet", **settings)


plain = {c: "PLAIN" for c in numbers.column_names}
write("numbers", numbers)
write("numbers-groups", numbers, row_group_size=7, use_dictionary=True, write_page_checksum=True)
write("numbers-delta", numbers.select(["i", "l", "c"]), column_encoding={c: "DELTA_BINARY_PACKED" for c in "ilc"}, data_page_version="2.0")
write("numbers-split", numbers.select(["i", "l", "f", "g", "h"]), column_encoding={c: "BYTE_STREAM_SPLIT" for c in "ilfgh"}, compression="zstd")
write("numbers-int96", pa.table({"x": pa.array([datetime(2024, 1, 1 + i) for i in range(n)], pa.timestamp("ns"))}), use_deprecated_int96_timestamps=True)
write("texts", texts)
write("texts-dictionary", texts, use_dictionary=True, compression="snappy")
write("texts-delta", texts, column_encoding={"s": "DELTA_LENGTH_BYTE_ARRAY", "z": "DELTA_BYTE_ARRAY", "w": "DELTA_BYTE_ARRAY"}, compression="gzip")
write("others", others, store_schema=True, write_statistics=True)
write("others-brotli", others, compression="brotli", data_page_version="2.0")
write("nested", nested, compression="lz4")
write("nested-pages", nested, data_page_version="2.0", data_page_size=16, write_batch_size=3, use_dictionary=True)
write("nested-groups", nested, row_group_size=6)
hints = pa.table({"z": pa.array(some(lambda i: i), pa.timestamp("us", "Europe/Paris")), "d": pa.array(some(lambda i: i), pa.duration("ns")),
                  "s": pa.array([{"l": [str(i)] * (i % 3)} for i in range(n)], pa.struct([("l", pa.large_list(pa.large_string()))]))})
write("hints", hints, store_schema=True)
write("empty", numbers.slice(0, 0))
rows = range(400)  # sorted, with page indexes and Bloom filters; drifting texts; nulls in runs; a struct and a list beside them
where = pa.table({"i": pa.array(rows, pa.int32()), "t": pa.array([None if 90 < i < 180 else f"k{i * 7 % 400:03d}" for i in rows]),
                  "d": pa.array([Decimal(i) / 4 for i in rows], pa.decimal128(9, 2)), "g": pa.array([float("nan") if i % 50 == 7 else i / 8 for i in rows]),
                  "s": pa.array([None if i % 9 == 8 else {"x": i // 3} for i in rows], pa.struct([("x", pa.int64())])),
                  "l": pa.array([[i] * (i % 4) for i in rows], pa.list_(pa.int16()))})
for name, version in (("where-v1", "1.0"), ("where-v2", "2.0")):
    write(name, where, row_group_size=200, max_rows_per_page=25, write_batch_size=5, write_statistics=True, write_page_index=True, data_page_version=version,
          use_dictionary=["t"], compression="zstd", bloom_filter_options={name: {"ndv": 200, "fpp": 0.1} for name in ("i", "t", "d")})

# Two rows of records in a list; then the second column of them is told to have its items in other rows than the first.
uneven = [[{"x": 1, "y": 1}, {"x": 2, "y": 2}], [{"x": 3, "y": 3}]]
write("uneven", pa.table({"l": pa.array(uneven)}))
with open("uneven.parquet", "r+b") as file:
    data = file.read()
    repetition = bytes([2, 0, 0, 0, 3])  # two bytes: a run of eight levels, packed
    at = data.rindex(repetition + b"\2") + len(repetition)
    file.seek(at)
    file.write(b"\4")  # 0, 1, 0 becomes 0, 0, 1

# A list of many nulls, for which few bytes stand; and a map whose keys are said to be optional, so that its levels say null.
write("many-nulls", pa.table({"l": pa.array([[None] * (1 << 15), [None]], pa.list_(pa.int32()))}))
write("null-keys", pa.table({"m": pa.array([[("a", 1)], [("b", 2)]], pa.map_(pa.string(), pa.int32()))}))
with open("null-keys.parquet", "r+b") as file:
    data = file.read()
    name = b"\x18\x03key"  # behind it: repetition, 0: required
    at = data.rindex(b"\x25\x00" + name)
    file.seek(at + 1)
    file.write(b"\2")
