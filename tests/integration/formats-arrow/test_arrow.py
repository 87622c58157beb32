"""The real program on Arrow files: those of the fuzz target's corpus, and the golden ones where the corpora are there."""
import glob
import json
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from program import ProgramTest  # noqa: E402

SEEDS = os.path.join(ROOT, "tests", "fuzz", "arrow", "corpus")
CORPORA = os.environ.get("SLUICE_CORPORA", os.path.join(ROOT, "..", "shared", "corpora"))
GOLDEN = os.path.join(CORPORA, "formats", "arrow-testing", "data", "arrow-ipc-stream", "integration")
PLAIN = [{"i": 1, "s": "a", "b": True}, {"i": None, "s": None, "b": None},
         {"i": 3, "s": "long text, longer than a view", "b": False}]


def seed(name):
    with open(os.path.join(SEEDS, name), "rb") as file:
        return file.read()[4:]  # the first four bytes choose the fuzz target's options


class Arrow(ProgramTest):
    def records(self, *words):
        return [json.loads(line) for line in self.expect(0, "cat", *words).lines]

    def same(self, a, b):
        done = subprocess.run([os.environ["IPC_COMPARE"], "--nullability", "--metadata", a, b], capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr

    def test_known_by_content(self):
        self.assertEqual(self.records(self.write("no-suffix", seed("plain.stream"))), PLAIN + PLAIN[1:])
        self.assertEqual(self.records(self.write("x.feather", seed("plain.file"))), PLAIN * 2)
        self.assertEqual(self.records(self.write("old", seed("v4"))), PLAIN)

    def test_compressed_as_a_whole(self):
        self.assertEqual(self.records(self.write("x.arrow.gz", seed("plain.file"))), PLAIN * 2)

    def test_columns_and_limit(self):
        path = self.write("x.arrow", seed("plain.zstd"))
        self.assertEqual(self.records(path, "--columns", "b,i", "--limit", "2"), [{"b": True, "i": 1}, {"b": None, "i": None}])

    def test_dictionaries(self):
        self.assertEqual([r["d"] for r in self.records(self.write("d", seed("delta")))], ["a", "a", "a", "b", "c", "b"])
        self.assertEqual([r["d"] for r in self.records(self.write("r", seed("replaced")))], ["a", "a", "b", "c"])

    def test_broken_index(self):
        done = self.expect(0, "cat", self.write("x.arrow", seed("plain.file")[:-4]))
        self.assertEqual([json.loads(line) for line in done.lines], PLAIN * 2)
        self.assertIn("read as the stream that it holds", done.errors)

    def test_refused(self):
        done = self.sluice("cat", self.write("x.feather", b"FEA1" + bytes(60) + b"FEA1"))
        self.assertNotEqual(done.status, 0)
        self.assertIn("Feather file of version 1", done.errors)
        done = self.sluice("cat", self.write("y.arrow", seed("plain.stream")[:-700]))
        self.assertNotEqual(done.status, 0)
        self.assertRegex(done.errors, "cut short|longer than the rest")

    def test_inspect(self):
        path = self.write("x.arrow", seed("delta.file"))
        told = json.loads(self.expect(0, "inspect", path, "--json").text)
        self.assertIn("dictionary<int8, string>", json.dumps(told))
        self.assertIn("IPC file", self.expect(0, "inspect", path).text)

    def test_golden_files_through_the_writer(self):
        files = sorted(glob.glob(os.path.join(GOLDEN, "*", "*.stream")) + glob.glob(os.path.join(GOLDEN, "*", "*.arrow_file")))
        if not files:
            print(f"skipped: no golden files in '{GOLDEN}'")
        for path in files:
            with self.subTest(path=os.path.relpath(path, GOLDEN)):
                out = self.expect(0, "cat", path, "--output", "arrow").out
                same, text = self.same(path, self.write("out.arrows", out))
                self.assertTrue(same, text)


if __name__ == "__main__":
    unittest.main()
