"""Filters of jobs in the real program: CSV, Parquet and Arrow in, NDJSON out."""
import json, os, shutil, subprocess, unittest

from kit import CLEAN, SLUICE, JobTest

SEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fuzz/parquet/corpus")
ROWS = "id,price,day,name\n1,10.5,2024-01-01,ann\n2,9,2024-01-02,\n3,,2024-02-01,cid\n4,12,2023-12-31,dan\n5,100,2024-05-05,eve\n"


def sluice(*words, expect=0):
    done = subprocess.run([SLUICE, *words], env=CLEAN, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if done.returncode != expect:
        raise AssertionError("%r: exit %d: %s" % (words, done.returncode, done.stderr.decode()))
    return done.stdout.decode()


class Where(JobTest):
    def ids(self):
        return [json.loads(line)["id"] for line in self.lines()]

    def test_only_what_is_true_goes_out_and_the_rest_is_counted(self):
        self.put("a.csv", ROWS)
        log = self.run_job('''where = "price > 10 and day >= '2024-01-01' and name is not null";''')
        self.assertEqual(self.ids(), [1, 5])
        self.assertIn("2 rows, 0 rejected, 3 filtered", log)

    def test_columns_that_a_mapping_drops_or_renames_can_be_asked(self):
        self.put("a.csv", ROWS)
        self.run_job('''where = "price >= 12"; mapping = ( { from = "name"; to = "who"; } );''')
        self.run_job('''where = "price >= 12"; mapping = ( { from = "price"; exclude = true; }, { from = "day"; exclude = true; } );
          sync = { mode = "append"; };''')
        self.assertEqual(self.lines(), ['{"who":"dan"}', '{"who":"eve"}', '{"id":4,"name":"dan"}', '{"id":5,"name":"eve"}'])

    def test_rows_keep_their_numbers_and_what_is_left_out_is_no_reject(self):
        self.put("a.csv", "id,n\n1,x\n2,5\n3,y\n4,6\n5,z\n")
        self.run_job('''where = "id > 2"; mapping = ( { from = "id"; }, { from = "n"; to = "m"; type = "int64"; } );
          evolution = { changed = "reject"; };''', 3)
        self.assertEqual(self.ids(), [4])
        # a format that reads a number for the mapping refuses the text before anybody looks at the filter
        self.assertLessEqual({r["row"] for r in self.rejects()}, {0, 2, 4})
        self.assertGreaterEqual({r["row"] for r in self.rejects()}, {2, 4})

    def test_another_filter_is_for_what_comes_later(self):
        self.put("a.csv", ROWS)
        self.run_job('where = "id > 3";')
        self.put("b.csv", ROWS)
        self.run_job('where = "id < 3";')
        self.assertEqual(sorted(self.ids()), [1, 2, 4, 5])

    def test_a_file_that_lacks_the_column_has_nulls_there(self):
        self.put("a.csv", ROWS)
        self.put("b.csv", "id,name\n8,x\n9,y\n")
        self.run_job('where = "day is null";')
        self.assertEqual(self.ids(), [8, 9])

    def test_values_of_another_type_are_rescued_after_the_filter(self):
        self.put("a.csv", "id,n\n1,10\n2,9\n3,100\n")
        job = 'where = "n > 9"; evolution = { changed = "rescue"; new = "rescue"; };'
        self.run_job(job)
        self.put("b.csv", "id,n\n4,many\n5,20\n6,3\n")
        self.run_job(job)
        self.assertEqual(self.ids(), [1, 3, 5])  # by number, not as texts

    def test_parquet_leaves_out_and_counts_the_same(self):
        self.format = "parquet"
        for name in ("where-v1", "where-v2"):
            shutil.copy(os.path.join(SEEDS, name + ".parquet"), os.path.join(self.path("in"), name + ".parquet"))
        log = self.run_job('''where = "i >= 120 and i < 130 and s.x is not null"; mapping = ( { from = "i"; to = "id"; } );
          split_bytes = 4096; batch_rows = 7;''')
        wanted = [i for i in range(120, 130) if i % 9 != 8]
        self.assertEqual(sorted(self.ids()), sorted(2 * wanted))
        self.assertIn("%d rows, 0 rejected, %d filtered" % (2 * len(wanted), 800 - 2 * len(wanted)), log)

    def test_mistakes_are_named_with_their_place(self):
        self.put("a.csv", ROWS)
        cases = [("prise > 10", "there is no column 'prise'; did you mean 'price'?"), ("price > 'much'", "'much' is no value of it"),
                 ("price >", "character 8: a literal is missing"), ("name = ann", "texts are in single quotes"), ("id = 1 or id = 2", "`and`")]
        for where, says in cases:
            with self.subTest(where=where):
                self.assertIn(says, self.run_job('where = "%s";' % where, 2))
                self.assertEqual(self.lines(), [])

    def test_cat_and_plan(self):
        self.put("a.csv", ROWS)
        path = os.path.join(self.path("in"), "a.csv")
        self.assertEqual(sluice("cat", path, "--where", "price > 10 and name != 'eve'", "--columns", "id"), '{"id":1}\n{"id":4}\n')
        self.assertEqual(sluice("cat", path, "--where", "id > 1", "--limit", "1", "--columns", "name,id", "--output", "csv"), 'name,id\r\n"",2\r\n')
        sluice("cat", path, "--where", "id ==", expect=2)
        self.sluice(0, 'where = "id > 3";', command="plan")
        (plan,) = json.loads(sluice("plan", self.path("job.conf"), "--json"))["jobs"]
        self.assertEqual((plan["sample"]["records"], plan["sample"]["filtered"], plan["sample"]["rejected"]), (5, 3, 0))


if __name__ == "__main__":
    unittest.main()
