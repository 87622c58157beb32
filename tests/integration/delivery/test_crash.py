"""kill -9 at random moments: nothing is lost, repeats have their keys, the file has each record once."""
import os
import signal
import time
import unittest

from kit import WorldTest, fill, seeded

KILLS = int(os.environ.get("KILLS") or 8)


def more(world, i=0):
    world.put("more-%03d.csv" % i, 20_000_000 + i * 100_000, 20000, broken=(20_000_005 + i * 100_000,))


class Crash(WorldTest):
    def durations(self, *words):
        """Of an undisturbed run of everything, and of one that has a single new file, in a world of its own."""
        world, took = self.world(), []
        for fresh in (fill, more):
            fresh(world)
            start = time.monotonic()
            world.run(*words, expect=3)
            took.append(time.monotonic() - start)
        return took

    def crash(self, *words):
        """Every other kill comes at any moment, the others when so much has arrived: start-up is most of a short run."""
        rng, world = seeded(), self.world()
        fill(world)
        world.configure("workers = 1;")
        (whole, short), killed, rounds, inside = self.durations(*words), 0, 0, 0
        while killed < KILLS and rounds < 5 * KILLS:
            rounds += 1
            if killed == KILLS // 2:
                world.configure("workers = 3;")
            # Always something left to do: what a run has done before it is killed is not done again.
            more(world, rounds)
            before = world.arrived(*words)
            if rounds % 2:
                hit = world.run_killed(rng.uniform(0, whole if rounds == 1 else short), *words)
            else:
                hit = world.run_killed_at(before + rng.randrange(1, 15000), *words)
            killed, inside = killed + hit, inside + (hit and world.arrived(*words) > before)
        world.configure("workers = 3;")
        status, err = world.wait(world.start(*words))
        self.assertIn(status, (0, 3), err)
        print("%d of %d runs were killed, %d of them after they had sent something" % (killed, rounds, inside), flush=True)
        self.assertEqual(killed, KILLS)
        self.assertGreaterEqual(inside, max(1, KILLS // 4))
        world.check_rejects()
        return world

    def test_killed_before_it_has_begun(self):
        """The first milliseconds: the ledger is made, the schema found, the first unit claimed."""
        rng, world, killed = seeded(), self.world(), 0
        world.put("a.csv", 0, 20000, broken=(77,))
        for _ in range(KILLS):
            killed += world.run_killed(rng.uniform(0, 0.12))
            killed += world.run_killed(rng.uniform(0, 0.12), "--sink", "disk")
        self.assertGreater(killed, 0)
        world.run()
        world.run("--sink", "disk")
        world.check_web()
        world.check_disk()
        world.check_rejects(deliveries=2)

    def test_http_has_every_record_and_repeats_have_their_key(self):
        stats = self.crash().check_web()
        print(stats, flush=True)

    def test_a_file_has_each_record_once(self):
        self.crash("--sink", "disk").check_disk()

    def interrupt_while_schema_grows(self, number, *words):
        """One worker is within a large file while the other brings a new column; then the run ends before its time."""
        world = self.world()
        world.configure("workers = 2; checkpoint_bytes = 1;")
        world.put("a.csv", 0, 1000)
        world.run(*words, expect=0)
        world.put("b.csv", 10000, 150000)
        world.put("c.csv", 5000, 1)
        world.s3d.write("b/data/c.csv", b"id,name,score,more\n5000,new,0.5,new\n")
        world.made.discard(5000)
        process = world.start(*words)
        for _ in range(2000):
            if world.arrived(*words) > 30000 or process.poll() is not None:
                break
            time.sleep(0.005)
        process.send_signal(number)
        status, _ = world.wait(process)
        self.assertIn(status, (-signal.SIGKILL, 130), "it ended before it could be stopped")
        self.assertNotIn("configuration changed", world.run(*words, expect=0))
        return world

    def test_a_schema_that_grows_does_not_send_a_file_again(self):
        for number in (signal.SIGKILL, signal.SIGTERM):
            self.interrupt_while_schema_grows(number).check_web()
            self.interrupt_while_schema_grows(number, "--sink", "disk").check_disk()

    def test_a_receiver_that_dies_and_comes_back(self):
        world = self.world()
        fill(world)
        process = world.start()
        for _ in range(4):
            time.sleep(0.15)
            world.recv.kill()
            time.sleep(0.1)
            world.recv.start()
        status, err = world.wait(process)
        self.assertEqual(status, 3, err)
        world.check_web()
        world.check_rejects()

    def test_sigterm_ends_at_a_checkpoint(self):
        world = self.world()
        fill(world)
        world.recv.faults("* slow ms=100\n")
        process = world.start()
        for _ in range(1000):
            if world.arrived() > 5000:
                break
            time.sleep(0.01)
        start = time.monotonic()
        process.terminate()
        status, err = world.wait(process)
        self.assertLess(time.monotonic() - start, 5)
        self.assertEqual(status, 130, err)
        before = world.recv.stats()["records"]
        self.assertLess(before, len(world.expected))
        world.recv.faults("")
        world.run()
        stats = world.check_web()
        self.assertEqual(stats["duplicates_same_body"], 0, "a graceful stop leaves nothing to repeat")
        self.assertLessEqual(before, stats["records"])
        world.check_rejects()


if __name__ == "__main__":
    unittest.main()
