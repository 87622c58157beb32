"""Files whose columns are not the job's: each answer of `evolution`, told with file, column and types."""
import json
import unittest

from kit import JobTest

FIRST = "id,name\n1,a\n2,b\n"


class Evolution(JobTest):
    def later(self, job, second, expect=0):
        """A run with the first file settles the job's schema; then comes the second one."""
        self.put("a.csv", FIRST)
        self.run_job(job)
        self.put("b.csv", second)
        return self.run_job(job, expect)

    # ---- new columns ----

    def test_new_columns_are_added(self):
        self.later("", "id,name,more\n3,c,x\n")
        self.assertEqual(self.lines()[2:], ['{"id":3,"name":"c","more":"x"}'])

    def test_new_columns_are_ignored(self):
        self.later('evolution = { new = "ignore"; };', "more,id,name\nx,3,c\n")
        self.assertEqual(self.lines()[2:], ['{"id":3,"name":"c"}'])

    def test_a_file_with_new_columns_is_rejected_and_others_are_not(self):
        self.put("c.csv", "id,name\n9,z\n")
        said = self.later('evolution = { new = "reject"; };', "id,name,more\n3,c,5\n", 4)
        self.assertRegex(said, r"b\.csv: column 'more' \(int64\) is new.*evolution\.new = \"reject\"")
        self.assertEqual([r["id"] for r in self.records()], [1, 2, 9])

    def test_a_new_column_stops_the_run(self):
        said = self.later('evolution = { new = "stop"; };', "id,name,more\n3,c,5\n", 4)
        self.assertRegex(said, r"b\.csv: column 'more' \(int64\) is new.*the run stops, because evolution\.new = \"stop\"")
        self.assertEqual(len(self.lines()), 2)
        self.run_job("")  # as soon as it is allowed, nothing is lost
        self.assertEqual(self.lines()[2:], ['{"id":3,"name":"c","more":5}'])

    def test_new_columns_are_rescued(self):
        self.later('evolution = { new = "rescue"; };',
                   'id,name,more,"a ""b"""\n3,c,9223372036854775807,"O\'Brien ""x"""\n4,d,,y\n')
        self.assertEqual(self.records()[:2], [{"id": 1, "name": "a", "_rescued": None}, {"id": 2, "name": "b", "_rescued": None}])
        rescued = [json.loads(r["_rescued"]) for r in self.records()[2:]]
        self.assertEqual(rescued, [{"more": 9223372036854775807, 'a "b"': 'O\'Brien "x"'}, {'a "b"': "y"}])

    def test_new_columns_beside_a_mapping_that_keeps(self):
        job = 'mapping = ( { from = "id"; to = "key"; } ); unmapped = "keep"; %s'
        self.later(job % "", "id,name,more\n3,c,x\n")
        self.assertEqual(self.lines()[2:], ['{"key":3,"name":"c","more":"x"}'])
        self.put("c.csv", "id,name,more,most\n4,d,y,z\n")
        self.assertIn("column 'most'", self.run_job(job % 'evolution = { new = "reject"; };', 4))

    # ---- missing columns ----

    def test_missing_columns_are_null(self):
        self.later("", "id\n3\n")
        self.assertEqual(self.lines()[2:], ['{"id":3,"name":null}'])

    def test_a_file_without_a_column_is_rejected(self):
        self.put("c.csv", "name,id\nz,9\n")
        self.put("d.csv", "")
        said = self.later('evolution = { missing = "reject"; };', "id,nmae\n3,c\n", 4)
        self.assertRegex(said, r"b\.csv: there is no column 'name' \(did you mean 'nmae'\?\).*evolution\.missing = \"reject\"")
        self.assertEqual([r["id"] for r in self.records()], [1, 2, 9])

    def test_a_missing_column_stops_the_run(self):
        said = self.later('mapping = ( { from = "id"; }, { from = "name"; to = "n"; } ); evolution = { missing = "stop"; };',
                          "id\n3\n", 4)
        self.assertRegex(said, r"b\.csv: there is no column 'name'.*the run stops")
        self.assertEqual(len(self.lines()), 2)

    # ---- values of another type ----

    def test_records_that_do_not_fit_are_rejected(self):
        self.later("", "id,name\n3,c\nx,d\n", 3)
        self.assertEqual(self.lines()[2:], ['{"id":3,"name":"c"}'])
        (reject,) = self.rejects()
        self.assertEqual((reject["column"], reject["row"]), ("id", 1))  # from 0

    def test_another_type_stops_the_run_before_anything_is_sent(self):
        said = self.later('evolution = { changed = "stop"; };', "id,name\n3,c\nx,d\n", 4)
        self.assertRegex(said, r"b\.csv: column 'id' is string in this file, and int64 in the job's schema \(\"x\" does not fit")
        self.assertEqual(len(self.lines()), 2)

    def test_types_that_fit_do_not_stop_the_run(self):
        job = 'evolution = { changed = "stop"; };'
        self.later(job, "id,name\n3,5\n,6\n")
        self.put("c.csv", "id,name\n,7\n")  # an empty column says nothing of its type
        self.run_job(job)
        self.assertEqual(self.lines()[2:], ['{"id":3,"name":"5"}', '{"id":null,"name":"6"}', '{"id":null,"name":"7"}'])
        self.put("d.csv", "id,name\n1.0,8\n")
        self.assertIn("column 'id' is float64 in this file, and int64", self.run_job(job, 4))

    def test_a_declared_type_is_no_change(self):
        self.put("a.csv", "price\n1\n")
        job = 'mapping = ( { from = "price"; type = "decimal(10,2)"; } ); evolution = { changed = "stop"; };'
        self.run_job(job)
        self.put("b.csv", "price\n1.50\nx\n")
        self.run_job(job, 3)
        self.assertEqual(self.lines(), ['{"price":1.00}', '{"price":1.50}'])

    def test_values_of_another_type_are_rescued(self):
        job = 'evolution = { changed = "rescue"; rescue_column = "lost"; };'
        self.later(job, "id,name\n3,c\nO'Brien,d\n,e\n1e400,f\n")
        self.assertEqual(self.records()[2:], [{"id": 3, "name": "c", "lost": None},
                                              {"id": None, "name": "d", "lost": '{"id":"O\'Brien"}'},
                                              {"id": None, "name": "e", "lost": None},
                                              {"id": None, "name": "f", "lost": '{"id":"1e400"}'}])

    def test_a_value_far_behind_the_sample_is_rescued(self):
        rows = "".join("%d,n\n" % i for i in range(30000))
        self.put("a.csv", FIRST)
        job = 'evolution = { changed = "rescue"; };'
        self.run_job(job)
        self.put("b.csv", "id,name\n" + rows + "late,x\n")
        self.run_job(job)
        self.assertEqual(len(self.lines()), 30003)
        self.assertEqual(self.records()[-1], {"id": None, "name": "x", "_rescued": '{"id":"late"}'})

    def test_truth_values_dates_and_times_are_read_as_without_rescue(self):
        rows = "b,d,t,g\ntrue,2026-01-31,2026-01-31T10:00:00Z,1.5\nFalse,2026-02-01,2026-01-31T10:00:00.5+01:00,2\n"
        self.put("a.csv", rows)
        self.run_job("")
        plain = self.records()
        self.sluice(0, 'evolution = { changed = "rescue"; }; sync = { mode = "append"; };')
        self.assertEqual(self.records()[len(plain):], [dict(r, _rescued=None) for r in plain])

    def test_rescue_beside_a_mapping(self):
        self.put("a.csv", "id,flag,name\n1,1,a\nx,0,b\n3,maybe,c\n")
        self.run_job('''mapping = ( { from = "id"; to = "a.id"; type = "int64"; }, { from = "flag"; type = "bool"; } );
          evolution = { changed = "rescue"; };''')
        self.assertEqual(self.lines(), ['{"a":{"id":1},"flag":true,"_rescued":null}',
                                        '{"a":{"id":null},"flag":false,"_rescued":"{\\"id\\":\\"x\\"}"}',
                                        '{"a":{"id":3},"flag":null,"_rescued":"{\\"flag\\":\\"maybe\\"}"}'])

    def test_a_required_value_that_is_rescued_rejects_its_record(self):
        self.put("a.csv", "id\n1\nx\n")
        self.run_job('mapping = ( { from = "id"; type = "int64"; required = true; } ); evolution = { changed = "rescue"; };', 3)
        self.assertEqual([r["id"] for r in self.records()], [1])

    def test_a_file_with_the_rescue_column_is_refused(self):
        self.put("a.csv", "id,_rescued\n1,x\n")
        self.assertIn("choose another rescue_column", self.run_job('evolution = { new = "rescue"; };', 2))

    def test_plan_says_what_a_run_would(self):
        job = 'evolution = { missing = "reject"; };'
        self.put("a.csv", FIRST)
        self.run_job(job)
        self.put("b.csv", "id\n3\n")
        said = self.sluice(4, job, "--part", self.path("in", "b.csv"), command="plan")
        self.assertRegex(said, r"there is no column 'name'.*evolution\.missing")


if __name__ == "__main__":
    unittest.main()
