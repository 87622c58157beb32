"""A `sluice serve` in a folder of its own, asked and ended as an operator would."""
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

SLUICE, TROUBLE = os.environ["SLUICE"], os.environ["TROUBLE"]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_", "NOTIFY_", "WATCHDOG_"))}
SANITIZER = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")


def children_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return [int(word) for word in file.read().split()]


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class ServiceTest(unittest.TestCase):
    """Jobs are given as a dict of name to members; file jobs read files/NAME and write NAME.ndjson."""

    def setUp(self):
        top = tempfile.TemporaryDirectory(prefix="sluice-serve-")
        self.addCleanup(top.cleanup)
        self.folder, self.process, self.logs, self.plugins = top.name, None, 0, TROUBLE
        self.addCleanup(self.end)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    # ---- configuration and files

    def file_job(self, name, more=""):
        os.makedirs(self.path("files", name), exist_ok=True)
        return '%s = { source = { type = "file"; path = "%s"; }; sink = { type = "file"; path = "%s"; }; %s };' % (
            name, self.path("files", name), self.path(name + ".ndjson"), more)

    def trouble_job(self, name, more="", **options):
        members = "".join("%s = %d; " % one for one in options.items())
        return ('%s = { source = { type = "trouble"; orders = "%s"; begun = "%s"; %s }; workers = 1; batch_rows = 1; checkpoint_every = "1ms"; '
                'sink = { type = "file"; path = "%s"; }; %s };' % (
                    name, self.path(name + ".orders"), self.path(name + ".begun"), members, self.path(name + ".ndjson"), more))

    def configure(self, *jobs, serve="", name="jobs.conf"):
        with open(self.path(name), "w") as file:
            file.write('ledger = "%s";\nserve = { %s };\njobs = {\n%s\n};\n' % (self.path("ledger"), serve, "\n".join(jobs)))
        return self.path(name)

    def put(self, job, name, first, n=3):
        text = "n\n" + "".join("%d\n" % i for i in range(first, first + n))
        with open(self.path("files", job, "." + name), "w") as file:
            file.write(text)
        os.rename(self.path("files", job, "." + name), self.path("files", job, name))

    def order(self, job, word):
        """What the source named trouble does from now on; "": nothing."""
        with open(self.path(job + ".new"), "w") as file:
            file.write(word)
        os.rename(self.path(job + ".new"), self.path(job + ".orders"))

    def numbers(self, job):
        """What arrived, in order."""
        try:
            with open(self.path(job + ".ndjson")) as file:
                return [json.loads(line)["n"] for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def begun(self, job):
        try:
            with open(self.path(job + ".begun")) as file:
                return file.read().split()
        except FileNotFoundError:
            return []

    # ---- the program

    def start(self, env=None, ready=True, words=()):
        self.logs += 1
        with open(self.path("log.%d" % self.logs), "w") as log:
            self.process = subprocess.Popen([SLUICE, "--plugin-dir", self.plugins, "serve", self.path("jobs.conf")] + list(words),
                                            env=dict(CLEAN, **(env or {})), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if ready:
            self.until(lambda: "commands are taken" in self.log() or self.process.poll() is not None)
            self.assertIsNone(self.process.poll(), self.log())

    def log(self):
        with open(self.path("log.%d" % self.logs), errors="replace") as file:
            return file.read()

    def end(self, signals=(signal.SIGTERM,), limit=5.5):
        """Ended by a signal; gives how long that took."""
        if not self.process or self.process.poll() is not None:
            self.check_log()
            return 0
        start = time.monotonic()
        for number in signals:
            self.process.send_signal(number)
            time.sleep(0.05)
        try:
            status = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("it did not end\n" + self.log())
        took = time.monotonic() - start
        self.assertEqual(status, 0, self.log())
        self.assertLess(took, limit, self.log())
        self.check_log()
        return took

    def kill(self):
        self.process.kill()
        self.process.wait()

    def check_log(self):
        if self.process:
            text = self.log()
            self.assertFalse([word for word in SANITIZER if word in text], text)

    def sluice(self, *words, expect=0):
        done = subprocess.run([SLUICE, "--plugin-dir", TROUBLE] + list(words), env=CLEAN, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        self.assertFalse([word for word in SANITIZER if word in err], err)
        self.assertEqual(done.returncode, expect, "%r\n%s\n%s" % (words, out, err))
        return out + err

    def ask(self, command, job=None, expect=0):
        return self.sluice(command, self.path("jobs.conf"), *(("--job", job) if job else ()), expect=expect)

    def whole(self, job):
        return json.loads(self.sluice("status", self.path("jobs.conf"), "--json", "--job", job).splitlines()[0])

    def job(self, name):
        return self.whole(name)["served"]

    def outcome(self, name):
        last = self.job(name)["last"]
        return last["outcome"] if last else None

    def runs(self, name):
        return sum(self.job(name)["totals"]["runs"].values())

    def until(self, true, timeout=30):
        end = time.monotonic() + timeout
        while not true():
            if time.monotonic() > end:
                raise AssertionError("it did not come to that in %d s\n%s" % (timeout, self.log()[-4000:]))
            time.sleep(0.02)
