"""Two folders that would give one stream, and names that are none: reported with their places, never put together."""
import unittest

from kit import PlaceTest


class Names(PlaceTest):
    def test_two_folders(self):
        for sink in ("files", "web"):
            with self.subTest(sink):
                place = self.place()
                place.put_ids("x/a.csv", [1])
                place.put_ids("y/a.csv", [2])
                place.put_ids("y/b.csv", [3])
                for _ in range(2): # the same the second time: the folder is known from the ledger
                    report = place.run("--sink", sink, expect=4)
                    self.assertIn("y/a.csv", report)
                    self.assertIn("in/x/", report)
                    self.assertIn('stream "a"', report)
                    self.assertEqual(place.ids(sink), {"a": [1], "b": [3]})
                run = [run for run in place.json("history")["runs"] if run["stream"] == "*"][0]
                self.assertEqual(run["outcome"], "failed")
                self.assertIn("y/a.csv", run["message"])
                self.assertIn("in/x/", run["message"])
                place.remove("y/a.csv")
                place.run("--sink", sink)

    def test_an_earlier_folder_comes_later(self):
        place = self.place()
        place.put_ids("m/a.csv", [1])
        place.run()
        place.put_ids("c/a.csv", [2])
        self.assertIn("c/a.csv", place.run(expect=4))
        self.assertEqual(place.ids(), {"a": [1]})
        place.remove("m/a.csv") # now there is but one folder
        place.run(expect=4)
        place.run()
        self.assertEqual(place.ids(), {"a": [1, 2]})

    def test_endings(self):
        """A.csv and A.csv.gz of one folder are one stream by {stem}: told of, by plan and run, whoever comes first."""
        place = self.place()
        place.put_ids("A.csv", [1])
        place.put_ids("B.csv", [2])
        self.assertNotIn("endings", place.run())
        place.put("A.json", '{"id":3}\n')
        streams = place.json("plan")["jobs"][0]["files"]["streams"]
        notes = {stream["name"]: stream["note"] for stream in streams}
        self.assertIsNone(notes["B"])
        for text in (notes["A"], place.run()):
            self.assertIn('A.json: it is of stream "A", as ', text)
            self.assertIn("A.csv is", text)
        self.assertEqual(place.ids(), {"A": [1, 3], "B": [2]})
        for job in ('stream = "{name}";', 'streams = ( { name = "{stem}"; across_folders = true; } );', 'stream = "all";'):
            place = self.place(job)
            place.put_ids("A.csv", [1])
            place.put("A.json", '{"id":3}\n')
            self.assertNotIn("endings", place.run())

    def test_path_and_across_folders(self):
        for job, expected in (('stream = "{path}-{stem}";', None),
                              ('streams = ( { name = "{stem}"; across_folders = true; } );', {"a": [1, 2]})):
            place = self.place(job)
            place.put_ids("x/a.csv", [1])
            place.put_ids("y/a.csv", [2])
            place.run()
            self.assertEqual(sorted(place.ids().values()) if expected is None else place.ids(), expected or [[1], [2]])

    def test_no_names(self):
        place = self.place()
        place.put_ids("good.csv", [1])
        place.put_ids("*.csv", [2])
        place.put_ids("bad\x01.csv", [3])
        place.put_ids("n" * 130 + ".csv", [4])
        report = place.run(expect=4)
        self.assertIn("3 failed", report)
        self.assertIn("127 bytes", report)
        self.assertIn("control character", report)
        self.assertEqual(place.ids(), {"good": [1]})

    def test_many_conflicts_are_told_shortly(self):
        place = self.place()
        for i in range(60):
            place.put_ids("x/%02d.csv" % i, [i])
            place.put_ids("y/%02d.csv" % i, [i])
        report = place.run(expect=4)
        self.assertIn("60 failed", report)
        self.assertLess(len(report.splitlines()), 40)
        self.assertEqual(len(place.ids()), 60)


if __name__ == "__main__":
    unittest.main()
