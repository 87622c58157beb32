#!/usr/bin/env python3
"""Reads the stream that write-arrow-sample made with pyarrow and compares every value. Not a part of the test run, as it
needs pyarrow: write-arrow-sample FILE && python3 check_pyarrow.py FILE"""
import datetime
import decimal
import sys

import pyarrow as pa

EPOCH = datetime.datetime(1970, 1, 1)
UNITS = {"s": 1000000, "ms": 1000, "us": 1}


def text(k):
    return f"v{k}" if k % 3 else f"a longer text of value {k} é"


def moment(unit, k):
    micros = k * UNITS[unit] if unit in UNITS else k // 1000
    return datetime.timedelta(microseconds=micros)


def items(t, k, n):
    return [value(t.value_field, k + i) for i in range(n)]


def decimal_value(t, k):
    return decimal.Decimal(k * 101 if k % 2 else -k * 101).scaleb(-t.scale, decimal.Context(prec=100))


def value(field, k):
    t = field.type
    if pa.types.is_null(t):
        return None
    if pa.types.is_union(t):
        return value(t.field(k % 2), k)
    if field.nullable and k % 5 == 3:
        return None
    if pa.types.is_dictionary(t):
        return value(pa.field("", t.value_type), k % 10)
    if pa.types.is_boolean(t):
        return k % 2 == 1
    if pa.types.is_integer(t):
        return k % 100
    if pa.types.is_floating(t):
        return k * 0.5
    if pa.types.is_decimal(t):
        return decimal_value(t, k)
    if pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t):
        return text(k)
    if pa.types.is_fixed_size_binary(t):
        return k.to_bytes(64, "little")[: t.byte_width]
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_binary_view(t):
        return text(k).encode()
    if pa.types.is_date(t):
        return datetime.date(1970, 1, 1) + datetime.timedelta(days=k % 100 if pa.types.is_date32(t) else k)
    if pa.types.is_time(t):
        return (EPOCH + moment(t.unit, k % 100)).time()
    if pa.types.is_timestamp(t):
        stamp = EPOCH + moment(t.unit, k % 100)
        return stamp.replace(tzinfo=datetime.timezone.utc) if t.tz else stamp
    if pa.types.is_duration(t):
        return moment(t.unit, k % 100)
    if pa.types.is_interval(t):
        return pa.MonthDayNano([k, k + 1, k * 1000])
    if pa.types.is_map(t):
        return [(value(t.key_field, k + i + 1), value(t.item_field, k + i + 2)) for i in range(k % 4)]
    if pa.types.is_fixed_size_list(t):
        return items(t, k, t.list_size)
    if pa.types.is_struct(t):
        return {t.field(i).name: value(t.field(i), k + 1 + i) for i in range(t.num_fields)}
    return items(t, k, k % 4)


def column(field, rows):
    if not pa.types.is_run_end_encoded(field.type):
        return [value(field, k) for k in range(rows)]
    out, k = [], 0
    while len(out) < rows:
        out += [value(pa.field("", field.type.value_type), k)] * (1 + k % 3)
        k += 1
    return out[:rows]


def plain(array):
    """Nanoseconds beyond Python's types are cut to microseconds, as `moment` does."""
    t = array.type
    if pa.types.is_run_end_encoded(t):
        return [x.as_py() for x in array]
    if getattr(t, "unit", None) == "ns":
        kind = pa.time64("us") if pa.types.is_time(t) else pa.duration("us") if pa.types.is_duration(t) else pa.timestamp("us", t.tz)
        array = array.cast(kind, safe=False)
    return array.to_pylist()


failed = 0
with pa.ipc.open_stream(sys.argv[1]) as reader:
    batches = list(reader)
    assert reader.schema.metadata == {b"key": b"value", b"ARROW:extension:name": b"test"}, reader.schema.metadata
    assert reader.schema.field(4).metadata[b"key"] == b"value"
    assert [b.num_rows for b in batches] == [100, 50, 0]
    for batch, start in zip(batches, (0, 13, 0)):
        batch.validate(full=True)
        for field, array in zip(batch.schema, batch.columns):
            want = column(field, 100)[start : start + batch.num_rows]
            got = plain(array)
            if got != want:
                failed += 1
                print(f"{field}: {[(i, w, g) for i, (w, g) in enumerate(zip(want, got)) if w != g][:3]}")
    print(f"{len(reader.schema)} columns compared, {failed} differ")
sys.exit(failed != 0)
