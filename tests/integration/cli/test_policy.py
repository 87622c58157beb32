"""policy of the s3 source: documents that jq and terraform read."""
import json
import os
import re
import shutil
import subprocess
import unittest

from program import CLEAN, ProgramTest

ROLE = '''jobs = { clicks = {
  source = { type = "s3"; region = "eu-west-3"; access_key_id = "AKIDEXAMPLE"; secret_access_key = "secret-secret";
    path = "s3://my-bucket/clicks/v1/"; role_arn = "arn:aws:iam::222233334444:role/data/Reader"; external_id = "id-1";
    require_tag = { key = "sluice"; value = "allowed"; }; };
  sink = { type = "file"; path = "out.ndjson"; }; }; };
'''
KEYS = '''jobs = { clicks = {
  source = { type = "s3"; region = "cn-north-1"; access_key_id = "AKIDEXAMPLE"; secret_access_key = "secret-secret";
    path = "s3://my-bucket/clicks/v1/"; pin = "version"; object_tag = { key = "a"; value = "b"; }; };
  sink = { type = "file"; path = "out.ndjson"; }; }; };
'''
SEVERAL = r'''jobs = { clicks = {
  source = { type = "s3"; access_key_id = "AKIDEXAMPLE"; secret_access_key = "secret-secret";
    paths = ( { path = "s3://b1/a\"b$${x}/"; role_arn = "arn:aws:iam::1:role/A"; external_id = "id/1+b@c"; },
              { path = "s3://b.2/%{y}"; role_arn = "arn:aws:iam::1:role/B"; },
              { path = "s3://b.2/z\\/"; require_tag = { key = "k\""; value = "$${v}"; }; } ); };
  sink = { type = "file"; path = "out.ndjson"; }; }; };
'''


class PolicyTest(ProgramTest):
    def policy(self, job, *words):
        self.write("job.conf", job)
        done = self.expect(0, "policy", "job.conf", "--job", "clicks", *words, env={"AWS_EC2_METADATA_DISABLED": "true"})
        self.assertEqual(done.errors, "")
        self.assertNotIn("secret-secret", done.text)
        return done.text

    def test_role(self):
        found = json.loads(self.policy(ROLE, "--principal", "arn:aws:iam::111122223333:role/Mover"))
        self.assertEqual(sorted(found), ["bucket_policy", "caller_policy", "identity_policy", "kms_policy_if_encrypted", "notes",
                                         "tags", "trust_policy"])
        statements = {s["Sid"]: s for s in found["identity_policy"]["Statement"]}
        self.assertEqual(statements["ListBucket"]["Condition"],
                         {"StringLike": {"s3:prefix": ["clicks/v1/", "clicks/v1/*"]}})
        self.assertEqual(statements["ReadObjects"]["Resource"], "arn:aws:s3:::my-bucket/clicks/v1/*")
        self.assertEqual(statements["ReadBucketTags"]["Action"], "s3:GetBucketTagging")
        trust = found["trust_policy"]["Statement"][0]
        self.assertEqual(trust["Condition"], {"StringEquals": {"sts:ExternalId": "id-1"}})
        self.assertEqual(trust["Principal"], {"AWS": "arn:aws:iam::111122223333:role/Mover"})
        self.assertEqual(found["tags"], {"my-bucket": {"TagSet": [{"Key": "sluice", "Value": "allowed"}]}})
        self.assertFalse(any("READER" in note for note in found["notes"]))

    def test_keys(self):
        found = json.loads(self.policy(KEYS))
        actions = []
        for statement in found["identity_policy"]["Statement"]:
            actions += statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        self.assertEqual(actions, ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetObjectVersion", "s3:GetObject",
                                   "s3:GetObjectVersionTagging", "s3:GetObjectTagging"])
        self.assertNotIn("trust_policy", found)
        self.assertEqual(found["bucket_policy"]["my-bucket"]["Statement"][0]["Principal"],
                         {"AWS": "arn:aws-cn:iam::111122223333:role/READER"})
        self.assertTrue(any("READER" in note for note in found["notes"]))

    def test_no_credentials(self):
        """A policy is what a first user is made with: there are no keys yet. What needs them says so."""
        job = ROLE.replace('access_key_id = "AKIDEXAMPLE"; secret_access_key = "secret-secret";', "")
        for text in (job, job.replace('role_arn = "arn:aws:iam::222233334444:role/data/Reader"; external_id = "id-1";', "")):
            self.assertIn("identity_policy", json.loads(self.policy(text)))
            self.assertIn("aws_iam_", self.policy(text, "--terraform"))
            for command in ("check", "run"):
                done = self.expect(2, command, "job.conf", "--job", "clicks", env={"AWS_EC2_METADATA_DISABLED": "true"})
                self.assertIn("no credentials: set access_key_id", done.text + done.errors)

    def test_a_wrong_configuration_is_refused_when_it_opens(self):
        job = ROLE.replace('access_key_id = "AKIDEXAMPLE"; secret_access_key = "secret-secret";', "")
        for text, where, says in ((job.replace("arn:aws:iam::222233334444:role/data/Reader", "reader"), "role_arn", "is no role"),
                                  (job.replace('"id-1"', '"a b"'), "external_id", "external ID"),
                                  (job.replace('external_id', 'profile = "nobody"; external_id'), "profile", "there is no profile"),
                                  (job.replace('external_id', 'access_key_id = "AKID"; external_id'), "access_key_id", "give the pair")):
            self.write("job.conf", text)
            for command in ("check", "run", "policy"):
                done = self.expect(2, command, "job.conf", "--job", "clicks", env={"AWS_EC2_METADATA_DISABLED": "true"})
                self.assertIn(where, done.errors)
                self.assertIn(says, done.errors)

    def test_several(self):
        found = json.loads(self.policy(SEVERAL))
        self.assertEqual([i["role_arn"] for i in found["identities"]], ["arn:aws:iam::1:role/A", "arn:aws:iam::1:role/B", None])
        self.assertEqual(found["identities"][0]["identity_policy"]["Statement"][1]["Resource"],
                         'arn:aws:s3:::b1/a"b${$}{x}/*')
        self.assertEqual(sorted(found["bucket_policy"]), ["b.2", "b1"])
        self.assertEqual(len(found["bucket_policy"]["b.2"]["Statement"]), 5)

    def test_jq(self):
        if not shutil.which("jq"):
            self.skipTest("skipped: there is no jq")
        text = self.policy(ROLE)
        for path in (".identity_policy", ".trust_policy", ".caller_policy", ".kms_policy_if_encrypted",
                     '.bucket_policy["my-bucket"]'):
            done = subprocess.run(["jq", "-e", path], input=text.encode(), capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["Version"], "2012-10-17")

    def terraform(self, text):
        env = dict(CLEAN, TF_CLI_CONFIG_FILE="/dev/null", CHECKPOINT_DISABLE="1")
        done = subprocess.run(["terraform", "fmt", "-check", "-diff", "-"], input=text.encode(), capture_output=True,
                              timeout=60, env=env)
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())

    def test_terraform(self):
        texts = [self.policy(job, "--terraform") for job in (ROLE, KEYS, SEVERAL)]
        for name in ("aws_iam_role", "aws_iam_role_policy"):
            self.assertRegex(texts[0], r'(?m)^resource "%s" "clicks' % name)
        self.assertRegex(texts[0], r'(?m)^# resource "aws_iam_policy" "clicks_caller"')
        for name in ("aws_iam_policy", "aws_iam_user_policy_attachment"):
            self.assertRegex(texts[1], r'(?m)^resource "%s" "clicks"' % name)
        self.assertRegex(texts[1], r'(?m)^variable "clicks_user" {$')
        for text in texts:
            self.assertRegex(text, r'(?m)^# resource "aws_s3_bucket_policy" "clicks_bucket"')
            self.assertNotRegex(text, r'(?m)^resource "aws_s3_bucket_policy"')
            self.assertIn("# Only where the bucket belongs to another account than its reader", text)
        self.assertRegex(self.policy(KEYS, "--terraform", "--principal", "arn:aws:iam::111122223333:user/team/ann"),
                         r'(?m)^  default     = "ann"$')
        for text in texts:
            code = "".join(line for line in text.splitlines(True) if not line.startswith("#"))
            strings = re.findall(r'"(?:[^"\\\n]|\\.)*"', code)
            for string in strings:
                self.assertNotRegex(string.replace("$${", "").replace("%%{", ""), r"[$%]\{")
            self.assertNotIn('"', re.sub(r'"(?:[^"\\\n]|\\.)*"', "", code))
        if not shutil.which("terraform"):
            self.skipTest("skipped: there is no terraform to read the %d configurations" % len(texts))
        for text in texts:
            self.terraform(text)
            self.terraform(re.sub(r"(?m)^# ((?:resource|  ).*|\})$", r"\1", text))  # the optional ones too


if __name__ == "__main__":
    unittest.main()
