#!/usr/bin/env python3
"""What plugins count, and where the time goes: from the source and the sink to metrics, status, summary and history."""
import json
import os
import signal
import socket
import sys
import time
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "support", "s3d", "tests"))
sys.path.insert(0, os.path.join(HERE, "..", "delivery"))
import openmetrics  # noqa: E402
from kit import Receiver  # noqa: E402
from s3client import ACCESS, Client, SECRET, Server  # noqa: E402
from service import ServiceTest, children_of  # noqa: E402

KEYS = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
ROLE = "arn:aws:iam::123456789012:role/reader"
STAGES = ("list", "read", "decode", "map", "deliver")


class Counted(ServiceTest):
    def setUp(self):
        super().setUp()
        self.s3d = Server()
        self.addCleanup(self.s3d.stop)
        self.recv = Receiver(self.folder)
        self.addCleanup(self.recv.close)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        job = ('a = { source = { type = "s3"; path = "s3://b/"; endpoint = "http://127.0.0.1:%d"; }; batch_rows = 500;'
               ' sink = { type = "http"; url = "http://127.0.0.1:%d/"; batch_rows = 500; };'
               ' mapping = ( { from = "n"; to = "m"; } ); };' % (self.s3d.port, self.recv.port))
        self.configure(job, self.file_job("b", 'sync = { every = "1s"; };'), serve='metrics = "127.0.0.1:%d";' % self.port)

    def fill(self, name, first):
        self.s3d.write("b/" + name, ("n\n" + "".join("%d\n" % i for i in range(first, first + 20000))).encode())

    def run_once(self, outcome="done"):
        before = self.runs("a")
        self.ask("run-now", "a")
        self.until(lambda: self.runs("a") > before)
        self.assertEqual(self.outcome("a"), outcome, self.log()[-2000:])

    def values(self, accept=openmetrics.OPENMETRICS):
        """By our own strict reader, and by the library where it is installed."""
        kind, text = openmetrics.get(self.port, accept)
        values = openmetrics.read(kind, text)
        other = openmetrics.by_library(kind, text)
        if other is None:
            print("skipped: python3-prometheus-client is not installed; only the reader of the tests looked", flush=True)
        else:
            self.assertEqual(other, values)
        return values

    def plugin(self, values, name, plugin):
        return values['sluice_plugin_%s_total{job="a",plugin="%s"}' % (name, plugin)]

    def asked(self):
        """How many requests the servers saw, by their own count."""
        lines = [line for line in self.s3d.log_text().splitlines() if " op=" in line and "fault action=" not in line]
        stats = self.recv.stats()
        return len(lines), stats["requests"] + stats["faults"]

    def test_silent_connections_keep_nobody_out(self):
        """Hundreds of them are open for longer than they may be silent, and more come: a scrape is answered at once."""
        self.start()
        silent = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(200)]
        self.addCleanup(lambda: [one.close() for one in silent])
        for _ in range(3):
            began = time.monotonic()
            with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % self.port, timeout=8) as answer:
                self.assertIn(b"sluice_up 1", answer.read())
            self.assertLess(time.monotonic() - began, 4)
            silent += [socket.create_connection(("127.0.0.1", self.port)) for _ in range(50)]
        opened = len(os.listdir("/proc/%d/fd" % self.process.pid))
        self.assertLess(opened, 150, "the connections are bounded")

    def test_requests_and_retries(self):
        self.fill("1.csv", 0)
        self.s3d.faults("GET:1.csv internal-error times=2\n")
        self.recv.faults("* 503 times=3\n")
        self.start(env=KEYS)
        self.run_once()
        values = self.values()
        self.assertEqual(self.plugin(values, "requests", "source-s3"), self.asked()[0])
        self.assertEqual(self.plugin(values, "retries", "source-s3"), 2)
        self.assertEqual(self.plugin(values, "requests", "sink-http"), self.asked()[1])
        self.assertEqual(self.plugin(values, "retries", "sink-http"), 3)
        for stage in STAGES:
            self.assertGreater(values['sluice_stage_time_seconds_total{job="a",stage="%s"}' % stage], 0, stage)
        self.assertEqual(self.values(None).keys(), values.keys(), "the same samples in the other form")
        one = self.job("a")
        self.assertEqual(one["totals"]["plugins"]["source-s3"]["retries"], 2)
        self.assertEqual(one["last"]["retries"], 5)
        self.assertEqual(one["last"]["requests"], sum(self.asked()))
        self.assertGreater(one["last"]["decode_us"], 0)
        self.assertEqual(set(one["totals"]["seconds"]), set(STAGES))
        history = json.loads(self.sluice("history", self.path("jobs.conf"), "--job", "a", "--json"))
        self.assertEqual(history["runs"][0]["requests"], self.plugin(values, "requests", "source-s3"))

    def test_requests_for_credentials(self):
        """A kind of their own, over two runs of one process that keeps its session."""
        roles = self.path("roles")
        with open(roles, "w") as file:
            file.write("%s - 3600\n" % ROLE)
        server = Server("--roles", roles)
        self.addCleanup(server.stop)
        server.write("b/1.csv", b"n\n1\n")
        url = "http://127.0.0.1:%d" % server.port
        self.configure('a = { source = { type = "s3"; path = "s3://b/"; endpoint = "%s"; sts_endpoint = "%s"; role_arn = "%s"; };'
                       ' sink = { type = "file"; path = "%s"; }; };' % (url, url, ROLE, self.path("out.ndjson")),
                       serve='metrics = "127.0.0.1:%d";' % self.port)
        self.start(env=KEYS)
        for own in (1, 0):
            self.run_once()
            stats = Client(server.port).stats()
            last = self.job("a")["last"]
            self.assertEqual((stats["operations"]["STS"], last["credential_requests"]), (1, own))
            self.assertEqual(self.plugin(self.values(), "credential_requests", "source-s3"), 1)
            self.assertEqual(self.plugin(self.values(), "requests", "source-s3"), stats["requests"] - 1)
        history = json.loads(self.sluice("history", self.path("jobs.conf"), "--json"))
        self.assertEqual([run["credential_requests"] for run in history["runs"]], [0, 1])

    def test_they_only_grow_over_runs_and_processes(self):
        self.fill("1.csv", 0)
        self.start(env=KEYS)
        before = {}
        for i in range(4):
            self.fill("%d.csv" % (i + 2), (i + 1) * 20000)
            self.run_once()
            values = self.values()
            for key, value in before.items():
                if "_total" in key:
                    self.assertGreaterEqual(values[key], value, key)
            self.assertEqual(self.plugin(values, "requests", "source-s3"), self.asked()[0])
            self.assertEqual(self.plugin(values, "requests", "sink-http"), self.asked()[1])
            before = values
            for pid in children_of(self.process.pid) if i == 1 else ():
                os.kill(pid, signal.SIGKILL) # the next run has another process

    def test_one_pass_without_a_server(self):
        self.fill("1.csv", 0)
        os.environ.update(KEYS)
        from service import CLEAN
        CLEAN.update(KEYS)
        self.addCleanup(lambda: [CLEAN.pop(key) for key in KEYS])
        self.sluice("run", self.path("jobs.conf"), "--job", "a")
        history = json.loads(self.sluice("history", self.path("jobs.conf"), "--job", "a", "--json"))
        self.assertEqual(history["runs"][0]["requests"], self.asked()[0])
        self.assertIn("requests: %d" % self.asked()[0], self.sluice("history", self.path("jobs.conf"), "--job", "a"))


if __name__ == "__main__":
    unittest.main()
