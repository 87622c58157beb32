"""Full refresh: the destination holds the old records or the new ones, whole, at every moment, also when a run is killed."""
import json
import os
import random
import shutil
import signal
import time
import unittest
import urllib.request

from kit import World

JOB = '''ledger = "%s";
sinks = { disk = { type = "file"; path = "%s"; };
          web = { type = "http"; url = "http://127.0.0.1:%d/v1"; batch_rows = 50; retry_for = "20s";
                  begin_url = "http://127.0.0.1:%d/_recv/generation/begin"; commit_url = "http://127.0.0.1:%d/_recv/generation/commit";
                  abort_url = "http://127.0.0.1:%d/_recv/generation/abort";
                  current_url = "http://127.0.0.1:%d/_recv/generation/current?delivery={delivery}"; }; };
jobs = { j = { source = { type = "s3"; path = "s3://b/data/"; endpoint = "http://127.0.0.1:%d"; };
  sync = { mode = "full_refresh"; %s }; sink = "disk"; batch_rows = 100; checkpoint_every = "20ms"; checkpoint_bytes = 2000; }; };
'''


class Refreshed(World):
    def __init__(self):
        self.contents = {}
        super().__init__(recv_options=("--rows",))

    def configure(self, job="", source="", name="job.conf"):
        port = self.recv.port
        with open(self.path(name), "w") as file:
            file.write(JOB % (self.path("ledger"), self.path("out.ndjson"), port, port, port, port, port, self.s3d.port, job))

    def write_rows(self, name, ids):
        self.contents[name] = list(ids)
        self.s3d.write("b/data/" + name, ("id\n" + "".join("%d\n" % i for i in ids)).encode())

    def remove_file(self, name):
        del self.contents[name]
        os.remove(os.path.join(self.s3d.root, "b/data", name))

    def wanted(self):
        return sorted(i for ids in self.contents.values() for i in ids)

    def there(self, sink):
        if sink == "web":
            with urllib.request.urlopen("http://127.0.0.1:%d/_recv/table" % self.recv.port, timeout=10) as answer:
                lines = answer.read().splitlines()
        else:
            lines = []
            if os.path.exists(self.path("out.ndjson")):
                with open(self.path("out.ndjson"), "rb") as file:
                    lines = file.read().splitlines()
        return sorted(json.loads(line)["id"] for line in lines)


class Refresh(unittest.TestCase):
    def world(self):
        world = Refreshed()
        self.addCleanup(world.close)
        return world

    def test_what_is_gone_from_the_source_is_gone(self):
        for sink in ("disk", "web"):
            with self.subTest(sink):
                world = self.world()
                world.write_rows("a.csv", [1, 2])
                world.run("--sink", sink, expect=0)
                self.assertEqual(world.there(sink), [1, 2])
                world.write_rows("a.csv", [1])
                world.write_rows("b.csv", [3, 4])
                world.run("--sink", sink, expect=0)
                self.assertEqual(world.there(sink), [1, 3, 4])
                world.remove_file("a.csv")
                world.run("--sink", sink, expect=0)
                self.assertEqual(world.there(sink), [3, 4])
                world.run("--sink", sink, expect=0)
                self.assertEqual(world.there(sink), [3, 4])

    def test_a_failed_refresh_leaves_the_old_records(self):
        world = self.world()
        world.write_rows("a.csv", [1, 2])
        world.run(expect=0)
        world.write_rows("a.csv", [5])
        world.write_rows("b.csv", [6])
        world.s3d.faults("GET:data/b.csv error 403 AccessDenied\n")
        world.run(expect=4)
        self.assertEqual(world.there("disk"), [1, 2])
        world.s3d.faults("")
        world.run(expect=0)
        self.assertEqual(world.there("disk"), [5, 6])

    def test_nothing_replaces_something_only_by_choice(self):
        world = self.world()
        world.write_rows("a.csv", [1])
        world.run(expect=0)
        world.remove_file("a.csv")
        self.assertIn("allow_empty", world.run(expect=4))
        self.assertEqual(world.there("disk"), [1])
        world.configure("allow_empty = true;")
        world.run(expect=0)
        self.assertEqual(world.there("disk"), [])

    def test_too_many_rejects(self):
        world = self.world()
        world.write_rows("a.csv", [1])
        world.run(expect=0)
        with open(world.path("job.conf")) as file:
            good = file.read()
        with open(world.path("job.conf"), "w") as file:
            file.write(good.replace("batch_rows = 100;", "batch_rows = 100; errors = { max_rejects = 2; };"))
        world.s3d.write("b/data/b.csv", b"id\n2\n3,3\n4,4\n5,5\n")
        for _ in range(2):
            world.run(expect=4)
            self.assertEqual(world.there("disk"), [1])
        world.write_rows("b.csv", [2, 3])
        world.run(expect=0)
        self.assertEqual(world.there("disk"), [1, 2, 3])

    def reject_more_than(self, world, limit, more=""):
        world.configure()
        with open(world.path("job.conf")) as file:
            text = file.read()
        with open(world.path("job.conf"), "w") as file:
            file.write(text.replace("batch_rows = 100;", "batch_rows = 100; errors = { max_rejects = %s; }; %s" % (limit, more))
                       .replace('retry_for = "20s"', 'retry_for = "1s"'))

    def test_refused_while_the_sink_does_not_answer(self):
        """What was refused for its rejects is given up, also if the sink cannot be told at once."""
        for limit in ("2", '"10%"'):
            with self.subTest(limit=limit):
                world = self.world()
                self.reject_more_than(world, limit)
                world.write_rows("a.csv", [1, 2])
                world.run("--sink", "web", expect=0)
                world.s3d.write("b/data/b.csv", b"id\n" + b"".join(b"%d\n" % i for i in range(10, 20)) + b"3,3\n4,4\n5,5\n")
                world.recv.faults("/_recv/generation/abort 503\n")
                for _ in range(3):
                    world.run("--sink", "web", expect=4)
                    self.assertEqual(world.there("web"), [1, 2])
                world.recv.faults("")
                world.run("--sink", "web", expect=4)
                self.assertEqual(world.there("web"), [1, 2])
                world.write_rows("b.csv", [7])
                world.run("--sink", "web", expect=0)
                self.assertEqual(world.there("web"), [1, 2, 7])

    def test_the_ledger_is_lost(self):
        """Numbers begin behind the one that the destination holds."""
        for sink in ("disk", "web"):
            with self.subTest(sink=sink):
                world = self.world()
                for i in range(3):
                    world.write_rows("a.csv", [1, 2, i])
                    world.run("--sink", sink, expect=0)
                shutil.rmtree(world.path("ledger"))
                world.write_rows("a.csv", [7])
                self.assertIn("holds generation 3", world.run("--sink", sink, expect=0))
                self.assertEqual(world.there(sink), [7])
                world.write_rows("a.csv", [8])
                self.assertNotIn("holds generation", world.run("--sink", sink, expect=0))
                self.assertEqual(world.there(sink), [8])

    def test_rejects_of_runs_before_count(self):
        """A share is one of the whole generation, also of what a run that failed did for it."""
        world = self.world()
        self.reject_more_than(world, '"10%"', "workers = 1;")
        world.write_rows("a.csv", [1, 2])
        world.run("--sink", "web", expect=0)
        pad = b"," + b"x" * 120 + b"\n"  # large enough to be read alone, and too few records for a look in between
        world.s3d.write("b/data/b.csv", b"id,pad\n" + b"".join(b"%d" % i + (b",1" if i % 3 == 0 else b"") + pad for i in range(900)))
        world.s3d.write("b/data/c.csv", b"id,pad\n" + b"".join(b"%d" % i + pad for i in range(1000, 1600)))
        world.recv.faults("/v1 503 skip=16\n")
        self.assertNotIn("max_rejects", world.run("--sink", "web", expect=4))
        world.recv.faults("")
        self.assertIn("300 of 1", world.run("--sink", "web", expect=4))
        self.assertEqual(world.there("web"), [1, 2])

    def test_stopped_while_the_sink_is_asked(self):
        """SIGTERM ends a run also where it waits for begin or commit; the next one goes on."""
        for step in ("begin", "commit"):
            with self.subTest(step=step):
                world = self.world()
                world.write_rows("a.csv", [1, 2])
                world.recv.faults("/_recv/generation/%s hang times=1\n" % step)
                run = world.start("--sink", "web")
                time.sleep(2)
                self.assertIsNone(run.poll())
                run.send_signal(signal.SIGTERM)
                self.assertEqual(world.wait(run, timeout=30)[0], 130)
                world.recv.faults("")
                world.run("--sink", "web", expect=0)
                self.assertEqual(world.there("web"), [1, 2])

    def test_back_to_incremental(self):
        """A refresh that was cut off leaves nothing behind."""
        world = self.world()
        world.write_rows("a.csv", [1])
        world.run(expect=0)
        world.write_rows("b.csv", range(10, 20000))
        world.run_killed(0.3)
        with open(world.path("job.conf")) as file:
            text = file.read()
        with open(world.path("job.conf"), "w") as file:
            file.write(text.replace('"full_refresh"', '"incremental"'))
        world.run(expect=0)
        self.assertEqual(sorted(set(world.there("disk"))), world.wanted())

    def test_histories(self):
        seed = int(os.environ.get("SEED", random.randrange(10**9)))
        rng = random.Random(seed)
        for number in range(4):
            with self.subTest(seed=seed, history=number):
                self.play(rng, rng.choice(["disk", "web"]))

    def play(self, rng, sink):
        world, old = self.world(), []
        world.write_rows("always.csv", [1, 2, 3])  # types come from records: the first run needs some
        for step in range(4):
            for _ in range(rng.randrange(1, 4)):
                world.write_rows("%02d.csv" % rng.randrange(12), rng.sample(range(10**6), rng.choice([0, 1, 50, 4000])))
            if len(world.contents) > 3 and rng.random() < 0.5:
                world.remove_file(rng.choice([name for name in world.contents if name != "always.csv"]))
            for _ in range(rng.randrange(4)):
                world.run_killed(rng.uniform(0.02, 0.6), "--sink", sink)
                self.assertIn(world.there(sink), (old, world.wanted()))
            world.run("--sink", sink, expect=0 if world.wanted() or world.contents else 4)
            self.assertEqual(world.there(sink), world.wanted())
            old = world.wanted()


if __name__ == "__main__":
    unittest.main()
