"""Pairs of schemas: files that Debian's python3-avro wrote, read by another schema here and there. Both must give the
same records, or both must refuse."""
import itertools
import json
import os
import random
import re
import tempfile
import unittest

import kit

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
PAIRS = 150


def fixed(size):
    return {"type": "fixed", "name": "F", "size": size}


def enum(symbols, **more):
    return dict({"type": "enum", "name": "E", "symbols": symbols}, **more)


def array(items):
    return {"type": "array", "items": items}


def record(*fields, **more):
    return dict({"type": "record", "name": "R", "fields": list(fields)}, **more)


def field(name, kind, **more):
    return dict({"name": name, "type": kind}, **more)


VALUES = {"null": [None], "boolean": [True, False], "int": [0, -1, 1 << 20], "long": [0, 1, -64],
          "float": [0.5, -2.0], "double": [0.25, 1e10], "bytes": [b"", b"abc"], "string": ["", "caf\u00e9"]}
# python3-avro takes a default of bytes for UTF-8, where the section "Records" has code points 0 to 255: so no such here.
DEFAULTS = {"null": None, "boolean": True, "int": 7, "long": -8, "float": 1.5, "double": 2.5, "bytes": "b",
            "string": "d"}


def random_type(r, depth):
    kind = r.randrange(12 if depth else 8)
    if kind < 8:
        return r.choice(PRIMITIVES)
    if kind == 8:
        return array(random_type(r, depth - 1))
    if kind == 9:
        return {"type": "map", "values": random_type(r, depth - 1)}
    if kind == 10:
        return ["null", r.choice(PRIMITIVES[1:])]
    return r.sample(PRIMITIVES, 3)


def random_value(r, kind):
    if isinstance(kind, str):
        return r.choice(VALUES[kind])
    if isinstance(kind, list):
        return random_value(r, r.choice(kind))
    if kind["type"] == "array":
        return [random_value(r, kind["items"]) for _ in range(r.randrange(4))]
    return {k: random_value(r, kind["values"]) for k in r.sample("abc", r.randrange(3))}


PROMOTED = {"int": ["long", "float", "double"], "long": ["float", "double"], "float": ["double"],
            "string": ["bytes"], "bytes": ["string"]}


def evolve_type(r, kind):
    """A type that takes values of `kind`, mostly."""
    if isinstance(kind, str):
        options = [kind, kind] + PROMOTED.get(kind, []) + [["null", kind]] * (kind != "null")
        return r.choice(options) if r.random() < 0.95 else r.choice(PRIMITIVES)
    if isinstance(kind, list):
        return r.sample(kind, len(kind)) if r.random() < 0.7 else kind
    if kind["type"] == "array":
        return array(evolve_type(r, kind["items"]))
    return {"type": "map", "values": evolve_type(r, kind["values"])}


def evolve(r, writer):
    fields = []
    for old in r.sample(writer["fields"], r.randrange(1, len(writer["fields"]) + 1)):
        fields.append(field(old["name"], evolve_type(r, old["type"])))
    if r.random() < 0.5:
        kind = r.choice(PRIMITIVES)
        fields.append(field("added", kind, default=DEFAULTS[kind]))
    return record(*fields)


def random_pair(seed):
    r = random.Random(seed)
    writer = record(*(field("f%d" % i, random_type(r, 2)) for i in range(r.randrange(1, 6))))
    rows = [{f["name"]: random_value(r, f["type"]) for f in writer["fields"]} for _ in range(r.randrange(1, 6))]
    return writer, evolve(r, writer), rows


BY_HAND = [
    (enum(["A", "B", "C"]), enum(["C", "X", "A"], default="X"), ["A", "B", "C"]),
    (record(field("e", enum(["A", "B"]))), record(field("e", enum(["B", "A"]))), [{"e": "A"}, {"e": "B"}]),
    (fixed(2), fixed(2), [b"ab"]), (fixed(2), fixed(3), [b"ab"]), (array("int"), array("double"), [[1, 2], []]),
    (record(field("a", "int"), field("b", record(field("x", "int"), name="S"))),
     record(field("b", record(field("x", "long"), field("y", "string", default="d"), name="S"))), [{"a": 1, "b": {"x": 2}}]),
    (["null", "int", "string"], ["string", "null", "long"], [None, 5, "x"]),
    ("int", ["null", "double"], [1, 2]), (["int", "string"], "int", [1, 2]),
    (record(field("v", "int"), field("n", ["null", "R"])), record(field("v", "long"), field("n", ["null", "R"])),
     [{"v": 1, "n": {"v": 2, "n": None}}]),
    (record(field("a", "int")), record(field("a", "int"), field("m", {"type": "map", "values": "int"}, default={"k": 1})),
     [{"a": 1}]),
    (record(field("a", "int")), record(field("b", "int")), [{"a": 1}]),
]
PROMOTIONS = [(w, d, VALUES[w]) for w, d in itertools.product(PRIMITIVES, PRIMITIVES)]

avro = kit.avro_module()


def matches(writer, reader):
    """The list under "To match, one of the following must hold" of the section "Schema Resolution"."""
    if isinstance(writer, list) or isinstance(reader, list):
        return True
    kinds = [kind["type"] if isinstance(kind, dict) else kind for kind in (writer, reader)]
    if kinds[0] == kinds[1] and kinds[0] in ("array", "map"):
        inner = {"array": "items", "map": "values"}[kinds[0]]
        return matches(writer[inner], reader[inner])
    return kinds[0] == kinds[1] or kinds[1] in PROMOTED.get(kinds[0], ())


def is_excused(error):
    """python3-avro refuses some pairs that match by the specification: string as bytes and the reverse, items or values
    that are promoted or a union, a writer's union of which another branch would not match."""
    found = re.search(r"Writer's Schema: (.*)\nReader's Schema: (.*)", str(error), re.S)
    return bool(found) and matches(*(json.loads(text) for text in found.groups()))


def write(path, schema, rows):
    parsed = avro.schema.parse(json.dumps(schema))
    with open(path, "wb") as file, avro.datafile.DataFileWriter(file, avro.io.DatumWriter(), parsed) as out:
        for row in rows:
            out.append(row)


def unpacked(rows):
    """Text of types within themselves, as what it says."""
    def value(v):
        if isinstance(v, str) and v.startswith('{"v"'):
            return json.loads(v)
        return {k: value(x) for k, x in v.items()} if isinstance(v, dict) else v
    return [value(row) for row in rows]


@unittest.skipIf(avro is None, "skipped: python3-avro is not installed")
class Resolution(unittest.TestCase):
    def compare(self, writer, reader, rows, counts):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.avro")
            write(path, writer, rows)
            done = kit.cat(path, "--format", "avro", "-f", "reader_schema=" + json.dumps(reader))
            try:
                theirs = kit.read_by_module(path, json.dumps(reader))
            except Exception as error:  # whatever it is, it refuses
                counts["refused" if done.status else "excused"] += 1
                if done.status != 0 or is_excused(error):
                    return None
                return "they refuse: %s: %s" % (type(error).__name__, error)
        if done.status != 0:
            return "refused: " + done.errors[:300]
        ours = unpacked(done.rows)
        single = [row.get("value") for row in ours]
        counts["equal"] += 1
        good = kit.equal(ours, theirs, True) or kit.equal(single, theirs, True)
        return None if good else "%s instead of %s" % (ours, theirs)

    def check(self, pairs, what, excused=()):
        counts, wrong = {"equal": 0, "refused": 0, "excused": 0}, []
        for number, (writer, reader, rows) in enumerate(pairs):
            why = self.compare(writer, reader, rows, counts)
            if why and number not in excused:
                wrong.append("%s %d: %s\n  %s\n  %s" % (what, number, why, json.dumps(writer), json.dumps(reader)))
        print("%s: %d equal, %d refused by both, %d excused, %d differing" % (
            what, counts["equal"], counts["refused"], counts["excused"], len(wrong)))
        self.assertEqual(wrong, [], "\n".join(wrong[:5]))

    def test_by_hand(self):
        self.check(BY_HAND, "pairs by hand")

    def test_promotions(self):
        self.check(PROMOTIONS, "promotions")

    def test_random(self):
        self.check(map(random_pair, range(PAIRS)), "random pairs")


if __name__ == "__main__":
    unittest.main()
