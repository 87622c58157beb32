"""history: runs, newest first, with how they ended and why."""
import json
import os
import signal
import time
import unittest

from program import ProgramTest

CONFIG = '''ledger = "ledger";
sinks = { local = { type = "file"; path = "out.ndjson"; }; };
jobs = { one = { source = { type = "file"; path = "data"; }; format = { type = "csv"; }; sink = "local"; %s }; };
'''


class History(ProgramTest):
    def config(self, more=""):
        self.write("job.conf", CONFIG % more)

    def runs(self, *words):
        job = json.loads(self.expect(0, "history", "job.conf", "--json", *words).text)
        self.assertEqual(job["job"], "one")
        return job["runs"]

    def test_no_run_yet(self):
        self.config()
        self.assertEqual(self.expect(0, "history", "job.conf").lines, ["one", "  no run yet"])
        self.assertEqual(self.runs(), [])
        self.assertFalse(os.path.exists(os.path.join(self.folder, "ledger")))

    def test_newest_first(self):
        self.config('mapping = ( { from = "n"; type = "int64"; } );')
        self.write("data/a.csv", "n\n1\n2\n")
        self.expect(0, "run", "job.conf")
        self.write("data/b.csv", "n\n3\nx\n")
        self.expect(3, "run", "job.conf")
        self.write("data/c.csv", b"\x1f\x8b\x08\x00 is no gzip")
        self.expect(4, "run", "job.conf")
        failed, rejects, done = self.runs()
        self.assertEqual([r["outcome"] for r in (failed, rejects, done)], ["failed", "done with rejects", "done"])
        self.assertEqual([r["id"] for r in (failed, rejects, done)], [3, 2, 1])
        self.assertEqual(done["counts"], {"parts_done": 1, "parts_failed": 0, "parts_gone": 0, "parts_skipped": 0, "rows": 2,
                                          "rejects": 0, "filtered": 0, "unchanged": 0, "bytes": 6})
        self.assertEqual((rejects["counts"]["rows"], rejects["counts"]["rejects"]), (1, 1))
        self.assertEqual(failed["counts"]["parts_failed"], 1)
        for run in (failed, rejects, done):
            self.assertEqual((run["kind"], run["sink"], run["running"], run["generation"]), ("incremental", "local", False, 0))
            self.assertLessEqual(run["started"], run["listed"])
            self.assertLessEqual(run["listed"], run["ended"])
            self.assertGreaterEqual(run["listing_ms"], 0)
        self.assertEqual(done["fetched"], 6)
        text = self.expect(0, "history", "job.conf", "--limit", "2")
        self.assertEqual(len([line for line in text.lines if "incremental, " in line]), 2)
        self.assertIn("records: 1 delivered, 1 rejected", text.text)
        self.assertEqual(len(self.runs("--limit", "1")), 1)
        self.expect(2, "history", "job.conf", "--job", "two")

    def test_why_it_failed(self):
        self.config('mapping = ( { from = "n"; type = "int64"; } ); errors = { on_error = "fail"; };')
        self.write("data/a.csv", "n\n1\nx\n")
        self.expect(4, "run", "job.conf")
        self.assertIn('on_error = "fail"', self.runs()[0]["message"])
        self.assertIn('why: ', self.expect(0, "history", "job.conf").text)

    def status(self):
        return json.loads(self.expect(0, "status", "job.conf", "--json").text)

    def test_status_names_the_file_and_no_older_run(self):
        slow = 'checkpoint_every = "1ms"; checkpoint_bytes = "10KiB"; batch_rows = 1000; '
        self.config(slow + 'mapping = ( { from = "n"; type = "int64"; } ); errors = { on_error = "fail"; };')
        self.write("data/a.csv", "n\n1\nx\n")
        self.expect(4, "run", "job.conf")
        message = self.status()["deliveries"][0]["run"]["message"]
        self.assertTrue(message.startswith("data/a.csv: row 1: n: "), message)
        self.assertEqual(self.runs()[0]["message"], message)
        self.write("data/a.csv", "n\n" + "1\n" * 3000000)
        self.killed(1000)
        run = self.status()["deliveries"][0]["run"]
        self.assertEqual((run["outcome"], run["message"], run["ended"]), ("died", "", None))
        self.assertGreaterEqual(run["counts"]["rows"], 1000)
        text = self.expect(0, "status", "job.conf").text
        self.assertNotIn("message", text)
        self.assertIn("and died; the next run goes on from there", text)

    def test_a_run_that_was_refused(self):
        """It is there to be seen, once however often it is tried, and the run after it goes on as if it had not been."""
        self.config()
        self.write("data/a.csv", "n\n1\n")
        self.expect(0, "run", "job.conf")
        self.write("job.conf", self.read("job.conf").replace('path = "data"', 'path = "other"'))
        self.write("other/a.csv", "n\n2\n")
        for _ in range(2):
            self.expect(2, "run", "job.conf")
            refused, done = self.runs()
            self.assertEqual((refused["outcome"], done["outcome"]), ("misconfigured", "done"))
            self.assertIn("its source was", refused["message"])
            self.assertEqual(self.status()["deliveries"][0]["run"]["message"], refused["message"])
        self.expect(0, "run", "job.conf", "--adopt")
        self.assertEqual([r["outcome"] for r in self.runs()], ["done", "misconfigured", "done"])

    def test_status_counts_what_the_source_left_out(self):
        self.config()
        self.write("data/a.csv", "n\n1\n")
        self.write("data/.hidden.csv", "n\n2\n")
        self.assertIn("1 skipped", self.expect(0, "run", "job.conf").errors)
        self.assertIn("left out  1 object of the last run's listing", self.expect(0, "status", "job.conf").text)
        os.remove(os.path.join(self.folder, "data/.hidden.csv"))
        self.expect(0, "run", "job.conf")
        self.assertNotIn("left out", self.expect(0, "status", "job.conf").text)

    def test_status_of_a_refresh_that_failed(self):
        self.config('sync = { mode = "full_refresh"; };')
        self.write("data/a.csv", "n\n1\n")
        self.expect(0, "run", "job.conf")
        self.assertIsNone(self.status()["deliveries"][0]["refresh"])
        self.write("data/b.csv", b"\x1f\x8b\x08\x00 is no gzip")
        self.expect(4, "run", "job.conf")
        delivery = self.status()["deliveries"][0]
        self.assertEqual(delivery["parts"]["failed"], 0)
        self.assertEqual((delivery["refresh"]["generation"], delivery["refresh"]["parts"]["failed"]), (2, 1))
        self.assertIn("refresh   generation 2 is not in place yet: 0 pending, 0 active, 1 done, 1 failed",
                      self.expect(0, "status", "job.conf").text)

    def test_full_refresh(self):
        self.config('sync = { mode = "full_refresh"; };')
        self.write("data/a.csv", "n\n1\n")
        self.expect(0, "run", "job.conf")
        self.assertEqual(self.runs()[0]["kind"], "full refresh")

    def test_at_work_and_died(self):
        self.config()
        self.write("data/a.csv", "n\n" + "1\n" * 3000000)
        run = self.start("run", "job.conf")
        try:
            until = time.monotonic() + 30
            while not any(r["running"] for r in self.runs()):
                self.assertIsNone(run.poll())
                self.assertLess(time.monotonic(), until)
            self.assertIn("at work now", self.expect(0, "history", "job.conf").text)
        finally:
            run.send_signal(signal.SIGKILL)
            run.communicate()
        self.assertEqual([(r["running"], r["outcome"], r["ended"]) for r in self.runs()], [(False, "died", None)])
        self.expect(0, "run", "job.conf")
        self.assertEqual([r["outcome"] for r in self.runs()], ["done", "died"])

    def killed(self, delivered):
        """A run of 3,000,000 records that dies once so many are behind a checkpoint."""
        before = {r["id"] for r in self.runs()} # dead ones look as if they ran until the new one finds them
        run = self.start("run", "job.conf")
        until = time.monotonic() + 30
        while not any(r["running"] and r["counts"]["rows"] >= delivered for r in self.runs() if r["id"] not in before):
            self.assertIsNone(run.poll())
            self.assertLess(time.monotonic(), until)
        run.send_signal(signal.SIGKILL)
        run.communicate()

    def test_each_run_counts_what_it_did_itself(self):
        self.config('checkpoint_every = "1ms"; checkpoint_bytes = "10KiB"; batch_rows = 1000;')
        self.write("data/a.csv", "n\n" + "1\n" * 3000000)
        self.killed(1000)
        self.killed(1000)
        done = self.expect(0, "run", "job.conf")
        rows = [r["counts"]["rows"] for r in self.runs()]
        self.assertEqual((len(rows), min(rows) > 0, sum(rows)), (3, True, 3000000), rows)
        self.assertIn(" %d rows, 0 rejected" % rows[0], done.errors)
        self.assertEqual(self.runs()[0]["counts"]["parts_done"], 1)

    def test_a_refresh_that_was_given_up_is_no_part_of_the_run_after_it(self):
        slow = 'checkpoint_every = "1ms"; checkpoint_bytes = "10KiB"; batch_rows = 1000; '
        self.config(slow + 'sync = { mode = "full_refresh"; };')
        self.write("data/a.csv", "n\n" + "1\n" * 3000000)
        self.killed(1000)
        self.config('errors = { max_rejects = "50%"; };')
        self.write("data/a.csv", "n\n1\n")
        self.expect(0, "run", "job.conf")
        self.assertEqual(self.runs()[0]["counts"]["rows"], 1)


if __name__ == "__main__":
    unittest.main()
