#!/usr/bin/python3
"""Reading from S3 under faults at random, built with ThreadSanitizer: jobs and downloads at once, every byte compared with what
the server has. Prints the seed of each history.

usage: soak.py --seconds N [--seed S] [--build FOLDER]"""
import argparse
import collections
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float, default=600)
parser.add_argument("--seed", type=int)
parser.add_argument("--build", default="build/tsan")
arguments = parser.parse_args()
for name in ("sluice", "s3d"):
    os.environ.setdefault(name.upper(), os.path.join(os.path.abspath(arguments.build), "bin", name))

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support", "s3d", "tests"))
from s3client import ACCESS, SECRET, Client, Server  # noqa: E402

ROLE = "arn:aws:iam::123456789012:role/reader"
REPORTS = ("ThreadSanitizer", "AddressSanitizer", "LeakSanitizer", "runtime error:")
KIB = 1024

# What a run must survive; each so often that no request meets its end. {n}: a number below a million.
# What no honest server does ends a run: test_hostile.py.
FAULTS = ["GET cut-random {n} every=3 times=20", "GET cut-random {n} times=5", "GET reset {k} every=4 times=10", "GET drop every=5 times=10",
          "GET slowdown every=6 times=6", "GET slowdown 1 times=1", "GET internal-error every=4 times=8", "GET error 502 BadGateway times=3",
          "GET error 400 RequestTimeout every=3 times=4", "GET ignore-range every=3 times=5", "GET wrong-content-range every=5 times=3",
          "GET huge-length 10737418240 every=7 times=3", "GET hang-mid {k} times=2", "GET hang times=1", "GET delay 300 every=4 times=20",
          "GET slow 400000 times=2", "LIST slowdown times=2", "LIST internal-error times=1", "LIST error-in-200 times=2",
          "LIST cut {k} times=1", "LIST reset times=1", "LIST drop times=2", "LIST broken-xml times=1", "LIST garbage html times=1",
          "LIST empty-page every=2 times=4", "LIST hang times=1", "ANY clock-skew 3600 times=200", "ANY wrong-region eu-west-3 400", "ANY wrong-region eu-west-3 301"]
SESSION_FAULTS = ["GET expired-token times=3", "GET expired-mid {k} times=3", "LIST expired-token times=1", "STS slowdown times=1",
                  "STS drop times=2", "STS internal-error times=1"]
CHECKSUM_FAULTS = ["GET:small/* corrupt 3 every=3 times=6", "GET:small/* wrong-checksum every=3 times=6"]


class History:
    def __init__(self, seed):
        self.seed, self.rng = seed, random.Random(seed)
        self.top = tempfile.TemporaryDirectory(prefix="sluice-s3-soak-")
        self.folder = self.top.name
        options = ["--page", str(self.rng.choice([3, 50, 1000]))]
        self.role = self.rng.random() < 0.5
        if self.role:
            with open(self.path("roles"), "w") as file:
                file.write("%s the-id 3600\n" % ROLE)
            options += ["--roles", self.path("roles"), "--session-seconds", str(self.rng.choice([2, 3, 3600])),
                        "--expired", self.rng.choice(["aws", "ceph"])]
        self.s3d = Server(*options)
        self.checksums = self.rng.random() < 0.5
        if self.checksums:
            self.s3d.settings("b", "checksum=" + self.rng.choice(["crc32", "crc32c", "crc64nvme", "sha1", "sha256"]))
        self.records, self.large = collections.Counter(), {}
        self.fill()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def close(self):
        if self.s3d.stop() != 0:
            raise AssertionError("s3d did not end well")
        self.top.cleanup()

    def fill(self):
        for i in range(self.rng.randrange(1, 150)):
            self.put_rows("small/%02d/%03d.csv" % (self.rng.randrange(12), i), self.rng.choice([0, 1, 1, 10, 200]))
        for i in range(self.rng.randrange(0, 4)):
            self.put_rows("middle/%d.csv" % i, self.rng.randrange(2000, 40000))
        for i in range(self.rng.randrange(1, 4)):
            data = self.rng.randbytes(self.rng.randrange(1, 6 * 1024 * KIB))
            self.s3d.write("blobs/%d" % i, data)
            self.large["%d" % i] = data

    def put_rows(self, name, n):
        lines = ["%d,%s" % (self.rng.randrange(1 << 40), "t%x" % self.rng.getrandbits(160)) for _ in range(n)]
        self.s3d.write("b/" + name, ("id,text\n" + "".join(line + "\n" for line in lines)).encode())
        self.records.update(lines)

    def faults(self):
        kinds = FAULTS + (SESSION_FAULTS if self.role else []) + (CHECKSUM_FAULTS if self.checksums else [])
        lines = [line.format(n=self.rng.randrange(10**6), k=self.rng.choice([0, 1, 1000, 70000]))
                 for line in self.rng.sample(kinds, self.rng.randrange(1, 6))]
        lines.sort(key=lambda line: line.startswith("ANY"))  # they match all, so they come last
        if lines[-1].startswith("ANY"):  # where another fault came first, the server would have two clocks or regions
            lines = lines[-1:]
        if "wrong-region" in lines[-1]:
            lines.insert(0, "STS delay 0")  # STS stays where it is
        self.s3d.faults("".join(line + "\n" for line in lines))
        return lines

    def options(self):
        """Of the source, as name -> text. Small objects are always read in one request, so that their checksums are verified."""
        size = self.rng.choice([64, 128, 1024, 8192]) * KIB
        options = {"endpoint": "http://127.0.0.1:%d" % self.s3d.port, "range_size": size, "window": size * self.rng.choice([1, 2, 8]),
                   "connections": self.rng.choice([1, 2, 8, 64]), "threads": self.rng.choice([0, 1, 2, 4]),
                   "list_requests": self.rng.choice([1, 4, 16]), "stall_timeout": "2s", "max_attempts": 30}
        if self.role:
            options.update(role_arn=ROLE, external_id="the-id", sts_endpoint=options["endpoint"])
        return options

    def start(self, words, out):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}
        environment.update(AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET, AWS_EC2_METADATA_DISABLED="true",
                           TSAN_OPTIONS="halt_on_error=0 exitcode=66")
        with open(out, "wb") as to, open(out + ".err", "wb") as err:
            return subprocess.Popen([os.environ["SLUICE"]] + words, env=environment, stdin=subprocess.DEVNULL, stdout=to, stderr=err)

    def start_job(self, number):
        values = "".join(" %s = %s;" % (name, '"%s"' % value if isinstance(value, str) else value)
                         for name, value in self.options().items())
        with open(self.path("%d.conf" % number), "w") as file:
            file.write('ledger = "%s"; jobs = { j = { source = { type = "s3"; path = "s3://b/";%s };\n  sink = { type = "file"; path = "%s"; '
                       '}; workers = %d; }; };\n' % (self.path("%d.ledger" % number), values,
                                                                   self.path("%d.ndjson" % number), self.rng.randrange(1, 5)))
        return self.start(["run", self.path("%d.conf" % number)], self.path("%d.job" % number))

    def start_get(self, number, name):
        words = [word for option, value in self.options().items() for word in ("-o", "%s=%s" % (option, value))]
        return self.start(["get", "s3://blobs/" + name, "-"] + words, self.path("%d.%s.got" % (number, name)))

    def finish(self, process, out):
        try:
            status = process.wait(240)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            raise
        with open(out + ".err", errors="replace") as file:
            err = file.read()
        if status != 0 or any(word in err for word in REPORTS):
            raise AssertionError("status %s\n%s" % (status, err[-20000:]))

    def play(self, number):
        """One job and all downloads at once, under new faults; a job may be killed first."""
        self.faults()
        if self.rng.random() < 0.2:
            process = self.start_job(number)
            time.sleep(self.rng.uniform(0, 1))
            process.kill()
            process.wait()
        job = self.start_job(number)
        gets = {name: self.start_get(number, name) for name in self.large}
        self.finish(job, self.path("%d.job" % number))
        for name, process in gets.items():
            self.finish(process, self.path("%d.%s.got" % (number, name)))
            with open(self.path("%d.%s.got" % (number, name)), "rb") as file:
                if file.read() != self.large[name]:
                    raise AssertionError("blobs/%s is not what the server has" % name)
        self.compare(number)
        return Client(self.s3d.port).stats()

    def compare(self, number):
        with open(self.path("%d.ndjson" % number)) as file:
            got = collections.Counter("%(id)d,%(text)s" % json.loads(line) for line in file)
        if got != self.records:
            missing, more = self.records - got, got - self.records
            raise AssertionError("missing %d: %r, too many %d: %r" % (missing.total(), list(missing)[:3], more.total(), list(more)[:3]))


def main():
    base = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 30)
    end, n, plays, seen, moved = time.monotonic() + arguments.seconds, 0, 0, collections.Counter(), 0
    print("seed %d; --seed %d repeats the first history" % (base, base), flush=True)
    while time.monotonic() < end and (arguments.seed is None or n == 0):
        history = History(base + n)
        stats = None
        try:
            for number in range(history.rng.randrange(1, 4)):
                stats = history.play(number)
                plays += 1
        except BaseException:
            print("history with --seed %d failed; its files are in %s and %s" % (base + n, history.folder, history.s3d.top.name),
                  file=sys.stderr)
            history.top._finalizer.detach()
            history.s3d.top._finalizer.detach()
            history.s3d.process.kill()
            raise
        seen.update({action: count for action, count in stats["fault_actions"].items() if count})
        moved += stats["bytes"]
        history.close()
        n += 1
    print("faults: " + ", ".join("%s %d" % pair for pair in sorted(seen.items())))
    print("%d histories from seed %d, %d runs, %d faults, %d MB; every byte as it should be, no data race" %
          (n, base, plays, sum(seen.values()), moved // 10**6))


main()
