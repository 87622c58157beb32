"""Each stream has its own schema, state and place."""
import os
import sys
import unittest

from kit import PlaceTest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support", "s3d", "tests"))
from s3client import ACCESS, SECRET, Server  # noqa: E402

SINKS = ("files", "web")


class State(PlaceTest):
    def test_schema_and_place(self):
        for sink in SINKS:
            with self.subTest(sink):
                place = self.place()
                place.put("orders.csv", "id,price\n1,2.5\n2,3\n")
                place.put("people.csv", "name,age,id\nAnn,30,x1\n")
                place.put("odd name é!.csv", "a\n1\n")
                place.run("--sink", sink)
                self.assertEqual(place.stored(sink), {"orders": [{"id": 1, "price": 2.5}, {"id": 2, "price": 3.0}],
                                                      "people": [{"name": "Ann", "age": 30, "id": "x1"}],
                                                      "odd name é!": [{"a": 1}]})

    def test_only_what_is_new(self):
        for sink in SINKS:
            with self.subTest(sink):
                place = self.place()
                place.put_ids("a.csv", [1, 2])
                place.put_ids("b.csv", [3])
                place.run("--sink", sink)
                self.assertIn("files: 0 ", place.run("--sink", sink))
                place.put_ids("a.csv", [1, 2, 9])
                place.put_ids("c.csv", [4])
                self.assertIn("files: 2 ", place.run("--sink", sink))
                self.assertEqual(place.ids(sink), {"a": [1, 1, 2, 2, 9], "b": [3], "c": [4]})
                self.assertIn("files: 0 ", place.run("--sink", sink))

    def test_rules(self):
        place = self.place('''streams = ( { match = "/([a-z]+)/[0-9]+\\\\.csv$"; name = "{1}"; across_folders = true; },
          { match = "\\\\.csv$"; name = "rest"; } );''')
        for i, name in enumerate(("x/1.csv", "x/2.csv", "y/1.csv", "y/x/3.csv", "other.csv", "deep/down/other.csv")):
            place.put_ids(name, [i])
        place.put("notes.txt", "no stream\n")
        self.assertIn("of no stream", place.run("-v"))
        self.assertEqual(place.ids(), {"x": [0, 1, 3], "y": [2], "rest": [4, 5]})

    def test_columns_grow_in_one_stream_alone(self):
        place = self.place('stream = "{folder}";')
        place.put("a/1.csv", "id\n1\n")
        place.put("b/1.csv", "id\n2\n")
        place.run()
        place.put("a/2.csv", "id,more\n3,x\n")
        place.put("b/2.csv", "id\n4\n")
        place.run()
        self.assertEqual(place.stored(), {"a": [{"id": 1}, {"id": 3, "more": "x"}], "b": [{"id": 2}, {"id": 4}]})

    def test_all_in_one_file(self):
        place = self.place()
        place.put_ids("a.csv", [1])
        place.put("b.csv", "x\n5\n")
        place.run("--sink", "one")
        self.assertEqual(sorted(map(str, place.lines("one.ndjson"))), ["{'id': 1}", "{'x': 5}"])

    def test_by_row(self):
        """The same key in two streams is two records."""
        for sink in SINKS:
            with self.subTest(sink):
                place = self.place('stream = "{stem}"; sync = { key = ["id"]; };')
                place.put("a.csv", "id,v\n1,10\n2,20\n")
                place.put("b.csv", "id,v\n1,11\n")
                place.run("--sink", "web")
                place.put("a.csv", "id,v\n1,10\n2,20\n3,30\n")
                place.run("--sink", "web")
                self.assertEqual(sorted(map(str, place.stored("web")["a"])),
                                 ["{'id': %d, 'v': %d0}" % (i, i) for i in (1, 2, 3)])
                self.assertEqual(place.stored("web")["b"], [{"id": 1, "v": 11}])

    def test_from_s3(self):
        server = Server()
        self.addCleanup(server.stop)
        place = self.place()
        os.environ.update(AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET)
        server.write("b/data/orders.csv", b"id\n1\n")
        server.write("b/data/people.csv", b"name\nAnn\n")
        place.configure(source='{ type = "s3"; path = "s3://b/data/"; endpoint = "http://127.0.0.1:%d"; access_key_id = "%s"; '
                               'secret_access_key = "%s"; }' % (server.port, ACCESS, SECRET))
        place.run()
        self.assertEqual(place.stored(), {"orders": [{"id": 1}], "people": [{"name": "Ann"}]})
        server.write("b/data/more/orders.csv", b"id\n2\n")
        self.assertIn("more/orders.csv", place.run(expect=4))

    def test_start_from_now(self):
        """What is there at first counts as seen; a stream that comes later is read whole."""
        place = self.place('stream = "{folder}"; sync = { start_from = "now"; };')
        place.put_ids("old/1.csv", [1])
        place.run()
        self.assertEqual(place.ids(), {})
        place.put_ids("old/2.csv", [2])
        place.put_ids("late/1.csv", [3])
        place.run()
        place.put_ids("late/2.csv", [4])
        place.put_ids("later/1.csv", [5])
        place.run()
        self.assertEqual(place.ids(), {"old": [2], "late": [3, 4], "later": [5]})

    def test_start_from_now_when_nothing_was_there(self):
        place = self.place('stream = "{folder}"; sync = { start_from = "now"; };')
        place.run()
        place.put_ids("a/1.csv", [1])
        place.run()
        self.assertEqual(place.ids(), {"a": [1]})

    def test_start_from_now_and_the_first_run_is_killed(self):
        """Whenever it is killed: what came after a whole listing is delivered."""
        place = self.place('stream = "{folder}"; sync = { start_from = "now"; };')
        for i in range(40):
            place.put_ids("s%02d/1.csv" % i, [i])
        for i in range(6):
            place.run_killed(0.03 * i)
        place.run()
        place.put_ids("s00/2.csv", [100])
        place.put_ids("new/1.csv", [101])
        place.run()
        self.assertEqual(place.ids(), {"s00": [100], "new": [101]})


if __name__ == "__main__":
    unittest.main()
