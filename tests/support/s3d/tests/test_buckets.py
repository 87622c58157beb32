"""s3d: what a bucket's settings do; TLS."""
import base64
import hashlib
import ssl
import tempfile
import unittest
import zlib

from s3client import Client, Server, find_all, make_certificate

ROLE, OTHER = "arn:aws:iam::123456789012:role/team/reader", "arn:aws:iam::210987654321:role/other"
KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
KEY_MD5 = base64.b64encode(hashlib.md5(b"0123456789abcdef0123456789abcdef").digest()).decode()


def crc(data, polynomial, bits):
    """Bit by bit, so that it shares nothing with the server's tables."""
    value = (1 << bits) - 1
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
    value ^= (1 << bits) - 1
    return base64.b64encode(value.to_bytes(bits // 8, "big")).decode()


class BucketsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.TemporaryDirectory(prefix="s3d-test-")
        with open(cls.top.name + "/roles", "w") as file:
            file.write("%s - 3600\n%s - 3600 %s\n" % (ROLE, OTHER, ROLE))
        cls.server = Server("--roles", cls.top.name + "/roles")
        for name in ("a.csv", "cold/b.csv", "warm/c.csv", "back/d.csv"):
            cls.server.write("b1/" + name, b"123456789")
        cls.client = Client(cls.server.port)

    @classmethod
    def tearDownClass(cls):
        cls.top.cleanup()
        assert cls.server.stop() == 0, "s3d did not end well"

    def setUp(self):
        self.server.settings("b1")

    def test_regions(self):
        abroad = Client(self.server.port, region="eu-west-3")
        for form, status, code, header, text in (
                ("400", 400, "AuthorizationHeaderMalformed", "eu-west-3", "<Region>eu-west-3</Region>"),
                ("400-body", 400, "AuthorizationHeaderMalformed", None, "<Region>eu-west-3</Region>"),
                ("301", 301, "PermanentRedirect", "eu-west-3", "<Endpoint>b1.s3.eu-west-3.amazonaws.com</Endpoint>"),
                ("301-body", 301, "PermanentRedirect", None, "<Endpoint>b1.s3.eu-west-3.amazonaws.com</Endpoint>"),
                ("307", 307, "TemporaryRedirect", "eu-west-3", "<Endpoint>b1.s3.eu-west-3.amazonaws.com</Endpoint>"),
                ("307-location", 307, "TemporaryRedirect", None, "<Endpoint>"),
                ("illegal", 400, "IllegalLocationConstraintException", None, "<Code>"),
                ("head-403", 301, "PermanentRedirect", None, "<Code>")):
            self.server.settings("b1", "region=eu-west-3", "redirect=" + form)
            for path, query in (("/b1/a.csv", {}), ("/b1", {"list-type": "2"}), ("/b1", {"tagging": ""})):
                answer = self.client.get(path, query)
                self.assertEqual((answer.status, answer.code(), answer.headers["x-amz-bucket-region"]), (status, code, header))
                self.assertIn(text, answer.body.decode())
                self.assertEqual(answer.headers["Location"] is not None, form.startswith("307"))
            head = self.client.request("HEAD", "/b1")
            self.assertEqual((head.status, head.headers["x-amz-bucket-region"], head.body),
                             (403 if form == "head-403" else status, "eu-west-3", b""))
            self.assertEqual(abroad.get("/b1/a.csv").body, b"123456789")
            self.assertEqual(abroad.request("HEAD", "/b1").headers["x-amz-bucket-region"], "eu-west-3")
            self.assertEqual(find_all(abroad.get("/b1", {"location": ""}).body, "LocationConstraint")[-1], "eu-west-3")

    def test_callers(self):
        session = self.client.with_session(self.client.assume_role(ROLE))
        self.server.settings("b1", "allow=%s LIST,GET" % ROLE)
        self.assertEqual((session.list("b1").status, session.get("/b1/a.csv").status), (200, 200))
        answer = session.get("/b1", {"tagging": ""})
        self.assertEqual((answer.status, answer.code()), (403, "AccessDenied"))
        self.assertIn(b"User: arn:aws:sts::123456789012:assumed-role/reader/test is not authorized to perform: "
                      b"s3:GetBucketTagging", answer.body)
        self.assertIn(b"user/s3d", self.client.list("b1").body)
        self.server.settings("b1", "allow=arn:aws:iam::123456789012:user/s3d")
        self.assertEqual((session.list("b1").code(), self.client.list("b1").status), ("AccessDenied", 200))

    def test_roles_that_trust_roles(self):
        self.assertEqual(self.client.assume_role(OTHER).code(), "AccessDenied")
        session = self.client.with_session(self.client.assume_role(ROLE))
        self.assertEqual(session.caller(), "arn:aws:sts::123456789012:assumed-role/reader/test")
        chained = session.with_session(session.assume_role(OTHER, RoleSessionName="second"))
        self.assertEqual(chained.caller(), "arn:aws:sts::210987654321:assumed-role/other/second")
        self.assertEqual(self.client.caller(), "arn:aws:iam::123456789012:user/s3d")

    def test_public(self):
        def get():
            return self.client.request("GET", "/b1/a.csv", signed=False)
        self.assertEqual(get().code(), "AccessDenied")
        self.server.settings("b1", "public=true")
        self.assertEqual(get().body, b"123456789")
        self.assertEqual(self.client.request("PUT", "/b1/new", body=b"x", signed=False).code(), "AccessDenied")

    def test_owner_and_payer(self):
        self.assertEqual(self.client.get("/b1/a.csv", x_amz_expected_bucket_owner="123456789012").status, 200)
        self.assertEqual(self.client.list("b1").headers["x-amz-request-charged"], None)
        self.server.settings("b1", "owner=210987654321", "requester-pays=true")
        answer = self.client.get("/b1/a.csv", x_amz_expected_bucket_owner="123456789012", x_amz_request_payer="requester")
        self.assertEqual((answer.status, answer.code()), (403, "AccessDenied"))
        self.assertEqual(self.client.get("/b1/a.csv").code(), "AccessDenied")
        answer = self.client.get("/b1/a.csv", x_amz_expected_bucket_owner="210987654321", x_amz_request_payer="requester")
        self.assertEqual((answer.status, answer.headers["x-amz-request-charged"]), (200, "requester"))

    def test_classes(self):
        self.server.settings("b1", "class=GLACIER cold/*", "class=GLACIER_IR warm/*", "class=DEEP_ARCHIVE back/* restored")
        listed = self.client.list("b1").body
        self.assertEqual(find_all(listed, "StorageClass"), ["STANDARD", "DEEP_ARCHIVE", "GLACIER", "GLACIER_IR"])
        answer = self.client.get("/b1/cold/b.csv")
        self.assertEqual((answer.status, answer.code(), find_all(answer.body, "StorageClass")), (403, "InvalidObjectState", ["GLACIER"]))
        self.assertEqual(self.client.request("HEAD", "/b1/cold/b.csv").headers["x-amz-storage-class"], "GLACIER")
        self.assertEqual(self.client.get("/b1/warm/c.csv").status, 200)
        restored = self.client.get("/b1/back/d.csv")
        self.assertEqual(restored.status, 200)
        self.assertIn('ongoing-request="false"', restored.headers["x-amz-restore"])

    def test_checksums(self):
        data = b"123456789"
        self.assertEqual(base64.b64decode(crc(data, 0x9a6c9329ac4bc9b5, 64)).hex(), "ae8b14860a799888")
        for kind, value in (("crc32", base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()),
                            ("crc32c", crc(data, 0x82f63b78, 32)), ("crc64nvme", crc(data, 0x9a6c9329ac4bc9b5, 64)),
                            ("sha1", base64.b64encode(hashlib.sha1(data).digest()).decode()),
                            ("sha256", base64.b64encode(hashlib.sha256(data).digest()).decode())):
            self.server.settings("b1", "checksum=" + kind)
            answer = self.client.get("/b1/a.csv", x_amz_checksum_mode="ENABLED")
            self.assertEqual((answer.headers["x-amz-checksum-" + kind], answer.headers["x-amz-checksum-type"]),
                             (value, "FULL_OBJECT"))
            self.assertEqual(self.client.get("/b1/a.csv").headers["x-amz-checksum-" + kind], None)
            part = self.client.get("/b1/a.csv", x_amz_checksum_mode="ENABLED", Range="bytes=1-2")
            self.assertEqual((part.status, part.headers["x-amz-checksum-" + kind]), (206, None))
        self.server.settings("b1", "checksum=sha256", "checksum-type=COMPOSITE")
        answer = self.client.get("/b1/a.csv", x_amz_checksum_mode="ENABLED")
        self.assertEqual((answer.headers["x-amz-checksum-sha256"][-3:], answer.headers["x-amz-checksum-type"]), ("=-3", "COMPOSITE"))

    def test_wrong_checksums(self):
        self.server.settings("b1", "checksum=crc32")
        right = base64.b64encode(zlib.crc32(b"123456789").to_bytes(4, "big")).decode()
        self.server.faults("GET wrong-checksum times=1\nGET corrupt 4 times=1\n")
        answer = self.client.get("/b1/a.csv", x_amz_checksum_mode="ENABLED")
        self.assertEqual((answer.body, answer.headers["x-amz-checksum-crc32"] == right), (b"123456789", False))
        answer = self.client.get("/b1/a.csv", x_amz_checksum_mode="ENABLED")
        self.assertEqual((answer.body, answer.headers["x-amz-checksum-crc32"]), (b"123446789", right))
        self.server.faults("GET corrupt 4\n")
        self.assertEqual(self.client.get("/b1/a.csv", Range="bytes=4-6").body, b"467")
        self.assertEqual(self.client.get("/b1/a.csv", Range="bytes=5-6").body, b"67")
        self.server.faults("")

    def sse(self, key=KEY, digest=KEY_MD5, algorithm="AES256"):
        lead = "x_amz_server_side_encryption_customer_"
        pairs = {lead + "algorithm": algorithm, lead + "key": key, lead + "key_MD5": digest}
        return {name: value for name, value in pairs.items() if value}

    def test_sse_c(self):
        def get(**headers):
            return self.client.get("/b1/a.csv", **headers)
        other = base64.b64encode(b"x" * 32).decode()
        other_md5 = base64.b64encode(hashlib.md5(b"x" * 32).digest()).decode()
        self.server.settings("b1", "sse-c-key=" + KEY)
        self.assertIn(b"secure connection", get(**self.sse()).body)
        self.server.settings("b1", "sse-c-key=" + KEY, "sse-c-http=true")
        self.assertEqual(get(**self.sse()).body, b"123456789")
        self.assertEqual(get().code(), "InvalidRequest")
        self.assertEqual(get(**self.sse(digest=None)).code(), "InvalidRequest")
        self.assertEqual(get(**self.sse(digest=other_md5)).code(), "InvalidArgument")
        self.assertEqual(get(**self.sse(key="short")).code(), "InvalidArgument")
        self.assertEqual(get(**self.sse(key=other, digest=other_md5)).code(), "AccessDenied")
        self.assertEqual(get(**self.sse(algorithm="AES128")).code(), "InvalidEncryptionAlgorithmError")
        self.assertEqual(self.client.request("HEAD", "/b1/a.csv").status, 400)
        self.assertEqual(self.client.list("b1").status, 200)
        self.server.settings("b1", "sse-c-http=true")
        self.assertIn(b"not applicable", get(**self.sse()).body)

    def test_a_wrong_line_is_named(self):
        for line in ("regoin=x", "region", "redirect=302", "checksum=md5", "class=GLACIER", "requester-pays=yes", "allow=x NONSENSE"):
            self.server.settings("b1", "# what follows is wrong", line)
            answer = self.client.get("/b1/a.csv")
            self.assertEqual((answer.status, answer.code()), (500, "InternalError"))
            self.assertIn(b".buckets/b1:2:", answer.body)


class TlsTest(unittest.TestCase):
    def test_tls(self):
        with tempfile.TemporaryDirectory(prefix="s3d-test-") as folder:
            certificate, key = make_certificate(folder)
            other, _ = make_certificate(folder, "other")
            server = Server("--tls-cert", certificate, "--tls-key", key)
            data = bytes(range(256)) * 8000
            server.write("b1/big", data)
            server.settings("b1", "sse-c-key=" + KEY)
            headers = {"x-amz-server-side-encryption-customer-algorithm": "AES256",
                       "x-amz-server-side-encryption-customer-key": KEY, "x-amz-server-side-encryption-customer-key-md5": KEY_MD5}
            self.assertEqual(Client(server.port, ca=certificate).request("GET", "/b1/big", headers=headers).body, data)
            with self.assertRaises(ssl.SSLError):
                Client(server.port, ca=other).get("/b1/big")
            self.assertEqual(server.stop(), 0)


class ExpiredAsCephTest(unittest.TestCase):
    def test_words(self):
        with tempfile.TemporaryDirectory(prefix="s3d-test-") as folder:
            with open(folder + "/roles", "w") as file:
                file.write("%s - 3600\n" % ROLE)
            server = Server("--roles", folder + "/roles", "--expired", "ceph", "--clock-offset", "0")
            server.write("b1/k", b"x")
            client = Client(server.port)
            session = client.with_session(client.assume_role(ROLE))
            server.faults("GET expired-mid 0 times=1\n")
            with self.assertRaises(Exception):
                session.get("/b1/k")
            answer = session.get("/b1/k")
            self.assertEqual((answer.status, answer.code()), (403, "InvalidAccessKeyId"))
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
