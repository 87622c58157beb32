"""Listing and reading from Ceph RADOS Gateway what s3cmd put there, over http and https, with the keys that it knows and with
wrong ones."""
import hashlib
import json
import os
import unittest

from gateway import GatewayTest, rows

# s3cmd makes a key of the last as it stands; XML 1.0 has no such character, so that a listing needs encoding-type=url.
ODD = ["plain", "with space", "a+b", "100%", "a%2Fb", "a//b", "./a", "a/../b", "../up", "/lead", "ümlaut", "日本語", "a&b=c", "q?x=y&z",
       "(p)*'!", "<x>&amp;", "semi;colon", "ha#sh", "tab\there", "new\nline", "~t", "d/e/f", "d-e", "d", '"quoted"', "back\\slash", "ctl\x01x"]


class Reading(GatewayTest):
    @classmethod
    def fill(cls):
        cls.expected = []
        gateway = cls.gateway
        gateway.s3cmd("mb", "s3://bucket")
        for i in range(1200):
            gateway.write("files/many/%04d.csv" % i, cls.new_rows(i, 1))
        gateway.write("files/large.csv", cls.new_rows(100000, 400000))
        gateway.s3cmd("put", "--recursive", gateway.path("files") + "/", "s3://bucket/")
        for i, name in enumerate(ODD):
            text = cls.new_rows(10000 + i, 1)
            if "\n" in name:  # s3cmd ends a name there
                gateway.client().request("PUT", "/bucket/odd/%s.csv" % name, body=text.encode())
            else:
                gateway.s3cmd("put", gateway.write("one", text), "s3://bucket/odd/%s.csv" % name)

    @classmethod
    def new_rows(cls, first, n):
        cls.expected += range(first, first + n)
        return rows(first, n)

    def names(self, *words):
        out, _ = self.sluice("ls", "--json", *words)
        return [json.loads(line)["name"] for line in out.splitlines()]

    def test_listing_is_whole_and_in_byte_order(self):
        names = self.names("s3://bucket/", *self.options())
        self.assertEqual(len(names), 1200 + len(ODD) + 1)
        self.assertEqual([n.encode() for n in names], sorted(n.encode() for n in names))
        wanted = {"s3://bucket/odd/%s.csv" % name for name in ODD}
        self.assertEqual({n for n in names if n.startswith("s3://bucket/odd/")}, wanted)

    def test_listing_with_few_keys_a_request_is_the_same(self):
        for requests in (1, 16):
            self.assertEqual(self.names("s3://bucket/", *self.options(list_requests=requests)), self.names("s3://bucket/", *self.options()))

    def test_folders(self):
        out, _ = self.sluice("ls", "s3://bucket/", *self.options())
        self.assertEqual([line.split()[-1] for line in out.splitlines()], ["many/", "odd/", "large.csv"])

    def test_a_job_moves_every_record_once(self):
        conf, out = self.job("all", 'path = "s3://bucket/"; endpoint = "%s"; ca_file = "%s"' % (self.gateway.tls, self.gateway.ca))
        self.sluice("run", conf)
        self.sluice("run", conf)
        self.assertEqual(sorted(record["id"] for record in self.arrived(out)), sorted(self.expected))

    def test_odd_keys_are_read(self):
        for i, name in enumerate(ODD):
            out, _ = self.sluice("cat", "s3://bucket/odd/%s.csv" % name, *self.options())
            self.assertEqual(json.loads(out)["id"], 10000 + i, name)

    def test_ranges(self):
        with open(self.gateway.path("files", "large.csv"), "rb") as file:
            wanted = hashlib.sha256(file.read()).hexdigest()
        for number, options in enumerate(({}, {"range_size": "64KiB", "window": "1MiB"}, {"range_size": "1MiB", "window": "4MiB"},
                                          {"verify_checksums": "false"})):
            to = self.gateway.path("got-%d" % number)
            self.sluice("get", "s3://bucket/large.csv", to, *self.options(**options))
            with open(to, "rb") as file:
                self.assertEqual(hashlib.sha256(file.read()).hexdigest(), wanted, options)
            os.remove(to)

    def test_wrong_keys(self):
        env = self.gateway.env
        _, err = self.sluice("ls", "s3://bucket/", *self.options(), status=5, env=dict(env, AWS_SECRET_ACCESS_KEY="wrong-wrong-wrong"))
        self.assertIn("SignatureDoesNotMatch", err)
        self.assertNotIn("wrong-wrong-wrong", err)
        _, err = self.sluice("ls", "s3://bucket/", *self.options(), status=5, env=dict(env, AWS_ACCESS_KEY_ID="NOBODY"))
        self.assertIn("InvalidAccessKeyId", err)
        other = dict(env, AWS_ACCESS_KEY_ID=env["OTHER_ACCESS_KEY_ID"], AWS_SECRET_ACCESS_KEY=env["OTHER_SECRET_ACCESS_KEY"])
        _, err = self.sluice("ls", "s3://bucket/", *self.options(), status=5, env=other)
        self.assertIn("AccessDenied", err)

    def test_what_is_not_there(self):
        _, err = self.sluice("ls", "s3://no-such-bucket/", *self.options(), status=2)
        self.assertIn("NoSuchBucket", err)
        _, err = self.sluice("get", "s3://bucket/none.csv", "-", *self.options(), status=4)
        self.assertIn("none.csv", err)

    def test_tls(self):
        tls = self.options(endpoint=self.gateway.tls, ca_file=self.gateway.ca)
        self.assertEqual(self.names("s3://bucket/large.csv", *tls), ["s3://bucket/large.csv"])
        _, err = self.sluice("ls", "s3://bucket/", *self.options(endpoint=self.gateway.tls), status=2)
        self.assertIn("certificate", err.lower())
        self.assertIn("ca_file", err)
        from s3client import make_certificate
        other, _ = make_certificate(self.gateway.top.name, "other")
        _, err = self.sluice("ls", "s3://bucket/", *self.options(endpoint=self.gateway.tls, ca_file=other), status=2)
        self.assertIn("certificate", err.lower())

    def test_virtual_hosts(self):
        endpoint = self.gateway.endpoint.replace("127.0.0.1", "s3.localhost")
        out, _ = self.sluice("cat", "s3://bucket/many/0007.csv", *self.options(endpoint=endpoint, addressing="virtual"))
        self.assertEqual(json.loads(out)["id"], 7)


if __name__ == "__main__":
    unittest.main()
