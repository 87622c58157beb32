"""What plan, discover, status, history and parts say of streams."""
import os
import unittest

from kit import PlaceTest


class Looking(PlaceTest):
    def plan(self, place, *words, expect=0):
        return place.json("plan", *words, expect=expect)["jobs"][0]

    def counts(self, plan):
        return {one["name"]: one["files"] for one in plan["files"]["streams"]}

    def test_plan_before_and_after(self):
        place = self.place('stream = "{folder}";')
        place.put("orders/1.csv", "id,price\n1,2.5\n")
        place.put("people/1.csv", "name\nAnn\n")
        place.put("people/2.csv", "name\nBob\n")
        plan = self.plan(place)
        self.assertEqual(self.counts(plan), {"orders": 1, "people": 2})
        self.assertEqual(plan["files"]["new"]["files"], 3)
        self.assertEqual(plan["part"]["stream"], "orders")
        self.assertFalse(plan["files"]["has_run"])
        self.assertFalse(os.path.exists(place.path("ledger")), "a dry run writes nothing")
        self.assertIn("people: 2 files to read", place.call("plan")[0])
        place.run()
        plan = self.plan(place)
        self.assertEqual(self.counts(plan), {"orders": 0, "people": 0})
        self.assertEqual((plan["files"]["unchanged"]["files"], plan["files"]["gone"]), (3, 0))
        self.assertTrue(plan["files"]["has_run"])
        place.put("people/2.csv", "name\nBill\n")
        place.put("new/1.csv", "x\n1\n")
        place.remove("orders/1.csv")
        plan = self.plan(place)
        self.assertEqual(self.counts(plan), {"new": 1, "people": 1})
        self.assertEqual([plan["files"][name]["files"] for name in ("new", "changed", "unchanged")], [1, 1, 1])
        self.assertEqual(plan["files"]["gone"], 1)

    def test_plan_looks_with_the_schema_of_the_stream(self):
        place = self.place('stream = "{folder}";')
        place.put("a/1.csv", "id,n\n1,5\n")
        place.put("z/1.csv", "word\nx\n")
        plan = self.plan(place, "--part", "z/1.csv")
        self.assertEqual((plan["part"]["stream"], plan["schema"]["origin"]), ("z", "inferred"))
        self.assertEqual([column["name"] for column in plan["schema"]["columns"]], ["word"])
        place.run()
        place.put("a/2.csv", "id,n\n2,not a number\n")
        plan = self.plan(place, "--part", "a/2.csv", expect=3)
        self.assertEqual((plan["part"]["stream"], plan["schema"]["origin"]), ("a", "remembered"))
        self.assertEqual(plan["sample"]["rejected"], 1)

    def test_plan_of_a_full_refresh_knows_what_was_delivered(self):
        place = self.place('stream = "{stem}"; sync = { mode = "full_refresh"; };')
        place.put_ids("a.csv", [1])
        place.run()
        plan = self.plan(place)
        self.assertEqual((plan["files"]["read_again"]["files"], plan["files"]["new"]["files"]), (1, 0))

    def test_plan_says_what_can_be_of_no_stream(self):
        place = self.place()
        place.put_ids("x/a.csv", [1])
        for i in range(15):
            place.put_ids("y%02d/a.csv" % i, [1])
        place.put_ids("x/*.csv", [2])
        plan = self.plan(place, expect=2)
        self.assertEqual(plan["files"]["to_read"]["files"], 1)
        self.assertEqual(plan["files"]["skipped_by_reason"], {"can be of no stream": 16})
        messages = [reason["message"] for reason in plan["reasons"]]
        self.assertTrue(any("y00/a.csv" in text and "in/x/" in text for text in messages), messages)
        self.assertTrue(any("6 more files" in text for text in messages), messages)
        self.assertEqual({reason["code"] for reason in plan["reasons"]}, {"config"})

    def test_plan_with_start_from_now(self):
        place = self.place('stream = "{folder}"; sync = { start_from = "now"; };')
        place.put_ids("old/1.csv", [1])
        self.assertEqual(self.plan(place)["files"]["before_start"]["files"], 1)
        place.run()
        place.put_ids("old/2.csv", [1])
        place.put_ids("late/1.csv", [2])
        self.assertEqual(self.counts(self.plan(place)), {"late": 1, "old": 1})
        self.assertIn("files: 2 ", place.run())

    def test_plan_and_run_agree(self):
        """Whatever the folder holds, plan says how many files the run then reads."""
        place = self.place('streams = ( { match = "/([a-c])/"; name = "{1}"; across_folders = true; }, { match = "csv$"; name = "{stem}"; } );')
        for step in range(4):
            place.put_ids("a/%d.csv" % step, [step])
            place.put_ids("deep/b/%d.csv" % (step % 2), [step, step])
            place.put_ids("only-%d.csv" % step, [step])
            place.put("x-%d.txt" % step, "of no stream\n")
            plan = self.plan(place)
            self.assertIn("files: %d " % plan["files"]["to_read"]["files"], place.run())

    def test_discover(self):
        place = self.place()
        place.put("orders.csv", "id,price\n1,2.5\n")
        place.put("people.csv", "name\nAnn\n")
        catalog = place.json("discover")
        streams = {one["name"]: one for one in catalog["streams"]}
        self.assertEqual(sorted(streams), ["orders", "people"])
        self.assertEqual(sorted(streams["orders"]["json_schema"]["properties"]), ["id", "price"])
        self.assertEqual(sorted(streams["people"]["json_schema"]["properties"]), ["name"])
        self.assertEqual({one["job"] for one in catalog["streams"]}, {"j"})
        self.assertFalse(catalog["more"])
        place.put("y/orders.csv", "id\n1\n")
        out, err = place.call("discover", expect=2)
        self.assertIn("people\n  name", out)
        self.assertIn("y/orders.csv", err)

    def test_discover_is_bounded(self):
        place = self.place()
        for i in range(1005):
            place.put("f%04d.csv" % i, "id\n1\n")
        catalog = place.json("discover")
        self.assertEqual(len(catalog["streams"]), 1000)
        self.assertTrue(catalog["more"])

    def test_status_history_parts(self):
        place = self.place()
        place.put_ids("a.csv", [1])
        place.put("b.csv", "id\n2\n\"3\"x\n")
        place.run(expect=3)
        runs = place.json("history")["runs"]
        self.assertEqual({run["stream"]: run["outcome"] for run in runs}, {"*": "done with rejects", "a": "done",
                                                                          "b": "done with rejects"})
        self.assertEqual([run["counts"]["rows"] for run in runs if run["stream"] == "*"], [2])
        self.assertEqual({part["stream"] for part in place.json("parts")["parts"]}, {"a", "b"})
        text = place.call("status")[0]
        self.assertIn("all streams", text)
        self.assertIn("stream b", text)
        self.assertIn("all streams", place.call("history")[0])
        place.json("status")


if __name__ == "__main__":
    unittest.main()
