"""What the tests of Avro files share: running the program, container files made by hand, and comparing values."""
import base64
import datetime
import decimal
import json
import math
import os
import re
import struct
import subprocess
import sys
import zlib

SLUICE = os.environ["SLUICE"]
CORPORA = os.environ.get("SLUICE_CORPORA") or os.environ.get("SLUICE_CORPORA_DEFAULT", "../shared/corpora")
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}
SYNC = bytes(range(16))


class Done:
    def __init__(self, process):
        self.status = process.returncode
        self.errors = process.stderr.decode(errors="replace")
        self.text = process.stdout.decode(errors="replace")

    @property
    def rows(self):
        return [json.loads(line, parse_float=decimal.Decimal) for line in self.text.split("\n") if line]


def cat(path, *words, timeout=60):
    return Done(subprocess.run([SLUICE, "cat", path, *words], env=CLEAN, stdin=subprocess.DEVNULL, timeout=timeout,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE))


def avro_module():
    """Debian's python3-avro, also where the interpreter is another one than Debian's; None: it is not installed."""
    sys.path.append("/usr/lib/python3/dist-packages")
    try:
        import avro.datafile
        import avro.io
        import avro.schema
        return avro
    except ImportError:
        return None
    finally:
        sys.path.pop()


def plain(value):
    """A value of python3-avro in the form of the oracles."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def read_by_module(path, reader_schema=None):
    """What Debian's python3-avro reads; None: it is not installed, or lacks the codec."""
    avro = avro_module()
    if not avro:
        return None
    reader = avro.io.DatumReader(None, avro.schema.parse(reader_schema) if reader_schema else None)
    with open(path, "rb") as file, avro.datafile.DataFileReader(file, reader) as rows:
        try:
            return [plain(row) for row in rows]
        except avro.errors.UnsupportedCodec:
            return None


# ---- container files made by hand


def varint(value):
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return varint(len(value)) + value


def header(schema, codec=None, meta=()):
    schema = schema if isinstance(schema, (str, bytes)) else json.dumps(schema)
    entries = [("avro.schema", schema)] + ([("avro.codec", codec)] if codec else []) + list(meta)
    return b"Obj\1" + varint(len(entries)) + b"".join(text(k) + text(v) for k, v in entries) + varint(0) + SYNC


def block(count, data, codec=None):
    if codec == "deflate":
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        data = packer.compress(data) + packer.flush()
    return varint(count) + varint(len(data)) + data + SYNC


# ---- values


def duration_of(text_value):
    found = re.fullmatch(r"P(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(-?[\d.]+)S)?", text_value)
    if not found:
        return None
    months, days, seconds = found.groups()
    return struct.pack("<III", int(months or 0), int(days or 0), int(decimal.Decimal(seconds or 0) * 1000))


def bytes_equal(ours, theirs):
    if not isinstance(ours, str):
        return False
    try:
        if base64.b64decode(ours, validate=True) == theirs:
            return True
    except ValueError:
        pass
    return duration_of(ours) == theirs or ours.replace("-", "") == theirs.hex()


def time_text(value):
    value = value.strip().replace(" ", "T").replace("+00:00", "Z")
    return re.sub(r"\.?0*(Z?)$", r"\1", value) if "." in value else value


def number_of_time(value, theirs):
    """A date, time or timestamp as the number that readers without that annotation give."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return (datetime.date.fromisoformat(value) - datetime.date(1970, 1, 1)).days == theirs
    found = re.fullmatch(r"(?:(\d{4}-\d\d-\d\d)T)?(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z?", value)
    if not found:
        return False
    day, hour, minute, second, fraction = found.groups()
    days = (datetime.date.fromisoformat(day) - datetime.date(1970, 1, 1)).days if day else 0
    seconds = days * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    digits = len(fraction or "")
    return seconds * 10**digits + int(fraction or 0) == theirs


def numbers_equal(ours, theirs, narrow):
    if isinstance(theirs, int):
        return ours == theirs
    if float(ours) == theirs:
        return True
    return narrow and struct.pack("<f", float(ours)) == struct.pack("<f", theirs)


def text_equal(ours, theirs):
    if isinstance(ours, str):
        return ours == theirs or time_text(ours) == time_text(theirs)
    try:
        return decimal.Decimal(theirs) == ours
    except decimal.InvalidOperation:
        return False


def equal(ours, theirs, narrow=False):
    """Whether a value of ours, read from NDJSON, is the value that another reader gave. narrow: floats of 32 bits."""
    if isinstance(theirs, dict) and set(theirs) == {"hex"}:
        return bytes_equal(ours, bytes.fromhex(theirs["hex"]))
    if theirs is None or isinstance(theirs, bool) or isinstance(ours, bool):
        return ours is theirs
    if isinstance(theirs, float) and not math.isfinite(theirs):
        return ours is None
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and set(ours) == set(theirs) and all(
            equal(ours[k], theirs[k], narrow) for k in theirs)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(
            lambda pair: equal(*pair, narrow), zip(ours, theirs)))
    if isinstance(theirs, str):
        return text_equal(ours, theirs)
    if isinstance(ours, str):
        return isinstance(theirs, int) and number_of_time(ours, theirs)
    return ours is not None and not isinstance(ours, (dict, list)) and numbers_equal(ours, theirs, narrow)
