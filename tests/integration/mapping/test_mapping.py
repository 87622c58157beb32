"""Rules of a mapping in the real program: CSV in, NDJSON out."""
import unittest

from kit import JobTest


class Mapping(JobTest):
    def test_values_are_never_altered(self):
        # The trap: a mapping that doubled every quote, so that O'Brien reached the destination as O''Brien.
        self.put("a.csv", 'name,code,big,small,price,huge\n'
                          'O\'Brien,007,9223372036854775807,-9223372036854775808,1234567890.10,1e400\n'
                          '"it\'\'s ""quoted""", x ,1,-1,0.00,-0\n')
        self.run_job('''mapping = ( { from = "name"; to = "who.name"; }, { from = "code"; type = "string"; },
          { from = "big"; }, { from = "small"; to = "low.small"; },
          { from = "price"; type = "decimal(12,2)"; }, { from = "huge"; type = "string"; },
          { from = "name"; to = "names[]"; } );''')
        self.assertEqual(self.lines(), [
            '{"who":{"name":"O\'Brien"},"code":"007","big":9223372036854775807,'
            '"low":{"small":-9223372036854775808},"price":1234567890.10,"huge":"1e400","names":["O\'Brien"]}',
            '{"who":{"name":"it\'\'s \\"quoted\\""},"code":" x ","big":1,'
            '"low":{"small":-1},"price":0.00,"huge":"-0","names":["it\'\'s \\"quoted\\""]}'])

    def test_both_forms_of_the_rules_that_others_have(self):
        # v1 {"src": "dest.path"}; v2 standard and static, with nested objects and lists.
        self.put("a.csv", "email,id\na@b.c,5\n")
        self.run_job('''mapping = ( { from = "email"; to = "properties.email"; }, { value = "web"; to = "source"; },
          { value = 5; to = "number"; }, { value = true; to = "yes"; }, { null = true; to = "nothing"; },
          { value = 0.1; to = "fraction"; }, { value = 0.1; to = "money"; type = "decimal(5,2)"; },
          { value = 5; to = "text"; type = "string"; }, { value = 9223372036854775807L; to = "large"; },
          { from = "id"; to = "items[].id"; }, { from = "id"; to = "pairs[0].id"; }, { from = "email"; to = "pairs[1].mail"; } );''')
        self.assertEqual(self.lines(), [
            '{"properties":{"email":"a@b.c"},"source":"web","number":5,"yes":true,"nothing":null,"fraction":0.1,"money":0.10,'
            '"text":"5","large":9223372036854775807,"items":[{"id":5}],'
            '"pairs":[{"id":5,"mail":null},{"id":null,"mail":"a@b.c"}]}'])

    def test_unmapped_columns_are_dropped_or_kept(self):
        self.put("a.csv", "id,name,secret\n1,x,s\n")
        rules = 'mapping = ( { from = "id"; to = "key"; } );'
        self.run_job(rules)
        self.run_job(rules + ' unmapped = "keep"; sync = { mode = "append"; };')
        self.run_job('mapping = ( { from = "secret"; exclude = true; } ); sync = { mode = "append"; };')
        self.run_job('unmapped = "keep"; sync = { mode = "append"; };')
        self.assertEqual(self.lines(), ['{"key":1}', '{"key":1,"name":"x","secret":"s"}', '{"id":1,"name":"x"}',
                                        '{"id":1,"name":"x","secret":"s"}'])

    def test_an_excluded_column_stays_out_in_later_files_too(self):
        self.put("a.csv", "id,secret\n1,s\n")
        job = 'mapping = ( { from = "secret"; exclude = true; }, { from = "more"; exclude = true; } );'
        self.assertIn("no column 'more' in the first files, so nothing is excluded", self.run_job(job))
        self.put("b.csv", "id,secret,more,other\n2,s,t,5\n")
        self.run_job(job)
        self.assertEqual(self.lines(), ['{"id":1}', '{"id":2,"other":5}'])

    def test_defaults_and_required(self):
        self.put("a.csv", "id,n\n1,\n2,5\n,6\n")
        self.run_job('''mapping = ( { from = "id"; required = true; type = "int64"; }, { from = "n"; default = 7; } );''', 3)
        self.assertEqual(self.lines(), ['{"id":1,"n":7}', '{"id":2,"n":5}'])
        (reject,) = self.rejects()
        self.assertEqual((reject["row"], reject["column"]), (2, "id"))  # from 0
        self.assertIn("required", reject["reason"])

    def test_mistakes_are_named_with_file_and_line(self):
        self.put("a.csv", "id,n\n1,2\n")
        cases = [
            ('mapping = ( { from = "id"; exclude = true; to = "x"; } );', "`exclude` stands beside `from` alone"),
            ('mapping = ( { from = "id"; to = "x[]"; },\n { from = "n"; to = "x[].y"; } );', "'x[].y' is already taken"),
            ('mapping = ( { from = "id"; to = "x[1]"; } );', "no rule for its place [0]"),
            ('mapping = ( { value = 5; } );', "a constant needs `to`"),
            ('mapping = ( { null = true; value = 5; to = "x"; } );', "`value` or `null`"),
            ('mapping = ( { from = "id"; exclude = true; } ); unmapped = "drop";', "nothing would be left"),
            ('unmapped = "drop";', "nothing would be left"),
            ('unmapped = "kep";', "did you mean 'keep'?"),
            ('mapping = ( { from = "id"; exclude = true; }, { from = "id"; } );', "another rule brings it"),
            ('mapping = ( { from = "id"; to = "n"; } ); unmapped = "keep";', "column 'n' is kept"),
            ('mapping = ( { from = "id"; } ); evolution = { new = "stop"; };', "drops all columns that it does not name"),
            ('mapping = ( { value = "x"; to = "a"; type = "int8"; } );', "mapping[0] ("),
            ('mapping = ( { from = "id"; },\n { from = "n"; type = "int8"; default = "300"; } );',
             """the default of 'n': "300" does not fit int8"""),
            ('evolution = { new = "sotp"; };', "did you mean 'stop'?"),
            ('evolution = { changed = "rescue"; rescue_column = ""; };', "needs a name"),
            ('evolution = { new = "add"; rescue_column = "rest"; };', "nothing is rescued into it"),
        ]
        for job, says in cases:
            with self.subTest(job=job):
                said = self.run_job(job, 2)
                self.assertIn(says, said)
                if "is kept" not in says:
                    self.assertIn("job.conf:", said)
        self.assertEqual(self.lines(), [])

    def test_plan_shows_what_becomes_of_each_column(self):
        self.put("a.csv", "id,n,secret\n1,2,s\n")
        said = self.sluice(0, '''mapping = ( { from = "id"; to = "items[].id"; }, { from = "secret"; exclude = true; },
          { from = "nn"; to = "x"; }, { value = 5; to = "five"; } ); unmapped = "keep";''', command="plan")
        self.assertIn('{"items":[{"id":1}],"x":null,"five":5,"n":2}', said)
        self.assertIn("excluded", said)
        self.assertIn("did you mean 'n'?", said)


    def test_what_becomes_of_a_missing_column_is_told(self):
        self.put("a.csv", "id\n1\n")
        for rule, what in (("", "so it is null"), ('default = "x";', "so it is its default, x"),
                           ("required = true;", "so every record is rejected"),
                           ('required = true; default = "x";', "so it is its default, x")):
            said = self.sluice(0, 'mapping = ( { from = "zz"; to = "zz"; %s } );' % rule, command="check")
            self.assertIn("no column 'zz' in the first files, " + what, said)

    def test_a_place_in_a_list_cannot_be_read(self):
        """It was null in every record; a column of that very name is one still."""
        self.format = "json"
        self.put("a.json", '{"l":[1,2],"m":{"k":[3]}}\n')
        for path in ("l[0]", "l[]", "m.k[1]"):
            for command in ("check", "plan", "run"):
                said = self.sluice(2, 'mapping = ( { from = "%s"; to = "x"; } );' % path, command=command)
                self.assertIn('from = "%s"' % path, said)
                self.assertIn("cannot be taken by its place", said)

    def test_a_column_may_be_named_like_a_place(self):
        self.put("a.csv", "l[0],l\n1,2\n")
        self.assertNotIn("cannot", self.sluice(0, 'mapping = ( { from = "l[0]"; to = "x"; } );', command="check"))

    def test_check_compares_the_rules_with_the_first_files(self):
        rules = 'mapping = ( { from = "nmae"; }, { from = "id"; }, { from = "sceret"; exclude = true; } );'
        self.assertIn("no file yet", self.sluice(0, rules, command="check"))
        self.put("a.csv", "id,name,secret\n1,x,s\n")
        said = self.sluice(0, rules, command="check")
        self.assertIn("no column 'nmae' in the first files, so it is null; did you mean 'name'?", said)
        self.assertIn("no column 'sceret' in the first files, so nothing is excluded; did you mean 'secret'?", said)
        said = self.sluice(2, rules + ' evolution = { missing = "reject"; };', command="check")
        self.assertIn("nmae", said)
        self.assertIn("sceret", said)
        said = self.sluice(2, 'mapping = ( { from = "id"; to = "x[]"; }, { from = "name"; to = "x[]"; } );', command="check")
        self.assertIn("'x' would hold int64 and string: give its rules one `type`", said)
        self.assertEqual(self.lines(), [])


if __name__ == "__main__":
    unittest.main()
