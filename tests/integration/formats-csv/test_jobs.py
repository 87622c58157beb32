"""Jobs over pieces of one CSV file, with line ends within quotes: each record arrives once."""
import json
import random
import unittest

import kit

CONFIG = """ledger = "%(folder)s/%(name)s-ledger";
jobs = { j = {
  source = { type = "file"; path = "%(folder)s/in"; };
  format = { type = "csv"; %(format)s };
  sync = { mode = "incremental"; };
  workers = 3; split_bytes = "100KiB"; checkpoint_bytes = 20000;
  errors = { on_error = "reject"; };
  sink = { type = "file"; path = "%(folder)s/%(name)s.ndjson"; };
}; };
"""
ROWS = 30000


class Jobs(kit.Case):
    def job(self, name, format="", expect=0):
        path = self.write(name + ".conf", CONFIG % {"folder": self.folder, "name": name, "format": format})
        self.run_program("run", "-c", path, expect=expect)
        with open(self.path(name + ".ndjson"), "rb") as file:
            return [json.loads(line) for line in file.read().splitlines()]

    def units(self, name):
        import sqlite3
        db = sqlite3.connect(self.path(name + "-ledger", "j.db"))
        made = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'unit'").fetchone()[0]
        db.close()
        return made

    def make(self, end):
        source = random.Random(5)
        words = ["x", ",", "\n", '""', "\r\n", "longer words, and more", "\n\n", '"",\n1,""']
        texts = ["".join(source.choice(words) for _ in range(source.randint(0, 6))) for _ in range(ROWS)]
        self.write("in/a.csv", "id,text" + end + "".join('%d,"%s"%s' % (i, text, end) for i, text in enumerate(texts)))
        return {i: text.replace('""', '"') for i, text in enumerate(texts)}

    def test_line_ends_in_quotes(self):
        for end in ("\n", "\r\n"):
            wanted = self.make(end)
            name = "lf" if end == "\n" else "crlf"
            rows = self.job(name)
            self.assertEqual(len(rows), ROWS)
            self.assertEqual({row["id"]: row["text"] for row in rows}, wanted)
            self.assertGreater(self.units(name), 3)

    def test_by_lines(self):
        self.write("in/a.csv", "id,text\n" + "".join('%d,"x, %d"\n' % (i, i) for i in range(ROWS)))
        rows = self.job("lines", 'pieces = "lines";')
        self.assertEqual(sorted(row["id"] for row in rows), list(range(ROWS)))
        self.assertGreater(self.units("lines"), 3)

    def test_whole(self):
        self.write("in/a.csv", "id;text\n" + "".join("%d;x\n" % i for i in range(ROWS)))
        rows = self.job("whole", 'pieces = "none";')
        self.assertEqual([row["id"] for row in rows], list(range(ROWS)))
        self.assertEqual(self.units("whole"), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
