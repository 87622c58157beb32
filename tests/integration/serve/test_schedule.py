#!/usr/bin/env python3
"""Jobs run when they shall, and neither twice nor never when the program is ended and started in between."""
import time
import unittest

from service import ServiceTest, alive, children_of

EVERY = 'sync = { every = "1s"; };'
HOURLY = 'sync = { every = "1h"; };'


class Schedule(ServiceTest):
    def test_every_second_takes_what_arrives(self):
        self.configure(self.file_job("a", EVERY), self.file_job("b"))
        self.put("a", "1.csv", 0)
        self.put("b", "1.csv", 0)
        self.start()
        self.until(lambda: self.numbers("a") == [0, 1, 2])
        self.put("a", "2.csv", 10)
        self.until(lambda: self.numbers("a") == [0, 1, 2, 10, 11, 12])
        one = self.job("a")
        self.assertEqual((one["state"], one["health"]), ("active", "healthy"))
        self.assertTrue(one["next"])
        self.assertEqual(self.numbers("b"), [], "a job without a schedule runs by hand only")
        self.assertIsNone(self.job("b")["next"])
        self.ask("run-now", "b")
        self.until(lambda: self.numbers("b") == [0, 1, 2])
        start, before = time.monotonic(), self.runs("a")
        time.sleep(4)
        took = time.monotonic() - start
        self.assertAlmostEqual(self.runs("a") - before, took, delta=1.6)

    def test_one_process_a_job_is_kept_from_run_to_run(self):
        self.configure(self.file_job("a", EVERY), self.file_job("b", EVERY))
        self.start()
        self.until(lambda: self.runs("a") > 0 and self.runs("b") > 0)
        before = children_of(self.process.pid)
        self.until(lambda: self.runs("a") > 2)
        self.assertEqual(children_of(self.process.pid), before)
        self.assertEqual(len(before), 2)

    def test_a_restart_neither_repeats_nor_forgets(self):
        self.configure(self.trouble_job("a", HOURLY), self.file_job("b", EVERY), self.file_job("c", EVERY))
        self.start()
        self.until(lambda: self.outcome("a") == "done")
        before = self.job("a")["next"]
        self.ask("pause", "b")
        self.ask("delete", "c")
        self.end()
        self.start()
        self.assertEqual(self.job("a")["next"], before)
        self.assertEqual(self.job("b")["state"], "paused")
        self.assertEqual(self.job("c")["state"], "deleted")
        time.sleep(1.5)
        self.assertEqual(self.runs("a"), 0, "it ran once an hour ago at most")
        self.assertEqual((self.runs("b"), self.runs("c")), (0, 0))
        self.assertEqual(len(self.numbers("a")), 30)

    def test_a_run_cut_off_by_a_stop_is_made_up_for(self):
        self.configure(self.trouble_job("a", HOURLY, rows=300, delay=10))
        self.order("a", "slow")
        self.start()
        self.until(lambda: len(self.numbers("a")) > 320)
        self.end()
        self.assertLess(len(self.numbers("a")), 900)
        self.order("a", "")
        self.start()
        self.until(lambda: len(self.numbers("a")) == 900)
        self.until(lambda: self.outcome("a") == "done")
        self.assertEqual(len(set(self.numbers("a"))), 900)
        time.sleep(1.2)
        self.assertEqual(self.runs("a"), 1)

    def test_a_killed_supervisor_takes_its_children_with_it(self):
        self.configure(self.trouble_job("a", HOURLY, rows=300, delay=10), self.file_job("b", EVERY))
        self.order("a", "slow")
        self.start()
        self.until(lambda: len(self.numbers("a")) > 320)
        children = children_of(self.process.pid)
        self.assertTrue(children)
        self.kill()
        self.until(lambda: not any(alive(pid) for pid in children), timeout=6)
        self.order("a", "")
        self.start() # the socket that was left is replaced
        self.until(lambda: len(self.numbers("a")) == 900)
        self.until(lambda: self.outcome("a") == "done")
        self.assertEqual(len(set(self.numbers("a"))), 900)
        self.assertEqual(self.runs("a"), 1)

    def test_a_killed_supervisor_with_a_child_that_is_deaf(self):
        self.configure(self.trouble_job("a", HOURLY))
        self.order("a", "hang")
        self.start()
        self.until(lambda: len(self.begun("a")) == 2)
        children = children_of(self.process.pid)
        self.kill()
        self.until(lambda: not any(alive(pid) for pid in children), timeout=8)


if __name__ == "__main__":
    unittest.main()
