"""A small S3 client for the tests of s3d: it signs by its own code, so that server and client check each other."""
import datetime
import hashlib
import hmac
import http.client
import os
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse
import xml.etree.ElementTree as ET

EMPTY = hashlib.sha256(b"").hexdigest()
ACCESS, SECRET = "S3DACCESSKEY", "s3d-secret-key"


def quote(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-_.~")


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def strip(tag):
    return tag.rsplit("}", 1)[-1]


def find_all(text, name):
    return [e.text or "" for e in ET.fromstring(text).iter() if strip(e.tag) == name]


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body

    def code(self):
        return (find_all(self.body, "Code") or [""])[0]


class Client:
    """One server; keys, region and clock can be wrong on purpose."""

    def __init__(self, port, access=ACCESS, secret=SECRET, token=None, region="us-east-1", clock=0, ca=None):
        self.ca = ca  # of a server that speaks TLS
        self.port, self.access, self.secret, self.token = port, access, secret, token
        self.region, self.clock, self.host = region, clock, "127.0.0.1:%d" % port

    def stamp(self):
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.clock)
        return now.strftime("%Y%m%dT%H%M%SZ")

    def signature(self, stamp, service, canonical):
        scope = "%s/%s/%s/aws4_request" % (stamp[:8], self.region, service)
        text = "AWS4-HMAC-SHA256\n%s\n%s\n%s" % (stamp, scope, hashlib.sha256(canonical.encode()).hexdigest())
        key = mac(mac(mac(mac(b"AWS4" + self.secret.encode(), stamp[:8]), self.region), service), "aws4_request")
        return scope, hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def target(self, path, query):
        pairs = sorted((quote(k), quote(v)) for k, v in (query or {}).items())
        return quote(path, "/"), "&".join("%s=%s" % p for p in pairs)

    def signed_headers(self, method, path, query, body, service, extra):
        stamp = self.stamp()
        payload = hashlib.sha256(body).hexdigest()
        headers = {"host": self.host, "x-amz-date": stamp, "x-amz-content-sha256": payload}
        if service == "sts":
            del headers["x-amz-content-sha256"]
        if self.token:
            headers["x-amz-security-token"] = self.token
        headers.update((k.lower(), v) for k, v in extra.items() if k.lower().startswith("x-amz-"))
        payload = headers.get("x-amz-content-sha256", payload)
        names = ";".join(sorted(headers))
        lines = "".join("%s:%s\n" % (n, headers[n]) for n in sorted(headers))
        canonical = "\n".join([method, path, query, lines, names, payload])
        scope, signature = self.signature(stamp, service, canonical)
        headers["authorization"] = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
            self.access, scope, names, signature)
        return headers

    def request(self, method, path, query=None, headers=None, body=b"", service="s3", signed=True, timeout=20):
        raw_path, raw_query = self.target(path, query)
        out = {name.lower(): value for name, value in (headers or {}).items()}
        if signed:
            out.update(self.signed_headers(method, raw_path, raw_query, body, service, out))
        out["host"] = self.host
        if self.ca:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout,
                                                     context=ssl.create_default_context(cafile=self.ca))
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.putrequest(method, raw_path + ("?" + raw_query if raw_query else ""), skip_host=True,
                                  skip_accept_encoding=True)
            for name, value in out.items():
                connection.putheader(name, value)
            if body or method in ("PUT", "POST"):
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def get(self, path, query=None, **headers):
        return self.request("GET", path, query, {k.replace("_", "-"): v for k, v in headers.items()})

    def list(self, bucket, **query):
        query = {k.replace("_", "-"): v for k, v in query.items()}
        return self.get("/" + bucket, dict({"list-type": "2"}, **query))

    def keys(self, bucket, **query):
        """All keys over all pages, and the number of pages."""
        keys, pages, token = [], 0, {}
        while True:
            answer = self.list(bucket, **dict(query, **token))
            assert answer.status == 200, answer.body
            keys += find_all(answer.body, "Key")
            pages += 1
            following = find_all(answer.body, "NextContinuationToken")
            if not following:
                return keys, pages
            token = {"continuation_token": following[0]}

    def presign(self, path, expires=60):
        stamp = self.stamp()
        scope = "%s/%s/s3/aws4_request" % (stamp[:8], self.region)
        query = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": self.access + "/" + scope,
                 "X-Amz-Date": stamp, "X-Amz-Expires": str(expires), "X-Amz-SignedHeaders": "host"}
        raw_path, raw_query = self.target(path, query)
        canonical = "\n".join(["GET", raw_path, raw_query, "host:%s\n" % self.host, "host", "UNSIGNED-PAYLOAD"])
        query["X-Amz-Signature"] = self.signature(stamp, "s3", canonical)[1]
        return query

    def assume_role(self, arn, external_id=None, **form):
        form = dict({"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": arn, "RoleSessionName": "test"}, **form)
        if external_id:
            form["ExternalId"] = external_id
        body = "&".join("%s=%s" % (quote(k), quote(v)) for k, v in form.items()).encode()
        return self.request("POST", "/", None, {"content-type": "application/x-www-form-urlencoded"}, body, "sts")

    def caller(self):
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        answer = self.request("POST", "/", None, {"content-type": "application/x-www-form-urlencoded"}, body, "sts")
        return find_all(answer.body, "Arn")[0]

    def with_session(self, answer):
        def one(name):
            return find_all(answer.body, name)[0]
        return Client(self.port, one("AccessKeyId"), one("SecretAccessKey"), one("SessionToken"), self.region, ca=self.ca)

    def stats(self):
        import json
        return json.loads(self.request("GET", "/_s3d/stats", signed=False).body)


class Server:
    """s3d over a new folder, on a free port."""

    def __init__(self, *options):
        self.top = tempfile.TemporaryDirectory(prefix="s3d-test-")
        self.root = os.path.join(self.top.name, "root")
        self.script, self.log = os.path.join(self.top.name, "script"), os.path.join(self.top.name, "log")
        os.mkdir(self.root)
        port_file = os.path.join(self.top.name, "port")
        self.process = subprocess.Popen([os.environ["S3D"], "--root", self.root, "--port-file", port_file, "--script",
                                         self.script, "--log", self.log] + list(options))
        for _ in range(1500):
            if os.path.exists(port_file) or self.process.poll() is not None:
                break
            time.sleep(0.01)
        with open(port_file) as file:
            self.port = int(file.read())

    def write(self, path, data=b""):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)

    def settings(self, bucket, *lines):
        """What the bucket is like from now on."""
        self.write(".buckets/" + bucket, "".join(line + "\n" for line in lines).encode())

    def faults(self, text):
        with open(self.script + ".new", "w") as file:
            file.write(text)
        os.rename(self.script + ".new", self.script)

    def log_text(self):
        with open(self.log) as file:
            return file.read()

    def stop(self):
        """Ends it as a person would, and gives its exit status."""
        self.process.terminate()
        status = self.process.wait(30)
        self.top.cleanup()
        return status


def make_certificate(folder, name="server"):
    """A certificate for 127.0.0.1 that is its own authority, and its key."""
    certificate, key = os.path.join(folder, name + ".crt"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3",
                    "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
    return certificate, key


def raw(port, data, timeout=10):
    """Sends bytes, and gives all that comes back until the server closes or is silent for so long."""
    out = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        try:
            s.sendall(data)
            some = s.recv(65536)
            while some:
                out += some
                some = s.recv(65536)
        except (TimeoutError, ConnectionError):
            pass
    return out
