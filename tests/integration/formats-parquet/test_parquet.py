"""The real program on Parquet files of the fuzz target's corpus."""
import json
import os
import struct
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from program import ProgramTest  # noqa: E402

SEEDS = os.path.join(ROOT, "tests", "fuzz", "parquet", "corpus")
FORMATS = os.path.join(os.environ.get("SLUICE_CORPORA", os.path.join(ROOT, "..", "shared", "corpora")), "formats")


# Thrift's compact protocol.
INT, BINARY = 5, 8


def varint(n):
    return bytes([n & 127 | 128]) + varint(n >> 7) if n > 127 else bytes([n])


def field(number, kind, value, before=b""):
    """A field behind those before it, of which the last has the number below."""
    last = number - 1 if before else 0
    data = varint(value << 1) if kind == INT else varint(len(value)) + value
    return before + bytes([(number - last) << 4 | kind]) + data


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

    def made(self, width, groups):
        """A column of fixed length, optional, all null; row groups without chunks follow."""
        column = field(4, BINARY, b"x", field(3, INT, 1, field(2, INT, width, field(1, INT, 7))))
        root = field(5, INT, 1, field(4, BINARY, b"s"))
        body = field(1, INT, 1) + bytes([0x19, 0x2c]) + root + b"\0" + column + b"\0" + bytes([0x16, 0])
        groups = bytes([0x19, 0xfc]) + varint(groups) + b"\0" * groups
        footer = body + groups + b"\0"
        return self.write("made.parquet", b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1")

    def test_claims(self):
        self.expect(0, "inspect", self.made(16 << 20, 0))
        done = self.sluice("cat", self.made((16 << 20) + 1, 0))
        self.assertIn("a column of fixed length has no length, or one out of range", done.errors)
        done = self.sluice("cat", self.made(4, (1 << 20) + 1))
        self.assertIn("the file has more than 1,048,576 row groups", done.errors)

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
