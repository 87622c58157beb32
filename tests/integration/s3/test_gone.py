"""Objects that S3 refuses because they are gone: who may list by prefix only gets 403 for them, not 404."""
import os
import subprocess
import time
import unittest

from s3kit import ACCESS, CLEAN, SECRET, SLUICE, S3Test, rows


class Gone(S3Test):
    def filled(self, n=6):
        return self.server(files={"f%02d.csv" % i: i for i in range(n)})

    def run_while(self, server, meanwhile, when, source='path = "s3://b/";'):
        """A job during which something happens to the bucket once this is so; how it ended, what arrived, what it said."""
        name = self.config(server, source)
        env = dict(CLEAN, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET, AWS_EC2_METADATA_DISABLED="true", HOME=self.folder)
        process = subprocess.Popen([SLUICE, "run", self.path(name + ".conf")], env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        end = time.monotonic() + 30
        while not when() and time.monotonic() < end:
            time.sleep(0.01)
        meanwhile()
        err = process.communicate(timeout=60)[1].decode()
        return process.returncode, self.arrived(name), err

    @staticmethod
    def refusals(server):
        return server.log_text().count("request op=GET status=403")

    def test_one_that_is_gone_is_counted(self):
        server = self.filled()
        server.faults("GET:f03.csv error 403 AccessDenied\nLIST:f03.csv delay 1500\n")
        status, ids, err = self.run_while(server, lambda: self.client(server).request("DELETE", "/b/f03.csv"),
                                          lambda: self.requests(server)["GET"] > 0)
        self.assertEqual((status, ids), (0, [0, 1, 2, 4, 5]), err)
        self.says(err, "1 gone")
        self.assertNotIn("AccessDenied", err)
        self.assertEqual(self.requests(server)["LIST"], 1 + self.refusals(server), "one LIST of the bucket, one for each 403")

    def test_one_that_is_there_fails_alone(self):
        """Wherever it is in the order: also the first, and also where it is all that a run has to read."""
        for bad in (3, 0, 5):
            server = self.filled()
            server.faults("GET:f%02d.csv error 403 AccessDenied\n" % bad)
            ids, done = self.run_job(server, status=4)
            self.assertEqual(ids, [i for i in range(6) if i != bad])
            self.says(done.err, "f%02d.csv" % bad, "AccessDenied", "s3:GetObject", "fails alone")
            self.assertLessEqual(self.requests(server)["LIST"], 1 + 2 * self.refusals(server))
            name = "j%d" % self.jobs
            done = self.sluice("run", self.path(name + ".conf"), status=4)
            self.says(done.err, "fails alone")
            server.faults("")
            self.sluice("run", self.path(name + ".conf"))
            self.assertEqual(self.arrived(name), list(range(6)))

    def test_a_row_of_them_fails_alone(self):
        """More than may be refused in a row before it is tried whether any is still read."""
        server = self.server(files={"f%02d.csv" % i: i for i in range(50)})
        server.faults("GET:f[012]?.csv error 403 AccessDenied\n")
        ids, done = self.run_job(server, status=4)
        self.assertEqual(ids, list(range(30, 50)))
        self.says(done.err, "fails alone")

    def test_one_that_is_all_there_is_holds_the_job(self):
        server = self.filled(1)
        server.faults("GET:f00.csv error 403 AccessDenied\n")
        _, done = self.run_job(server, status=5)
        self.says(done.err, "f00.csv", "AccessDenied", "s3:GetObject")

    def test_a_longer_key_is_another_object(self):
        server = self.filled()
        server.write("b/f03.csv.more/x.csv", rows(7, 1))
        server.faults("GET:f03.csv error 403 AccessDenied\nLIST:f03.csv delay 1500\n")
        status, ids, err = self.run_while(server, lambda: self.client(server).request("DELETE", "/b/f03.csv"),
                                          lambda: self.requests(server)["GET"] > 0)
        self.assertEqual((status, ids), (0, [0, 1, 2, 4, 5, 7]), err)

    def test_what_cannot_be_asked_stays_a_refusal(self):
        server = self.filled()
        server.faults("GET:f03.csv error 403 AccessDenied\nLIST:f03.csv error 403 AccessDenied\n")
        _, done = self.run_job(server, status=5)
        self.says(done.err, "GetObject", "f03.csv", "AccessDenied")

    def test_wrong_keys_are_not_taken_for_it(self):
        server = self.filled()
        server.faults("GET error 403 InvalidAccessKeyId\nLIST:f0?.csv error 403 InvalidAccessKeyId\n")
        ids, done = self.run_job(server, status=5)
        self.assertEqual(ids, [])
        self.says(done.err, "InvalidAccessKeyId", "does not know this access key id")

    def test_rights_that_are_taken_away_hold_the_job_soon(self):
        server = self.filled(40)
        server.faults("GET error 403 AccessDenied\n")
        ids, _ = self.run_job(server, status=5)
        self.assertEqual(ids, [])
        self.assertLess(self.requests(server)["LIST"], 1 + self.refusals(server) + 10)
        self.assertLess(self.refusals(server), 40)

    def test_rights_that_are_taken_away_meanwhile_hold_the_job_soon(self):
        server = self.filled(200)
        server.faults("GET error 403 AccessDenied skip=20\n")
        ids, _ = self.run_job(server, 'path = "s3://b/"; range_size = "64KiB"; window = "64KiB";', status=5)
        self.assertLess(len(ids), 30)
        self.assertLess(self.refusals(server), 120, "what was asked for ahead, and little more")

    def test_in_the_middle_of_an_object(self):
        server = self.server(files={"a.csv": 1})
        server.write("b/large.csv", rows(100, 200000))
        server.faults("GET:large.csv error 403 AccessDenied skip=2\nLIST:large.csv delay 1500\n")
        status, ids, err = self.run_while(server, lambda: self.client(server).request("DELETE", "/b/large.csv"),
                                          lambda: self.requests(server)["GET"] > 3,
                                          'path = "s3://b/"; range_size = "64KiB"; window = "64KiB";')
        self.assertEqual((status, [i for i in ids if i < 100]), (0, [1]), err)
        self.says(err, "1 gone")

    def test_get(self):
        server = self.filled()
        server.faults("GET:none.csv error 403 AccessDenied\nGET:f03.csv error 403 AccessDenied\n")
        more = ("-o", "endpoint=" + server.url)
        done = self.sluice("get", "s3://b/none.csv", "-", *more, status=None)
        self.assertNotIn(done.status, (0, 5))
        self.says(done.err, "none.csv", "nothing at")
        done = self.sluice("get", "s3://b/f03.csv", "-", *more, status=5)
        self.says(done.err, "f03.csv", "AccessDenied")

    def test_a_version(self):
        server = self.server()
        server.settings("bkt", "versions=true")
        client = self.client(server)
        client.request("PUT", "/bkt")
        for i in range(3):
            client.request("PUT", "/bkt/f%d.csv" % i, body=rows(i, 1))
        server.faults("GET:f1.csv error 403 AccessDenied\nVERSIONS:f1.csv delay 1500\n")
        source = 'path = "s3://bkt/"; pin = "version";'
        status, arrived, err = self.run_while(server, lambda: os.remove(os.path.join(server.root, "bkt", "f1.csv")),
                                              lambda: self.requests(server)["GET"] > 0, source)
        self.assertEqual((status, arrived), (0, [0, 2]), err)
        self.says(err, "1 gone")
        self.assertEqual((self.requests(server)["VERSIONS"], self.requests(server)["LIST"]), (1 + self.refusals(server), 0))
        server.faults("GET:f2.csv error 403 AccessDenied\n")
        arrived, done = self.run_job(server, source, status=4)
        self.assertEqual(arrived, [0])
        self.says(done.err, "f2.csv", "AccessDenied", "fails alone")

    def test_tags_of_an_object(self):
        server = self.filled(4)
        for i in range(4):
            server.write(".tags/b.objects/f%02d.csv" % i, b"team=ours\n")
        server.faults("TAGS:f02.csv error 403 AccessDenied\nLIST:f02.csv delay 1500\n")
        source = 'path = "s3://b/"; object_tag = { key = "team"; value = "ours"; };'
        status, ids, err = self.run_while(server, lambda: self.client(server).request("DELETE", "/b/f02.csv"),
                                          lambda: self.requests(server)["TAGS"] > 3, source)
        self.assertEqual((status, ids), (0, [0, 1, 3]), err)
        server.faults("TAGS:f01.csv error 403 AccessDenied\n")
        _, done = self.run_job(server, source, status=5)
        self.says(done.err, "f01.csv", "s3:GetObjectTagging")
        self.assertEqual(done.err.count("allow s3:GetObjectTagging"), done.err.count("object_tag: "), "the advice is given twice")


if __name__ == "__main__":
    unittest.main()
