"""Bad input: one clear error or reject each, and nothing lost."""
import os
import resource
import sqlite3
import subprocess
import time
import unittest

from kit import WorldTest


class BadInput(WorldTest):
    def delivered(self, content, ids, rejects, status, words=()):
        """The file has these ids, and so many rejects, the first of which says these words."""
        world = self.world()
        for i in range(4): # the first parts settle the types
            world.put("good-%d.csv" % i, 1000 + i * 5, 5)
        world.s3d.write("b/data/other.csv", content)
        world.expected.update(ids)
        world.run(expect=status)
        world.check_web()
        found = world.rejects()
        self.assertEqual(len(found), rejects, found)
        for word in words:
            self.assertIn(word, str(found[0]))

    def test_empty_file(self):
        self.delivered(b"", (), 0, 0)

    def test_header_only(self):
        self.delivered(b"id,name,score\n", (), 0, 0)

    def test_ragged_row(self):
        self.delivered(b"id,name,score\n1,a,1.5\n2,b\n3,c,1.5,9\n4,d,1.5\n", (1, 4), 2, 3,
                       ("'row': 1,", "2 fields", "must have 3", "'raw': '2,b'"))

    def test_nul_byte(self):
        self.delivered(b"id,name,score\n1,a\0b,1.5\n2,b,1.5\n", (2,), 1, 3, ("zero byte",))

    def test_unterminated_quote(self):
        self.delivered(b'id,name,score\n1,a,1.5\n2,"b,1.5\n3,c,1.5\n', (1,), 1, 3, ("quote",))

    def test_text_that_is_not_utf8(self):
        self.delivered(b"id,name,score\n1,\xff,1.5\n2,b,1.5\n", (2,), 1, 3, ("UTF-8",))

    def test_a_value_that_does_not_fit(self):
        self.delivered(b"id,name,score\nx1,a,1.5\n2,b,1.5\n", (2,), 1, 3, ("x1", "int64"))

    def test_gzip_that_is_cut(self):
        world = self.world()
        world.put("good.csv", 0, 5)
        world.put("zz.csv.gz", 100, 5000, counted=False)
        path = os.path.join(world.s3d.root, "b/data/zz.csv.gz")
        os.truncate(path, os.path.getsize(path) // 2)
        err = world.run(expect=4)
        self.assertIn("zz.csv.gz", err)
        self.assertTrue(world.expected <= {r["id"] for r in world.recv.records()})

    # ---- the source

    def test_wrong_secret_key(self):
        world = self.world()
        world.put("a.csv", 0, 5)
        wrong = "wrong-secret-key-that-must-not-show"
        err = world.run(expect=5, env={"AWS_SECRET_ACCESS_KEY": wrong})
        for word in ("ListObjectsV2", 'bucket "b"', "SignatureDoesNotMatch", "403"):
            self.assertIn(word, err)
        self.assertRegex(err, "request id [0-9A-F]{16}")
        verbose = world.run("-v", "--log", "json", expect=5, env={"AWS_SECRET_ACCESS_KEY": wrong})
        for text in (err, verbose):
            self.assertNotIn(wrong, text)
            self.assertNotIn("the-token", text)
        for folder, _, names in os.walk(world.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(wrong.encode(), file.read(), name)

    def test_bucket_that_does_not_exist(self):
        world = self.world()
        self.assertIn("NoSuchBucket", world.run(expect=2))

    def test_prefix_without_objects(self):
        world = self.world()
        world.s3d.write("b/other/a.csv", b"id\n1\n")
        self.assertIn("files: 0 ", world.run(expect=0))

    def test_broken_and_unordered_listings(self):
        for fault, words in (("broken-xml", "XML"), ("unordered", "order"), ("repeat-token", "token")):
            world = self.world("--page", "2")
            for i in range(6):
                world.put("%d.csv" % i, i * 10, 10)
            world.s3d.faults("LIST %s\n" % fault)
            status, err = world.wait(world.start())
            self.assertEqual(status, 4, err)
            self.assertIn(words, err)
            world.s3d.faults("")
            world.run(expect=0)
            world.check_web()

    # ---- the ledger

    def test_full_disk(self):
        world = self.world()
        for i in range(300):
            world.put("%03d.csv" % i, i * 10, 10)
        os.mkdir(world.path("ledger"))
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "none", world.path("ledger")],
                                               stderr=subprocess.DEVNULL).returncode:
            self.skipTest("skipped: no tmpfs can be mounted here")
        try:
            err = world.run()
            self.assertIn("space", err)
            subprocess.run(["mount", "-o", "remount,size=50m", world.path("ledger")], check=True)
            world.run(expect=0)
            self.assertEqual({r["id"] for r in world.recv.records()}, world.expected)
        finally:
            subprocess.run(["umount", world.path("ledger")], check=True)

    def test_a_ledger_at_the_limit_of_file_size(self):
        world = self.world()
        for i in range(300):
            world.put("%03d.csv" % i, i * 10, 10)
        for limit in (20_000, 150_000):
            status, err = world.wait(world.start(
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))))  # noqa: B023
            self.assertGreater(status, 0, "it died of signal %d" % -status)
            self.assertIn("j.db", err)
            self.assertIn("nothing is lost", err)
        world.run(expect=0)
        self.assertEqual({r["id"] for r in world.recv.records()}, world.expected)

    def test_a_file_that_is_no_ledger(self):
        world = self.world()
        world.put("a.csv", 0, 5)
        os.mkdir(world.path("ledger"))
        with open(world.path("ledger", "j.db"), "wb") as file:
            file.write(b"not a database at all" * 1000)
        self.assertIn("is not a ledger", world.run(expect=2))
        with open(world.path("ledger", "j.db"), "rb") as file:
            self.assertTrue(file.read().startswith(b"not a database"), "it was not left as it was")

    def test_a_newer_ledger(self):
        world = self.world()
        world.put("a.csv", 0, 5)
        world.run(expect=0)
        with sqlite3.connect(world.path("ledger", "j.db")) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
        self.assertIn("newer", world.run(expect=2))

    def test_two_runs_of_one_job(self):
        world = self.world()
        world.recv.faults("* slow ms=50\n")  # so that the first has not ended when the others begin
        world.put("a.csv", 0, 150000)
        first = world.start()
        for _ in range(1000):
            if world.arrived():
                break
            time.sleep(0.01)
        for words in ((), ("--sink", "disk")):
            self.assertIn("is being run by process %d " % first.pid, world.run(*words, expect=4))
        self.assertIsNone(first.poll(), "the first ended before the others were refused")
        self.assertEqual(world.wait(first)[0], 0)
        self.assertEqual(world.check_web()["duplicates_same_body"], 0)
        self.assertFalse(os.path.exists(world.path("out.ndjson")))

    # ---- the configuration

    def config_error(self, text, *words):
        world = self.world()
        with open(world.path("job.conf"), "w") as file:
            file.write(text)
        err = world.run(expect=2)
        for word in words:
            self.assertIn(word, err)

    def test_syntax_error(self):
        self.config_error('ledger = "x";\njobs = { a = {\n', "job.conf:", "syntax error")

    def test_unknown_key(self):
        self.config_error('jobs = { j = { source = { type = "s3"; pth = "s3://b/"; }; sink = { type = "file"; path = "-"; }; }; };',
                          "job.conf:1", "'pth'", "did you mean 'path'")

    # ---- limits for rejects

    def limited(self, errors, status, words):
        world = self.world()
        world.configure("workers = 1; errors = { %s };" % errors)
        world.put("a.csv", 0, 2000, broken=tuple(range(0, 2000, 100)))
        self.assertIn(words, world.run(expect=status))
        world.configure("workers = 1;")  # nothing is lost: without the limit, the rest comes
        world.run()
        world.check_web()
        world.check_rejects()

    def test_on_error_fail(self):
        self.limited('on_error = "fail";', 4, "on_error")

    def test_max_rejects(self):
        self.limited("max_rejects = 5;", 4, "max_rejects = 5")
        self.limited('max_rejects = "0.1%";', 4, "0.1%")
        self.limited('max_rejects = "5%";', 3, "20 rejected")

if __name__ == "__main__":
    unittest.main()
