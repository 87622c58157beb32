"""retry into a sink that keeps positions: what that refused is known as refused, also when the process dies between the
sink's commit and the ledger's."""
import json
import os
import sqlite3
import unittest

from program import ProgramTest

PLUGINS = os.environ["EXACT"]
CONFIG = '''ledger = "ledger";
sinks = { book = { type = "exact"; path = "book"; die = "die"; refuse = %s; }; };
jobs = { one = { source = { type = "file"; path = "data"; }; format = { type = "csv"; }; sink = "book"; workers = 1; batch_rows = 5;
  mapping = ( { from = "id"; type = "int64"; }, { from = "n"; type = "%s"; } ); %s }; };
'''
ROWS = 60


class Exact(ProgramTest):
    more = ""

    def sluice(self, *words, **more):
        return super().sluice("--plugin-dir", PLUGINS, *words, **more)

    def config(self, kind="utf8", refuse=True):
        self.write("job.conf", CONFIG % (str(refuse).lower(), kind, self.more))

    def rejected(self):
        """All that are no numbers: half of these have a "!"."""
        self.config("int64")
        text = {i: "x%d" % i if i % 4 else "x!%d" % i for i in range(0, ROWS, 2)}
        self.write("data/a.csv", "id,n\n" + "".join("%d,%s\n" % (i, text.get(i, i)) for i in range(ROWS)))
        self.expect(3, "run", "job.conf")
        self.assertEqual(self.rejects(), sorted(text))
        self.config()
        return [i for i in sorted(text) if "!" in text[i]]

    def lines(self):
        return [json.loads(line) for line in self.expect(0, "rejects", "job.conf", "--json").lines]

    def rejects(self):
        return sorted(line["row"] for line in self.lines())

    def delivered(self):
        return sorted(json.loads(line[2:])["id"] for line in self.read("book").splitlines() if line[0] == "R")

    def die_behind(self, commits):
        self.write("die", "x" * commits)
        self.expect(-9, "retry", "job.conf", "--job", "one")
        os.remove(os.path.join(self.folder, "die"))

    def retry(self, status):
        return self.expect(status, "retry", "job.conf", "--job", "one")

    def early(self):
        with sqlite3.connect(os.path.join(self.folder, "ledger/one.db")) as db:
            return db.execute("SELECT count(*) FROM reject_early").fetchone()[0]

    def counts(self):
        (part,) = json.loads(self.expect(0, "parts", "job.conf", "--json").text)["parts"]
        return part["rows"], part["rejects"]

    def settled(self, bad):
        self.assertEqual(self.rejects(), bad)
        self.assertEqual({(line["stage"], line["attempts"]) for line in self.lines()}, {("deliver", 2)})
        self.assertEqual(self.counts(), (ROWS - len(bad), len(bad)))
        self.assertEqual(self.early(), 0)

    def test_dies_behind_a_commit(self):
        for commits in (1, 2, 3, 6):
            with self.subTest(commits=commits):
                self.setUp()
                bad = self.rejected()
                self.die_behind(commits)
                self.assertEqual(len(self.rejects()), ROWS // 2) # the ledger has none of it yet
                self.assertGreater(self.early(), 0)
                self.retry(3)
                self.settled(bad)
                self.assertEqual(self.delivered(), [i for i in range(ROWS) if i not in bad])
                self.config(refuse=False)
                self.retry(0)
                self.assertEqual(self.delivered(), list(range(ROWS)))
                self.assertEqual((self.rejects(), self.counts()), ([], (ROWS, 0)))

    def test_dies_again_and_again(self):
        bad = self.rejected()
        for _ in range(5):
            self.die_behind(1)
        self.retry(3)
        self.settled(bad)
        self.assertEqual(self.delivered(), [i for i in range(ROWS) if i not in bad])

    def test_goes_on_under_other_settings(self):
        """Then it is another try: all is sent again, and what the first one refused is asked anew."""
        bad = self.rejected()
        self.die_behind(6)
        self.config(refuse=False)
        self.retry(0)
        self.assertEqual((self.rejects(), self.counts()), ([], (ROWS, 0)))
        self.assertEqual(sorted(set(self.delivered())), list(range(ROWS)))
        self.assertEqual(self.early(), len(bad)) # for nobody; they go with all else that is known of the job
        self.config()
        self.expect(3, "run", "job.conf", "--reset")
        self.assertEqual((self.early(), self.rejects()), (0, bad))


class ByRow(Exact):
    more = 'sync = { key = ["id"]; };'

    def test_dies_behind_a_commit(self):
        """What is sent again is what it was."""
        bad = self.rejected()
        self.die_behind(3)
        self.retry(3)
        self.settled(bad)
        self.assertEqual(sorted(set(self.delivered())), [i for i in range(ROWS) if i not in bad])

    test_dies_again_and_again = test_goes_on_under_other_settings = None


if __name__ == "__main__":
    unittest.main()
