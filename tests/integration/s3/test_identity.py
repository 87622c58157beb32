"""Roles: external IDs, open roles, chains, short sessions, several paths each with its own."""
import json
import os
import subprocess
import time
import unittest

from s3kit import ACCESS, CLEAN, CLOSED, READER, SECOND, SECRET, SLUICE, USER, S3Test, rows

FILES = {"a.csv": 1, "deep/b.csv": 2}


class Identity(S3Test):
    def closed(self, *options):
        """A bucket that only a role with an external ID may read."""
        server = self.server(*options, roles=("%s the-id+1 3600" % CLOSED, "%s - 3600" % READER), files=FILES)
        server.settings("b", "allow=" + CLOSED)
        return server

    def role(self, *external_id, arn=CLOSED, more=""):
        given = "".join(' external_id = "%s";' % one for one in external_id)
        return 'path = "s3://b/"; role_arn = "%s";%s %s' % (arn, given, more)

    def test_the_right_external_id(self):
        ids, done = self.run_job(self.closed(), self.role("the-id+1"))
        self.assertEqual(ids, [1, 2])
        self.assertNotIn("the-id+1", done.err)

    def test_requests_for_credentials_are_counted(self):
        """As their own kind, by the run, its history and a plan; each attempt, as the server saw them."""
        server = self.closed()
        server.faults("STS error 503 ServiceUnavailable times=1\n")
        name = self.config(server, self.role("the-id+1", more="forbid_open_role = true;"))
        conf = self.path(name + ".conf")
        before = self.requests(server)["STS"]
        (plan,) = json.loads(self.sluice("plan", "--json", conf).out)["jobs"]
        self.assertEqual(plan["requests"]["credentials"], self.requests(server)["STS"] - before)
        self.assertIn("at most %d for credentials\n" % (plan["requests"]["credentials"] - 1), self.sluice("plan", conf).out) # no fault
        seen = []
        for name in ("c.csv", "d.csv"):
            server.write("b/" + name, rows(10, 1))
            before, others = self.requests(server)["STS"], self.stats(server)["requests"]
            self.sluice("run", conf)
            (run, *_) = json.loads(self.sluice("history", "--json", conf).out)["runs"]
            seen.append(self.requests(server)["STS"] - before)
            self.assertEqual(run["credential_requests"], seen[-1])
            self.assertEqual(run["requests"], self.stats(server)["requests"] - others - seen[-1])
        self.assertLess(max(seen), plan["requests"]["credentials"])
        self.assertGreater(min(seen), 1) # the role is tried without its external ID too
        self.assertIn("requests: %d, and %d for credentials" % (run["requests"], seen[-1]), self.sluice("history", conf).out)

    def test_a_wrong_external_id(self):
        ids, done = self.run_job(self.closed(), self.role("another"), status=5)
        self.assertEqual(ids, [])
        self.says(done.err, CLOSED, "AccessDenied", "external ID")

    def test_no_external_id(self):
        ids, done = self.run_job(self.closed(), self.role(), status=5)
        self.assertEqual(ids, [])
        self.says(done.err, CLOSED, "AccessDenied", "external ID")

    def test_without_the_role_the_bucket_is_closed(self):
        server = self.closed()
        ids, done = self.run_job(server, status=5)
        self.says(done.err, "AccessDenied", "s3:ListBucket")
        self.assertEqual((ids, self.requests(server)["STS"]), ([], 0))

    def test_an_open_role_is_forbidden(self):
        server = self.closed()
        server.settings("b")
        ids, done = self.run_job(server, self.role("the-id+1", more="forbid_open_role = true;"))
        self.assertEqual(ids, [1, 2])
        lists = self.requests(server)["LIST"]
        ids, done = self.run_job(server, self.role("the-id+1", arn=READER, more="forbid_open_role = true;"), status=5)
        self.says(done.err, READER, "without its external ID")
        self.assertEqual((ids, self.requests(server)["LIST"]), ([], lists))

    def test_whether_a_role_is_open_is_asked_at_every_run(self):
        server = self.closed()
        name = self.config(server, self.role("the-id+1", more="forbid_open_role = true;"))
        self.sluice("run", self.path(name + ".conf"))
        self.write("roles", "%s - 3600\n" % CLOSED)
        done = self.sluice("run", self.path(name + ".conf"), status=5)
        self.says(done.err, "without its external ID")

    def test_a_chain_of_roles(self):
        server = self.server(roles=("%s - 3600" % READER, "%s - 3600 %s" % (SECOND, READER)), files=FILES)
        server.settings("b", "allow=" + SECOND)
        config = self.write("aws", "[profile user]\naws_access_key_id = %s\naws_secret_access_key = %s\n[profile one]\n"
                            "role_arn = %s\nsource_profile = user\n[profile two]\nrole_arn = %s\nsource_profile = one\n" %
                            (ACCESS, SECRET, READER, SECOND))
        env = {"AWS_CONFIG_FILE": config}
        for source in ('profile = "two"', 'profile = "one"; role_arn = "%s"' % SECOND):
            ids, _ = self.run_job(server, 'path = "s3://b/"; %s;' % source, keys=False, env=env)
            self.assertEqual(ids, [1, 2], source)
        _, done = self.run_job(server, 'path = "s3://b/"; profile = "user"; role_arn = "%s";' % SECOND, keys=False, env=env, status=5)
        self.says(done.err, SECOND, "AccessDenied")

    def test_several_paths_each_with_its_own_role_and_region(self):
        server = self.server(roles=("%s one 3600" % CLOSED, "%s two 3600" % READER))
        for i, (bucket, lines) in enumerate((("mine", ("allow=" + USER,)), ("theirs", ("allow=" + CLOSED, "region=eu-west-3")),
                                             ("others", ("allow=" + READER, "region=ap-south-1")))):
            server.settings(bucket, *lines)
            for k in range(20):
                server.write("%s/p/%02d.csv" % (bucket, k), rows(100 * i + k, 1))
        paths = '''paths = ( { path = "s3://mine/p/"; },
  { path = "s3://theirs/p/"; region = "eu-west-3"; role_arn = "%s"; external_id = "one"; },
  { path = "s3://others/p/"; region = "ap-south-1"; role_arn = "%s"; external_id = "two"; } );''' % (CLOSED, READER)
        ids, done = self.run_job(server, paths)
        self.assertEqual(ids, [100 * i + k for i in range(3) for k in range(20)])
        self.assertEqual(self.stats(server)["statuses"]["4xx"] + self.stats(server)["statuses"]["3xx"], 0, done.err)
        self.assertEqual(self.requests(server)["STS"], 2)

    def test_one_path_that_is_refused_holds_the_job(self):
        server = self.server(roles=("%s one 3600" % CLOSED,), files=FILES)
        server.write("theirs/x.csv", rows(9, 1))
        server.settings("theirs", "allow=" + CLOSED)
        _, done = self.run_job(server, 'paths = ( { path = "s3://b/"; }, { path = "s3://theirs/"; } );', status=5)
        self.says(done.err, "theirs", "AccessDenied")

    def test_who_answered_is_in_the_log(self):
        _, done = self.run_job(self.closed(), self.role("the-id+1"))
        self.says(done.err, "environment", CLOSED)

    def test_half_a_pair_is_an_error(self):
        server = self.closed()
        for env in ({"AWS_ACCESS_KEY_ID": ACCESS}, {"AWS_SECRET_ACCESS_KEY": SECRET}):
            _, done = self.run_job(server, keys=False, env=env, status=None)
            self.assertIn(done.status, (2, 5))
            self.says(done.err, "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")

    def test_anonymous_only_by_choice(self):
        server = self.server(files=FILES)
        server.settings("b", "public=true")
        ids, _ = self.run_job(server, 'path = "s3://b/"; anonymous = true;', keys=False)
        self.assertEqual(ids, [1, 2])
        _, done = self.run_job(server, keys=False, status=None)
        self.assertNotEqual(done.status, 0)
        self.says(done.err, "credentials")

    # ---- sessions that end

    def slow_read(self, server, source, seconds):
        """`get` into a pipe that is emptied slowly; what it said."""
        data = os.urandom(1 << 20) * 24
        server.write("b/big", data)
        words = ["-o", "endpoint=" + server.url, "-o", "sts_endpoint=" + server.url, "-o", "range_size=256KiB", "-o", "window=1MiB"]
        for option in source:
            words += ["-o", option]
        env = dict(CLEAN, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET, AWS_EC2_METADATA_DISABLED="true")
        got, start = b"", time.monotonic()
        with open(self.path("slow.err"), "w+b") as err:
            process = subprocess.Popen([SLUICE, "get", "s3://b/big", "-"] + words, env=env, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=err)
            for some in iter(lambda: process.stdout.read(1 << 17), b""):
                got += some
                time.sleep(max(0.0, start + seconds * len(got) / len(data) - time.monotonic()))
            process.stdout.close()
            status = process.wait(30)
            err.seek(0)
            text = err.read().decode()
        self.assertEqual((status, got == data), (0, True), text)
        return text

    def test_short_sessions_under_a_long_read(self):
        for form in ("aws", "ceph"):
            server = self.server("--session-seconds", "2", "--expired", form, roles=("%s - 3600" % READER,))
            err = self.slow_read(server, ["role_arn=" + READER], 8)
            self.quiet(err)
            self.assertGreaterEqual(self.requests(server)["STS"], 4)
            self.assertEqual(self.stats(server)["statuses"]["5xx"], 0)

    def test_a_session_that_is_ended_early(self):
        """The server says that the token has expired, long before its time: once more with new keys, and nothing is said."""
        for script in ("GET expired-token skip=3 times=1\n", "GET expired-mid 100000 skip=5 times=1\n", "LIST expired-token times=1\n"):
            server = self.server(roles=("%s - 3600" % READER,), files={"f%02d.csv" % i: i for i in range(40)})
            server.write("b/large.csv", rows(1000, 60000))
            server.faults(script)
            ids, done = self.run_job(server, 'path = "s3://b/"; role_arn = "%s"; range_size = "128KiB";' % READER)
            self.assertEqual(ids, list(range(40)) + list(range(1000, 61000)), script)
            self.assertEqual(self.stats(server)["faults"], 1, script)
            self.quiet(done.err)
            self.assertEqual(self.requests(server)["STS"], 2, script)

    def test_a_job_for_longer_than_its_sessions(self):
        files = {"f%03d.csv" % i: i for i in range(300)}
        server = self.server("--session-seconds", "2", "--delay", "40", roles=("%s - 3600" % READER,), files=files)
        for i in range(4):
            server.write("b/large-%d.csv" % i, rows(10000 * (i + 1), 9000))
        source = 'path = "s3://b/"; role_arn = "%s"; range_size = "64KiB"; window = "64KiB"; connections = 2;' % READER
        ids, done = self.run_job(server, source, job="workers = 2;")
        self.assertEqual(ids, list(range(300)) + [10000 * (i + 1) + k for i in range(4) for k in range(9000)])
        self.quiet(done.err)
        self.assertGreaterEqual(self.requests(server)["STS"], int(done.seconds // 2), done.err)

    def test_sts_that_is_away_for_a_moment(self):
        server = self.server(roles=("%s - 3600" % READER,), files=FILES)
        server.faults("STS error 503 ServiceUnavailable times=1\nSTS drop times=1\nSTS error 400 Throttling times=1\n")
        ids, _ = self.run_job(server, self.role(arn=READER))
        self.assertEqual((ids, self.stats(server)["faults"]), ([1, 2], 3))

    def test_a_duration_that_the_role_does_not_give(self):
        server = self.server(roles=("%s - 1800" % READER,), files=FILES)
        _, done = self.run_job(server, self.role(arn=READER, more='duration = "2h";'), status=None)
        self.assertIn(done.status, (2, 5))
        self.says(done.err, READER, "MaxSessionDuration", "shorten `duration`")
        self.assertNotIn("trust policy", done.err)
        ids, _ = self.run_job(server, self.role(arn=READER, more='duration = "30m";'))
        self.assertEqual(ids, [1, 2])


if __name__ == "__main__":
    unittest.main()
