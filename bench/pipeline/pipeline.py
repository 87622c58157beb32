"""The other side of the benchmark: S3 -> CSV -> JSON -> HTTP as one would write it in Python with its standard library.

It signs, lists and streams, converts values to the same types as Sluice, and keeps one connection for each side. It does
less than Sluice: no ledger, no checkpoint, no retry, no idempotency keys, no types found from the data.
"""
import argparse
import csv
import datetime
import hashlib
import hmac
import http.client
import io
import itertools
import json
import urllib.parse
import xml.etree.ElementTree

REQUEST_ROWS = 1000
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
XML_NAMESPACE = {"s3": "http://s3.amazonaws.com/doc/2006-03-01/"}


class Bucket:
    """Signed GETs over one kept connection."""

    def __init__(self, host, port, bucket, access_key, secret_key, region="us-east-1"):
        self.host = f"{host}:{port}"
        self.bucket = bucket
        self.access_key, self.secret_key, self.region = access_key, secret_key, region
        self.connection = http.client.HTTPConnection(host, port)

    def sign(self, path, query):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/{self.region}/s3/aws4_request"
        names = "host;x-amz-content-sha256;x-amz-date"
        request = (f"GET\n{path}\n{query}\nhost:{self.host}\nx-amz-content-sha256:{EMPTY_SHA256}\nx-amz-date:{now}\n\n"
                   f"{names}\n{EMPTY_SHA256}")
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = b"AWS4" + self.secret_key.encode()
        for word in scope.split("/"):
            key = hmac.digest(key, word.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        return {"x-amz-date": now, "x-amz-content-sha256": EMPTY_SHA256,
                "Authorization": f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={names}, "
                                 f"Signature={signature}"}

    def get(self, path, parameters=()):
        query = "&".join(f"{name}={urllib.parse.quote(value, safe='')}" for name, value in sorted(parameters))
        self.connection.request("GET", f"{path}?{query}" if query else path, headers=self.sign(path, query))
        response = self.connection.getresponse()
        if response.status != 200:
            raise SystemExit(f"GET {path}: {response.status}: {response.read(2000)!r}")
        return response

    def keys(self):
        token = None
        while True:
            parameters = [("list-type", "2")] + ([("continuation-token", token)] if token else [])
            page = xml.etree.ElementTree.fromstring(self.get(f"/{self.bucket}", parameters).read())
            for item in page.iterfind("s3:Contents/s3:Key", XML_NAMESPACE):
                yield item.text
            token = page.findtext("s3:NextContinuationToken", None, XML_NAMESPACE)
            if not token:
                return

    def open(self, key):
        return self.get(f"/{self.bucket}/{urllib.parse.quote(key)}")


def timestamp(text):
    return datetime.datetime.fromisoformat(text).isoformat(timespec="microseconds")


def records(rows):
    for number, ts, campaign, title, country, device, ctr, bid, clicks, converted in rows:
        yield {"id": int(number), "ts": timestamp(ts), "campaign": campaign, "title": title, "country": country,
               "device": device, "ctr": float(ctr), "bid": float(bid) if bid else None, "clicks": int(clicks),
               "converted": converted == "true"}


encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)


def ndjson(batch):
    return "\n".join(map(encoder.encode, batch)) + "\n"


class Receiver:
    def __init__(self, host, port, body):
        self.connection = http.client.HTTPConnection(host, port)
        self.encode = ndjson if body == "ndjson" else encoder.encode
        self.headers = {"Content-Type": "application/x-ndjson" if body == "ndjson" else "application/json"}

    def send(self, batch):
        self.connection.request("POST", "/records", self.encode(batch).encode(), self.headers)
        response = self.connection.getresponse()
        response.read()
        if not 200 <= response.status < 300:
            raise SystemExit(f"POST: {response.status}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--s3-port", type=int, required=True)
    parser.add_argument("--recv-port", type=int, required=True)
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--access-key", required=True)
    parser.add_argument("--secret-key", required=True)
    parser.add_argument("--body", choices=["ndjson", "json"], default="ndjson")
    args = parser.parse_args()
    bucket = Bucket("127.0.0.1", args.s3_port, args.bucket, args.access_key, args.secret_key)
    receiver = Receiver("127.0.0.1", args.recv_port, args.body)
    for key in list(bucket.keys()):
        with bucket.open(key) as response:
            rows = csv.reader(io.TextIOWrapper(response, encoding="utf-8", newline=""))
            next(rows)
            found = records(rows)
            while batch := list(itertools.islice(found, REQUEST_ROWS)):
                receiver.send(batch)


if __name__ == "__main__":
    main()
