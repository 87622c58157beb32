"""A stream for each of 2,000 files: time and memory stay sane."""
import os
import resource
import time
import unittest

from kit import PlaceTest

FILES = 2000


class Many(PlaceTest):
    def timed(self, place):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        report = place.run("--sink", "one")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return report, used, time.monotonic() - started

    def test_a_stream_for_each_file(self):
        place = self.place()
        for i in range(FILES):
            place.put("f%04d.csv" % i, "id,c%d\n%d,1\n" % (i % 7, i))
        report, first, wall = self.timed(place)
        self.assertIn("files: %d " % FILES, report)
        self.assertEqual(sorted(row["id"] for row in place.lines("one.ndjson")), list(range(FILES)))
        report, idle, idle_wall = self.timed(place)
        self.assertIn("files: 0 ", report)
        print("%d streams: %.1f CPU seconds at first (%.1f s), %.1f of an idle run (%.1f s), %d MiB" %
              (FILES, first, wall, idle, idle_wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10), flush=True)
        factor = 4 if os.environ.get("SANITIZED") else 1
        self.assertLess(first, 20 * factor)
        self.assertLess(idle, 5 * factor)
        place.put("f0007.csv", "id,c0\n-1,1\n")
        self.assertIn("files: 1 ", place.run("--sink", "one"))


if __name__ == "__main__":
    unittest.main()
