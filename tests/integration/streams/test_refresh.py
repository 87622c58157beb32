"""Full refresh: each stream is a generation of its own."""
import os
import random
import unittest

from kit import PlaceTest

JOB = 'stream = "{folder}"; sync = { mode = "full_refresh"; %s };'


class Refresh(PlaceTest):
    def test_each_is_replaced(self):
        for sink in ("files", "web"):
            with self.subTest(sink):
                place = self.place(JOB % "")
                place.put_ids("a/1.csv", [1, 2])
                place.put_ids("b/1.csv", [3])
                place.run("--sink", sink)
                place.put_ids("a/1.csv", [1])
                place.put_ids("c/1.csv", [4])
                place.run("--sink", sink)
                self.assertEqual(place.ids(sink), {"a": [1], "b": [3], "c": [4]})
                place.run("--sink", sink)
                self.assertEqual(place.ids(sink), {"a": [1], "b": [3], "c": [4]})

    def test_a_stream_that_vanishes(self):
        for sink in ("files", "web"):
            with self.subTest(sink):
                place = self.place(JOB % "")
                place.put_ids("a/1.csv", [1])
                place.put_ids("b/1.csv", [2])
                place.run("--sink", sink)
                place.remove("b/1.csv")
                self.assertIn("stream b has no files", place.run("--sink", sink))
                self.assertEqual(place.ids(sink), {"a": [1], "b": [2]})
                place.configure(JOB % "allow_empty = true;")
                place.run("--sink", sink)
                self.assertEqual(place.ids(sink), {"a": [1], "b": []})
                place.put_ids("b/1.csv", [5])
                place.run("--sink", sink)
                self.assertEqual(place.ids(sink), {"a": [1], "b": [5]})

    def test_a_stream_that_fails_keeps_its_old_records(self):
        place = self.place(JOB % "")
        place.put_ids("a/1.csv", [1])
        place.put_ids("b/1.csv", [2])
        place.run()
        place.put_ids("a/1.csv", [10])
        place.put_ids("b/1.csv", [20])
        with open(place.path("in", "b", "1.csv"), "wb") as file: # no gzip that could be undone
            file.write(b"\x1f\x8b\x08\x00not gzip at all")
        place.run(expect=4)
        self.assertEqual(place.ids(), {"a": [10], "b": [2]})
        place.put_ids("b/1.csv", [20])
        place.run()
        self.assertEqual(place.ids(), {"a": [10], "b": [20]})

    def test_one_file_for_all_is_refused(self):
        place = self.place(JOB % "")
        place.put_ids("a/1.csv", [1])
        place.put_ids("b/1.csv", [2])
        self.assertIn("{stream}", place.run("--sink", "one", expect=2))
        self.assertEqual(place.lines("one.ndjson") if os.path.exists(place.path("one.ndjson")) else [], [])
        alone = self.place(JOB % "")
        alone.put_ids("a/1.csv", [1])
        alone.run("--sink", "one")
        self.assertEqual(alone.lines("one.ndjson"), [{"id": 1}])

    def test_back_to_incremental(self):
        place = self.place(JOB % "")
        place.put_ids("a/1.csv", [1])
        place.run("--sink", "web")
        place.put_ids("b/1.csv", range(20000))
        place.run_killed(0.2, "--sink", "web")
        place.configure('stream = "{folder}";')
        place.run("--sink", "web")
        self.assertEqual(set(place.ids("web")["b"]), set(range(20000)))
        place.put_ids("c/1.csv", [7])
        place.run("--sink", "web")
        self.assertEqual(place.ids("web")["c"], [7])

    def test_killed(self):
        """Each stream is at each moment one of its generations, whole."""
        seed = int(os.environ.get("SEED", random.randrange(10**9)))
        rng = random.Random(seed)
        for number in range(3):
            sink = rng.choice(["files", "web"])
            with self.subTest(seed=seed, history=number, sink=sink):
                self.play(rng, sink)

    def play(self, rng, sink):
        place, old, files = self.place(JOB % ""), {}, {}
        for _ in range(4):
            for _ in range(rng.randrange(1, 5)):
                name = "%s/%d.csv" % (rng.choice("abcdef"), rng.randrange(3))
                files[name] = rng.sample(range(10**6), rng.choice([1, 50, 3000]))
                place.put_ids(name, files[name])
            wanted = dict(old)
            for stream in {name[0] for name in files}:
                wanted[stream] = sorted(i for name in files if name[0] == stream for i in files[name])
            for _ in range(rng.randrange(4)):
                place.run_killed(rng.uniform(0.02, 0.7), "--sink", sink)
                for stream, ids in place.ids(sink).items():
                    self.assertIn(ids, (old.get(stream, []), wanted[stream]), stream)
            place.run("--sink", sink)
            self.assertEqual(place.ids(sink), wanted)
            old = wanted


if __name__ == "__main__":
    unittest.main()
