"""ls: as aws s3 ls, as JSON, as CSV; on local files and on s3d."""
import csv
import io
import json
import os
import shutil
import subprocess
import unittest

from program import CLEAN, ProgramTest

WHEN = 1666724186  # 2022-10-25 18:56:26 UTC


class LocalTest(ProgramTest):
    def put(self, name, data, when=WHEN):
        os.utime(self.write(name, data), (when, when))

    def raw(self):
        """The four files of the blog: data, a folder beside it."""
        self.put("raw/gt.csv", "x" * 8002)
        self.put("raw/metadata/col_info.csv", "y" * 12)
        self.put("raw/test.csv", "t" * 470000)
        self.put("raw/train.csv", "")

    def test_the_lines(self):
        self.raw()
        lines = ["                           PRE metadata/", "2022-10-25 18:56:26       8002 gt.csv",
                 "2022-10-25 18:56:26     470000 test.csv", "2022-10-25 18:56:26          0 train.csv"]
        for place in ("raw", "raw/", "./raw", "file://" + self.folder + "/raw"):
            done = self.expect(0, "ls", place, env={"TZ": "UTC"})
            self.assertEqual(done.lines, lines, place)
            self.assertEqual(done.errors, "3 parts, 466.8 KiB, 1 folder\n")
        self.assertEqual(self.expect(0, "ls", "raw/gt.csv", env={"TZ": "UTC"}).lines, lines[1:2])
        self.assertEqual(self.expect(0, "ls", "raw", "-q").errors, "")
        line = self.expect(0, "ls", "raw", "--log", "json").errors.splitlines()[-1]
        self.assertEqual(json.loads(line)["message"], "3 parts, 466.8 KiB, 1 folder")

    def test_time_zone(self):
        self.raw()
        for zone, text in (("UTC", "18:56:26"), ("CET-1CEST,M3.5.0,M10.5.0/3", "20:56:26"), ("EST5", "13:56:26")):
            self.assertIn("2022-10-25 %s       8002 gt.csv" % text, self.expect(0, "ls", "raw", env={"TZ": zone}).text)

    def test_recursive(self):
        self.raw()
        done = self.expect(0, "ls", "raw", "--recursive", env={"TZ": "UTC"})
        self.assertEqual([line[31:] for line in done.lines],
                         ["raw/gt.csv", "raw/metadata/col_info.csv", "raw/test.csv", "raw/train.csv"])
        self.assertEqual(self.expect(0, "ls", "raw", "-r", env={"TZ": "UTC"}).text, done.text)

    def test_human_and_summary(self):
        for size, text in ((0, "0 Bytes"), (1, "1 Byte"), (1023, "1023 Bytes"), (1024, "1.0 KiB"), (8002, "7.8 KiB"),
                           (1048575, "1.0 MiB"), (1048000, "1023.4 KiB"), (1048064, "1.0 MiB"), (1 << 20, "1.0 MiB")):
            with open(self.write("data/f", ""), "wb") as file:
                file.truncate(size)
            done = self.expect(0, "ls", "data", "--human", "--summarize")
            self.assertEqual(done.lines[0][19:], " %10s f" % text)
            self.assertEqual(done.lines[1:], ["", "Total Objects: 1", "   Total Size: " + text])
        self.raw()
        done = self.expect(0, "ls", "raw", "--summarize", "-r")
        self.assertEqual(done.lines[4:], ["", "Total Objects: 4", "   Total Size: 478014"])

    def test_skipped(self):
        self.put("data/a.csv", "x\n1\n")
        self.put("data/sub/b.csv", "y\n")
        self.put("data/.hidden", "")
        self.put("data/.git/x", "")
        done = self.expect(0, "ls", "data", env={"TZ": "UTC"})
        self.assertEqual(sorted(done.lines), sorted([
            "                           PRE .git/  (skipped: hidden folder)", "                           PRE sub/",
            "-                            - .hidden  (skipped: hidden file)", "2022-10-25 18:56:26          4 a.csv"]))
        self.assertEqual(done.errors, "1 part, 4 B, 2 folders; 1 skipped (hidden file 1)\n")
        done = self.expect(0, "ls", "file://" + os.path.join(self.folder, "data"), "-o", "include=**/b*", "--json")
        found = [json.loads(line) for line in done.lines]
        self.assertEqual([p.get("skipped") for p in found], ["hidden folder", "hidden file", "excluded", None])
        self.assertEqual((found[3]["size"], found[3]["name"][-9:]), (2, "sub/b.csv"))
        self.assertEqual(done.errors, "")

    def test_limit(self):
        self.raw()
        self.put("raw/metadata/more.csv", "")
        done = self.expect(0, "ls", "raw", "--limit", "2", env={"TZ": "UTC"})
        self.assertEqual([line.split()[-1] for line in done.lines], ["metadata/", "gt.csv"])
        self.assertEqual(done.errors, "1 part, 7.8 KiB, 1 folder; there are more\n")
        self.assertEqual(len(self.expect(0, "ls", "raw", "--limit", "2", "--json").lines), 2)
        self.assertEqual(len(self.expect(0, "ls", "raw", "--limit", "2", "--csv").lines), 3)
        done = self.expect(0, "ls", "raw/metadata", "--limit", "2")
        self.assertNotIn("there are more", done.errors)
        self.assertEqual(self.expect(0, "ls", "raw", "--limit", "0").text, "")

    def test_json(self):
        self.raw()
        found = [json.loads(line) for line in self.expect(0, "ls", "raw", "--json", env={"TZ": "EST5"}).lines]
        self.assertEqual([p["name"] for p in found], ["raw/gt.csv", "raw/metadata/col_info.csv", "raw/test.csv",
                                                      "raw/train.csv"])
        self.assertEqual((found[0]["size"], found[0]["modified"]), (8002, "2022-10-25T18:56:26Z"))
        self.assertTrue(all(p["version"] for p in found))

    def test_csv(self):
        names = ['a "b", c.csv', "line\nend.csv", "plain.csv", "Ünï.csv"]
        for name in names:
            self.put("data/" + name, "12345")
        done = self.expect(0, "ls", "data", "--csv", env={"TZ": "EST5"})
        self.assertTrue(done.out.startswith(b"key,size,time\r\n") and done.out.endswith(b"\r\n"))
        rows = list(csv.reader(io.StringIO(done.out.decode(), newline=""), strict=True))
        self.assertEqual(rows[1:], [["data/" + name, "5", "2022-10-25T18:56:26Z"] for name in sorted(names)])
        self.assertEqual(done.errors, "")

    def test_nothing_there(self):
        os.mkdir(os.path.join(self.folder, "empty"))
        done = self.expect(0, "ls", "empty")
        self.assertEqual((done.text, done.errors), ("", "0 parts, 0 B\n"))
        self.assertEqual(self.expect(0, "ls", "empty", "--csv").out, b"key,size,time\r\n")
        done = self.expect(2, "ls", "none", "--csv")
        self.assertIn("none", done.errors)
        self.assertEqual(done.text, "")

    def test_hostile_name(self):
        self.write("data/a\x1b[31m\nb.csv", "")
        self.write("data/f\x1b[31m/b.csv", "")
        self.assertEqual(len(self.expect(0, "ls", "data").lines), 2)
        self.assertIn("a\\x1b[31m\\x0ab.csv", self.expect(0, "ls", "data").text)
        self.assertIn("PRE f\\x1b[31m/", self.expect(0, "ls", "data").text)
        self.assertEqual(json.loads(self.expect(0, "ls", "data", "--json").lines[0])["name"], "data/a\x1b[31m\nb.csv")

    def test_pages_and_large_folders(self):
        """Folders come first in each thousand of entries; a folder of more than a thousand names is jumped over."""
        for i in range(1500):
            self.write("data/f%04d" % i, "")
        for i in range(1200):
            self.write("data/f0500x/%04d" % i, "")
        self.write("data/f1499x/y", "")
        names = [line.split()[-1] for line in self.expect(0, "ls", "data").lines]
        files = ["f%04d" % i for i in range(1500)]
        self.assertEqual(names, ["f0500x/"] + files[:999] + ["f1499x/"] + files[999:])


class BucketTest(ProgramTest):
    def test_bucket(self):
        server = self.server("--page", "2")
        for i in range(5):
            server.write("b1/data/k%d" % i, b"12345")
        os.mkdir(os.path.join(server.root, "b1", "data", "marker"))
        env = self.keys(server)
        done = self.expect(0, "ls", "s3://b1/data/", env=env)
        self.assertEqual([line.split()[-1] for line in done.lines], ["marker/"] + ["k%d" % i for i in range(5)])
        done = self.expect(0, "ls", "s3://b1/data/", "--recursive", env=env)
        self.assertEqual([line[31:] for line in done.lines],
                         ["data/k%d" % i for i in range(5)] + ["data/marker/  (skipped: folder marker)"])
        self.assertEqual(done.errors, "5 parts, 25 B; 1 skipped (folder marker 1)\n")
        for place in ("s3://b1", "s3://b1/", "s3://b1/d", "s3://b1/data"):
            self.assertEqual(self.expect(0, "ls", place, env=env).lines, ["                           PRE data/"])
        found = json.loads(self.expect(0, "ls", "s3a://b1/data/k3", "--json", env=env).text)
        self.assertEqual(found["name"], "s3://b1/data/k3")
        self.assertEqual([line[31:] for line in self.expect(0, "ls", "s3n://b1/data/k3", env=env).lines], ["k3"])
        endpoint = env.pop("AWS_ENDPOINT_URL_S3")
        done = self.expect(0, "ls", "s3a://b1/data/k3", "-o", "endpoint=" + endpoint, "-o", "addressing=path", env=env)
        self.assertEqual(len(done.lines), 1)

    def test_as_aws_prints_it(self):
        """The same bytes from the AWS CLI, where it is installed."""
        if not shutil.which("aws"):
            self.skipTest("skipped: there is no AWS CLI")
        server = self.server()
        for name in ("raw/gt.csv", "raw/metadata/col_info.csv", "raw/test.csv", "raw/x y/z", "rawer/a", "raw.csv",
                     "top.csv", "ünï/ö.csv"):
            server.write("b1/" + name, b"x" * (len(name) * 300))
        env = dict(self.keys(server), TZ="CET-1CEST", AWS_DEFAULT_REGION="us-east-1", LC_ALL="C.UTF-8",
                   AWS_EC2_METADATA_DISABLED="true", AWS_REQUEST_CHECKSUM_CALCULATION="when_required")
        compared = 0
        for place in ("s3://b1/", "s3://b1", "s3://b1/raw/", "s3://b1/raw", "s3://b1/ra", "s3://b1/raw/gt.csv", "s3://b1/ünï/"):
            for more in ([], ["--recursive"], ["--summarize"], ["--human-readable", "--recursive", "--summarize"]):
                aws = subprocess.run(["aws", "s3", "ls", place] + more, env=dict(CLEAN, **env), capture_output=True, timeout=60)
                self.assertEqual(aws.returncode, 0, aws.stderr)
                ours = self.expect(0, "ls", place, *[w.replace("human-readable", "human") for w in more], env=env)
                self.assertEqual(ours.out.decode(), aws.stdout.decode(), "%s %s" % (place, more))
                compared += 1
        print("%d listings are as the AWS CLI prints them" % compared)

    def test_large_folders_are_not_read_through(self):
        log = os.path.join(self.folder, "log")
        server = self.server("--log", log)
        for i in range(5000):
            server.write("b1/big/%04d" % i, b"")
        for i in range(1200):
            server.write("b1/less/%04d" % i, b"")
        server.write("b1/top", b"1")
        done = self.expect(0, "ls", "s3://b1/", env=self.keys(server))
        self.assertEqual([line[27:].strip() for line in done.lines[:2]], ["PRE big/", "PRE less/"])
        self.assertEqual((len(done.lines), done.lines[2][31:]), (3, "top"))
        with open(log) as file:
            requests = sum("LIST" in line or "list-type" in line for line in file)
        self.assertTrue(1 <= requests <= 5, "%d listing requests for 6,201 names" % requests)

    def test_reader_that_goes_away(self):
        server = self.server("--synthetic", "20000:128")
        for more in ([], ["-r"], ["--csv"], ["--json"]):
            process = self.start("ls", "s3://synthetic/", *more, env=self.keys(server))
            process.stdout.readline()
            process.stdout.close()
            errors = process.stderr.read().decode()
            process.stderr.close()
            self.assertEqual(process.wait(60), 0, errors)
            self.assertNotIn("sluice:", errors)


if __name__ == "__main__":
    unittest.main()
