"""Servers that want to keep us for ever, or to fill our memory: an error, in bounded time and memory."""
import unittest

from s3kit import READER, S3Test, rows

FAST = 'path = "s3://b/"; max_attempts = 2; stall_timeout = "2s"; connect_timeout = "2s";'


class Hostile(S3Test):
    def ends(self, script, *words, options=(), source=FAST, seconds=60, files=5):
        server = self.server(*options, roles=("%s - 3600" % READER,), files={"f%02d.csv" % i: i for i in range(files)})
        server.write(".tags/b", b"a=b\n")
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
        self.ends("LIST huge-length 10737418240\n")
        # An object of which the listing says how large it is: either an error, or these bytes and no others.
        server = self.server(files={"a.csv": 1})
        server.write("b/large.csv", rows(100, 30000))
        server.faults("GET huge-length 10737418240\n")
        for size in ("64KiB", "8MiB"):
            ids, done = self.run_job(server, FAST + ' range_size = "%s";' % size, status=None, timeout=60)
            self.small(done)
            self.assertTrue(done.status != 0 or ids == [1] + list(range(100, 30100)), done.err)

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
        self.assertEqual(ids, [1], done.err)
        self.assertGreater(self.stats(server)["faults"], 0)

    def test_tags_and_sts(self):
        tag = FAST + ' require_tag = { key = "a"; value = "b"; };'
        role = FAST + ' role_arn = "arn:aws:iam::123456789012:role/reader";'
        for kind in ("hostile headers", "hostile interim", "hostile body", "garbage text", "garbage doctype", "huge-length 10737418240", "drop"):
            with self.subTest(kind):
                self.ends("TAGS %s\n" % kind, source=tag)
                self.ends("STS %s\n" % kind, source=role, seconds=100)
        self.ends("TAGS hang\n", source=tag) # an STS that hangs is waited for four times 20 s: too long for here

    def test_it_is_over_when_the_server_behaves(self):
        server = self.server(files={"a.csv": 1})
        server.write("b/large.csv", rows(100, 5000))
        server.faults("LIST hang times=1\nLIST garbage bytes times=1\nGET hang times=1\nGET huge-length 10737418240 times=1\n")
        ids, _ = self.run_job(server, 'path = "s3://b/"; stall_timeout = "2s";')
        self.assertEqual(ids, [1] + list(range(100, 5100)))


if __name__ == "__main__":
    unittest.main()
