"""Loopback stand-ins for what gives credentials on AWS: EC2's metadata service, the container endpoint of ECS and EKS, the
portal and OIDC of SSO, and STS. Each listens on 127.0.0.1, port 0; `with Imds(keys) as imds: ... imds.url`. What they are told
to do may be changed while they run; what they were asked is in `asked` (method, path, headers, body) and `count`."""
import base64
import collections
import datetime
import hashlib
import hmac
import http.server
import json
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

Keys = collections.namedtuple("Keys", "access secret token")
Asked = collections.namedtuple("Asked", "method path query headers body")


def in_seconds(seconds):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


def iso(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_any(self):
        stub = self.server.stub
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        asked = Asked(self.command, path, dict(urllib.parse.parse_qsl(query)),
                      {name.lower(): value for name, value in self.headers.items()}, body)
        try:
            self.reply(*stub.take(asked))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_PUT = do_POST = handle_any

    def reply(self, status, body, kind):
        if status == 0:  # no answer at all
            self.close_connection = True
            return
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Stub:
    """`seconds`: how long the keys live. `fail`: statuses that the next requests get instead of an answer, 0 for none at all;
    `fail_always`: the same for every request from now on. `delay`: seconds before each answer."""

    def __init__(self, keys, seconds=3600):
        self.keys, self.seconds, self.delay, self.fail, self.fail_always = keys, seconds, 0, [], None
        self.asked, self.lock = [], threading.Lock()

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.stub = self
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def count(self):
        """How often each method and path were asked for."""
        with self.lock:
            return collections.Counter("%s %s" % (a.method, a.path) for a in self.asked)

    def take(self, asked):
        with self.lock:
            self.asked.append(asked)
            failure = self.fail.pop(0) if self.fail else self.fail_always
        if self.delay:
            time.sleep(self.delay)
        if failure is not None:
            return failure, "", "text/plain"
        return self.answer(asked)

    def answer(self, asked):
        raise NotImplementedError

    @staticmethod
    def json(document, status=200):
        return status, json.dumps(document), "application/json"

    def document(self, **more):
        return dict({"AccessKeyId": self.keys.access, "SecretAccessKey": self.keys.secret, "Token": self.keys.token,
                     "Expiration": iso(in_seconds(self.seconds))}, **more)


class Imds(Stub):
    """EC2 instance metadata. `put`: False: PUT gets no answer, as behind a low hop limit. `role`: None: there is none.
    `forget()`: the tokens that were given are good no more. `problem`: a Code instead of keys."""
    ROLES = "/latest/meta-data/iam/security-credentials/"

    def __init__(self, keys, seconds=3600, role="the-role"):
        super().__init__(keys, seconds)
        self.role, self.put, self.tokens, self.problem = role, True, set(), None

    def forget(self):
        self.tokens.clear()

    def answer(self, asked):
        if asked.method == "PUT" and asked.path == "/latest/api/token":
            return self.give_token(asked)
        if asked.headers.get("x-aws-ec2-metadata-token") not in self.tokens:
            return 401, "", "text/plain"
        if self.role and asked.path == self.ROLES:
            return 200, self.role, "text/plain"
        if self.role and asked.path == self.ROLES + self.role:
            if self.problem:
                return self.json({"Code": self.problem, "Message": "as the test wants it"})
            return self.json(self.document(Code="Success", Type="AWS-HMAC"))
        return 404, "not found", "text/html"

    def give_token(self, asked):
        if not self.put:
            return 0, "", ""
        if not asked.headers.get("x-aws-ec2-metadata-token-ttl-seconds", "").isdigit():
            return 400, "", "text/plain"
        token = "imds-token-%d==" % len(self.asked)
        self.tokens.add(token)
        return 200, token, "text/plain"


class Container(Stub):
    """The endpoint of ECS and EKS. `token`: what Authorization must be; None: anything."""
    PATH = "/v1/credentials"

    def __init__(self, keys, seconds=3600, token=None):
        super().__init__(keys, seconds)
        self.token = token

    @property
    def full_url(self):
        return self.url + self.PATH

    def answer(self, asked):
        if self.token is not None and asked.headers.get("authorization") != self.token:
            return self.json({"code": "AccessDenied", "message": "wrong token"}, 403)
        if asked.path != self.PATH:
            return 404, "", "text/plain"
        return self.json(self.document(AccountId="123456789012"))


class Sso(Stub):
    """Portal and OIDC in one. `access`: the access token that the portal takes; a renewal gives out another."""

    def __init__(self, keys, seconds=3600, access="sso-access-token", refresh="sso-refresh-token"):
        super().__init__(keys, seconds)
        self.access, self.refresh, self.renewals = access, refresh, 0

    def answer(self, asked):
        if asked.method == "POST" and asked.path == "/token":
            return self.renew(json.loads(asked.body))
        if asked.path != "/federation/credentials":
            return 404, "", "text/plain"
        if asked.headers.get("x-amz-sso_bearer_token") != self.access:
            return self.json({"message": "Session token not found or invalid"}, 401)
        if not asked.query.get("role_name") or not asked.query.get("account_id"):
            return self.json({"message": "Request is missing parameters"}, 400)
        end = int(in_seconds(self.seconds).timestamp() * 1000)
        return self.json({"roleCredentials": {"accessKeyId": self.keys.access, "secretAccessKey": self.keys.secret,
                                              "sessionToken": self.keys.token, "expiration": end}})

    def renew(self, body):
        if body.get("grantType") != "refresh_token" or body.get("refreshToken") != self.refresh:
            return self.json({"error": "invalid_grant", "error_description": "not this one"}, 400)
        self.renewals += 1
        self.access, self.refresh = "sso-access-token-%d" % self.renewals, "sso-refresh-token-%d" % self.renewals
        return self.json({"accessToken": self.access, "expiresIn": 28800, "refreshToken": self.refresh, "tokenType": "Bearer"})


class Sts(Stub):
    """AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity. `callers`: keys that may sign; signatures are checked.
    `external_ids`: role ARN -> the one it wants (None: it is open). `token`: the web identity token that it takes."""

    def __init__(self, keys, seconds=3600, callers=(), external_ids=None, token=None, arn="arn:aws:iam::123456789012:user/me"):
        super().__init__(keys, seconds)
        self.callers, self.external_ids, self.token, self.arn = {c.access: c for c in callers}, external_ids or {}, token, arn
        self.actions = []

    def answer(self, asked):
        form = dict(urllib.parse.parse_qsl(asked.body.decode(), strict_parsing=True))
        action = form.get("Action", "")
        self.actions.append(action)
        if b"+" in asked.body:  # RGW does not decode it
            return self.refuse(400, "ValidationError", "a plus in the form")
        if action == "AssumeRoleWithWebIdentity":
            if form.get("WebIdentityToken") != self.token:
                return self.refuse(400, "InvalidIdentityToken", "not this token")
            return self.give(action, form)
        problem = self.signature_problem(asked)
        if problem:
            return self.refuse(403, *problem)
        if action == "AssumeRole":
            wanted = self.external_ids.get(form["RoleArn"], "\0")
            if wanted is not None and form.get("ExternalId") != wanted:
                return self.refuse(403, "AccessDenied", "not authorized to perform: sts:AssumeRole on resource: " +
                                   form["RoleArn"])
            return self.give(action, form)
        if action == "GetCallerIdentity":
            return self.xml(action, "<Arn>%s</Arn><UserId>ID</UserId><Account>123456789012</Account>" % self.arn)
        return self.refuse(400, "InvalidAction", action)

    def give(self, action, form):
        seconds = min(self.seconds, int(form.get("DurationSeconds", 43200)))
        role = form["RoleArn"].rpartition("/")[2]
        return self.xml(action, "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/%s/%s</Arn></AssumedRoleUser>"
                        "<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s"
                        "</SessionToken><Expiration>%s</Expiration></Credentials>" % (
                            role, escape(form["RoleSessionName"]), self.keys.access, self.keys.secret, self.keys.token,
                            iso(in_seconds(seconds))))

    @staticmethod
    def xml(action, inner):
        text = '<{0}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{0}Result>{1}</{0}Result></{0}Response>'
        return 200, text.format(action, inner), "text/xml"

    @staticmethod
    def refuse(status, code, message):
        return status, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>" % (
            code, escape(message)), "text/xml"

    # ---- signatures

    def signature_problem(self, asked):
        parts = dict(part.strip().split("=", 1) for part in
                     asked.headers.get("authorization", "").replace("AWS4-HMAC-SHA256", "").split(",") if "=" in part)
        access, _, scope = parts.get("Credential", "").partition("/")
        caller = self.callers.get(access)
        if not caller:
            return "InvalidClientTokenId", "The security token included in the request is invalid."
        if asked.headers.get("x-amz-security-token", "") != (caller.token or ""):
            return "InvalidClientTokenId", "another session token"
        if self.sign(asked, caller, scope, parts.get("SignedHeaders", "")) != parts.get("Signature"):
            return "SignatureDoesNotMatch", "The request signature we calculated does not match."
        return None

    @staticmethod
    def sign(asked, caller, scope, names):
        lines = "".join("%s:%s\n" % (name, asked.headers.get(name, "").strip()) for name in names.split(";"))
        canonical = "\n".join([asked.method, asked.path, "", lines, names, hashlib.sha256(asked.body).hexdigest()])
        text = "\n".join(["AWS4-HMAC-SHA256", asked.headers.get("x-amz-date", ""), scope,
                          hashlib.sha256(canonical.encode()).hexdigest()])
        key = b"AWS4" + caller.secret.encode()
        for word in scope.split("/") + [text]:
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        return key.hex()


def web_token(subject="me"):
    """What looks like a JWT."""
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")
                    for part in ('{"alg":"none"}', '{"sub":"%s"}' % subject, "signature"))
