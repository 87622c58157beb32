"""What the benchmark scripts share: the test servers, a job's configuration, and the cost of a client process."""
import datetime
import http.client
import os
import pathlib
import platform
import re
import subprocess
import tempfile
import time

ACCESS_KEY, SECRET_KEY = "S3DACCESSKEY", "s3d-secret-key"
REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


def add_arguments(parser):
    parser.add_argument("--bin", type=pathlib.Path, default=REPOSITORY / "build" / "release" / "bin",
                        help="folder of a release build's sluice, s3d and recv [build/release/bin]")
    parser.add_argument("--tmp", type=pathlib.Path, default=REPOSITORY / "build", help="where to make files [build]")


def work_folder(args):
    """A folder that is removed at the end."""
    args.tmp.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="bench-", dir=args.tmp.resolve())


def cpu_seconds(pid):
    """What a process that still runs has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """s3d or recv, from the with statement's start to its end."""

    def __init__(self, folder, program, *options):
        self.port_file = pathlib.Path(folder) / f"{pathlib.Path(program).name}.port"
        self.command = [str(program), "--port-file", str(self.port_file), *map(str, options)]

    def __enter__(self):
        self.port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while not self.port_file.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                self.process.kill()
                raise SystemExit(f"{self.command[0]} did not start: {' '.join(self.command)}")
            time.sleep(0.01)
        self.port = int(self.port_file.read_text())
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path)
        body = connection.getresponse().read()
        connection.close()
        return body


def write_job(path, ledger, s3_port, bucket, sink, workers=None):
    """The settings are the defaults, but for the workers where they are given."""
    path.write_text(f"""ledger = "{ledger}";
jobs = {{ bench = {{
  {f"workers = {workers};" if workers else ""}
  source = {{ type = "s3"; path = "s3://{bucket}/"; endpoint = "http://127.0.0.1:{s3_port}";
             access_key_id = "{ACCESS_KEY}"; secret_access_key = "{SECRET_KEY}"; }};
  format = {{ type = "csv"; }};
  sink = {sink}; }}; }};
""")


def http_sink(port, body="ndjson"):
    return f'{{ type = "http"; url = "http://127.0.0.1:{port}/records"; body = "{body}"; }}'


class Cost:
    """What a client process took."""

    def __init__(self, seconds, usage):
        self.seconds = seconds
        self.cpu = usage.ru_utime + usage.ru_stime
        self.user, self.system = usage.ru_utime, usage.ru_stime
        self.peak_mb = usage.ru_maxrss / 1024


def run_client(command, environment=None, stdout=None):
    """Runs a command to its end; its output is shown only if it fails. stdout: a file to send that part to instead."""
    with tempfile.TemporaryFile() as output:
        started = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], env=environment, stdout=stdout or output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{text}")
    return Cost(seconds, usage), text


def machine():
    """One line for a result."""
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}"


def versions(sluice):
    first = subprocess.run([str(sluice), "version"], capture_output=True, text=True).stdout.splitlines()
    commit = subprocess.run(["git", "-C", str(REPOSITORY), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return f"{first[0] if first else 'sluice'} ({commit.stdout.strip() or 'no commit'}), Python {platform.python_version()}"


def today():
    return datetime.date.today().isoformat()
