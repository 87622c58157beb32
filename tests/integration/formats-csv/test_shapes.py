"""Tables in the shapes of a well-known set about insurance, made here: 86 columns of numbers with tabs and no header; the
same with commas and a header that only counts the columns; one column of labels; a dictionary in Latin-1."""
import os
import random
import unittest

import kit

COLUMNS, TRAIN, TEST = 86, 5822, 4000
DICTIONARY = ["1\tMOSTYPE\tCustomer Subtype, see L0", "2\tMAANTHUI\tNumber of houses: 1 \u2013 10".replace("\u2013", "-"),
              "3\tMGODPR\tGel\u00f3vige protestant, \u00e9\u00e9n op tien", "4\tMKOOPKLA\tKoopkracht \u00e0 prijs \u00fc",
              "5\tAPERSAUT\tN\u00famber of car policies"]


class Shapes(kit.Case):
    def setUp(self):
        super().setUp()
        source = random.Random(7)
        self.train = [[source.randint(0, 40) for _ in range(COLUMNS)] for _ in range(TRAIN)]
        self.labels = [source.randint(0, 1) for _ in range(TEST)]
        numbers = ",".join(map(str, range(COLUMNS))) + "\n"
        self.write("raw/train.csv", numbers + "".join(",".join(map(str, row)) + "\n" for row in self.train))
        self.write("raw/gt.csv", "0\n" + "".join("%d\n" % label for label in self.labels))
        self.write("tabs/ticdata2000.txt", "".join("\t".join(map(str, row)) + "\r\n" for row in self.train))
        self.write("raw/metadata/col_info.csv",
                   ("nr\tname\tdescription\n" + "\n".join(DICTIONARY) + "\n").encode("latin-1"))

    def values(self, rows):
        return [list(row.values()) for row in rows]

    def test_tabs_without_header(self):
        path = self.path("tabs", "ticdata2000.txt")
        rows = self.rows(path)
        self.assertEqual(self.values(rows), self.train)
        self.assertEqual(list(rows[0]), [str(i) for i in range(COLUMNS)])
        told = self.inspect(path)
        self.assertEqual((told["dialect"]["delimiter"], told["dialect"]["header_rows"]), ("\t", 0))
        self.assertEqual({column["type"] for column in told["schema"]}, {"int64"})
        self.assertEqual(self.rows(path, "delimiter=\\t", "header=false"), rows)

    def test_header_of_numbers(self):
        path = self.path("raw", "train.csv")
        rows = self.rows(path)
        self.assertEqual(len(rows), TRAIN)
        self.assertEqual(list(rows[0]), [str(i) for i in range(COLUMNS)])
        self.assertEqual(self.values(rows), self.train)

    def test_header_off_makes_it_a_row(self):
        rows = self.rows(self.path("raw", "train.csv"), "header=false")
        self.assertEqual(len(rows), TRAIN + 1)
        self.assertEqual(list(rows[0].values()), list(range(COLUMNS)))
        self.assertEqual(list(rows[0]), [str(i) for i in range(COLUMNS)])

    def test_another_delimiter_is_one_column(self):
        rows = self.rows(self.path("raw", "train.csv"), "delimiter=\\t", "header=false")
        self.assertEqual(len(rows), TRAIN + 1)
        self.assertEqual(list(rows[0]), ["0"])
        self.assertEqual(rows[1]["0"], ",".join(map(str, self.train[0])))
        told = self.inspect(self.path("raw", "train.csv"), "delimiter=\\t", "header=false")
        self.assertEqual(len(told["schema"]), 1)

    def test_one_column(self):
        path = self.path("raw", "gt.csv")
        self.assertEqual([row["0"] for row in self.rows(path, "header=false")], [0] + self.labels)
        self.assertEqual([row["0"] for row in self.rows(path, "header_rows=1")], self.labels)
        self.assertIn("may be a header", self.inspect(path)["doubt"])

    def test_dictionary_in_latin1(self):
        path = self.path("raw", "metadata", "col_info.csv")
        rows = self.rows(path, "encoding=latin-1")
        self.assertEqual([[str(row["nr"]), row["name"], row["description"]] for row in rows],
                         [line.split("\t") for line in DICTIONARY])
        self.assertEqual(self.inspect(path, "encoding=latin-1")["dialect"]["delimiter"], "\t")

    def test_dictionary_in_no_encoding(self):
        path = self.path("raw", "metadata", "col_info.csv")
        self.assertIn("is not UTF-8", self.inspect(path)["doubt"])
        good = [line for line in DICTIONARY if line.isascii()]
        rows = self.rows(path, expect=3)
        self.assertEqual([row["name"] for row in rows], [line.split("\t")[1] for line in good])
        self.assertEqual(len(self.rows(path, "invalid_utf8=replace")), len(DICTIONARY))
        self.assertEqual(self.rows(path, "invalid_utf8=error", expect=4)[2:], [])

    def test_all_of_a_folder(self):
        text = self.run_program("inspect", self.path("raw"), "--json")
        self.assertEqual(len(text.splitlines()), 3)

    def test_utf16_with_a_preamble(self):
        lines = "Report of Monday\n\nday;sum\n2026-01-01;1\n2026-01-02;2\n2026-01-03;3\n"
        for encoding in ("utf-16", "utf-16-be"):
            mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
            path = self.write("report-%s.csv" % encoding, mark + lines.encode(encoding))
            self.assertEqual(self.values(self.rows(path)), [["2026-01-01", 1], ["2026-01-02", 2], ["2026-01-03", 3]])
            self.assertIn("skipped", self.errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
