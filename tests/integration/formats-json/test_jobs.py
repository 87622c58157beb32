"""Jobs over JSON: lines in pieces by several workers, runs that are killed, an array by one worker: each record arrives
once, and the bytes are those of a run that was not killed."""
import json
import os
import random
import signal
import subprocess
import tempfile
import time
import unittest

import kit

CONFIG = """ledger = "%(folder)s/%(name)s-ledger";
jobs = { j = {
  source = { type = "file"; path = "%(folder)s/in"; };
  format = { type = "json"; };
  sync = { mode = "incremental"; };
  workers = %(workers)d; split_bytes = "%(split)s"; checkpoint_bytes = 20000; checkpoint_every = "50ms";
  errors = { on_error = "reject"; };
  sink = { type = "file"; path = "%(folder)s/%(name)s.ndjson"; };
}; };
"""
ROWS = 60000


class Jobs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.mkdir(os.path.join(self.folder, "in"))

    def write(self, name, text):
        with open(os.path.join(self.folder, "in", name), "w", encoding="utf-8") as file:
            file.write(text)

    def start(self, name, workers=1, split="100KiB"):
        path = os.path.join(self.folder, name + ".conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG % {"folder": self.folder, "name": name, "workers": workers, "split": split})
        return subprocess.Popen([kit.SLUICE, "run", "-c", path], env=kit.CLEAN, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def finish(self, process, status):
        text = process.communicate(timeout=120)[0].decode()
        self.assertEqual(process.returncode, status, text)
        return text

    def output(self, name):
        with open(os.path.join(self.folder, name + ".ndjson"), "rb") as file:
            return file.read()

    def ids(self, name):
        return [json.loads(line)["id"] for line in self.output(name).splitlines()]

    def lines(self):
        source = random.Random(3)
        return "".join('{"id":%d,"text":"%s","v":[%d,{"a":null}]}\n' % (i, "x" * source.randint(0, 60), i % 7)
                       for i in range(ROWS))

    def test_pieces(self):
        self.write("a.jsonl", self.lines())
        self.finish(self.start("pieces", workers=3), 0)
        self.assertEqual(sorted(self.ids("pieces")), list(range(ROWS)))

    def test_killed(self):
        self.write("a.jsonl", self.lines())
        self.finish(self.start("whole", split="0"), 0)
        killed = 0
        for delay in (0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8):
            process = self.start("killed", split="0")
            time.sleep(delay)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
            process.communicate(timeout=60)
        self.finish(self.start("killed", split="0"), 0)
        print("killed %d times" % killed)
        self.assertEqual(self.output("killed"), self.output("whole"))

    def test_array(self):
        self.write("a.json", json.dumps([{"id": i, "t": "x" * 30} for i in range(20000)], indent=1))
        self.finish(self.start("array", workers=2), 0)
        self.assertEqual(self.ids("array"), list(range(20000)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
