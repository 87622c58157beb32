"""Roles of Ceph RADOS Gateway: one, a chain of them, and a web identity; with sessions of three seconds under a long read."""
import hashlib
import json
import os
import re
import subprocess
import time
import unittest

from fronts import Issuer, ShortSts
from gateway import SLUICE, GatewayTest, rows

SHORT, LONG_READ = 3, 12  # seconds


class Roles(GatewayTest):
    @classmethod
    def fill(cls):
        gateway = cls.gateway
        gateway.s3cmd("mb", "s3://bucket")
        for i in range(200):
            gateway.write("files/small/%03d.csv" % i, rows(i, 1))
        gateway.write("files/large.csv", rows(10**6, 10**6))
        for i in range(250):
            gateway.write("files/job/%03d.csv" % i, rows(2 * i, 2))
        for i in range(3):
            gateway.write("files/job/large-%d.csv" % i, rows(10**7 + 20000 * i, 20000, "larger than a sample " * 4))
        gateway.s3cmd("put", "--recursive", gateway.path("files") + "/", "s3://bucket/")
        cls.first = gateway.make_role("First", {"AWS": ["arn:aws:iam:::user/test"]}, "bucket")
        cls.second = gateway.make_role("Second", {"AWS": ["arn:aws:iam:::role/First"]}, "bucket")
        cls.front = ShortSts(gateway, SHORT)
        cls.issuer = Issuer(gateway)
        cls.web = gateway.make_role("Web", {"Federated": [cls.issuer.register()]}, "bucket")

    @classmethod
    def tearDownClass(cls):
        cls.front.close()
        cls.issuer.close()
        super().tearDownClass()

    def profiles(self, text):
        return self.gateway.write("config", text)

    def chain(self):
        user = self.gateway.client()
        return dict({k: v for k, v in self.gateway.env.items() if k not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")},
                    AWS_CONFIG_FILE=self.profiles("[profile user]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
                                                  "[profile first]\nrole_arn = %s\nsource_profile = user\n"
                                                  "[profile second]\nrole_arn = %s\nsource_profile = first\n" %
                                                  (user.access, user.secret, self.first, self.second)))

    def web_identity(self, token):
        return dict({k: v for k, v in self.gateway.env.items() if k not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")},
                    AWS_ROLE_ARN=self.web, AWS_WEB_IDENTITY_TOKEN_FILE=self.gateway.write("token", token))

    # ---- one request

    def test_a_role(self):
        out, err = self.sluice("-v", "cat", "s3://bucket/small/007.csv", *self.options(role_arn=self.first, sts_endpoint=self.gateway.endpoint))
        self.assertEqual(json.loads(out)["id"], 7)
        self.assertIn("role/First", err)

    def test_a_role_that_does_not_trust_us(self):
        _, err = self.sluice("cat", "s3://bucket/small/007.csv", status=5,
                             *self.options(role_arn=self.second, sts_endpoint=self.gateway.endpoint))
        self.assertIn("role/Second", err)
        self.assertIn("AccessDenied", err)
        _, err = self.sluice("cat", "s3://bucket/small/007.csv", status=2,
                             *self.options(role_arn=self.first + "None", sts_endpoint=self.gateway.endpoint))
        self.assertIn("role/FirstNone", err)

    def test_a_chain(self):
        out, _ = self.sluice("cat", "s3://bucket/small/007.csv", env=self.chain(),
                             *self.options(profile="second", sts_endpoint=self.gateway.endpoint))
        self.assertEqual(json.loads(out)["id"], 7)
        out, _ = self.sluice("cat", "s3://bucket/small/008.csv", env=self.chain(),
                             *self.options(profile="first", role_arn=self.second, sts_endpoint=self.gateway.endpoint))
        self.assertEqual(json.loads(out)["id"], 8)

    def test_a_web_identity(self):
        options = self.options(sts_endpoint=self.gateway.endpoint)
        out, _ = self.sluice("cat", "s3://bucket/small/009.csv", *options, env=self.web_identity(self.issuer.token()))
        self.assertEqual(json.loads(out)["id"], 9)
        for token in (self.issuer.token(-600), "no.token.atall"):
            _, err = self.sluice("cat", "s3://bucket/small/009.csv", *options, env=self.web_identity(token), status=5)
            self.assertIn("web identity", err)
            self.assertNotIn(token, err)

    # ---- sessions that end while we read

    def slow_get(self, *words, env, meanwhile=lambda: None):
        """Downloads the large object into a pipe that is emptied so slowly that it takes LONG_READ seconds."""
        with open(self.gateway.path("files", "large.csv"), "rb") as file:
            wanted = hashlib.sha256(file.read()).hexdigest()
        process = subprocess.Popen([SLUICE, "get", "s3://bucket/large.csv", "-"] + list(words), env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=open(self.gateway.path("slow.err"), "wb"))
        size, got, digest, start = os.path.getsize(self.gateway.path("files", "large.csv")), 0, hashlib.sha256(), time.monotonic()
        while True:
            some = process.stdout.read(1 << 16)
            if not some:
                break
            digest.update(some)
            got += len(some)
            meanwhile()
            time.sleep(max(0.0, start + LONG_READ * got / size - time.monotonic()))
        process.stdout.close()
        with open(self.gateway.path("slow.err")) as file:
            err = file.read()
        self.assertEqual((process.wait(30), digest.hexdigest()), (0, wanted), err)
        self.assertGreater(time.monotonic() - start, LONG_READ - 1)
        self.quiet(err)
        return err

    def quiet(self, err):
        self.assertFalse([line for line in err.splitlines() if re.search(r"error|warn|InvalidAccessKeyId|Expired|denied", line, re.I)], err)

    def asked_meanwhile(self, action):
        return self.front.asked.count(action)

    def test_short_sessions_of_a_role(self):
        before = self.asked_meanwhile("AssumeRole")
        self.slow_get(*self.options(role_arn=self.first, sts_endpoint=self.front.url, range_size="64KiB", window="256KiB"),
                      env=self.gateway.env)
        self.assertGreaterEqual(self.asked_meanwhile("AssumeRole") - before, LONG_READ // SHORT)

    def test_short_sessions_of_a_chain(self):
        before = self.asked_meanwhile("AssumeRole")
        self.slow_get(*self.options(profile="second", sts_endpoint=self.front.url, range_size="64KiB", window="256KiB"), env=self.chain())
        self.assertGreaterEqual(self.asked_meanwhile("AssumeRole") - before, 2 * (LONG_READ // SHORT))

    def test_short_sessions_of_a_web_identity(self):
        before = self.asked_meanwhile("AssumeRoleWithWebIdentity")
        env = self.web_identity(self.issuer.token(SHORT))
        last = [time.monotonic()]

        def rotate():  # as EKS does: the file always holds a token that is still good
            if time.monotonic() - last[0] > 0.5:
                self.gateway.write("token.new", self.issuer.token(SHORT))
                os.rename(self.gateway.path("token.new"), self.gateway.path("token"))
                last[0] = time.monotonic()
        self.slow_get(*self.options(sts_endpoint=self.front.url, range_size="64KiB", window="256KiB"), env=env, meanwhile=rotate)
        self.assertGreaterEqual(self.asked_meanwhile("AssumeRoleWithWebIdentity") - before, LONG_READ // SHORT)

    def test_a_job_under_short_sessions(self):
        """Many small objects and larger ones to a receiver that takes its time, so that it lasts for several sessions."""
        out, port_file = self.gateway.path("received"), self.gateway.path("recv.port")
        with subprocess.Popen([os.environ["RECV"], "--port-file", port_file, "--out", out, "--fault", "* slow ms=1500"],
                              stderr=subprocess.DEVNULL) as recv:
            try:
                while not os.path.exists(port_file):
                    time.sleep(0.01)
                with open(port_file) as file:
                    port = int(file.read())
                conf = self.gateway.write("short.conf", '''ledger = "%s";
jobs = { j = { source = { type = "s3"; path = "s3://bucket/job/"; endpoint = "%s"; sts_endpoint = "%s"; role_arn = "%s";
    range_size = "64KiB"; window = "128KiB"; };
  sink = { type = "http"; url = "http://127.0.0.1:%d/"; batch_rows = 500; }; workers = 2; }; };
''' % (self.gateway.path("short.ledger"), self.gateway.endpoint, self.front.url, self.first, port))
                before, start = self.asked_meanwhile("AssumeRole"), time.monotonic()
                _, err = self.sluice("run", conf)
                self.quiet(err)
                self.assertGreater(time.monotonic() - start, 2 * SHORT)
                self.assertGreaterEqual(self.asked_meanwhile("AssumeRole") - before, 3)
            finally:
                recv.terminate()
        records = subprocess.run([os.environ["RECV"], "--records", out], stdout=subprocess.PIPE, check=True).stdout
        ids = sorted(json.loads(line)["id"] for line in records.splitlines())
        self.assertEqual(ids, list(range(500)) + list(range(10**7, 10**7 + 60000)))


if __name__ == "__main__":
    unittest.main()
