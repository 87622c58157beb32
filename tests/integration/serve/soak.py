#!/usr/bin/env python3
"""An hour of `sluice serve`, or as long as is said: 20 jobs, faults, commands, reloads, crashes and restarts.

    soak.py --seconds N --build FOLDER      (a build with -DSLUICE_SANITIZE=address,undefined shows leaks too)

What must hold at the end: every number of every file arrived; where no process was killed each came once; scheduled
runs are as many as the time had room for, none of them missed and none doubled; the supervisor did not grow; no
sanitizer said a word.
"""
import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import time
import unittest

JOBS = 20
EVERY = [1, 1, 2, 2, 3]


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--build", required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    return parser.parse_args()


options = arguments()
os.environ["SLUICE"] = os.path.abspath(os.path.join(options.build, "bin", "sluice"))
os.environ["TROUBLE"] = os.path.abspath(os.path.join(options.build, "tests", "integration", "serve", "plugins"))
import openmetrics  # noqa: E402
from service import CLEAN, SLUICE, ServiceTest, children_of  # noqa: E402


class Soak(ServiceTest):
    def runTest(self):
        self.random = random.Random(options.seed)
        self.expected = {i: set() for i in range(JOBS)}
        self.troubled = {i for i in range(JOBS) if i % 5 == 4}  # these have the source that crashes
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.killed, self.files, self.counts = set(), 0, {}
        self.configured = self.aside = 0
        self.write()
        self.start(env={"ASAN_OPTIONS": "detect_leaks=1"})
        self.rss, self.metrics = [], {}
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            self.step()
            time.sleep(self.random.uniform(0.05, 0.4))
        self.finish()

    # ---- the world

    def name(self, i):
        return "j%02d" % i

    def write(self, bad=False):
        self.configured += 1
        jobs = []
        for i in range(JOBS):
            sync = 'sync = { every = "%ds"; };' % EVERY[i % len(EVERY)]
            if i in self.troubled:
                jobs.append(self.trouble_job(self.name(i), sync, rows=5))
            else:
                more = ' batch_rows = %d;' % (1000 + self.configured) if i % 3 == 0 else ""
                jobs.append(self.file_job(self.name(i), sync + more))
        self.configure(*jobs, serve='hang_timeout = "3s"; metrics = "127.0.0.1:%d"; %s' % (self.port, "wrong = 1;" if bad else ""))

    def step(self):
        action = self.random.choices([self.add_file, self.trouble, self.kill_child, self.command, self.reload, self.bad_reload,
                                      self.restart, self.measure], [60, 6, 3, 12, 3, 2, 1, 6])[0]
        action()
        self.counts[action.__name__] = self.counts.get(action.__name__, 0) + 1
        self.assertIsNone(self.process.poll(), self.log()[-4000:])

    def add_file(self):
        i = self.random.choice([i for i in range(JOBS) if i not in self.troubled])
        first, n = self.files * 100, self.random.randint(1, 50)
        self.files += 1
        self.put(self.name(i), "%06d.csv" % self.files, first, n)
        self.expected[i].update(range(first, first + n))

    def trouble(self):
        i = self.random.choice(sorted(self.troubled))
        word = self.random.choice(["crash", "exit", "hang", "", ""])
        if word:
            self.killed.add(i)
        self.order(self.name(i), word)

    def kill_child(self):
        children = children_of(self.process.pid)
        if children:
            child = self.random.choice(children)
            with open("/proc/%d/comm" % child) as file:
                name = file.read().strip()
            if name.startswith("j"):
                self.killed.add(int(name[1:]))
            os.kill(child, signal.SIGKILL)

    def command(self):
        name = self.name(self.random.randrange(JOBS))
        self.ask_any(self.random.choice(["pause", "resume", "resume", "cancel", "run-now"]), name)

    def ask_any(self, command, name):
        """Whatever it says to that: it may be refused."""
        done = subprocess.run([SLUICE, command, "--socket", self.path("ledger", "serve.sock"), "--job", name], env=CLEAN,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        self.assertIn(done.returncode, (0, 4), done.stdout)

    def reload(self):
        self.write()
        self.process.send_signal(signal.SIGHUP)

    def bad_reload(self):
        self.write(bad=True)
        self.process.send_signal(signal.SIGHUP)
        time.sleep(1)
        self.write()

    def restart(self):
        self.write()
        if self.random.random() < 0.5:
            self.end()
        else:
            self.kill()
            self.killed.update(range(JOBS))
        self.start()
        self.rss, self.metrics = [], {}

    def measure(self):
        with open("/proc/%d/statm" % self.process.pid) as file:
            self.rss.append(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        values = openmetrics.read(*openmetrics.get(self.port, openmetrics.OPENMETRICS))
        for key, value in self.metrics.items():
            if "_total" in key and key in values:
                self.assertGreaterEqual(values[key], value, key)
        self.metrics = values

    # ---- what must hold

    def all_there(self):
        return all(self.expected[i] <= set(self.numbers(self.name(i))) for i in range(JOBS) if i not in self.troubled)

    def finish(self):
        for i in range(JOBS):
            self.order(self.name(i), "")
        self.write()
        self.process.send_signal(signal.SIGHUP)
        time.sleep(2)
        for i in sorted(self.troubled):
            self.forgive(self.name(i))
        for i in range(JOBS):
            self.ask_any("resume", self.name(i))
            self.ask_any("run-now", self.name(i))
        self.until(self.all_there, timeout=120)
        self.until(lambda: all(self.outcome(self.name(i)) in ("done", "done with rejects") for i in range(JOBS)), timeout=120)
        self.check_numbers()
        self.check_pace()
        if len(self.rss) > 20:
            self.assertLess(max(self.rss[-5:]), 1.5 * max(self.rss[:10]) + (8 << 20), "the supervisor grows")
        self.end()
        for i in range(1, self.logs + 1):
            with open(self.path("log.%d" % i), errors="replace") as file:
                text = file.read()
            for word in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
                self.assertNotIn(word, text)
        print("soak serve: seed %d, %d files, %d parts set aside, steps %r" % (options.seed, self.files, self.aside, self.counts),
              flush=True)

    def forgive(self, name):
        """What was set aside for crashes of its own is read again."""
        self.ask_any("pause", name)
        self.until(lambda: self.job(name)["run"]["state"] == "idle", timeout=60)
        if any(one["part"] == "trouble:1" and "set aside" in one["error"] for one in self.whole(name)["failed"]):
            self.aside += 1
            self.sluice("reset", self.path("jobs.conf"), "--job", name, "--part", "trouble:1", "--yes")

    def check_numbers(self):
        for i in range(JOBS):
            numbers = self.numbers(self.name(i))
            if i in self.troubled:
                self.assertEqual(set(numbers), {p * 1000000 + k for p in range(3) for k in range(5)})
            else:
                self.assertEqual(set(numbers), self.expected[i])
            if i not in self.killed:
                self.assertEqual(len(numbers), len(set(numbers)), "%s: a number came twice" % self.name(i))

    def check_pace(self):
        """With nobody disturbing it: each job runs as often as its period says, neither less nor more."""
        before = {i: (time.monotonic(), self.runs(self.name(i))) for i in range(JOBS)}  # to ask all takes a while
        time.sleep(12)
        for i in range(JOBS):
            n = self.runs(self.name(i)) - before[i][1]
            took = time.monotonic() - before[i][0]
            wanted = took / EVERY[i % len(EVERY)]
            self.assertLessEqual(abs(n - wanted), 2.5 + 0.2 * wanted, "%s: %d runs in %.1f s, not %.1f" % (
                self.name(i), n, took, wanted))


if __name__ == "__main__":
    result = unittest.TextTestRunner().run(Soak())
    if not result.wasSuccessful():
        print("seed %d" % options.seed)
    sys.exit(not result.wasSuccessful())
