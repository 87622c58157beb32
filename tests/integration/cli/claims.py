"""For files that claim much in few bytes: `sluice cat` of one, whose memory and time are looked at."""
import os
import subprocess
import tempfile
import time
import unittest

SLUICE = os.environ["SLUICE"]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}
SECONDS, KILOBYTES = 20, 512 * 1024  # the program with sanitizers is slow to start


class ClaimsTest(unittest.TestCase):
    def read(self, data, *words):
        """(status, bytes printed, errors) of the program on a file of this content."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x")
            with open(path, "wb") as file:
                file.write(data)
            with open(os.path.join(folder, "out"), "w+b") as out, open(os.path.join(folder, "err"), "w+b") as err:
                start = time.monotonic()
                process = subprocess.Popen([SLUICE, "cat", path, *words], env=CLEAN, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                self.assertLess(time.monotonic() - start, SECONDS)
                self.assertLess(usage.ru_maxrss, KILOBYTES)
                err.seek(0)
                return process.returncode, out.seek(0, os.SEEK_END), err.read().decode(errors="replace")
