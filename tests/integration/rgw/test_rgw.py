"""Listing and reading from Ceph RADOS Gateway, over http and https, with the keys that it knows and with wrong ones."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
RGW = os.path.join(HERE, "..", "..", "..", "scripts", "rgw")
SLUICE = os.environ["SLUICE"]
ODD = ["plain.csv", "with space.csv", "a+b.csv", "100%.csv", "ümlaut.csv", "a&b=c.csv", "(p)*'!.csv", "d/e/f.csv", "d-e.csv", "d.csv"]


def shell_env(path):
    out = subprocess.run(["bash", "-c", ". '%s'; env -0" % path], stdout=subprocess.PIPE, check=True).stdout
    return dict(pair.split("=", 1) for pair in out.decode().split("\0") if "=" in pair)


class Gateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.TemporaryDirectory(prefix="sluice-rgw-")
        cls.folder, cls.expected, files = os.path.join(cls.top.name, "gateway"), [], os.path.join(cls.top.name, "files")
        up = subprocess.run(["bash", RGW, "up", cls.folder], stderr=subprocess.PIPE)
        if up.returncode == 3:
            print("skipped: the packages of Ceph RADOS Gateway are not installed", flush=True)
            sys.exit(0)
        assert up.returncode == 0, up.stderr.decode()
        cls.env = shell_env(os.path.join(cls.folder, "env"))
        for i in range(1200):
            cls.put(files, "many/%04d.csv" % i, i, 1)
        for i, name in enumerate(ODD):
            cls.put(files, "odd/" + name, 10000 + i, 1)
        cls.put(files, "large.csv", 100000, 400000)
        subprocess.run(["bash", RGW, "put", cls.folder, "bucket", files], env=cls.env, check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def put(cls, folder, name, first, n):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write("id,text\n" + "".join("%d,some text %d\n" % (i, i) for i in range(first, first + n)))
        cls.expected += range(first, first + n)

    @classmethod
    def tearDownClass(cls):
        subprocess.run(["bash", RGW, "down", cls.folder], check=True, stderr=subprocess.DEVNULL)
        cls.top.cleanup()

    def sluice(self, *words, status=0, **env):
        done = subprocess.run([SLUICE] + list(words), env=dict(self.env, **env), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stdout.decode(), done.stderr.decode()

    def test_listing_is_whole_and_in_byte_order(self):
        out, _ = self.sluice("ls", "s3://bucket/", "-o", "endpoint=" + self.env["S3_ENDPOINT"])
        names = [line.split(maxsplit=2)[2].encode() for line in out.splitlines()]
        self.assertEqual(len(names), 1200 + len(ODD) + 1)
        self.assertEqual(names, sorted(names))

    def test_a_job_moves_every_record_once(self):
        conf, out = os.path.join(self.top.name, "job.conf"), os.path.join(self.top.name, "out.ndjson")
        with open(conf, "w") as file:
            file.write('''ledger = "%s/ledger";
jobs = { j = { source = { type = "s3"; path = "s3://bucket/"; endpoint = "%s"; ca_file = "%s"; };
  sink = { type = "file"; path = "%s"; }; }; };''' % (self.top.name, self.env["S3_ENDPOINT_TLS"], self.env["S3_CA"], out))
        self.sluice("run", conf)
        self.sluice("run", conf)
        with open(out) as file:
            self.assertEqual(sorted(json.loads(line)["id"] for line in file), sorted(self.expected))

    def test_odd_keys_are_read(self):
        for i, name in enumerate(ODD):
            out, _ = self.sluice("cat", "s3://bucket/odd/" + name, "-o", "endpoint=" + self.env["S3_ENDPOINT"])
            self.assertEqual(json.loads(out)["id"], 10000 + i)

    def test_wrong_keys_and_an_unknown_authority_are_refused(self):
        option = "endpoint=" + self.env["S3_ENDPOINT"]
        _, err = self.sluice("ls", "s3://bucket/", "-o", option, status=5, AWS_SECRET_ACCESS_KEY="wrong-wrong-wrong")
        self.assertIn("SignatureDoesNotMatch", err)
        self.assertNotIn("wrong-wrong-wrong", err)
        _, err = self.sluice("ls", "s3://bucket/", "-o", option, status=5, AWS_ACCESS_KEY_ID="NOBODY")
        self.assertIn("InvalidAccessKeyId", err)
        _, err = self.sluice("ls", "s3://no-such-bucket/", "-o", option, status=2)
        self.assertIn("NoSuchBucket", err)
        _, err = self.sluice("ls", "s3://bucket/", "-o", "endpoint=" + self.env["S3_ENDPOINT_TLS"], status=2)
        self.assertIn("certificate", err.lower())


if __name__ == "__main__":
    unittest.main()
