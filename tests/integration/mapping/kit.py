"""A folder of CSV files, one job, and what it wrote."""
import json
import os
import subprocess
import tempfile
import unittest

SLUICE = os.environ["SLUICE"]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}
SANITIZER = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")


class JobTest(unittest.TestCase):
    maxDiff = None
    format = "csv"

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sluice-mapping-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.mkdir(self.path("in"))

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def put(self, name, text):
        with open(self.path("in", name), "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def sluice(self, expect, job, *words, command="run"):
        """job: more members of the job. Returns what the program said, on both of its ways out."""
        with open(self.path("job.conf"), "w", encoding="utf-8") as file:
            file.write('''ledger = "%s";
jobs = { j = { source = { type = "file"; path = "%s"; }; format = { type = "%s"; }; workers = 1;
  sink = { type = "file"; path = "%s"; };
  %s
}; };
''' % (self.path("ledger"), self.path("in"), self.format, self.path("out.ndjson"), job))
        done = subprocess.run([SLUICE, command, self.path("job.conf")] + list(words), cwd=self.folder, env=CLEAN,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        said = (done.stdout + done.stderr).decode(errors="replace")
        if any(word in said for word in SANITIZER):
            raise AssertionError("sanitizer report:\n" + said)
        self.assertEqual(done.returncode, expect, said)
        return said

    def run_job(self, job, expect=0):
        return self.sluice(expect, job)

    def lines(self):
        """As they were written, byte for byte."""
        if not os.path.exists(self.path("out.ndjson")):
            return []
        with open(self.path("out.ndjson"), encoding="utf-8", newline="") as file:
            return file.read().split("\n")[:-1]

    def records(self):
        return [json.loads(line) for line in self.lines()]

    def rejects(self):
        with open(self.path("ledger", "j.rejects.ndjson"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]
