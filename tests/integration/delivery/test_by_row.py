"""Sync by row: inserts, updates and what stayed, also when runs are killed and files change between them. The receiver keeps a
table; at the end it is what a model of the rule says: of each key the record of the file that is last in byte order, of those that
have it when they are read. What no file has any more stays as it was, until one that has it is read."""
import json
import os
import random
import subprocess
import unittest
import urllib.request

from kit import ACCESS, SECRET, SLUICE, World

KEYS = 400


class Table(World):
    def __init__(self):
        self.model, self.contents, self.changed = {}, {}, set()
        super().__init__(recv_options=("--key", "id"))

    sync = 'key = ["id"];'

    def configure(self, job="", source="", name="job.conf"):
        with open(self.path(name), "w") as file:
            file.write('''ledger = "%s";
jobs = { j = { source = { type = "s3"; path = "s3://b/data/"; endpoint = "http://127.0.0.1:%d"; };
  sync = { %s };
  sink = { type = "http"; url = "http://127.0.0.1:%d/v1"; key = ["id"]; batch_rows = 50; retry_for = "20s"; };
  batch_rows = 100; checkpoint_every = "20ms"; checkpoint_bytes = 2000; %s }; };
''' % (self.path("ledger"), self.s3d.port, self.sync, self.recv.port, job))

    def write_rows(self, name, rows):
        """rows: key -> value, in this order."""
        self.contents[name] = dict(rows)
        self.changed.add(name)
        self.s3d.write("b/data/" + name, ("id,v\n" + "".join("%d,%s\n" % row for row in rows.items())).encode())

    def remove(self, name):
        del self.contents[name]
        self.changed.discard(name)
        os.remove(os.path.join(self.s3d.root, "b/data", name))

    def rename(self, name, to):
        rows = self.contents[name]
        self.remove(name)
        self.write_rows(to, rows)

    def read_all(self):
        """The model reads what changed."""
        for name in sorted(self.changed):
            for key, value in self.contents[name].items():
                holder = self.model.get(key, ("", None))[0]
                if holder <= name or key not in self.contents.get(holder, {}):
                    self.model[key] = (name, value)
        self.changed.clear()

    def table(self):
        with urllib.request.urlopen("http://127.0.0.1:%d/_recv/table" % self.recv.port, timeout=10) as answer:
            return {record["id"]: record["v"] for record in map(json.loads, answer.read().splitlines())}

    def check(self):
        self.read_all()
        found, wanted = self.table(), {key: value for key, (_, value) in self.model.items()}
        assert found == wanted, "differ: %r" % list(set(found.items()) ^ set(wanted.items()))[:10]


class ByRow(unittest.TestCase):
    def world(self):
        world = Table()
        self.addCleanup(world.close)
        return world

    def test_inserts_updates_and_what_stayed(self):
        world = self.world()
        world.write_rows("a.csv", {1: "a", 2: "b", 3: "c"})
        self.assertIn("3 new, 0 changed, 0 as they were", world.run(expect=0))
        world.write_rows("b.csv", {2: "b", 3: "C", 4: "d"})
        self.assertIn("1 new, 1 changed, 1 as they were", world.run(expect=0))
        world.check()
        stats = world.recv.stats()
        self.assertEqual((stats["inserts"], stats["updates"], stats["updates_missing"], stats["inserts_there"]), (4, 1, 0, 0))
        requests = len(world.recv.requests())
        world.write_rows("c.csv", {1: "a", 2: "b", 3: "C", 4: "d"})  # a whole file without news
        self.assertIn("0 new, 0 changed, 4 as they were", world.run(expect=0))
        self.assertEqual(len(world.recv.requests()), requests)

    def test_a_file_that_comes_late_does_not_undo_a_later_one(self):
        world = self.world()
        world.write_rows("2026-02.csv", {1: "new"})
        world.run(expect=0)
        world.write_rows("2026-01.csv", {1: "old", 2: "only here"})
        self.assertIn("1 of which a later file has the key", world.run(expect=0))
        world.check()
        world.write_rows("2026-02.csv", {1: "newest"})
        world.run(expect=0)
        world.check()

    def test_a_later_file_counts_while_it_has_the_key(self):
        """Renamed, gone, or without the key in its new version: it has no say any more."""
        world = self.world()
        world.write_rows("z.csv", {1: "a", 2: "b"})
        world.run(expect=0)
        world.rename("z.csv", "a.csv")
        self.assertIn("0 new, 0 changed, 2 as they were, 0 of which", world.run(expect=0))
        world.write_rows("a.csv", {1: "B", 2: "b"})
        self.assertIn("0 new, 1 changed, 1 as they were", world.run(expect=0))
        world.check()
        world.write_rows("z.csv", {1: "z", 3: "z"})
        world.run(expect=0)
        world.check()
        world.remove("z.csv")
        world.write_rows("a.csv", {1: "from a", 2: "b"})
        self.assertIn("0 new, 1 changed, 1 as they were", world.run(expect=0))
        world.check()
        world.write_rows("z.csv", {1: "back", 3: "z"})
        world.run(expect=0)
        world.check()
        world.write_rows("z.csv", {3: "z"})
        world.write_rows("a.csv", {1: "again from a", 2: "b"})
        self.assertIn("0 new, 1 changed, 2 as they were, 0 of which", world.run(expect=0))
        world.check()

    def test_files_that_changed_together(self):
        """Which of them still has the key is known before any is sent: nothing older is put in the place of a newer record."""
        world = self.world()
        rows = {key: "v" * 300 for key in range(300)}  # too large to be read together
        for size in ({1: "x"}, rows):
            for name in ("a.csv", "m.csv", "z.csv"):
                world.write_rows(name, {**size, 1: name})
            world.run(expect=0)
            updates = world.recv.stats()["updates"]
            for own, name in enumerate(("a.csv", "m.csv", "z.csv")):
                world.write_rows(name, {**size, 1: name, 1000 + 10 * len(size) + own: "new"})
            self.assertIn("3 new, 0 changed, %d as they were, %d of which" % (len(size), 2 * len(size)), world.run(expect=0))
            self.assertEqual(world.recv.stats()["updates"], updates)
            world.check()

    def test_a_file_that_comes_back(self):
        """The same version again: meanwhile another file had its say."""
        world = self.world()
        world.write_rows("a.csv", {1: "a"})
        world.write_rows("z.csv", {1: "z"})
        world.run(expect=0)
        world.check()
        path = os.path.join(world.s3d.root, "b/data/z.csv")
        os.rename(path, world.path("aside"))
        rows = world.contents.pop("z.csv")
        world.write_rows("a.csv", {1: "A"})
        world.run(expect=0)
        world.check()
        os.rename(world.path("aside"), path)
        world.contents["z.csv"] = rows
        world.changed.add("z.csv")
        self.assertIn("0 new, 1 changed", world.run(expect=0))
        world.check()

    def test_another_key_or_none_in_between(self):
        """What was sent meanwhile was not noted by these keys, so nothing that was is true any more; without a change all is."""
        world = self.world()
        for between in ("", 'key = ["v"];'):
            world.write_rows("a.csv", {1: "A", 2: "X"})
            world.run(expect=0)
            world.sync = between
            world.configure()
            world.write_rows("a.csv", {1: "BB", 2: "X"})
            self.assertRegex(world.run(expect=0), r"sync\.key: records were known by \[\"id\"\] and are (by|known by nothing)")
            self.assertEqual(world.table()[1], "BB")
            world.sync = 'key = ["id"];'
            world.configure()
            world.write_rows("a.csv", {1: "A", 2: "X", 3: "Z"})
            self.assertIn("by row: 3 new, 0 changed, 0 as they were", world.run(expect=0))
            self.assertEqual(world.table(), {1: "A", 2: "X", 3: "Z"})
            world.write_rows("a.csv", {1: "A", 3: "Z"})
            told = world.run(expect=0)
            self.assertIn("0 new, 0 changed, 2 as they were", told)
            self.assertNotIn("sync.key", told)

    def test_what_is_refused_is_sent_again(self):
        """A fingerprint is only kept of what was accepted."""
        world = self.world()
        world.write_rows("a.csv", {1: "good", 2: "bad", 3: "good"})
        world.recv.faults('* bad-record status=422 text="bad"\n')
        world.run(expect=3)
        self.assertEqual(world.table(), {1: "good", 3: "good"})
        world.recv.faults("")
        world.write_rows("b.csv", {1: "good", 2: "bad", 3: "good"})
        self.assertIn("1 new, 0 changed, 2 as they were", world.run(expect=0))
        world.check()

    def test_keys_without_value_and_twice(self):
        world = self.world()
        world.s3d.write("b/data/a.csv", b"id,v\n1,a\n,b\n1,c\n2,d\n")
        world.run(expect=3)
        self.assertEqual(world.table(), {1: "a", 2: "d"})
        with open(world.path("ledger", "j.rejects.ndjson")) as file:
            rejects = [json.loads(line) for line in file]
        self.assertEqual([(r["stage"], r["row"]) for r in rejects], [("key", 1), ("key", 2)])
        world.s3d.write("b/data/a.csv", b"id,v\n2,d\n1,a\n3,e\n")  # the same file, its rows in another order: no key twice
        self.assertIn("1 new, 0 changed, 2 as they were", world.run(expect=0))
        self.assertEqual(world.table(), {1: "a", 2: "d", 3: "e"})

    def test_no_such_column(self):
        world = self.world()
        world.s3d.write("b/data/a.csv", b"ID,v\n1,a\n")
        self.assertRegex(world.run(expect=2), r"key: .*\bid\b")

    def test_histories(self):
        """Files added, changed and late; runs killed at any moment."""
        seed = int(os.environ.get("SEED", random.randrange(10**9)))
        rng = random.Random(seed)
        for number in range(4):
            with self.subTest(seed=seed, history=number):
                self.play(rng)

    def play(self, rng):
        world, killed = self.world(), 0
        for step in range(5):
            for _ in range(rng.randrange(1, 4)):
                name = "%02d.csv" % rng.randrange(30)
                keys = list(world.contents.get(name, {}))
                keys = rng.sample(keys, rng.randrange(len(keys) + 1)) + rng.sample(range(KEYS), rng.randrange(1, 250))
                keys = list(dict.fromkeys(keys))
                rng.shuffle(keys)
                world.write_rows(name, {key: "v%d" % rng.randrange(3) for key in keys})
            for name in rng.sample(sorted(world.contents), len(world.contents) // 4):
                if rng.randrange(2):
                    world.remove(name)
                else:
                    world.rename(name, "%02d.csv" % rng.randrange(30))
            for _ in range(rng.randrange(3)):
                killed += world.run_killed(rng.uniform(0.05, 0.6))
            world.run(expect=0)
            world.check()
        return killed


class Cursor(unittest.TestCase):
    def world(self, column="at"):
        world = Table()
        world.sync = 'key = ["id"]; cursor = "%s";' % column
        world.configure()
        self.addCleanup(world.close)
        return world

    def write(self, world, name, *rows, header="id,v,at"):
        """rows: (id, v, at); at None: null."""
        text = header + "\n" + "".join("%s,%s,%s\n" % (i, v, "" if at is None else at) for i, v, at in rows)
        world.s3d.write("b/data/" + name, text.encode())

    def test_equal_values_and_nulls_are_looked_at_lower_ones_not(self):
        world = self.world()
        self.write(world, "a.csv", (1, "a", 10), (2, "b", 20), (3, "c", None))
        self.assertIn("3 new, 0 changed, 0 as they were, 0 of which a later file has the key, 0 before the cursor", world.run(expect=0))
        self.write(world, "b.csv", (1, "A", 19), (2, "B", 20), (3, "C", None), (4, "d", 20), (5, "e", 9), (6, "f", -1), (7, "g", 100))
        self.assertIn("2 new, 2 changed, 0 as they were, 0 of which a later file has the key, 3 before the cursor", world.run(expect=0))
        self.assertEqual(world.table(), {1: "a", 2: "B", 3: "C", 4: "d", 7: "g"})
        self.write(world, "0-late.csv", (8, "late", 99), (9, "in time", 100))  # a late file is read, of its records those that are not older
        self.assertIn("1 new, 0 changed, 0 as they were, 0 of which a later file has the key, 1 before the cursor", world.run(expect=0))
        self.assertNotIn(8, world.table())

    def test_what_is_before_the_cursor_is_still_there(self):
        """It is passed over, but an earlier file has no say about it for that."""
        world = self.world()
        self.write(world, "z.csv", (1, "a", 10), (2, "b", 20))
        world.run(expect=0)
        self.write(world, "z.csv", (1, "a", 10), (2, "b", 20), (3, "c", 20))
        self.assertIn("1 new, 0 changed, 1 as they were, 0 of which a later file has the key, 1 before the cursor", world.run(expect=0))
        self.write(world, "a.csv", (1, "A", 30), (2, "B", 30))
        self.assertIn("0 new, 0 changed, 0 as they were, 2 of which a later file has the key", world.run(expect=0))
        self.write(world, "z.csv", (1, "a", 10), (1, "again", 40), (3, "c", 20))
        self.assertIn("0 new, 1 changed", world.run(expect=0))
        self.assertEqual(world.table(), {1: "again", 2: "b", 3: "c"})

    def reset(self, world, *words):
        subprocess.run([SLUICE, "reset", "-c", world.path("job.conf"), "--job", "j", "--yes", *words], check=True, capture_output=True,
                       timeout=60, env=dict(os.environ, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET))

    def test_not_past_a_file_that_could_not_be_found(self):
        """It was listed, so it may be there again: what the run read beside it moves nothing."""
        world = self.world()
        self.write(world, "b.csv", (9, "i", 9))
        world.run(expect=0)
        self.write(world, "a.csv", (1, "a", 10), (2, "b", 11))
        self.write(world, "c.csv", (3, "c", 20))
        world.s3d.faults("GET:*a.csv gone times=1\n")
        self.assertIn("(0 failed, 1 gone,", world.run(expect=0))
        world.s3d.faults("")
        self.assertIn("2 new, 0 changed, 0 as they were, 0 of which a later file has the key, 0 before", world.run(expect=0))
        self.assertEqual(set(world.table()), {1, 2, 3, 9})
        self.write(world, "d.csv", (4, "d", 10), (5, "e", 11), (6, "f", 20))  # of that run, which was whole, 11 is the highest
        self.assertIn("2 new, 0 changed, 0 as they were, 0 of which a later file has the key, 1 before", world.run(expect=0))

    def test_a_reset_takes_the_cursor_back(self):
        """Of one file, too: else what it passed over could never be had."""
        world = self.world()
        for words in (("--all",), ("--part", "*/a.csv")):
            world.configure('where = "id != 1";')
            self.write(world, "a.csv", (1, words[0], 10), (2, "b", 20))
            world.run(expect=0)
            world.configure()
            self.reset(world, *words)
            self.assertIn("1 as they were, 0 of which a later file has the key, 0 before the cursor", world.run(expect=0))
            self.assertEqual(world.table(), {1: words[0], 2: "b"})

    def test_types(self):
        """As numbers, not as texts; times; texts; what is not a number counts for nothing."""
        cases = (("9", "10", "9.5"), ("9.25", "10.5", "9.5"), ("2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", "2026-01-31T00:00:00Z"),
                 ("2026-01-31", "2026-02-01", "2025-12-31"), ("a", "b", "ab"), ("-10", "-2", "-9"))
        for low, high, between in cases:
            with self.subTest(values=(low, high, between)):
                world = self.world()
                self.write(world, "a.csv", (1, "a", low), (2, "b", high))
                world.run(expect=0)
                if "." in between and "." not in low:
                    between = "9"
                self.write(world, "b.csv", (3, "c", low), (4, "d", high), (5, "e", between))
                self.assertIn("1 new", world.run(expect=0))
                self.assertEqual(set(world.table()), {1, 2, 4})

    def test_not_of_a_run_that_left_something_behind(self):
        """Killed, with failed files, with rejects: none of them moves the cursor."""
        world = self.world()
        self.write(world, "a.csv", (1, "a", 10))
        world.run(expect=0)
        self.write(world, "b.csv", (2, "b", 50), (3, "bad", 40))
        world.recv.faults('* bad-record status=422 text="bad"\n')
        world.run(expect=3)
        world.recv.faults("")
        self.write(world, "c.csv", (3, "bad", 40), (4, "d", 30))
        self.assertIn("2 new, 0 changed, 0 as they were, 0 of which a later file has the key, 0 before the cursor", world.run(expect=0))
        self.write(world, "d.csv", (5, "e", 90))
        world.s3d.write("b/data/e.csv", b"\x1f\x8b\x08 says it is gzip, and is not: the file fails")
        world.run(expect=4)
        self.write(world, "e.csv", (6, "f", 60))
        self.write(world, "f.csv", (7, "g", 39))
        self.assertIn("1 new, 0 changed, 0 as they were, 0 of which a later file has the key, 1 before the cursor", world.run(expect=0))
        self.assertEqual(set(world.table()), {1, 2, 3, 4, 5, 6})

    def test_not_over_what_was_rejected(self):
        """Another file moved the cursor since: in the file's next version the record is looked at all the same."""
        world = self.world()
        self.write(world, "b.csv", (2, "b", 1), (3, "bad", 2))
        world.recv.faults('* bad-record status=422 text="bad"\n')
        world.run(expect=3)
        self.write(world, "c.csv", (4, "d", 10))
        world.run(expect=0)
        self.write(world, "b.csv", (2, "b", 1), (3, "bad", 2), (5, "e", 20))
        self.assertIn("2 new, 0 changed, 1 as they were", world.run(expect=3))  # one of them is rejected again
        world.recv.faults("")
        self.write(world, "b.csv", (2, "b", 1), (3, "bad", 2), (5, "e", 20), (6, "f", 1))
        self.assertIn("2 new, 0 changed, 2 as they were, 0 of which a later file has the key, 0 before", world.run(expect=0))
        self.assertEqual(set(world.table()), {2, 3, 4, 5, 6})
        self.write(world, "b.csv", (2, "b", 1), (3, "bad", 2), (5, "e", 20), (7, "g", 1))  # nothing is rejected any more
        self.assertIn("0 new, 0 changed, 1 as they were, 0 of which a later file has the key, 3 before", world.run(expect=0))

    def test_killed_runs(self):
        """What a killed run had sent does not let the next one pass over what it had not."""
        world = self.world()
        rows = [(i, "v%d" % i, 1000 - i) for i in range(1000)]  # falling: after the first, each is lower than what was sent
        self.write(world, "a.csv", *rows)
        for _ in range(6):
            world.run_killed(random.uniform(0.05, 0.4))
        world.run(expect=0)
        self.assertEqual(world.table(), {i: v for i, v, _ in rows})
        self.write(world, "b.csv", (2000, "old", 999), (2001, "new", 1000))
        self.assertIn("1 before the cursor", world.run(expect=0))
        self.assertNotIn(2000, world.table())
        self.assertIn(2001, world.table())

    def test_retry_looks_at_older_records(self):
        world = self.world()
        self.write(world, "a.csv", (1, "a", 10), (2, "bad", 5))
        world.recv.faults('* bad-record status=422 text="bad"\n')
        world.run(expect=3)
        world.recv.faults("")
        self.write(world, "b.csv", (3, "c", 50))
        world.run(expect=0)  # without rejects: the cursor is 50
        subprocess.run([SLUICE, "retry", "-c", world.path("job.conf"), "--job", "j"], check=True, capture_output=True, timeout=60,
                       env=dict(os.environ, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET))
        self.assertEqual(world.table(), {1: "a", 2: "bad", 3: "c"})

    def test_another_cursor_begins_anew(self):
        world = self.world()
        self.write(world, "a.csv", (1, "a", 10))
        world.run(expect=0)
        world.sync = 'key = ["id"]; cursor = "v";'
        world.configure()
        self.write(world, "b.csv", (2, "0", 1))
        self.assertRegex(world.run(expect=0), r"the cursor is another one(.|\n)*1 new")
        world.sync = 'key = ["id"]; cursor = "at";'
        world.configure()
        self.write(world, "c.csv", (3, "x", 2))
        self.assertIn("1 new", world.run(expect=0))

    def test_no_such_column(self):
        world = self.world(column="att")
        self.write(world, "a.csv", (1, "a", 10))
        self.assertRegex(world.run(expect=2), r"cursor: .*'att'; did you mean 'at'")
        world = self.world(column="flag")
        self.write(world, "a.csv", (1, "a", "true"), header="id,v,flag")
        self.assertRegex(world.run(expect=2), r"'flag' is of type bool")


if __name__ == "__main__":
    unittest.main()
