"""A clock that is wrong on our side only: libfaketime shifts it for the program, and the gateway notices."""
import glob
import json
import os
import unittest

from gateway import GatewayTest, rows, skip


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return found[0] if found else skip("faketime is not installed")


class Clock(GatewayTest):
    @classmethod
    def fill(cls):
        cls.library = library()
        cls.gateway.s3cmd("mb", "s3://bucket")
        for i in range(20):
            cls.gateway.write("files/%02d.csv" % i, rows(i, 1))
        cls.gateway.s3cmd("put", "--recursive", cls.gateway.path("files") + "/", "s3://bucket/")

    def shifted(self, by):
        # The library comes before that of the sanitizers; a faked monotonic clock would also stop our own time limits.
        return dict(self.gateway.env, LD_PRELOAD=self.library, FAKETIME=by, FAKETIME_DONT_FAKE_MONOTONIC="1",
                    ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")

    def test_a_wrong_clock_is_corrected(self):
        for by in ("+40m", "-40m", "+400d"):
            conf, out = self.job("clock%s" % by.replace("+", "p").replace("-", "m"), 'path = "s3://bucket/"; endpoint = "%s"' % self.gateway.endpoint)
            _, err = self.sluice("run", conf, env=self.shifted(by))
            self.assertEqual(sorted(r["id"] for r in self.arrived(out)), list(range(20)), by)
            self.assertIn("clock", err, by)

    def test_a_wrong_secret_is_not_taken_for_a_wrong_clock(self):
        env = dict(self.shifted("+40m"), AWS_SECRET_ACCESS_KEY="wrong-wrong-wrong")
        _, err = self.sluice("cat", "s3://bucket/01.csv", *self.options(), env=env, status=5)
        self.assertIn("SignatureDoesNotMatch", err)

    def test_within_the_limit_nothing_is_said(self):
        out, err = self.sluice("cat", "s3://bucket/01.csv", *self.options(), env=self.shifted("+5m"))
        self.assertEqual(json.loads(out)["id"], 1)
        self.assertNotIn("clock", err)


if __name__ == "__main__":
    unittest.main()
