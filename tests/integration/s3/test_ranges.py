"""Ranges that are announced: fetched many at once, near ones in one request, each byte as the object has it."""
import os
import random
import subprocess
import unittest

from s3kit import ACCESS, CLEAN, REPORTS, SECRET, S3Test

KIB, MIB = 1 << 10, 1 << 20


class Ranges(S3Test):
    def read(self, server, seed, ranges, largest, gap, *options, size=24 * MIB):
        path = self.write("object", random.Random(seed).randbytes(size))
        with open(path, "rb") as file:
            server.write("b/object", file.read())
        before = self.requests(server)["GET"]
        words = [os.environ["RANGES"], "s3://b/object", path, str(seed), str(ranges), str(largest), str(gap), "endpoint=" + server.url]
        done = subprocess.run(words + list(options), env=dict(CLEAN, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET,
                                                              AWS_EC2_METADATA_DISABLED="true"),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse([word for word in REPORTS if word in done.stderr], done.stderr)
        count, moved = (int(word) for word in done.stdout.replace(",", "").split() if word.isdigit())
        return count, moved, self.requests(server)["GET"] - before

    def test_near_ranges_are_one_request(self):
        server = self.server()
        count, _, requests = self.read(server, 1, 500, 4 * KIB, 8 * KIB)
        self.assertEqual(count, 500)
        self.assertLess(requests, 20)  # 5 MB in all

    def test_far_ranges_are_fetched_alone_and_at_once(self):
        server = self.server("--delay", "50")
        count, moved, requests = self.read(server, 2, 40, 16 * KIB, 512 * KIB)
        self.assertEqual(count, 40)
        self.assertGreater(requests, 30)
        stats = self.stats(server)
        self.assertGreater(stats["peak_active"], 8)
        self.assertLess(stats["bytes"], moved + 3 * MIB)  # and little else of the 24 MiB

    def test_any_sizes_and_windows(self):
        server = self.server()
        rng = random.Random(3)
        for seed in range(12):
            range_size = rng.choice([64, 100, 1024]) * KIB
            options = ("range_size=%d" % range_size, "window=%d" % (range_size * rng.choice([1, 2, 5])), "threads=%d" % rng.choice([1, 3]))
            count, _, _ = self.read(server, seed, 300, rng.choice([100, 70 * KIB, 300 * KIB]), rng.choice([0, 1, 5 * KIB, 200 * KIB]),
                                    *options, size=8 * MIB)
            self.assertGreater(count, 10)

    def test_under_faults(self):
        server = self.server()
        server.faults("GET cut-random 7 every=3 times=30\nGET slowdown every=7 times=5\nGET reset 1000 every=5 times=10\n")
        count, _, _ = self.read(server, 4, 100, 100 * KIB, 50 * KIB, "range_size=256KiB", "window=1MiB", "max_attempts=30")
        self.assertEqual(count, 100)
        self.assertGreater(self.stats(server)["faults"], 10)


if __name__ == "__main__":
    unittest.main()
