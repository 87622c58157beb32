"""Files that several workers read in pieces: the records are those of the whole file, also when runs are killed and the file
changes while it is read."""
import os
import subprocess
import unittest

from kit import ACCESS, CLEAN, SECRET, SLUICE, WorldTest, csv_rows, seeded

ROWS = 60000


class Splits(WorldTest):
    def pieces(self):
        world = self.world()
        world.configure('split_bytes = "100KiB"; workers = 4; checkpoint_bytes = 20000;')
        return world

    def put(self, world, name, first, rows):
        """A file of records first..first+rows-1, in a format that can be cut."""
        path = world.path("made.csv")
        with open(path, "wb") as file:
            file.write(csv_rows(first, rows))
        done = subprocess.run([SLUICE, "cat", path, "--output", "arrow"], env=CLEAN, capture_output=True)
        assert done.returncode == 0, done.stderr
        world.put(name, first, rows)  # for what has to arrive
        world.s3d.write("b/data/" + name, done.stdout)

    def units(self, world):
        import sqlite3
        db = sqlite3.connect(world.path("ledger", "j.db"))
        made = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'unit'").fetchone()[0]
        db.close()
        return made

    def test_several_pieces(self):
        world = self.pieces()
        self.put(world, "a.arrows", 0, ROWS)
        world.put("b.csv", ROWS, 10)
        self.assertIn("files: 2 (0 failed", world.run(expect=0))
        world.check_web()
        self.assertGreater(self.units(world), 8)
        self.assertIn("files: 0 (0 failed", world.run(expect=0))

    def test_killed(self):
        rng = seeded()
        world = self.pieces()
        self.put(world, "a.arrows", 0, ROWS)
        for share in (0.1, 0.3, 0.6, 0.8):
            world.run_killed_at(int(ROWS * share * rng.uniform(0.8, 1.2)))
        world.run(expect=0)
        world.check_web()

    def test_the_file_sink(self):
        world = self.pieces()
        self.put(world, "a.arrows", 0, ROWS)
        world.run_killed_at(ROWS // 3, "--sink", "disk")
        world.run("--sink", "disk", expect=0)
        world.check_disk()

    def test_changed_between_runs(self):
        world = self.pieces()
        self.put(world, "a.arrows", 0, ROWS)
        world.run_killed_at(ROWS // 2)
        self.put(world, "a.arrows", ROWS, ROWS)
        world.run(expect=0)
        world.check_web()

    def test_changed_while_it_is_read(self):
        world = self.pieces()
        self.put(world, "a.arrows", 0, ROWS)
        world.comes_again("a.arrows")
        world.s3d.faults("GET:data/a.arrows change times=1 skip=5\n")
        world.run(expect=0)
        world.check_web()

    def test_a_piece_that_cannot_be_read(self):
        world = self.pieces()
        self.put(world, "a.arrows", 0, ROWS)
        path = os.path.join(world.s3d.root, "b/data/a.arrows")
        with open(path, "rb") as file:
            good = file.read()
        with open(path, "wb") as file:
            file.write(good[:len(good) // 2])
        self.assertNotEqual(world.wait(world.start())[0], 0)
        with open(path, "wb") as file:
            file.write(good)
        world.maybe.update(range(ROWS))
        world.repeats.update(range(ROWS))
        world.run(expect=0)
        world.check_web()


try:
    import avro.datafile
    import avro.io
    import avro.schema
except ImportError:
    avro = None


@unittest.skipUnless(avro, "skipped: python3-avro is not installed")
class RowsOfPieces(WorldTest):
    """A format that cannot tell the number of a piece's first row: rejects name the piece, and retry finds them again."""

    def test_rejects_are_found_again(self):
        world = self.world()
        path = world.path("a.avro")
        schema = avro.schema.parse('{"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}, '
                                   '{"name": "v", "type": "string"}]}')
        writer = avro.datafile.DataFileWriter(open(path, "wb"), avro.io.DatumWriter(), schema)
        bad = [i for i in range(ROWS) if i % 6991 == 13]
        for i in range(ROWS):
            writer.append({"id": i, "v": "n/a" if i in bad else "%d" % i})
        writer.close()
        with open(path, "rb") as file:
            world.s3d.write("b/data/a.avro", file.read())
        job = 'split_bytes = "50KiB"; workers = 3; mapping = ( { from = "id"; }, { from = "v"; type = "%s"; } );'
        world.configure(job % "int64")
        world.run(expect=3)
        rejects = world.rejects()
        self.assertEqual((len(rejects), len({one["id"] for one in rejects})), (len(bad), len(bad)))
        self.assertGreater(len({one["piece"] for one in rejects}), 4)
        self.assertEqual({one["id"] for one in world.recv.records()}, set(range(ROWS)) - set(bad))
        world.configure(job % "string")
        done = subprocess.run([SLUICE, "retry", "-c", world.path("job.conf"), "--job", "j"], capture_output=True,
                              env=dict(CLEAN, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(one["id"] for one in world.recv.records()), list(range(ROWS)))
        self.assertEqual(sorted(one["id"] for one in world.recv.records() if one["v"] == "n/a"), bad)


if __name__ == "__main__":
    unittest.main(verbosity=2)
