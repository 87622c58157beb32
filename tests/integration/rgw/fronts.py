"""What stands between the program and the gateway's STS: a front that makes sessions short, and an OpenID issuer."""
import base64
import hashlib
import http.server
import json
import subprocess
import threading
import time
import urllib.parse

from gateway import Client
from s3client import find_all


class Loopback:
    """An HTTP server on a free port, in a thread."""

    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class ShortSts(Loopback):
    """Asks the gateway's STS for what it is asked, but for sessions of so many seconds: the program may not ask for less than
    AWS gives, 15 minutes. The body is signed, so the front signs anew, with the keys that the asker has; it knows the user's,
    and those of the sessions that went through it. Who signs with other keys, or wrongly, is refused."""

    def __init__(self, gateway, seconds):
        self.gateway, self.seconds, self.lock = gateway, seconds, threading.Lock()
        user = gateway.client()
        self.clients, self.asked = {user.access: user}, []
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = front.answer(self.headers, body)
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        super().__init__(Handler)

    @staticmethod
    def right(client, headers, body):
        """Does the signature hold? By the code of the test client, which signs for itself."""
        text = headers["Authorization"]
        parts = dict(part.strip().split("=", 1) for part in text[text.index(" "):].split(","))
        names = parts["SignedHeaders"].split(";")
        lines = "".join("%s:%s\n" % (name, headers[name]) for name in names)
        canonical = "\n".join(["POST", "/", "", lines, parts["SignedHeaders"], hashlib.sha256(body).hexdigest()])
        client = Client(0, client.access, client.secret, region=parts["Credential"].split("/")[2])
        return client.signature(headers["X-Amz-Date"], "sts", canonical)[1] == parts["Signature"]

    def answer(self, headers, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        form["DurationSeconds"] = str(self.seconds)
        if form["Action"] == "AssumeRoleWithWebIdentity":
            answer = self.gateway.client().request("POST", "/", None, {"content-type": "application/x-www-form-urlencoded"},
                                                   encode(form), "sts", signed=False)
        else:
            access = headers["Authorization"].split("Credential=")[1].split("/")[0]
            client = self.clients.get(access)
            if not client or not self.right(client, headers, body) or headers["x-amz-security-token"] != client.token:
                return 403, b"<Error><Code>SignatureDoesNotMatch</Code><Message>by the front</Message></Error>"
            answer = client.assume_role(form.pop("RoleArn"), **form)
        with self.lock:
            self.asked.append(form["Action"])
            if answer.status == 200:
                session = self.gateway.client().with_session(answer)
                self.clients[session.access] = session
        return answer.status, answer.body


def encode(form):
    return "&".join("%s=%s" % (k, urllib.parse.quote(v, safe="-_.~")) for k, v in form.items()).encode()


class Issuer(Loopback):
    """An OpenID provider: gives its key to who asks, and tokens to the test."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.key, certificate = gateway.path("issuer.key"), gateway.path("issuer.der")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3", "-keyout", self.key, "-outform",
                        "DER", "-out", certificate, "-subj", "/CN=issuer"], check=True, stderr=subprocess.DEVNULL)
        with open(certificate, "rb") as file:
            der = file.read()
        self.thumbprint = hashlib.sha1(der).hexdigest().upper()
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                pages = {"/.well-known/openid-configuration": {"issuer": issuer.url, "jwks_uri": issuer.url + "/keys"},
                         "/keys": {"keys": [{"kid": "1", "kty": "RSA", "alg": "RS256", "use": "sig",
                                             "x5c": [base64.b64encode(der).decode()]}]}}
                body = json.dumps(pages.get(self.path, {})).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        super().__init__(Handler)

    def register(self):
        """Makes the gateway trust us; the provider's ARN."""
        answer = self.gateway.client().request("POST", "/", {
            "Action": "CreateOpenIDConnectProvider", "Version": "2010-05-08", "Url": self.url,
            "ThumbprintList.member.1": self.thumbprint, "ClientIDList.member.1": "sluice"})
        assert answer.status == 200, answer.body
        return find_all(answer.body, "OpenIDConnectProviderArn")[0]

    def token(self, seconds=600, key=None):
        def part(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")
        now = int(time.time())
        claims = {"iss": self.url, "sub": "tests", "aud": "sluice", "iat": now, "exp": now + seconds, "jti": str(time.time_ns())}
        signed = part(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "1"}).encode()) + b"." + part(json.dumps(claims).encode())
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key or self.key], input=signed, stdout=subprocess.PIPE,
                                   check=True).stdout
        return (signed + b"." + part(signature)).decode()
