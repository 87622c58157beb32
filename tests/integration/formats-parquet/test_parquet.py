"""The real program on Parquet files of the fuzz target's corpus."""
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from program import ProgramTest  # noqa: E402

SEEDS = os.path.join(ROOT, "tests", "fuzz", "parquet", "corpus")
FORMATS = os.path.join(os.environ.get("SLUICE_CORPORA", os.path.join(ROOT, "..", "shared", "corpora")), "formats")


class Parquet(ProgramTest):
    def records(self, *words):
        return [json.loads(line) for line in self.expect(0, "cat", *words).lines]

    def test_nested_records(self):
        for seed in ("nested", "nested-pages", "nested-groups"):
            rows = self.records(os.path.join(SEEDS, seed + ".parquet"))
            self.assertEqual(len(rows), 20)
            for i, row in enumerate(rows):
                self.assertEqual(row["a"], None if i == 4 else list(range(i % 4)))
                self.assertEqual(row["b"], [[[str(i), None], []], None] if i % 3 else [])
                self.assertEqual(row["s"], None if i % 7 == 6 else
                                 {"p": i, "q": {"r": [i] * (i % 3), "t": None if i % 2 else "x"}})

    def test_texts_in_all_encodings(self):
        for seed in ("texts", "texts-dictionary", "texts-delta"):
            rows = self.records(os.path.join(SEEDS, seed + ".parquet"))
            self.assertEqual([r["s"] for r in rows],
                             [None if i % 5 == 3 else "text " * (i % 4) + str(i) for i in range(20)])

    def test_columns_and_limit(self):
        rows = self.records(os.path.join(SEEDS, "numbers-groups.parquet"), "--columns", "l,i", "--limit", "9")
        self.assertEqual(rows, [{"l": None if i % 5 == 3 else i * 10**10 - 3, "i": i} for i in range(9)])

    def test_inspect(self):
        done = self.expect(0, "inspect", os.path.join(SEEDS, "numbers-groups.parquet"))
        for word in ("RLE_DICTIONARY", "row_groups", "created_by", "int64"):
            self.assertIn(word, done.text if hasattr(done, "text") else "\n".join(done.lines))

    def test_whole_gzip_is_refused(self):
        import gzip
        with open(os.path.join(SEEDS, "numbers.parquet"), "rb") as file:
            path = self.write("x.parquet.gz", gzip.compress(file.read()))
        done = self.sluice("cat", path)
        self.assertNotEqual(done.status, 0)
        self.assertIn("unpack it first", done.errors)

    def test_encrypted_columns(self):
        path = os.path.join(FORMATS, "parquet-testing/data/encrypt_columns_plaintext_footer.parquet.encrypted")
        if not os.path.exists(path):
            self.skipTest("skipped: no corpora")
        self.assertIn("it is encrypted", self.sluice("cat", path, "--format", "parquet").errors)
        rows = self.records(path, "--format", "parquet", "--columns", "boolean_field,int32_field")
        self.assertEqual(rows[:2], [{"boolean_field": True, "int32_field": "00:00:00.000"},
                                    {"boolean_field": False, "int32_field": "00:00:00.001"}])


if __name__ == "__main__":
    unittest.main()
