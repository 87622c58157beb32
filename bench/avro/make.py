"""Makes the files that the readers are compared on, with fastavro. usage: make.py FOLDER [ROWS]"""
import decimal
import datetime
import pathlib
import random
import sys

import fastavro

FLAT = {"type": "record", "name": "flat", "fields": [
    {"name": "id", "type": "long"}, {"name": "name", "type": "string"}, {"name": "score", "type": "double"},
    {"name": "count", "type": "int"}, {"name": "parent", "type": ["null", "long"]}]}
MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 15, "scale": 2}
DAY = {"type": "int", "logicalType": "date"}
LINE = {"type": "record", "name": "line", "fields": [
    *({"name": n, "type": "long"} for n in ("orderkey", "partkey", "suppkey", "linenumber")),
    *({"name": n, "type": MONEY} for n in ("quantity", "extendedprice", "discount", "tax")),
    *({"name": n, "type": "string"} for n in ("returnflag", "linestatus")),
    *({"name": n, "type": DAY} for n in ("shipdate", "commitdate", "receiptdate")),
    *({"name": n, "type": "string"} for n in ("shipinstruct", "shipmode", "comment"))]}
NESTED = {"type": "record", "name": "nested", "fields": [
    {"name": "id", "type": "long"},
    {"name": "user", "type": {"type": "record", "name": "user", "fields": [
        {"name": "name", "type": "string"}, {"name": "age", "type": ["null", "int"]},
        {"name": "mail", "type": ["null", "string"]}]}},
    {"name": "tags", "type": {"type": "array", "items": "string"}},
    {"name": "points", "type": {"type": "array", "items": {"type": "record", "name": "point", "fields": [
        {"name": "x", "type": "double"}, {"name": "y", "type": "double"}]}}},
    {"name": "counts", "type": {"type": "map", "values": "long"}}]}
WORDS = "furiously even carefully bold deposits requests sleep quickly final ideas accounts above the slyly".split()
MODES = ["AIR", "FOB", "MAIL", "RAIL", "REG AIR", "SHIP", "TRUCK"]
INSTRUCTIONS = ["COLLECT COD", "DELIVER IN PERSON", "NONE", "TAKE BACK RETURN"]
START = datetime.date(1992, 1, 1)


def flat(r, i):
    return {"id": i * 7, "name": "user-%06x" % r.randrange(1 << 24), "score": r.random(), "count": r.randrange(100000),
            "parent": r.randrange(1 << 20) if r.random() < 0.8 else None}


def money(r, most):
    return decimal.Decimal(r.randrange(most)).scaleb(-2)


def line(r, i):
    day = START + datetime.timedelta(r.randrange(2500))
    return {"orderkey": i // 4, "partkey": r.randrange(200000), "suppkey": r.randrange(10000), "linenumber": i % 4 + 1,
            "quantity": money(r, 5000), "extendedprice": money(r, 10000000), "discount": money(r, 11),
            "tax": money(r, 9), "returnflag": r.choice("ANR"), "linestatus": r.choice("OF"), "shipdate": day,
            "commitdate": day + datetime.timedelta(30), "receiptdate": day + datetime.timedelta(7),
            "shipinstruct": r.choice(INSTRUCTIONS), "shipmode": r.choice(MODES),
            "comment": " ".join(r.choice(WORDS) for _ in range(r.randrange(2, 6)))}


def nested(r, i):
    return {"id": i, "user": {"name": "user-%d" % i, "age": r.choice([None, 20, 30]), "mail": r.choice([None, "a@b.c"])},
            "tags": [r.choice(WORDS) for _ in range(r.randrange(4))],
            "points": [{"x": r.random(), "y": r.random()} for _ in range(r.randrange(5))],
            "counts": {w: r.randrange(1000) for w in r.sample(WORDS, r.randrange(3))}}


def main():
    folder, rows = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema, make, count in (("flat", FLAT, flat, rows), ("line", LINE, line, rows // 2),
                                      ("nested", NESTED, nested, rows // 2)):
        r = random.Random(42)
        records = [make(r, i) for i in range(count)]
        for codec in ("null", "deflate", "snappy", "zstandard"):
            with open(folder / ("%s-%s.avro" % (name, codec)), "wb") as out:
                fastavro.writer(out, schema, records, codec=codec, sync_interval=64 * 1024)


if __name__ == "__main__":
    main()
