"""s3d: the faults of its script, each seen from outside and in its counters."""
import http.client
import socket
import threading
import time
import unittest
import xml.etree.ElementTree as ET

from s3client import Client, Server, find_all

ROLE = "arn:aws:iam::123456789012:role/r"


class FaultsTest(unittest.TestCase):
    def setUp(self):
        self.server = Server("--page", "3")
        for i in range(10):
            self.server.write("b1/k%d" % i, b"0123456789" * 1000)
        self.client = Client(self.server.port)

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)

    def fired(self, action):
        count = self.client.stats()["fault_actions"][action]
        self.assertEqual(self.server.log_text().count("fault action=%s " % action), count)
        return count

    def cut_size(self, path, **headers):
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.client.get(path, **headers)
        return len(caught.exception.partial)

    def test_errors(self):
        self.server.faults("GET:k1 slowdown 7 times=1\nGET:k1 slowdown times=1\nGET:k2 internal-error times=2\n"
                           "HEAD error 403 AccessDenied times=1\nLIST error-in-200 times=1 # comment\n"
                           "TAGS error 403 AccessDenied\nGET:k3 gone times=1\nSTS error 400 Throttling\n")
        answer = self.client.get("/b1/k1")
        self.assertEqual((answer.status, answer.code(), answer.headers["Retry-After"]), (503, "SlowDown", "7"))
        answer = self.client.get("/b1/k1")
        self.assertEqual((answer.status, answer.headers["Retry-After"]), (503, None))
        self.assertEqual(self.client.get("/b1/k1").status, 200)
        self.assertEqual([self.client.get("/b1/k2").status for _ in range(3)], [500, 500, 200])
        self.assertEqual([self.client.request("HEAD", "/b1/k1").status for _ in range(2)], [403, 200])
        answer = self.client.list("b1")
        self.assertEqual((answer.status, ET.fromstring(answer.body).tag), (200, "Error"))
        self.assertEqual(self.client.list("b1").status, 200)
        self.assertEqual(self.client.get("/b1", {"tagging": ""}).code(), "AccessDenied")
        self.assertEqual([self.client.get("/b1/k3").status for _ in range(2)], [404, 200])
        self.assertEqual(self.client.assume_role(ROLE).code(), "Throttling")
        self.assertEqual((self.fired("slowdown"), self.fired("internal-error"), self.fired("gone")), (2, 2, 1))

    def test_skip_and_every(self):
        self.server.faults("GET internal-error skip=1 every=3 times=2\n")
        self.assertEqual([self.client.get("/b1/k1").status for _ in range(9)],
                         [200, 500, 200, 200, 500, 200, 200, 200, 200])

    def test_cuts(self):
        self.server.faults("GET:k1 cut 1234\nGET:k2 cut 0\nGET:k3 cut 10000\nGET:k4 cut-random 7\nGET:k5 huge-length 1000000\n"
                           "LIST cut 50 times=1\n")
        self.assertEqual(self.cut_size("/b1/k1"), 1234)
        self.assertEqual(self.cut_size("/b1/k1", Range="bytes=2000-4999"), 1234)
        self.assertEqual(self.client.get("/b1/k1", Range="bytes=0-99").status, 206)
        self.assertEqual(self.cut_size("/b1/k2"), 0)
        self.assertEqual(self.client.get("/b1/k3").status, 200)
        self.assertEqual(len({self.cut_size("/b1/k4") for _ in range(5)}), 5)
        self.assertEqual(self.cut_size("/b1/k5"), 10000)
        with self.assertRaises(http.client.IncompleteRead):
            self.client.list("b1")
        self.assertEqual((self.fired("cut"), self.fired("cut-random"), self.fired("huge-length")), (4, 5, 1))

    def test_drop_hang_slow_delay(self):
        self.server.faults("GET:k1 drop\nGET:k2 hang 300\nGET:k3 slow 20000\nGET:k4 delay 400\nGET:k5 hang-mid 100\n")
        with self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
            self.client.get("/b1/k1")
        start = time.monotonic()
        with self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
            self.client.get("/b1/k2")
        self.assertGreater(time.monotonic() - start, 0.25)
        start = time.monotonic()
        self.assertEqual(self.client.get("/b1/k3").body, b"0123456789" * 1000)
        self.assertTrue(0.3 < time.monotonic() - start < 3, time.monotonic() - start)
        start = time.monotonic()
        self.assertEqual(self.client.get("/b1/k4").status, 200)
        self.assertGreater(time.monotonic() - start, 0.35)
        with self.assertRaises((socket.timeout, TimeoutError)):
            self.client.request("GET", "/b1/k5", timeout=1)
        self.assertEqual([self.fired(a) for a in ("drop", "hang", "slow", "delay", "hang-mid")], [1] * 5)

    def test_ranges(self):
        self.server.faults("GET:k1 wrong-content-range 5\nGET:k2 ignore-range\n")
        answer = self.client.get("/b1/k1", Range="bytes=10-19")
        self.assertEqual(answer.headers["Content-Range"], "bytes 15-24/10000")
        answer = self.client.get("/b1/k2", Range="bytes=10-19")
        self.assertEqual((answer.status, len(answer.body)), (200, 10000))
        self.assertEqual((self.fired("wrong-content-range"), self.fired("ignore-range")), (1, 1))

    def test_region(self):
        self.server.faults("GET:k1 wrong-region eu-west-3\nGET:k2 wrong-region eu-west-3 301\n"
                           "HEAD wrong-region eu-west-3 301\n")
        answer = self.client.get("/b1/k1")
        self.assertEqual((answer.status, find_all(answer.body, "Region")), (400, ["eu-west-3"]))
        answer = self.client.get("/b1/k2")
        self.assertEqual((answer.status, answer.code(), answer.headers["x-amz-bucket-region"], answer.headers["Location"]),
                         (301, "PermanentRedirect", "eu-west-3", None))
        answer = self.client.request("HEAD", "/b1/k1")
        self.assertEqual((answer.status, answer.headers["x-amz-bucket-region"], answer.body), (301, "eu-west-3", b""))
        for key in ("k1", "k2"):
            self.assertEqual(Client(self.server.port, region="eu-west-3").get("/b1/" + key).status, 200)
        self.assertEqual(self.fired("wrong-region"), 3)

    def test_clock(self):
        self.server.faults("ANY clock-skew 3600\n")
        answer = self.client.get("/b1/k1")
        self.assertEqual(answer.code(), "RequestTimeTooSkewed")
        self.assertEqual(Client(self.server.port, clock=3600).get("/b1/k1").status, 200)
        self.assertEqual(self.fired("clock-skew"), 1)

    def test_expired_fixed_keys(self):
        self.server.faults("GET:k1 expired-token times=1\nGET:k2 expired-mid 100 times=1\n")
        self.assertEqual([self.client.get("/b1/k1").code() if i == 0 else self.client.get("/b1/k1").status
                          for i in range(2)], ["ExpiredToken", 200])
        self.assertEqual(self.cut_size("/b1/k2"), 100)
        self.assertEqual(self.client.get("/b1/k2", Range="bytes=100-").code(), "ExpiredToken")
        self.assertEqual(self.client.get("/b1/k2", Range="bytes=100-").status, 206)

    def test_changed(self):
        self.server.faults("GET:k1 change times=1 skip=1\n")
        etag = find_all(self.client.list("b1", prefix="k1").body, "ETag")[0]
        self.assertEqual(self.client.get("/b1/k1", If_Match=etag).status, 200)
        self.assertEqual(self.client.get("/b1/k1", If_Match=etag).status, 412)
        after = find_all(self.client.list("b1", prefix="k1").body, "ETag")[0]
        self.assertNotEqual(after, etag)
        self.assertEqual(self.client.get("/b1/k1", If_Match=after).status, 200)
        self.assertEqual(self.fired("change"), 1)

    def test_listings(self):
        self.server.faults("LIST broken-xml times=1\nLIST unordered times=1\nLIST:r* repeat-token\n")
        answer = self.client.list("b1")
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.body))
        with self.assertRaises(ET.ParseError):
            ET.fromstring(answer.body)
        self.assertEqual(find_all(self.client.list("b1").body, "Key"), ["k2", "k1", "k0"])
        self.server.faults("LIST repeat-token\n")
        first = find_all(self.client.list("b1").body, "NextContinuationToken")[0]
        second = self.client.list("b1", continuation_token=first)
        self.assertEqual(find_all(second.body, "NextContinuationToken"), [first])
        self.assertEqual([self.fired(a) for a in ("broken-xml", "unordered", "repeat-token")], [1, 1, 1])

    def test_script_with_an_error_keeps_the_old_one(self):
        self.server.faults("GET:k1 gone\n")
        self.assertEqual(self.client.get("/b1/k1").status, 404)
        self.server.faults("GET:k1 gonne\n")
        self.assertEqual(self.client.get("/b1/k1").status, 404)
        self.assertIn(":1: the second word must be an action", self.server.log_text())
        self.server.faults("")
        self.assertEqual(self.client.get("/b1/k1").status, 200)

    def test_many_at_once(self):
        self.server.faults("ANY delay 300\n")
        answers = []
        threads = [threading.Thread(target=lambda i=i: answers.append(self.client.get("/b1/k%d" % (i % 10)).status))
                   for i in range(60)]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [200] * 60)
        self.assertLess(time.monotonic() - start, 6)
        self.assertGreater(self.client.stats()["peak_active"], 20)

    def test_ends_while_requests_hang(self):
        self.server.faults("GET hang\n")

        def wait():
            try:
                self.client.get("/b1/k1")
            except (http.client.HTTPException, ConnectionError):
                pass
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.3)
        self.server.process.terminate()
        self.assertEqual(self.server.process.wait(10), 0)
        thread.join()


class ExpiredSessionTest(unittest.TestCase):
    def test_mid_body(self):
        roles = Server()
        roles.write("roles", ("%s - 3600\n" % ROLE).encode())
        server = Server("--roles", roles.root + "/roles")
        server.write("b1/k", b"0123456789" * 100)
        server.faults("GET expired-mid 10 times=1\n")
        client = Client(server.port)
        session = client.with_session(client.assume_role(ROLE))
        with self.assertRaises(http.client.IncompleteRead):
            session.get("/b1/k")
        self.assertEqual(session.get("/b1/k", Range="bytes=10-").code(), "ExpiredToken")
        self.assertEqual(session.get("/b1/k", Range="bytes=10-").code(), "ExpiredToken")
        renewed = client.with_session(client.assume_role(ROLE))
        self.assertEqual(renewed.get("/b1/k", Range="bytes=10-").body, b"0123456789" * 99)
        self.assertEqual((server.stop(), roles.stop()), (0, 0))


if __name__ == "__main__":
    unittest.main()
