"""Ceph RADOS Gateway for the tests: a real S3 and STS, filled by s3cmd, asked by the small client of s3d's tests."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "support", "s3d", "tests"))
from s3client import Client  # noqa: E402

RGW = os.path.join(HERE, "..", "..", "..", "scripts", "rgw")
SLUICE = os.environ["SLUICE"]
SANITIZER = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")
NOBODY = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}


def shell_env(path):
    out = subprocess.run(["bash", "-c", ". '%s'; env -0" % path], stdout=subprocess.PIPE, check=True).stdout
    return dict(pair.split("=", 1) for pair in out.decode().split("\0") if "=" in pair)


def skip(why):
    print("skipped: " + why, flush=True)
    sys.exit(0)


class Gateway:
    def __init__(self):
        self.top = tempfile.TemporaryDirectory(prefix="sluice-rgw-")
        self.folder = self.path("gateway")
        up = subprocess.run(["bash", RGW, "up", self.folder], stderr=subprocess.PIPE)
        if up.returncode == 3:
            skip("the packages of Ceph RADOS Gateway are not installed")
        assert up.returncode == 0, up.stderr.decode()
        told = shell_env(os.path.join(self.folder, "env"))
        self.env = dict(NOBODY, **{k: told[k] for k in told if k.startswith(("AWS_", "S3_", "OTHER_", "CEPH_"))})
        self.endpoint, self.tls, self.ca = told["S3_ENDPOINT"], told["S3_ENDPOINT_TLS"], told["S3_CA"]
        self.port = urllib.parse.urlsplit(self.endpoint).port

    def path(self, *names):
        return os.path.join(self.top.name, *names)

    def close(self):
        subprocess.run(["bash", RGW, "down", self.folder], check=True, stderr=subprocess.DEVNULL)
        self.top.cleanup()

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        return self.path(name)

    def client(self, **more):
        return Client(self.port, self.env["AWS_ACCESS_KEY_ID"], self.env["AWS_SECRET_ACCESS_KEY"], **more)

    def s3cmd(self, *words):
        """The client of other people that puts what we read."""
        if not shutil.which("s3cmd"):
            skip("s3cmd is not installed")
        config = self.write("s3cfg", "[default]\naccess_key = %s\nsecret_key = %s\nhost_base = %s\nhost_bucket = %s\n"
                            "use_https = False\n" % (self.env["AWS_ACCESS_KEY_ID"], self.env["AWS_SECRET_ACCESS_KEY"],
                                                     self.endpoint[7:], self.endpoint[7:]))
        subprocess.run(["s3cmd", "-c", config] + list(words), env=NOBODY, check=True, stdout=subprocess.DEVNULL)

    def admin(self, *words):
        return subprocess.run(["radosgw-admin", "--conf", self.env["CEPH_CONF"], "-n", "client.rgw"] + list(words), env=NOBODY,
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def make_role(self, name, principal, bucket):
        """A role that `principal` may assume, and that may read `bucket`; its ARN."""
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": [
            "sts:AssumeRoleWithWebIdentity" if "Federated" in principal else "sts:AssumeRole"]}]}
        rights = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"],
             "Resource": ["arn:aws:s3:::" + bucket, "arn:aws:s3:::%s/*" % bucket]},
            {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": ["*"]}]}
        made = self.admin("role", "create", "--role-name=" + name, "--path=/", "--assume-role-policy-doc=" + json.dumps(trust))
        self.admin("role-policy", "put", "--role-name=" + name, "--policy-name=read", "--policy-doc=" + json.dumps(rights))
        return json.loads(made)["Arn"]


def rows(first, n, text="some text"):
    return "id,text\n" + "".join("%d,%s %d\n" % (i, text, i) for i in range(first, first + n))


class GatewayTest(unittest.TestCase):
    """One gateway for the tests of a class; `fill` puts its objects."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        try:
            cls.fill()
        except BaseException:
            cls.gateway.close()
            raise

    @classmethod
    def fill(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def sluice(self, *words, status=0, env=None, before=(), **more):
        """env: in place of the environment that has the user's keys."""
        done = subprocess.run(list(before) + [SLUICE] + list(words), env=self.gateway.env if env is None else env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        err = done.stderr.decode(errors="replace")
        self.assertFalse([word for word in SANITIZER if word in err], err)
        self.assertEqual(done.returncode, status, "%r\n%s" % (words, err))
        return done.stdout.decode(errors="surrogateescape"), err

    def options(self, **more):
        """-o words: the endpoint, and what else is given."""
        words = ["-o", "endpoint=" + more.pop("endpoint", self.gateway.endpoint)]
        for name, value in more.items():
            words += ["-o", "%s=%s" % (name, value)]
        return words

    def job(self, name, source, job="", top=""):
        """Writes a job of that name from s3 to a file, runs nothing."""
        out, ledger = self.gateway.path(name + ".ndjson"), self.gateway.path(name + ".ledger")
        return self.gateway.write(name + ".conf", '''ledger = "%s"; %s
jobs = { %s = { source = { type = "s3"; %s }; sink = { type = "file"; path = "%s"; }; %s }; };
''' % (ledger, top, name, source, out, job)), out

    def arrived(self, out):
        with open(out) as file:
            return [json.loads(line) for line in file]
