#!/usr/bin/env python3
"""A file that kills whoever reads it: found among the others, named and set aside; all others are delivered."""
import json
import os
import signal
import time
import unittest

from service import ServiceTest, children_of


class Suspects(ServiceTest):
    def nasty_job(self, more="", name="a"):
        return self.file_job(name, 'format = { type = "nasty"; }; ' + more)

    def write(self, name, text, job="a"):
        with open(self.path("files", job, "." + name), "w") as file:
            file.write(text)
        os.rename(self.path("files", job, "." + name), self.path("files", job, name))

    def files(self, bad, word, n=6, pad=""):
        """n files of three numbers each; the bad one says the word behind its first."""
        for i in range(n):
            numbers = [str(i * 10 + k) for k in range(3)]
            if i == bad:
                numbers.insert(1, word)
            self.write("%02d.nasty" % i, "\n".join(numbers) + "\n" + pad)

    def passes(self, most, ends=("done", "failed")):
        """Runs, without the waits between them, until one ends by itself; gives how many did not."""
        for lost in range(most + 1):
            before = self.runs("a")
            self.ask("run-now", "a")
            self.until(lambda: self.runs("a") > before)
            if self.outcome("a") in ends:
                return lost
            self.assertIn(self.outcome("a"), ("crashed", "hung"))
        self.fail("after %d runs it is still %s\n%s" % (most + 1, self.outcome("a"), self.log()[-3000:]))

    def parts(self, *words):
        return json.loads(self.sluice("parts", self.path("jobs.conf"), "--job", "a", "--json", *words))["parts"]

    def failed(self, *names):
        """The failed parts, once they are these: a run that begins takes them up again, so for a moment there are none."""
        seen = []

        def there():
            seen[:] = self.parts("--state", "failed")
            return [os.path.basename(part["name"]) for part in seen] == list(names)
        self.until(there)
        return seen

    def found(self, word, most, pad="", serve="", bad=4, more=""):
        self.configure(self.nasty_job(more), serve=serve)
        self.files(bad, word, pad=pad)
        self.start()
        lost = self.passes(most)
        self.assertEqual(self.outcome("a"), "failed")
        (part,) = self.failed("%02d.nasty" % bad)
        self.assertIn("set aside: the process died", part["error"]["message"])
        self.assertIn("%02d.nasty" % bad, self.ask("status"))
        self.assertRegex(self.log(), r"%02d.nasty: set aside" % bad)
        others = [i * 10 + k for i in range(6) for k in range(3) if i != bad]
        self.assertEqual(sorted(set(self.numbers("a"))), others)
        print("%s: %d processes lost" % (word, lost), flush=True)
        return others

    def goes_on(self, others):
        """Set aside it stays, and what comes later is delivered."""
        self.write("10.nasty", "100 101 102")
        self.assertEqual(self.passes(0), 0)
        self.assertEqual(sorted(set(self.numbers("a"))), others + [100, 101, 102])
        self.until(lambda: len(self.parts("--state", "failed")) == 1)

    def test_a_crash_in_a_bundle_of_small_files(self):
        others = self.found("crash", 5)
        self.goes_on(others)
        self.write("04.nasty", "40 41 42") # a changed file is read
        self.assertEqual(self.passes(0), 0)
        self.assertEqual(self.outcome("a"), "done")
        self.assertEqual(sorted(set(self.numbers("a"))), sorted(others + [40, 41, 42, 100, 101, 102]))

    def test_large_files_and_an_abort(self):
        others = self.found("abort", 5, pad=" " * (80 << 10), more="workers = 4;")
        self.goes_on(others)
        numbers = self.numbers("a")
        self.assertEqual(len(numbers), len(set(numbers)), "files that are whole by themselves come once")

    def test_an_exit(self):
        self.found("exit", 5)

    def test_a_hang(self):
        self.found("hang", 5, serve='hang_timeout = "1s";')

    def test_in_the_first_file_whose_columns_are_looked_at(self):
        others = self.found("crash", 6, bad=0)
        self.assertEqual(self.passes(0), 0)
        self.assertEqual(sorted(set(self.numbers("a"))), others)

    def test_it_outlives_restarts_and_a_reset_brings_it_back(self):
        self.configure(self.nasty_job())
        self.files(4, "crash")
        self.start()
        for _ in range(6): # each crash, and what is set aside, is remembered by the files alone
            before = self.runs("a")
            self.ask("run-now", "a")
            self.until(lambda: self.runs("a") > before)
            over = self.outcome("a") == "failed"
            self.end()
            if over:
                break
            self.start()
        self.assertTrue(over)
        self.failed("04.nasty")
        name = self.parts("--state", "failed")[0]["name"]
        done = self.sluice("run", self.path("jobs.conf"), expect=4) # one pass by hand does not read it either
        self.assertIn("04.nasty: set aside", done)
        self.sluice("reset", self.path("jobs.conf"), "--job", "a", "--part", name, "--yes")
        self.assertEqual([part["state"] for part in self.parts("--match", name)], ["pending"])
        self.start()
        before = self.runs("a")
        self.ask("run-now", "a")
        self.until(lambda: self.runs("a") > before)
        self.assertEqual(self.outcome("a"), "crashed") # it was read

    def test_kills_from_outside_blame_nobody(self):
        self.configure(self.trouble_job("a", rows=300, delay=10))
        self.order("a", "slow")
        self.start()
        for i in range(4):
            there = len(self.numbers("a"))
            before = self.runs("a")
            self.ask("run-now", "a")
            self.until(lambda: len(self.numbers("a")) > there and "trouble:1" in self.job("a")["run"].get("at", ""))
            (child,) = children_of(self.process.pid)
            os.kill(child, signal.SIGKILL)
            self.until(lambda: self.runs("a") > before)
            self.assertEqual(self.job("a")["last"]["suspects"], 0)
        self.order("a", "")
        self.assertEqual(self.passes(0), 0)
        self.assertEqual(self.outcome("a"), "done")
        self.assertEqual(sorted(set(self.numbers("a"))), sorted(p * 1000000 + i for p in range(3) for i in range(300)))
        self.assertNotIn("set aside", self.log())

    def test_the_only_file(self):
        """Its columns cannot be known, so the worker that reads it finds out; mended, it is a file as any other."""
        self.configure(self.nasty_job())
        self.write("00.nasty", "1 crash 2")
        self.start()
        self.passes(6)
        self.failed("00.nasty")
        self.write("00.nasty", "1 2 3 4")
        self.assertEqual(self.passes(0), 0)
        self.assertEqual((self.outcome("a"), self.numbers("a")), ("done", [1, 2, 3, 4]))

    def test_streams(self):
        """Each stream is a delivery of its own; a suspect is alone among all of them."""
        self.configure(self.nasty_job('workers = 4; stream = "{stem}";'))
        for i in range(6):
            self.write("%02d.nasty" % i, "%d %s %d" % (i * 10, "crash" if i == 3 else "", i * 10 + 1))
        self.start()
        print("streams: %d processes lost" % self.passes(6), flush=True)
        self.failed("03.nasty")
        self.assertEqual(sorted(set(self.numbers("a"))), [i * 10 + k for i in (0, 1, 2, 4, 5) for k in range(2)])

    def test_two_bad_files(self):
        self.configure(self.nasty_job())
        self.files(4, "crash")
        self.write("02.nasty", "20 exit 21 22")
        self.start()
        self.passes(9)
        self.failed("02.nasty", "04.nasty")
        self.assertEqual(sorted(set(self.numbers("a"))), [i * 10 + k for i in (0, 1, 3, 5) for k in range(3)])


if __name__ == "__main__":
    unittest.main()
