#!/usr/bin/env python3
"""Who is told of what: on_run_end by a program and by a URL, metrics, and systemd."""
import http.server
import json
import os
import re
import signal
import socket
import threading
import time
import unittest
import urllib.error
import urllib.request

import openmetrics
from service import ServiceTest, alive

EVERY = 'sync = { every = "1s"; };'


class Listener(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


def listener(test, *answers):
    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    server.taken, server.answers = [], list(answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return server


class RunEnd(ServiceTest):
    def script(self, name, text):
        with open(self.path(name), "w") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(self.path(name), 0o700)
        return self.path(name)

    def lines(self, name):
        try:
            with open(self.path(name)) as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def test_a_program(self):
        tell = self.script("tell", 'read line; printf "%%s|%%s|%%s|%%s|%%s\\n" "$1" "$SLUICE_JOB" "$SLUICE_OUTCOME" "$SLUICE_ROWS" "$line" >> %s\n' %
                           self.path("told"))
        self.configure(self.file_job("a", 'on_run_end = { command = [ "%s", "an $argument; x" ]; };' % tell))
        self.put("a", "1.csv", 0)
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: self.lines("told"))
        argument, job, outcome, rows, line = self.lines("told")[0].split("|", 4)
        self.assertEqual((argument, job, outcome, rows), ("an $argument; x", "a", "done", "3"))
        summary = json.loads(line)
        self.assertEqual((summary["job"], summary["outcome"], summary["rows"], summary["parts_done"]), ("a", "done", 3, 1))
        self.assertRegex(summary["ended"], r"^\d{4}-\d\d-\d\dT.*Z$")

    def test_what_a_filter_left_out(self):
        tell = self.script("tell", 'read line; printf "%%s|%%s\\n" "$SLUICE_FILTERED_ROWS" "$line" >> %s\n' % self.path("told"))
        self.configure(self.file_job("a", 'where = "n > 0"; on_run_end = { command = [ "%s" ]; };' % tell))
        self.put("a", "1.csv", 0)
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: self.lines("told"))
        filtered, line = self.lines("told")[0].split("|", 1)
        self.assertEqual((filtered, json.loads(line)["rows"], json.loads(line)["filtered_rows"]), ("1", 2, 1))
        self.assertEqual((self.job("a")["last"]["filtered_rows"], self.job("a")["totals"]["filtered_rows"]), (1, 1))

    def test_what_need_not_be_sent(self):
        tell = self.script("tell", 'read line; printf "%%s|%%s\\n" "$SLUICE_UNCHANGED_ROWS" "$line" >> %s\n' % self.path("told"))
        job = self.file_job("a", 'sync = { key = [ "n" ]; }; on_run_end = { command = [ "%s" ]; };' % tell)
        self.configure(job.replace('.ndjson";', '.ndjson"; operation_column = "op";'))
        self.put("a", "1.csv", 0)
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: self.lines("told"))
        self.put("a", "2.csv", 0)
        self.ask("run-now", "a")
        self.until(lambda: len(self.lines("told")) == 2)
        unchanged, line = self.lines("told")[1].split("|", 1)
        self.assertEqual((unchanged, json.loads(line)["rows"], json.loads(line)["unchanged_rows"]), ("3", 0, 3))
        self.assertEqual((self.job("a")["last"]["unchanged_rows"], self.job("a")["totals"]["unchanged_rows"]), (3, 3))

    def test_only_for_the_ends_that_were_named(self):
        tell = self.script("tell", 'echo "$SLUICE_OUTCOME $SLUICE_PART" >> %s\n' % self.path("told"))
        self.configure(self.trouble_job("a", 'on_run_end = { command = [ "%s" ]; on = [ "crashed" ]; };' % tell, rows=20))
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: self.outcome("a") == "done")
        self.order("a", "exit")
        self.ask("stop")
        os.remove(self.path("ledger", "a.db"))
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: self.lines("told"))
        self.assertEqual(self.lines("told"), ["crashed trouble:1"])

    def test_what_fails_there_changes_nothing(self):
        slow = self.script("slow", "sleep 1000 & echo $! > %s; wait\n" % self.path("sleeper"))
        self.configure(self.file_job("a", 'on_run_end = { command = [ "%s" ]; timeout = "1s"; };' % slow),
                       self.file_job("b", 'on_run_end = { command = [ "%s" ]; };' % self.script("bad", "exit 3\n")),
                       self.file_job("c", 'on_run_end = { command = [ "/no/such/program" ]; };'),
                       self.file_job("d", 'on_run_end = { url = "http://127.0.0.1:1/hidden-token"; };'))
        self.start()
        self.ask("run-now")
        self.until(lambda: all(text in self.log() for text in (
            "a: on_run_end.command took longer", "b: on_run_end.command failed: its process exited with status 3",
            "/no/such/program cannot be run", "d: on_run_end.url failed")))
        self.assertNotIn("hidden-token", self.log())
        self.assertFalse(alive(int(self.lines("sleeper")[0])), "the whole group was killed")
        for name in "abcd":
            self.assertEqual(self.outcome(name), "done")

    def test_a_url(self):
        server = listener(self, 503)
        self.configure(self.file_job("a", 'on_run_end = { url = "http://127.0.0.1:%d/x"; };' % server.server_port))
        self.put("a", "1.csv", 0)
        self.start()
        self.ask("run-now", "a")
        self.until(lambda: len(server.taken) == 2)
        self.assertEqual(server.taken[0], server.taken[1])
        kind, summary = server.taken[0]
        self.assertEqual((kind, summary["job"], summary["outcome"], summary["rows"]), ("application/json", "a", "done", 3))

    def test_mistakes_in_the_configuration(self):
        for text, said in (("", "needs a `command`"), ('command = [ "tell" ];', "full path"), ('url = "ftp://x";', "http://"),
                           ('url = "http://x"; on = [ "succeeded" ];', "no run ends so")):
            self.configure(self.file_job("a", "on_run_end = { %s };" % text))
            self.assertIn(said, self.sluice("serve", self.path("jobs.conf"), expect=2))


class Metrics(ServiceTest):
    def get(self, path="/metrics", accept=None, method="GET", data=None):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), method=method, data=data,
                                         headers={"Accept": accept} if accept else {})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.headers["Content-Type"], answer.read().decode()

    def values(self, accept=None):
        return openmetrics.read(*self.get(accept=accept))

    def test_numbers(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.order("slow", "slow")
        self.configure(self.file_job("a", EVERY), self.trouble_job("slow", rows=200, delay=20), self.file_job("idle"),
                       serve='metrics = "127.0.0.1:%d";' % self.port)
        self.put("a", "1.csv", 0)
        self.start()
        self.ask("run-now", "slow")
        self.until(lambda: self.values().get('sluice_rows_total{job="a"}') == 3)
        self.until(lambda: self.values()['sluice_lag_files{job="slow"}'] == 2)
        for accept in (None, "application/openmetrics-text; version=1.0.0,*/*;q=0.1"):
            values = self.values(accept)
            self.assertEqual(values["sluice_up"], 1)
            self.assertEqual(values['sluice_run_active{job="slow"}'], 1)
            self.assertGreaterEqual(values['sluice_runs_total{job="a",reason="done"}'], 1)
            self.assertGreater(values['sluice_rows_total{job="slow"}'], 199)
            self.assertEqual(values['sluice_run_parts{job="slow",state="done"}'], 1)
            self.assertAlmostEqual(values['sluice_next_run_timestamp_seconds{job="a"}'], time.time(), delta=3)
            self.assertEqual(values['sluice_next_run_timestamp_seconds{job="idle"}'], 0)
            self.assertEqual(values['sluice_job_state{job="idle",state="active"}'], 1)
        one = self.job("a")
        self.assertEqual(one["totals"]["rows"], 3)
        for path, method, status in (("/", "GET", 404), ("/metrics", "POST", 405), ("/metrics", "DELETE", 405)):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                self.get(path, method=method, data=b"x" * 10000 if method == "POST" else None)
            self.assertEqual(caught.exception.code, status)
            caught.exception.close()
        with socket.create_connection(("127.0.0.1", self.port)) as one: # who says nothing stops nobody
            one.sendall(b"GET /met")
            self.assertEqual(self.values()["sluice_up"], 1)
        self.assertIn("nothing can listen", self.sluice("serve", self.other(), expect=2))

    def other(self):
        with open(self.path("jobs.conf")) as file:
            text = file.read()
        with open(self.path("other.conf"), "w") as file:
            file.write(text.replace("/ledger\"", "/ledger2\""))
        return self.path("other.conf")


class Systemd(ServiceTest):
    def test_it_is_told(self):
        for abstract in (False, True):
            with self.subTest(abstract=abstract):
                self.told(abstract)

    def told(self, abstract):
        name = "\0sluice-test-%d" % os.getpid() if abstract else self.path("notify.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
            inbox.bind(name)
            inbox.settimeout(20)
            self.configure(self.file_job("a", EVERY))
            self.start(env={"NOTIFY_SOCKET": name.replace("\0", "@"), "WATCHDOG_USEC": "4000000"})
            self.expect(inbox, "READY=1\nSTATUS=serving 1 jobs\n")
            self.expect(inbox, "WATCHDOG=1\n")
            self.process.send_signal(signal.SIGHUP)
            told = self.expect(inbox, "RELOADING=1\n")
            usec = int(re.search(r"^MONOTONIC_USEC=(\d+)$", told, re.M).group(1))
            self.assertAlmostEqual(usec / 1e6, time.clock_gettime(time.CLOCK_MONOTONIC), delta=5)
            self.expect(inbox, "READY=1\n")
            start = time.monotonic()
            for _ in range(3): # one each half of that time, and a busy machine may be late
                self.expect(inbox, "WATCHDOG=1\n")
            self.assertLess(time.monotonic() - start, 12)
            with open("/proc/%d/environ" % self.process.pid) as file:
                self.assertIn("NOTIFY_SOCKET", file.read()) # as given at the start; its children's is another matter
            self.process.send_signal(signal.SIGTERM)
            self.expect(inbox, "STOPPING=1\n")
            self.end()

    @staticmethod
    def expect(inbox, start):
        for _ in range(50):
            text = inbox.recv(4096).decode()
            if text.startswith(start):
                return text
        raise AssertionError("not told " + start)

    def test_a_wrong_address_is_no_reason_to_fail(self):
        self.configure(self.file_job("a", EVERY))
        for address in ("relative", "/no/such/socket", "@", "/" + "x" * 200):
            self.start(env={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "junk"})
            self.until(lambda: self.runs("a") > 0)
            self.end()


if __name__ == "__main__":
    unittest.main()
