"""The real program on Parquet files: those of the fuzz target's corpus, and the corpora, held against arrow-rs."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from program import ProgramTest  # noqa: E402

SEEDS = os.path.join(ROOT, "tests", "fuzz", "parquet", "corpus")
FORMATS = os.path.join(os.environ.get("SLUICE_CORPORA", os.path.join(ROOT, "..", "shared", "corpora")), "formats")


def listed(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("\t", 1) for line in file if not line.startswith("#"))


def parquet_files():
    for folder, _, names in os.walk(FORMATS):
        for name in names:
            path = os.path.join(folder, name)
            if "_oracle" in path or "large_string_map" in path:
                continue
            with open(path, "rb") as file:
                if file.read(4) == b"PAR1" or name.endswith((".parquet", ".parq", ".encrypted")):
                    yield path


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

    def test_int96_far_away(self):
        path = os.path.join(FORMATS, "parquet-testing/data/int96_from_spark.parquet")
        if not os.path.exists(path):
            self.skipTest("skipped: no corpora")
        rows = self.records(path, "--format", "parquet", "-f", "int96=us")
        self.assertEqual([r["a"] for r in rows], ["2024-01-01T20:34:56.123456", "2024-01-01T01:00:00.000000",
                                                  "9999-12-31T03:00:00.000000", "2024-12-30T23:00:00.000000", None,
                                                  "+290000-12-30T23:00:00.000000"])

    def same(self, path, truth):
        with tempfile.NamedTemporaryFile(suffix=".arrows") as stream:
            done = subprocess.run([os.environ["SLUICE"], "cat", path, "--format", "parquet", "--output", "arrow"],
                                  stdout=stream, stderr=subprocess.PIPE, check=False)
            if done.returncode:
                return done.returncode, done.stderr.decode()
            if not truth:
                return 0, ""
            done = subprocess.run([os.environ["IPC_COMPARE"], stream.name, truth], capture_output=True, text=True, check=False)
            return -done.returncode, done.stdout + done.stderr

    def test_corpora(self):
        refused, excused = listed("refused.txt"), listed("excused.txt")
        counts = dict(files=0, same=0, decoded_without_truth=0, refused=0, excused=0, differing=0)
        for path in parquet_files():
            name = os.path.relpath(path, FORMATS)
            truth = os.path.join(FORMATS, "_oracle", "arrow-rs", name + ".arrows")
            code, text = self.same(path, truth if os.path.exists(truth) else None)
            counts["files"] += 1
            if code > 0:
                good = name in refused and refused[name] in text
                counts["refused"] += good
            elif code < 0:
                good = name in excused
                counts["excused"] += good
            else:
                good = name not in refused and name not in excused
                counts["same" if os.path.exists(truth) else "decoded_without_truth"] += good
            if not good:
                counts["differing"] += 1
                print(f"{name}: {code} {text.strip()[:300] or 'it is listed, and need not be'}")
        if counts["files"] == 0:
            self.skipTest("skipped: no corpora")
        print(counts)
        self.assertEqual(counts["differing"], 0)


if __name__ == "__main__":
    unittest.main()
