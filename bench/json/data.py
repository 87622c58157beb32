"""Makes the benchmark's files in a folder: lineitem-like records (16 members: 4 whole numbers, 4 with a fraction, 3 dates, 5
texts) as JSON lines, in two ways of writing them and as an array, and nested ones. Needs duckdb (PyPI).
Usage: data.py FOLDER [ROWS]"""
import json
import os
import random
import sys

import duckdb

WORDS = "['carefully','quickly','furiously','regular','deposits','accounts','packages','requests','sleep','final','express','pending']"


def lineitem(rows):
    comment = " || ' ' || ".join(f"{WORDS}[(1+hash(i*7+{k})%12)::int]" for k in range(4))
    return f"""select (i//4)::bigint l_orderkey, (hash(i)%200000)::bigint l_partkey,
  (hash(i+1)%10000)::bigint l_suppkey, (i%4)::bigint l_linenumber, (1+hash(i+2)%50)::double l_quantity,
  ((90000+hash(i+3)%10000000)::double/100)::double l_extendedprice, ((hash(i+4)%11)/100.0)::double l_discount,
  ((hash(i+5)%9)/100.0)::double l_tax, ['A','N','R'][(1+hash(i+6)%3)::int] l_returnflag,
  ['O','F'][(1+hash(i+7)%2)::int] l_linestatus, (date '1992-01-01' + (hash(i+8)%2500)::int) l_shipdate,
  (date '1992-01-01' + (hash(i+9)%2500)::int) l_commitdate, (date '1992-01-01' + (hash(i+10)%2500)::int) l_receiptdate,
  ['DELIVER IN PERSON','COLLECT COD','NONE','TAKE BACK RETURN'][(1+hash(i+11)%4)::int] l_shipinstruct,
  ['AIR','TRUCK','MAIL','SHIP','RAIL','FOB','REG AIR'][(1+hash(i+12)%7)::int] l_shipmode,
  {comment} l_comment from range({rows}) t(i)"""


def write_spaced(source, target):
    """As Python's json.dumps writes by default: a space behind each colon and comma."""
    with open(source, encoding="utf-8") as lines, open(target, "w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(json.loads(line)) + "\n")


def write_nested(target, rows):
    """Events: an object within, a list of numbers, a list of objects, escapes, texts that are not ASCII, nulls."""
    source = random.Random(1)
    words = ["Straße", "naïve", "plain", "a \"quoted\" one", "line\nbreak", "日本語", "ok", ""]
    with open(target, "w", encoding="utf-8") as out:
        for i in range(rows):
            record = {"id": i, "at": "2024-%02d-%02dT%02d:%02d:%02d.%03dZ" % (source.randint(1, 12), source.randint(1, 28),
                      i % 24, i % 60, i % 59, i % 1000), "user": {"name": source.choice(words), "age": source.choice([None, 30, 41]),
                      "score": source.random()}, "values": [source.randint(0, 1000) for _ in range(source.randint(0, 5))],
                      "items": [{"sku": "A%d" % source.randint(0, 99), "n": source.randint(1, 9)} for _ in range(source.randint(0, 3))],
                      "note": source.choice(words) * source.randint(0, 4), "ok": source.random() < 0.5}
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    folder, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 600_000
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    db = duckdb.connect()
    db.execute("set threads=1")
    db.execute(f"copy ({lineitem(rows)}) to 'lineitem.jsonl' (format json)")
    db.execute(f"copy ({lineitem(rows // 2)}) to 'array.json' (format json, array true)")
    db.execute(f"copy ({lineitem(rows // 2)}) to 'half.jsonl' (format json)")
    write_spaced("half.jsonl", "spaced.jsonl")
    os.remove("half.jsonl")
    write_nested("nested.jsonl", rows // 2)


main()
