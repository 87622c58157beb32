"""retry: rejected records are sent again through today's mapping; nothing is lost, and what is sent twice has its key."""
import json
import os
import random
import signal
import sys
import time
import unittest
import urllib.request

from program import HERE, ProgramTest

sys.path.insert(0, os.path.join(HERE, "..", "delivery"))
from kit import Receiver  # noqa: E402

STRICT = 'mapping = ( { from = "id"; type = "int64"; required = true; }, { from = "n"; type = "int64"; } );'
MENDED = 'mapping = ( { from = "id"; type = "int64"; required = true; }, { from = "n"; type = "utf8"; } );'
CONFIG = '''ledger = "ledger";
sinks = { local = { type = "file"; path = "out.ndjson"; };
          web = { type = "http"; url = "http://127.0.0.1:%d/v1"; batch_rows = 10; retry_for = "200ms"; key = ["id"]; }; };
jobs = { one = { source = { type = "file"; path = "data"; }; format = { type = "csv"; }; sink = "%s";
  workers = 2; %s }; };
'''


class RetryTest(ProgramTest):
    sink, port, more = "local", 9, ""

    def receiver(self, *options):
        recv = Receiver(self.folder, *options)
        self.addCleanup(recv.close)
        self.sink, self.port = "web", recv.port
        return recv

    def config(self, mapping, name="job.conf"):
        self.write(name, CONFIG % (self.port, self.sink, mapping + self.more))

    def retry(self, status, *words):
        return self.expect(status, "retry", "job.conf", "--job", "one", *words)

    def rejects(self):
        lines = [json.loads(line) for line in self.expect(0, "rejects", "job.conf", "--json").lines]
        if not lines:
            self.assertEqual(self.read("ledger/one.rejects.ndjson"), "")
        return sorted(lines, key=lambda r: (r["part"], r["row"]))

    def rows(self):
        return [(r["part"][5:], r["row"], r["attempts"]) for r in self.rejects()]

    def delivered(self):
        return sorted((r["id"], str(r["n"])) for r in map(json.loads, self.read("out.ndjson").splitlines()))

    def runs(self):
        return json.loads(self.expect(0, "history", "job.conf", "--json").text)["runs"]

    def counts(self, name):
        job = json.loads(self.expect(0, "parts", "job.conf", "--match", "data/" + name, "--json").text)
        return [(p["rows"], p["rejects"]) for p in job["parts"]]


class Local(RetryTest):
    def test_row_1000000(self):
        """`plan` passes it, the run rejects that row with its place, and retry sends it after the mapping is mended."""
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n" + "".join("%d,1\n" % i for i in range(1000000)) + "1000000,bad\n1000001,7\n")
        self.expect(0, "plan", "job.conf")
        self.expect(3, "run", "job.conf")
        reject, = self.rejects()
        self.assertEqual((reject["part"], reject["row"], reject["column"]), ("data/a.csv", 1000000, "n"))
        self.assertIn('"bad"', reject["reason"])
        self.retry(3)
        self.assertEqual(self.rows(), [("a.csv", 1000000, 2)])
        self.config(MENDED)
        done = self.retry(0)
        self.assertIn("1 rejected records, 1 accepted, 0 refused again, 0 left", done.errors)
        self.assertEqual(self.rejects(), [])
        with open(os.path.join(self.folder, "out.ndjson")) as file:
            lines = file.read().splitlines()
        self.assertEqual(len(lines), 1000002)
        self.assertEqual(json.loads(lines[-1]), {"id": 1000000, "n": "bad"})
        self.assertEqual(self.counts("a.csv"), [(1000002, 0)])
        self.expect(0, "run", "job.conf")
        self.retry(0)
        self.assertEqual(len(self.read("out.ndjson").splitlines()), 1000002)

    def test_of_each_stage(self):
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n1,1\n,2\n3,x\n4\n5,5\n")  # rows 1: map, 2: decode, 3: no record of this file
        self.expect(3, "run", "job.conf")
        self.assertEqual([r["stage"] for r in self.rejects()], ["map", "decode", "decode"])
        self.config(MENDED.replace("required = true", 'default = "-1"'))
        self.retry(3)
        self.assertEqual(self.delivered(), [(-1, "2"), (1, "1"), (3, "x"), (5, "5")])
        self.assertEqual(self.rows(), [("a.csv", 3, 2)])
        self.assertEqual(self.counts("a.csv"), [(4, 1)])
        retried, first = self.runs()
        self.assertEqual((retried["kind"], retried["outcome"]), ("retry", "done with rejects"))
        self.assertEqual((retried["counts"]["rows"], retried["counts"]["rejects"]), (2, 1))
        self.assertEqual((first["kind"], first["outcome"]), ("incremental", "done with rejects"))

    def test_a_new_reason_takes_the_place_of_the_old(self):
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        self.config(STRICT.replace('"n"; type = "int64"', '"n"; type = "bool"'))
        self.retry(3)
        reject, = self.rejects()
        self.assertIn("bool", reject["reason"])
        self.assertEqual((reject["row"], reject["attempts"]), (1, 2))
        self.retry(3)
        self.assertEqual(self.rows(), [("a.csv", 1, 3)])

    def test_only_some(self):
        self.config(STRICT)
        for name in "ab":
            self.write("data/%s.csv" % name, "id,n\n1,1\n,2\n3,x\n4,y\n")
        self.expect(3, "run", "job.conf")
        self.config(MENDED)
        one = [r for r in self.rejects() if r["part"] == "data/a.csv" and r["row"] == 2][0]
        self.retry(0, "--id", one["id"])
        self.assertEqual([r[:2] for r in self.rows()], [("a.csv", 1), ("a.csv", 3), ("b.csv", 1), ("b.csv", 2), ("b.csv", 3)])
        self.retry(0, "--part", "*b.csv", "--stage", "decode")
        self.assertEqual([r[:2] for r in self.rows()], [("a.csv", 1), ("a.csv", 3), ("b.csv", 1)])
        self.retry(3, "--stage", "map")
        self.assertEqual(self.rows(), [("a.csv", 1, 2), ("a.csv", 3, 1), ("b.csv", 1, 2)])
        self.assertIn("0 rejected records", self.retry(0, "--part", "data/c.csv").errors)
        self.assertIn("0 rejected records", self.retry(0, "--id", "0" * 32).errors)
        self.expect(2, "retry", "job.conf")
        self.expect(2, "retry", "job.conf", "--job", "two")

    def test_changed_and_gone(self):
        self.config(STRICT)
        for name in "abc":
            self.write("data/%s.csv" % name, "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        self.config(MENDED)
        before = self.rejects()
        self.write("data/a.csv", "id,n\n7,7\n8,8\n9,9\n")
        os.remove(os.path.join(self.folder, "data/b.csv"))
        done = self.retry(3)
        self.assertIn("data/a.csv: it has changed since; 1 rejected record stays", done.errors)
        self.assertIn("data/b.csv: it is gone; 1 rejected record stays", done.errors)
        self.assertIn("1 accepted, 0 refused again, 2 left", done.errors)
        self.assertEqual(self.rejects(), [r for r in before if r["part"] != "data/c.csv"])
        self.expect(0, "run", "job.conf")  # reads a.csv as it is now: what was rejected of it before is no matter any more
        self.assertIn("0 rejected records, 0 accepted", self.retry(0, "--part", "*a.csv").errors)
        self.assertEqual(self.rows(), [("b.csv", 1, 1)])
        self.assertEqual(self.delivered(), [(1, "1")] * 3 + [(2, "x"), (7, "7"), (8, "8"), (9, "9")])

    def test_mended_in_the_file(self):
        """The run of the mended file takes its former rejects away; those of a file read again do not add up."""
        self.config(STRICT)
        names = ["a.csv", "big.csv"]
        for name, more in zip(names, ("", "5,5\n" * 50000)):
            self.write("data/" + name, "id,n\n1,1\n2,x\n" + more)
        for i in range(3): # small ones, which go in one bundle
            self.write("data/small-%d.csv" % i, "id,n\n1,1\n2,x\n3,y\n")
        self.expect(3, "run", "job.conf")
        self.assertEqual(len(self.rejects()), 8)
        self.write("data/a.csv", "id,n\n1,1\n2,x\n3,3\n")
        self.write("data/small-1.csv", "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        self.assertEqual(self.rows(), [("a.csv", 1, 1), ("big.csv", 1, 1), ("small-0.csv", 1, 1), ("small-0.csv", 2, 1),
                                       ("small-1.csv", 1, 1), ("small-2.csv", 1, 1), ("small-2.csv", 2, 1)])
        self.retry(3, "--part", "*small-1.csv") # one that was sent again is of the same reading
        for name in names + ["small-%d.csv" % i for i in range(3)]:
            self.write("data/" + name, "id,n\n1,1\n2,22\n")
        self.expect(0, "run", "job.conf")
        self.assertEqual(self.rejects(), [])
        self.assertIn("0 rejected records", self.retry(0).errors)

    def test_a_version_that_could_not_be_read_takes_nothing_away(self):
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        self.write("data/a.csv", b"\x1f\x8b\x08\x00 is no gzip")
        self.expect(4, "run", "job.conf")
        self.assertEqual(self.rows(), [("a.csv", 1, 1)])

    def test_reset_of_what_is_gone(self):
        self.config(STRICT)
        for name in "ab":
            self.write("data/%s.csv" % name, "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        os.remove(os.path.join(self.folder, "data/b.csv"))
        self.expect(0, "run", "job.conf")
        done = self.expect(0, "reset", "job.conf", "--job", "one", "--part", "data/b.csv", "--yes")
        self.assertEqual(done.lines, ["one to local: 0 files are to be delivered once more", "  1 that matches is not there any more",
                                      "  1 rejected record is forgotten"])
        self.assertEqual(self.rows(), [("a.csv", 1, 1)])
        self.assertIn("records   1 delivered, 1 rejected", self.expect(0, "status", "job.conf").text)
        self.write("data/b.csv", "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        self.assertEqual(self.rows(), [("a.csv", 1, 1), ("b.csv", 1, 1)])

    def test_not_done_yet(self):
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n1,1\n2,x\n")
        self.write("data/b.csv", "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        self.expect(0, "reset", "job.conf", "--job", "one", "--part", "data/a.csv", "--yes")
        self.config(MENDED)
        self.retry(0)
        self.assertEqual(self.delivered(), [(1, "1"), (1, "1"), (2, "x")])
        self.expect(0, "run", "job.conf")
        self.assertEqual(self.delivered(), [(1, "1")] * 3 + [(2, "x")] * 2)
        self.assertEqual(self.rejects(), [])

    def test_a_new_column(self):
        """Without a mapping: what the job's schema has grown to holds for retry as well."""
        self.config("")
        self.write("data/a.csv", "id,n\n" + "1,1\n" * 3)
        self.expect(0, "run", "job.conf")
        self.write("data/b.csv", "id,n,extra\n2,2,x\n3,bad,y\n")
        self.expect(3, "run", "job.conf")
        self.assertEqual(self.rows(), [("b.csv", 1, 1)])
        self.config('format = { type = "csv"; null_tokens = ["bad"]; };')
        self.write("job.conf", self.read("job.conf").replace('format = { type = "csv"; }; sink', "sink"))
        self.retry(0)
        self.assertEqual(json.loads(self.read("out.ndjson").splitlines()[-1]), {"id": 3, "n": None, "extra": "y"})

    def test_full_refresh_needs_none(self):
        self.more = ' sync = { mode = "full_refresh"; };'
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        self.assertIn("sends all records again", self.retry(2).errors)

    def test_no_sink_or_source(self):
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        before = self.read("ledger/one.rejects.ndjson")
        self.config(MENDED.replace("utf8", "nothing"))
        self.retry(2)
        self.config(MENDED)
        os.chmod(os.path.join(self.folder, "out.ndjson"), 0o400)
        os.rename(os.path.join(self.folder, "out.ndjson"), os.path.join(self.folder, "kept"))
        os.mkdir(os.path.join(self.folder, "out.ndjson"))
        self.assertIn(self.sluice("retry", "job.conf", "--job", "one").status, (2, 4, 5))
        self.assertEqual(self.read("ledger/one.rejects.ndjson"), before)
        os.rmdir(os.path.join(self.folder, "out.ndjson"))
        os.rename(os.path.join(self.folder, "kept"), os.path.join(self.folder, "out.ndjson"))
        os.chmod(os.path.join(self.folder, "out.ndjson"), 0o600)
        self.retry(0)
        self.assertEqual(self.rejects(), [])

    def test_another_process_owns_the_job(self):
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        self.write("data/b.csv", "id,n\n" + "1,2\n" * 2000000)
        run = self.start("run", "job.conf")
        try:
            until = time.monotonic() + 60
            while not any(r["running"] for r in self.runs()):
                self.assertIsNone(run.poll())
                self.assertLess(time.monotonic(), until)
            done = self.retry(4)
            self.assertIn("job one is being run by", done.errors)
        finally:
            run.kill()
            run.communicate()


class Web(RetryTest):
    def test_refused_by_the_destination(self):
        """A later retry has another key: the destination may have kept its answer to the first."""
        recv = self.receiver()
        recv.faults('* bad-record status=422 text="bad"\n')
        self.config(MENDED)
        self.write("data/a.csv", "id,n\n" + "".join("%d,%s\n" % (i, "bad" if i == 25 else "good") for i in range(40)))
        self.expect(3, "run", "job.conf")
        reject, = self.rejects()
        self.assertEqual((reject["stage"], reject["row"]), ("deliver", 25))
        attempts = reject["attempts"]
        self.retry(3)
        self.assertGreater(self.rows()[0][2], attempts)
        recv.faults("")
        self.retry(0)
        self.assertEqual(self.rejects(), [])
        self.assertEqual(sorted(r["id"] for r in recv.records()), list(range(40)))

    def test_destination_down(self):
        recv = self.receiver()
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n1,1\n2,x\n")
        self.expect(3, "run", "job.conf")
        self.config(MENDED)
        recv.faults("* 503\n")
        before = self.rejects()
        self.retry(4)
        self.assertEqual(self.rejects(), before)
        self.assertEqual(self.runs()[0]["outcome"], "failed")
        recv.faults("* 401\n")
        self.retry(5)
        self.assertEqual(self.rejects(), before)
        recv.faults("")
        self.retry(0)

    def bad_files(self, files, rows):
        """Each third record is bad; the ids of all and of the bad ones."""
        bad = {}
        for f in range(files):
            lines = []
            for i in range(rows):
                key = f * rows + i
                lines.append("%d,%s" % (key, "x%d" % key if i % 3 == 0 else key))
                if i % 3 == 0:
                    bad[key] = "x%d" % key
            self.write("data/%03d.csv" % f, "id,n\n" + "\n".join(lines) + "\n")
        return set(range(files * rows)), bad

    def kill_until_done(self, rng, most):
        """Later and later, so that some are killed at once, some in the middle, on machines of any speed."""
        kills = 0
        for i in range(60):
            process = self.start("retry", "job.conf", "--job", "one")
            try:
                process.wait(timeout=min(most, 0.02 * 1.15**i) * rng.uniform(0.8, 1.2))
            except Exception:
                process.send_signal(signal.SIGKILL)
                kills += 1
            err = process.communicate()[1].decode(errors="replace")
            self.assertNotIn("AddressSanitizer", err)
            if process.returncode >= 0:
                self.assertEqual(process.returncode, 0, err)
                return kills
            most *= 1.1
        self.fail("it never ends")

    def test_killed_in_the_middle(self):
        rng = random.Random(int(os.environ.get("SEED", "36")))
        recv = self.receiver()
        self.config(STRICT)
        ids, bad = self.bad_files(24, 60)
        self.expect(3, "run", "job.conf")
        self.assertEqual(len(self.rejects()), len(bad))
        self.config(MENDED)
        recv.faults("* slow ms=60\n")
        kills = self.kill_until_done(rng, 0.5)
        self.assertGreater(kills, 0)
        self.assertEqual(self.rejects(), [])
        bodies, times = {}, {}
        for request in recv.requests():
            bodies.setdefault(request["key"], set()).add(request["sha256"])
            times[request["key"]] = times.get(request["key"], 0) + 1
        self.assertTrue(all(len(b) == 1 for b in bodies.values()), "one key, two bodies")
        records = recv.records()  # of the first request of each key
        self.assertEqual(sorted(r["id"] for r in records), sorted(ids), "a record is missing, or has two keys")
        self.assertEqual({r["id"]: r["n"] for r in records if r["id"] in bad}, bad)
        self.assertEqual(self.counts("*"), [(60, 0)] * 24)

    def test_killed_in_the_middle_into_a_file(self):
        """The file has each record once."""
        rng = random.Random(int(os.environ.get("SEED", "37")))
        self.config(STRICT)
        ids, bad = self.bad_files(300, 30)
        self.expect(3, "run", "job.conf")
        self.config(MENDED)
        kills = self.kill_until_done(rng, 0.4)
        self.assertGreater(kills, 0)
        self.assertEqual(self.rejects(), [])
        self.assertEqual([key for key, _ in self.delivered()], sorted(ids))
        self.assertEqual(self.counts("*")[:100], [(30, 0)] * 100)


class ByRow(RetryTest):
    more = ' sync = { key = ["id"]; };'

    def table(self, recv):
        with urllib.request.urlopen("http://127.0.0.1:%d/_recv/table" % recv.port, timeout=10) as answer:
            return {r["id"]: str(r["n"]) for r in map(json.loads, answer.read().splitlines())}

    def test_by_row(self):
        recv = self.receiver("--key", "id")
        self.config(STRICT)
        self.write("data/a.csv", "id,n\n1,1\n2,x\n3,y\n4,4\n4,5\n")  # 4 comes twice: the first counts
        self.write("data/b.csv", "id,n\n3,33\n5,z\n")
        self.expect(3, "run", "job.conf")
        self.assertEqual(self.table(recv), {1: "1", 3: "33", 4: "4"})
        self.assertEqual([(r["part"][5:], r["row"], r["stage"]) for r in self.rejects()],
                         [("a.csv", 1, "decode"), ("a.csv", 2, "decode"), ("a.csv", 4, "key"), ("b.csv", 1, "decode")])
        self.config(MENDED)
        self.retry(3)
        # 3 of a.csv is superseded by b.csv, which has it later; the second 4 is still a second one
        self.assertEqual(self.table(recv), {1: "1", 2: "x", 3: "33", 4: "4", 5: "z"})
        self.assertEqual([r[:2] for r in self.rows()], [("a.csv", 4)])
        operations = recv.stats()
        self.assertEqual((operations["inserts_there"], operations["updates_missing"]), (0, 0))
        self.write("data/c.csv", "id,n\n2,x\n5,zz\n")
        self.expect(0, "run", "job.conf")
        self.assertEqual(self.table(recv), {1: "1", 2: "x", 3: "33", 4: "4", 5: "zz"})
        self.assertEqual(recv.stats()["inserts_there"], 0, "what retry sent was not remembered")

    def test_killed_in_the_middle(self):
        rng = random.Random(int(os.environ.get("SEED", "38")))
        recv = self.receiver("--key", "id")
        self.config(STRICT)
        ids, bad = Web.bad_files(self, 24, 60)
        self.expect(3, "run", "job.conf")
        self.config(MENDED)
        recv.faults("* slow ms=60\n")
        kills = Web.kill_until_done(self, rng, 0.5)
        self.assertGreater(kills, 0)
        wanted = {key: str(key) for key in ids}
        wanted.update(bad)
        self.assertEqual(self.table(recv), wanted)
        self.assertEqual(self.rejects(), [])
        done = self.expect(0, "run", "job.conf")  # the mapping has changed, but no file has
        self.assertIn("files: 0", done.errors)


if __name__ == "__main__":
    unittest.main()
