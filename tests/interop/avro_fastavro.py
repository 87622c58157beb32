"""Files that fastavro writes, in every codec it has, and the files of the corpora, as `sluice cat` and fastavro read them.

usage: avro_fastavro.py SLUICE [CORPORA]       needs: pip install fastavro python-snappy backports.zstd"""
import datetime
import decimal
import os
import random
import sys
import tempfile
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration", "formats-avro"))
os.environ["SLUICE"] = sys.argv[1]
import fastavro  # noqa: E402
import kit  # noqa: E402

UTC = datetime.timezone.utc
SCHEMA = {"type": "record", "name": "all", "fields": [
    {"name": "i", "type": "int"}, {"name": "s", "type": ["null", "string"]}, {"name": "b", "type": "bytes"},
    {"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}},
    {"name": "w", "type": {"type": "fixed", "name": "w", "size": 30, "logicalType": "decimal", "precision": 60,
                           "scale": 5}},
    {"name": "u", "type": {"type": "string", "logicalType": "uuid"}},
    {"name": "day", "type": {"type": "int", "logicalType": "date"}},
    {"name": "t", "type": {"type": "long", "logicalType": "time-micros"}},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    {"name": "e", "type": {"type": "enum", "name": "e", "symbols": ["A", "B"]}},
    {"name": "g", "type": ["int", "string", {"type": "array", "items": "double"}]},
    {"name": "m", "type": {"type": "map", "values": ["null", "long"]}},
    {"name": "n", "type": {"type": "array", "items": {"type": "record", "name": "p", "fields": [
        {"name": "x", "type": "double"}, {"name": "y", "type": "boolean"}]}}}]}


def record(r):
    return {"i": r.randrange(-1 << 31, 1 << 31), "s": r.choice([None, "", "caf\u00e9", "x" * r.randrange(100)]),
            "b": r.randbytes(r.randrange(20)), "d": decimal.Decimal(r.randrange(-10**18, 10**18)).scaleb(-4),
            "w": decimal.Decimal(r.randrange(-10**27, 10**27)).scaleb(-5), "u": uuid.UUID(int=r.getrandbits(128)),
            "day": datetime.date(1970, 1, 1) + datetime.timedelta(r.randrange(-20000, 20000)),
            "t": datetime.time(r.randrange(24), r.randrange(60), r.randrange(60), r.randrange(1000000)),
            "at": datetime.datetime(2000, 1, 1, tzinfo=UTC) + datetime.timedelta(microseconds=r.randrange(1 << 50)),
            "e": r.choice("AB"), "g": r.choice([5, "five", [1.5, -0.0]]),
            "m": {k: r.choice([None, r.getrandbits(60)]) for k in r.sample("abcdef", r.randrange(4))},
            "n": [{"x": r.random(), "y": r.random() < 0.5} for _ in range(r.randrange(4))]}


def plain(value):
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def compare(path, counts):
    try:
        with open(path, "rb") as file:
            theirs = [plain(row) for row in fastavro.reader(file)]
    except Exception as error:
        counts["they refuse"] += 1
        print("fastavro: %s: %r" % (os.path.basename(path), error))
        return
    done = kit.cat(path, "--format", "avro", timeout=300)
    ours = done.rows
    good = done.status == 0 and (kit.equal(ours, theirs, True) or
                                 kit.equal([row.get("value") for row in ours], theirs, True))
    counts["equal" if good else "differing"] += 1
    if not good:
        print("%s differs %s" % (path, done.errors[:200]))


def main():
    counts, r = {"equal": 0, "differing": 0, "they refuse": 0}, random.Random(7)
    rows = [record(r) for _ in range(2000)]
    with tempfile.TemporaryDirectory() as folder:
        for codec in ("null", "deflate", "bzip2", "snappy", "xz", "zstandard"):
            path = os.path.join(folder, codec + ".avro")
            with open(path, "wb") as file:
                fastavro.writer(file, SCHEMA, rows, codec=codec)
            compare(path, counts)
    for folder, _, names in os.walk(sys.argv[2] if len(sys.argv) > 2 else kit.CORPORA):
        for name in names:
            path = os.path.join(folder, name)
            if name.endswith(".avro") and "_oracle" not in path:
                compare(path, counts)
    print("fastavro %s: %s" % (fastavro.__version__, counts))
    return counts["differing"] > 0


if __name__ == "__main__":
    sys.exit(main())
