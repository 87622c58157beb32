"""Which objects are read: depth, names, sizes, ages; each that is not is counted by its reason."""
import datetime
import os
import time
import unittest

from s3kit import S3Test, rows

NAMES = ["a.csv", "b.csv", "c.txt", "year=2025/x.csv", "year=2025/y.csv.bak", "year=2026/m=01/d.csv", "year=2026/m=02/e.csv",
         "year=2026/m=02/deep/er/f.csv"]


class Selection(S3Test):
    def setUp(self):
        super().setUp()
        self.s3d = self.server(files={name: i for i, name in enumerate(NAMES)})

    def chosen(self, options, path="s3://b/"):
        """Names that were read, and how many were not by each reason."""
        ids, done = self.run_job(self.s3d, 'path = "%s"; %s' % (path, options))
        reasons = self.not_read(done.err)
        return [NAMES[i] for i in ids], reasons

    def check(self, options, names, words, path="s3://b/"):
        """What is not read is counted under one reason, which has that word."""
        got, reasons = self.chosen(options, path)
        self.assertEqual(got, names, options)
        below = [n for n in NAMES if ("s3://b/" + n).startswith(path)]
        self.assertEqual(sum(reasons.values()), len(below) - len(names), (options, reasons))
        for word in words:
            self.assertIn(word, " ".join(reasons), (options, reasons))

    def test_include(self):
        self.check('include = [ "**/*.csv" ];', [n for n in NAMES if n.endswith(".csv")], ["not included"])
        self.check('include = [ "*.csv" ];', [n for n in NAMES if n.endswith(".csv")], ["not included"])
        self.check('include = [ "/*.csv" ];', ["a.csv", "b.csv"], ["not included"])
        self.check('include = [ "year=2026/**" ];', NAMES[5:], ["not included"])
        self.check('include = [ "year=*/m=0[12]/*.csv" ];', NAMES[5:7], ["not included"])
        self.check('include = [ "*.txt", "year=2025/*" ];', NAMES[2:5], ["not included"])
        self.check('include = [ "m=02/**" ];', NAMES[6:], ["not included"], path="s3://b/year=2026/")

    def test_exclude(self):
        self.check('exclude = [ "**/*.bak", "*.txt" ];', [NAMES[i] for i in (0, 1, 3, 5, 6, 7)], ["excluded"])
        self.check('include = [ "year=2026/**" ]; exclude = [ "**/deep/**" ];', NAMES[5:7], ["not included", "excluded"])

    def test_regular_expressions(self):
        self.check("include_regex = \"m=0[0-9]/[a-z]+\\\\.csv$\";", NAMES[5:7], ["not included"])
        self.check("exclude_regex = \"(bak|txt)$\";", [NAMES[i] for i in (0, 1, 3, 5, 6, 7)], ["excluded"])

    def test_depth(self):
        for depth, count in ((1, 3), (2, 5), (3, 7), (4, 7), (5, 8), (0, 8)):
            names, _ = self.chosen("depth = %d;" % depth)
            self.assertEqual(names, NAMES[:count], depth)
        self.assertEqual(self.chosen("depth = 1;", path="s3://b/year=2026/m=02/")[0], ["year=2026/m=02/e.csv"])

    def test_sizes(self):
        big = b"id,text\n3,%s\n" % (b"x" * 5000)
        self.s3d.write("b/" + NAMES[3], big)
        names, reasons = self.chosen('min_size = "1KiB";')
        self.assertEqual((names, sum(reasons.values())), ([NAMES[3]], 7))
        self.assertIn("too small", reasons)
        names, reasons = self.chosen('max_size = "1KiB";')
        self.assertNotIn(NAMES[3], names)
        self.assertIn("too large", reasons)
        self.s3d.write("b/" + NAMES[4], b"")
        names, reasons = self.chosen('min_size = "1";')
        self.assertEqual(reasons, {"too small": 1})

    def age(self, name, seconds):
        when = time.time() - seconds
        os.utime(os.path.join(self.s3d.root, "b", name), (when, when))

    def test_ages(self):
        for i, name in enumerate(NAMES):
            self.age(name, 60 + i * 86400)
        self.check('max_age = "2d";', NAMES[:2], ["too old"])
        self.check('min_age = "36h";', NAMES[2:], ["too new"])
        self.check('min_age = "36h"; max_age = "4d";', NAMES[2:4], ["too new", "too old"])
        day = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=60)
        self.check('modified_after = "%s";' % day.strftime("%Y-%m-%dT%H:%M:%SZ"), NAMES[:3], ["too old"])
        self.check('modified_before = "%s";' % day.strftime("%Y-%m-%dT%H:%M:%SZ"), NAMES[3:], ["too new"])
        self.check('modified_after = "%s";' % (day + datetime.timedelta(days=1)).strftime("%Y-%m-%d"),
                   [n for i, n in enumerate(NAMES) if i <= 2][:self.days_since((day + datetime.timedelta(days=1)).date())], ["too old"])

    @staticmethod
    def days_since(date):
        """How many of the files, a day apart and the first a minute old, are younger than the start of that day (UTC)."""
        start = datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.timezone.utc).timestamp()
        return sum(time.time() - 60 - i * 86400 > start for i in range(8))

    def test_markers_and_empty_files(self):
        os.makedirs(os.path.join(self.s3d.root, "b", "folder"))
        names, reasons = self.chosen("")
        self.assertEqual((names, sum(reasons.values())), (NAMES, 1))
        self.assertIn("folder marker", " ".join(reasons))

    def test_what_is_not_chosen_is_not_asked_for(self):
        self.chosen('include = [ "a.csv" ];')
        self.assertEqual(self.read_keys(self.s3d), {"a.csv"})

    def test_the_reasons_of_ls(self):
        done = self.sluice("ls", "--json", "s3://b/", "-o", "endpoint=" + self.s3d.url, "-o", "exclude_regex=bak$")
        self.assertEqual([("skipped" in line) for line in done.out.splitlines()], [".bak" in n for n in NAMES])

    def test_patterns_that_cannot_be_read(self):
        for option in ('include = [ "[a" ];', 'include_regex = "(";', 'modified_after = "yesterday";', 'exclude = [ "" ];'):
            _, done = self.run_job(self.s3d, 'path = "s3://b/"; ' + option, status=2)
            self.says(done.err, option.split()[0])

    def test_many_folders_listed_at_once(self):
        wanted = list(range(8))
        for i in range(40):
            for k in range(30):
                self.s3d.write("b/many/%02d/%02d.csv" % (i, k), rows(1000 + 100 * i + k, 1))
                wanted.append(1000 + 100 * i + k)
        for requests in (1, 4, 16):
            ids, _ = self.run_job(self.s3d, 'path = "s3://b/"; list_requests = %d;' % requests)
            self.assertEqual(ids, sorted(wanted))
        deep, _ = self.run_job(self.s3d, 'path = "s3://b/"; depth = 3; list_requests = 16;')
        self.assertEqual(len(deep), 7 + 1200)


if __name__ == "__main__":
    unittest.main()
