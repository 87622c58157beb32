"""Traps that importers before us fell into, each as a test that would fail if we fell into it too.

What of them does not apply to Sluice, and is not tested here:
- T5, a cursor whose equal values end a sync early: there are no cursors yet, and no paging through rows; what is left of it,
  the cost of reading and records that are equal in a column, is tested.
- T7, binary columns and whole row groups in memory: no format that has them is built yet; memory is held in delivery/test_memory.
- T10, the visibility of messages of a queue, and T11, messages that are deleted on a reject: we read no queue. That a walk of
  a bucket remembers, and that refused records are kept, is tested."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "delivery"))
from kit import ACCESS, CLEAN, SECRET, SLUICE, WorldTest  # noqa: E402
from test_by_row import Table  # noqa: E402
from test_refresh import Refreshed  # noqa: E402

DONE, WITH_REJECTS, FAILED = 0, 3, 5


class Traps(WorldTest):
    def table(self):
        world = Table()
        self.addCleanup(world.close)
        return world

    def put(self, world, name, text):
        world.s3d.write("b/data/" + name, text.encode())

    def arrived(self, world, column="id"):
        return sorted(one[column] for one in world.recv.records())

    def operations(self, world):
        """What s3d was asked for: LIST, GET and so on."""
        lines = world.s3d.log_text().splitlines()
        return [word[3:] for line in lines for word in line.split() if word.startswith("op=")]

    # ---- the tests

    def test_t1_a_refused_row_is_sent_again(self):
        """A row that failed keeps its new fingerprint, looks unchanged from then on, and is never sent again."""
        world = self.table()
        world.write_rows("a.csv", {1: "good", 2: "bad"})
        world.recv.faults('* bad-record status=422 text="bad"\n')
        world.run(expect=WITH_REJECTS)
        self.assertEqual(world.table(), {1: "good"})
        world.recv.faults("")
        world.write_rows("b.csv", {1: "good", 2: "bad"})
        world.run(expect=DONE)
        self.assertEqual(world.table(), {1: "good", 2: "bad"})

    def test_t1_a_value_that_was_sent_before_a_crash_and_is_taken_back(self):
        """By row: a record goes out, the process dies before a checkpoint, the file goes back to what it was. Who knows
        only the value of before finds all unchanged, and the destination keeps the one that was taken back."""
        world = self.table()
        world.write_rows("a.csv", {key: "old" for key in range(200)})
        world.run(expect=DONE)
        world.write_rows("a.csv", {key: "new" for key in range(200)})
        world.recv.faults("* slow ms=300 skip=1\n")
        process = world.start()
        while "new" not in world.table().values() and process.poll() is None:
            time.sleep(0.005)
        process.kill()
        process.communicate()
        world.recv.faults("")
        time.sleep(1)  # what the receiver was at comes to its end: no sender can take that back
        self.assertIn("new", world.table().values())
        world.write_rows("a.csv", {key: "old" for key in range(200)})
        world.run(expect=DONE)
        self.assertEqual(set(world.table().values()), {"old"})

    def test_t2_one_success_does_not_cover_a_whole_batch(self):
        """One accepted row makes all of its batch count as delivered; errors of a whole batch are swallowed."""
        world = self.world()
        self.put(world, "a.csv", "id,v\n" + "".join("%d,%s\n" % (i, "bad" if i == 7 else "good") for i in range(20)))
        world.recv.faults('* bad-record status=422 text="bad"\n')
        world.run(expect=WITH_REJECTS)
        self.assertEqual(self.arrived(world), [i for i in range(20) if i != 7])
        self.assertEqual([(r["row"], r["stage"]) for r in world.rejects()], [(7, "deliver")])
        self.put(world, "b.csv", "id,v\n100,x\n101,x\n")
        world.recv.faults("* 401\n")
        self.assertNotEqual(world.wait(world.start())[0], DONE)
        world.recv.faults("")
        world.run(expect=DONE)
        self.assertEqual(self.arrived(world)[-2:], [100, 101])

    def test_t3_a_full_refresh_holds_all_records_not_only_new_ones(self):
        """The second full refresh clears the destination and sends only what was not there before."""
        world = Refreshed()
        self.addCleanup(world.close)
        world.write_rows("a.csv", [1, 2, 3])
        for sink in ("disk", "web"):
            world.run("--sink", sink, expect=DONE)
            self.assertEqual(world.there(sink), [1, 2, 3])
        world.write_rows("b.csv", [4])
        for sink in ("disk", "web"):
            world.run("--sink", sink, expect=DONE)
            self.assertEqual(world.there(sink), [1, 2, 3, 4])

    def test_t4_quotes_are_not_doubled_by_a_mapping(self):
        """The mapping doubles every ' for SQL's sake, also where the destination is no database."""
        world = self.world()
        world.configure('mapping = ( { from = "id"; to = "id"; }, { from = "name"; to = "person.name"; type = "string"; } );')
        names = ["O'Brien", "''", 'say "x"', "back\\slash", "O''Brien"]
        quoted = ['"%s"' % name.replace('"', '""') for name in names]
        self.put(world, "a.csv", "id,name\n" + "".join("%d,%s\n" % one for one in enumerate(quoted)))
        world.run(expect=DONE)
        self.assertEqual([one["person"]["name"] for one in sorted(world.recv.records(), key=lambda one: one["id"])], names)

    def test_t5_a_file_is_read_about_once(self):
        """Each batch reads the file again from its start; rows with equal values of a column end the sync early."""
        world = self.world()
        rows = 60000
        self.put(world, "a.csv", "id,updated\n" + "".join("%d,2026-01-01\n" % i for i in range(rows)))
        world.run(expect=DONE)
        self.assertEqual(len(world.recv.records()), rows)
        read = self.operations(world).count("GET")
        self.assertTrue(1 <= read <= 4, "%d requests for one file of 1 MB, which has 30 batches" % read)

    def test_t6_a_skipped_record_is_really_skipped(self):
        """A record with the wrong number of fields is said to be skipped, and delivered all the same."""
        world = self.world()
        self.put(world, "a.csv", "id,v\n1,a\n2\n3,c,d\n4,d\n")
        world.run(expect=WITH_REJECTS)
        self.assertEqual(self.arrived(world), [1, 4])
        self.assertEqual([(r["row"], r["stage"]) for r in world.rejects()], [(1, "decode"), (2, "decode")])

    def test_t7_a_file_that_cannot_be_opened_is_named_and_tried_again(self):
        """An error at opening is only logged, and what follows is undefined."""
        world = self.world()
        for name in "abc":
            self.put(world, name + ".csv", "id,v\n%d,x\n" % ord(name))
        world.s3d.faults("GET:data/b.csv error 403 AccessDenied\n")
        status, err = world.wait(world.start())
        self.assertNotIn(status, (DONE, WITH_REJECTS), err)
        self.assertIn("b.csv", err)
        world.s3d.faults("")
        world.run(expect=DONE)
        self.assertEqual(self.arrived(world), [97, 98, 99])

    def test_t8_every_storage_class_and_every_file_of_a_second(self):
        """Only objects of class STANDARD are read; files as old as the newest one that was seen are left out."""
        world = self.world()
        world.s3d.settings("b", "class=STANDARD_IA *ia.csv", "class=INTELLIGENT_TIERING *it.csv", "class=ONEZONE_IA *one.csv")
        moment = int(time.time()) - 100
        for i, name in enumerate(("a-ia", "b-it", "c-one", "d")):
            self.put(world, name + ".csv", "id,v\n%d,x\n" % i)
            os.utime(os.path.join(world.s3d.root, "b/data", name + ".csv"), (moment, moment))
        world.run(expect=DONE)
        for i, when in ((10, moment), (11, moment - 1000)):  # the same second; and long before
            self.put(world, "late-%d.csv" % i, "id,v\n%d,x\n" % i)
            os.utime(os.path.join(world.s3d.root, "b/data/late-%d.csv" % i), (when, when))
        world.run(expect=DONE)
        self.assertEqual(self.arrived(world), [0, 1, 2, 3, 10, 11])

    def test_t9_a_later_success_does_not_skip_a_file_that_failed(self):
        """One time stamp stands for the whole bucket, so what failed is behind it; files of one name share a temporary file."""
        world = self.world()
        self.put(world, "1/same.csv", "id,v\n1,x\n")
        self.put(world, "2/same.csv", "id,v\n2,x\n")
        self.put(world, "3/same.csv", "id,v\n3,x\n")
        world.s3d.faults("GET:data/1/same.csv error 403 AccessDenied times=3\n")
        world.wait(world.start())
        self.put(world, "4/same.csv", "id,v\n4,x\n")
        world.s3d.faults("")
        world.run(expect=DONE)
        self.assertEqual(self.arrived(world), [1, 2, 3, 4])

    def test_t10_a_second_walk_sends_nothing_again(self):
        """Nothing is remembered of a walk through the bucket, so each one sends all of it."""
        world = self.world()
        for i in range(20):
            self.put(world, "%d.csv" % i, "id,v\n%d,x\n" % i)
        world.run(expect=DONE)
        requests, reads = len(world.recv.requests()), self.operations(world).count("GET")
        self.assertGreaterEqual(reads, 20)
        world.run(expect=DONE)
        self.assertEqual(len(world.recv.requests()), requests)
        self.assertEqual(self.operations(world).count("GET"), reads)

    def test_t11_records_that_cannot_be_decoded_are_kept(self):
        """A record that the decoder refuses becomes nothing at all, and the object counts as delivered."""
        world = self.world()
        self.put(world, "a.csv", "id,v\n1,a\n")
        world.run(expect=DONE)
        self.put(world, "b.csv", "id,v\nbroken\n2,b\n")
        world.run(expect=WITH_REJECTS)
        rejects = world.rejects()
        self.assertEqual([(r["part"], r["row"], r["raw"].strip()) for r in rejects], [("s3://b/data/b.csv", 0, "broken")])

    def test_t12_nothing_is_written_to_the_bucket(self):
        """Files that come late are found by copying the objects over themselves."""
        world = self.world()
        self.put(world, "new.csv", "id,v\n1,x\n")
        world.run(expect=DONE)
        self.put(world, "late.csv", "id,v\n2,x\n")
        os.utime(os.path.join(world.s3d.root, "b/data/late.csv"), (1000000000, 1000000000))
        world.run(expect=DONE)
        self.assertEqual(self.arrived(world), [1, 2])
        operations = set(self.operations(world))
        self.assertTrue({"LIST", "GET"} <= operations <= {"LIST", "GET", "HEAD", "TAGS"}, operations)

    def test_t13_a_session_name_is_made_fit_for_sts(self):
        """The name of a role's session is made of free text, and assuming the role fails for some names."""
        arn = "arn:aws:iam::123456789012:role/reader"
        with tempfile.NamedTemporaryFile("w") as roles:
            roles.write("%s - 3600\n" % arn)
            roles.flush()
            world = self.world("--roles", roles.name)
            source = 'role_arn = "%s"; sts_endpoint = "http://127.0.0.1:%d"; role_session_name = "%s";'
            for i, name in enumerate(("x", "a" * 100, "spaces and ünï", "slash/ed")):
                world.configure(source=source % (arn, world.s3d.port, name))
                self.put(world, "%d.csv" % i, "id,v\n%d,x\n" % i)
                world.run(expect=DONE)
                self.assertEqual(self.arrived(world), list(range(i + 1)))
            self.assertGreaterEqual(self.operations(world).count("STS"), 4)

    def written(self, world):
        """Blocks that a run writes."""
        process = world.start()
        process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        self.assertEqual(process.returncode, DONE)
        return usage.ru_oublock

    def test_t14_the_state_of_one_file_costs_the_same_however_many_are_known(self):
        """The whole map of known files is written anew after each file."""
        world = self.world()
        cost = []
        for known in (50, 3000):
            for i in range(known):
                self.put(world, "%d/%04d.csv" % (known, i), "id,v\n%d,x\n" % (known * 10000 + i))
            world.run(expect=DONE)
            self.put(world, "%d/one-more.csv" % known, "id,v\n%d,x\n" % known)
            cost.append(self.written(world))
        if cost[0] == 0:
            self.skipTest("skipped: this file system does not say what was written")
        self.assertLess(cost[1], 3 * cost[0] + 100, "blocks written for one file beside 50, and beside 3,000")

    def test_t15_what_a_cancelled_run_had_read_is_not_unchanged_later(self):
        """Rows that were read when the run was cancelled keep their fingerprints, and the next run skips them."""
        world = self.table()
        for i in range(10):  # each too large for a bundle, which would be sent to its end
            world.write_rows("%02d.csv" % i, {key: "v%d %s" % (i, "x" * 300) for key in range(i * 300, i * 300 + 400)})
        world.recv.faults("* slow ms=100\n")
        process = world.start()
        for _ in range(500):
            if world.recv.stats()["records"] > 300 or process.poll() is not None:
                break
            time.sleep(0.01)
        process.terminate()
        status, err = world.wait(process)
        self.assertNotIn(status, (DONE, WITH_REJECTS), err)
        self.assertLess(len(world.table()), 3100)
        world.recv.faults("")
        world.run(expect=DONE)
        world.check()

    def test_t16_a_run_of_failed_rows_only_is_no_success(self):
        """A run is marked as a success however many of its rows failed."""
        world = self.world()
        self.put(world, "a.csv", "id,v\n1,bad\n2,bad\n")
        world.recv.faults('* bad-record status=422 text="bad"\n')
        status, err = world.wait(world.start())
        self.assertNotIn(status, (DONE, WITH_REJECTS), err)
        self.assertEqual(len(world.rejects()), 2)
        environment = dict(CLEAN, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET)
        said = subprocess.run([SLUICE, "status", "--json", world.path("job.conf")], stdout=subprocess.PIPE, env=environment)
        self.assertEqual(json.loads(said.stdout)["deliveries"][0]["run"]["outcome"], "failed")


if __name__ == "__main__":
    unittest.main()
