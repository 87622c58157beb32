"""s3d: whom it refuses, and in which words; STS."""
import os
import subprocess
import tempfile
import time
import unittest

from s3client import Client, Server, find_all, raw

ROLE = "arn:aws:iam::123456789012:role/reader"


class RefusalsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.server.write("b1/a b", b"content")
        cls.port = cls.server.port

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0, "s3d did not end well"

    def refused(self, client, status, code, **more):
        answer = client.request("GET", "/b1/a b", **more)
        self.assertEqual((answer.status, answer.code()), (status, code))
        return answer

    def test_right(self):
        self.assertEqual(Client(self.port).get("/b1/a b").body, b"content")

    def test_keys(self):
        self.refused(Client(self.port, access="OTHER"), 403, "InvalidAccessKeyId")
        answer = self.refused(Client(self.port, secret="wrong"), 403, "SignatureDoesNotMatch")
        self.assertTrue(find_all(answer.body, "CanonicalRequest")[0].startswith("GET\n/b1/a%20b\n"))
        self.assertNotIn(b"s3d-secret-key", answer.body)
        self.refused(Client(self.port, token="unknown"), 400, "InvalidToken")
        self.refused(Client(self.port), 403, "AccessDenied", signed=False)

    def test_region(self):
        answer = self.refused(Client(self.port, region="eu-west-3"), 400, "AuthorizationHeaderMalformed")
        self.assertEqual(find_all(answer.body, "Region"), ["us-east-1"])
        self.assertEqual(answer.headers["x-amz-bucket-region"], "us-east-1")

    def test_clock(self):
        answer = self.refused(Client(self.port, clock=16 * 60), 403, "RequestTimeTooSkewed")
        self.assertIn("GMT", answer.headers["Date"])
        self.refused(Client(self.port, clock=-16 * 60), 403, "RequestTimeTooSkewed")
        self.assertEqual(Client(self.port, clock=14 * 60).get("/b1/a b").status, 200)

    def test_unsigned_header(self):
        client = Client(self.port)
        headers = client.signed_headers("GET", "/b1/a%20b", "", b"", "s3", {})
        lines = "".join("%s: %s\r\n" % h for h in headers.items())
        answer = raw(self.port, ("GET /b1/a%%20b HTTP/1.1\r\n%sx-amz-meta-a: 1\r\nConnection: close\r\n\r\n" %
                                 lines).encode())
        self.assertIn(b"not signed: x-amz-meta-a", answer)
        answer = raw(self.port, ("GET /b1/a%%20b HTTP/1.1\r\n%sConnection: close\r\n\r\n" % lines).encode())
        self.assertIn(b"content", answer)

    def test_presigned(self):
        client = Client(self.port)
        query = client.presign("/b1/a b")
        self.assertEqual(client.request("GET", "/b1/a b", query, signed=False).body, b"content")
        broken = dict(query, **{"X-Amz-Expires": "61"})
        self.assertEqual(client.request("GET", "/b1/a b", broken, signed=False).code(), "SignatureDoesNotMatch")
        query = client.presign("/b1/a b", 1)
        time.sleep(2.1)
        answer = client.request("GET", "/b1/a b", query, signed=False)
        self.assertEqual((answer.status, answer.code()), (403, "AccessDenied"))

    def test_head_has_no_body(self):
        answer = Client(self.port, secret="wrong").request("HEAD", "/b1/a b")
        self.assertEqual((answer.status, answer.body), (403, b""))

    def test_odd_requests_do_no_harm(self):
        for data in (b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00\xff" * 50,
                     b"GET /b1/%00 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /?a=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"PUT /b1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc",
                     b"GET /b1?" + b"a=b&" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential=,\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"a" * 200000):
            raw(self.port, data, 0.2)
        self.assertEqual(Client(self.port).get("/b1/a b").body, b"content")
        self.assertEqual(os.listdir(os.path.join(self.server.root, "b1")), ["a b"])


class TokenTest(unittest.TestCase):
    def test_fixed_session_token(self):
        server = Server("--session-token", "to+ken/==", "--region", "eu-west-3")
        server.write("b1/k", b"content")
        self.assertEqual(Client(server.port, token="to+ken/==", region="eu-west-3").get("/b1/k").body, b"content")
        self.assertEqual(Client(server.port, region="eu-west-3").get("/b1/k").code(), "InvalidToken")
        self.assertEqual(server.stop(), 0)

    def test_server_clock(self):
        server = Server("--clock-offset", "3600")
        server.write("b1/k", b"content")
        self.assertEqual(Client(server.port).get("/b1/k").code(), "RequestTimeTooSkewed")
        self.assertEqual(Client(server.port, clock=3600).get("/b1/k").body, b"content")
        self.assertEqual(server.stop(), 0)

    def test_command_line(self):
        for arguments in ([], ["--root", "/nonexistent"], ["--root", "/", "--port", "99999"], ["--nonsense"],
                          ["--root", "/", "--synthetic", "5"], ["--root", "/", "extra"]):
            done = subprocess.run([os.environ["S3D"]] + arguments, capture_output=True, text=True, timeout=20)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("s3d", done.stderr)
        done = subprocess.run([os.environ["S3D"], "--help"], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 0)
        self.assertIn("fault script", done.stdout)


class StsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="s3d-test-")
        roles = os.path.join(cls.folder.name, "roles")
        with open(roles, "w") as file:
            file.write("%s id+1=,.@:/- 3600\n%s2 - 7200\n" % (ROLE, ROLE))
        cls.server = Server("--roles", roles)
        cls.short = Server("--roles", roles, "--session-seconds", "2")
        for server in (cls.server, cls.short):
            server.write("b1/k", b"content")
        cls.client = Client(cls.server.port)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        assert cls.server.stop() == 0 and cls.short.stop() == 0, "s3d did not end well"

    def test_assume_role(self):
        answer = self.client.assume_role(ROLE, "id+1=,.@:/-")
        self.assertEqual(answer.status, 200)
        session = self.client.with_session(answer)
        self.assertEqual(session.get("/b1/k").body, b"content")
        session.token = session.token[:-1] + "A"
        self.assertEqual(session.get("/b1/k").code(), "InvalidToken")
        session.token = None
        self.assertEqual(session.get("/b1/k").code(), "InvalidToken")

    def test_refusals(self):
        for external_id in (None, "wrong"):
            answer = self.client.assume_role(ROLE, external_id)
            self.assertEqual((answer.status, answer.code()), (403, "AccessDenied"))
        self.assertEqual(self.client.assume_role(ROLE + "x").code(), "AccessDenied")
        self.assertEqual(self.client.assume_role(ROLE + "2", DurationSeconds="899").code(), "ValidationError")
        self.assertEqual(self.client.assume_role(ROLE + "2", DurationSeconds="7201").code(), "ValidationError")
        self.assertEqual(self.client.assume_role(ROLE + "2", RoleSessionName="a b").code(), "ValidationError")
        self.assertEqual(self.client.assume_role(ROLE + "2", Version="1").code(), "InvalidAction")
        self.assertEqual(Client(self.server.port, secret="x").assume_role(ROLE + "2").code(), "SignatureDoesNotMatch")
        self.assertEqual(Client(self.server.port, access="x").assume_role(ROLE + "2").code(), "InvalidClientTokenId")

    def test_chained_roles_have_an_hour(self):
        session = self.client.with_session(self.client.assume_role(ROLE + "2", DurationSeconds="7200"))
        answer = session.assume_role(ROLE + "2", DurationSeconds="3601")
        self.assertEqual(answer.code(), "ValidationError")
        self.assertIn(b"chaining", answer.body)
        chained = session.with_session(session.assume_role(ROLE + "2", DurationSeconds="3600"))
        self.assertEqual(chained.get("/b1/k").body, b"content")

    def test_session_ends(self):
        client = Client(self.short.port)
        session = client.with_session(client.assume_role(ROLE + "2"))
        self.assertEqual(session.get("/b1/k").status, 200)
        time.sleep(2.1)
        answer = session.get("/b1/k")
        self.assertEqual((answer.status, answer.code()), (400, "ExpiredToken"))


if __name__ == "__main__":
    unittest.main()
