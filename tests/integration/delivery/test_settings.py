"""What a change of the configuration does to a job that was under way: nothing comes twice, nothing changes unsaid."""
import json
import os
import re
import unittest

from kit import WorldTest

SLOW = "* slow ms=20\n"


class Settings(WorldTest):
    def edit(self, world, change):
        with open(world.path("job.conf")) as file:
            before = file.read()
        after = change(before)
        self.assertNotEqual(before, after)
        with open(world.path("job.conf"), "w") as file:
            file.write(after)


class Sending(Settings):
    """Settings of how records are sent, changed after a crash: the same requests under the same keys."""

    def crash_then(self, change):
        world = self.world()
        world.put("a.csv", 0, 40000)
        world.configure("workers = 1;")
        self.edit(world, lambda text: text.replace('checkpoint_every = "50ms"', 'checkpoint_every = "60s"'))
        world.recv.faults(SLOW)
        self.assertTrue(world.run_killed_at(5000))
        world.recv.faults("")
        self.edit(world, change)
        err = world.run(expect=0)
        self.assertNotIn("under new keys", err)
        self.assertGreater(world.check_web()["duplicates_same_body"], 0)

    def test_tuning(self):
        self.crash_then(lambda text: text.replace('retry_for = "20s";', 'retry_for = "21s"; in_flight = 3; timeout = "50s";'
                                                  'connect_timeout = "9s"; max_attempts = 5; user_agent = "other";'))

    def test_credentials(self):
        self.crash_then(lambda text: text.replace('bearer = "the-token";', 'bearer = "another";'))
        self.crash_then(lambda text: text.replace('bearer = "the-token";', 'username = "u"; password = "p";'))

    def test_defaults_that_are_written_out(self):
        self.crash_then(lambda text: text.replace("batch_rows = 500;", 'batch_rows = 500; batch_bytes = 1048576; method = "POST";'
                                                  'body = "ndjson"; gzip = false;'))


if __name__ == "__main__":
    unittest.main()
