"""The clients that are compared: how each reads a bucket, or its one object, to nowhere."""
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import kit  # noqa: E402

THREADS = 64  # Sluice's most connections at once, so also those of the others that may have several
LARGE_POOL = 8  # of boto3 on one large object: its best of 2, 4, 8, 16


class Client:
    """objects: how many of the small ones it reads, 0 for all."""

    def __init__(self, name, command, objects=0):
        self.name, self.command, self.objects = name, command, objects


def environment(folder, endpoint):
    """Keys for all, and nothing else of the user's that could change what a client does."""
    kept = {name: value for name, value in os.environ.items()
            if not re.match(r"(?i)aws_|rclone_|.*_proxy$|sluice_|python", name)}
    return kept | {
        "HOME": str(folder), "AWS_ACCESS_KEY_ID": kit.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": kit.SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "RCLONE_CONFIG": str(folder / "rclone.conf"), "RCLONE_S3_PROVIDER": "Other", "RCLONE_S3_ENDPOINT": endpoint,
        "RCLONE_S3_REGION": "us-east-1", "RCLONE_S3_ACCESS_KEY_ID": kit.ACCESS_KEY,
        "RCLONE_S3_SECRET_ACCESS_KEY": kit.SECRET_KEY, "RCLONE_S3_LIST_VERSION": "2"}


def curl(*words):
    return ["curl", "--silent", "--fail", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user",
            f"{kit.ACCESS_KEY}:{kit.SECRET_KEY}", "--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD", *words]


def curl_list(folder, endpoint, keys, objects):
    """A file of the addresses: curl lists no bucket."""
    path = folder / f"urls-{objects}"
    lines = [f'url = "{endpoint}/small/{key}"\noutput = "/dev/null"\n' for key in keys[:objects or None]]
    path.write_text("".join(lines))
    return path


def boto3(python, endpoint, bucket, threads, objects=0):
    return [python, HERE / "boto3_read.py", "--endpoint", endpoint, "--bucket", bucket, "--threads", threads,
            "--objects", objects]


def of_large(binaries, python, endpoint):
    reader = [binaries / "bench-s3-read", "s3://large/", f"endpoint={endpoint}"]
    return [
        Client("curl", curl("--output", "/dev/null", f"{endpoint}/large/object.bin")),
        Client("sluice get", [binaries / "sluice", "-q", "get", "-o", f"endpoint={endpoint}", "s3://large/object.bin", "-"]),
        Client("sluice", reader),
        Client("sluice, window=64MiB", [*reader, "window=64MiB"]),
        Client("rclone cat", ["rclone", "cat", ":s3:large/object.bin", "--buffer-size", "64M"]),
        Client("boto3 sequential", boto3(python, endpoint, "large", 0)),
        Client(f"boto3 {LARGE_POOL} threads", boto3(python, endpoint, "large", LARGE_POOL)),
    ]


def of_small(binaries, python, endpoint, folder, keys, sample):
    copy = ["rclone", "copy", ":s3:small", ":memory:small", "--no-check-dest", "--ignore-checksum",
            "--use-server-modtime", "--s3-no-head-object"]  # no requests for times, sizes and sums that nobody wants
    some = curl_list(folder, endpoint, keys, sample)
    return [
        Client("sluice", [binaries / "bench-s3-read", "s3://small/", f"endpoint={endpoint}"]),
        Client("boto3 sequential", boto3(python, endpoint, "small", 0, sample), sample),
        Client("curl sequential", curl("--config", some), sample),
        Client(f"curl {THREADS} at once",
               curl("--parallel", "--parallel-max", THREADS, "--config", curl_list(folder, endpoint, keys, 0))),
        Client(f"rclone copy {THREADS} transfers", [*copy, "--transfers", THREADS]),
        Client(f"rclone copy {2 * THREADS} transfers", [*copy, "--transfers", 2 * THREADS]),
        Client(f"boto3 {THREADS} threads", boto3(python, endpoint, "small", THREADS)),
    ]


def make_python(folder):
    """The interpreter of a virtual environment with boto3, made on first use."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    if subprocess.run([python, "-c", "import boto3"], capture_output=True).returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", "boto3"], check=True)
    return python


def first_line(*command):
    try:
        return subprocess.run([str(word) for word in command], capture_output=True, text=True).stdout.splitlines()[0]
    except (FileNotFoundError, IndexError):
        raise SystemExit(f"{command[0]} is not installed: apt-get install {command[0]}") from None


def versions(binaries, python):
    modules = "import boto3, botocore, urllib3, platform as p; print('boto3', boto3.__version__ + ', botocore', " \
              "botocore.__version__ + ', urllib3', urllib3.__version__ + ', Python', p.python_version())"
    return [kit.versions(binaries / "sluice").split(", Python")[0],
            " ".join(first_line("curl", "--version").split()[:2]),
            first_line("rclone", "version"), first_line(python, "-c", modules)]
