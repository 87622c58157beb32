"""cat: records of local files and of s3d, in the three outputs."""
import csv
import io
import json
import os
import pty
import signal
import struct
import subprocess
import time
import unittest

from program import CLEAN, SLUICE, ProgramTest

PEOPLE = 'id,name,score\n1,Ann,1.5\n2,"B ""q"", x",\n3,Cé,2\n'


def arrow_messages(data):
    """The sizes of metadata and body of each message of an IPC stream; ends with the end marker."""
    at, found = 0, []
    while True:
        marker, size = struct.unpack_from("<Ii", data, at)
        assert marker == 0xFFFFFFFF, "no continuation marker at %d" % at
        at += 8
        if size == 0:
            assert at == len(data), "bytes behind the end"
            return found
        root = at + struct.unpack_from("<I", data, at)[0]
        table = root - struct.unpack_from("<i", data, root)[0]
        fields = struct.unpack_from("<H", data, table)[0] // 2 - 2
        offsets = [struct.unpack_from("<H", data, table + 4 + 2 * i)[0] if i < fields else 0 for i in range(4)]
        kind = data[root + offsets[1]] if offsets[1] else 0
        body = struct.unpack_from("<q", data, root + offsets[3])[0] if offsets[3] else 0
        found.append((kind, size, body))
        at += size + body


class CatTest(ProgramTest):
    def test_ndjson(self):
        self.write("people.csv", PEOPLE)
        done = self.expect(0, "cat", "people.csv")
        self.assertEqual([json.loads(line) for line in done.lines],
                         [{"id": 1, "name": "Ann", "score": 1.5}, {"id": 2, "name": 'B "q", x', "score": None},
                          {"id": 3, "name": "Cé", "score": 2.0}])
        self.assertEqual(done.errors, "")

    def test_csv(self):
        self.write("people.csv", PEOPLE)
        done = self.expect(0, "cat", "people.csv", "--output", "csv")
        rows = list(csv.reader(io.StringIO(done.out.decode(), newline="")))
        self.assertEqual(rows, [["id", "name", "score"], ["1", "Ann", "1.5"], ["2", 'B "q", x', ""], ["3", "Cé", "2.0"]])
        self.write("again.csv", done.out)
        self.assertEqual(self.expect(0, "cat", "again.csv").out, self.expect(0, "cat", "people.csv").out)

    def test_arrow(self):
        self.write("people.csv", PEOPLE)
        messages = arrow_messages(self.expect(0, "cat", "people.csv", "--output", "arrow").out)
        self.assertEqual([kind for kind, _, _ in messages], [1, 3])  # schema, record batch
        self.assertGreater(messages[1][2], 0)
        self.assertNotEqual(self.expect(0, "cat", "people.csv", "--output", "arrow", "--limit", "1").out,
                            self.expect(0, "cat", "people.csv", "--output", "arrow").out)
        self.write("empty.csv", "")
        self.assertEqual([m[0] for m in arrow_messages(self.expect(0, "cat", "empty.csv", "--output", "arrow").out)], [1])

    def test_arrow_is_not_for_terminals(self):
        self.write("people.csv", PEOPLE)
        leader, follower = pty.openpty()
        done = subprocess.run([SLUICE, "cat", "people.csv", "--output", "arrow"], cwd=self.folder, stdout=follower,
                              stderr=subprocess.PIPE, env=CLEAN, timeout=60)
        os.close(follower)
        os.close(leader)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"standard output is a terminal", done.stderr)

    def test_columns(self):
        self.write("people.csv", PEOPLE)
        done = self.expect(0, "cat", "people.csv", "--columns", "score,id", "--limit", "1")
        self.assertEqual(done.text, '{"score":1.5,"id":1}\n')
        done = self.expect(0, "cat", "people.csv", "--columns", "score", "--columns", "id", "--limit", "1")
        self.assertEqual(done.text, '{"score":1.5,"id":1}\n')
        done = self.expect(2, "cat", "people.csv", "--columns", "id,nmae")
        self.assertEqual(done.text, "")
        self.assertIn("people.csv: there is no column 'nmae'; did you mean 'name'?; there are: id, name, score", done.errors)

    def test_format_options(self):
        self.write("data.txt", "a;b\n1;NA\n")
        done = self.expect(0, "cat", "data.txt", "--format", "csv", "-f", "delimiter=;", "-f", "null_tokens=NA", "-f",
                           "null_tokens=-")
        self.assertEqual(done.text, '{"a":1,"b":null}\n')
        done = self.expect(0, "cat", "data.txt", "--format", "csv", "-f", "delimiter=;", "-f", "header=false")
        self.assertEqual(len(done.lines), 2)
        self.assertIn("delimiter", self.expect(2, "cat", "data.txt", "--format", "csv", "-f", "delimter=;").errors)
        self.assertIn("csv", self.expect(2, "cat", "data.txt", "--format", "cvs").errors)

    def test_limits(self):
        self.write("n.csv", "n\n" + "".join("%d\n" % i for i in range(30000)))
        for limit in (0, 1, 8191, 8192, 8193, 29999, 30000, 30001):
            done = self.expect(0, "cat", "n.csv", "--limit", str(limit))
            self.assertEqual(done.lines, ['{"n":%d}' % i for i in range(min(limit, 30000))])

    def test_no_records_still_have_a_header(self):
        self.write("people.csv", PEOPLE)
        self.assertEqual(self.expect(0, "cat", "people.csv", "--limit", "0", "--output", "csv").lines, ["id,name,score"])
        self.assertEqual([m[0] for m in arrow_messages(
            self.expect(0, "cat", "people.csv", "--limit", "0", "--output", "arrow").out)], [1])

    def test_folder(self):
        self.write("data/b.csv.gz", "id,name\n3,c\n")
        self.write("data/a.csv", "id,name\n1,a\n2,b\n")
        self.write("data/c/d.csv", "name,id\nd,4\n")
        self.write("data/empty.csv", "")
        self.write("data/.hidden", "x")
        done = self.expect(0, "cat", "data", "--output", "csv")
        self.assertEqual(done.lines, ["id,name", "1,a", "2,b", "3,c", "4,d"])
        self.assertEqual(done.errors, "parts: 1 skipped (hidden file 1)\n")
        self.assertEqual(self.expect(0, "cat", "data", "--limit", "3", "-q").lines[-1], '{"id":3,"name":"c"}')

    def test_folder_of_different_parts(self):
        self.write("data/a.csv", "id,name\n1,a\n")
        self.write("data/b.csv", "id,name,more\n2,b,x\n")
        done = self.expect(4, "cat", "data")
        self.assertEqual(done.text, '{"id":1,"name":"a"}\n')
        self.assertIn("data/b.csv: this part has the column 'more'", done.errors)
        self.assertEqual(len(self.expect(0, "cat", "data", "--columns", "id,name").lines), 2)

    def test_types_of_the_first_part_hold(self):
        self.write("data/a.csv", "id,when\n1,2024-02-29\n")
        self.write("data/b.csv", "id,when\n2,2024-03-01\n2.5,2024-03-01\n3,soon\n")
        done = self.expect(3, "cat", "data")
        self.assertEqual(done.lines, ['{"id":1,"when":"2024-02-29"}', '{"id":2,"when":"2024-03-01"}'])
        self.assertIn("data/b.csv: record 1", done.errors)
        self.assertIn("data/b.csv: record 2", done.errors)
        self.assertIn("2 records rejected", done.errors)

    def test_rejects(self):
        self.write("bad.csv", b"id,name\n1,a\n2\n3,\xff\n4,d\n")
        done = self.expect(3, "cat", "bad.csv", "--format", "csv")
        self.assertEqual([json.loads(line)["id"] for line in done.lines], [1, 4])
        self.assertRegex(done.errors, r"warn +bad\.csv: record 1 \(byte 12\): ")
        self.assertRegex(done.errors, r"warn +bad\.csv: record 2 \(byte 14\): name: ")
        self.assertTrue(done.errors.endswith("2 records rejected\n"))
        done = self.expect(3, "cat", "bad.csv", "--format", "csv", "--log", "json", "-q")
        self.assertEqual((len(done.lines), done.errors), (2, ""))

    def test_bad_parts(self):
        self.write("cut.csv.gz", "id\n" + "".join("%d\n" % i for i in range(100000)))
        path = os.path.join(self.folder, "cut.csv.gz")
        os.truncate(path, os.path.getsize(path) // 2)
        done = self.expect(4, "cat", "cut.csv.gz")
        self.assertIn("cut.csv.gz", done.errors)
        self.assertIn("gzip", done.errors)
        os.mkdir(os.path.join(self.folder, "nothing"))
        self.assertIn("there is nothing to read at 'nothing'", self.expect(4, "cat", "nothing").errors)
        self.write("blob", bytes(range(256)) * 20)
        self.assertIn("blob", self.expect(4, "cat", "blob").errors)

    def test_reader_that_goes_away(self):
        self.write("n.csv", "n\n" + "".join("%d\n" % i for i in range(400000)))
        for output in ("ndjson", "csv", "arrow"):
            process = self.start("cat", "n.csv", "--output", output)
            process.stdout.read(10)
            process.stdout.close()
            errors = process.stderr.read()
            process.stderr.close()
            self.assertEqual((process.wait(60), errors), (0, b""))

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("skipped: there is no /dev/full")
        self.write("people.csv", PEOPLE)
        with open("/dev/full", "w") as full:
            done = subprocess.run([SLUICE, "cat", "people.csv"], cwd=self.folder, env=CLEAN, stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"No space left", done.stderr)

    def test_interrupt(self):
        self.write("n.csv", "n\n" + "".join("%d\n" % i for i in range(400000)))
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start("cat", "n.csv")
            process.stdout.read(10)
            time.sleep(0.3)  # it waits for us to read
            process.send_signal(number)
            self.assertEqual(process.wait(30), 130)
            process.stdout.close()
            self.assertIn(b"interrupted", process.stderr.read())
            process.stderr.close()

    def test_bucket(self):
        server = self.server()
        server.write("b1/data/a.csv", b"id\n1\n2\n")
        self.write("x.csv.gz", "id\n3\n")
        with open(os.path.join(self.folder, "x.csv.gz"), "rb") as file:
            server.write("b1/data/b.csv.gz", file.read())
        env = self.keys(server)
        self.assertEqual(self.expect(0, "cat", "s3://b1/data/", env=env).lines, ['{"id":1}', '{"id":2}', '{"id":3}'])
        self.assertEqual(self.expect(0, "cat", "s3://b1/data/b.csv.gz", "--output", "csv", env=env).lines, ["id", "3"])
        self.assertEqual([m[0] for m in arrow_messages(self.expect(0, "cat", "s3://b1/", "--output", "arrow", env=env).out)],
                         [1, 3, 3])
        self.assertIn("nothing to read", self.expect(4, "cat", "s3://b1/none/", env=env).errors)


if __name__ == "__main__":
    unittest.main()
