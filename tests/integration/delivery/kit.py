"""A small world for delivery tests: s3d with files, recv, a configuration, and the program between them."""
import collections
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "support", "s3d", "tests"))
from s3client import ACCESS, SECRET, Server  # noqa: E402

SLUICE, RECV = os.environ["SLUICE"], os.environ["RECV"]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}
SANITIZER = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")


class Receiver:
    """recv on a port that stays the same over restarts."""

    def __init__(self, folder, *options):
        self.out, self.options = os.path.join(folder, "received"), list(options)
        self.script, self.port_file, self.port = os.path.join(folder, "recv.script"), os.path.join(folder, "recv.port"), 0
        self.process = None
        self.faults("")
        self.start()

    def faults(self, text):
        with open(self.script + ".new", "w") as file:
            file.write(text)
        os.rename(self.script + ".new", self.script)
        if self.process: # it reads the script when it starts
            self.kill()
            self.start()

    def start(self):
        if os.path.exists(self.port_file):
            os.remove(self.port_file)
        with open(self.out + ".err", "a") as err:
            self.process = subprocess.Popen([RECV, "--port", str(self.port), "--port-file", self.port_file, "--out", self.out,
                                             "--script", self.script] + self.options, stdout=err, stderr=err)
        for _ in range(1000):
            if os.path.exists(self.port_file):
                break
            assert self.process.poll() is None, "recv did not start"
            time.sleep(0.01)
        with open(self.port_file) as file:
            self.port = int(file.read())

    def stats(self):
        with urllib.request.urlopen("http://127.0.0.1:%d/_recv/stats" % self.port, timeout=10) as answer:
            return json.load(answer)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.kill()
        with open(self.out + ".err") as file:
            check_sanitizers(file.read())

    def requests(self):
        """What was stored, a line a request. recv counts too, but what a test rests on is worth reading twice."""
        with open(self.out) as file:
            return [json.loads(line) for line in file]

    def records(self):
        """Of the first request of each key."""
        out = subprocess.run([RECV, "--records", self.out], stdout=subprocess.PIPE, check=True).stdout
        return [json.loads(line) for line in out.splitlines()]


def check_sanitizers(text):
    if any(word in text for word in SANITIZER):
        raise AssertionError("sanitizer report:\n" + text)


def record(i):
    """What row `i` of csv_rows must be at the end."""
    return {"id": i, "name": "name, %d" % i, "score": i % 100 + 0.5}


def csv_rows(first, n, broken=(), extra=None):
    """Records with ids first..first+n-1; before those in `broken` stands a record with too few fields. extra: one more column,
    of this name."""
    lines = ["id,name,score%s\n" % ("," + extra if extra else "")]
    for i in range(first, first + n):
        if i in broken:
            lines.append("broken %d\n" % i)
        lines.append('%d,"name, %d",%d.5%s\n' % (i, i, i % 100, ",x%d" % i if extra else ""))
    return "".join(lines).encode()


class World:
    """Everything in one folder. `expected` are the ids that must arrive, `broken` how many records are rejected. Of files
    that were replaced or removed, `maybe` and `maybe_broken` tell what may have arrived before; `repeats` are the ids of
    files that changed without their rows doing so, which come once a version."""

    def __init__(self, *s3d_options, recv_options=()):
        self.top = tempfile.TemporaryDirectory(prefix="sluice-delivery-")
        self.folder = self.top.name
        self.s3d = Server(*s3d_options)
        self.recv = Receiver(self.folder, *recv_options)
        self.expected, self.broken, self.reports = set(), 0, []
        self.maybe, self.maybe_broken, self.repeats, self.made, self.files = set(), 0, set(), set(), {}
        self.extra = {}  # the further column that a record has
        self.configure()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def close(self):
        self.recv.close()
        assert self.s3d.stop() == 0, "s3d did not end well"
        self.top.cleanup()

    def configure(self, job="", source="", name="job.conf"):
        """job: more members of the job, source: of its source."""
        with open(self.path(name), "w") as file:
            file.write('''ledger = "%s";
sinks = { web = { type = "http"; url = "http://127.0.0.1:%d/v1"; bearer = "the-token"; batch_rows = 500; retry_for = "20s"; };
          disk = { type = "file"; path = "%s"; }; };
jobs = { j = { source = { type = "s3"; path = "s3://b/data/"; endpoint = "http://127.0.0.1:%d"; %s };
  sink = "web"; batch_rows = 2000; checkpoint_every = "50ms"; %s }; };
''' % (self.path("ledger"), self.recv.port, self.path("out.ndjson"), self.s3d.port, source, job))
        return self.path(name)

    def put(self, name, first, n, broken=(), counted=True, extra=None):
        data = csv_rows(first, n, broken, extra)
        self.extra.update((i, extra) for i in range(first, first + n) if extra)
        self.s3d.write("b/data/" + name, gzip.compress(data) if name.endswith(".gz") else data)
        self.made.update(range(first, first + n))
        if counted:
            self.forget(name)
            self.files[name] = (range(first, first + n), len(broken))
            self.expected.update(range(first, first + n))
            self.broken += len(broken)

    def forget(self, name):
        """What the file held need not arrive any more, and may have."""
        ids, broken = self.files.pop(name, ((), 0))
        self.expected.difference_update(ids)
        self.maybe.update(ids)
        self.broken -= broken
        self.maybe_broken += broken

    def remove(self, name):
        os.remove(os.path.join(self.s3d.root, "b/data", name))
        self.forget(name)

    def comes_again(self, name):
        """The file's version changes, by a fault of s3d; its rows stay."""
        ids, broken = self.files[name]
        self.repeats.update(ids)
        self.maybe_broken += broken

    def start(self, *words, config=("job.conf",), **more):
        environment = dict(CLEAN, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET)
        environment.update(more.pop("env", {}))
        files = [word for file in config for word in ("-c", self.path(file))]
        return subprocess.Popen([SLUICE, "run"] + files + list(words), env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)

    def wait(self, process, timeout=120):
        try:
            err = process.communicate(timeout=timeout)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            raise
        check_sanitizers(err)
        self.reports.append(err)
        return process.returncode, err

    def run(self, *words, expect=None, **more):
        status, err = self.wait(self.start(*words, **more))
        if expect is not None and status != expect:
            raise AssertionError("status %d, not %d:\n%s" % (status, expect, err))
        return err

    def run_killed(self, after, *words, **more):
        """True if it was killed before it ended."""
        process = self.start(*words, **more)
        time.sleep(after)
        process.kill()
        check_sanitizers(process.communicate()[1].decode(errors="replace"))
        return process.returncode == -signal.SIGKILL

    def arrived(self, *words):
        """Records so far, by what the destination shows."""
        if not words:
            return self.recv.stats()["records"]
        path = self.path("out.ndjson")
        return os.path.getsize(path) // 45 if os.path.exists(path) else 0

    def run_killed_at(self, count, *words, **more):
        """The same, as soon as so many records arrived."""
        process = self.start(*words, **more)
        while process.poll() is None and self.arrived(*words) < count:
            time.sleep(0.001)
        process.kill()
        check_sanitizers(process.communicate()[1].decode(errors="replace"))
        return process.returncode == -signal.SIGKILL

    # ---- what must hold

    def check_web(self):
        """Every record is there; a repeated request has a key that was seen, with the same body."""
        stats, bodies, repeated = self.recv.stats(), {}, 0
        assert stats["duplicates_other_body"] == 0 and stats["without_key"] == 0, stats
        for request in self.recv.requests():
            repeated += request["key"] in bodies
            assert request["key"] and bodies.setdefault(request["key"], request["sha256"]) == request["sha256"], request
        assert repeated == stats["duplicates_same_body"], (repeated, stats)
        self.compare(self.recv.records())
        return stats

    def check_disk(self):
        with open(self.path("out.ndjson")) as file:
            self.compare([json.loads(line) for line in file])

    def compare(self, records):
        """Each record that must be there is, as it must be, and once."""
        ids = collections.Counter(one["id"] for one in records)
        twice = [i for i, n in ids.items() if n > 1 and i not in self.repeats]
        assert not twice, "%d records came twice: %r" % (len(twice), sorted(twice)[:9])
        missing, more = self.expected - set(ids), set(ids) - self.expected - self.maybe
        assert not missing and not more, "missing %d: %r, not expected %d: %r" % (
            len(missing), sorted(missing)[:9], len(more), sorted(more)[:9])
        other = [one for one in records if one["id"] in self.made and self.without_nulls(one) != self.record(one["id"])]
        assert not other, "%d records are not what they were: %r" % (len(other), other[:3])

    def record(self, i):
        return dict(record(i), **({self.extra[i]: "x%d" % i} if i in self.extra else {}))

    @staticmethod
    def without_nulls(one):
        """Columns of other files are null, and no column of ours ever is."""
        return {name: value for name, value in one.items() if value is not None}

    def rejects(self):
        with open(self.path("ledger", "j.rejects.ndjson")) as file:
            return [json.loads(line) for line in file]

    def check_rejects(self, deliveries=1):
        ids = [reject["id"] for reject in self.rejects()]
        least, most = self.broken * deliveries, (self.broken + self.maybe_broken) * deliveries
        assert len(ids) == len(set(ids)) and least <= len(ids) <= most, "%d rejects, %d different, not %d to %d" % (
            len(ids), len(set(ids)), least, most)


class WorldTest(unittest.TestCase):
    def world(self, *options, **more):
        world = World(*options, **more)
        self.addCleanup(world.close)
        return world


def fill(world, rows=50000, tiny=300):
    """A few large files, one of them gzipped, many tiny ones, broken records in some."""
    for i in range(3):
        world.put("big-%d.csv%s" % (i, ".gz" if i == 1 else ""), i * rows, rows, broken=(i * rows + 7, i * rows + rows // 2))
    for i in range(tiny):
        world.put("tiny/%03d.csv" % i, 10_000_000 + i * 10, 10, broken=(10_000_003 + i * 10,) if i % 50 == 0 else ())


def seeded():
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 30))
    print("seed %d (SEED=%d repeats it)" % (seed, seed), flush=True)
    return random.Random(seed)
