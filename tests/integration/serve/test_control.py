#!/usr/bin/env python3
"""What an operator asks for, and what is refused with which words."""
import json
import os
import socket
import stat
import time
import unittest

from service import ServiceTest, children_of

EVERY = 'sync = { every = "1s"; };'


class Control(ServiceTest):
    def slow(self, name="a", more=""):
        self.order(name, "slow")
        return self.trouble_job(name, more, rows=200, delay=10)

    def test_pause_starts_nothing_and_resume_takes_what_arrived(self):
        self.configure(self.file_job("a", EVERY))
        self.put("a", "1.csv", 0)
        self.start()
        self.until(lambda: self.numbers("a") == [0, 1, 2])
        self.ask("pause", "a")
        self.put("a", "2.csv", 10)
        time.sleep(2.2)
        self.assertEqual(self.numbers("a"), [0, 1, 2])
        one = self.job("a")
        self.assertEqual((one["state"], one["next"]), ("paused", None))
        self.assertIn("paused already", self.ask("pause", "a", expect=4))
        self.assertIn("the job is paused", self.ask("run-now", "a", expect=4))
        self.assertIn("the job is paused", self.job("a")["refusal"]["text"])
        self.ask("resume", "a")
        self.until(lambda: self.numbers("a") == [0, 1, 2, 10, 11, 12])
        self.assertIn("not paused", self.ask("resume", "a", expect=4))

    def test_pause_ends_the_active_run_and_resume_goes_on(self):
        self.configure(self.slow())
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: len(self.numbers("a")) > 220)
        self.assertEqual(self.job("a")["run"]["state"], "running")
        self.assertIn("trouble:1", self.job("a")["run"]["at"])
        self.assertGreater(self.job("a")["lag"]["files"], 0)
        self.ask("pause", "a")
        self.until(lambda: self.outcome("a") == "paused")
        there = len(self.numbers("a"))
        self.assertLess(there, 600)
        time.sleep(1)
        self.assertEqual(len(self.numbers("a")), there)
        self.order("a", "")
        self.ask("resume", "a")
        self.until(lambda: self.outcome("a") == "done")
        self.assertEqual(len(set(self.numbers("a"))), 600)
        self.assertEqual(len(self.numbers("a")), 600)

    def test_resume_before_the_paused_run_came_to_its_end(self):
        self.configure(self.slow())
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: len(self.numbers("a")) > 220)
        with socket.socket(socket.AF_UNIX) as one: # both are taken before the child can answer
            one.connect(self.path("ledger", "serve.sock"))
            one.sendall(b'{"do":"pause","job":"a"}\n{"do":"resume","job":"a"}\n')
            answers = one.makefile().readline(), one.makefile().readline()
        self.assertIn('"ok":true', answers[0])
        self.order("a", "")
        self.until(lambda: self.outcome("a") == "done")
        self.assertEqual(len(set(self.numbers("a"))), 600)

    def test_cancel(self):
        self.configure(self.slow())
        self.start()
        self.assertIn("no run is active", self.ask("cancel", "a", expect=4))
        self.ask("run-now", "a")
        self.until(lambda: len(self.numbers("a")) > 220)
        self.assertIn("a run is active", self.ask("run-now", "a", expect=4))
        self.ask("cancel", "a")
        self.until(lambda: self.outcome("a") == "cancelled")
        one = self.job("a")
        self.assertEqual((one["state"], one["run"]["state"], one["next"]), ("active", "idle", None))
        self.order("a", "")
        self.ask("run-now", "a")
        self.until(lambda: self.outcome("a") == "done")
        self.assertEqual(sorted(self.numbers("a")), sorted(p * 1000000 + i for p in range(3) for i in range(200)))

    def test_delete_ends_it_and_keeps_it_in_the_list(self):
        self.configure(self.slow(), self.file_job("b", EVERY))
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: len(self.numbers("a")) > 220)
        self.sluice("delete", self.path("jobs.conf"), expect=2) # of all: never
        self.ask("delete", "a")
        self.until(lambda: self.job("a")["run"]["state"] == "idle")
        self.assertLess(len(self.numbers("a")), 600)
        self.assertEqual(self.job("a")["state"], "deleted")
        self.check_cancelled()
        for command in ("pause", "resume", "run-now", "delete"):
            self.assertIn("the job was deleted", self.ask(command, "a", expect=4))
        self.assertIn("deleted", self.ask("status"))
        self.ask("pause") # of all others
        self.assertEqual(self.job("b")["state"], "paused")

    def parts(self, *words):
        text = self.sluice("parts", self.path("jobs.conf"), "--job", "a", "--json", *words)
        return {part["name"]: part["state"] for part in json.loads(text)["parts"]}

    def check_cancelled(self):
        """What was still pending when the job was deleted; the others are what they were."""
        wanted = {"trouble:0": "done", "trouble:1": "cancelled", "trouble:2": "cancelled"}
        self.assertEqual(self.parts(), wanted)
        self.assertEqual(self.parts("--state", "cancelled"), {k: v for k, v in wanted.items() if v == "cancelled"})
        self.assertEqual(self.parts("--state", "pending"), {})
        self.assertEqual(self.parts("--state", "done,pending"), {"trouble:0": "done"})
        (delivery,) = self.whole("a")["deliveries"]
        self.assertEqual((delivery["parts"]["pending"], delivery["parts"]["cancelled"], delivery["parts"]["done"]), (0, 2, 1))
        self.assertIn("2 cancelled", self.ask("status", "a"))

    def test_a_deleted_job_that_was_gone_and_is_back_is_new(self):
        a, b = self.file_job("a"), self.file_job("b", EVERY)
        self.put("a", "1.csv", 0)
        self.configure(a, b)
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: self.outcome("a") == "done")
        self.ask("delete", "a")
        self.ask("run-now", "a", expect=4)
        self.configure(b)
        self.ask("reload")
        self.until(lambda: not children_of(self.process.pid)[1:])
        self.configure(a, b)
        self.ask("reload")
        one = self.job("a")
        self.assertEqual((one["state"], one["health"], one["last"], one["refusal"]), ("active", "new", None, None))
        self.ask("run-now", "a")
        self.until(lambda: self.outcome("a") == "done")

    def test_status_without_a_server(self):
        self.configure(self.file_job("a", EVERY), self.file_job("b"))
        self.assertIn("none yet", self.ask("status"))
        self.start()
        self.until(lambda: self.runs("a") > 0)
        self.ask("pause", "a")
        self.assertTrue(self.whole("a")["serving"])
        self.assertIn("stop: done", self.ask("stop"))
        self.assertEqual(self.process.wait(timeout=10), 0)
        self.assertFalse(os.path.exists(self.path("ledger", "serve.sock")))
        one = self.whole("a")
        self.assertEqual((one["serving"], one["served"]["state"], one["served"]["last"]["outcome"]), (False, "paused", "done"))
        self.assertIn("nobody serves now", self.ask("status"))
        self.assertIn("no `sluice serve` takes commands", self.ask("pause", "a", expect=4))

    def test_the_socket_is_private_and_is_not_taken_over(self):
        self.configure(self.file_job("a", EVERY))
        self.start()
        path = self.path("ledger", "serve.sock")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        for name in os.listdir(self.path("ledger")):
            self.assertEqual(stat.S_IMODE(os.stat(self.path("ledger", name)).st_mode) & 0o077, 0, name)
        self.assertIn("served already, by process %d" % self.process.pid, self.sluice("serve", self.path("jobs.conf"), expect=4))
        other = self.configure(self.file_job("a", EVERY), name="other.conf")
        with open(other) as file:
            text = file.read().replace("ledger\"", "ledger2\"")
        with open(other, "w") as file:
            file.write(text)
        self.assertIn("answers at", self.sluice("serve", other, "--socket", path, expect=4))
        with open(self.path("plain"), "w") as file:
            file.write("mine")
        self.assertIn("no socket", self.sluice("serve", other, "--socket", self.path("plain"), expect=2))
        self.assertIn("bytes", self.sluice("serve", other, "--socket", self.path("x" * 120), expect=2))
        self.until(lambda: self.runs("a") > 0) # the first one never minded

    def test_hostile_clients(self):
        self.configure(self.file_job("a", EVERY))
        self.start()
        path = self.path("ledger", "serve.sock")
        junk = [b"\n", b"{}\n", b"[]\n", b"{\"do\":1}\n", b"{\"do\":\"pause\",\"job\":[]}\n", b"\x00\xff\n", b"[" * 5000 + b"\n",
                b"{\"do\":\"delete\"}\n", b"{\"do\":\"pause\",\"job\":\"" + b"x" * 1000 + b"\"}\n",
                b"{\"do\":\"pause\",\"do\":\"stop\"}\n", b"{\"do\":\"pause\",\"job\":\"a\\u0000b\"}\n"]
        for line in junk:
            with socket.socket(socket.AF_UNIX) as one:
                one.connect(path)
                one.sendall(line)
                answer = json.loads(one.makefile().readline())
                self.assertIs(answer["ok"], False, line)
                self.assertTrue(answer["error"])
        with socket.socket(socket.AF_UNIX) as one: # a line without an end
            one.connect(path)
            with self.assertRaises(OSError):
                for _ in range(100):
                    one.sendall(b"x" * 65536)
        idle = [socket.socket(socket.AF_UNIX) for _ in range(100)]
        for one in idle: # more than it keeps
            one.settimeout(5)
            try:
                one.connect(path)
            except OSError:
                pass
        for one in idle:
            one.close()
        with socket.socket(socket.AF_UNIX) as one: # gone before the answer
            one.connect(path)
            one.sendall(b'{"do":"reload"}\n')
        self.until(lambda: self.job("a")["state"] == "active")
        before = self.runs("a")
        self.until(lambda: self.runs("a") > before)


if __name__ == "__main__":
    unittest.main()
