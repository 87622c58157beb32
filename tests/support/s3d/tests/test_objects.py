"""s3d: listing, objects, tags, uploads."""
import hashlib
import os
import subprocess
import unittest

from s3client import Client, Server, find_all

NAMES = ["a-b", "a/b", "a.b", "a0", "a/c/d", "A", "sp ace", "p+q%25", "ümlaut", "z&<>'\"", "data/1.csv", "data/2.csv",
         "data/deep/3.csv", "~", "#?"]


class ObjectsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--synthetic", "2500:1000")
        for name in NAMES:
            cls.server.write("b1/" + name, name.encode())
        cls.big = os.urandom(1 << 20) * 3
        cls.server.write("b1/big", cls.big)
        cls.server.write("b1/empty")
        os.mkdir(os.path.join(cls.server.root, "b1", "marker"))
        cls.client = Client(cls.server.port)
        cls.all = sorted(NAMES + ["big", "empty", "marker/"], key=lambda k: k.encode())

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0, "s3d did not end well"

    def test_order_is_of_bytes(self):
        self.assertEqual(self.client.keys("b1"), (self.all, 1))

    def test_pages(self):
        for size in (1, 2, 7, 17, 18, 19):
            keys, pages = self.client.keys("b1", max_keys=str(size))
            self.assertEqual(keys, self.all)
            self.assertEqual(pages, -(-len(self.all) // size))

    def test_token_needs_encoding(self):
        token = find_all(self.client.list("b1", max_keys="1").body, "NextContinuationToken")[0]
        for character in "+/=":
            self.assertIn(character, token)
        self.assertEqual(self.client.list("b1", continuation_token=token[:-2]).code(), "InvalidArgument")
        self.assertEqual(self.client.list("b1", continuation_token=token.replace("+", " ")).code(), "InvalidArgument")

    def test_prefix_and_start_after(self):
        self.assertEqual(self.client.keys("b1", prefix="data/")[0], ["data/1.csv", "data/2.csv", "data/deep/3.csv"])
        self.assertEqual(self.client.keys("b1", prefix="a/")[0], ["a/b", "a/c/d"])
        for key in ("a/b", "a/bb", "", "zzz", "data/"):
            self.assertEqual(self.client.keys("b1", start_after=key)[0],
                             [k for k in self.all if k.encode() > key.encode()])
        self.assertEqual(self.client.keys("b1", prefix="none")[0], [])

    def test_delimiter(self):
        plain = [k for k in self.all if "/" not in k]
        for size in ("1", "2", "1000"):
            keys, prefixes, token = [], [], {}
            while True:
                answer = self.client.list("b1", delimiter="/", max_keys=size, **token)
                keys += find_all(answer.body, "Key")
                prefixes += [p for p in find_all(answer.body, "Prefix") if p]
                following = find_all(answer.body, "NextContinuationToken")
                if not following:
                    break
                token = {"continuation_token": following[0]}
            self.assertEqual((keys, prefixes), (plain, ["a/", "data/", "marker/"]))

    def test_url_encoding(self):
        body = self.client.list("b1", encoding_type="url", prefix="sp ").body
        self.assertEqual(find_all(body, "Key"), ["sp+ace"])
        self.assertEqual(find_all(body, "EncodingType"), ["url"])
        self.assertEqual(find_all(self.client.list("b1", encoding_type="url", prefix="a/c").body, "Key"), ["a/c/d"])

    def test_owner_only_when_asked(self):
        self.assertEqual(find_all(self.client.list("b1").body, "Owner"), [])
        self.assertEqual(len(find_all(self.client.list("b1", fetch_owner="true").body, "Owner")), len(self.all))

    def test_every_key_can_be_read(self):
        for key in NAMES:
            answer = self.client.get("/b1/" + key)
            self.assertEqual((answer.status, answer.body), (200, key.encode()))
            self.assertEqual(answer.headers["ETag"], '"%s"' % hashlib.md5(key.encode()).hexdigest())

    def test_etag_is_that_of_the_listing(self):
        body = self.client.list("b1").body
        for key, etag, size in zip(find_all(body, "Key"), find_all(body, "ETag"), find_all(body, "Size")):
            head = self.client.request("HEAD", "/b1/" + key)
            self.assertEqual((head.headers["ETag"], head.headers["Content-Length"]), (etag, size))

    def test_ranges(self):
        n = len(self.big)
        for text, first, last in (("0-0", 0, 0), ("5-9", 5, 9), ("%d-" % (n - 3), n - 3, n - 1), ("-7", n - 7, n - 1),
                                  ("1000000-9999999999", 1000000, n - 1), ("-9999999999", 0, n - 1)):
            answer = self.client.get("/b1/big", Range="bytes=" + text)
            self.assertEqual(answer.status, 206)
            self.assertEqual(answer.headers["Content-Range"], "bytes %d-%d/%d" % (first, last, n))
            self.assertEqual(answer.body, self.big[first:last + 1])
        for key, text in (("big", "%d-" % n), ("empty", "0-0"), ("empty", "-1"), ("big", "-0")):
            answer = self.client.get("/b1/" + key, Range="bytes=" + text)
            self.assertEqual((answer.status, answer.code()), (416, "InvalidRange"))
        self.assertEqual(self.client.get("/b1/big", Range="bytes=9-5").status, 200)
        self.assertEqual(self.client.get("/b1/empty").body, b"")

    def test_conditions(self):
        etag = self.client.get("/b1/big").headers["ETag"]
        self.assertEqual(self.client.get("/b1/big", If_Match=etag, Range="bytes=0-1").status, 206)
        answer = self.client.get("/b1/big", If_Match='"0"', Range="bytes=0-1")
        self.assertEqual((answer.status, answer.code()), (412, "PreconditionFailed"))
        self.assertEqual(self.client.get("/b1/big", If_None_Match=etag).status, 304)
        self.assertEqual(self.client.get("/b1/big", If_None_Match='"0"').status, 200)

    def test_what_is_not_there(self):
        for path, code in (("/b1/none", "NoSuchKey"), ("/b1/a", "NoSuchKey"), ("/b1/../b1/big", "NoSuchKey"),
                           ("/b1/a/../big", "NoSuchKey"), ("/b1//big", "NoSuchKey"), ("/none/x", "NoSuchBucket"),
                           ("/.tags/b1", "NoSuchBucket"), ("/../x", "NoSuchBucket")):
            answer = self.client.get(path)
            self.assertEqual((answer.status, answer.code()), (404, code), path)
            self.assertEqual(answer.headers["x-amz-request-id"], find_all(answer.body, "RequestId")[0])
            self.assertTrue(find_all(answer.body, "HostId")[0])
        self.assertEqual(self.client.list("none").code(), "NoSuchBucket")
        self.assertEqual(self.client.request("POST", "/b1/x").code(), "MethodNotAllowed")
        self.assertEqual(self.client.get("/b1", {"acl": ""}).code(), "NotImplemented")

    def test_tags(self):
        self.assertEqual(self.client.get("/b1", {"tagging": ""}).code(), "NoSuchTagSet")
        self.server.write(".tags/b1", b"ingestion-key=abc\nother=x=y\n")
        self.server.write(".tags/b1.objects/a/b", b"one=1\n")
        answer = self.client.get("/b1", {"tagging": ""})
        self.assertEqual((find_all(answer.body, "Key"), find_all(answer.body, "Value")),
                         (["ingestion-key", "other"], ["abc", "x=y"]))
        self.assertEqual(find_all(self.client.get("/b1/a/b", {"tagging": ""}).body, "Key"), ["one"])
        self.assertEqual(find_all(self.client.get("/b1/a0", {"tagging": ""}).body, "Key"), [])
        os.unlink(os.path.join(self.server.root, ".tags/b1"))

    def test_virtual_host(self):
        for host in ("b1.localhost:%d", "b1.s3.localhost:%d", "b1.s3.eu-west-3.amazonaws.com:%d"):
            client = Client(self.server.port)
            client.host = host % self.server.port
            self.assertEqual(client.get("/a/b").body, b"a/b")

    def test_synthetic(self):
        keys, pages = self.client.keys("synthetic")
        self.assertEqual((len(keys), pages, keys), (2500, 3, sorted(keys)))
        whole = self.client.get("/synthetic/" + keys[7]).body
        self.assertEqual(len(whole), 1000)
        rows = whole.decode().splitlines()
        self.assertEqual({r.count(",") for r in rows}, {5})
        for first in (0, 1, 30, 31, 32, 500, 990, 999):
            part = self.client.get("/synthetic/" + keys[7], Range="bytes=%d-%d" % (first, first + 100))
            self.assertEqual(part.body, whole[first:first + 101])
        self.assertNotEqual(self.client.get("/synthetic/" + keys[8]).body, whole)


class ChangesTest(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.client = Client(self.server.port)

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)

    def test_put_and_delete(self):
        self.assertEqual(self.client.request("PUT", "/new-bucket").status, 200)
        for key in ("x/y/z.csv", "x/a", "top"):
            answer = self.client.request("PUT", "/new-bucket/" + key, body=key.encode())
            self.assertEqual(answer.headers["ETag"], '"%s"' % hashlib.md5(key.encode()).hexdigest())
        self.assertEqual(self.client.keys("new-bucket")[0], ["top", "x/a", "x/y/z.csv"])
        wrong = self.client.request("PUT", "/new-bucket/bad", headers={"x-amz-content-sha256": "0" * 64}, body=b"x")
        self.assertEqual(wrong.code(), "XAmzContentSHA256Mismatch")
        self.assertEqual(self.client.request("PUT", "/none/x", body=b"x").code(), "NoSuchBucket")
        self.assertEqual(self.client.request("PUT", "/new-bucket/top/x", body=b"x").status, 500)
        self.assertEqual(self.client.request("DELETE", "/new-bucket").code(), "BucketNotEmpty")
        for key in ("x/y/z.csv", "x/a", "top", "never"):
            self.assertEqual(self.client.request("DELETE", "/new-bucket/" + key).status, 204)
        self.assertEqual(self.client.keys("new-bucket")[0], [])
        self.assertEqual(self.client.request("DELETE", "/new-bucket").status, 204)

    def test_listing_follows_the_folder(self):
        seen = []
        for i in range(30):  # each change at once after a listing
            self.server.write("b/f%02d/x" % (i % 5), b"")
            self.server.write("b/k%02d" % i, b"")
            seen = self.client.keys("b")[0]
            self.assertIn("k%02d" % i, seen)
        os.unlink(os.path.join(self.server.root, "b/k00"))
        self.assertNotIn("k00", self.client.keys("b")[0])

    def test_s3put(self):
        folder = os.path.join(self.server.top.name, "up")
        for name in ("a b", "deep/er/c+d", "e"):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "wb") as file:
                file.write(name.encode() * 1000)
        with open(os.path.join(folder, "large"), "wb") as file:
            file.truncate(9 << 20)
        keys = {"AWS_ACCESS_KEY_ID": "S3DACCESSKEY", "AWS_SECRET_ACCESS_KEY": "s3d-secret-key"}
        call = [os.environ["S3PUT"], "--endpoint", "http://127.0.0.1:%d" % self.server.port, "--bucket", "uploaded"]
        subprocess.run(call + ["--create", "--prefix", "p/", folder], check=True, env=dict(os.environ, **keys),
                       stdout=subprocess.DEVNULL)
        self.assertEqual(self.client.keys("uploaded")[0], ["p/a b", "p/deep/er/c+d", "p/e", "p/large"])
        self.assertEqual(self.client.get("/uploaded/p/deep/er/c+d").body, b"deep/er/c+d" * 1000)
        keys["AWS_SECRET_ACCESS_KEY"] = "wrong"
        refused = subprocess.run(call + [folder], env=dict(os.environ, **keys), capture_output=True, text=True)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("SignatureDoesNotMatch", refused.stderr)


if __name__ == "__main__":
    unittest.main()
