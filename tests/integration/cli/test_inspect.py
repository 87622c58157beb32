"""inspect: what files hold besides their records."""
import json
import os
import unittest

from program import ProgramTest


class InspectTest(ProgramTest):
    def make_arrow(self, name, rows):
        self.write("made.csv", "id,name\n" + "".join("%d,x%d\n" % (i, i) for i in range(rows)))
        self.write(name, self.expect(0, "cat", "made.csv", "--output", "arrow").out)

    def test_as_text(self):
        self.make_arrow("a.arrows", 20000)
        text = self.expect(0, "inspect", "a.arrows").text
        self.assertTrue(text.splitlines()[0].endswith("a.arrows"), text)
        self.assertRegex(text, r"(?m)^  format +arrow$")
        self.assertRegex(text, r"(?m)^  rows +20000$")
        self.assertRegex(text, r"(?m)^    name +type +nullable$")
        self.assertRegex(text, r"(?m)^    id +int64 +yes$")

    def test_as_json(self):
        self.make_arrow("a.arrows", 10)
        told = json.loads(self.expect(0, "inspect", "a.arrows", "--json").text)
        self.assertEqual((told["format"], told["rows"], told["bytes"]),
                         ("arrow", 10, os.path.getsize(os.path.join(self.folder, "a.arrows"))))
        self.assertEqual([field["name"] for field in told["schema"]], ["id", "name"])

    def test_long_tables_are_cut(self):
        self.make_arrow("a.arrows", 8192 * 60)
        self.assertIn("... and ", self.expect(0, "inspect", "a.arrows").text)
        told = json.loads(self.expect(0, "inspect", "a.arrows", "--json").text)
        self.assertEqual(told["rows"], 8192 * 60)

    def test_a_folder_with_a_file_that_is_damaged(self):
        self.make_arrow("in/a.arrows", 10)
        self.make_arrow("in/c.arrows", 20)
        self.write("in/b.bin", b"\x00\x01\x02\x03")
        done = self.expect(4, "inspect", "in", "--json")
        self.assertEqual([json.loads(line)["rows"] for line in done.text.splitlines()], [10, 20])
        self.assertIn("b.bin", done.errors)

    def test_from_a_bucket(self):
        server = self.server()
        self.make_arrow("a.arrows", 10)
        with open(os.path.join(self.folder, "a.arrows"), "rb") as file:
            server.write("b1/data/a.arrows", file.read())
        done = self.expect(0, "inspect", "s3://b1/data/a.arrows", "-o", "region=us-east-1", "--json",
                           env=self.keys(server))
        self.assertEqual(json.loads(done.text)["rows"], 10)

    def test_delimited_text(self):
        self.write("a.tsv", "id\tname\tat\n1\tx\t2026-01-31\n")
        told = json.loads(self.expect(0, "inspect", "a.tsv", "--json").text)
        self.assertEqual({name: told["dialect"][name] for name in ("delimiter", "quote", "header_rows")},
                         {"delimiter": "\t", "quote": '"', "header_rows": 1})
        self.assertEqual([(one["name"], one["type"]) for one in told["schema"]],
                         [("id", "int64"), ("name", "string"), ("at", "date")])
        self.write("b.csv.gz", "id\n1\n")
        self.assertIn("id", self.expect(0, "inspect", "b.csv.gz").text)

    def test_nothing_there(self):
        self.assertIn("nope", self.expect(2, "inspect", "nope").errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
