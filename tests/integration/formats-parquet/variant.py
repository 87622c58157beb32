"""Values of the type VARIANT (VariantEncoding.md, VariantShredding.md) as Python values; texts for dates and the like."""
import base64
import datetime
import struct
import uuid
from decimal import Decimal

EPOCH = datetime.datetime(1970, 1, 1)
FIXED = {3: "<b", 4: "<h", 5: "<i", 6: "<q", 7: "<d", 14: "<f"}
DECIMALS = {8: 4, 9: 8, 10: 16}
MICROS, NANOS = (12, 13), (18, 19)


def number(data, at, size):
    return int.from_bytes(data[at:at + size], "little")


def names_of(metadata):
    size = (metadata[0] >> 6) + 1
    count = number(metadata, 1, size)
    ends = [number(metadata, 1 + size * (i + 1), size) for i in range(count + 1)]
    start = 1 + size * (count + 2)
    return [metadata[start + a:start + b].decode() for a, b in zip(ends, ends[1:])], start + ends[-1]


def time_text(value, per_second, digits, zone):
    seconds, rest = divmod(value, per_second)
    text = (EPOCH + datetime.timedelta(seconds=seconds)).isoformat()
    return "%s.%0*d%s" % (text, digits, rest, "Z" if zone else "")


def primitive(kind, data, at):
    if kind < 3:
        return (None, True, False)[kind]
    if kind in FIXED:
        return struct.unpack_from(FIXED[kind], data, at)[0]
    if kind in DECIMALS:
        value = int.from_bytes(data[at + 1:at + 1 + DECIMALS[kind]], "little", signed=True)
        return Decimal(value).scaleb(-data[at])
    if kind == 11:
        return (EPOCH + datetime.timedelta(days=struct.unpack_from("<i", data, at)[0])).date().isoformat()
    if kind in (15, 16):
        raw = data[at + 4:at + 4 + number(data, at, 4)]
        return raw.decode() if kind == 16 else base64.b64encode(raw).decode()
    if kind == 20:
        return str(uuid.UUID(bytes=bytes(data[at:at + 16])))
    value = struct.unpack_from("<q", data, at)[0]
    if kind == 17:
        return time_text(value, 10**6, 6, False)[11:]
    if kind in MICROS:
        return time_text(value, 10**6, 6, kind == 12)
    if kind in NANOS:
        return time_text(value, 10**9, 9, kind == 18)
    raise ValueError("a variant of type %d" % kind)


def decode(data, names):
    basic, header = data[0] & 3, data[0] >> 2
    if basic == 0:
        return primitive(header, data, 1)
    if basic == 1:
        return data[1:1 + header].decode()
    width = (header & 3) + 1
    large = header >> (4 if basic == 2 else 2) & 1
    count, at = number(data, 1, 4 if large else 1), 5 if large else 2
    ids = []
    if basic == 2:
        size = (header >> 2 & 3) + 1
        ids = [number(data, at + i * size, size) for i in range(count)]
        at += count * size
    starts = [number(data, at + i * width, width) for i in range(count)]
    body = at + (count + 1) * width
    values = [decode(data[body + start:], names) for start in starts]
    return dict(zip((names[i] for i in ids), values)) if basic == 2 else values


def is_shredded_group(value):
    return value is None or (isinstance(value, dict) and value and set(value) <= {"value", "typed_value"})


MISSING = object()


def join(group, names):
    """What a shredded group stands for: its value, its typed value, or both of an object in part."""
    raw, typed = (group or {}).get("value"), (group or {}).get("typed_value")
    rest = MISSING if raw is None else decode(base64.b64decode(raw), names)
    if typed is None:
        return rest
    if isinstance(typed, list):
        parts = [join(part, names) for part in typed]
        return [None if part is MISSING else part for part in parts]
    if not isinstance(typed, dict) or not all(is_shredded_group(part) for part in typed.values()):
        return typed
    whole = {name: join(part, names) for name, part in typed.items()}
    whole = {name: value for name, value in whole.items() if value is not MISSING}
    return dict(rest if isinstance(rest, dict) else {}, **whole)  # a field in both is against the specification


def is_variant(value):
    return isinstance(value, dict) and "metadata" in value and set(value) <= {"metadata", "value", "typed_value"}


def unshred(value):
    """A record's VARIANT as `sluice cat` prints it: {"metadata": ..., "value": ..., "typed_value": ...}"""
    joined = join(value, names_of(base64.b64decode(value["metadata"]))[0])
    return None if joined is MISSING else joined


def from_file(path):
    """A .variant.bin: metadata, then the value."""
    with open(path, "rb") as file:
        data = file.read()
    names, end = names_of(data)
    return decode(data[end:], names)
