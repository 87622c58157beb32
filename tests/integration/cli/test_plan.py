"""plan: what a run would do, and nothing of it done."""
import hashlib
import json
import os
import signal
import subprocess
import time
import unittest

from program import ACCESS, CLEAN, SECRET, SLUICE, ProgramTest

CONFIG = '''ledger = "ledger";
sinks = { local = { type = "file"; path = "out.ndjson"; };
          web = { type = "http"; url = "http://127.0.0.1:9/"; batch_rows = 10; };
          each = { type = "http"; url = "http://127.0.0.1:9/"; body = "record"; }; };
jobs = { one = { source = { type = "file"; path = "data"; }; format = { type = "csv"; }; sink = "local"; %s }; };
'''
MAPPED = '''mapping = ( { from = "id"; to = "key.id"; type = "int64"; required = true; },
  { from = "price"; type = "double"; }, { value = "shop"; to = "origin"; } );'''


def read(path):
    with open(path, "rb") as file:
        return file.read()


def snapshot(folder):
    """Every file below, with its bytes and times."""
    seen = {}
    for top, folders, files in os.walk(folder):
        for name in files + folders:
            path = os.path.join(top, name)
            info = os.lstat(path)
            data = b"" if os.path.isdir(path) else read(path)
            seen[os.path.relpath(path, folder)] = (info.st_ino, info.st_mtime_ns, hashlib.sha256(data).hexdigest())
    return seen


class PlanTest(ProgramTest):
    def job(self, *words, status=0, env=None):
        before = snapshot(self.folder)
        done = self.expect(status, "plan", "job.conf", "--json", *words, env=env)
        self.assertEqual(snapshot(self.folder), before, "plan wrote something")
        plan = json.loads(done.text)
        self.assertEqual(plan["status"], "pass" if status == 0 else "fail")
        return plan["jobs"][0]

    def config(self, more="", **changes):
        text = CONFIG % more
        for old, new in changes.items():
            text = text.replace(old, new)
        self.write("job.conf", text)


class LocalTest(PlanTest):
    def test_new_job(self):
        self.config()
        self.write("data/a.csv", "id,price\n1,2.5\n2,3\n")
        self.write("data/b.csv", "id,price\n3,4\n")
        job = self.job()
        self.assertEqual(job["reasons"], [])
        self.assertEqual(job["files"]["to_read"], {"files": 2, "bytes": 32})
        self.assertEqual(job["files"]["new"], {"files": 2, "bytes": 32})
        self.assertFalse(job["files"]["has_run"])
        self.assertEqual((job["part"]["name"], job["part"]["state"]), ("data/a.csv", "new"))
        self.assertEqual([(a["kind"], a["state"]) for a in job["access"]], [("source", "ok"), ("sink", "ok")])
        self.assertEqual(job["schema"]["origin"], "inferred")
        self.assertEqual([(c["name"], c["found"], c["wanted"], c["to"]) for c in job["schema"]["columns"]],
                         [("id", "int64", "int64", "id"), ("price", "float64", "float64", "price")])
        self.assertTrue(job["sample"]["whole_file"])

    def test_text_form(self):
        self.config()
        self.write("data/a.csv", "id,price\n1,2.5\n")
        done = self.expect(0, "plan", "job.conf")
        self.assertEqual(done.lines[0], "one to local: pass")
        for what in ("1 to read", "looked at data/a.csv", "price: float64 -> float64", '{"id":1,"price":2.5}'):
            self.assertIn(what, done.text)

    def test_payloads_are_what_a_run_delivers(self):
        self.config(MAPPED)
        self.write("data/a.csv", "price,id,left\n" + "".join("%d.5,%d,x\n" % (i, i) for i in range(50)))
        job = self.job("--rows", "50")
        self.expect(0, "run", "job.conf")
        with open(os.path.join(self.folder, "out.ndjson")) as file:
            self.assertEqual(file.read().splitlines(), job["sample"]["payloads"])
        self.assertEqual(job["sample"]["payloads"][1], '{"key":{"id":1},"price":1.5,"origin":"shop"}')
        self.assertEqual(len(self.job()["sample"]["payloads"]), 3)
        self.assertEqual(self.job("--rows", "0")["sample"]["payloads"], [])

    def test_after_runs(self):
        self.config()
        for name in "abcd":
            self.write("data/%s.csv" % name, "id\n1\n")
        self.write("data/broken.csv", b"\x1f\x8b\x08\x00 is no gzip")
        self.expect(4, "run", "job.conf")
        self.write("data/b.csv", "id\n1\n2\n")
        self.write("data/z.csv", "id\n9\n")
        os.unlink(os.path.join(self.folder, "data/d.csv"))
        files = self.job()["files"]
        run = self.expect(4, "run", "job.conf").errors  # and now for real
        self.assertTrue(files["has_run"])
        self.assertEqual(files["gone"], 1)
        self.assertEqual([files[k]["files"] for k in ("new", "changed", "failed_before", "unchanged", "to_read")],
                         [1, 1, 1, 2, 3])
        self.assertIn("files: 2 (1 failed", run)
        self.assertEqual(self.job("--part", "broken.csv", status=4)["reasons"][0]["code"], "data")

    def test_value_of_a_field(self):
        self.config(**{'"csv"': '"json"'})
        self.write("data/a.ndjson", '{"o":{"a":1}}\n')
        self.expect(0, "run", "job.conf")
        self.write("data/b.ndjson", '{"o":{"a":"q"}}\n')
        (error,) = self.job(status=3)["sample"]["errors"]
        self.assertEqual((error["column"], error["value"]), ("o.a", '"q"'))

    def test_unchanged(self):
        self.config()
        self.write("data/a.csv", "id\n1\n")
        self.expect(0, "run", "job.conf")
        job = self.job()
        self.assertEqual((job["files"]["to_read"]["files"], job["files"]["unchanged"]["files"]), (0, 1))
        self.assertEqual((job["part"]["state"], job["schema"]["origin"]), ("unchanged", "remembered"))
        self.assertEqual(job["sample"]["payloads"], ['{"id":1}'])

    def test_the_first_file_that_a_run_would_read_is_looked_into(self):
        self.config('mapping = ( { from = "id"; type = "int64"; } );')
        self.write("data/a.csv", "id\n1\n")
        self.expect(0, "run", "job.conf")
        self.write("data/b.csv", "")
        self.write("data/c.csv", "id\nx\n")
        self.write("data/d.csv", "id\n2\n")
        job = self.job(status=3)
        self.assertEqual((job["part"]["name"], job["part"]["state"], job["sample"]["rejected"]), ("data/c.csv", "new", 1))
        self.assertEqual(self.job("--part", "a.csv")["part"]["state"], "unchanged")
        self.expect(3, "run", "job.conf")
        self.assertEqual(self.job()["part"]["name"], "data/a.csv")

    def test_on_change(self):
        for policy, member, status in (("reread", "changed", 0), ("ignore", "unchanged", 0), ("fail", "refused", 4)):
            self.config('sync = { on_change = "%s"; };' % policy, **{'"ledger"': '"ledger-%s"' % policy})
            self.write("data/a.csv", "id\n1\n")
            self.expect(0, "run", "job.conf")
            self.write("data/a.csv", "id\n1\n2\n")
            self.assertEqual(self.job(status=status)["files"][member]["files"], 1, policy)

    def test_another_sink_has_no_runs(self):
        self.config()
        self.write("data/a.csv", "id\n1\n")
        self.expect(0, "run", "job.conf")
        job = self.job("--sink", "web", status=4)  # nobody listens there
        self.assertEqual((job["sink"], job["files"]["new"]["files"]), ("web", 1))
        self.assertEqual([a["state"] for a in job["access"]], ["ok", "failed"])
        self.assertEqual(job["sample"]["payloads"], ['{"id":1}'], "what can be seen is shown all the same")

    def test_rejects(self):
        self.config(MAPPED)
        self.write("data/a.csv", "id,price\n1,2\n,3\n3,much\n4,5\n")
        job = self.job(status=3)
        self.expect(3, "run", "job.conf")
        with open(os.path.join(self.folder, "ledger/one.rejects.ndjson")) as file:
            really = [json.loads(line) for line in file]
        errors = job["sample"]["errors"]
        self.assertEqual((job["sample"]["records"], job["sample"]["rejected"]), (4, 2))
        self.assertEqual([(e["row"], e["column"], e["message"], e["file"]) for e in errors],
                         [(r["row"], r["column"], r["reason"], r["part"]) for r in sorted(really, key=lambda r: r["row"])])
        self.assertEqual([e["code"] for e in errors], ["invalid_value", "invalid_record"])
        self.assertEqual(errors[0]["value"], "null")
        self.assertEqual(errors[1]["record"], "3,much")
        self.assertIn("much", errors[1]["message"])
        self.assertEqual([r["code"] for r in job["reasons"]], ["rejects"])
        text = self.expect(3, "plan", "job.conf").text
        self.assertIn("one to local: fail", text)
        self.assertIn("row 2", text)

    def test_keys(self):
        """By row: what a run would refuse for its keys, plan refuses too, in the run's words."""
        by_row = '"out.ndjson"; operation_column = "op";'
        self.write("data/a.csv", "id,price\n1,5\n2,6\n2,7\n,8\n3,9\n")
        self.config('sync = { key = ["id"]; };', **{'"out.ndjson";': by_row})
        for words in ((), ("--all-rows",)):
            sample = self.job(*words, status=3)["sample"]
            self.assertEqual((sample["records"], sample["rejected"], sample["keys_cut"]), (5, 2, False))
            self.assertEqual([(e["row"], e["code"], e["column"]) for e in sample["errors"]],
                             [(2, "invalid_key", None), (3, "invalid_key", "id")])
            self.assertEqual(sample["payloads"], ['{"id":1,"price":5}', '{"id":2,"price":6}', '{"id":3,"price":9}'])
        self.expect(3, "run", "job.conf")
        rejects = [json.loads(line) for line in self.read("ledger/one.rejects.ndjson").splitlines()]
        self.assertEqual([(r["row"], r["reason"]) for r in rejects],
                         [(e["row"], e["message"]) for e in sample["errors"]])
        for sync, what in (('key = ["nope"];', "sync.key"), ('key = ["id"]; cursor = "zz";', "sync.cursor")):
            self.config("sync = { %s };" % sync, **{'"out.ndjson";': by_row})
            job = self.job(status=2)
            self.assertEqual([r["code"] for r in job["reasons"]], ["config"])
            self.assertIn(what, job["reasons"][0]["message"])

    def test_keys_by_the_hundred_thousand(self):
        self.write("data/a.csv", "id\n" + "".join("%d\n" % (i % 70000) for i in range(100000)))
        self.config('sync = { key = ["id"]; };', **{'"out.ndjson";': '"out.ndjson"; operation_column = "op";'})
        self.assertEqual(self.job()["sample"]["rejected"], 0)
        self.assertEqual(self.job("--all-rows", status=3)["sample"]["rejected"], 30000)

    def test_what_the_sink_cannot_do(self):
        """Known from options alone: plan, check and run refuse it before anything is read."""
        self.write("data/a.csv", "id\n1\n")
        for sink, sync, what in (("local", 'key = ["id"];', "operation_column"),
                                 ("web", 'mode = "full_refresh";', "begin_url"),
                                 ("stdout", 'mode = "full_refresh";', "standard output")):
            self.config('sync = { %s };' % sync, **{'sinks = {': 'sinks = { stdout = { type = "file"; path = "-"; };'})
            self.assertIn(what, self.expect(2, "plan", "job.conf", "--sink", sink).text)
            self.assertIn(what, self.expect(2, "check", "job.conf", "--sink", sink).errors)
            self.assertIn(what, self.expect(2, "run", "job.conf", "--sink", sink).errors)
            self.assertFalse(os.path.exists(os.path.join(self.folder, "ledger")), "the run began")
        self.config('sync = { key = ["id"]; };')
        self.assertEqual(self.expect(4, "check", "job.conf", "--sink", "web").errors.count("operation"), 0)

    def test_a_changed_source(self):
        """A run asks whether what was delivered counts, so plan does not pass; neither --adopt with --reset."""
        self.config()
        self.write("data/a.csv", "id\n1\n")
        self.write("more/a.csv", "id\n1\n")
        self.expect(0, "run", "job.conf")
        self.assertEqual(self.job()["reasons"], [])
        for old, new, what in (('"data"', '"more"', "its source was"), ('"csv"', '"json"', "its format was"),
                               ('"out.ndjson"', '"other.ndjson"', "its destination was")):
            self.config(**{old: new})
            reasons = [r for r in self.job(status=2)["reasons"] if r["code"] == "config"]
            self.assertIn(what, reasons[0]["message"])
            self.assertIn("--adopt", reasons[0]["message"])
            self.assertIn(what, self.expect(2, "run", "job.conf").errors)
        self.config(**{'"data"': '"more"'})
        self.assertIn("give one of them", self.expect(2, "run", "job.conf", "--adopt", "--reset").errors)
        self.assertEqual(self.read("out.ndjson").count("\n"), 1)
        self.expect(0, "run", "job.conf", "--adopt")
        self.assertEqual(self.job()["reasons"], [])

    def test_a_changed_source_of_streams(self):
        streams = 'stream = "{stem}";'
        self.config(streams)
        self.write("data/a.csv", "id\n1\n")
        self.write("more/a.csv", "id\n1\n")
        self.expect(0, "run", "job.conf")
        self.assertEqual(self.job()["reasons"], [])
        self.config(streams, **{'"data"': '"more"'})
        self.assertIn("its source was", self.job(status=2)["reasons"][0]["message"])

    def test_many_rejects(self):
        self.config('mapping = ( { from = "n"; type = "int64"; } );')
        self.write("data/a.csv", "n\n" + "x\n" * 200000)
        job = self.job(status=3)
        self.assertEqual(len(job["sample"]["errors"]), 100)
        self.assertEqual([e["row"] for e in job["sample"]["errors"]], list(range(100)))
        self.assertLessEqual(job["sample"]["rejected"], 20000, "it reads on and on")
        self.assertFalse(job["sample"]["whole_file"])
        self.assertEqual(self.job("--all-rows", status=3)["sample"]["rejected"], 200000)

    def test_bad_row_1000000(self):
        """It passes, for only the first records are looked at; the run rejects it, and --all-rows says so before."""
        self.config('mapping = ( { from = "n"; type = "int64"; } );')
        self.write("data/a.csv", "n\n" + "".join("%d\n" % i for i in range(1000000)) + "bad\n7\n")
        job = self.job()
        self.assertFalse(job["sample"]["whole_file"])
        self.assertLess(job["sample"]["records"], 30000)
        self.assertIn("--all-rows", self.expect(0, "plan", "job.conf").text)
        job = self.job("--all-rows", status=3)
        self.assertTrue(job["sample"]["whole_file"])
        self.assertEqual(job["sample"]["records"], 1000002)
        self.expect(3, "run", "job.conf")
        with open(os.path.join(self.folder, "ledger/one.rejects.ndjson")) as file:
            really = json.loads(file.read())
        self.assertEqual([(e["row"], e["message"]) for e in job["sample"]["errors"]], [(really["row"], really["reason"])])
        self.assertEqual(really["row"], 1000000)

    def test_part(self):
        self.config()
        for name in ("x/a.csv", "x/b.csv", "y/a.csv"):
            self.write("data/" + name, "n\n%d\n" % len(name))
        name = self.job()["part"]["name"]
        self.assertEqual(name, "data/x/a.csv")
        self.assertEqual(self.job("--part", "b.csv")["part"]["name"], "data/x/b.csv")
        self.assertEqual(self.job("--part", "y/a.csv")["part"]["name"], "data/y/a.csv")
        self.assertEqual(self.job("--part", "data/y/a.csv")["part"]["name"], "data/y/a.csv")
        for wrong, what in (("a.csv", "2 files end in 'a.csv'"), ("c.csv", "there is no file 'c.csv'"),
                            ("sv", "there is no file")):
            job = self.job("--part", wrong, status=2)
            self.assertIn(what, job["reasons"][0]["message"])
            self.assertEqual(job["reasons"][0]["code"], "config")
            self.assertIsNone(job["sample"])

    def test_no_file(self):
        self.config()
        os.mkdir(os.path.join(self.folder, "data"))
        job = self.job(status=4)
        self.assertIn("no file", job["reasons"][0]["message"])

    def test_empty_files_come_last(self):
        self.config()
        self.write("data/a.csv", "")
        self.assertEqual(self.job()["part"]["name"], "data/a.csv")
        self.write("data/b.csv", "n\n1\n")
        self.assertEqual(self.job()["part"]["name"], "data/b.csv")

    def test_columns(self):
        self.config('mapping = ( { from = "id"; type = "int64"; }, { from = "pirce"; to = "cost"; }, '
                    '{ from = "need"; required = true; }, { value = "1"; to = "v"; type = "int64"; } );')
        self.write("data/a.csv", "id,price\n1,2\n")
        job = self.job(status=4)
        columns = {c["name"] or c["to"]: c for c in job["schema"]["columns"]}
        self.assertIn("did you mean 'price'", columns["pirce"]["note"])
        self.assertIn("requires it", columns["need"]["problem"])
        self.assertIn("not mapped", columns["price"]["note"])
        self.assertEqual((columns["v"]["wanted"], columns["v"]["note"]), ("int64", "a constant"))
        self.assertIsNone(columns["price"]["to"])
        self.assertTrue(any("'need'" in r["message"] for r in job["reasons"]))

    def test_new_column(self):
        self.config()
        self.write("data/a.csv", "id\n1\n")
        self.expect(0, "run", "job.conf")
        self.write("data/b.csv", "id,extra\n2,x\n")
        job = self.job("--part", "b.csv")
        self.assertIn("added to the job's schema", job["schema"]["columns"][1]["note"])
        self.assertEqual(job["sample"]["payloads"], ['{"id":2,"extra":"x"}'])
        self.expect(0, "run", "job.conf")
        notes = {c["name"]: c["note"] for c in self.job("--part", "a.csv")["schema"]["columns"]}
        self.assertIsNone(notes["id"])
        self.assertIn("null in every record", notes["extra"])

    def test_transform(self):
        """Of a model: payloads and codes are the transform's own; a schema that does not fit is told before any run."""
        schema = '{"prediction_id":"%s","prediction_label":"label","features":"feature/"}'
        text = '''ledger = "ledger"; jobs = { one = { source = { type = "file"; path = "data"; };
  format = { type = "csv"; null_tokens = [""]; }; sink = { type = "file"; path = "out"; };
  transforms = ( { type = "model"; model_name = "m"; model_type = "score_categorical"; schema = "%s"; } ); }; };'''
        self.write("data/a.csv", "pid,label,feature/a\np1,fraud,x\n,ok,y\n")
        self.write("job.conf", text % (schema % "pid").replace('"', '\\"'))
        job = self.job(status=3)
        error = job["sample"]["errors"][0]
        self.assertEqual((error["row"], error["column"], error["value"], error["code"]),
                         (1, "pid", "null", "Invalid_Missing_Value"))
        payload = json.loads(job["sample"]["payloads"][0])
        self.assertEqual((payload["prediction_id"], payload["features"]), ("p1", {"a": "x"}))
        self.write("job.conf", text % (schema % "pod").replace('"', '\\"'))
        job = self.job(status=2)
        self.assertIn("did you mean 'pid'", job["reasons"][0]["message"])

    def test_unreadable_file(self):
        self.config(**{'format = { type = "csv"; };': ''})
        self.write("data/a.bin", bytes(range(256)))
        job = self.job(status=4)
        self.assertEqual(job["reasons"][0]["code"], "data")
        self.assertIn("a.bin", job["reasons"][0]["message"])

    def test_conflicts_and_unreadable_files_are_named(self):
        auto = {'format = { type = "csv"; };': ''}
        self.config(**auto)
        self.write("data/a.csv", "id,n\n1,5\n")
        self.write("data/b.csv", "id,n\n1,abc\n")
        self.write("data/bad.parquet", "no Parquet at all")
        job = self.job(status=4)
        self.assertEqual([r["code"] for r in job["reasons"]], ["data"])
        self.assertIn("data/bad.parquet: ", job["reasons"][0]["message"])
        notes = {n["column"]: n for n in job["schema"]["notes"]}
        self.assertEqual(set(notes), {None, "n"})
        self.assertEqual(notes["n"]["file"], "data/b.csv")
        self.assertIn("int64 in data/a.csv, string in data/b.csv", notes["n"]["message"])
        self.assertIn("note      column n: int64 in data/a.csv", self.expect(4, "plan", "job.conf").text)
        self.expect(4, "run", "job.conf")
        os.remove(os.path.join(self.folder, "data/bad.parquet"))
        self.config('mapping = ( { from = "n"; type = "int64"; } );', **auto)
        self.assertEqual(self.job("--sink", "web", status=4)["schema"]["notes"], [], "the mapping settles it")

    def test_requests_and_cost(self):
        self.config()
        for i in range(30):
            self.write("data/%02d.csv" % i, "id\n" + "1\n" * 100)
        job = self.job("--sink", "web", status=4)
        self.assertEqual(job["requests"], {"list": None, "read": None, "credentials": None, "send": 300, "records": 3000})
        self.assertEqual(self.job("--sink", "each", status=4)["requests"]["send"], 3000)
        self.assertIsNone(job["cost"])
        self.write("prices.conf", 'plan = { currency = "EUR"; price_per_1000_send = 2; price_per_gib = 1024.0; };')
        job = self.job("-c", "prices.conf", "--sink", "web", status=4)
        size = job["files"]["to_read"]["bytes"]
        self.assertEqual(job["cost"]["currency"], "EUR")
        self.assertAlmostEqual(job["cost"]["send"], 0.6)
        self.assertAlmostEqual(job["cost"]["transfer"], size / 2 ** 20)
        self.assertAlmostEqual(job["cost"]["total"], 0.6 + size / 2 ** 20)
        self.write("prices.conf", 'plan = { price_per_1000_get = -1; };')
        self.assertIn("prices.conf:1", self.expect(2, "plan", "job.conf", "-c", "prices.conf").errors)

    def test_ledger_of_another_kind(self):
        self.config()
        self.write("data/a.csv", "id\n1\n")
        self.write("ledger/one.db", b"not a database at all, but a text" * 100)
        job = self.job(status=2)
        self.assertIn("one.db", job["reasons"][0]["message"])

    def test_while_a_run_died(self):
        """A log is left beside the ledger: it is read, and neither is changed."""
        self.config('batch_rows = 1; checkpoint_every = "1ms";')
        for i in range(300):
            self.write("data/%03d.csv" % i, "id\n" + "1\n" * 2000)
        run = self.start("run", "job.conf")
        log = os.path.join(self.folder, "ledger/one.db-wal")
        for _ in range(1000):
            if os.path.exists(log) and os.path.getsize(log) > 100000:
                break
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        ours = [os.path.join(self.folder, "ledger", n) for n in ("one.db", "one.db-wal", "one.rejects.ndjson")]
        before = [read(path) for path in ours]
        done = self.expect(0, "plan", "job.conf", "--json")
        self.assertEqual([read(path) for path in ours], before)
        files = json.loads(done.text)["jobs"][0]["files"]
        self.assertTrue(files["has_run"])
        self.assertGreater(files["to_read"]["files"], 0)
        self.assertEqual(sum(files[k]["files"] for k in ("new", "pending", "unchanged")), 300)

    def test_several_jobs(self):
        self.write("data/a.csv", "id\n1\n")
        self.write("more/a.csv", "id\nx\n")
        self.write("job.conf", '''ledger = "ledger"; sinks = { s = { type = "file"; path = "out"; }; };
jobs = { one = { source = { type = "file"; path = "data"; }; sink = "s"; };
         two = { source = { type = "file"; path = "more"; }; sink = "s";
                 mapping = ( { from = "id"; type = "int64"; } ); }; };''')
        plan = json.loads(self.expect(3, "plan", "job.conf", "--json").text)
        self.assertEqual((plan["status"], [j["status"] for j in plan["jobs"]]), ("fail", ["pass", "fail"]))
        self.assertIn("--job", self.expect(2, "plan", "job.conf", "--part", "a.csv").errors)
        self.expect(0, "plan", "job.conf", "--part", "a.csv", "--job", "one")
        self.expect(2, "plan", "job.conf", "--job", "three")
        self.expect(2, "plan", "job.conf", "--rows", "1001")

    def test_hostile_names_and_texts(self):
        self.config()
        self.write("data/\x1b[31m\n.csv", 'id,"\x1b[2J"\n1,"\x1b]0;x\x07"\n')
        done = self.sluice("plan", "job.conf")
        self.assertNotIn("\x1b", done.text + done.errors)
        json.loads(self.sluice("plan", "job.conf", "--json").text)


class BucketTest(PlanTest):
    def bucket(self, server, path="s3://b1/data/", more=""):
        self.write("job.conf", '''ledger = "ledger";
jobs = { one = { source = { type = "s3"; path = "%s"; endpoint = "http://127.0.0.1:%d"; region = "us-east-1";
  access_key_id = "%s"; secret_access_key = "${KEY}"; %s }; format = { type = "csv"; };
  sink = { type = "file"; path = "out.ndjson"; }; }; };
plan = { price_per_1000_list = 5; price_per_1000_get = 1; };''' % (path, server.port, ACCESS, more))

    def test_bucket(self):
        server = self.server()
        for i in range(5):
            server.write("b1/data/%d.csv" % i, b"id\n1\n")
        server.write("b1/data/big.csv", b"id\n" + b"1234567\n" * 40000)
        self.bucket(server, more='range_size = "64KiB"; window = "1MiB";')
        job = self.job(env={"KEY": SECRET})
        self.assertIn("s3:ListBucket", [a["what"] for a in job["access"]])
        self.assertEqual(job["part"]["name"], "s3://b1/data/0.csv")
        self.assertEqual((job["requests"]["list"], job["requests"]["read"]), (1, 5 + 5))
        self.assertAlmostEqual(job["cost"]["total"], (1 * 5 + 10 * 1) / 1000)

    def test_reads_are_as_estimated(self):
        server = self.server()
        for i in range(300):
            server.write("b1/data/%03d.csv" % i, b"id\n1\n")
        self.bucket(server)
        expected = self.job(env={"KEY": SECRET})["requests"]["read"]
        before = server_stats(server)["GET"]
        self.expect(0, "run", "job.conf", env={"KEY": SECRET})
        really = server_stats(server)["GET"] - before
        self.assertEqual(expected, 300)
        self.assertTrue(expected <= really <= expected + 16, "%d GETs, %d expected" % (really, expected))

    def test_wrong_key(self):
        server = self.server()
        server.write("b1/data/a.csv", b"id\n1\n")
        self.bucket(server)
        wrong = "a-very-wrong-secret-key"
        job = self.job(status=5, env={"KEY": wrong})
        self.assertEqual(job["reasons"][0]["code"], "auth")
        self.assertIsNone(job["files"])
        self.assertNotIn(wrong, json.dumps(job))

    def test_folder_markers(self):
        server = self.server()
        server.write("b1/data/a.csv", b"id\n1\n")
        server.write("b1/data/b.txt", b"")
        self.bucket(server, more='exclude = [ "**.txt" ];')
        job = self.job(env={"KEY": SECRET})
        self.assertEqual(job["files"]["skipped"], 1)
        self.assertEqual(sum(job["files"]["skipped_by_reason"].values()), 1)
        job = self.job("--part", "b.txt", status=2, env={"KEY": SECRET})
        self.assertIn("is not read", job["reasons"][0]["message"])

    def measure(self, count):
        server = self.server("--synthetic", "%d:200" % count)
        self.bucket(server, path="s3://synthetic/")
        begun = time.monotonic()
        run = subprocess.Popen([SLUICE, "plan", "job.conf", "--json"], cwd=self.folder, env=dict(CLEAN, KEY=SECRET),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        text = run.stdout.read()
        run.stdout.close()
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(run.returncode, 0, text)
        self.assertEqual(json.loads(text)["jobs"][0]["files"]["new"]["files"], count)
        return usage.ru_maxrss, server_stats(server), time.monotonic() - begun

    def test_20000_objects(self):
        small, _, _ = self.measure(2000)
        large, stats, seconds = self.measure(20000)
        self.assertLess(large - small, 40 * 1024, "KiB more for 20,000 objects than for 2,000")
        self.assertLess(stats["GET"] + stats["HEAD"], 30, "it reads more than the first files")
        self.assertLess(seconds, 60)


def server_stats(server):
    from s3client import Client
    return Client(server.port).stats()["operations"]


if __name__ == "__main__":
    unittest.main()
