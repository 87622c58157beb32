"""What is tried again, and what is not; a clock that is wrong; services that do not heed what they are asked."""
import unittest

from s3kit import S3Test, rows

CONTENT = list(range(12)) + list(range(1000, 31000))


class Retry(S3Test):
    def filled(self, *options):
        server = self.server(*options, files={"f%02d.csv" % i: i for i in range(12)})
        server.write("b/large.csv", rows(1000, 30000))
        return server

    def survives(self, script, source="", job=""):
        server = self.filled()
        server.faults(script)
        ids, done = self.run_job(server, 'path = "s3://b/"; range_size = "64KiB"; %s' % source, job=job)
        self.assertEqual(ids, CONTENT, script)
        self.assertGreater(self.stats(server)["faults"], 0, script)
        return server, done

    def fails(self, script, status, *words, source=""):
        """Not tried again: the error comes at once."""
        server = self.filled()
        server.faults(script)
        _, done = self.run_job(server, 'path = "s3://b/"; %s' % source, status=status)
        self.assertLess(done.seconds, 20)
        self.says(done.err, *words)
        return server, done

    def test_statuses_that_are_tried_again(self):
        for answer in ("500 InternalError", "502 BadGateway", "503 ServiceUnavailable", "504 GatewayTimeout", "503 SlowDown",
                       "429 TooManyRequests", "408 RequestTimeout", "400 RequestTimeout", "400 RequestTimeoutException",
                       "400 Throttling", "400 ThrottlingException", "400 RequestLimitExceeded", "400 BandwidthLimitExceeded"):
            self.survives("LIST error %s times=1\nGET:f03.csv error %s times=2\nGET:large.csv error %s skip=2 times=1\n" % ((answer,) * 3))

    def test_statuses_that_are_not(self):
        for answer, status in (("400 InvalidRequest", None), ("403 AccessDenied", 5), ("404 NoSuchBucket", 2), ("405 MethodNotAllowed", None),
                               ("409 Conflict", None)):
            server, done = self.fails("LIST error %s\n" % answer, status, answer.split()[1])
            self.assertNotEqual(done.status, 0)
            self.assertEqual(self.requests(server)["LIST"], 1, answer)

    def test_connections(self):
        for action in ("drop", "reset", "reset 1000", "cut 1000", "cut 0", "huge-length 10737418240"):
            self.survives("GET %s every=5 times=4\n" % action)
        for action in ("drop", "reset", "cut 10", "huge-length 10737418240"):
            self.survives("LIST %s times=1\n" % action)

    def test_a_cut_body_goes_on_where_it_ended(self):
        server = self.filled()
        server.write("b/large.csv", rows(1000, 200000))
        server.faults("GET:large.csv cut 3000000 times=1\n")
        ids, _ = self.run_job(server, 'path = "s3://b/"; range_size = "16MiB"; window = "16MiB";')
        self.assertEqual(ids, list(range(12)) + list(range(1000, 201000)))
        size = len(rows(1000, 200000))
        self.assertLess(self.stats(server)["bytes"], size + 500000, "the bytes before the cut were read once")

    def test_an_error_in_a_200(self):
        server, _ = self.survives("LIST error-in-200 times=2\n")
        self.assertEqual(self.requests(server)["LIST"], 3)
        self.survives("LIST error-in-200 SlowDown times=1\n")

    def test_listings_that_make_no_sense(self):
        for kind in ("garbage html", "garbage bytes", "garbage empty", "broken-xml"):
            self.survives("LIST %s times=1\n" % kind)

    def test_ranges_that_are_not_heeded(self):
        self.survives("GET:large.csv wrong-content-range times=2\n")
        self.survives("GET:large.csv ignore-range skip=1 times=3\n")

    def test_empty_pages(self):
        self.survives("LIST empty-page times=3\n")

    def test_a_service_that_ignores_start_after_or_encoding(self):
        self.survives("LIST ignore-encoding\n")
        server = self.filled("--page", "5")
        name = self.config(server)
        self.sluice("run", self.path(name + ".conf"))
        server.faults("LIST ignore-start-after\n")
        server.write("b/g.csv", rows(77, 1))
        self.sluice("run", self.path(name + ".conf"))
        self.assertEqual(self.arrived(name), sorted(CONTENT + [77]))

    def test_pages_of_one_key(self):
        server = self.filled("--page", "1")
        self.assertEqual(self.run_job(server)[0], CONTENT)

    def test_slow_down_is_heeded(self):
        server, done = self.survives("GET slowdown 2 times=1\n")
        self.assertGreater(done.seconds, 1.5)

    def test_attempts_end(self):
        server = self.filled()
        server.faults("LIST internal-error\n")
        _, done = self.run_job(server, 'path = "s3://b/"; max_attempts = 3;', status=None)
        self.assertNotEqual(done.status, 0)
        self.says(done.err, "InternalError", "request id")
        self.assertEqual(self.requests(server)["LIST"] % 3, 0, "the run may ask for the listing again, each time with 3 attempts")
        self.assertLess(self.requests(server)["LIST"], 31)

    def test_a_stalled_transfer_is_tried_again(self):
        self.survives("GET:large.csv hang-mid 1000 times=1\nGET:f03.csv hang times=1\n", source='stall_timeout = "1s";')

    # ---- the clock

    def test_the_clock_of_the_server(self):
        for offset in ("1200", "-1200", "40000000"):
            server = self.filled("--clock-offset", offset)
            ids, done = self.run_job(server)
            self.assertEqual(ids, CONTENT, offset)
            self.says(done.err, "clock")
            self.assertLess(self.stats(server)["statuses"]["4xx"], 30)

    def test_a_small_skew_is_not_spoken_of(self):
        server = self.filled("--clock-offset", "300")
        ids, done = self.run_job(server)
        self.assertEqual((ids, self.stats(server)["statuses"]["4xx"], "clock" in done.err), (CONTENT, 0, False))


if __name__ == "__main__":
    unittest.main()
