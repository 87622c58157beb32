"""A strict reader of the two text formats for numbers: Prometheus 0.0.4 and OpenMetrics 1.0, as far as Sluice writes them.

Where Debian's python3-prometheus-client is installed, its parsers read the text too (`by_library`)."""
import json
import re
import subprocess
import urllib.request

OPENMETRICS = "application/openmetrics-text; version=1.0.0,*/*;q=0.1"
NAME = re.compile(r"^[a-z][a-z0-9_]*$")
SAMPLE = re.compile(r'^([a-z][a-z0-9_]*)(?:\{((?:[a-z_]+="[^"\\\n]*",?)+)\})? (-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)$')
UNITS = ("bytes", "seconds")


def get(port, accept=None):
    request = urllib.request.Request("http://127.0.0.1:%d/metrics" % port, headers={"Accept": accept} if accept else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def check(true, why):
    if not true:
        raise AssertionError(why)


class Reader:
    """Families stand whole, one after the other: HELP, TYPE, perhaps UNIT, then samples, none twice."""

    def __init__(self, text, openmetrics):
        self.openmetrics, self.samples, self.seen = openmetrics, {}, set()
        self.name = self.kind = None
        check(text.endswith("\n"), "no end of line at the end")
        lines = text[:-1].split("\n")
        check((lines[-1] == "# EOF") == openmetrics, "the end is %r" % lines[-1])
        for line in lines[:-1] if openmetrics else lines:
            self.metadata(line) if line.startswith("#") else self.sample(line)

    def metadata(self, line):
        word, name, text = re.match(r"^# (HELP|TYPE|UNIT) (\S+) (.+)$", line).groups()
        if word == "HELP":
            check(name not in self.seen and NAME.match(name), line)
            self.seen.add(name)
            self.name, self.kind = name, None
        check(name == self.name, "metadata of another family: " + line)
        if word == "TYPE":
            check(self.kind is None and text in ("counter", "gauge"), line)
            self.kind = text
        if word == "UNIT":
            check(self.openmetrics and text in UNITS and name.endswith("_" + text), line)

    def sample(self, line):
        match = SAMPLE.match(line)
        check(match and self.kind, line)
        counter = self.kind == "counter"
        check(match.group(1) == self.name + ("_total" if self.openmetrics and counter else ""), line)
        check(match.group(1).endswith("_total") == counter, line)
        check(not counter or float(match.group(3)) >= 0, line)
        labels = re.findall(r'([a-z_]+)="', match.group(2) or "")
        check(len(labels) == len(set(labels)), line)
        key = line.rsplit(" ", 1)[0]
        check(key not in self.samples, "twice: " + line)
        self.samples[key] = float(match.group(3))


def read(kind, text):
    return Reader(text, "openmetrics" in kind).samples


PROGRAM = """
import json, sys
if sys.argv[1] == "openmetrics":
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
else:
    from prometheus_client.parser import text_string_to_metric_families
print(json.dumps([[s.name, s.labels, s.value] for f in text_string_to_metric_families(sys.stdin.read()) for s in f.samples]))
"""


def by_library(kind, text):
    """The same samples as the library reads them; None: it is not installed."""
    form = "openmetrics" if "openmetrics" in kind else "prometheus"
    for python in ("python3", "/usr/bin/python3"):
        try:
            subprocess.run([python, "-c", "import prometheus_client"], check=True, stderr=subprocess.DEVNULL)
        except (subprocess.CalledProcessError, FileNotFoundError):
            continue
        done = subprocess.run([python, "-c", PROGRAM, form], input=text.encode(), stdout=subprocess.PIPE, check=True)
        return {name + ("{%s}" % ",".join('%s="%s"' % one for one in labels.items()) if labels else ""): value
                for name, labels, value in json.loads(done.stdout)}
    return None
