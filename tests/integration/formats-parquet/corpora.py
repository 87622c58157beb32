"""The Parquet files of the corpora, and the lists of this folder."""
import json
import os
import subprocess
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
FORMATS = os.path.join(os.environ.get("SLUICE_CORPORA", os.path.join(ROOT, "..", "shared", "corpora")), "formats")


def listed(name):
    """A list of this folder: names of files, and the words that follow them."""
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {line[0]: line[1:] for line in lines}


def at(name):
    return os.path.join(FORMATS, name)


def is_parquet(path):
    with open(path, "rb") as file:
        return file.read(4) == b"PAR1" or path.endswith((".parquet", ".parq", ".encrypted"))


def parquet_files():
    """Names below `formats`, in order; without large_string_map, whose two texts have 1 GiB each."""
    for folder, folders, names in os.walk(FORMATS):
        folders[:] = sorted(f for f in folders if f != "_oracle")
        for name in sorted(names):
            path = os.path.join(folder, name)
            if "large_string_map" not in name and is_parquet(path):
                yield os.path.relpath(path, FORMATS)


class Refused(Exception):
    pass


def cat(name, *options, output="ndjson"):
    """What `sluice cat` prints."""
    done = subprocess.run([os.environ["SLUICE"], "cat", at(name), "--format", "parquet", "--output", output, *options],
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise Refused(done.stderr.decode(errors="replace"))
    return done.stdout


def records(name, *options):
    """The records, each a list of (column, value): two columns may have one name."""
    lines = cat(name, *options).decode().split("\n")[:-1]
    return [list(json.loads(line, parse_float=Decimal).items()) for line in lines]


def values(name, *options):
    return [[value for _, value in record] for record in records(name, *options)]
