#!/usr/bin/python3
"""Random histories: files come, change and go, servers fail, the run is killed with kill -9; at the end of each, all that must
be there is there: by file, by row, and by full refresh, in turn. Prints the seed.

usage: soak.py [--seconds N] [--histories N] [--kind file|row|refresh] [--seed S] [--build FOLDER]
--histories N: so many in which a run was killed, in at most --seconds. --seed S alone: one of each kind."""
import argparse
import os
import random
import signal
import sqlite3
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float, default=1800)
parser.add_argument("--histories", type=int)
parser.add_argument("--kind", choices=("file", "row", "refresh"))
parser.add_argument("--seed", type=int)
parser.add_argument("--build", default="build/release")
arguments = parser.parse_args()
for name in ("sluice", "s3d", "recv"):
    os.environ.setdefault(name.upper(), os.path.join(arguments.build, "bin", name))

from kit import World  # noqa: E402
from test_by_row import KEYS, Table  # noqa: E402
from test_refresh import Refreshed  # noqa: E402

S3_FAULTS = ["", "GET cut-random {n} every=4 times=20", "GET slowdown every=6 times=4", "LIST error-in-200 times=1",
             "GET internal-error every=7 times=5", "GET ignore-range every=3 times=4", "LIST cut 100 times=1"]
HTTP_FAULTS = ["", "* 503 every=6 times=4", "* cut-after-store every=5 times=4", "* cut every=4 times=4",
               "* 429 retry-after=1 times=1", "* 401 skip=20"]


BUNDLED = 64 << 10  # core/run/worker.c, SMALL_PART


class History:
    def __init__(self, seed):
        self.rng, self.next_id = random.Random(seed), 0
        self.world = World()
        self.kills = self.others = 0
        # A receiver that changes its limit between two runs sees halves under other keys, so it keeps it.
        self.limit = self.rng.choice(["", "* max-records n=90\n"])

    def new_ids(self, n):
        self.next_id += n
        return self.next_id - n

    def add_files(self):
        for _ in range(self.rng.randrange(1, 30)):
            name = "%02d/%04d.csv%s" % (self.rng.randrange(20), self.rng.randrange(10000), self.rng.choice(["", "", ".gz"]))
            if name not in self.world.files:
                self.write(name)

    def write(self, name):
        """New rows, under a name that is new or not."""
        rows = self.rng.choice([0, 1, 10, 10, 10, 300, 5000, 30000])
        first = self.new_ids(rows)
        broken = (first + self.rng.randrange(rows),) if rows and self.rng.random() < 0.3 else ()
        extra = "extra%d" % self.rng.randrange(6) if self.rng.random() < 0.15 else None
        self.world.put(name, first, rows, broken, extra=extra)

    def change_files(self):
        """Some are replaced, some go."""
        for name in self.some_files(3):
            self.may_repeat(name)
            self.write(name)
        for name in self.some_files(2):
            self.may_repeat(name)
            self.world.remove(name)

    def may_repeat(self, name):
        """A killed run may have sent some of a bundle of small files. If one of them is another now, or gone, the rows of the
        rest cannot be cut as they were: they come again, under new keys. Only they may."""
        path = self.world.path("ledger", "j.db")
        if not os.path.exists(path):
            return
        db = sqlite3.connect(path)
        try:
            rows = db.execute("SELECT name FROM unit_part WHERE unit IN (SELECT unit FROM unit_part WHERE name = CAST(? AS BLOB))",
                              ("s3://b/data/" + name,)).fetchall()
        except sqlite3.OperationalError:  # killed before it had any tables
            rows = []
        db.close()
        for other in {row[0].decode().removeprefix("s3://b/data/") for row in rows} - {name}:
            self.world.repeats.update(self.world.files[other][0] if other in self.world.files else ())

    def some_files(self, most):
        names = sorted(self.world.files)
        return self.rng.sample(names, min(len(names), self.rng.randrange(most + 1)))

    def settings(self):
        self.world.configure("workers = %d; checkpoint_bytes = %d;" % (self.rng.randrange(1, 4), self.rng.choice([1, 100000, 10000000])))

    def disturb(self):
        script = self.rng.choice(S3_FAULTS).format(n=self.rng.randrange(1000)) + "\n"
        for name in self.some_files(1):
            if os.path.getsize(os.path.join(self.world.s3d.root, "b/data", name)) <= BUNDLED:
                continue  # it could be in a bundle that was begun: see may_repeat
            self.world.comes_again(name)
            script = "GET:data/%s change times=1 skip=%d\n" % (name, self.rng.randrange(2)) + script
        self.world.s3d.faults(script)
        self.world.recv.faults(self.limit + self.rng.choice(HTTP_FAULTS) + "\n")

    def end_early(self, *words):
        """Most runs are killed; some are asked to stop, some lose their receiver for a moment."""
        after, way = self.rng.uniform(0.0, 0.5), self.rng.choice(["kill", "kill", "kill", "term", "receiver"])
        if way == "kill":
            self.kills += self.world.run_killed(after, *words)
            return
        process = self.world.start(*words)
        time.sleep(after)
        if way == "term":
            process.terminate()
        else:
            self.world.recv.kill()
            time.sleep(self.rng.uniform(0.0, 0.2))
            self.world.recv.start()
        status, err = self.world.wait(process)
        # Asked to stop before it listened, it is just ended.
        assert status in (0, 3, 4, 5, 130) or (way == "term" and status == -signal.SIGTERM), "status %d:\n%s" % (status, err)
        self.others += 1

    def play(self):
        for _ in range(self.rng.randrange(2, 7)):
            self.add_files()
            self.change_files()
            self.settings()
            self.disturb()
            for words in ((), ("--sink", "disk")):
                if self.rng.random() < 0.7:
                    self.end_early(*words)
        self.world.s3d.faults("")
        self.world.recv.faults(self.limit)
        for words in ((), ("--sink", "disk")):
            for _ in range(2):
                status, err = self.world.wait(self.world.start(*words))
            assert status in (0, 3), err
        self.check()

    def check(self):
        self.world.check_web()
        self.world.check_disk()
        self.world.check_rejects(deliveries=2)


class Short:
    """What histories by row and of full refreshes share: short runs, most of them killed, then one that nothing disturbs."""

    def __init__(self, seed, world):
        self.rng, self.world = random.Random(seed), world
        os.makedirs(os.path.join(world.s3d.root, "b/data"))  # a first run may come before the first file
        self.kills = self.others = 0
        self.took = 0.3  # how long a run takes that is let alone

    def disturb(self):
        script = self.rng.choice(S3_FAULTS).format(n=self.rng.randrange(1000)) + "\n"
        self.world.s3d.faults(script)
        self.world.recv.faults(self.rng.choice(HTTP_FAULTS) + "\n")

    def end_early(self, *words):
        if self.rng.random() < 0.85:
            self.kills += self.world.run_killed(self.rng.uniform(0, 1.1 * self.took), *words)
            return
        process = self.world.start(*words)
        time.sleep(self.rng.uniform(0, self.took))
        process.terminate()
        status, err = self.world.wait(process)
        assert status in (0, 3, 4, 5, 130, -15), "status %d:\n%s" % (status, err)  # -15: before it listens to signals
        self.others += 1

    def run_through(self, *words):
        self.world.s3d.faults("")
        self.world.recv.faults("")
        start = time.monotonic()
        self.world.run(*words, expect=0)
        self.took = max(0.05, time.monotonic() - start)


class ByRow(Short):
    """A key never leaves a file, and no value comes twice, so that the table is known however often the run was cut."""

    def __init__(self, seed):
        super().__init__(seed, Table())
        self.serial = 0

    def write(self):
        name = "%02d.csv" % self.rng.randrange(20)
        rows = dict(self.world.contents.get(name, {}))
        for key in list(rows) + self.rng.sample(range(KEYS), self.rng.randrange(1, 250)):
            if key not in rows or self.rng.random() < 0.3:
                self.serial += 1
                rows[key] = "v%d" % self.serial
        keys = list(rows)
        self.rng.shuffle(keys)
        self.world.write_rows(name, {key: rows[key] for key in keys})

    def play(self):
        for _ in range(self.rng.randrange(2, 5)):
            for _ in range(self.rng.randrange(1, 5)):
                for _ in range(self.rng.randrange(3)):
                    self.write()
                self.disturb()
                self.end_early()
            if self.world.contents:
                self.run_through()
                self.world.check()


class Refresh(Short):
    """At every moment the destination holds what some run saw, whole."""

    def __init__(self, seed):
        super().__init__(seed, Refreshed())
        self.sink, self.seen = self.rng.choice(["disk", "web"]), [[]]
        self.world.write_rows("00.csv", self.rng.sample(range(10**6), 20))  # always has records: they decide the types

    def change(self):
        for _ in range(self.rng.randrange(3)):
            size = self.rng.choice([0, 1, 50, 4000])
            self.world.write_rows("%02d.csv" % self.rng.randrange(1, 12), self.rng.sample(range(10**6), size))
        names = sorted(self.world.contents)[1:]
        if len(names) > 2 and self.rng.random() < 0.4:
            self.world.remove_file(self.rng.choice(names))

    def play(self):
        for _ in range(self.rng.randrange(2, 5)):
            for _ in range(self.rng.randrange(1, 5)):
                self.change()
                self.seen.append(self.world.wanted())
                self.disturb()
                self.end_early("--sink", self.sink)
                there = self.world.there(self.sink)
                assert there in self.seen, "%d records, which no run saw so" % len(there)
            self.run_through("--sink", self.sink)
            there = self.world.there(self.sink)
            assert there == self.world.wanted(), "%d records, not %d" % (len(there), len(self.world.wanted()))


KINDS = {"file": History, "row": ByRow, "refresh": Refresh}


def play_one(kind, seed):
    history = KINDS[kind](seed)
    try:
        history.play()
    except BaseException:
        print("history with --kind %s --seed %d failed; its files are in %s" % (kind, seed, history.world.folder), file=sys.stderr)
        history.world.top._finalizer.detach()
        history.world.recv.kill()
        history.world.s3d.process.kill()
        raise
    history.world.close()
    return history


def main():
    base = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 30)
    kinds = [arguments.kind] if arguments.kind else list(KINDS)
    once = arguments.seed is not None and arguments.histories is None
    end, n, kills, others, killed = time.monotonic() + arguments.seconds, 0, 0, 0, dict.fromkeys(kinds, 0)
    print("seed %d; --seed %d --kind KIND repeats the first history of a kind" % (base, base), flush=True)
    while time.monotonic() < end and sum(killed.values()) < (arguments.histories or 1 << 30) and not (once and n == len(kinds)):
        kind = kinds[n % len(kinds)]
        history = play_one(kind, base + n // len(kinds))
        n, kills, others = n + 1, kills + history.kills, others + history.others
        killed[kind] += history.kills > 0
    print("%d histories from seed %d (with kills: %s), %d runs killed, %d disturbed otherwise, nothing lost, nothing twice" % (
        n, base, ", ".join("%s %d" % item for item in killed.items()), kills, others))
    if sum(killed.values()) < (arguments.histories or 0):
        sys.exit("only %d histories with a kill in %d s, not %d" % (sum(killed.values()), arguments.seconds, arguments.histories))


main()
