"""Memory does not grow with the data: many small objects, one large one, one huge line. Peak of the whole process.

By hand, at full size, with a release build: LARGE_MB=2048 OBJECTS=50000 SLUICE=... S3D=... RECV=... python3 test_memory.py"""
import os
import unittest

from kit import WorldTest, check_sanitizers, csv_rows

LARGE_MB, OBJECTS = int(os.environ.get("LARGE_MB") or 200), int(os.environ.get("OBJECTS") or 5000)
LIMIT_MB = 150 if not os.environ.get("SANITIZED") else 1000  # a sanitizer's own memory is not ours


class Memory(WorldTest):
    def measure(self, world, status):
        process = world.start()
        with process.stderr as stream:
            err = stream.read().decode()
        check_sanitizers(err)
        _, code, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
        self.assertEqual(process.returncode, status, err)
        peak = usage.ru_maxrss / 1024
        print("peak %.0f MB; %s" % (peak, err.strip().splitlines()[-1]), flush=True)
        self.assertLess(peak, LIMIT_MB)
        return err

    def test_many_small_objects(self):
        world = self.world("--synthetic", "%d:1024" % OBJECTS)
        world.configure()
        with open(world.path("job.conf")) as file:
            text = file.read().replace("s3://b/data/", "s3://synthetic/")
        with open(world.path("job.conf"), "w") as file:
            file.write(text)
        self.assertIn("files: %d " % OBJECTS, self.measure(world, 0))

    def test_one_large_object(self):
        world = self.world()
        block = csv_rows(0, 100000)
        header, rows = block.split(b"\n", 1)
        times = LARGE_MB * 1024 * 1024 // len(rows)
        world.s3d.write("b/data/large.csv", header + b"\n")
        with open(os.path.join(world.s3d.root, "b/data/large.csv"), "ab") as file:
            for _ in range(times):
                file.write(rows)
        self.assertIn("%d rows" % (times * 100000), self.measure(world, 0))

    def test_one_huge_line(self):
        world = self.world()
        path = os.path.join(world.s3d.root, "b/data/line.csv")
        world.s3d.write("b/data/line.csv", b"id,name,score\n1,a,1.5\n2,")
        with open(path, "ab") as file:
            for _ in range(LARGE_MB):
                file.write(b"x" * (1 << 20))
            file.write(b",1.5\n3,c,1.5\n")
        self.measure(world, 3)
        world.expected.update((1, 3))
        world.check_web()
        self.assertEqual(len(world.rejects()), 1)
        self.assertIn("max_line", world.rejects()[0]["reason"])


if __name__ == "__main__":
    unittest.main()
