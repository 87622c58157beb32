"""Every place that credentials come from, asked by the real program; s3d lets in only who got them right."""
import json
import os
import time
import unittest

from kit import BASE, GOOD, ROLE, IdentityTest
from stubs import Container, Imds, Keys, Sso, Sts, in_seconds, iso, web_token

SECOND = ROLE + "-two"
MIDDLE = Keys("ASIAMIDDLEMIDDLE", "middle-s3cr3t/+=", "middle-t0ken/+==")
FULL, TOKEN, TOKEN_FILE = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                           "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")


def key_env(keys):
    env = {"AWS_ACCESS_KEY_ID": keys.access, "AWS_SECRET_ACCESS_KEY": keys.secret}
    return dict(env, AWS_SESSION_TOKEN=keys.token) if keys.token else env


class Static(IdentityTest):
    def test_environment(self):
        self.good("credentials from the environment", **key_env(GOOD))
        self.good(words=("ls", "s3://b/"), **key_env(GOOD))

    def test_environment_that_has_ended(self):
        self.bad("AWS_ACCESS_KEY_ID", "ended", AWS_CREDENTIAL_EXPIRATION=iso(in_seconds(-60)), **key_env(GOOD))
        self.good(AWS_CREDENTIAL_EXPIRATION=iso(in_seconds(3600)), **key_env(GOOD))

    def test_profile(self):
        text = "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\naws_session_token = %s\n"
        self.write(".aws/credentials", text % (("default",) + BASE) + text % (("mine",) + GOOD))
        self.good('keys in profile "mine"', AWS_PROFILE="mine")
        self.good('"mine"', words=("cat", "s3://b/a.csv", "-o", "profile=mine"), **key_env(BASE))

    def test_nothing_at_all(self):
        done = self.bad("no credentials", "anonymous = true")
        self.assertLess(done.seconds, 10)


class Process(IdentityTest):
    def document(self, **more):
        return json.dumps(dict({"Version": 1, "AccessKeyId": GOOD.access, "SecretAccessKey": GOOD.secret,
                                "SessionToken": GOOD.token}, **more))

    def tool(self, script, command="'%s' 'an argument' \"$HOME\""):
        path = self.write("a tool.sh", "#!/bin/sh\n" + script, 0o700)
        self.write(".aws/config", "[default]\ncredential_process = %s\n" % (command % path))

    def test_a_tool(self):
        self.tool("test \"$1\" = 'an argument' -a \"$2\" = '$HOME' || exit 9\ncat <<'EOF'\n%s\nEOF\n" % self.document())
        self.good('credential_process of profile "default"')

    def test_a_tool_that_fails(self):
        self.tool("echo %s\necho 'no   such user' >&2\nexit 4\n" % GOOD.secret)
        self.bad("credential_process", "ended with status 4: no   such user")

    def test_a_tool_that_prints_something_else(self):
        for text, says in (("hello", "no JSON"), ("{}", '"Version": 1'), (self.document(Version=2), '"Version": 1'),
                           (self.document(Expiration=iso(in_seconds(-5))), "ended")):
            self.tool("cat <<'EOF'\n%s\nEOF\n" % text)
            self.bad("credential_process", says)

    def test_a_tool_that_is_not_there(self):
        self.write(".aws/config", "[default]\ncredential_process = /nowhere/tool x\n")
        self.bad("/nowhere/tool cannot be run")


class ContainerTest(IdentityTest):
    def test_with_a_token_file(self):
        stub = self.start(Container(GOOD, token="Bearer the-t0ken"))
        self.secrets.append("the-t0ken")
        path = self.write("token", "Bearer the-t0ken\n")
        self.good("container", **{FULL: stub.full_url, TOKEN_FILE: path})
        self.assertEqual(stub.count, {"GET /v1/credentials": 1})

    def test_with_a_token(self):
        stub = self.start(Container(GOOD, token="the-t0ken"))
        self.secrets.append("the-t0ken")
        self.good(**{FULL: stub.full_url, TOKEN: "the-t0ken"})
        self.bad("HTTP 403", "AccessDenied: wrong token", **{FULL: stub.full_url})

    def test_the_file_is_gone(self):
        stub = self.start(Container(GOOD))
        self.bad(TOKEN_FILE, "does not exist", **{FULL: stub.full_url, TOKEN_FILE: "/nowhere/token"})
        self.assertFalse(stub.asked)

    def test_a_host_that_may_not_be_asked(self):
        self.bad(FULL, "http is allowed to loopback", "use https", **{FULL: "http://credentials.example/x"})

    def test_an_outage_passes(self):
        stub = self.start(Container(GOOD))
        stub.fail = [500, 0]
        self.good(**{FULL: stub.full_url})
        self.assertEqual(len(stub.asked), 3)

    def test_an_outage_that_stays(self):
        stub = self.start(Container(GOOD))
        stub.fail_always = 503
        self.bad("HTTP 503", stub.full_url, **{FULL: stub.full_url})

    def test_a_proxy_is_not_asked(self):
        stub = self.start(Container(GOOD))
        self.good(http_proxy="http://127.0.0.1:1", no_proxy="127.0.0.1",
                  **{FULL: stub.full_url.replace("127.0.0.1", "localhost")})

    def test_short_lives_under_a_long_read(self):
        stub = self.start(Container(GOOD, seconds=3))
        done = self.slow_read(8, **{FULL: stub.full_url})
        self.assertGreaterEqual(len(stub.asked), 3)
        self.assertNotIn("could not be renewed", done.err)


class Instance(IdentityTest):
    def env(self, stub, **more):
        return dict(AWS_EC2_METADATA_DISABLED=None, AWS_EC2_METADATA_SERVICE_ENDPOINT=stub.url, **more)

    def test_instance(self):
        stub = self.start(Imds(GOOD))
        self.good("EC2 instance metadata", **self.env(stub))
        self.assertEqual(len(stub.asked), 3)

    def test_an_empty_profile_is_none(self):
        self.write(".aws/config", "[default]\nmax_attempts = 1\n")
        self.good("EC2 instance metadata", **self.env(self.start(Imds(GOOD))))

    def test_no_role(self):
        self.bad("the instance has no role", **self.env(self.start(Imds(GOOD, role=None))))

    def test_a_role_that_cannot_be_assumed(self):
        stub = self.start(Imds(GOOD))
        stub.problem = "AssumeRoleUnauthorizedAccess"
        self.bad("AssumeRoleUnauthorizedAccess: as the test wants it", **self.env(stub))

    def test_hop_limit(self):
        stub = self.start(Imds(GOOD))
        stub.put = False
        self.bad("raise HttpPutResponseHopLimit of the instance to 2", **self.env(stub))

    def test_turned_off(self):
        stub = self.start(Imds(GOOD))
        self.bad("AWS_EC2_METADATA_DISABLED", AWS_EC2_METADATA_SERVICE_ENDPOINT=stub.url)
        self.assertFalse(stub.asked)

    def test_nobody_there(self):
        stub = Imds(GOOD)
        with stub:
            env = self.env(stub)
        done = self.bad("no credentials were found", "anonymous = true", **env)
        self.assertLess(done.seconds, 15)

    def test_short_lives_under_a_long_read(self):
        stub = self.start(Imds(GOOD, seconds=3))
        begun = []

        def meanwhile():
            if not begun:
                begun.append(stub.forget())  # the metadata token is stale
        self.slow_read(8, meanwhile, **self.env(stub))
        self.assertGreaterEqual(stub.count["GET " + stub.ROLES + stub.role], 3)
        self.assertEqual(stub.count["PUT /latest/api/token"], 2)

    def test_old_keys_serve_through_an_outage(self):
        stub = self.start(Imds(GOOD, seconds=3))

        def meanwhile():
            if stub.asked:
                stub.fail_always = 500 if len(stub.asked) >= 3 else None
        done = self.slow_read(8, meanwhile, **self.env(stub))
        self.says(done, "which have ended, are used")


class SsoTest(IdentityTest):
    def env(self, stub):
        return dict(AWS_ENDPOINT_URL_SSO=stub.url, AWS_ENDPOINT_URL_SSO_OIDC=stub.url)

    def setUp(self):
        super().setUp()
        self.secrets += ["sso-access-token", "sso-refresh-token", "client-s3cr3t"]
        self.sso_profile()

    def client(self):
        return dict(refreshToken="sso-refresh-token", clientId="client", clientSecret="client-s3cr3t",
                    registrationExpiresAt=iso(in_seconds(86400)))

    def test_a_fresh_login(self):
        stub = self.start(Sso(GOOD))
        self.sso_cache(accessToken="sso-access-token", expiresAt=iso(in_seconds(7200)))
        self.good('SSO session of profile "default"', **self.env(stub))
        self.assertEqual(stub.asked[0].query, {"role_name": "The Role", "account_id": "123456789012"})

    def test_a_login_of_the_old_form(self):
        stub = self.start(Sso(GOOD))
        self.write(".aws/config", "[profile old]\nsso_start_url = https://old.example/start\nsso_region = us-east-1\n"
                   "sso_account_id = 123456789012\nsso_role_name = R\n")
        self.sso_cache("https://old.example/start", accessToken="sso-access-token", expiresAt=iso(in_seconds(7200)))
        self.good(AWS_PROFILE="old", **self.env(stub))

    def test_a_login_is_renewed_and_written_back(self):
        stub = self.start(Sso(GOOD))
        path = self.sso_cache(accessToken="sso-access-token", expiresAt=iso(in_seconds(-10)), mine=1, **self.client())
        self.good(**self.env(stub))
        with open(path) as file:
            kept = json.load(file)
        self.assertEqual((kept["accessToken"], kept["refreshToken"], kept["mine"]),
                         ("sso-access-token-1", "sso-refresh-token-1", 1))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.good(**self.env(stub))
        self.assertEqual(stub.renewals, 1)

    def test_no_login(self):
        self.bad("there is no token of a login", "run aws sso login --profile default", **self.env(self.start(Sso(GOOD))))

    def test_a_login_that_has_ended(self):
        stub = self.start(Sso(GOOD))
        self.sso_cache(accessToken="sso-access-token", expiresAt=iso(in_seconds(-10)))
        self.bad("run aws sso login", **self.env(stub))
        self.assertFalse(stub.asked)
        self.sso_cache(accessToken="sso-access-token-x", expiresAt=iso(in_seconds(7200)))
        self.bad("HTTP 401", "run aws sso login", **self.env(stub))


class StsTest(IdentityTest):
    def sts(self, keys=GOOD, **more):
        return self.start(Sts(keys, callers=(BASE, MIDDLE, GOOD), **more))

    def role(self, *more, arn=ROLE):
        words = ["cat", "s3://b/a.csv", "-o", "role_arn=" + arn]
        for option in more:
            words += ["-o", option]
        return words

    def env(self, stub, keys=BASE, **more):
        return dict(key_env(keys), AWS_ENDPOINT_URL_STS=stub.url, **more)

    def test_external_ids(self):
        stub = self.sts(external_ids={ROLE: "the-id+1/x"})
        self.good(ROLE, words=self.role("external_id=the-id+1/x"), **self.env(stub))
        for options in ((), ("external_id=another",)):
            self.bad("assuming role " + ROLE, "AccessDenied", "trust policy", "external ID", words=self.role(*options),
                     **self.env(stub))

    def test_wrong_keys(self):
        stub = self.sts(external_ids={ROLE: None})
        self.bad("SignatureDoesNotMatch", "check the keys", words=self.role(),
                 **self.env(stub, Keys(BASE.access, "wrong-s3cr3t", "")))
        self.bad("InvalidClientTokenId", words=self.role(), **self.env(stub, Keys("AKIAUNKNOWN00000", "wrong", "")))

    def test_a_chain_of_profiles(self):
        first = self.sts(MIDDLE, external_ids={ROLE: "one", SECOND: "two"})
        self.write(".aws/config", "[profile base]\naws_access_key_id = %s\naws_secret_access_key = %s\n[profile one]\nrole_arn = "
                   "%s\nsource_profile = base\nexternal_id = one\n[profile two]\nrole_arn = %s\nsource_profile = one\n"
                   "external_id = two\nrole_session_name = me@work\n" % (BASE.access, BASE.secret, ROLE, SECOND))
        given = [MIDDLE, GOOD]
        plain = first.give

        def give(action, form):
            first.keys = given.pop(0)
            return plain(action, form)
        first.give = give
        self.secrets += [MIDDLE.secret, MIDDLE.token]
        self.good(ROLE, SECOND, AWS_PROFILE="two", AWS_ENDPOINT_URL_STS=first.url)
        self.assertEqual(first.actions, ["AssumeRole", "AssumeRole"])
        self.assertIn(b"RoleSessionName=me%40work", first.asked[1].body)

    def test_instance_then_role(self):
        imds, sts = self.start(Imds(MIDDLE)), self.sts(external_ids={ROLE: None})
        self.write(".aws/config", "[default]\nrole_arn = %s\ncredential_source = Ec2InstanceMetadata\n" % ROLE)
        self.good("EC2 instance metadata", ROLE, AWS_EC2_METADATA_DISABLED=None, AWS_EC2_METADATA_SERVICE_ENDPOINT=imds.url,
                  AWS_ENDPOINT_URL_STS=sts.url)

    def test_container_then_role(self):
        container, sts = self.start(Container(MIDDLE)), self.sts(external_ids={ROLE: None})
        self.good("container", ROLE, words=self.role(), AWS_ENDPOINT_URL_STS=sts.url, **{FULL: container.full_url})

    def test_outages(self):
        stub = self.sts(external_ids={ROLE: None})
        stub.fail = [503, 0, 429]
        self.good(words=self.role(), **self.env(stub))
        stub.fail_always = 503
        self.bad("assuming role " + ROLE, "HTTP 503", words=self.role(), **self.env(stub))
        stub.fail_always = 0
        self.bad("can STS be reached from here?", words=self.role(), **self.env(stub))

    def test_an_answer_that_comes_late(self):
        stub = self.sts(external_ids={ROLE: None})
        stub.delay = 2
        self.good(words=self.role(), **self.env(stub))

    def test_short_sessions_under_a_long_read(self):
        stub = self.sts(external_ids={ROLE: None}, seconds=3)
        self.write(".aws/config", "[profile base]\naws_access_key_id = %s\naws_secret_access_key = %s\n[default]\nrole_arn = %s\n"
                   "source_profile = base\n" % (BASE.access, BASE.secret, ROLE))
        done = self.slow_read(8, AWS_ENDPOINT_URL_STS=stub.url)
        self.assertGreaterEqual(len(stub.asked), 3)
        self.assertNotIn("could not be renewed", done.err)

    def test_an_open_role(self):
        stub = self.sts(external_ids={ROLE: "id", SECOND: None})
        words = ("external_id=id", "forbid_open_role=true")
        self.bad("without its external ID", words=["ls", "s3://b/"] + self.role(*words, arn=SECOND)[2:], **self.env(stub))
        self.sluice("ls", "s3://b/", *self.role(*words)[2:], **self.env(stub))


class WebIdentity(IdentityTest):
    def setUp(self):
        super().setUp()
        self.token = web_token()
        self.secrets.append(self.token)
        self.stub = self.start(Sts(GOOD, token=self.token))
        self.file = self.write("token", self.token + "\n")

    def env(self, **more):
        return dict(AWS_ENDPOINT_URL_STS=self.stub.url, **more)

    def test_environment(self):
        self.good("web identity", ROLE, **self.env(AWS_ROLE_ARN=ROLE, AWS_WEB_IDENTITY_TOKEN_FILE=self.file,
                                                   AWS_ROLE_SESSION_NAME="pod-1"))
        self.assertNotIn("authorization", self.stub.asked[0].headers)
        self.assertIn(b"RoleSessionName=pod-1", self.stub.asked[0].body)

    def test_profile(self):
        self.write(".aws/config", "[default]\nrole_arn = %s\nweb_identity_token_file = %s\n" % (ROLE, self.file))
        self.good("web identity", ROLE, **self.env())

    def test_a_token_that_is_refused(self):
        self.stub.token = "another"
        self.bad("InvalidIdentityToken", ROLE, "check the token file",
                 **self.env(AWS_ROLE_ARN=ROLE, AWS_WEB_IDENTITY_TOKEN_FILE=self.file))

    def test_no_file(self):
        self.bad("/nowhere does not exist", **self.env(AWS_ROLE_ARN=ROLE, AWS_WEB_IDENTITY_TOKEN_FILE="/nowhere"))
        self.assertFalse(self.stub.asked)

    def test_the_file_is_read_again(self):
        """The token changes while a long read runs; only the new one is taken from then on."""
        self.stub.seconds = 3
        fresh, start = web_token("fresh"), time.monotonic()
        self.secrets.append(fresh)

        def meanwhile():
            if time.monotonic() - start > 2 and self.stub.token != fresh:
                self.write("token", fresh)
                self.stub.token = fresh
        self.slow_read(9, meanwhile, **self.env(AWS_ROLE_ARN=ROLE, AWS_WEB_IDENTITY_TOKEN_FILE=self.file))
        self.assertIn(fresh.encode(), self.stub.asked[-1].body)


if __name__ == "__main__":
    unittest.main(verbosity=2)
