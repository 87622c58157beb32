#!/usr/bin/env python3
"""A changed configuration is taken whole or refused whole."""
import json
import os
import shutil
import signal
import time
import unittest

from service import TROUBLE, ServiceTest, alive, children_of

EVERY = 'sync = { every = "1s"; };'


class Reload(ServiceTest):
    def test_new_changed_and_removed_jobs(self):
        self.configure(self.file_job("a", EVERY), self.file_job("b", EVERY))
        self.put("a", "1.csv", 0)
        self.start()
        self.until(lambda: self.runs("a") > 0 and self.runs("b") > 0)
        before = children_of(self.process.pid)
        self.configure(self.file_job("a", EVERY + ' mapping = ( { from = "n"; to = "n"; type = "int64"; }, { value = "x"; to = "more"; } );'),
                       self.file_job("c", EVERY))
        self.put("c", "1.csv", 5)
        self.assertIn("reload: done", self.ask("reload"))
        self.until(lambda: self.numbers("c") == [5, 6, 7])
        self.put("a", "2.csv", 10)
        self.until(lambda: self.numbers("a") == [0, 1, 2, 10, 11, 12])
        with open(self.path("a.ndjson")) as file:
            lines = file.read().splitlines()
        self.assertEqual(["more" in line for line in lines], [False] * 3 + [True] * 3, "an edit is for files not yet read")
        self.until(lambda: not any(alive(pid) for pid in before))
        self.assertIn("no such job", self.sluice("run-now", "--socket", self.path("ledger", "serve.sock"), "--job", "b", expect=4))

    def test_an_unchanged_job_keeps_its_process(self):
        self.configure(self.file_job("a", EVERY))
        self.start()
        self.until(lambda: self.runs("a") > 0)
        before = children_of(self.process.pid)
        self.configure(self.file_job("a", EVERY), self.file_job("b"))
        self.ask("reload")
        self.until(lambda: self.runs("a") > 2)
        self.assertEqual(children_of(self.process.pid), before)

    def test_a_changed_file_that_an_option_names_is_taken(self):
        """The schema of a model stands in a file of its own, or comes in by ${file:...}; the job's text stays as it is."""
        for name, option in (("a", 'schema_file = "%s"'), ("b", 'schema = "${file:%s}"')):
            schema = self.path(name + ".json")
            transform = 'transforms = ( { type = "model"; model_name = "m"; model_type = "numeric"; %s; } );' % (option % schema)
            self.configure(self.file_job(name, EVERY + transform))
            with self.subTest(option=option):
                self.schema(schema, {"prediction_id": "n", "prediction_score": "n"})
                self.put(name, "1.csv", 0)
                self.start()
                self.until(lambda: len(self.lines_of(name)) == 3)
                before = children_of(self.process.pid)
                self.ask("reload")
                self.until(lambda: self.runs(name) > 2)
                self.assertEqual(children_of(self.process.pid), before)
                self.schema(schema, {"prediction_id": "n", "prediction_score": "n", "tags_list": ["n"]})
                self.ask("reload")
                self.put(name, "2.csv", 10)
                self.until(lambda: len(self.lines_of(name)) == 6)
                self.assertEqual(["tags" in line for line in self.lines_of(name)], [False] * 3 + [True] * 3)
                self.end()

    def schema(self, path, value):
        with open(path + ".new", "w") as file:
            json.dump(value, file)
        os.rename(path + ".new", path)

    def lines_of(self, name):
        try:
            with open(self.path(name + ".ndjson")) as file:
                return [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def test_a_changed_plugin_gets_a_new_process(self):
        for name in os.listdir(TROUBLE):
            shutil.copy(os.path.join(TROUBLE, name), self.path(name))
        self.configure(self.trouble_job("a", EVERY))
        self.plugins = self.folder
        self.start()
        self.until(lambda: self.runs("a") > 0)
        before = children_of(self.process.pid)
        os.utime(self.path("serve-trouble.so"), (1, 1))
        self.ask("reload")
        self.until(lambda: not any(alive(pid) for pid in before))
        runs = self.runs("a")
        self.until(lambda: self.runs("a") > runs + 1)
        self.assertEqual(len(self.numbers("a")), 30)

    def test_a_bad_one_is_refused_whole(self):
        bad = {
            "syntax error": "jobs = {",
            "unknown option": self.file_job("a", EVERY).replace("path =", "pathh =", 1),
            "wanted": self.file_job("a", 'sync = { cron = "61 * * * *"; };'),
            "zone": self.file_job("a", 'sync = { cron = "1 * * * *"; timezone = "Mars/Olympus"; };'),
            "nosuch": self.file_job("a", EVERY).replace('type = "file"', 'type = "nosuch"', 1),
        }
        self.configure(self.file_job("a", EVERY))
        self.put("a", "1.csv", 0)
        self.start()
        self.until(lambda: self.numbers("a") == [0, 1, 2])
        before = children_of(self.process.pid)
        for what, text in bad.items():
            self.configure(self.file_job("new", EVERY), text)
            said = self.sluice("reload", "--socket", self.path("ledger", "serve.sock"), expect=4)
            self.assertIn("jobs.conf", said, what)
            self.assertIn("refused, the old one stays", self.log())
        self.assertFalse(os.path.exists(self.path("new.ndjson")))
        self.configure(self.file_job("a", EVERY))
        self.put("a", "2.csv", 10)
        self.until(lambda: self.numbers("a") == [0, 1, 2, 10, 11, 12])
        self.assertEqual(children_of(self.process.pid), before)

    def test_a_changed_source_is_told_of(self):
        """It is taken, but no run begins before --adopt or --reset is said; `reload` says that at once."""
        self.configure(self.file_job("a", EVERY), self.file_job("b", EVERY))
        self.put("a", "1.csv", 0)
        self.start()
        self.until(lambda: self.numbers("a") == [0, 1, 2] and self.runs("b") > 0)
        self.assertNotIn("warning", self.ask("reload"))
        self.file_job("other")
        self.put("other", "1.csv", 50)
        self.configure(self.file_job("a", EVERY).replace(self.path("files", "a"), self.path("files", "other"), 1),
                       self.file_job("b", EVERY))
        said = self.ask("reload")
        for what in ("warning: a: its runs will be misconfigured", "its source was", "--adopt", "sluice run --job a",
                     "reload: done"):
            self.assertIn(what, said)
        self.assertNotIn("b: its runs", said)
        self.assertIn("its runs will be misconfigured", self.log())
        self.until(lambda: self.outcome("a") == "misconfigured")

    def test_what_the_sink_cannot_do_is_refused(self):
        self.configure(self.file_job("a", EVERY))
        self.start()
        self.configure(self.file_job("a", 'sync = { every = "1s"; key = ["n"]; };'))
        self.assertIn("operation_column", self.sluice("reload", "--socket", self.path("ledger", "serve.sock"), expect=4))

    def test_the_ledger_folder_stays(self):
        self.configure(self.file_job("a", EVERY))
        self.start()
        with open(self.path("jobs.conf")) as file:
            text = file.read()
        with open(self.path("jobs.conf"), "w") as file:
            file.write(text.replace("/ledger\"", "/ledger2\""))
        self.assertIn("cannot change while", self.sluice("reload", "--socket", self.path("ledger", "serve.sock"), expect=4))

    def test_by_sighup_while_a_run_goes_on(self):
        self.order("a", "slow")
        self.configure(self.trouble_job("a", rows=200, delay=10))
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: len(self.numbers("a")) > 210)
        self.configure(self.trouble_job("a", 'sync = { every = "1s"; };', rows=200, delay=9), self.file_job("b", EVERY))
        self.process.send_signal(signal.SIGHUP)
        self.until(lambda: "the configuration is taken" in self.log())
        self.assertEqual(self.job("a")["run"]["state"], "running", "the active run goes on under the old one")
        self.until(lambda: self.outcome("a") == "done")
        self.assertEqual(len(self.numbers("a")), 600)
        self.until(lambda: self.runs("a") > 2 and self.runs("b") > 1)

    def test_many_at_once(self):
        self.configure(self.file_job("a", EVERY))
        self.start()
        for i in range(30):
            self.configure(self.file_job("a", EVERY), self.file_job("b%d" % i))
            self.process.send_signal(signal.SIGHUP)
            time.sleep(0.01)
        self.until(lambda: self.job("b29"))
        self.assertEqual(self.job("b29")["state"], "active")

    def test_a_removed_job_is_drained(self):
        self.order("a", "slow")
        self.configure(self.trouble_job("a", rows=500, delay=10), self.file_job("b", EVERY))
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: len(self.numbers("a")) > 510)
        children = children_of(self.process.pid)
        self.configure(self.file_job("b", EVERY))
        self.ask("reload")
        self.until(lambda: sum(alive(pid) for pid in children) == 1, timeout=8)
        self.assertLess(len(self.numbers("a")), 1500)

    def test_what_is_wrong_at_the_start(self):
        self.configure(self.file_job("a", EVERY).replace("path =", "pathh =", 1))
        self.assertIn("jobs.conf:", self.sluice("serve", self.path("jobs.conf"), expect=2))
        self.configure(self.file_job("a", EVERY), serve='metrics = "nowhere";')
        self.assertIn("no address and port", self.sluice("serve", self.path("jobs.conf"), expect=2))
        self.assertIn("jobs.conf:2", self.sluice("check", self.path("jobs.conf"), expect=2))
        self.configure(self.file_job("a", EVERY))
        self.assertIn("socket is empty", self.sluice("serve", self.path("jobs.conf"), "--socket", "", expect=2))
        self.configure(self.file_job("a", EVERY), serve='metrcs = "127.0.0.1:1";')
        self.assertIn("metrics", self.sluice("serve", self.path("jobs.conf"), expect=2))
        self.assertFalse(os.path.exists(self.path("ledger", "serve.sock")))


if __name__ == "__main__":
    unittest.main()
