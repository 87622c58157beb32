"""Runs the program in a folder of its own, and s3d."""
import gzip
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "support", "s3d", "tests"))
from s3client import ACCESS, SECRET, Server  # noqa: E402,F401

SLUICE = os.environ["SLUICE"]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}


class Done:
    def __init__(self, process, out, err):
        self.status, self.out, self.err = process.returncode, out, err
        self.text, self.errors = out.decode(errors="replace"), err.decode(errors="replace")
        self.lines = self.text.splitlines()


class ProgramTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sluice-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = data.encode() if isinstance(data, str) else data
        with open(path, "wb") as file:
            file.write(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return file.read()

    def start(self, *words, env=None, **more):
        return subprocess.Popen([SLUICE] + list(words), cwd=self.folder, env=dict(CLEAN, **(env or {})),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def sluice(self, *words, env=None, timeout=60):
        process = self.start(*words, env=env)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return Done(process, out, err)

    def expect(self, status, *words, env=None):
        done = self.sluice(*words, env=env)
        self.assertEqual(done.status, status, "%r\n%s\n%s" % (words, done.text[-2000:], done.errors[-4000:]))
        return done

    def server(self, *options):
        server = Server(*options)
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0, "s3d did not end well"))
        return server

    @staticmethod
    def keys(server, secret=SECRET):
        return {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": secret,
                "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:%d" % server.port}
