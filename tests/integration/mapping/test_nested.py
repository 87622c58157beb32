"""New fields inside columns: two files of each format that has columns in columns, the second with a field that the first lacks."""
import importlib.util
import json
import os
import unittest

from kit import JobTest

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def corpus(*names):
    with open(os.path.join(TESTS, "fuzz", *names), "rb") as file:
        return file.read()


def avro_kit():
    spec = importlib.util.spec_from_file_location("avro_kit", os.path.join(TESTS, "integration", "formats-avro", "kit.py"))
    kit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kit)
    return kit


class Nested:
    """What a format says: its two files, the way to the struct, the new field, its type and values, and one that only the first has."""

    def put_bytes(self, name, data):
        with open(self.path("in", name), "wb") as file:
            file.write(data)

    def later(self, job, expect=0):
        self.put_bytes("1", self.first)
        self.run_job(job)
        self.before = self.records()
        self.put_bytes("2", self.second)
        said = self.run_job(job, expect)
        self.assertEqual(self.records()[:len(self.before)], self.before)
        return said

    def after(self):
        return self.records()[len(self.before):]

    def at(self, record):
        """The struct that the new field is in; None: a null is on the way."""
        for name in self.way:
            record = record[name] if record is not None else None
        return record

    def values(self):
        return [self.at(record).get(self.field) if self.at(record) else None for record in self.after()]

    def test_added(self):
        said = self.later("")
        self.assertIn("has a new column '%s'; it is added" % ".".join(self.way + [self.field]), said)
        self.assertEqual(self.values(), self.expected)
        self.assertTrue(all(self.at(record)[self.gone] is None for record in self.after() if self.at(record)))
        self.put_bytes("3", self.first)  # which lacks it again
        self.run_job("")
        third = self.records()[-len(self.before):]
        self.assertEqual([self.at(r)[self.gone] for r in third if self.at(r)], [self.at(r)[self.gone] for r in self.before if self.at(r)])
        self.assertTrue(all(self.at(record)[self.field] is None for record in third if self.at(record)))

    def test_ignored(self):
        self.later('evolution = { new = "ignore"; };')
        self.assertEqual(len(self.after()), len(self.expected))
        self.assertTrue(all(self.field not in self.at(record) for record in self.after() if self.at(record)))

    def test_rejected(self):
        said = self.later('evolution = { new = "reject"; };', 4)
        self.assertIn("column '%s' (%s) is new, the job's schema does not have it: the file is not read"
                      % (".".join(self.way + [self.field]), self.type), said)
        self.assertEqual(self.after(), [])

    def test_stopped(self):
        said = self.later('evolution = { new = "stop"; };', 4)
        self.assertIn("column '%s' (%s) is new" % (".".join(self.way + [self.field]), self.type), said)
        self.assertIn("the run stops", said)
        self.assertEqual(self.after(), [])
        self.run_job("")  # as soon as it is allowed, nothing is lost
        self.assertEqual(self.values(), self.expected)

    def test_rescued(self):
        self.later('evolution = { new = "rescue"; };')
        path = ".".join(self.way + [self.field])
        rescued = [json.loads(record["_rescued"] or "{}") for record in self.after()]
        self.assertEqual([r.get(path) for r in rescued], self.expected)
        self.assertTrue(all(set(r) <= {path} for r in rescued))
        self.assertTrue(all(self.field not in self.at(record) for record in self.after() if self.at(record)))


class Json(Nested, JobTest):
    format = "json"
    first = b'{"id":1,"o":{"a":1,"in":{"x":1}}}\n{"id":2,"o":null}\n'
    second = b'{"id":3,"o":{"a":3,"in":{"y":"new"}}}\n{"id":4,"o":{"a":4,"in":null}}\n{"id":5}\n'
    way, field, type, gone, expected = ["o", "in"], "y", "string", "x", ["new", None, None]

    def test_in_a_list(self):
        self.put("a.json", '{"l":[{"a":1}]}\n')
        self.run_job("")
        self.put("b.json", '{"l":[{"a":2,"b":[{"c":true}]},{"a":3}]}\n')
        self.assertIn("new column 'l[].b'", self.run_job(""))
        self.assertEqual(self.lines()[1:], ['{"l":[{"a":2,"b":[{"c":true}]},{"a":3,"b":null}]}'])
        self.put("c.json", '{"l":[{"b":[{"d":1}]}]}\n')
        self.assertIn("'l[].b[].d' (int64) is new", self.run_job('evolution = { new = "reject"; };', 4))
        said = self.run_job('evolution = { new = "rescue"; };', 4)
        self.assertIn("c.json: column 'l[].b[].d' (int64) is new in the records of a list", said)
        self.run_job('evolution = { new = "ignore"; };')
        self.assertEqual(self.lines()[2:], ['{"l":[{"a":null,"b":[{"c":null}]}]}'])

    def test_beside_a_mapping_that_excludes_it(self):
        job = 'mapping = ( { from = "o.b"; exclude = true; } ); unmapped = "keep"; evolution = { new = "reject"; };'
        self.put("a.json", '{"o":{"a":1}}\n')
        self.run_job(job)
        self.put("b.json", '{"o":{"a":2,"b":3}}\n')
        self.run_job(job)
        self.assertEqual(self.lines()[1:], ['{"o":{"a":2}}'])
        self.put("c.json", '{"o":{"a":4,"c":3}}\n')
        self.assertIn("'o.c' (int64) is new", self.run_job(job, 4))

    def test_a_field_of_another_type(self):
        self.put("a.json", '{"o":{"a":1}}\n')
        self.run_job("")
        self.put("b.json", '{"o":{"a":2}}\n{"o":{"a":"x"}}\n')
        said = self.run_job('evolution = { changed = "stop"; };', 4)
        self.assertIn("b.json: column 'o.a' is of another type in this file than in the job's schema (\"x\" does not fit", said)
        self.run_job("", 3)
        self.assertEqual(self.lines()[1:], ['{"o":{"a":2}}'])
        self.assertEqual([r["column"] for r in self.rejects()], ["o.a"])

    def test_without_records_nothing_is_remembered(self):
        self.put("a.json", '{"o":{"a":1}}\n')
        self.run_job("")
        self.put("b.json", "")
        self.assertNotIn("new column", self.run_job(""))


class Parquet(Nested, JobTest):
    format = "parquet"
    second = corpus("parquet", "corpus", "nested.parquet")
    first = second.replace(b"\x18\x01t%", b"\x18\x01u%")
    way, field, type, gone = ["s", "q"], "t", "string", "u"
    expected = [None if i % 7 == 6 or i % 2 else "x" for i in range(20)]


class Arrow(Nested, JobTest):
    format = "arrow"
    second = corpus("arrow", "corpus", "nested.file")[4:]  # the first four bytes choose the fuzz target's options
    first = second.replace(b"\x01\0\0\0b\0", b"\x01\0\0\0z\0")
    way, field, type, gone, expected = ["st"], "b", "list", "z", [[1.5], None, None] * 2


class Avro(Nested, JobTest):
    format = "avro"
    kit = avro_kit()
    way, field, type, gone, expected = ["o"], "y", "string", "x", ["new", None]

    @staticmethod
    def schema(name):
        inner = {"type": "record", "name": "o", "fields": [{"name": "a", "type": "long"}, {"name": name, "type": "string"}]}
        return {"type": "record", "name": "r", "fields": [{"name": "o", "type": ["null", inner]}]}

    @property
    def first(self):
        return self.kit.header(self.schema("x")) + self.kit.block(1, b"\x02\x02" + self.kit.text("old"))

    @property
    def second(self):
        return self.kit.header(self.schema("y")) + self.kit.block(2, b"\x02\x04" + self.kit.text("new") + b"\0")


if __name__ == "__main__":
    unittest.main()
