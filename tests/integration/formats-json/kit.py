"""What the tests of JSON files share: running the program, and comparing what it gives with what Python's json reads."""
import decimal
import json
import math
import os
import subprocess

SLUICE = os.environ["SLUICE"]
CORPORA = os.environ.get("SLUICE_CORPORA") or os.environ.get("SLUICE_CORPORA_DEFAULT", "../shared/corpora")
FORMATS = os.path.join(CORPORA, "formats")
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}


def read(line):
    """Numbers exactly."""
    return json.loads(line, parse_float=decimal.Decimal)


class Done:
    def __init__(self, process):
        self.status = process.returncode
        self.errors = process.stderr.decode(errors="replace")
        self.text = process.stdout.decode()

    @property
    def rows(self):
        return [read(line) for line in self.text.split("\n") if line]


def run(command, path, *words, options=(), timeout=120):
    settings = [word for option in options for word in ("-f", option)]
    return Done(subprocess.run([SLUICE, command, path, *words, *settings], env=CLEAN, stdin=subprocess.DEVNULL,
                               timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.PIPE))


def cat(path, *words, options=("times=false",)):
    return run("cat", path, *words, "--format", "json", options=options)


def is_number(value):
    return isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool)


def is_same(got, wanted):
    """A member that is not there is null; a number is a double where it has a fraction; what has no type of its own is
    text that holds JSON."""
    if is_number(got) and is_number(wanted):
        return got == wanted or math.isclose(float(got), float(wanted), rel_tol=0, abs_tol=0)
    if isinstance(got, dict) and isinstance(wanted, dict):
        return all(is_same(got.get(key), wanted.get(key)) for key in set(got) | set(wanted))
    if isinstance(got, list) and isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(is_same, got, wanted))
    if type(got) is type(wanted) and got == wanted:
        return True
    return isinstance(got, str) and wanted is not None and is_json_of(got, wanted)


def is_json_of(text, wanted):
    try:
        return is_same(read(text), wanted)
    except ValueError:
        return False


def first_difference(got, wanted):
    """None where all is the same."""
    if len(got) != len(wanted):
        return "%d records instead of %d" % (len(got), len(wanted))
    for i, (one, other) in enumerate(zip(got, wanted)):
        if not is_same(one, other):
            return "record %d: %s instead of %s" % (i, str(one)[:300], str(other)[:300])
    return None
