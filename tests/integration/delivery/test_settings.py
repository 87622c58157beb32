"""What a change of the configuration does to a job that was under way: nothing comes twice, nothing changes unsaid."""
import gzip
import json
import signal
import subprocess
import time
import unittest

from kit import ACCESS, CLEAN, SECRET, SLUICE, WorldTest, check_sanitizers, csv_rows, record

SLOW = "* slow ms=20\n"


class Settings(WorldTest):
    def edit(self, world, change):
        with open(world.path("job.conf")) as file:
            before = file.read()
        after = change(before)
        self.assertNotEqual(before, after)
        with open(world.path("job.conf"), "w") as file:
            file.write(after)


    def tell(self, world, command, *words):
        done = subprocess.run([SLUICE, command, world.path("job.conf"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=dict(CLEAN, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET))
        check_sanitizers(done.stdout.decode())
        return done.returncode, done.stdout.decode()


class Sending(Settings):
    """Settings of how records are sent, changed after a crash: the same requests under the same keys."""

    def crash_then(self, change):
        world = self.world()
        world.put("a.csv", 0, 40000)
        world.configure("workers = 1;")
        self.edit(world, lambda text: text.replace('checkpoint_every = "50ms"', 'checkpoint_every = "60s"'))
        world.recv.faults(SLOW)
        self.assertTrue(world.run_killed_at(5000))
        world.recv.faults("")
        self.edit(world, change)
        err = world.run(expect=0)
        self.assertNotIn("under new keys", err)
        self.assertGreater(world.check_web()["duplicates_same_body"], 0)

    def test_tuning(self):
        self.crash_then(lambda text: text.replace('retry_for = "20s";', 'retry_for = "21s"; in_flight = 3; timeout = "50s";'
                                                  'connect_timeout = "9s"; max_attempts = 5; user_agent = "other";'))

    def test_credentials(self):
        self.crash_then(lambda text: text.replace('bearer = "the-token";', 'bearer = "another";'))
        self.crash_then(lambda text: text.replace('bearer = "the-token";', 'username = "u"; password = "p";'))

    def test_defaults_that_are_written_out(self):
        self.crash_then(lambda text: text.replace("batch_rows = 500;", 'batch_rows = 500; batch_bytes = 1048576; method = "POST";'
                                                  'body = "ndjson"; gzip = false;'))


MAPPED = 'mapping = ( { value = "web"; to = "origin"; } ); unmapped = "keep";'


class Types(Settings):
    """A job's types are found once. Another mapping or evolution does not look at the first files again, which may be bad."""

    def job(self, first="id,n\n1,a\n", options=""):
        world = self.world()
        world.configure(options)
        world.s3d.write("b/data/b.csv", first.encode())
        world.run("--sink", "disk", expect=0)
        return world

    def add(self, world, name, text, options, expect=0):
        world.configure(options)
        world.s3d.write("b/data/" + name, text.encode())
        return world.run("--sink", "disk", expect=expect)

    def lines(self, world):
        with open(world.path("out.ndjson")) as file:
            return [json.loads(line) for line in file]

    def test_a_mapping(self):
        world = self.job()
        err = self.add(world, "a.csv", "id,n\nzz,1\n2,b\n", MAPPED, expect=3)
        self.assertIn("2 columns keep their types", err)
        self.add(world, "c.csv", "id,n\n3,7\n", MAPPED)
        self.assertEqual(self.lines(world)[1:], [{"origin": "web", "id": 2, "n": "b"}, {"origin": "web", "id": 3, "n": "7"}])

    def test_a_mapping_and_retry(self):
        world = self.job()
        self.add(world, "a.csv", "id,n\nzz,1\n2,b\n", "", expect=3)
        world.configure('evolution = { changed = "rescue"; };')
        self.retry(world)
        world.configure('mapping = ( { from = "id"; type = "string"; }, { from = "n"; } );')
        self.add(world, "c.csv", "id,n\nyy,8\n", 'mapping = ( { from = "id"; type = "string"; }, { from = "n"; } );')
        self.assertEqual(self.lines(world)[1:], [{"id": 2, "n": "b"}, {"id": None, "n": "1", "_rescued": '{"id":"zz"}'},
                                                 {"id": "yy", "n": "8"}])
        # A type that a rule said and says no more is found in the files; that of the other column stays.
        world.configure("")
        world.s3d.write("b/data/a.csv", b"id,n\n5,5\n")
        self.add(world, "d.csv", "id,n\n6,6\n", 'mapping = ( { from = "id"; }, { from = "n"; } );')
        self.assertEqual(self.lines(world)[-1]["n"], "6")

    def retry(self, world):
        status, report = self.tell(world, "retry", "--job", "j", "--sink", "disk")
        self.assertEqual(status, 0, report)

    def test_rescue(self):
        world = self.job()
        self.add(world, "a.csv", "id,n\nzz,1\n", 'evolution = { changed = "rescue"; };')
        self.add(world, "c.csv", "id,n\n5,x\n", 'evolution = { changed = "rescue"; rescue_column = "rest"; };')
        self.assertEqual(self.lines(world)[1:], [{"id": None, "n": "1", "_rescued": '{"id":"zz"}'}, {"id": 5, "n": "x", "rest": None}])

    def test_stop_is_not_passed_by(self):
        stop = 'evolution = { changed = "stop"; new = "stop"; };'
        world = self.job(options=stop)
        self.assertIn('evolution.changed = "stop"', self.add(world, "a.csv", "id,n\nzz,1\n", stop + MAPPED, expect=4))
        self.assertIn('evolution.new = "stop"', self.add(world, "a.csv", "id,n,x\n2,1,1\n", stop + MAPPED, expect=4))
        self.assertEqual(len(self.lines(world)), 1)

    def test_a_column_that_is_needed_now(self):
        world = self.job("id,n,x\n1,a,5\n", 'mapping = ( { from = "id"; } );')
        err = self.add(world, "a.csv", "id,n,x\nzz,1,6.5\n7,b,7\n", 'mapping = ( { from = "id"; }, { from = "x"; } );', expect=3)
        self.assertIn("1 columns keep their types; the first files tell those of 'x'", err)
        self.add(world, "c.csv", "id,n,x\n8,c,8\n", "")
        self.assertEqual(self.lines(world)[1:], [{"id": 7, "x": 7.0}, {"id": 8, "x": 8.0, "n": "c"}])

    def test_a_filter(self):
        world = self.job()
        self.add(world, "a.csv", "id,n\nzz,1\n2,b\n", "where = \"id > 1\";", expect=3)
        self.assertEqual(self.lines(world)[1:], [{"id": 2, "n": "b"}])

    def test_another_format(self):
        world = self.job()
        err = self.add(world, "a.csv", "id;n\nzz;1\n", 'format = { type = "csv"; delimiter = ";"; };', expect=2)
        self.assertIn("its format was", err)

    def test_keys_by_row(self):
        world, by_row = self.world(), 'sync = { key = ["id"]; };'
        for name, text, options, status in (("b.csv", "id,n\n1,a\n2,b\n", by_row, 0), ("a.csv", "id,n\nzz,1\n", by_row + MAPPED, 3)):
            world.configure(options)
            self.edit(world, lambda text: text.replace('disk = { type = "file";', 'disk = { type = "file"; operation_column = "op";'))
            world.s3d.write("b/data/" + name, text.encode())
            if status:
                world.s3d.write("b/data/b.csv", b"id,n\n1,a\n2,bb\n3,c\n")
            err = world.run("--sink", "disk", expect=status)
        self.assertIn("1 new, 2 changed", err)


class Middle(Settings):
    """A mapping that comes in the middle of a file: what was delivered does not come again."""

    def lines(self, n):
        return {"a.csv": csv_rows(0, n), "a.csv.gz": gzip.compress(csv_rows(0, n)),
                "a.ndjson": "".join(json.dumps(record(i)) + "\n" for i in range(n)).encode()}

    def begin(self, name, data, end):
        world = self.world()
        world.configure("workers = 1; checkpoint_bytes = 10000;")
        world.s3d.write("b/data/" + name, data)
        process = world.start("--sink", "disk")
        while process.poll() is None and world.arrived("--sink", "disk") < 3000:
            time.sleep(0.001)
        process.send_signal(end)
        check_sanitizers(process.communicate()[1].decode())
        self.assertNotEqual(process.returncode, 0, "it was too quick")
        world.configure("workers = 1;" + MAPPED)
        err = world.run("--sink", "disk", expect=0)
        self.assertIn("it goes on from its last checkpoint with today's columns", err)
        with open(world.path("out.ndjson")) as file:
            return [json.loads(line) for line in file]

    def test_after_a_stop_each_comes_once(self):
        for name, data in self.lines(60000).items():
            got = self.begin(name, data, signal.SIGINT)
            self.assertEqual([one["id"] for one in got], list(range(60000)), name)
            self.assertTrue("origin" not in got[0] and got[-1]["origin"] == "web")

    def test_after_a_crash_none_is_lost(self):
        for name, data in self.lines(60000).items():
            got = [one["id"] for one in self.begin(name, data, signal.SIGKILL)]
            self.assertEqual(set(got), set(range(60000)), name)
            self.assertLess(len(got), 63000, "more than a flush came again")

    def test_what_cuts_records_otherwise_begins_anew(self):
        world = self.world()
        world.configure('workers = 1; checkpoint_bytes = 10000; format = { type = "csv"; };')
        world.put("a.csv", 0, 60000)
        world.run_killed_at(3000, "--sink", "disk")
        world.configure('workers = 1; format = { type = "csv"; sample = 2000; };')
        err = world.run("--sink", "disk", expect=0)
        self.assertIn("read again from its start, and what was delivered of it may come again", err)


class Places(Settings):
    """A destination that is called otherwise is none; another one is asked about."""

    def rename(self, world, old, new):
        self.edit(world, lambda text: text.replace(old + " = {", new + " = {").replace('"%s"' % old, '"%s"' % new))

    def test_a_renamed_sink_after_a_crash(self):
        world = self.world()
        world.put("a.csv", 0, 40000, broken=(7,))
        world.configure("workers = 1;")
        self.edit(world, lambda text: text.replace('checkpoint_every = "50ms"', 'checkpoint_every = "60s"'))
        world.recv.faults(SLOW)
        self.assertTrue(world.run_killed_at(5000))
        world.recv.faults("")
        self.rename(world, "web", "net")
        self.assertIn("its sink web is called net now", world.run(expect=3))
        self.assertGreater(world.check_web()["duplicates_same_body"], 0)
        world.check_rejects()
        self.rename(world, "net", "web")
        self.assertIn("files: 0 ", world.run(expect=0))
        world.put("b.csv", 40000, 10)
        world.run(expect=0)
        world.check_web()

    def test_a_renamed_sink_that_keeps_positions(self):
        for n in range(3000, 12000, 3000):
            world = self.world()
            world.put("a.csv", 0, 100000, broken=(7, 9))
            world.configure("workers = 1; checkpoint_bytes = 10000;")
            world.run_killed_at(n, "--sink", "disk")
            self.rename(world, "disk", "drive")
            world.run("--sink", "drive", expect=3)
            world.check_disk()
            world.check_rejects()

    def test_a_sink_moved_into_its_job(self):
        world = self.world()
        world.put("a.csv", 0, 10)
        world.run("--sink", "disk", expect=0)
        inner = 'sink = { type = "file"; path = "%s"; };' % world.path("out.ndjson")
        self.edit(world, lambda text: text.replace('sink = "web";', inner).replace("disk = {", "unused = {"))
        self.assertIn("files     0 to read", self.tell(world, "plan")[1])
        self.assertIn("its sink disk is called file now", world.run(expect=0))
        world.check_disk()
        self.edit(world, lambda text: text.replace(inner, 'sink = { type = "http"; url = "http://127.0.0.1:%d/v1"; };' % world.recv.port))
        for report in (world.run(expect=2), self.tell(world, "plan")[1]):
            for word in ("sink file", "--adopt", "--reset"):
                self.assertIn(word, report)
        self.assertEqual(world.arrived(), 0)
        world.put("b.csv", 10, 10)
        world.run("--adopt", expect=0)
        self.assertEqual(sorted(one["id"] for one in world.recv.records()), list(range(10, 20)))
        world.run("--reset", expect=0)
        self.assertEqual(len(world.recv.records()), 30)
        self.assertIn("files: 0 ", world.run(expect=0))

    def test_sinks_side_by_side(self):
        world = self.world()
        world.put("a.csv", 0, 10)
        world.run("--sink", "disk", expect=0)
        world.run(expect=0)
        world.check_web()

    def test_a_slip_in_the_path_is_mended(self):
        world = self.world()
        world.put("a.csv", 0, 10)
        self.edit(world, lambda text: text.replace("s3://b/data/", "s3://b/dta/"))
        world.run("--sink", "disk")
        world.configure()
        world.run("--sink", "disk", expect=0)
        world.check_disk()
        self.edit(world, lambda text: text.replace("s3://b/data/", "s3://b/other/"))
        self.assertIn("--adopt", world.run("--sink", "disk", expect=2))


class Streams(Settings):
    """Other streams know nothing of what was delivered: that is asked about, and can only be delivered anew."""

    def go(self, world, options, *words, expect=0):
        world.configure(options)
        if options:
            self.edit(world, lambda text: text.replace("out.ndjson", "out-{stream}.ndjson"))
        return world.run("--sink", "disk", *words, expect=expect)

    def ids(self, world, stream):
        with open(world.path("out%s.ndjson" % stream)) as file:
            return [json.loads(line)["id"] for line in file]

    def asks(self, world, options, *words):
        err = self.go(world, options, expect=2)
        for word in words + ("--reset",):
            self.assertIn(word, err)
            self.assertIn(word, self.tell(world, "plan", "--sink", "disk")[1])
        self.assertIn("does not help", self.go(world, options, "--adopt", expect=2))

    def test_streams_come_and_go(self):
        world = self.world()
        world.put("main.csv", 0, 2)
        world.put("x/b.csv", 2, 2)
        self.go(world, "")
        self.asks(world, 'stream = "{stem}";', "not split", 'by "{stem}"')
        self.go(world, "")
        self.assertEqual(sorted(self.ids(world, "")), [0, 1, 2, 3])
        self.go(world, 'stream = "{stem}";', "--reset")
        self.assertIn("files: 0 ", self.go(world, 'stream = "{stem}";'))
        self.assertEqual([self.ids(world, "-main"), self.ids(world, "-b")], [[0, 1], [2, 3]])
        self.asks(world, 'stream = "s-{stem}";', '"{stem}"', '"s-{stem}"')
        self.asks(world, "", 'by "{stem}"', "are not now")
        self.go(world, "", "--reset")
        self.assertIn("files: 0 ", self.go(world, ""))
        self.assertEqual(sorted(self.ids(world, "")), [0, 0, 1, 1, 2, 2, 3, 3])

    def test_rules(self):
        world = self.world()
        world.put("a.csv", 0, 2)
        rule = 'streams = ( { match = "([a-z])[.]csv$"; name = "{1}%s"; } );'
        self.go(world, rule % "")
        self.asks(world, rule % "1", "the rules")
        self.go(world, rule % "1", "--reset")
        self.assertIn("files: 0 ", self.go(world, rule % "1"))
        self.assertEqual([self.ids(world, "-a"), self.ids(world, "-a1")], [[0, 1], [0, 1]])


if __name__ == "__main__":
    unittest.main()
