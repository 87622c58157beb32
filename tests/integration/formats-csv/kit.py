"""What the tests of CSV files share: a folder, and running the program."""
import json
import os
import subprocess
import tempfile
import unittest

SLUICE = os.environ["SLUICE"]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        return self.path(name)

    def run_program(self, *words, expect=0, options=()):
        settings = [word for option in options for word in ("-f", option)]
        done = subprocess.run([SLUICE, *words, *settings], env=CLEAN, stdin=subprocess.DEVNULL, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.errors = done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, expect, self.errors)
        return done.stdout.decode()

    def rows(self, path, *options, expect=0):
        text = self.run_program("cat", path, "--format", "csv", options=options, expect=expect)
        return [json.loads(line) for line in text.splitlines()]

    def inspect(self, path, *options):
        return json.loads(self.run_program("inspect", path, "--json", *(("--format", "csv") if options else ()),
                                           options=options))
