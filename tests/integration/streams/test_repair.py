"""Rejects, retry, reset and a changed job, by stream."""
import os
import unittest

from kit import PlaceTest

AMOUNT = 'stream = "{stem}"; mapping = ( { from = "id"; to = "id"; type = "%s"; } ); %s'


class Repair(PlaceTest):
    def place_with_rejects(self, more=""):
        place = self.place(AMOUNT % ("int64", more))
        place.put("a.csv", "id\n1\nx\n2\n")
        place.put("b.csv", "id\n3\ny\n")
        place.put("c.csv", "id\n4\n")
        return place

    def rejects(self, place):
        with open(place.path("ledger", "j.rejects.ndjson")) as file:
            return len(file.readlines())

    def test_rejects_and_retry(self):
        place = self.place_with_rejects()
        place.run(expect=3)
        self.assertEqual(self.rejects(place), 2)
        deliveries = {line["delivery"] for line in place.lines("ledger", "j.rejects.ndjson")}
        self.assertEqual(deliveries, {"j/files/a", "j/files/b"})
        self.assertIn("a.csv", place.call("rejects")[0])
        place.configure(AMOUNT % ("string", ""))
        place.call("retry", "--job", "j")
        self.assertEqual({name: sorted(str(row["id"]) for row in rows) for name, rows in place.stored().items()},
                         {"a": ["1", "2", "x"], "b": ["3", "y"], "c": ["4"]})
        self.assertEqual(self.rejects(place), 0)
        self.assertIn("files: 0 ", place.run())

    def test_reset_part(self):
        place = self.place_with_rejects()
        place.run(expect=3)
        place.call("reset", "--yes", "--job", "j", "--part", "*/a.csv")
        self.assertEqual(self.rejects(place), 1)
        self.assertIn("files: 1 ", place.run(expect=3))
        self.assertEqual(place.ids(), {"a": [1, 1, 2, 2], "b": [3], "c": [4]})
        self.assertEqual(self.rejects(place), 2)
        place.call("reset", "--yes", "--job", "j", "--all")
        self.assertIn("files: 3 ", place.run(expect=3))

    def test_max_rejects_is_of_the_job(self):
        place = self.place_with_rejects('errors = { max_rejects = 1; };')
        self.assertIn("more than max_rejects", place.run(expect=4))
        place = self.place_with_rejects('errors = { max_rejects = 2; };')
        place.run(expect=3)

    def test_adopt_and_reset(self):
        for choice, expected in (("--adopt", {"a": [1]}), ("--reset", {"a": [1, 1], "b": [2, 2]})):
            with self.subTest(choice):
                place = self.place()
                place.put_ids("a.csv", [1])
                place.put_ids("b.csv", [2])
                place.run()
                os.rename(place.path("in"), place.path("in2"))
                os.mkdir(place.path("in"))
                os.rename(place.path("in2", "a.csv"), place.path("in", "a.csv"))
                os.rename(place.path("in2", "b.csv"), place.path("in", "b.csv"))
                place.configure(source='{ type = "file"; path = "%s/"; }' % place.path("in"))
                report = place.run(expect=2)
                self.assertIn("--adopt", report)
                self.assertEqual(place.ids(), {"a": [1], "b": [2]})
                place.run(choice)
                self.assertEqual(place.ids()["a"], expected["a"])
                place.put_ids("c.csv", [3])
                place.run()
                self.assertEqual(place.ids()["c"], [3])

    def test_killed_again_and_again(self):
        """Each record of each stream is in its file once."""
        place = self.place('stream = "{folder}"; batch_rows = 500;')
        wanted = {}
        for stream in range(12):
            for file in range(3):
                ids = range(stream * 10**6 + file * 10**4, stream * 10**6 + file * 10**4 + 3000)
                place.put_ids("s%d/%d.csv" % (stream, file), ids)
                wanted.setdefault("s%d" % stream, []).extend(ids)
        killed = sum(place.run_killed(0.03 + 0.02 * i) for i in range(10))
        self.assertGreater(killed, 0)  # on a fast machine the second finds little left
        place.run()
        self.assertEqual(place.ids(), wanted)


if __name__ == "__main__":
    unittest.main()
