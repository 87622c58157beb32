"""The real program on s3d: one job from a bucket to a file, and what it said."""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "support", "s3d", "tests"))
from s3client import ACCESS, SECRET, Client, Server, make_certificate  # noqa: E402,F401

SLUICE = os.environ["SLUICE"]
SANITIZED = os.environ.get("SANITIZED", "")
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}
REPORTS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")
USER, OTHER_ACCOUNT = "arn:aws:iam::123456789012:user/s3d", "210987654321"
READER, CLOSED, SECOND = ("arn:aws:iam::123456789012:role/%s" % name for name in ("reader", "closed", "second"))

Done = collections.namedtuple("Done", "status out err seconds megabytes")


def rows(first, n):
    return ("id,text\n" + "".join("%d,some text %d\n" % (i, i) for i in range(first, first + n))).encode()


class S3Test(unittest.TestCase):
    def setUp(self):
        top = tempfile.TemporaryDirectory(prefix="sluice-s3-")
        self.addCleanup(top.cleanup)
        self.folder, self.jobs = top.name, 0

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        return self.path(name)

    def server(self, *options, roles=(), files=None):
        """s3d with these roles, and with one record in each of these files of the bucket b: name -> id."""
        if roles:
            options += ("--roles", self.write("roles", "".join(line + "\n" for line in roles)))
        server = Server(*options)
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0, "s3d did not end well"))
        server.url = "http%s://127.0.0.1:%d" % ("s" if "--tls-cert" in options else "", server.port)
        for name, first in (files or {}).items():
            server.write("b/" + name, rows(first, 1))
        return server

    def client(self, server, **more):
        return Client(server.port, **more)

    def stats(self, server, **more):
        return self.client(server, **more).stats()

    def requests(self, server):
        return self.stats(server)["operations"]

    def read_keys(self, server):
        """Which objects were asked for."""
        return set(re.findall(r"request op=GET .*? name=[^/]*/(\S+)", server.log_text()))

    def sluice(self, *words, status=0, env=None, keys=True, timeout=120):
        environment = dict(CLEAN, AWS_EC2_METADATA_DISABLED="true", HOME=self.folder)
        if keys:
            environment.update(AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET)
        environment.update(env or {})
        with open(self.path("out"), "w+b") as out, open(self.path("err"), "w+b") as err:
            start = time.monotonic()
            process = subprocess.Popen([SLUICE] + list(words), env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            used = self.wait(process, start + timeout)
            out.seek(0)
            err.seek(0)
            done = Done(process.returncode, out.read().decode(errors="surrogateescape"), err.read().decode(errors="replace"),
                        time.monotonic() - start, used.ru_maxrss / 1024)
        self.assertFalse([word for word in REPORTS if word in done.err], done.err)
        for secret in (SECRET,):
            self.assertNotIn(secret, done.err)
        if status is not None:
            self.assertEqual(done.status, status, "%r\n%s\n%s" % (words, done.out[-1000:], done.err))
        return done

    def wait(self, process, end):
        """As process.wait, but gives what the process used."""
        while True:
            pid, how, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(how)
                return used
            if time.monotonic() > end:
                process.kill()
                process.wait()
                self.fail("it did not end in time; it said:\n" + open(self.path("err"), errors="replace").read())
            time.sleep(0.01)

    def config(self, server, source='path = "s3://b/";', job=""):
        """A job of its own from b to a file; its name."""
        self.jobs += 1
        name = "j%d" % self.jobs
        self.write(name + ".conf", '''ledger = "%s";
jobs = { %s = { source = { type = "s3"; endpoint = "%s"; sts_endpoint = "%s"; %s };
  sink = { type = "file"; path = "%s"; }; %s }; };
''' % (self.path(name + ".ledger"), name, server.url, server.url, source, self.path(name + ".ndjson"), job))
        return name

    def arrived(self, name):
        path = self.path(name + ".ndjson")
        if not os.path.exists(path):
            return []
        with open(path) as file:
            return sorted(json.loads(line)["id"] for line in file)

    def run_job(self, server, source='path = "s3://b/";', status=0, job="", **more):
        """The ids that arrived, and how it ended."""
        name = self.config(server, source, job)
        done = self.sluice("run", self.path(name + ".conf"), status=status, **more)
        return self.arrived(name), done

    def check(self, server, source='path = "s3://b/";', status=0, **more):
        """What `check` found of the source: (state, right or thing, text) of each line."""
        name = self.config(server, source)
        done = self.sluice("check", "--json", self.path(name + ".conf"), status=status, **more)
        found = [json.loads(line) for line in done.out.splitlines()]
        return [(one["state"], one.get("what"), one["text"]) for one in found if one["kind"] == "source"]

    @staticmethod
    def not_read(err):
        """How many objects were not read, by the reason given."""
        return {reason: int(n) for n, reason in re.findall(r"(\d+) objects? (?:is|are) not read: (.*)", err)}

    def says(self, err, *words):
        """The message has these words."""
        for word in words:
            self.assertIn(word.lower(), err.lower())

    def warnings(self, err):
        return [line for line in err.splitlines() if re.search(r"\bwarn", line, re.I)]

    def quiet(self, err):
        self.assertFalse([line for line in err.splitlines() if re.search(r"\berror|\bwarn|expired|denied", line, re.I)], err)

    def small(self, done, megabytes=128):
        """Memory that it took, with room for a sanitizer."""
        self.assertLess(done.megabytes, megabytes + (500 if SANITIZED else 0), done.err)


