"""Checksums, SSE-C, requester pays, owners, archived objects, versions."""
import base64
import os
import subprocess
import time
import unittest

from s3kit import ACCESS, CLEAN, SECRET, SLUICE, USER, S3Test, make_certificate, rows

KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
KINDS = ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")


class Checksums(S3Test):
    def kept(self, kind, *lines):
        server = self.server(files={"a.csv": 1, "b.csv": 2})
        server.write("b/more.csv", rows(100, 20000))
        server.settings("b", "checksum=" + kind, *lines)
        return server

    def test_right_ones(self):
        for kind in KINDS:
            ids, done = self.run_job(self.kept(kind))
            self.assertEqual(ids, [1, 2] + list(range(100, 20100)), kind)
            self.quiet(done.err)

    def test_a_wrong_one_is_tried_again(self):
        for kind in KINDS:
            for fault in ("wrong-checksum", "corrupt 12"):
                server = self.kept(kind)
                server.faults("GET:more.csv %s times=1\n" % fault)
                ids, _ = self.run_job(server)
                self.assertEqual(ids, [1, 2] + list(range(100, 20100)), (kind, fault))
                self.assertEqual(self.stats(server)["faults"], 1)

    def test_one_that_stays_wrong_is_an_error(self):
        for kind in KINDS:
            for fault in ("wrong-checksum", "corrupt 12"):
                server = self.kept(kind)
                server.faults("GET:more.csv %s\n" % fault)
                _, done = self.run_job(server, 'path = "s3://b/"; max_attempts = 3;', status=None, timeout=60)
                self.assertNotEqual(done.status, 0, done.err)
                self.says(done.err, "more.csv", "checksum", kind)

    def test_nothing_wrong_arrives(self):
        """Records are not given out before the checksum of their object is known to be right."""
        server = self.kept("crc32")
        server.write("b/more.csv", b"id,text\n" + b"".join(b"%d,x\n" % i for i in range(100, 2000)))
        server.faults("GET:more.csv corrupt 8\n")
        ids, _ = self.run_job(server, status=None)
        self.assertEqual([i for i in ids if i not in (1, 2) and not 100 <= i < 2000], [])

    def test_by_choice_they_are_not_asked_for(self):
        server = self.kept("crc32")
        server.faults("GET:more.csv wrong-checksum\n")
        ids, _ = self.run_job(server, 'path = "s3://b/"; verify_checksums = false;')
        self.assertEqual((len(ids), self.stats(server)["faults"]), (20002, 0))

    def test_checksums_of_parts_are_left_alone(self):
        ids, done = self.run_job(self.kept("sha256", "checksum-type=COMPOSITE"))
        self.assertEqual(len(ids), 20002)
        self.quiet(done.err)


class Rights(S3Test):
    def test_requester_pays(self):
        server = self.server(files={"a.csv": 1})
        server.settings("b", "requester-pays=true")
        self.assertEqual(self.run_job(server, 'path = "s3://b/"; requester_pays = true;')[0], [1])
        _, done = self.run_job(server, status=5)
        self.says(done.err, "AccessDenied", "requester_pays = true")
        self.assertNotIn("expected_bucket_owner", done.err)

    def test_owner(self):
        server = self.server(files={"a.csv": 1})
        server.settings("b", "owner=210987654321")
        self.assertEqual(self.run_job(server, 'path = "s3://b/"; expected_bucket_owner = "210987654321";')[0], [1])
        _, done = self.run_job(server, 'path = "s3://b/"; expected_bucket_owner = "123456789012";', status=5)
        self.says(done.err, "AccessDenied", "correct expected_bucket_owner")

    def test_archived_objects(self):
        server = self.server(files={"a.csv": 1, "cold/b.csv": 2, "deep/c.csv": 3, "warm/d.csv": 4, "back/e.csv": 5})
        server.settings("b", "class=GLACIER cold/*", "class=DEEP_ARCHIVE deep/*", "class=GLACIER_IR warm/*",
                        "class=GLACIER back/* restored")
        ids, done = self.run_job(server)
        self.assertEqual(ids, [1, 4])
        self.assertEqual(sum(self.not_read(done.err).values()), 3, done.err)
        self.says(" ".join(self.not_read(done.err)), "archive")
        ids, done = self.run_job(server, 'path = "s3://b/"; archived = "fail";', status=None)
        self.assertNotEqual(done.status, 0)
        self.says(done.err, "archive", "e.csv")
        ids, done = self.run_job(server, 'path = "s3://b/back/"; archived = "read";')
        self.assertEqual(ids, [5])
        ids, done = self.run_job(server, 'path = "s3://b/"; archived = "read";', status=None)
        self.assertNotEqual(done.status, 0)
        self.says(done.err, "InvalidObjectState")


class Encrypted(S3Test):
    def setUp(self):
        super().setUp()
        self.ca, key = make_certificate(self.folder)
        self.tls = self.server("--tls-cert", self.ca, "--tls-key", key, files={"a.csv": 1})
        self.tls.write("b/more.csv", rows(100, 30000))
        self.tls.settings("b", "sse-c-key=" + KEY)

    def source(self, key, more=""):
        path = self.write("key", key)
        return 'path = "s3://b/"; ca_file = "%s"; sse_customer_key = "${file:%s}"; range_size = "64KiB"; %s' % (self.ca, path, more)

    def test_the_right_key(self):
        ids, done = self.run_job(self.tls, self.source(KEY))
        self.assertEqual(ids, [1] + list(range(100, 30100)))
        self.assertNotIn(KEY, done.err)

    def test_a_wrong_key(self):
        other = base64.b64encode(b"y" * 32).decode()
        _, done = self.run_job(self.tls, self.source(other), status=None)
        self.assertNotEqual(done.status, 0)
        self.says(done.err, "AccessDenied")
        self.assertNotIn(other, done.err)

    def test_no_key(self):
        _, done = self.run_job(self.tls, 'path = "s3://b/"; ca_file = "%s";' % self.ca, status=None)
        self.assertNotEqual(done.status, 0)
        self.says(done.err, "Server Side Encryption")

    def test_a_key_that_is_none(self):
        for key in ("c2hvcnQ=", "not base64 at all", KEY + KEY):
            _, done = self.run_job(self.tls, self.source(key), status=None)
            self.assertNotEqual(done.status, 0)
            self.says(done.err, "sse_customer_key")

    def test_never_without_tls(self):
        plain = self.server(files={"a.csv": 1})
        plain.settings("b", "sse-c-key=" + KEY, "sse-c-http=true")
        _, done = self.run_job(plain, 'path = "s3://b/"; sse_customer_key = "${file:%s}";' % self.write("key", KEY), status=2)
        self.says(done.err, "sse_customer_key", "https")
        self.assertEqual(self.stats(plain)["requests"], 0)

    def test_tls_that_cannot_be_trusted(self):
        other, _ = make_certificate(self.folder, "other")
        for more in ("", 'ca_file = "%s";' % other):
            _, done = self.run_job(self.tls, 'path = "s3://b/"; %s' % more, status=2)
            self.says(done.err, "certificate")


class Versions(S3Test):
    def kept(self):
        server = self.server()
        server.settings("bkt", "versions=true")
        client = self.client(server)
        client.request("PUT", "/bkt")
        ids = {}
        for key, first in (("a.csv", 1), ("b.csv", 2), ("a.csv", 11), ("gone.csv", 3)):
            ids[first] = client.request("PUT", "/bkt/" + key, body=rows(first, 1)).headers["x-amz-version-id"]
        client.request("DELETE", "/bkt/gone.csv")
        return server, client, ids

    def test_the_latest_is_read(self):
        server, _, _ = self.kept()
        for pin in ("etag", "version"):
            self.assertEqual(self.run_job(server, 'path = "s3://bkt/"; pin = "%s";' % pin)[0], [2, 11])

    def test_one_version_of_one_object(self):
        server, _, ids = self.kept()
        for first in (1, 11):
            self.assertEqual(self.run_job(server, 'path = "s3://bkt/a.csv"; version_id = "%s";' % ids[first])[0], [first])
        self.assertEqual(self.run_job(server, 'path = "s3://bkt/gone.csv"; version_id = "%s";' % ids[3])[0], [3])
        _, done = self.run_job(server, 'path = "s3://bkt/a.csv"; version_id = "%s";' % ("0" * 32), status=None)
        self.assertNotEqual(done.status, 0)
        self.says(done.err, "0" * 32)

    def test_check_tries_what_a_run_asks_for(self):
        server, _, ids = self.kept()
        pinned = 'path = "s3://bkt/"; pin = "version";'
        found = self.check(server, pinned)
        self.assertEqual([one[:2] for one in found[-2:]], [("ok", "s3:ListBucketVersions"), ("ok", "s3:GetObjectVersion")])
        self.says(found[-1][2], '"a.csv", version "%s"' % ids[11])
        found = self.check(server, 'path = "s3://bkt/a.csv"; version_id = "%s";' % ids[1])
        self.assertEqual([one[:2] for one in found[-2:]], [("ok", "s3:ListBucketVersions"), ("ok", "s3:GetObjectVersion")])
        self.says(found[-1][2], '"a.csv", version "%s"' % ids[1])
        self.assertEqual(self.requests(server)["LIST"], 0)
        found = self.check(server, 'path = "s3://bkt/a.csv"; version_id = "%s";' % ("0" * 32), status=2)
        self.assertEqual([one[:2] for one in found[-3:]],
                         [("ok", "s3:ListBucketVersions"), ("failed", "version_id"), ("unknown", "s3:GetObjectVersion")])
        self.assertEqual([one[:2] for one in self.check(server, 'path = "s3://bkt/";')[-2:]],
                         [("ok", "s3:ListBucket"), ("ok", "s3:GetObject")])

    def test_check_names_the_rights_of_versions(self):
        server, _, _ = self.kept()
        pinned = 'path = "s3://bkt/"; pin = "version";'
        server.settings("bkt", "versions=true", "allow=%s LIST,GET" % USER)
        found = self.check(server, pinned, status=5)
        self.assertEqual([one[:2] for one in found[-2:]], [("failed", "s3:ListBucketVersions"), ("unknown", "s3:GetObjectVersion")])
        server.settings("bkt", "versions=true", "allow=%s LIST,VERSIONS" % USER)
        found = self.check(server, pinned, status=5)
        self.assertEqual([one[:2] for one in found[-2:]], [("ok", "s3:ListBucketVersions"), ("failed", "s3:GetObjectVersion")])
        self.says(found[-1][2], "not authorized to perform: s3:GetObjectVersion")

    def test_check_of_the_version_null(self):
        """It is read without its id, which is another right."""
        server = self.server(files={"a.csv": 1})
        found = self.check(server, 'path = "s3://b/"; pin = "version";')
        self.assertEqual([one[:2] for one in found[-2:]], [("ok", "s3:ListBucketVersions"), ("ok", "s3:GetObject")])
        server.settings("b", "allow=%s VERSIONS" % USER)
        found = self.check(server, 'path = "s3://b/"; pin = "version";', status=5)
        self.says(found[-1][2], "not authorized to perform: s3:GetObject on")

    def replaced_while_it_is_read(self, pin):
        """The object is replaced when the first part of it has been given out; what comes out, and how it ended."""
        server, client, _ = self.kept()
        old, new = rows(10**6, 10**6), rows(5 * 10**6, 10**6)
        client.request("PUT", "/bkt/large.csv", body=old)
        words = [SLUICE, "get", "s3://bkt/large.csv", "-", "-o", "endpoint=" + server.url, "-o", "pin=" + pin, "-o", "range_size=64KiB",
                 "-o", "window=128KiB"]
        env = dict(CLEAN, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET, AWS_EC2_METADATA_DISABLED="true")
        with open(self.path("err"), "w+b") as err:
            process = subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err)
            got = process.stdout.read(1 << 20)
            time.sleep(0.3)
            client.request("PUT", "/bkt/large.csv", body=new)
            got += process.stdout.read()
            process.stdout.close()
            status = process.wait(60)
            err.seek(0)
            return status, got, old, err.read().decode()

    def test_a_pinned_version_is_read_to_its_end(self):
        status, got, old, err = self.replaced_while_it_is_read("version")
        self.assertEqual((status, got == old), (0, True), err)

    def test_a_pinned_etag_is_never_mixed(self):
        status, got, old, err = self.replaced_while_it_is_read("etag")
        self.assertNotEqual(status, 0, err)
        self.assertEqual(got, old[:len(got)])
        self.says(err, "no longer the version")

    def test_a_job_reads_what_was_listed(self):
        server, client, _ = self.kept()
        for i in range(60):
            client.request("PUT", "/bkt/many/%02d.csv" % i, body=rows(100 + i, 1))
        server.faults("GET delay 50\n")
        name = self.config(server, 'path = "s3://bkt/many/"; pin = "version"; connections = 1;', job="workers = 1;")
        env = dict(CLEAN, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET, AWS_EC2_METADATA_DISABLED="true")
        process = subprocess.Popen([SLUICE, "run", self.path(name + ".conf")], env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while self.requests(server)["GET"] < 3:
            time.sleep(0.01)
        for i in range(50, 60):
            client.request("PUT", "/bkt/many/%02d.csv" % i, body=rows(1000 + i, 1))
        err = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(self.arrived(name), list(range(100, 160)), err)
        server.faults("")
        self.sluice("run", self.path(name + ".conf"))
        self.assertEqual(self.arrived(name), list(range(100, 160)) + list(range(1050, 1060)))


if __name__ == "__main__":
    unittest.main()
