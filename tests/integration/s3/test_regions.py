"""A bucket in another region than we think: each way in which S3 says so."""
import unittest

from s3kit import S3Test, rows

FORMS = ("400", "400-body", "301", "301-body", "307", "307-location", "illegal", "head-403")


class Regions(S3Test):
    def abroad(self, form):
        server = self.server(files={"f%02d.csv" % i: i for i in range(30)})
        server.write("b/large.csv", rows(1000, 20000))
        server.settings("b", "region=eu-west-3", "redirect=" + form)
        return server

    def test_each_form(self):
        for form in FORMS:
            with self.subTest(form):
                server = self.abroad(form)
                ids, done = self.run_job(server, 'path = "s3://b/"; range_size = "64KiB";')
                self.assertEqual(ids, list(range(30)) + list(range(1000, 21000)))
                told = [line for line in self.warnings(done.err) if "eu-west-3" in line]
                self.assertEqual(len(told), 1, done.err)
                self.says(told[0], "region", '"b"')
                refused = self.stats(server)["statuses"]
                self.assertLessEqual(refused["3xx"] + refused["4xx"], 2, "the region was found once, and kept")

    def test_the_right_region_costs_nothing(self):
        server = self.abroad("400")
        ids, done = self.run_job(server, 'path = "s3://b/"; region = "eu-west-3";')
        self.assertEqual((len(ids), self.warnings(done.err)), (20030, []))
        self.assertEqual((self.stats(server)["statuses"]["4xx"], self.requests(server)["HEAD"]), (0, 0))
        ids, _ = self.run_job(server, env={"AWS_REGION": "eu-west-3"})
        self.assertEqual((len(ids), self.stats(server)["statuses"]["4xx"]), (20030, 0))

    def test_each_bucket_its_own(self):
        server = self.server(files={"a.csv": 1})
        server.write("c/x.csv", rows(2, 1))
        server.settings("b", "region=eu-west-3", "redirect=301")
        server.settings("c", "region=ap-south-1", "redirect=400-body")
        ids, done = self.run_job(server, 'paths = ( { path = "s3://b/"; }, { path = "s3://c/"; } );')
        self.assertEqual((ids, len(self.warnings(done.err))), ([1, 2], 2), done.err)

    def test_a_bucket_that_is_sent_in_a_circle(self):
        """It says again and again that it is elsewhere: an error, soon."""
        server = self.server(files={"a.csv": 1})
        server.faults("LIST wrong-region eu-west-3 skip=0 every=2\nLIST wrong-region us-west-2 skip=1 every=2\n")
        server.settings("b", "region=sa-east-1", "redirect=301")
        _, done = self.run_job(server, status=None)
        self.assertNotEqual(done.status, 0)
        self.assertLess(done.seconds, 30)
        self.assertLess(self.requests(server)["LIST"] + self.requests(server)["HEAD"], 20)

    def test_other_commands(self):
        server = self.abroad("301")
        words = ["-o", "endpoint=" + server.url]
        self.assertEqual(len(self.sluice("ls", "--json", "s3://b/", *words).out.splitlines()), 31)
        self.assertEqual(self.sluice("get", "s3://b/f01.csv", "-", *words).out, rows(1, 1).decode())
        self.assertIn('"id":1', self.sluice("cat", "s3://b/f01.csv", *words).out)


if __name__ == "__main__":
    unittest.main()
