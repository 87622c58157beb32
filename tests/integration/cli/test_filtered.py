"""What a job's `where` leaves out, and what need not be sent by row, is counted with what is delivered and rejected: by status, history and parts."""
import json
import os
import shutil
import signal
import time
import unittest

from program import HERE, ProgramTest

SEEDS = os.path.join(HERE, "../../fuzz/parquet/corpus")
CONFIG = '''ledger = "ledger";
sinks = { local = { type = "file"; path = "%s"; sync = false; }; };
jobs = { one = { source = { type = "file"; path = "data"; }; format = { type = "%s"; }; sink = "local"; %s }; };
'''


class Filtered(ProgramTest):
    def config(self, more, kind="csv", out="out.ndjson"):
        self.write("job.conf", CONFIG % (out, kind, more))

    def shown(self, command):
        return json.loads(self.expect(0, command, "job.conf", "--json").text)

    def runs(self):
        return [run["counts"] for run in self.shown("history")["runs"]]

    def parts(self):
        lines = self.expect(0, "parts", "job.conf", "--json").lines
        return {part["name"]: part for line in lines for part in json.loads(line).get("parts", [])}

    def test_with_the_other_counters(self):
        self.config('where = "n > 1";')
        self.write("data/a.csv", "n\n1\n2\n3\n")
        self.expect(0, "run", "job.conf")
        self.write("data/b.csv", "n\n0\n1\n5\n")
        self.write("data/c.csv", "n\n0\n")
        self.expect(0, "run", "job.conf")
        self.assertEqual([(r["rows"], r["filtered"]) for r in self.runs()], [(1, 3), (2, 1)])
        (delivery,) = self.shown("status")["deliveries"]
        self.assertEqual((delivery["rows"], delivery["rejects"], delivery["filtered"]), (3, 0, 4))
        self.assertEqual(delivery["run"]["counts"]["filtered"], 3)
        self.assertEqual({name: part["filtered"] for name, part in self.parts().items()}, {"data/a.csv": 1, "data/b.csv": 2, "data/c.csv": 1})
        self.assertIn("records   3 delivered, 0 rejected, 4 filtered, ", self.expect(0, "status", "job.conf").text)
        self.assertIn("records: 1 delivered, 0 rejected, 3 filtered; ", self.expect(0, "history", "job.conf").text)
        self.assertIn("1 records delivered, 0 rejected, 2 filtered", self.expect(0, "parts", "job.conf").text)

    def test_not_said_where_there_is_nothing_to_say(self):
        self.config("")
        self.write("data/a.csv", "n\n1\n")
        self.expect(0, "run", "job.conf")
        for command in ("status", "history", "parts"):
            self.assertNotIn("filtered", self.expect(0, command, "job.conf").text)
        self.assertEqual(self.runs()[0]["filtered"], 0)

    def test_what_need_not_be_sent_by_row(self):
        self.config('sync = { key = [ "k" ]; }; errors = { max_rejects = "40%"; }; mapping = ( { from = "k"; type = "int64"; }, { from = "v"; } );')
        self.write("job.conf", self.read("job.conf").replace("sync = false;", 'sync = false; operation_column = "op";'))
        rows = ["%d,x" % i for i in range(1000)]
        self.write("data/a.csv", "k,v\n" + "\n".join(rows))
        self.expect(0, "run", "job.conf")
        self.assertNotIn("unchanged", self.expect(0, "status", "job.conf").text)
        rows[10:12] = ["10,y", "bad,y"]
        self.write("data/a.csv", "k,v\n" + "\n".join(rows) + "\n")
        self.write("data/b.csv", "k,v\n11,x\nnone,y\n")
        self.expect(3, "run", "job.conf")  # of all that were read few are rejects, of those sent more than 40%
        counts = [(r["rows"], r["rejects"], r["unchanged"]) for r in self.runs()]
        self.assertEqual(counts, [(1, 2, 999), (1000, 0, 0)])
        self.assertEqual({name: (part["rows"], part["rejects"], part["unchanged"]) for name, part in self.parts().items()},
                         {"data/a.csv": (1, 1, 998), "data/b.csv": (0, 1, 1)})
        (delivery,) = self.shown("status")["deliveries"]
        self.assertEqual((delivery["rows"], delivery["rejects"], delivery["unchanged"]), (1, 2, 999))
        self.assertEqual(delivery["run"]["counts"]["unchanged"], 999)
        self.assertIn("records   1 delivered, 2 rejected, 999 unchanged, ", self.expect(0, "status", "job.conf").text)
        self.assertIn("records: 1 delivered, 2 rejected, 999 unchanged; ", self.expect(0, "history", "job.conf").text)
        self.assertIn("1 records delivered, 1 rejected, 998 unchanged", self.expect(0, "parts", "job.conf").text)

    def test_a_reject_that_a_later_filter_leaves_out(self):
        self.config('mapping = ( { from = "n"; type = "int64"; }, { from = "k"; } );')
        self.write("data/a.csv", "k,n\na,1\nb,x\nc,y\n")
        self.expect(3, "run", "job.conf")
        self.config('where = "k != \'b\'"; mapping = ( { from = "n"; type = "string"; }, { from = "k"; } );')
        self.expect(0, "retry", "job.conf", "--job", "one")
        retried = self.runs()[0]
        self.assertEqual((retried["rows"], retried["rejects"], retried["filtered"]), (1, 0, 1))
        (part,) = self.parts().values()
        self.assertEqual((part["rows"], part["rejects"], part["filtered"]), (2, 0, 1))

    def test_each_stream_its_own_also_what_the_format_passes_over(self):
        """Row groups and pages of Parquet that are not even read, in pieces, by several workers at once."""
        self.config('''stream = "{stem}"; where = "i >= 120 and i < 130 and s.x is not null"; workers = 4;
            mapping = ( { from = "i"; } ); split_bytes = 4096; batch_rows = 7;''', "parquet", "{stream}.ndjson")
        wanted = {"a": 0, "b": 0, "c": 0}
        os.mkdir(os.path.join(self.folder, "data"))
        for name, seed in (("a", "where-v1"), ("b", "where-v2"), ("c", "where-v1")):
            shutil.copy(os.path.join(SEEDS, seed + ".parquet"), os.path.join(self.folder, "data", name + ".parquet"))
            wanted[name] = sum(1 for i in range(120, 130) if i % 9 != 8)
        self.expect(0, "run", "job.conf")
        deliveries = {d["stream"]: d for d in self.shown("status")["deliveries"]}
        for name, rows in wanted.items():
            self.assertEqual((deliveries[name]["rows"], deliveries[name]["filtered"]), (rows, 400 - rows))
            self.assertEqual(deliveries[name]["run"]["counts"]["filtered"], 400 - rows)
        self.assertEqual(deliveries["*"]["run"]["counts"]["filtered"], 1200 - sum(wanted.values()))

    def kill_in_the_middle(self, rows):
        """True where a run of so many rows died between its first checkpoint and its last."""
        shutil.rmtree(os.path.join(self.folder, "ledger"), ignore_errors=True)
        self.config('where = "n >= 1000 and n < %d"; checkpoint_every = "5ms"; batch_rows = 500; split_bytes = 0;' % (rows - 10000),
                    out="out-%d.ndjson" % rows)
        self.write("data/a.csv", "n\n" + "".join("%d\n" % i for i in range(rows)))
        run = self.start("run", "job.conf")
        until = time.monotonic() + 60
        while run.poll() is None and not any(d["filtered"] for d in self.shown("status")["deliveries"]):
            self.assertLess(time.monotonic(), until)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        before = self.runs()[0]
        return before["filtered"] > 0 and before["rows"] + before["filtered"] < rows

    def test_exact_over_a_kill(self):
        rows = 400000
        while not self.kill_in_the_middle(rows):
            rows *= 3  # the machine is faster than the look at it
            self.assertLess(rows, 40 * 10**6)
        self.expect(0, "run", "job.conf")
        self.assertEqual(tuple(sum(r[name] for r in self.runs()) for name in ("rows", "filtered")), (rows - 11000, 11000))
        (delivery,) = self.shown("status")["deliveries"]
        self.assertEqual((delivery["rows"], delivery["filtered"]), (rows - 11000, 11000))


if __name__ == "__main__":
    unittest.main()
