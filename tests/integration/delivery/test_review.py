"""What reviews found once: each would lose records, or stop a job for ever."""
import gzip
import json
import os
import unittest

from kit import WorldTest


class Review(WorldTest):
    def disk_ids(self, world):
        with open(world.path("out.ndjson")) as file:
            return [json.loads(line)["id"] for line in file]

    def test_a_restarted_unit_does_not_take_its_old_position(self):
        world = self.world()
        world.put("a.csv", 0, 400000)
        world.configure('workers = 1; checkpoint_bytes = 100000; format = { type = "csv"; };')
        killed = 0
        for after in (0.4, 0.6, 0.8):
            killed += world.run_killed(after, "--sink", "disk")
            if os.path.exists(world.path("out.ndjson")) and os.path.getsize(world.path("out.ndjson")):
                break
        # Another option of the format: what was cut under the old one starts again; and that run dies at once too.
        world.configure('workers = 1; format = { type = "csv"; sample = 2000; };')
        for after in (0.05, 0.1, 0.15):
            world.run_killed(after, "--sink", "disk")
        world.run("--sink", "disk", expect=0)
        self.assertEqual(set(self.disk_ids(world)), world.expected)

    def test_damaged_files_at_the_front_do_not_stop_a_job_with_a_mapping(self):
        world = self.world()
        world.configure('mapping = ( { from = "id"; type = "int64"; } );')
        for i in range(5):
            world.s3d.write("b/data/a%d.csv.gz" % i, b"\x1f\x8b\x08\x00damaged")
        world.put("z.csv", 0, 10)
        err = world.run("--sink", "disk", expect=4)
        self.assertIn("5 failed", err)
        world.run("--sink", "disk", expect=4)
        self.assertEqual(self.disk_ids(world), list(range(10)))

    def test_files_with_a_header_alone_do_not_make_all_columns_text_for_ever(self):
        world = self.world()
        world.configure("workers = 1;")
        world.s3d.write("b/data/a.csv", b"id,name,score\n")
        world.run("--sink", "disk", expect=0)
        world.put("b.csv", 0, 10)
        world.run("--sink", "disk", expect=0)
        self.assertEqual(self.disk_ids(world), list(range(10)))  # numbers

    def test_rejects_before_a_new_column_are_kept(self):
        world = self.world()
        world.configure("workers = 1;")
        world.put("a.csv", 0, 20000)
        world.put("b.csv", 20000, 20000)
        rows = "".join("broken\n" for _ in range(50)) + "".join("%d,n,1.5,new\n" % i for i in range(50000, 60000))
        world.s3d.write("b/data/c.csv", ("id,name,score,more\n" + rows).encode())
        world.expected.update(range(50000, 60000))
        world.broken = 50
        world.run("--sink", "disk", expect=3)
        self.assertEqual(sorted(self.disk_ids(world)), sorted(world.expected))
        world.check_rejects()

    def test_small_files_that_unpack_to_very_much_are_read_alone(self):
        world = self.world()
        data = gzip.compress(b"id,name,score\n" + b"1,x,1.5\n" * 2000000, 9)
        self.assertLess(len(data), 64 << 10)
        for i in range(3):
            world.s3d.write("b/data/bomb%d.csv.gz" % i, data)
        world.run("--sink", "disk", expect=0)
        self.assertEqual(len(self.disk_ids(world)), 6000000)

    def test_a_mistyped_column_of_a_mapping_is_said(self):
        world = self.world()
        world.configure('mapping = ( { from = "id"; }, { from = "nmae"; } );')
        world.put("a.csv", 0, 10)
        err = world.run("--sink", "disk", expect=0)
        self.assertIn("no column 'nmae'", err)
        self.assertIn("did you mean 'name'", err)


if __name__ == "__main__":
    unittest.main()
