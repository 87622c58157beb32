"""Full refresh: each stream is a generation of its own."""
import glob
import os
import random
import time
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
        runs = {d["stream"]: d["run"] for d in place.json("status")["deliveries"]}
        self.assertEqual((runs["a"]["outcome"], runs["a"]["message"]), ("done", ""))
        self.assertEqual(runs["b"]["outcome"], "failed")
        self.assertIn("the old records stay: 1 parts failed", runs["b"]["message"])
        self.assertEqual(runs["*"]["outcome"], "failed")
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

    def test_one_file_takes_the_job_again_once_it_has_one_stream(self):
        for options in ("", "allow_empty = true;"):
            for first, kept in (([], "a"), ([], "b"), (["a"], "a"), (["b"], "b")):
                with self.subTest(options=options, in_force=first, kept=kept):
                    place, ids = self.place(JOB % options), {"a": [1], "b": [2]}
                    for name in first:
                        place.put_ids(name + "/1.csv", ids[name])
                        place.run("--sink", "one")
                    for name in ids:
                        place.put_ids(name + "/1.csv", ids[name])
                    self.assertIn("{stream}", place.run("--sink", "one", expect=2))
                    place.remove("b/1.csv" if kept == "a" else "a/1.csv")
                    place.put_ids(kept + "/2.csv", [7])
                    for _ in range(2):
                        self.assertNotIn("old records stay", place.run("--sink", "one"))
                        self.assertEqual(sorted(r["id"] for r in place.lines("one.ndjson")), sorted(ids[kept] + [7]))

    def test_one_file_keeps_what_another_stream_left_there(self):
        place = self.place(JOB % "")
        place.put_ids("a/1.csv", [1])
        place.run("--sink", "one")
        place.put_ids("b/1.csv", [2])
        place.remove("a/1.csv")
        self.assertIn("holds records of another job or stream", place.run("--sink", "one", expect=2))
        self.assertEqual(place.lines("one.ndjson"), [{"id": 1}])
        os.remove(place.path("one.ndjson.sluice-journal")) # as it says
        place.run("--sink", "one")
        self.assertEqual(place.lines("one.ndjson"), [{"id": 2}])

    def test_one_file_of_a_stream_that_went_when_the_run_was_killed(self):
        place = self.place(JOB % "")
        place.put_ids("a/1.csv", range(1000000))
        process, until = place.start("run", "--sink", "one"), time.monotonic() + 60
        while not any(os.path.getsize(name) for name in glob.glob(place.path("one.ndjson.sluice-generation-*")) if name[-1].isdigit()):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.005)
        process.kill()
        process.communicate()
        self.assertEqual(place.lines("one.ndjson"), [])
        place.remove("a/1.csv")
        place.put_ids("b/1.csv", [2])
        process = place.start("run", "--sink", "one") # what is left of the other one may be in the way, once
        process.communicate()
        self.assertIn(process.returncode, (0, 2))
        place.run("--sink", "one")
        self.assertEqual(place.lines("one.ndjson"), [{"id": 2}])

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
