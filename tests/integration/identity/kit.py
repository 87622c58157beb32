"""The real program, s3d that takes one set of keys, and stand-ins for what gives these."""
import collections
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "support", "s3d", "tests"))
from s3client import Server  # noqa: E402
from stubs import Keys  # noqa: E402

SLUICE = os.environ["SLUICE"]
REPORTS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}
# What s3d takes, and so what each source must have got right.
GOOD = Keys("ASIAGOODGOODGOOD", "good-s3cr3t/+=0123456789", "good-session-t0ken/+==")
BASE = Keys("AKIABASEBASEBASE", "base-s3cr3t/+=0123456789", "")
ROLE = "arn:aws:iam::123456789012:role/reader"
Done = collections.namedtuple("Done", "status out err seconds")


class IdentityTest(unittest.TestCase):
    def setUp(self):
        top = tempfile.TemporaryDirectory(prefix="sluice-identity-")
        self.addCleanup(top.cleanup)
        self.home = top.name
        self.secrets = [GOOD.secret, GOOD.token, BASE.secret]
        self.server = Server("--access-key", GOOD.access, "--secret-key", GOOD.secret, "--session-token", GOOD.token)
        self.addCleanup(lambda: self.assertEqual(self.server.stop(), 0, "s3d did not end well"))
        self.server.write("b/a.csv", b"id,text\n1,one\n")

    def start(self, stub):
        stub.__enter__()
        self.addCleanup(stub.__exit__)
        return stub

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def environment(self, **more):
        env = dict(CLEAN, HOME=self.home, AWS_ENDPOINT_URL_S3="http://127.0.0.1:%d" % self.server.port,
                   AWS_EC2_METADATA_DISABLED="true")
        env.update(more)
        return {name: value for name, value in env.items() if value is not None}

    def sluice(self, *words, status=0, **env):
        start = time.monotonic()
        words = list(words[:1]) + ["-v"] + list(words[1:])
        done = subprocess.run([SLUICE] + words, env=self.environment(**env), stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120, cwd=self.home)
        done = Done(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"),
                    time.monotonic() - start)
        self.assertFalse([word for word in REPORTS if word in done.err], done.err)
        for secret in self.secrets:
            self.assertNotIn(secret, done.out + done.err, "a secret is told")
        if status is not None:
            self.assertEqual(done.status, status, "%r\n%s\n%s" % (words, done.out, done.err))
        return done

    def good(self, *says, words=("cat", "s3://b/a.csv"), **env):
        """It reads, and the log names the source."""
        done = self.sluice(*words, **env)
        if words[0] == "cat":
            self.assertEqual(json.loads(done.out), {"id": 1, "text": "one"})
        else:
            self.assertIn("a.csv", done.out)
        self.says(done, *says)
        return done

    def bad(self, *says, words=("ls", "s3://b/"), **env):
        """It does not, and says why; the bucket was not asked."""
        before = self.server.log_text().count("request op=LIST")
        done = self.sluice(*words, status=None, **env)
        self.assertNotEqual(done.status, 0, done.out)
        self.says(done, *says)
        self.assertEqual(self.server.log_text().count("request op=LIST"), before)
        return done

    def says(self, done, *words):
        for word in words:
            self.assertIn(word.lower(), done.err.lower())

    def slow_read(self, seconds, meanwhile=lambda: None, **env):
        """`get` into a pipe that is emptied in so many seconds; what it said. meanwhile: called again and again."""
        data = os.urandom(1 << 20) * 16
        self.server.write("b/big", data)
        got, start = b"", time.monotonic()
        with open(os.path.join(self.home, "slow.err"), "w+b") as err:
            process = subprocess.Popen([SLUICE, "get", "-v", "s3://b/big", "-", "-o", "range_size=256KiB", "-o", "window=1MiB"],
                                       env=self.environment(**env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err)
            for some in iter(lambda: process.stdout.read(1 << 17), b""):
                got += some
                meanwhile()
                time.sleep(max(0.0, start + seconds * len(got) / len(data) - time.monotonic()))
            process.stdout.close()
            status = process.wait(30)
            err.seek(0)
            text = err.read().decode(errors="replace")
        self.assertEqual((status, got == data), (0, True), text)
        for secret in self.secrets:
            self.assertNotIn(secret, text, "a secret is told")
        return Done(status, "", text, time.monotonic() - start)

    def sso_profile(self, *lines):
        self.write(".aws/config", "[default]\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = The Role\n"
                   "[sso-session work]\nsso_region = eu-west-3\nsso_start_url = https://work.example/start\n" + "\n".join(lines))

    def sso_cache(self, name="work", **document):
        return self.write(".aws/sso/cache/%s.json" % hashlib.sha1(name.encode()).hexdigest(), json.dumps(document))
