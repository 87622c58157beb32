"""Faults of S3 with a file as destination, which must have each record once: one world, one fault after the other."""
import unittest

from kit import WorldTest, seeded
from s3client import Client  # where kit finds it

DISK = ("--sink", "disk")
PASSING = [  # what a run gets over by itself
    ("cut-random", "GET cut-random %(n)d every=2 times=8"), ("cut", "GET cut 1000 every=3 times=4"), ("drop", "GET drop every=2 times=5"),
    ("slowdown", "GET slowdown every=3 times=2"), ("internal-error", "GET internal-error every=3 times=3"),
    ("error-in-200", "LIST error-in-200 times=1"), ("wrong-content-range", "GET wrong-content-range 5 every=4 times=2"),
    ("ignore-range", "GET ignore-range every=3 times=3"), ("huge-length", "GET huge-length every=4 times=2")]
RENEWED = [("expired-token", "GET expired-token skip=2 times=1"), ("expired-mid", "GET expired-mid 1000 skip=1 times=1")]
ENDING = [("expired-token", "GET expired-token skip=2"), ("expired-mid", "GET expired-mid 1000 skip=1")]


class FaultsToFile(WorldTest):
    def setUp(self):
        self.one, self.small = self.world(), 'range_size = "64KiB"; window = "128KiB";'
        self.one.configure("checkpoint_bytes = 1; workers = 2;", source=self.small)
        self.first = 0

    def more_files(self):
        """Some for a run of its own: a large one, a compressed one and small ones."""
        for name, rows in (("large.csv", 12000), ("packed.csv.gz", 12000), ("s1.csv", 10), ("s2.csv", 10), ("s3.csv", 1)):
            self.one.put("%07d-%s" % (self.first, name), self.first, rows, broken=(self.first,) if rows > 10 else ())
            self.first += rows

    def happened(self, action):
        return Client(self.one.s3d.port).stats()["fault_actions"].get(action, 0)

    def disturbed(self, action, script):
        self.more_files()
        before = self.happened(action)
        self.one.s3d.faults(script + "\n")
        status, err = self.one.wait(self.one.start(*DISK))
        self.assertGreater(self.happened(action), before, "the fault never happened")
        self.one.s3d.faults("")
        return status, err

    def test_faults_that_pass(self):
        rng = seeded()
        for action, script in PASSING + RENEWED:
            with self.subTest(action=action):
                status, err = self.disturbed(action, script % {"n": rng.randrange(1000)})
                self.assertEqual(status, 3, err)
                self.one.check_disk()
                self.one.check_rejects()

    def test_faults_that_hold_the_job(self):
        for action, script in ENDING:
            with self.subTest(action=action):
                status, err = self.disturbed(action, script)
                self.assertEqual(status, 5, err)
                status, err = self.one.wait(self.one.start(*DISK))
                self.assertIn(status, (0, 3), err)
                self.one.check_disk()
                self.one.check_rejects()

    def test_faults_and_kills_together(self):
        rng = seeded()
        for action, script in PASSING:
            self.more_files()
            self.one.s3d.faults(script % {"n": rng.randrange(1000)} + "\n")
            self.one.run_killed(rng.uniform(0.05, 0.4), *DISK)
        self.one.s3d.faults("")
        status, err = self.one.wait(self.one.start(*DISK))
        self.assertIn(status, (0, 3), err)
        self.one.check_disk()
        self.one.check_rejects()


if __name__ == "__main__":
    unittest.main()
