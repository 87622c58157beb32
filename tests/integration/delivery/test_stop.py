"""A run that is asked to stop does so in time, whatever it waits for; the next run delivers the rest."""
import json
import signal
import time
import unittest

from kit import WorldTest, fill

SECONDS = 5
DRAIN = 10  # as core/cli/signals.h has it: so long a sink may try to deliver what it has taken; a second signal cuts it short


class Stop(WorldTest):
    def stopped(self, world, number, *words, limit=SECONDS, signals=1):
        """A run that is signalled as soon as `started` says so ends as interrupted, within the limit. Gives its log."""
        process = world.start(*words)
        for _ in range(4000):
            if self.started(world, *words) or process.poll() is not None:
                break
            time.sleep(0.005)
        start = time.monotonic()
        process.send_signal(number)
        for _ in range(signals - 1):
            time.sleep(0.2)
            process.send_signal(number)
        status, err = world.wait(process)
        took = time.monotonic() - start
        self.assertEqual(status, 130, err)
        self.assertLess(took, limit, err)
        print("%s: stopped in %.2f s" % (self.id().split(".")[-1], took), flush=True)
        return err

    started = staticmethod(lambda world, *words: world.arrived(*words) > 3000)

    def finish(self, world, *words):
        """The rest comes, and all of it is there."""
        status, err = world.wait(world.start(*words))
        self.assertIn(status, (0, 3), err)
        world.check_rejects()
        if words:
            world.check_disk()
        else:
            world.check_web()

    def slow_world(self):
        """A run takes half a second at least, however fast the machine is."""
        world = self.world()
        world.configure(source='range_size = "64KiB"; window = "64KiB";')
        fill(world, rows=20000, tiny=50)
        world.s3d.faults("GET:data/big-* delay 40\n")
        return world

    def test_in_the_middle_of_a_run(self):
        for number, words in ((signal.SIGTERM, ()), (signal.SIGINT, ()), (signal.SIGTERM, ("--sink", "disk"))):
            with self.subTest(signal=number, words=words):
                world = self.slow_world()
                self.stopped(world, number, *words)
                world.s3d.faults("")
                before = world.arrived(*words)
                self.finish(world, *words)
                self.assertLess(before, len(world.expected), "it was not in the middle")
                if not words:
                    self.assertEqual(world.recv.stats()["duplicates_same_body"], 0, "a graceful stop leaves nothing to repeat")

    def while_waiting(self, of_s3d="", of_recv="", **more):
        """The run can do nothing but wait when it is stopped."""
        world = self.world()
        fill(world, rows=3000, tiny=20)
        world.s3d.faults(of_s3d)
        world.recv.faults(of_recv)
        self.started = lambda world: self.waits(world, of_s3d)
        self.stopped(world, signal.SIGTERM, **more)
        world.s3d.faults("")
        world.recv.faults("")
        self.finish(world)

    @staticmethod
    def waits(world, of_s3d):
        """A fault has happened; then it has a moment more to come to rest."""
        happened = "fault action=" in world.s3d.log_text() if of_s3d else world.recv.stats()["faults"] > 0
        if happened:
            time.sleep(0.5)
        return happened

    def test_while_the_receiver_hangs(self):
        self.while_waiting(of_recv="* hang\n", limit=DRAIN + SECONDS)

    def test_a_second_signal_does_not_wait_for_the_receiver(self):
        for script in ("* hang\n", "* 429 retry-after=60\n", "* slow ms=60000\n"):
            with self.subTest(script=script):
                self.while_waiting(of_recv=script, signals=2)

    def test_while_s3_hangs(self):
        for script in ("LIST hang\n", "GET hang\n", "GET hang-mid 100\n", "GET slow 50\n"):
            with self.subTest(script=script):
                self.while_waiting(of_s3d=script)

    def test_while_s3_said_later(self):
        for script in ("LIST slowdown 60\n", "GET slowdown 60\n", "GET:data/big-0.csv internal-error\n"):
            with self.subTest(script=script):
                self.while_waiting(of_s3d=script)

    def test_the_run_says_in_json_that_it_was_stopped(self):
        world = self.slow_world()
        self.started = lambda world, *words: world.arrived() > 3000
        err = self.stopped(world, signal.SIGTERM, "--log", "json")
        lines = [json.loads(line) for line in err.splitlines()]
        self.assertTrue(any("interrupted" in json.dumps(line) for line in lines), err)


if __name__ == "__main__":
    unittest.main()
