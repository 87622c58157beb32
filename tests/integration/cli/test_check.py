"""check, run and status: exit statuses, errors that name their place, secrets."""
import json
import os
import signal
import socket
import time
import unittest

from program import ACCESS, SECRET, ProgramTest

LOCAL = '''ledger = "ledger";
sinks = { local = { type = "file"; path = "out.ndjson"; };
          other = { type = "file"; path = "other.ndjson"; }; };
jobs = { one = { source = { type = "file"; path = "data"; }; sink = "local"; };
         two = { source = { type = "file"; path = "more"; }; sink = "local"; }; };
'''


class CheckTest(ProgramTest):
    def bucket_job(self, server, region="us-east-1"):
        return '''ledger = "ledger";
jobs = { clicks = {
  source = { type = "s3"; path = "s3://b1/data/"; endpoint = "http://127.0.0.1:%d"; region = "%s";
             access_key_id = "%s"; secret_access_key = "${KEY}"; };
  format = { type = "csv"; };
  sink = { type = "file"; path = "out.ndjson"; }; }; };
''' % (server.port, region, ACCESS)

    def test_good(self):
        server = self.server()
        server.write("b1/data/a.csv", b"id\n1\n")
        self.write("job.conf", self.bucket_job(server))
        done = self.expect(0, "check", "job.conf", env={"KEY": SECRET})
        self.assertEqual([line.split(":")[0:2] for line in done.lines],
                         [["clicks", " source s3"]] * 3 + [["clicks", " format csv"], ["clicks", " sink file, file"]])
        for line, what in zip(done.lines, ("access_key_id", "b1", "data/a.csv")):
            self.assertIn(what, line)
        self.assertEqual(sorted(os.listdir(self.folder)), ["job.conf"], "check wrote something")

    def test_what_serve_would_refuse(self):
        """Schedules and keys: `check`, `plan` and `run` refuse them as `serve` does."""
        self.write("data/a.csv", "id\n1\n")
        for sync, where in (('cron = "60 * * * *";', "sync.cron"), ('cron = "0 0 31 2 *";', "sync.cron"),
                            ('cron = "0 0 * * *"; timezone = "Mars/Phobos";', "Mars/Phobos"),
                            ('every = "10s"; jitter = "20s";', "sync.jitter"), ('jitter = "5s";', "sync.jitter"),
                            ('timezone = "Europe/Paris";', "sync.timezone"), ('key = [];', "names no column"),
                            ('key = ["id", "id"];', "twice"),
                            ('key = ["id"]; }; batch_rows = 600000; errors = { max_rejects = 5;', "at most 524288 records")):
            self.write("job.conf", LOCAL.replace('sink = "local";', 'sink = "local"; sync = { %s };' % sync, 1))
            for command in (["check"], ["plan"], ["run"], ["retry", "--job", "one"]):
                done = self.expect(2, *command, "job.conf")
                said = done.errors or done.text  # of what is not the configuration's alone, a plan tells
                self.assertIn(where, said, (command, sync))
                self.assertIn("job.conf:", said, (command, sync))

    def test_wrong_secret_key(self):
        server = self.server()
        server.write("b1/data/a.csv", b"id\n1\n")
        self.write("job.conf", self.bucket_job(server))
        wrong = "a-very-wrong-secret-key"
        for words in (["check", "job.conf"], ["-v", "check", "job.conf"], ["run", "job.conf"],
                      ["--log", "json", "check", "job.conf"]):
            done = self.expect(5, *words, env={"KEY": wrong})
            for what in ("ListObjectsV2", "b1", "SignatureDoesNotMatch"):
                self.assertIn(what, done.text + done.errors)
            self.assertRegex(done.text + done.errors, r"(?i)request.?id:? [0-9A-Z]{8,}")
            self.assertNotIn(wrong, done.errors + done.text)
        done = self.sluice("status", "job.conf", env={"KEY": wrong})
        self.assertNotIn(wrong, done.errors + done.text)
        self.assertIn("held", done.text)

    def test_no_bucket(self):
        server = self.server()
        self.write("job.conf", self.bucket_job(server))
        done = self.sluice("check", "job.conf", env={"KEY": SECRET})
        self.assertIn(done.status, (2, 4))
        self.assertIn("NoSuchBucket", done.text)
        self.assertIn("b1", done.text)

    def test_configuration_errors_have_a_place(self):
        for text, place, message in (
                (LOCAL.replace('path = "data"', 'pth = "data"'), "job.conf:4", "did you mean 'path'"),
                (LOCAL.replace('type = "file"; path = "data"', 'type = "fil"; path = "data"'), "job.conf:4", "'file'"),
                (LOCAL.replace('sink = "local"; };\n', 'snk = "local"; };\n'), "job.conf:4", "did you mean 'sink'"),
                (LOCAL.replace('"data"', '"${NOT_SET_ANYWHERE}"'), "job.conf:4", "NOT_SET_ANYWHERE"),
                (LOCAL.replace("jobs = {", "jobs = "), "job.conf:", "")):
            self.write("job.conf", text)
            self.write("data/a.csv", "x\n1\n")
            for command in ("check", "run"):
                done = self.expect(2, command, "job.conf", "--job", "one") if "jobs = {" in text else \
                    self.expect(2, command, "job.conf")
                self.assertIn(place, done.errors)
                self.assertIn(message, done.errors)

    def test_each_job_is_checked(self):
        self.write("data/a.csv", "x\n1\n")
        self.write("job.conf", LOCAL)
        done = self.expect(2, "check", "job.conf")  # there is no folder `more`
        self.assertIn("one: sink local, file: ", done.text)
        self.assertIn("sluice: two: ", done.errors)
        self.expect(0, "check", "job.conf", "--job", "one")
        self.assertIn("sink other", self.expect(0, "check", "job.conf", "--job", "one", "--sink", "other").text)
        self.assertIn("did you mean 'one'", self.expect(2, "check", "job.conf", "--job", "oen").errors)
        self.assertIn("other", self.expect(2, "check", "job.conf", "--job", "one", "--sink", "othr").errors)

    def test_overlay(self):
        self.write("data/a.csv", "x\n1\n")
        self.write("more/a.csv", "x\n1\n")
        self.write("job.conf", LOCAL)
        self.write("over.conf", 'jobs = { two = { sink = "other"; }; };\n')
        for words in (["job.conf", "-c", "over.conf"], ["-c", "job.conf", "--config=over.conf"]):
            self.assertIn("two: sink other", self.expect(0, "check", *words).text)


class RunTest(ProgramTest):
    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return file.read()

    def test_run_and_status(self):
        self.write("data/a.csv", "x\n1\n2\n")
        self.write("job.conf", LOCAL)
        self.assertIn("none yet", self.expect(0, "status", "job.conf").text)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "ledger")), "status made a ledger")
        self.expect(0, "run", "job.conf", "--job", "one")
        self.assertEqual(self.read("out.ndjson"), '{"x":1}\n{"x":2}\n')
        self.expect(0, "run", "job.conf", "--job", "one")
        self.assertEqual(self.read("out.ndjson"), '{"x":1}\n{"x":2}\n')
        self.expect(0, "run", "job.conf", "--job", "one", "--sink", "other")
        self.assertEqual(self.read("other.ndjson"), '{"x":1}\n{"x":2}\n')
        text = self.expect(0, "status", "job.conf").text
        self.assertIn("one to local\n  run       done, started ", text)
        self.assertIn("one to other", text)
        found = [json.loads(line) for line in self.expect(0, "status", "job.conf", "--json").lines]
        self.assertEqual([job["job"] for job in found], ["one", "two"])
        local = [d for d in found[0]["deliveries"] if d["sink"] == "local"][0]
        self.assertEqual((local["parts"]["done"], local["rows"], local["run"]["outcome"]), (1, 2, "done"))
        self.assertEqual(found[1]["deliveries"], [])

    def test_the_worst_of_several_jobs_wins(self):
        self.write("data/a.csv", "x,y\n1,2\n3\n")
        self.write("more/a.csv", "x\n1\n")
        self.write("job.conf", LOCAL)
        self.expect(3, "run", "job.conf")
        self.assertEqual(len(self.read("out.ndjson").splitlines()), 2)
        self.write("bad.conf", LOCAL.replace('path = "more"', 'path = "none"'))
        done = self.sluice("run", "bad.conf")
        self.assertIn(done.status, (2, 4))
        self.assertIn("none", done.errors)

    def test_append_sends_all_again(self):
        self.write("data/a.csv", "x\n1\n")
        job = LOCAL.replace('sink = "local"; };\n', 'sync = { mode = "append"; every = "10s"; }; sink = "local"; };\n', 1)
        self.write("job.conf", job)
        for times in (1, 2):
            self.expect(0, "run", "job.conf", "--job", "one")
            self.assertEqual(self.read("out.ndjson"), '{"x":1}\n' * times)

    def test_full_refresh_needs_a_sink_that_can(self):
        self.write("data/a.csv", "x\n1\n")
        self.write("job.conf", LOCAL.replace('type = "file"; path = "out.ndjson"', 'type = "http"; url = "http://127.0.0.1:9/"')
                   .replace('sink = "local"; };\n', 'sync = { mode = "full_refresh"; }; sink = "local"; };\n', 1))
        done = self.expect(2, "run", "job.conf", "--job", "one")
        self.assertIn("job.conf:4", done.errors)
        self.assertIn("append", done.errors)

    def test_a_job_that_became_another_asks(self):
        self.write("data/a.csv", "x\n1\n")
        self.write("job.conf", LOCAL)
        self.expect(0, "run", "job.conf", "--job", "one")
        self.write("job.conf", LOCAL.replace("out.ndjson", "other.ndjson"))
        done = self.expect(2, "run", "job.conf", "--job", "one")
        for word in ("out.ndjson", "other.ndjson", "--adopt", "--reset"):
            self.assertIn(word, done.errors)
        self.expect(0, "run", "job.conf", "--job", "one", "--adopt")
        self.assertFalse(os.path.exists(os.path.join(self.folder, "other.ndjson")), "what was delivered was sent again")
        self.expect(0, "run", "job.conf", "--job", "one", "--reset")
        self.assertEqual(self.read("other.ndjson"), '{"x":1}\n')
        self.expect(0, "run", "job.conf", "--job", "one")

    def test_start_from(self):
        for name, when in (("old", 1767139200), ("new", 1767225600)):  # the last day of 2025, and the first of 2026
            self.write("data/%s.csv" % name, "x\n%s\n" % when)
            os.utime(os.path.join(self.folder, "data", name + ".csv"), (when, when))
        job = LOCAL.replace('sink = "local"; };\n', 'sync = { start_from = "%s"; }; sink = "local"; };\n', 1)
        self.write("job.conf", job % "2026-01-01")
        self.expect(0, "run", "job.conf", "--job", "one")
        self.assertEqual(self.read("out.ndjson"), '{"x":1767225600}\n')
        self.write("job.conf", job % "2025-01-01T00:00:00Z")
        self.expect(0, "run", "job.conf", "--job", "one")
        self.assertEqual(self.read("out.ndjson"), '{"x":1767225600}\n{"x":1767139200}\n')
        self.write("job.conf", job % "yesterday")
        self.assertIn("start_from", self.expect(2, "run", "job.conf", "--job", "one").errors)

    def test_start_from_now(self):
        self.write("data/a.csv", "x\n1\n")
        self.write("job.conf", LOCAL.replace('sink = "local"; };\n', 'sync = { start_from = "now"; }; sink = "local"; };\n', 1))
        self.expect(0, "run", "job.conf", "--job", "one")
        self.write("data/b.csv", "x\n2\n")
        os.utime(os.path.join(self.folder, "data", "b.csv"), (1, 1))  # backdated, but it came later
        self.expect(0, "run", "job.conf", "--job", "one")
        self.assertEqual(self.read("out.ndjson"), '{"x":2}\n')

    def test_second_run_of_a_job(self):
        """While one is at work: refused. After it was killed: status says so, and the next run goes on."""
        self.write("data/a.csv", "x\n1\n")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.write("job.conf", LOCAL.replace('type = "file"; path = "out.ndjson"',
                                                 'type = "http"; url = "http://127.0.0.1:%d/x"' % silent.getsockname()[1]))
            process = self.start("run", "job.conf", "--job", "one")
            silent.settimeout(30)
            connection, _ = silent.accept()
            done = self.expect(4, "run", "job.conf", "--job", "one")
            self.assertIn("one", done.errors)
            process.kill()
            process.communicate()
            connection.close()
        self.assertIn("and died", self.expect(0, "status", "job.conf", "--job", "one").text)
        found = json.loads(self.expect(0, "status", "job.conf", "--job", "one", "--json").text)
        self.assertEqual((found["deliveries"][0]["run"]["running"], found["deliveries"][0]["run"]["ended"]), (False, None))
        self.expect(0, "run", "job.conf", "--job", "one", "--sink", "other")

    def test_interrupt(self):
        """The destination does not answer: the first signal lets it drain, the second ends that too."""
        self.write("data/a.csv", "x\n1\n")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.write("job.conf", LOCAL.replace('type = "file"; path = "out.ndjson"',
                                                 'type = "http"; url = "http://127.0.0.1:%d/x"' % silent.getsockname()[1]))
            process = self.start("run", "job.conf")
            silent.settimeout(30)
            connection, _ = silent.accept()
            connection.recv(10)
            self.assertIn("at work now", self.expect(0, "status", "job.conf", "--job", "one").text)
            process.send_signal(signal.SIGINT)
            time.sleep(1)
            self.assertIsNone(process.poll(), "the first signal did not wait for the destination")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            connection.close()
            self.assertEqual(process.returncode, 130, err.decode())
        self.assertIn("interrupted", self.expect(0, "status", "job.conf", "--job", "one").text)


if __name__ == "__main__":
    unittest.main()
