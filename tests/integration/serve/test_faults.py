#!/usr/bin/env python3
"""A plugin that crashes, hangs or exits fails one run of one job, with the part named; the others go on."""
import os
import signal
import time
import unittest

from service import ServiceTest, children_of

EVERY = 'sync = { every = "1s"; };'


class Faults(ServiceTest):
    def fails_once(self, word, outcome, said, serve=""):
        """The job a fails in part trouble:1 while b goes on, and is whole once the fault is mended."""
        self.configure(self.trouble_job("a", EVERY, rows=20), self.file_job("b", EVERY), serve=serve)
        self.order("a", word)
        self.start()
        self.until(lambda: self.outcome("a") == outcome)
        one = self.job("a")
        self.assertEqual(one["last"]["part"], "trouble:1", one)
        self.assertIn("trouble:1", one["last"]["message"])
        self.assertRegex(one["last"]["message"], said)
        self.assertEqual((one["state"], one["health"], one["run"]["state"]), ("active", "failing", "waiting to try again"))
        self.assertIn("%s: " % outcome, self.log())
        before = self.runs("b")
        self.put("b", "1.csv", 0)
        self.until(lambda: self.numbers("b") == [0, 1, 2] and self.runs("b") > before + 1)
        self.assertEqual(self.runs("a"), 1, "it waits before it tries again")
        self.order("a", "")
        return one

    def mended(self, at_most):
        """Tried again by itself."""
        start = time.monotonic()
        self.until(lambda: self.outcome("a") == "done", timeout=at_most)
        self.assertEqual(set(self.numbers("a")), {p * 1000000 + i for p in range(3) for i in range(20)})
        self.assertEqual(self.job("a")["failures"], 0)
        return time.monotonic() - start

    def test_a_crash(self):
        self.fails_once("crash", "crashed", r"killed by signal 11 \(Segmentation fault\)")
        self.assertGreater(self.mended(at_most=16), 3, "10 s, by a quarter more or less, from the crash on")

    def test_an_exit(self):
        self.fails_once("exit", "crashed", "exited with status 7")
        self.ask("run-now", "a") # need not wait
        self.mended(at_most=4)

    def test_a_hang(self):
        self.fails_once("hang", "hung", "nothing got on for", serve='hang_timeout = "2s";')
        self.ask("run-now", "a")
        self.mended(at_most=6)

    def test_a_slow_one_does_not_hang(self):
        self.configure(self.trouble_job("a", rows=6, delay=700), serve='hang_timeout = "1500ms";')
        self.order("a", "slow")
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: self.outcome("a") is not None)
        self.assertEqual(self.outcome("a"), "done")

    def test_backoff_outlives_a_restart(self):
        self.configure(self.trouble_job("a", EVERY, rows=20))
        self.order("a", "exit")
        self.start()
        self.until(lambda: self.outcome("a") == "crashed")
        before = self.job("a")["next"]
        self.end()
        self.start()
        self.assertEqual(self.job("a")["next"], before)
        self.ask("cancel", "a") # takes the waiting try back; the schedule goes on
        self.order("a", "")
        self.until(lambda: self.outcome("a") == "done", timeout=4)

    def test_a_child_killed_from_outside(self):
        self.configure(self.trouble_job("a", rows=300, delay=10), self.file_job("b", EVERY))
        self.order("a", "slow")
        self.start()
        self.until(lambda: self.runs("b") > 0)
        others = children_of(self.process.pid)
        self.ask("run-now", "a")
        self.until(lambda: len(self.numbers("a")) > 320)
        (child,) = set(children_of(self.process.pid)) - set(others)
        os.kill(child, signal.SIGKILL)
        self.until(lambda: self.outcome("a") == "crashed")
        self.assertIn("signal 9", self.job("a")["last"]["message"])
        self.assertEqual(self.job("a")["last"]["part"], "trouble:1")
        self.order("a", "")
        self.ask("run-now", "a")
        self.until(lambda: self.outcome("a") == "done")
        self.assertEqual(set(self.numbers("a")), {p * 1000000 + i for p in range(3) for i in range(300)})

    def test_records_of_a_run_that_died_are_counted_once(self):
        self.configure(self.trouble_job("a", rows=300, delay=10))
        self.order("a", "slow")
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: len(self.numbers("a")) > 320)
        (child,) = children_of(self.process.pid)
        os.kill(child, signal.SIGKILL)
        self.until(lambda: self.outcome("a") == "crashed")
        self.assertGreater(self.job("a")["last"]["rows"], 300)
        self.order("a", "")
        self.ask("run-now", "a")
        self.until(lambda: self.outcome("a") == "done")
        self.assertEqual(self.job("a")["totals"]["rows"], 900)
        self.assertEqual(len(self.numbers("a")), 900)

    def test_a_child_killed_between_two_runs(self):
        self.configure(self.file_job("a"))
        self.put("a", "1.csv", 0)
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: self.outcome("a") == "done")
        (child,) = children_of(self.process.pid)
        os.kill(child, signal.SIGKILL)
        self.until(lambda: "between two runs" in self.log())
        self.put("a", "2.csv", 10)
        self.ask("run-now", "a")
        self.until(lambda: self.numbers("a") == [0, 1, 2, 10, 11, 12])
        self.assertEqual(self.job("a")["totals"]["runs"]["crashed"], 0)

    def test_a_cancel_that_a_hanging_plugin_does_not_hear(self):
        self.configure(self.trouble_job("a", EVERY), self.file_job("b", EVERY), serve='hang_timeout = "4s";')
        self.order("a", "hang")
        self.start()
        self.until(lambda: self.begun("a").count("trouble:1") > 0)
        self.ask("cancel", "a")
        self.until(lambda: self.outcome("a") is not None)
        self.assertEqual(self.outcome("a"), "hung")
        self.assertEqual(self.job("a")["failures"], 0, "it was cancelled: nothing to try again")

    def test_a_job_that_another_program_runs(self):
        self.configure(self.file_job("a", EVERY))
        self.start()
        self.until(lambda: self.runs("a") > 0)
        self.ask("pause", "a")
        self.put("a", "1.csv", 0)
        self.sluice("run", self.path("jobs.conf"))
        self.assertEqual(self.numbers("a"), [0, 1, 2])
        self.ask("resume", "a")
        before = self.runs("a")
        self.until(lambda: self.runs("a") > before)
        self.assertEqual((self.outcome("a"), self.numbers("a")), ("done", [0, 1, 2]))


if __name__ == "__main__":
    unittest.main()
