"""get: one object into a file; from local files and from s3d."""
import gzip
import hashlib
import os
import random
import resource
import signal
import subprocess
import time
import unittest

from program import CLEAN, SLUICE, ProgramTest


class FolderTest(ProgramTest):
    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()

    def names(self):
        return sorted(os.listdir(self.folder))


class LocalTest(FolderTest):
    def test_into_the_current_folder(self):
        self.write("data/a.csv", "x\n1\n")
        done = self.expect(0, "get", "data/a.csv")
        self.assertEqual((self.read("a.csv"), done.text), (b"x\n1\n", ""))
        self.assertRegex(done.errors, r"^a\.csv: 4 B in \d+ms")
        self.assertEqual(self.names(), ["a.csv", "data"])
        self.assertEqual(os.stat(os.path.join(self.folder, "a.csv")).st_mode & 0o777, 0o666 & ~self.mask())

    @staticmethod
    def mask():
        mask = os.umask(0)
        os.umask(mask)
        return mask

    def test_names(self):
        self.write("data/a.csv", "1")
        self.expect(0, "get", "data/a.csv", "b.csv", "-q")
        os.mkdir(os.path.join(self.folder, "into"))
        self.assertEqual(self.expect(0, "get", "file://" + self.folder + "/data/a.csv", "into", "-q").errors, "")
        self.expect(0, "get", "data/a.csv", ".")
        for name in ("a.csv", "b.csv", "into/a.csv"):
            self.assertEqual(self.read(name), b"1")
        self.assertIn("No such file", self.expect(4, "get", "data/a.csv", "none/a.csv").errors)
        long = "n" * 250
        self.expect(0, "get", "data/a.csv", long)
        self.assertIn("too long", self.expect(4, "get", "data/a.csv", long * 2).errors)
        self.assertEqual(self.names(), ["a.csv", "b.csv", "data", "into", long])

    def test_bytes_as_stored(self):
        data = random.Random(1).randbytes(5 * (1 << 20) + 17)
        self.write("data/r.bin.gz", data)
        self.expect(0, "get", "data/r.bin.gz")
        self.assertEqual(gzip.decompress(self.read("r.bin.gz")), data)
        self.assertEqual(self.expect(0, "get", "data/r.bin.gz", "-").out, self.read("data/r.bin.gz"))
        self.write("data/empty", "")
        self.expect(0, "get", "data/empty")
        self.assertEqual(self.read("empty"), b"")

    def test_what_is_there_is_kept(self):
        self.write("data/a.csv", "new")
        self.write("a.csv", "old")
        done = self.expect(2, "get", "data/a.csv")
        self.assertIn("'a.csv' is there already; --force replaces it", done.errors)
        self.assertEqual(self.read("a.csv"), b"old")
        self.expect(0, "get", "data/a.csv", "--force")
        self.assertEqual(self.read("a.csv"), b"new")
        os.mkfifo(os.path.join(self.folder, "pipe"))
        os.symlink("nowhere", os.path.join(self.folder, "link"))
        for name in ("pipe", "link"):
            self.assertIn("is there already", self.expect(2, "get", "data/a.csv", name).errors)
            self.assertIn("no plain file", self.expect(2, "get", "data/a.csv", name, "--force").errors)
        self.assertEqual(self.names(), ["a.csv", "data", "link", "pipe"])

    def test_one_object_only(self):
        self.write("data/a.csv", "1")
        self.write("data/b.csv", "1")
        done = self.expect(2, "get", "data", "out")
        self.assertIn("'data' is not the name of one object, but there is 'data/a.csv'", done.errors)
        os.mkdir(os.path.join(self.folder, "empty"))
        self.assertIn("there is nothing at 'empty'", self.expect(4, "get", "empty", "out").errors)
        self.assertIn("none", self.expect(2, "get", "none").errors)
        self.assertIn("is not read by this source: excluded",
                      self.expect(4, "get", "data/a.csv", "-o", "exclude=**").errors)
        self.assertEqual(self.names(), ["data", "empty"])

    def test_disk_limits(self):
        self.write("data/big", b"x" * 3000000)
        process = self.start("get", "data/big", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, 1000000)))
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 4, errors)
        self.assertIn(b"cannot be written", errors)
        self.assertEqual(self.names(), ["data"])
        if not os.path.exists("/dev/full"):
            self.skipTest("skipped: there is no /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run([SLUICE, "get", "data/big", "-"], cwd=self.folder, env=CLEAN, stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"No space left", done.stderr)

    def test_reader_that_goes_away(self):
        self.write("data/big", b"x" * 30000000)
        process = self.start("get", "data/big", "-")
        process.stdout.read(10)
        process.stdout.close()
        errors = process.stderr.read()
        process.stderr.close()
        self.assertEqual((process.wait(60), errors), (0, b""))


class BucketTest(FolderTest):
    def test_object(self):
        server = self.server()
        env = self.keys(server)
        data = random.Random(2).randbytes(21 * (1 << 20) + 5)  # three ranges
        server.write("b1/data/r.bin", data)
        server.write("b1/data/r.bin.sig", b"s")
        server.write("b1/data/empty", b"")
        self.expect(0, "get", "s3://b1/data/r.bin", env=env)
        self.assertEqual(self.read("r.bin"), data)
        digest = hashlib.sha256(self.expect(0, "get", "s3a://b1/data/r.bin", "-", env=env).out).hexdigest()
        self.assertEqual(digest, hashlib.sha256(data).hexdigest())
        self.expect(0, "get", "s3://b1/data/empty", env=env)
        self.assertEqual(self.read("empty"), b"")
        done = self.expect(2, "get", "s3://b1/data/r", "out", env=env)
        self.assertIn("'s3://b1/data/r' is not the name of one object, but there is 's3://b1/data/r.bin'", done.errors)
        self.assertIn("there is nothing at", self.expect(4, "get", "s3://b1/none", env=env).errors)
        self.assertIn("SignatureDoesNotMatch",
                      self.expect(5, "get", "s3://b1/data/r.bin", "x", env=self.keys(server, "wrong-secret")).errors)
        self.assertEqual(self.names(), ["empty", "r.bin"])

    def test_interrupt(self):
        script = self.write("faults", "GET slow 200000\n")
        server = self.server("--script", script)
        server.write("b1/r.bin", b"x" * (8 << 20))
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start("get", "s3://b1/r.bin", env=self.keys(server))
            deadline = time.time() + 30
            while not any(n.endswith(".part") for n in os.listdir(self.folder)) and time.time() < deadline:
                time.sleep(0.05)
            self.assertTrue(any(n.endswith(".part") for n in self.names()), "the temporary file is not beside its name")
            process.send_signal(number)
            _, errors = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 130, errors)
            self.assertEqual(self.names(), ["faults"])

    def test_object_that_changes_meanwhile(self):
        script = self.write("faults", "GET change skip=1\n")
        server = self.server("--script", script)
        server.write("b1/r.bin", random.Random(3).randbytes(30 << 20))
        done = self.sluice("get", "s3://b1/r.bin", env=self.keys(server))
        self.assertNotEqual(done.status, 0, "a mixed object was taken for whole")
        self.assertEqual(self.names(), ["faults"])


if __name__ == "__main__":
    unittest.main()
