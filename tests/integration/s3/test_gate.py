"""require_tag and object_tag: nothing is read from a bucket that does not say so."""
import unittest

from s3kit import READER, USER, S3Test, rows

SOURCE = 'path = "s3://b/"; require_tag = { key = "ingest"; value = "the-value"; };'


class Gate(S3Test):
    def tagged(self, *lines):
        server = self.server(files={"a.csv": 1, "b.csv": 2})
        if lines:
            server.write(".tags/b", "".join(line + "\n" for line in lines).encode())
        return server

    def held(self, server, *words):
        """Nothing was listed and nothing arrived; the message."""
        ids, done = self.run_job(server, SOURCE, status=5)
        self.assertEqual(ids, [])
        self.assertEqual({op: self.requests(server)[op] for op in ("LIST", "VERSIONS", "GET")}, {"LIST": 0, "VERSIONS": 0, "GET": 0})
        self.assertNotIn("the-value", done.err)
        self.says(done.err, '"b"', *words)
        return [line for line in done.err.splitlines() if "require_tag" in line][0]

    def test_each_case_has_its_own_message(self):
        none = self.held(self.tagged(), "no tags", "ingest")
        missing = self.held(self.tagged("other=the-value", "Ingest=the-value"), "not the tag", "ingest")
        wrong = self.held(self.tagged("ingest=another", "more=x"), "another value", "ingest")
        server = self.tagged("ingest=the-value")
        server.settings("b", "allow=%s LIST,GET" % USER)
        refused = self.held(server, "403", "AccessDenied", "s3:GetBucketTagging")
        self.assertEqual(len({none, missing, wrong, refused}), 4)

    def test_the_right_tag(self):
        server = self.tagged("first=x", "ingest=the-value")
        ids, _ = self.run_job(server, SOURCE)
        self.assertEqual((ids, self.requests(server)["TAGS"]), ([1, 2], 1))

    def test_no_tag_is_asked_for_where_none_is_wanted(self):
        server = self.tagged()
        self.assertEqual(self.run_job(server)[0], [1, 2])
        self.assertEqual(self.requests(server)["TAGS"], 0)

    def test_it_is_checked_at_every_run(self):
        server = self.tagged("ingest=the-value")
        name = self.config(server, SOURCE)
        self.sluice("run", self.path(name + ".conf"))
        server.write("b/c.csv", rows(3, 1))
        server.write(".tags/b", b"ingest=withdrawn\n")
        self.sluice("run", self.path(name + ".conf"), status=5)
        self.assertEqual(self.arrived(name), [1, 2])
        server.write(".tags/b", b"ingest=the-value\n")
        self.sluice("run", self.path(name + ".conf"))
        self.assertEqual(self.arrived(name), [1, 2, 3])

    CLOSED = "not tried, the gate is closed"

    def test_check_tries_nothing_behind_a_closed_gate(self):
        for lines in ((), ("other=x",), ("ingest=no",)):
            server = self.tagged(*lines)
            found = self.check(server, SOURCE, status=5)
            self.assertEqual([one[:2] for one in found[-3:]],
                             [("failed", "s3:GetBucketTagging"), ("unknown", "s3:ListBucket"), ("unknown", "s3:GetObject")])
            self.assertEqual([one[2] for one in found[-2:]], [self.CLOSED] * 2)
            self.says(found[-3][2], "ingest")
            asked = self.requests(server)
            self.assertEqual({op: asked[op] for op in ("LIST", "VERSIONS", "GET", "HEAD")}, {"LIST": 0, "VERSIONS": 0, "GET": 0, "HEAD": 0})
        source = SOURCE + ' pin = "version"; object_tag = { key = "a"; value = "b"; };'
        found = self.check(server, source, status=5)
        self.assertEqual([one[:2] for one in found[-3:]], [("unknown", "s3:ListBucketVersions"), ("unknown", "s3:GetObjectVersion"),
                                                           ("unknown", "s3:GetObjectVersionTagging")])
        self.assertEqual(self.requests(server)["VERSIONS"], 0)

    def test_check_tries_an_open_gate(self):
        server = self.tagged("ingest=the-value")
        found = self.check(server, SOURCE)
        self.assertEqual([one[:2] for one in found[-3:]],
                         [("ok", "s3:GetBucketTagging"), ("ok", "s3:ListBucket"), ("ok", "s3:GetObject")])

    def test_check_of_an_open_role(self):
        server = self.server(roles=("%s - 3600" % READER,), files={"a.csv": 1})
        server.write(".tags/b", b"ingest=the-value\n")
        found = self.check(server, SOURCE + ' role_arn = "%s"; external_id = "the-id"; forbid_open_role = true;' % READER, status=5)
        self.assertEqual([one[:2] for one in found[-4:]], [("failed", "role"), ("unknown", "s3:GetBucketTagging"),
                                                           ("unknown", "s3:ListBucket"), ("unknown", "s3:GetObject")])
        self.assertEqual([one[2] for one in found[-3:]], [self.CLOSED] * 3)
        self.assertEqual((self.requests(server)["TAGS"], self.requests(server)["LIST"], self.requests(server)["GET"]), (0, 0, 0))

    def test_check_of_several_paths(self):
        """Each gate is its own path's."""
        server = self.tagged()
        server.write("other/x.csv", rows(9, 1))
        found = self.check(server, 'paths = ( { path = "s3://b/"; }, { path = "s3://other/"; '
                           'require_tag = { key = "ingest"; value = "the-value"; }; } );', status=5)
        self.assertEqual([one[:2] for one in found[-5:]],
                         [("ok", "s3:ListBucket"), ("ok", "s3:GetObject"), ("failed", "s3:GetBucketTagging"),
                          ("unknown", "s3:ListBucket"), ("unknown", "s3:GetObject")])
        self.assertEqual(self.read_keys(server), {"a.csv"})

    def test_a_tagging_request_that_fails_for_a_while(self):
        server = self.tagged("ingest=the-value")
        server.faults("TAGS slowdown times=2\nTAGS garbage html times=1\n")
        self.assertEqual(self.run_job(server, SOURCE)[0], [1, 2])
        self.assertEqual(self.stats(server)["faults"], 3)

    def test_one_of_several_paths(self):
        server = self.tagged()
        server.write("other/x.csv", rows(9, 1))
        server.write(".tags/other", b"ingest=the-value\n")
        paths = 'paths = ( { path = "s3://b/"; }, { path = "s3://other/"; require_tag = { key = "ingest"; value = "the-value"; }; } );'
        self.assertEqual(self.run_job(server, paths)[0], [1, 2, 9])
        self.assertEqual(self.requests(server)["TAGS"], 1)
        server.write(".tags/other", b"ingest=x\n")
        _, done = self.run_job(server, paths, status=5)
        self.says(done.err, "other")

    # ---- tags of objects

    def objects(self):
        server = self.server(files={"f%02d.csv" % i: i for i in range(30)})
        for i in range(0, 30, 3):
            server.write(".tags/b.objects/f%02d.csv" % i, b"team=ours\n")
        for i in range(1, 30, 3):
            server.write(".tags/b.objects/f%02d.csv" % i, b"team=theirs\n")
        return server

    def test_objects_by_tag(self):
        server = self.objects()
        ids, done = self.run_job(server, 'path = "s3://b/"; object_tag = { key = "team"; value = "ours"; };')
        self.assertEqual(ids, list(range(0, 30, 3)))
        self.assertEqual(sum(self.not_read(done.err).values()), 20, done.err)
        self.says(" ".join(self.not_read(done.err)), "tag")
        self.assertEqual(self.requests(server)["TAGS"], 30)
        self.assertEqual(self.read_keys(server), {"f%02d.csv" % i for i in range(0, 30, 3)})

    def test_object_tags_only_of_what_is_chosen(self):
        server = self.objects()
        ids, _ = self.run_job(server, 'path = "s3://b/"; include = [ "f0*" ]; object_tag = { key = "team"; value = "ours"; };')
        self.assertEqual((ids, self.requests(server)["TAGS"]), ([0, 3, 6, 9], 10))

    def test_object_tags_that_may_not_be_read(self):
        server = self.objects()
        server.settings("b", "allow=%s LIST,GET" % USER)
        ids, done = self.run_job(server, 'path = "s3://b/"; object_tag = { key = "team"; value = "ours"; };', status=5)
        self.assertEqual(ids, [])
        self.says(done.err, "s3:GetObjectTagging")
        self.assertEqual(done.err.count("; allow"), done.err.count("object_tag: "), "the advice is given twice")


if __name__ == "__main__":
    unittest.main()
