"""Incremental by file, sinks with their own positions, schemas that grow."""
import json
import os
import unittest

from kit import WorldTest, csv_rows, fill


class Sync(WorldTest):
    def test_only_what_is_new_is_sent(self):
        world = self.world()
        world.put("2026/b.csv", 0, 1000)
        world.put("2026/c.csv", 1000, 10)
        world.run(expect=0)
        requests = world.recv.stats()["requests"]
        world.run(expect=0)
        self.assertEqual(world.recv.stats()["requests"], requests)
        world.put("2026/a.csv", 2000, 5)  # before the others in order, and backdated
        os.utime(os.path.join(world.s3d.root, "b/data/2026/a.csv"), (1, 1))
        world.put("2026/z.csv", 3000, 5)
        world.run(expect=0)
        world.check_web()
        os.remove(os.path.join(world.s3d.root, "b/data/2026/c.csv"))
        world.run(expect=0)
        world.check_web()

    def test_a_replaced_file_is_read_again(self):
        world = self.world()
        world.put("a.csv", 0, 10)
        world.run(expect=0)
        world.put("a.csv", 100, 20)
        world.run(expect=0)
        world.check_web()

    def test_on_change_ignore_and_fail(self):
        for policy, status in (("ignore", 0), ("fail", 4)):
            world = self.world()
            world.configure('sync = { on_change = "%s"; };' % policy)
            world.put("a.csv", 0, 10)
            world.run(expect=0)
            world.put("a.csv", 100, 20, counted=False)
            world.run(expect=status)
            world.check_web()

    def test_each_sink_has_its_own_position(self):
        world = self.world()
        world.put("a.csv", 0, 3000, broken=(5,))
        world.run(expect=3)
        world.run("--sink", "disk", expect=3)
        world.check_web()
        world.check_disk()
        world.check_rejects(deliveries=2)
        world.run(expect=0)
        world.run("--sink", "disk", expect=0)
        world.check_disk()

    def test_the_same_job_to_http_and_to_file(self):
        """One configuration, two named sinks, chosen by --sink and by an overlay: the same records, each at its own position."""
        world = self.world()
        with open(world.path("production.conf"), "w") as file:
            file.write('jobs = { j = { sink = "disk"; }; };')
        both = ("job.conf", "production.conf")
        fill(world, rows=3000, tiny=50)
        world.run(expect=3)
        world.put("later.csv", 900000, 10)
        world.run("--sink", "disk", expect=3)
        world.check_disk()
        world.run(config=both, expect=0)  # the overlay's sink has it all
        world.put("last.csv", 910000, 10)
        world.run(config=both, expect=0)
        world.run("--sink", "web", config=both, expect=0)  # --sink wins over the overlay
        world.check_web()
        world.check_disk()
        world.check_rejects(deliveries=2)
        with open(world.path("out.ndjson")) as file:
            disk = {record["id"]: record for record in map(json.loads, file)}
        self.assertEqual(disk, {record["id"]: record for record in world.recv.records()})

    def test_same_second_files_are_found(self):
        """No time decides what is new: files of one second, of the past, of the future, and the same size in place of another."""
        world = self.world()
        world.put("m.csv", 100, 9)
        when = os.stat(os.path.join(world.s3d.root, "b/data/m.csv")).st_mtime
        world.run(expect=0)
        for name, first, at in (("a.csv", 200, when), ("z.csv", 300, when), ("b.csv", 400, 1), ("y.csv", 500, when + 86400)):
            world.put(name, first, 9)
            os.utime(os.path.join(world.s3d.root, "b/data", name), (at, at))
        world.run(expect=0)
        world.check_web()
        path = os.path.join(world.s3d.root, "b/data/m.csv")
        old = os.stat(path)
        world.s3d.write("b/new/m.csv", csv_rows(600, 9))  # a new file in its place: s3d would not see one written over
        os.utime(os.path.join(world.s3d.root, "b/new/m.csv"), ns=(old.st_mtime_ns, old.st_mtime_ns))
        os.rename(os.path.join(world.s3d.root, "b/new/m.csv"), path)
        world.forget("m.csv")
        world.made.update(range(600, 609))
        world.expected.update(range(600, 609))
        self.assertEqual((os.stat(path).st_size, os.stat(path).st_mtime_ns), (old.st_size, old.st_mtime_ns))
        world.run(expect=0)
        world.check_web()
        self.assertTrue(set(range(600, 609)) <= {record["id"] for record in world.recv.records()})

    def test_local_files_of_the_same_second_and_size(self):
        world = self.world()
        folder = world.path("files")
        os.mkdir(folder)
        world.configure()
        with open(world.path("job.conf")) as file:
            text = file.read()
        start, end = text.index('source = {'), text.index('sink = "web"')
        with open(world.path("job.conf"), "w") as file:
            file.write(text[:start] + 'source = { type = "file"; path = "%s"; }; ' % folder + text[end:])
        for first in (100, 200):
            with open(os.path.join(folder, "new"), "wb") as file:
                file.write(csv_rows(first, 9))
            os.utime(os.path.join(folder, "new"), (1_000_000_000, 1_000_000_000))
            os.rename(os.path.join(folder, "new"), os.path.join(folder, "a.csv"))
            world.expected.update(range(first, first + 9))
            world.run(expect=0)
            world.check_web()

    def test_an_overlay_chooses_the_sink(self):
        world = self.world()
        world.put("a.csv", 0, 30)
        with open(world.path("production.conf"), "w") as file:
            file.write('jobs = { j = { sink = "disk"; }; };')
        world.run(config=("job.conf", "production.conf"), expect=0)
        world.check_disk()
        self.assertEqual(world.recv.stats()["requests"], 0)

    def test_a_new_column_is_added_and_a_missing_one_is_null(self):
        world = self.world()
        world.put("a.csv", 0, 3)
        world.run("--sink", "disk", expect=0)
        world.s3d.write("b/data/b.csv", b"id,name,score,more\n10,x,1.5,new\n")
        world.s3d.write("b/data/c.csv", b"id,score\n11,2.5\n")
        world.run("--sink", "disk", expect=0)
        with open(world.path("out.ndjson")) as file:
            records = {record["id"]: record for record in map(json.loads, file)}
        self.assertEqual(records[10], {"id": 10, "name": "x", "score": 1.5, "more": "new"})
        self.assertEqual(records[11], {"id": 11, "name": None, "score": 2.5, "more": None})

    def test_bodies_compression_and_basic_authentication(self):
        for body in ("ndjson", "json", "record"):
            world = self.world(recv_options=("--basic", "user:pass word"))
            world.put("a.csv", 0, 700 if body != "record" else 40)
            world.configure('sink = { type = "http"; url = "http://127.0.0.1:%d/x"; body = "%s"; gzip = true; username = "user"; '
                            'password = "pass word"; };' % (world.recv.port, body))
            with open(world.path("job.conf")) as file:
                text = file.read().replace('sink = "web"; ', "")
            with open(world.path("job.conf"), "w") as file:
                file.write(text)
            world.run(expect=0)
            world.check_web()


if __name__ == "__main__":
    unittest.main()
