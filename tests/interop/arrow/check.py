#!/usr/bin/env python3
"""Arrow files between pyarrow and sluice, both ways. Not part of the test run, for it needs pyarrow (PyPI) in a venv outside
the tree:

    python3 -m venv VENV && VENV/bin/pip install pyarrow
    VENV/bin/python tests/interop/arrow/check.py --bin BUILD/bin

1. What pyarrow writes (every type, streams and files, V4 and V5, lz4 and zstd, dictionaries with deltas and replaced ones) goes
   through `sluice cat --output arrow`; pyarrow reads that and must find the same values, and ipc-compare must agree.
2. The golden files of the corpora go the same way, where pyarrow can read them.
Prints what differs and the counts; the exit status is 1 where anything differs."""
import argparse
import decimal
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import pyarrow as pa
import pyarrow.ipc as ipc

ROOT = pathlib.Path(__file__).resolve().parents[3]
RNG = random.Random(7)
ROWS = 100


def maybe(make):
    return [None if RNG.random() < 0.2 else make(i) for i in range(ROWS)]


def word(i):
    return RNG.choice(["", "a", "häuser", "a longer text, not inline in a view", "x" * RNG.randrange(40)])


def integers(bits, signed=True):
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return maybe(lambda i: RNG.choice([low, high, 0, RNG.randrange(low, high)]))


def decimals(digits, scale):
    context = decimal.Context(prec=100)
    return maybe(lambda i: context.scaleb(decimal.Decimal(RNG.randrange(-10**digits + 1, 10**digits)), -scale))


def plain_columns():
    columns = {"null": pa.nulls(ROWS), "bool": pa.array(maybe(lambda i: RNG.random() < 0.5))}
    for bits in (8, 16, 32, 64):
        columns[f"int{bits}"] = pa.array(integers(bits), getattr(pa, f"int{bits}")())
        columns[f"uint{bits}"] = pa.array(integers(bits, False), getattr(pa, f"uint{bits}")())
    for name in ("float16", "float32", "float64"):
        floats = pa.array(maybe(lambda i: RNG.choice([0.0, -0.0, float("inf"), float("nan"), 1.5, -2.25])), pa.float64())
        columns[name] = floats.cast(getattr(pa, name)())
    for maker, digits, scale in ((pa.decimal32, 9, 2), (pa.decimal64, 18, 4), (pa.decimal128, 38, 10), (pa.decimal256, 76, 20)):
        columns[maker.__name__] = pa.array(decimals(digits, scale), maker(digits, scale))
    for name in ("string", "large_string", "string_view"):
        columns[name] = pa.array(maybe(word), getattr(pa, name)())
    for name in ("binary", "large_binary", "binary_view"):
        columns[name] = pa.array(maybe(lambda i: word(i).encode()), getattr(pa, name)())
    columns["fixed"] = pa.array(maybe(lambda i: RNG.randbytes(5)), pa.binary(5))
    return columns


def time_columns():
    columns = {"date32": pa.array(integers(16), pa.int32()).cast(pa.date32()),
               "date64": pa.array(maybe(lambda i: i * 86400000), pa.int64()).cast(pa.date64())}
    for unit in ("s", "ms", "us", "ns"):
        columns[f"timestamp {unit}"] = pa.array(integers(32), pa.int64()).cast(pa.timestamp(unit))
        columns[f"timestamp {unit} zone"] = pa.array(integers(32), pa.int64()).cast(pa.timestamp(unit, "Europe/Vienna"))
        columns[f"duration {unit}"] = pa.array(integers(32), pa.int64()).cast(pa.duration(unit))
        small = unit in ("s", "ms")
        columns[f"time {unit}"] = pa.array(maybe(lambda i: i * 7), pa.int32() if small else pa.int64()).cast(
            pa.time32(unit) if small else pa.time64(unit))
    columns["interval"] = pa.array(maybe(lambda i: (i, -i, i * 1000)), pa.month_day_nano_interval())
    return columns


def nested_columns():
    def lists(i):
        return [None if RNG.random() < 0.2 else j for j in range(RNG.randrange(4))]
    codes = pa.array([RNG.randrange(2) for _ in range(ROWS)], pa.int8())
    counts, offsets = [0, 0], []
    for code in codes.to_pylist():
        offsets.append(counts[code])
        counts[code] += 1
    numbers, texts = pa.array(integers(16), pa.int16()), pa.array(maybe(word))
    ends = sorted(RNG.sample(range(1, ROWS), 20)) + [ROWS]
    columns = {
        "list": pa.array(maybe(lists), pa.list_(pa.int32())), "large_list": pa.array(maybe(lists), pa.large_list(pa.int8())),
        "list_view": pa.array(maybe(lists), pa.list_view(pa.int64())),
        "large_list_view": pa.array(maybe(lists), pa.large_list_view(pa.int64())),
        "fixed_list": pa.array(maybe(lambda i: [i, None]), pa.list_(pa.int16(), 2)),
        "struct": pa.array(maybe(lambda i: {"a": i, "b": [word(i)]}), pa.struct([("a", pa.int8()), ("b", pa.list_(pa.string()))])),
        "map": pa.array(maybe(lambda i: [(word(i), i)]), pa.map_(pa.string(), pa.int64())),
        "dense": pa.UnionArray.from_dense(codes, pa.array(offsets, pa.int32()), [numbers, texts]),
        "sparse": pa.UnionArray.from_sparse(codes, [numbers, texts], ["n", "t"], [0, 1]),
        "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array(maybe(lambda i: RNG.randbytes(16)), pa.binary(16))),
    }
    for width in (16, 32, 64):
        kind = getattr(pa, f"int{width}")()
        columns[f"runs{width}"] = pa.RunEndEncodedArray.from_arrays(pa.array(ends, kind), pa.array(maybe(word)[:len(ends)]))
    for kind in (pa.int8(), pa.uint16(), pa.int64()):
        columns[f"dictionary {kind}"] = pa.DictionaryArray.from_arrays(pa.array(maybe(lambda i: RNG.randrange(4)), kind), pa.array(["p", None, "q", "r"]))
    return columns


def batch(columns, metadata=None):
    schema = pa.schema([pa.field(n, a.type, metadata={"key of": n}) for n, a in columns.items()], metadata=metadata)
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=schema)


def dictionaries(*values):
    return [pa.record_batch([pa.DictionaryArray.from_arrays(pa.array([0, None, len(v) - 1], pa.int8()), pa.array(v))], ["d"]) for v in values]


def cases():
    for name, make in (("plain", plain_columns), ("times", time_columns), ("nested", nested_columns)):
        one = batch(make(), {"schema": name})
        batches = [one, one.slice(3, 50), one.slice(0, 0), one.slice(99)]
        old = {"metadata_version": ipc.MetadataVersion.V4, "use_legacy_format": True}
        for how, options in (("as it is", {}), ("lz4", {"compression": "lz4"}), ("zstd", {"compression": "zstd"}), ("V4", old)):
            yield f"{name}, {how}", batches, options
    grows = dictionaries(["a"], ["a", "b"], ["a", "b", "c c c"])
    yield "deltas", grows, {"emit_dictionary_deltas": True}
    yield "replaced", dictionaries(["a"], ["b", "c"], ["d"]), {}
    yield "grown without deltas", grows, {}


def write(path, batches, options, form):
    make = ipc.new_stream if form == "stream" else ipc.new_file
    with make(str(path), batches[0].schema, options=ipc.IpcWriteOptions(**options)) as writer:
        for one in batches:
            writer.write_batch(one)


def same(ours, theirs):
    """By pyarrow's own comparison; where that cannot say, or sees NaN as different, by the values as Python has them."""
    try:
        if ours.equals(theirs):
            return True
    except pa.ArrowNotImplementedError:
        pass
    return str(ours.to_pylist()) == str(theirs.to_pylist())


class Check:
    def __init__(self, folder):
        self.bin = folder
        self.counts = {"same": 0, "differing": 0, "not read by pyarrow": 0}

    def differs(self, name, how):
        self.counts["differing"] += 1
        print(f"{name}: {how}", flush=True)

    def check(self, name, path, expected):
        made = subprocess.run([self.bin / "sluice", "cat", path, "--format", "arrow", "--output", "arrow"], capture_output=True)
        if made.returncode:
            return self.differs(name, made.stderr.decode().strip())
        try:
            table = ipc.open_stream(made.stdout).read_all()
        except pa.ArrowException as e:
            return self.differs(name, f"pyarrow cannot read what sluice wrote: {e}")
        if not table.schema.equals(expected.schema, check_metadata=True):
            return self.differs(name, f"the schema is\n{table.schema}\nand should be\n{expected.schema}")
        wrong = [f for f, a, b in zip(table.column_names, table.columns, expected.columns) if not same(a, b)]
        if wrong:
            return self.differs(name, f"values differ in {wrong}")
        with tempfile.NamedTemporaryFile(suffix=".arrows") as file:
            file.write(made.stdout)
            file.flush()
            done = subprocess.run([self.bin / "ipc-compare", "--metadata", "--nullability", path, file.name], capture_output=True, text=True)
        if done.returncode:
            return self.differs(name, f"ipc-compare says: {done.stdout}{done.stderr}")
        self.counts["same"] += 1


def check_generated(check, folder):
    for name, batches, options in cases():
        for form in ("stream", "file"):
            path = folder / "x.arrow"
            try:
                write(path, batches, options, form)
            except (pa.ArrowException, pa.ArrowNotImplementedError) as e:
                print(f"{name}, {form}: not made: {e}")
                continue
            check.check(f"{name}, {form}", path, pa.Table.from_batches(batches))


def check_goldens(check):
    corpora = pathlib.Path(os.environ.get("SLUICE_CORPORA", ROOT.parent / "shared" / "corpora"))
    folder = corpora / "formats" / "arrow-testing" / "data" / "arrow-ipc-stream" / "integration"
    if not folder.exists():
        print(f"skipped: golden files, no corpora in '{corpora}'")
    for path in sorted([*folder.glob("*/*.stream"), *folder.glob("*/*.arrow_file")]):
        try:
            expected = (ipc.open_stream if path.suffix == ".stream" else ipc.open_file)(str(path)).read_all()
        except pa.ArrowException:
            check.counts["not read by pyarrow"] += 1
            continue
        check.check(str(path.relative_to(folder)), path, expected)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of a build's sluice and ipc-compare")
    args = parser.parse_args()
    check = Check(args.bin)
    with tempfile.TemporaryDirectory() as folder:
        check_generated(check, pathlib.Path(folder))
    check_goldens(check)
    print(f"pyarrow {pa.__version__}:", ", ".join(f"{count} {name}" for name, count in check.counts.items()))
    sys.exit(check.counts["differing"] != 0)


main()
