"""A folder of files, a job with streams, and the program; destinations are files, or tables behind HTTP."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

from tables import Tables

SLUICE = os.environ["SLUICE"]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}
SANITIZER = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")


def check_sanitizers(text):
    if any(word in text for word in SANITIZER):
        raise AssertionError("sanitizer report:\n" + text)


class Place:
    def __init__(self, job='stream = "{stem}";'):
        self.top = tempfile.TemporaryDirectory(prefix="sluice-streams-")
        self.folder, self.tables = self.top.name, Tables()
        self.job = job
        os.mkdir(self.path("in"))
        self.configure()

    def close(self):
        self.tables.close()
        self.top.cleanup()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def configure(self, job=None, source=None):
        self.job = self.job if job is None else job
        source = source or '{ type = "file"; path = "%s"; }' % self.path("in")
        web = "http://127.0.0.1:%d" % self.tables.port
        with open(self.path("job.conf"), "w") as file:
            file.write('''ledger = "%s";
sinks = { files = { type = "file"; path = "%s/{stream}.ndjson"; sync = false; };
          one = { type = "file"; path = "%s"; sync = false; };
          web = { type = "http"; url = "%s/t/{stream}"; batch_rows = 50; retry_for = "5s"; begin_url = "%s/g/{stream}/begin";
                  commit_url = "%s/g/{stream}/commit"; abort_url = "%s/g/{stream}/abort"; }; };
jobs = { j = { source = %s; sink = "files"; checkpoint_every = "20ms"; %s }; };
''' % (self.path("ledger"), self.path("out"), self.path("one.ndjson"), web, web, web, web, source, self.job))

    # ---- files

    def put(self, name, text):
        os.makedirs(os.path.dirname(self.path("in", name)), exist_ok=True)
        with open(self.path("in", "." + os.path.basename(name)), "w") as file:
            file.write(text)
        os.rename(file.name, self.path("in", name))

    def put_ids(self, name, ids):
        self.put(name, "id\n" + "".join("%d\n" % i for i in ids))

    def remove(self, name):
        os.remove(self.path("in", name))

    # ---- the program

    def start(self, *words, **more):
        return subprocess.Popen([SLUICE, words[0], self.path("job.conf")] + list(words[1:]), env=CLEAN, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def call(self, *words, expect=0, timeout=240):
        """Standard output and error."""
        process = self.start(*words)
        try:
            out, err = (text.decode(errors="replace") for text in process.communicate(timeout=timeout))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            raise
        check_sanitizers(err)
        if process.returncode != expect:
            raise AssertionError("%s: status %d, not %d:\n%s%s" % (words, process.returncode, expect, out, err))
        return out, err

    def run(self, *words, expect=0):
        return self.call("run", *words, expect=expect)[1]

    def json(self, *words, expect=0):
        return json.loads(self.call(*words, "--json", expect=expect)[0])

    def run_killed(self, after, *words):
        process = self.start("run", *words)
        time.sleep(after)
        process.kill()
        check_sanitizers(process.communicate()[1].decode(errors="replace"))
        return process.returncode == -signal.SIGKILL

    # ---- what is there

    def stored(self, sink="files"):
        """Records by stream."""
        if sink == "web":
            with self.tables.lock:
                return {urllib.parse.unquote(name): list(rows) for name, rows in self.tables.there.items()}
        found = {}
        folder = self.path("out")
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if name.endswith(".ndjson"):
                found[urllib.parse.unquote(name[:-7])] = self.lines("out", name)
        return found

    def lines(self, *names):
        with open(self.path(*names)) as file:
            return [json.loads(line) for line in file]

    def ids(self, sink="files"):
        return {name: sorted(row["id"] for row in rows) for name, rows in self.stored(sink).items()}


class PlaceTest(unittest.TestCase):
    def place(self, *args):
        place = Place(*args)
        self.addCleanup(place.close)
        return place
