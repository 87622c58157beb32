"""s3d: answers that no good server gives."""
import socket
import time
import unittest
import xml.etree.ElementTree as ET

from s3client import Client, Server, find_all, raw


class HostileTest(unittest.TestCase):
    def setUp(self):
        self.server = Server("--page", "2")
        for i in range(5):
            self.server.write("b1/k%d" % i, b"0123456789" * 1000)
        self.client = Client(self.server.port)

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)

    def first_bytes(self, n=1 << 20):
        headers = self.client.signed_headers("GET", "/b1/k1", "", b"", "s3", {})
        request = "GET /b1/k1 HTTP/1.1\r\n%s\r\n" % "".join("%s: %s\r\n" % h for h in headers.items())
        out = b""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as s:
            s.sendall(request.encode())
            while len(out) < n:
                some = s.recv(65536)
                if not some:
                    break
                out += some
        return out

    def test_without_end(self):
        for kind, start in (("headers", b"HTTP/1.1 200 OK\r\nX-Filler: a"), ("header-line", b"HTTP/1.1 200 OK\r\nX-Filler: aaa"),
                            ("interim", b"HTTP/1.1 100 Continue\r\n"), ("body", b"HTTP/1.1 200 OK\r\nContent-Type"),
                            ("error-body", b"HTTP/1.1 403 Forbidden\r\n")):
            self.server.faults("GET:k1 hostile %s\n" % kind)
            out = self.first_bytes()
            self.assertTrue(out.startswith(start), out[:100])
            self.assertGreaterEqual(len(out), 1 << 20)
            self.assertEqual(b"\r\n\r\n" in out, kind not in ("headers", "header-line"))
            self.assertEqual(self.client.get("/b1/k2").status, 200)
        self.server.faults("GET:k1 hostile not-http\n")
        self.assertTrue(self.first_bytes().startswith(b"\x15\x03"))

    def test_ends_while_it_is_hostile(self):
        self.server.faults("GET:k1 hostile headers\n")
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as s:
            headers = self.client.signed_headers("GET", "/b1/k1", "", b"", "s3", {})
            s.sendall(("GET /b1/k1 HTTP/1.1\r\n%s\r\n" % "".join("%s: %s\r\n" % h for h in headers.items())).encode())
            time.sleep(0.2)
            self.server.process.terminate()
            self.assertEqual(self.server.process.wait(10), 0)

    def test_many_that_go_away(self):
        self.server.faults("GET:k1 hostile headers\n")
        for _ in range(200):
            self.first_bytes(1000)
        self.server.faults("")
        self.assertEqual(self.client.get("/b1/k1").status, 200)

    def test_reset(self):
        self.server.faults("GET:k1 reset 500\nGET:k2 reset\n")
        for key in ("k1", "k2"):
            with self.assertRaises(ConnectionResetError):
                self.client.get("/b1/" + key)

    def test_garbage(self):
        for kind in ("bytes", "html", "deep", "text", "empty", "doctype"):
            self.server.faults("LIST garbage %s\n" % kind)
            answer = self.client.list("b1")
            self.assertEqual(answer.status, 200)
            if kind == "text":
                self.assertGreater(len(answer.body), 16 << 20)
            elif kind == "doctype":
                self.assertIn(b"<!ENTITY e9", answer.body)
            else:
                with self.assertRaises(ET.ParseError):
                    ET.fromstring(answer.body)

    def test_empty_pages(self):
        self.server.faults("LIST empty-page times=4 every=2\n")
        keys, pages = self.client.keys("b1")
        self.assertEqual((keys, pages), (["k%d" % i for i in range(5)], 6))
        self.server.faults("LIST empty-page times=2\n")
        self.assertEqual(self.client.keys("b1", start_after="k1")[0], ["k2", "k3", "k4"])
        self.server.faults("LIST empty-page\n")
        token, seen = None, set()
        for _ in range(20):
            answer = self.client.list("b1", **({"continuation_token": token} if token else {}))
            self.assertEqual(find_all(answer.body, "Key"), [])
            token = find_all(answer.body, "NextContinuationToken")[0]
            seen.add(token)
        self.assertEqual(len(seen), 20)

    def test_what_some_services_do_not_heed(self):
        self.server.write("b1/a b", b"")
        self.server.faults("LIST ignore-start-after times=1\nLIST ignore-encoding times=1\n")
        self.assertEqual(find_all(self.client.list("b1", start_after="k3").body, "Key"), ["a b", "k0"])
        body = self.client.list("b1", encoding_type="url").body
        self.assertEqual((find_all(body, "Key"), find_all(body, "EncodingType")), (["a b", "k0"], []))
        self.assertEqual(find_all(self.client.list("b1", encoding_type="url").body, "Key"), ["a+b", "k0"])

    def test_words_of_the_script(self):
        for line in ("GET hostile nothing", "LIST garbage nothing", "GET corrupt -1"):
            self.server.faults(line + "\n")
            self.assertEqual(self.client.get("/b1/k1").status, 200)
        self.assertEqual(self.server.log_text().count("note "), self.server.log_text().count("note %s:1: " % self.server.script))
        self.assertIn("hostile is headers", self.server.log_text())
        self.assertIn(b"HTTP/1.1", raw(self.server.port, b"GET /_s3d/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))


if __name__ == "__main__":
    unittest.main()
