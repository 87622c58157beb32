"""Servers that want to keep us for ever, or to fill our memory: an error, in bounded time and memory."""
import unittest

from s3kit import S3Test, rows

FAST = 'path = "s3://b/"; max_attempts = 2; stall_timeout = "2s"; connect_timeout = "2s";'


class Hostile(S3Test):
    def ends(self, script, *words, options=(), source=FAST, seconds=60, files=5):
        server = self.server(*options, files={"f%02d.csv" % i: i for i in range(files)})
        server.faults(script)
        ids, done = self.run_job(server, source, status=None, timeout=seconds)
        self.assertGreater(self.stats(server)["faults"], 0, script)
        self.assertNotEqual(done.status, 0, done.err)
        self.small(done)
        self.says(done.err, *words)
        return done

    def test_headers_without_end(self):
        for kind in ("headers", "header-line", "interim"):
            for op in ("LIST", "GET"):
                with self.subTest(op + " " + kind):
                    self.ends("%s hostile %s\n" % (op, kind))

    def test_bodies_without_end(self):
        for op, kind in (("LIST", "body"), ("LIST", "error-body"), ("GET", "body"), ("GET", "error-body")):
            with self.subTest(op + " " + kind):
                self.ends("%s hostile %s\n" % (op, kind))

    def test_what_is_not_http(self):
        for op in ("LIST", "GET"):
            self.ends("%s hostile not-http\n" % op)

    def test_a_promise_of_ten_gigabytes(self):
        for op in ("LIST", "GET"):
            self.ends("%s huge-length 10737418240\n" % op)

    def test_a_token_that_repeats(self):
        self.ends("LIST repeat-token\n", "token", options=("--page", "2"))

    def test_pages_without_keys_for_ever(self):
        self.ends("LIST empty-page\n", "listing")

    def test_listings_that_are_garbage(self):
        for kind in ("bytes", "html", "deep", "doctype", "text", "empty"):
            with self.subTest(kind):
                self.ends("LIST garbage %s\n" % kind)

    def test_a_listing_out_of_order(self):
        self.ends("LIST unordered\n", "order")

    def test_a_body_byte_by_byte(self):
        """It comes, so it is taken; what never moves is not waited for (test_retry)."""
        server = self.server(files={"a.csv": 1})
        server.faults("GET slow 5\n")
        ids, done = self.run_job(server, FAST)
        self.assertEqual((ids, self.stats(server)["faults"]), ([1], 1), done.err)

    def test_tags_and_sts(self):
        tag = FAST + ' require_tag = { key = "a"; value = "b"; };'
        role = FAST + ' role_arn = "arn:aws:iam::123456789012:role/reader";'
        for kind in ("hostile headers", "hostile interim", "hostile body", "garbage text", "garbage doctype", "huge-length 10737418240", "hang"):
            with self.subTest(kind):
                self.ends("TAGS %s\n" % kind, source=tag)
                self.ends("STS %s\n" % kind, source=role, seconds=100)

    def test_it_is_over_when_the_server_behaves(self):
        server = self.server(files={"a.csv": 1})
        server.write("b/large.csv", rows(100, 5000))
        server.faults("LIST hostile not-http times=1\nLIST hang times=1\nGET hostile not-http times=1\nGET huge-length 10737418240 times=1\n")
        ids, _ = self.run_job(server, 'path = "s3://b/"; stall_timeout = "2s";')
        self.assertEqual(ids, [1] + list(range(100, 5100)))


if __name__ == "__main__":
    unittest.main()
