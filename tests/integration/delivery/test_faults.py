"""Servers that refuse, cut, mislead and change: nothing is lost, and each fault really happened."""
import json
import unittest

from kit import WorldTest, fill, seeded


class Faults(WorldTest):
    def through_s3(self, script, action, status=3, source=""):
        world = self.world()
        world.configure(source=source)
        fill(world, rows=20000, tiny=60)
        world.s3d.faults(script)
        code, err = world.wait(world.start())
        self.assertEqual(code, status, err)
        self.assertGreater(world.s3d_stats()["fault_actions"].get(action, 0), 0, "the fault never happened")
        return world

    def world(self, *options, **more):
        from s3client import Client
        world = super().world(*options, **more)
        world.s3d_stats = lambda: Client(world.s3d.port).stats()
        return world

    def whole(self, world):
        world.check_web()
        world.check_rejects()

    def test_connections_cut_at_random_bytes(self):
        self.whole(self.through_s3("GET cut-random 7 every=3 times=25\n", "cut-random"))

    def test_slowdown(self):
        self.whole(self.through_s3("GET slowdown every=4 times=6\nLIST slowdown times=1\n", "slowdown"))

    def test_an_error_inside_a_200(self):
        self.whole(self.through_s3("LIST error-in-200 times=2\n", "error-in-200"))

    def test_a_range_that_was_not_asked_for(self):
        self.whole(self.through_s3("GET:data/big-0.csv wrong-content-range times=1\n", "wrong-content-range",
                                   source='range_size = "64KiB";'))

    def test_internal_errors(self):
        self.whole(self.through_s3("GET internal-error every=5 times=4\n", "internal-error"))

    def test_a_skewed_clock_is_corrected(self):
        self.whole(self.through_s3("ANY clock-skew 3600\n", "clock-skew"))

    def test_a_wrong_region_is_mended(self):
        self.whole(self.through_s3("ANY wrong-region eu-west-3 400\n", "wrong-region"))

    def test_an_object_that_is_gone_is_counted(self):
        world = self.world()
        world.put("a.csv", 0, 10)
        world.put("b.csv", 10, 10, counted=False)
        world.s3d.faults("GET:data/b.csv gone\n")
        err = world.run(expect=0)
        self.assertIn("1 gone", err)
        world.check_web()

    def test_an_object_that_changed_is_read_as_it_is_now(self):
        world = self.world()
        fill(world, rows=20000, tiny=20)
        world.s3d.faults("GET:data/big-0.csv change times=1\nGET:data/tiny/003.csv change times=1\n")
        err = world.run()
        self.assertIn("changed", err)
        self.assertEqual({r["id"] for r in world.recv.records()}, world.expected)

    def test_a_token_that_stays_expired_holds_the_job(self):
        world = self.world()
        world.put("a.csv", 0, 10)
        world.s3d.faults("LIST expired-token\n")
        err = world.run(expect=5)
        self.assertIn("ExpiredToken", err)
        world.s3d.faults("LIST expired-token times=1\n")  # keys that are asked for once more may be good
        world.run(expect=0)
        world.check_web()

    def test_a_large_object_that_changes_while_it_is_read(self):
        world = self.world()
        world.configure("workers = 1; checkpoint_bytes = 1;", source='range_size = "64KiB"; window = "64KiB";')
        world.put("a.csv", 0, 60000, broken=(5, 50000))
        world.comes_again("a.csv")
        world.s3d.faults("GET:data/a.csv change skip=6 times=1\n")
        self.assertIn("changed", world.run(expect=3))
        world.check_web()
        world.check_rejects()

    def test_a_token_that_expires_in_the_run_holds_it(self):
        for script in ("GET expired-token skip=3\n", "GET:data/big-0.csv expired-mid 1000\n"):
            world = self.world()
            fill(world, rows=20000, tiny=60)
            world.s3d.faults(script)
            err = world.run(expect=5)
            self.assertIn("ExpiredToken", err)
            self.assertIn("request id", err)
            world.s3d.faults("")
            world.run()
            self.whole(world)

    def test_a_server_that_is_away_for_a_while(self):
        self.whole(self.through_s3("LIST drop times=3\nGET drop every=2 times=30\n", "drop"))

    # ---- the receiver

    def through_http(self, script, status=3):
        world = self.world()
        fill(world, rows=6000, tiny=40)
        world.recv.faults(script)
        code, err = world.wait(world.start())
        self.assertEqual(code, status, err)
        self.assertGreater(world.recv.stats()["faults"], 0, "the fault never happened")
        return world

    def test_too_many_requests(self):
        self.whole(self.through_http("* 429 retry-after=1 times=2\n"))

    def test_server_errors(self):
        self.whole(self.through_http("* 500 every=4 times=4\n* 503 every=5 times=3\n"))

    def test_too_large_is_halved(self):
        self.whole(self.through_http("* max-records n=130\n"))

    def test_cut_before_and_after_the_records_were_stored(self):
        self.whole(self.through_http("* cut-after-store every=5 times=4\n* cut every=7 times=3\n"))

    def test_no_answer_in_time(self):
        world = self.world()
        fill(world, rows=6000, tiny=40)
        with open(world.path("short.conf"), "w") as file:
            file.write('sinks = { web = { timeout = "1s"; }; };')
        world.recv.faults("* hang every=6 times=4\n")
        world.run(config=("job.conf", "short.conf"), expect=3)
        self.assertEqual(world.recv.stats()["faults"], 4)
        self.whole(world)

    def test_records_that_are_refused_are_rejected_once_in_spite_of_crashes(self):
        world, rng = self.world(), seeded()
        fill(world, rows=20000, tiny=60)
        world.recv.faults("* bad-record text=7777, status=422\n")
        refused = {i for i in world.expected if str(i).endswith("7777")}
        self.assertGreater(len(refused), 3)
        for i in range(5):
            world.put("more-%d.csv" % i, 20_000_000 + i * 100_000, 3000)
            world.run_killed(rng.uniform(0.1, 0.7))
        world.run()
        world.expected -= refused
        world.broken += len(refused)
        self.whole(world)
        self.assertEqual({json.loads(r["raw"])["id"] for r in world.rejects() if r["stage"] == "deliver"}, refused)

    def test_a_refusal_holds_the_job_and_loses_nothing(self):
        world = self.world()
        fill(world, rows=6000, tiny=40)
        world.recv.faults("* 401 skip=5\n")
        err = world.run(expect=5)
        self.assertIn("401", err)
        self.assertNotIn("the-token", err)
        world.recv.faults("")
        world.run()
        self.whole(world)


if __name__ == "__main__":
    unittest.main()
