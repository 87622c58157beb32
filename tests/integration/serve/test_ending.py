#!/usr/bin/env python3
"""SIGTERM ends everything at checkpoints within 5 seconds, and nothing is lost or comes twice."""
import os
import signal
import time
import unittest

from service import ServiceTest, alive, children_of

HOURLY = 'sync = { every = "1h"; };'


class Ending(ServiceTest):
    def many(self, n=6, rows=400):
        names = ["j%d" % i for i in range(n)]
        for name in names:
            self.order(name, "slow")
        self.configure(*[self.trouble_job(name, HOURLY, rows=rows, delay=10) for name in names])
        return names

    def test_under_load(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                names = self.many()
                self.start()
                self.until(lambda: all(len(self.numbers(name)) > 405 for name in names))
                children = children_of(self.process.pid)
                took = self.end(signals=(number,), limit=5)
                print("%d jobs ended in %.2f s" % (len(names), took), flush=True)
                self.assertFalse([pid for pid in children if alive(pid)])
                self.assertFalse(all(len(self.numbers(name)) == 1200 for name in names), "it was to be cut off")
                self.assertEqual(self.job(names[0])["last"]["outcome"], "interrupted")
                for name in names:
                    self.order(name, "")
                self.start()
                wanted = sorted(p * 1000000 + i for p in range(3) for i in range(400))
                self.until(lambda: all(len(self.numbers(name)) == 1200 for name in names))
                self.until(lambda: all(self.outcome(name) == "done" for name in names))
                for name in names:
                    self.assertEqual(sorted(self.numbers(name)), wanted)
                self.end(limit=5)
            self.doCleanups()
            self.setUp()

    def test_a_plugin_that_hangs(self):
        self.configure(self.trouble_job("a", HOURLY), self.file_job("b", 'sync = { every = "1s"; };'))
        self.order("a", "hang")
        self.start()
        self.until(lambda: self.begun("a").count("trouble:1") > 0)
        self.assertGreater(self.end(limit=5.5), 4)
        self.assertIn("did not end in time", self.log())
        self.order("a", "")
        self.start()
        self.until(lambda: self.outcome("a") == "done")
        self.assertEqual(set(self.numbers("a")), {p * 1000000 + i for p in range(3) for i in range(10)})

    def test_further_signals_hurry(self):
        self.configure(self.trouble_job("a", HOURLY))
        self.order("a", "hang")
        self.start()
        self.until(lambda: self.begun("a").count("trouble:1") > 0)
        self.end(signals=(signal.SIGTERM,) * 3, limit=2)

    def test_at_once_after_the_start(self):
        self.configure(self.file_job("a", HOURLY))
        self.start(ready=False)
        time.sleep(0.05)
        self.process.send_signal(signal.SIGTERM)
        self.assertIn(self.process.wait(timeout=5), (0, -signal.SIGTERM))

    def test_a_child_that_hears_sigterm_itself(self):
        """As systemd does where it tells the whole group."""
        self.configure(self.trouble_job("a", HOURLY, rows=300, delay=10))
        self.order("a", "slow")
        self.start()
        self.until(lambda: len(self.numbers("a")) > 320)
        for pid in children_of(self.process.pid) + [self.process.pid]:
            os.kill(pid, signal.SIGTERM)
        self.process.wait(timeout=5)
        self.order("a", "")
        self.start()
        self.until(lambda: self.outcome("a") == "done", timeout=25)
        self.assertEqual(sorted(self.numbers("a")), sorted(p * 1000000 + i for p in range(3) for i in range(300)))


if __name__ == "__main__":
    unittest.main()
