"""rejects, parts and reset: what was refused, what became of each file, and files delivered once more."""
import json
import os
import pty
import select
import subprocess
import time
import unittest

from program import CLEAN, SLUICE, ProgramTest

CONFIG = '''ledger = "ledger";
sinks = { local = { type = "file"; path = "out.ndjson"; }; other = { type = "file"; path = "other.ndjson"; }; };
jobs = { one = { source = { type = "file"; path = "data"; }; format = { type = "csv"; }; sink = "local";
  mapping = ( { from = "id"; type = "int64"; required = true; }, { from = "price"; type = "double"; } ); }; };
'''
DATA = "id,price\n1,2\n,3\n3,much\n4,5\nx,6\n5,more\n"  # rows 1, 2, 4 and 5 are refused


class RejectsTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("job.conf", CONFIG)

    def json(self, *words, status=0):
        return [json.loads(line) for line in self.expect(status, *words, "--json").lines]

    def rows(self, *words):
        return sorted(r["row"] for r in self.json("rejects", "job.conf", *words))

    def delivered(self, name="out.ndjson"):
        return [json.loads(line)["id"] for line in self.read(name).splitlines()]


class Rejects(RejectsTest):
    def test_place_value_reason_and_advice(self):
        self.write("data/a.csv", DATA)
        self.expect(3, "run", "job.conf")
        text = self.expect(0, "rejects", "job.conf").text
        for part in ("data/a.csv, row 2, column price (one to local, decode)", '"much" is not float64', "record: 3,much",
                     "do: map the column to a type", "data/a.csv, row 1, column id (one to local, map)", "value: null",
                     "do: mend the column's rule", "attempts: 1", "one: 4 rejected records"):
            self.assertIn(part, text)
        found = {r["row"]: r for r in self.json("rejects", "job.conf")}
        self.assertEqual(sorted(found), [1, 2, 4, 5])
        with open(os.path.join(self.folder, "ledger/one.rejects.ndjson")) as file:
            for line in file:
                line = json.loads(line)
                self.assertEqual({k: found[line["row"]][k] for k in line}, line)
        self.assertIn("`sluice retry`", found[1]["do"])
        self.assertEqual((found[1]["job"], found[1]["value"]), ("one", "null"))
        self.assertEqual((found[2]["raw"], found[2]["value"]), ("3,much", None), "which cell it is cannot be told")

    def test_value_of_a_field(self):
        self.write("job.conf", """ledger = "ledger"; jobs = { one = { source = { type = "file"; path = "data"; };
          sink = { type = "file"; path = "out.ndjson"; }; }; };""")
        self.write("data/a.ndjson", '{"o":{"p":{"a":1}},"x.y":1}\n')
        self.expect(0, "run", "job.conf")
        self.write("data/b.ndjson", '{"o":{"p":{"a":"q"}},"x.y":1}\n{"o":{"p":{"a":2}},"x.y":"z"}\n')
        self.expect(4, "run", "job.conf")
        self.assertEqual([(r["column"], r["value"]) for r in self.json("rejects", "job.conf")],
                         [("o.p.a", '"q"'), ("x.y", '"z"')])

    def test_filters(self):
        self.write("data/a.csv", DATA)
        self.write("data/b.csv", "id,price\n1,2\n2,bad\n")
        self.expect(3, "run", "job.conf")
        self.expect(3, "run", "job.conf", "--sink", "other")
        self.assertEqual(len(self.rows()), 10)
        self.assertEqual(self.rows("--sink", "other"), [1, 1, 2, 4, 5])
        self.assertEqual(self.rows("--sink", "local", "--part", "data/b.csv"), [1])
        self.assertEqual(self.rows("--sink", "local", "--part", "*a.csv"), [1, 2, 4, 5])
        self.assertEqual(self.rows("--sink", "local", "--stage", "map"), [1])
        self.assertEqual(self.rows("--sink", "local", "--reason", "NOT FLOAT64"), [1, 2, 5])
        self.assertEqual(self.rows("--part", "nothing*"), [])
        self.assertEqual(len(self.rows("--limit", "3")), 3)
        self.assertIn("and 7 more", self.expect(0, "rejects", "job.conf", "--limit", "3").text)
        self.assertEqual(self.expect(0, "rejects", "job.conf", "--limit", "0", "--reason", "int64").lines,
                         ["  and 2 more: --limit, or --count for the reasons", "one: 2 rejected records"])
        self.expect(2, "rejects", "job.conf", "--job", "two")
        self.expect(2, "rejects", "job.conf", "--limit", "many")

    def test_count(self):
        self.write("data/a.csv", DATA)
        self.expect(3, "run", "job.conf")
        counted, = self.json("rejects", "job.conf", "--count")
        self.assertEqual((counted["job"], counted["rejects"], counted["others"]), ("one", 4, 0))
        first = counted["reasons"][0]
        self.assertEqual((first["count"], first["stage"], first["column"], first["reason"]),
                         (2, "decode", "price", '"..." is not float64'))
        self.assertEqual(sum(r["count"] for r in counted["reasons"]), 4)
        self.assertIn('2  decode, column price, to local: "..." is not float64',
                      self.expect(0, "rejects", "job.conf", "--count").text)

    def test_what_no_checkpoint_passed_is_not_there(self):
        self.write("data/a.csv", DATA)
        self.expect(3, "run", "job.conf")
        with open(os.path.join(self.folder, "ledger/one.rejects.ndjson"), "a") as file:
            file.write('{"delivery":"one/local/main","part":"data/a.csv","row":9,"reason":"never committed"}\n')
        self.assertEqual(self.rows(), [1, 2, 4, 5])

    def test_no_run_yet_and_nothing_rejected(self):
        self.assertIn("one: 0 rejected records", self.expect(0, "rejects", "job.conf").text)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "ledger")), "looking made a ledger")
        self.write("data/a.csv", "id,price\n1,2\n")
        self.expect(0, "run", "job.conf")
        self.assertIn("one: 0 rejected records", self.expect(0, "rejects", "job.conf").text)

    def test_hostile_texts(self):
        """What a file holds does not reach the terminal as it is."""
        self.write("data/\x1b[31mred.csv", b"id,price\n1,2\n2,\x1b]0;owned\x07\n3,\xc3\xa4" + b"\xc3\xa4" * 200 + b"\n")
        self.expect(3, "run", "job.conf")
        done = self.expect(0, "rejects", "job.conf")
        self.assertNotIn(b"\x1b", done.out)
        self.assertNotIn(b"\x07", done.out)
        shown = [line for line in done.lines if "record: " in line]
        self.assertEqual(len(shown), 2)
        self.assertLess(max(map(len, shown)), 120)
        self.expect(0, "rejects", "job.conf", "--count")
        self.assertEqual(self.rows(), [1, 2])

    def test_all_rejected_is_failed(self):
        self.write("data/a.csv", "id,price\n1,x\n2,y\n")
        done = self.expect(4, "run", "job.conf")
        self.assertIn("all records of this run (2) were rejected and nothing was delivered", done.errors)
        run = self.json("history", "job.conf")[0]["runs"][0]
        self.assertEqual((run["outcome"], run["counts"]["rejects"]), ("failed", 2))
        self.write("data/b.csv", "id,price\n1,1\n2,y\n")
        self.expect(3, "run", "job.conf")
        self.expect(0, "run", "job.conf")


    def test_all_rejected_of_a_full_refresh(self):
        """The generation is given up; what was rejected of it is there to be read until the next one takes its place."""
        self.write("job.conf", CONFIG.replace("sink = ", 'sync = { mode = "full_refresh"; }; sink = '))
        self.write("data/a.csv", "id,price\n1,1\n2,y\n")
        self.expect(3, "run", "job.conf")
        self.write("data/a.csv", "id,price\n1,x\n2,y\n3,z\n")
        for _ in range(2): # they do not add up
            self.expect(4, "run", "job.conf")
            self.assertEqual(sorted((r["row"], r["undone"]) for r in self.json("rejects", "job.conf")),
                             [(0, True), (1, False), (1, True), (2, True)])
        self.assertIn("its run failed: the next one reads the record again", self.expect(0, "rejects", "job.conf").text)
        self.assertEqual(self.delivered(), [1])
        self.write("data/a.csv", "id,price\n1,1\n2,2\n3,z\n")
        self.expect(3, "run", "job.conf")
        self.assertEqual([(r["row"], r["undone"]) for r in self.json("rejects", "job.conf")], [(2, False)])

    def test_more_than_the_limit(self):
        """All that were found are shown, not only the one that passed the limit, until a run gets on with them."""
        for more, limit in (("", "max_rejects = 2;"), ('sync = { mode = "full_refresh"; };', "max_rejects = 2;"),
                            ("", 'on_error = "fail";')):
            with self.subTest(more=more, limit=limit):
                self.setUp()
                self.write("job.conf", CONFIG.replace("sink = ", more + " errors = { %s }; sink = " % limit))
                self.write("data/a.csv", DATA)
                self.write("data/b.csv", DATA)
                for _ in range(2):
                    done = self.expect(4, "run", "job.conf")
                    found = self.json("rejects", "job.conf")
                    if "fail" in limit:
                        self.assertEqual(len(found), 1)
                    else:
                        self.assertGreaterEqual(len(found), 3)
                        self.assertIn("more than max_rejects = 2: see `sluice rejects`", done.errors)
                    self.assertEqual(len({r["id"] for r in found}), len(found))
                self.assertTrue(all(r["undone"] for r in found))
                self.write("job.conf", CONFIG)
                self.expect(3, "run", "job.conf")
                self.assertEqual(self.rows(), [1, 1, 2, 2, 4, 4, 5, 5])
                self.assertFalse(any(r["undone"] for r in self.json("rejects", "job.conf")))


class Parts(RejectsTest):
    def test_states_errors_and_pages(self):
        for i in range(5):
            self.write("data/%d.csv" % i, "id,price\n%d,2\n" % i)
        self.write("data/bad.csv.gz", "id,price\n1,2\n")
        with open(os.path.join(self.folder, "data/bad.csv.gz"), "r+b") as file:
            file.truncate(25)
        self.assertIn("none", self.expect(0, "parts", "job.conf").text)
        self.expect(4, "run", "job.conf")
        job, = self.json("parts", "job.conf")
        self.assertEqual([p["name"] for p in job["parts"]], ["data/%d.csv" % i for i in range(5)] + ["data/bad.csv.gz"])
        self.assertEqual([p["state"] for p in job["parts"]], ["done"] * 5 + ["failed"])
        self.assertIsNone(job["next"])
        bad, = self.json("parts", "job.conf", "--state", "failed")[0]["parts"]
        self.assertIn("bad.csv.gz", bad["error"]["message"])
        self.assertIn("the next run tries it again", bad["do"])
        self.assertEqual(bad["attempts"], 1)
        text = self.expect(0, "parts", "job.conf", "--state", "failed,gone").text
        self.assertIn("failed   data/bad.csv.gz to local", text)
        self.assertIn("error: ", text)
        self.assertEqual(len(self.json("parts", "job.conf", "--match", "*/[0-2].csv")[0]["parts"]), 3)
        self.expect(2, "parts", "job.conf", "--state", "broken")

    def test_pages(self):
        for i in range(5):
            self.write("data/%d.csv" % i, "id,price\n%d,2\n" % i)
        self.expect(0, "run", "job.conf")
        self.expect(0, "run", "job.conf", "--sink", "other")
        seen, after = [], []
        for _ in range(10):
            job, = self.json("parts", "job.conf", "--job", "one", "--limit", "3", *after)
            seen += [(p["sink"], p["name"]) for p in job["parts"]]
            if job["next"] is None:
                break
            self.assertEqual(len(job["parts"]), 3)
            after = ["--after", job["next"]]
        self.assertEqual(seen, [(s, "data/%d.csv" % i) for s in ("local", "other") for i in range(5)])
        self.assertIn("and more: --after '1:data/1.csv'", self.expect(0, "parts", "job.conf", "--limit", "2").text)
        self.expect(2, "parts", "job.conf", "--after", "1:data/1.csv")
        self.expect(2, "parts", "job.conf", "--job", "one", "--after", "data/1.csv")


class Reset(RejectsTest):
    def test_files_once_more(self):
        self.write("data/a.csv", "id,price\n1,2\n2,bad\n")
        self.write("data/b.csv", "id,price\n3,2\n4,bad\n")
        self.expect(3, "run", "job.conf")
        self.expect(2, "reset", "job.conf", "--job", "one")
        self.expect(2, "reset", "job.conf", "--part", "data/a.csv", "--yes")
        self.expect(2, "reset", "job.conf", "--job", "one", "--part", "x", "--all", "--yes")
        done = self.expect(2, "reset", "job.conf", "--job", "one", "--part", "data/a.csv")
        self.assertIn("--yes", done.errors)
        self.assertEqual(len(self.rows()), 2)
        done = self.expect(0, "reset", "job.conf", "--job", "one", "--part", "data/a*", "--yes")
        self.assertIn("1 file is to be delivered once more", done.text)
        left, = self.json("rejects", "job.conf")  # what was rejected of it will be found again
        self.assertEqual(left["part"], "data/b.csv")
        with open(os.path.join(self.folder, "ledger/one.rejects.ndjson")) as file:
            self.assertEqual(len(file.readlines()), 1)
        self.expect(3, "run", "job.conf")
        self.assertEqual(self.delivered(), [1, 3, 1])
        self.assertEqual(len(self.rows()), 2)
        done = self.expect(0, "reset", "job.conf", "--job", "one", "--part", "z", "--yes").text
        self.assertIn("0 files are to be delivered once more\n  no file that it knows matches; `sluice parts`", done)
        self.assertIn("2 files are", self.expect(0, "reset", "job.conf", "--job", "one", "--all", "--yes").text)
        self.expect(3, "run", "job.conf")
        self.assertEqual(self.delivered(), [1, 3, 1, 1, 3])

    def test_no_run_yet(self):
        self.assertIn("no run yet", self.expect(4, "reset", "job.conf", "--job", "one", "--all", "--yes").errors)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "ledger")))

    def test_refused_while_a_run_is_at_work(self):
        self.write("data/a.csv", "id,price\n1,2\n")
        self.expect(0, "run", "job.conf")
        self.write("data/b.csv", "id,price\n" + "1,2\n" * 3000000)
        run = self.start("run", "job.conf")
        try:
            until = time.monotonic() + 60
            while not any(r["running"] for r in self.json("history", "job.conf")[0]["runs"]):
                self.assertIsNone(run.poll())
                self.assertLess(time.monotonic(), until)
            done = self.expect(4, "reset", "job.conf", "--job", "one", "--all", "--yes")
            self.assertIn("job one is being run by", done.errors)
        finally:
            run.kill()
            run.communicate()

    def ask(self, answer):
        """On a terminal."""
        master, slave = pty.openpty()
        process = subprocess.Popen([SLUICE, "reset", "job.conf", "--job", "one", "--all"], cwd=self.folder, env=CLEAN,
                                   stdin=slave, stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        asked, until = b"", time.monotonic() + 30
        while b"[y/N]" not in asked and time.monotonic() < until:
            if select.select([master], [], [], 1)[0]:
                asked += os.read(master, 1000)
        os.write(master, answer)
        out = process.communicate(timeout=30)[0].decode()
        os.close(master)
        self.assertIn(b"deliver 1 file once more?", asked)
        return process.returncode, out

    def test_asks_on_a_terminal(self):
        self.write("data/a.csv", "id,price\n1,2\n")
        self.expect(0, "run", "job.conf")
        status, out = self.ask(b"n\n")
        self.assertEqual((status, out), (130, ""))
        status, out = self.ask(b"y\n")
        self.assertEqual(status, 0)
        self.assertIn("1 file is to be delivered once more", out)


if __name__ == "__main__":
    unittest.main()
