#!/usr/bin/env python3
"""Every Parquet file of the corpora through `sluice cat --output arrow`, against what arrow-rs (the streams in _oracle),
and pyarrow (from PyPI) decode. Prints what differs, and counts. Usage: parquet_corpora.py SLUICE [CORPORA [FILTER]]"""
import math, os, subprocess, sys
import pyarrow as pa, pyarrow.ipc, pyarrow.parquet as pq
import pyarrow.compute as pc

sluice = sys.argv[1]
root = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("SLUICE_CORPORA", "../shared/corpora")
only = sys.argv[3] if len(sys.argv) > 3 else ""
formats = os.path.join(root, "formats")


def files():
    for folder, _, names in sorted(os.walk(formats)):
        if "_oracle" in folder:
            continue
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not any(name.endswith(e) for e in (".parquet", ".parq", ".pq", ".parquet.encrypted")):
                with open(path, "rb") as f:
                    if f.read(4) != b"PAR1":
                        continue
            if only in path:
                yield path


def ours(path):
    run = subprocess.run([sluice, "cat", path, "--format", "parquet", "--output", "arrow"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=120)
    if run.returncode not in (0,):
        return None, f"exit {run.returncode}: " + run.stderr.decode(errors="replace").strip()[-300:]
    if not run.stdout:
        return "empty", ""
    return pa.ipc.open_stream(run.stdout).read_all(), ""


def normal(value):
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    if isinstance(value, dict):
        return {k: normal(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [normal(v) for v in value]
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, str):
        return value.encode()
    if hasattr(value, "hex") and hasattr(value, "bytes"):
        return value.bytes
    return value


def plain(column):
    """As Python values; timestamps and durations as integers with their unit."""
    t = column.type
    if isinstance(t, pa.BaseExtensionType):
        return plain(pa.chunked_array([c.storage for c in column.chunks], t.storage_type))
    if pa.types.is_dictionary(t):
        return plain(column.cast(t.value_type))
    if pa.types.is_timestamp(t):
        scale = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[t.unit]
        return [None if v is None else v * scale for v in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_time(t):
        scale = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[t.unit]
        return [None if v is None else v * scale for v in column.cast(pa.int32() if t.bit_width == 32 else pa.int64()).to_pylist()]
    if pa.types.is_duration(t) or pa.types.is_date64(t):
        return column.cast(pa.int64()).to_pylist()
    if pa.types.is_struct(t):
        parts = [plain(pa.chunked_array([c.field(i) for c in column.chunks], t.field(i).type)) for i in range(t.num_fields)]
        names = [t.field(i).name for i in range(t.num_fields)]
        valid = column.is_valid().to_pylist()
        rows = list(zip(*parts)) if parts else [()] * len(valid)
        return [list(zip(names, r)) if v else None for v, r in zip(valid, rows)]
    if pa.types.is_list(t) or pa.types.is_large_list(t) or pa.types.is_map(t):
        out = []
        for c in column.chunks:
            if pa.types.is_map(t):
                items = pa.chunked_array([pa.StructArray.from_arrays([c.keys, c.items], names=["key", "value"])])
                start = c.offsets[0].as_py() if len(c) else 0
            else:
                items, start = pa.chunked_array([c.values]), 0
            values, offsets, valid = plain(items), c.offsets.to_pylist(), c.is_valid().to_pylist()
            start = 0 if not pa.types.is_map(t) else (0 if len(values) >= (offsets[-1] if offsets else 0) else offsets[0])
            for i, v in enumerate(valid):
                out.append(values[offsets[i] - start : offsets[i + 1] - start] if v else None)
        return out
    if pa.types.is_float16(t):
        return [None if v is None else float(v) for v in column.to_pylist()]
    if str(t) == "month_day_nano_interval":
        return [None if v is None else tuple(v) for v in column.to_pylist()]
    return column.to_pylist()


def difference(a, b):
    if a.num_rows != b.num_rows:
        return f"{a.num_rows} rows, not {b.num_rows}"
    if a.num_columns != b.num_columns:
        return f"{a.num_columns} columns {a.column_names}, not {b.num_columns} {b.column_names}"
    for i in range(a.num_columns):
        if a.column_names[i] != b.column_names[i]:
            return f"column {i} is {a.column_names[i]}, not {b.column_names[i]}"
        try:
            x, y = normal(plain(a.column(i))), normal(plain(b.column(i)))
        except Exception as e:
            return f"column {a.column_names[i]}: cannot compare {a.schema.field(i).type} with {b.schema.field(i).type}: {e!r}"
        if x != y:
            at = next((k for k in range(len(x)) if x[k] != y[k]), -1)
            return (f"column {a.column_names[i]} row {at}: {str(x[at])[:150]} ({str(a.schema.field(i).type)[:100]}), not "
                    f"{str(y[at])[:150]} ({str(b.schema.field(i).type)[:100]})")
    return ""


counts = dict(files=0, decoded=0, refused=0, agree=0, differ=0, alone=0, refused_though_read=0)
for path in files():
    name = os.path.relpath(path, formats)
    counts["files"] += 1
    try:
        table, why = ours(path)
    except subprocess.TimeoutExpired:
        table, why = None, "TIMEOUT"
    except Exception as e:
        table, why = None, f"our stream is broken: {e!r}"
    truth = {}
    oracle = os.path.join(formats, "_oracle", "arrow-rs", name + ".arrows")
    if os.path.exists(oracle):
        try:
            truth["arrow-rs"] = pa.ipc.open_stream(oracle).read_all()
        except Exception as e:
            print(f"oracle  {name}: {e!r}")
    small = os.path.getsize(path) < 20 << 20 and "large_string_map" not in path
    if small and not any(k in name for k in ("/fuzz", "afl/", "broken/")):
        try:
            truth["pyarrow"] = pq.ParquetFile(path).read()
        except Exception as e:
            pass
    if table is None:
        counts["refused"] += 1
        readers = ",".join(truth)
        counts["refused_though_read"] += bool(truth)
        print(f"refused {name} {'(READ BY ' + readers + ')' if truth else ''}: {why}")
        continue
    counts["decoded"] += 1
    if isinstance(table, str):
        bad = {k: f"{t.num_rows} rows {t.num_columns} columns" for k, t in truth.items() if t.num_columns}
    else:
        bad = {k: difference(table, t) for k, t in truth.items()}
        bad = {k: v for k, v in bad.items() if v}
    if not truth:
        counts["alone"] += 1
        print(f"alone   {name}: {table if isinstance(table, str) else table.num_rows}")
    elif bad:
        counts["differ"] += 1
        agreed = [k for k in truth if k not in bad]
        for k, v in bad.items():
            print(f"differ  {name}: from {k}{' (as ' + agreed[0] + ' does)' if agreed else ''}: {v}")
    else:
        counts["agree"] += 1
print(counts)
