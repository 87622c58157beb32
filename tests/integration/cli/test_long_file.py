"""A file whose record 1,000,000 is bad: plan looks at a sample and passes it, the run rejects the record with its place, and
retry sends it once the mapping is mended."""
import json
import unittest

from program import ProgramTest

BAD = 1000000
JOB = '''ledger = "ledger";
jobs = { j = { source = { type = "file"; path = "data.csv"; };
  mapping = ( { from = "id"; to = "id"; type = "int64"; }, { from = "amount"; to = "amount"; type = "%s"; } );
  sink = { type = "file"; path = "out.ndjson"; }; }; };
'''


class LongFileTest(ProgramTest):
    def test_plan_run_retry(self):
        self.write("data.csv", "id,amount\n" + "".join("%d,%d\n" % (i, i % 7) for i in range(BAD)) + "%d,n/a\n" % BAD)
        self.write("job.conf", JOB % "int64")
        self.assertEqual(json.loads(self.expect(0, "plan", "job.conf", "--json").text)["status"], "pass")
        errors = json.loads(self.expect(3, "plan", "job.conf", "--all-rows", "--json").text)["jobs"][0]["sample"]["errors"]
        self.assertEqual([(one["row"], one["column"], one["code"]) for one in errors], [(BAD, "amount", "invalid_record")])
        self.expect(3, "run", "-c", "job.conf")
        rejects = [json.loads(line) for line in self.read("ledger/j.rejects.ndjson").splitlines()]
        self.assertEqual([(one["row"], one["column"], one["raw"].strip()) for one in rejects], [(BAD, "amount", "%d,n/a" % BAD)])
        self.assertIn("n/a", rejects[0]["reason"])
        self.assertTrue(rejects[0]["part"].endswith("data.csv"))
        self.write("job.conf", JOB % "string")
        self.expect(0, "retry", "-c", "job.conf", "--job", "j")
        lines = self.read("out.ndjson").splitlines()
        self.assertEqual(len(lines), BAD + 1)
        self.assertEqual(json.loads(lines[-1]), {"id": BAD, "amount": "n/a"})
        self.assertEqual(self.read("ledger/j.rejects.ndjson"), "")
        self.expect(0, "run", "-c", "job.conf")
        self.assertEqual(len(self.read("out.ndjson").splitlines()), BAD + 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
