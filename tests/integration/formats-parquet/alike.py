"""Whether a value as `sluice cat` prints it is the one that another program printed in its own way."""
import base64
import binascii
import json
import math
import re
import struct
import uuid
from decimal import Decimal

import variant
import wkb

TIME = re.compile(r"([+-]?\d{4,}-\d\d-\d\d)?[T ]?(\d\d:\d\d:\d\d)?(?:\.(\d+))?\s?(Z|[+-]\d\d(?::?\d\d)?)?")
UTC = {None, "Z", "+00", "+00:00", "+0000"}


def single(value):
    """The value of 32 bits that is nearest, as a double."""
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.inf


def numbers_alike(ours, theirs):
    if ours == theirs:
        return True
    if all(isinstance(n, int) for n in (ours, theirs)):
        return False
    if isinstance(theirs, Decimal) and len(theirs.as_tuple().digits) > 17:
        return False
    a, b = float(ours), float(theirs)
    # The last: a decimal with few digits that its reader multiplied out as doubles.
    return a == b or single(a) == b or (len(Decimal(ours).as_tuple().digits) < 15 and b in (
        math.nextafter(a, math.inf), math.nextafter(a, -math.inf)))


def moment(text):
    found = TIME.fullmatch(text)
    if not found or not (found[1] or found[2]) or found[4] not in UTC:
        return None
    return found[1] or "", found[2] or "00:00:00", (found[3] or "").rstrip("0")


def moments_alike(ours, theirs):
    a, b = moment(ours), moment(theirs)
    if a is None or b is None:
        return False
    return a == b or (a[:2] == b[:2] and len(b[2]) == 3 and a[2].startswith(b[2])) \
        or (a[:2] == b[:2] and theirs.endswith("Z") and a[2][:3].rstrip("0") == b[2])  # a JavaScript Date has milliseconds


def unescaped(text):
    """Bytes as DuckDB prints a blob: \\xHH for those that are no printable ASCII."""
    if re.search(r"\\(?!x[0-9A-F]{2})", text) or not text.isascii():
        return None
    return re.sub(rb"\\x([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), text.encode())


def uuid_bytes(text):
    return uuid.UUID(text).bytes if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) else None


def is_wkt(text):
    return any(text.startswith(name.upper() + " ") for name in wkb.NAMES if name)


def raw_alike(ours, theirs):
    try:
        raw = base64.b64decode(ours, validate=True)
    except (binascii.Error, ValueError):
        return False
    if isinstance(theirs, list):
        return list(raw) == theirs
    if is_wkt(theirs):
        return wkb.from_base64(ours) == wkb.from_wkt(theirs)
    return raw in (theirs.encode(), unescaped(theirs), uuid_bytes(theirs))


def duration(text):
    """An interval as (months, days, nanoseconds), from ISO 8601 or from DuckDB's way to print it."""
    found = re.fullmatch(r"P(-?\d+)M(-?\d+)DT(-?\d+)(?:\.(\d+))?S", text)
    if found:
        return int(found[1]), int(found[2]), int(found[3]) * 10**9 + int((found[4] or "").ljust(9, "0"))
    found = re.fullmatch(r"(?:(\d+) months? ?)?(?:(\d+) days? ?)?(?:(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?", text)
    if not found:
        return None
    months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:5])
    return months, days, ((hours * 60 + minutes) * 60 + seconds) * 10**9 + int((found[6] or "").ljust(9, "0"))


def strings_alike(ours, theirs):
    return ours == theirs or moments_alike(ours, theirs) or raw_alike(ours, theirs) or \
        (ours.startswith("P") and duration(ours) is not None and duration(ours) == duration(theirs))


def is_json_of(ours, theirs):
    """A text of the type JSON, which DuckDB prints as what it says."""
    try:
        return json.loads(ours, parse_float=Decimal) == theirs
    except ValueError:
        return False


def shown(value):
    """A variant as DuckDB prints it where it prints texts without quotes."""
    if isinstance(value, bool) or value is None:
        return {None: "NULL", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(shown, value))
    if isinstance(value, dict):
        return "{%s}" % ", ".join("'%s': %s" % (k, shown(value[k])) for k in sorted(value))
    return str(value)


def is_near(ours, theirs):
    """Nanoseconds that DuckDB cut to microseconds, towards 1970."""
    a, b = moment(ours) if isinstance(ours, str) else None, moment(theirs)
    return a is not None and b is not None and a[:2] == b[:2] and \
        abs(int(a[2].ljust(9, "0")) - int(b[2].ljust(6, "0")) * 1000) < 1000


def is_single(ours, theirs):
    return isinstance(ours, float) and shown(float("%.8g" % ours)) == theirs


def dicts_alike(ours, theirs):
    # JavaScript leaves out fields that are null.
    return not set(theirs) - set(ours) and all(alike(ours[k], theirs.get(k)) for k in ours)


def entries(ours):
    """A map whose keys are no text is printed as a list of entries."""
    if ours and all(isinstance(e, dict) and set(e) == {"key", "value"} for e in ours):
        return {str(e["key"]): e["value"] for e in ours}
    return {} if not ours else None


def alike(ours, theirs):
    if variant.is_variant(ours):
        ours = variant.unshred(ours)
        if isinstance(theirs, str) and (not isinstance(ours, str) or is_near(ours, theirs)):
            return shown(ours) == theirs or is_near(ours, theirs) or is_single(ours, theirs)
    if ours is None or theirs is None:
        # What is not finite is null in our JSON.
        return ours is None and (theirs is None or (isinstance(theirs, float) and not math.isfinite(theirs)))
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, (int, float, Decimal)):
        return isinstance(theirs, (int, float, Decimal)) and numbers_alike(ours, theirs)
    if isinstance(ours, str):
        if isinstance(theirs, dict) and "coordinates" in theirs:
            return wkb.from_base64(ours) == wkb.from_geojson(theirs)
        if isinstance(theirs, (dict, list)):
            return is_json_of(ours, theirs) or (isinstance(theirs, list) and raw_alike(ours, theirs))
        return isinstance(theirs, str) and strings_alike(ours, theirs)
    if isinstance(ours, list):
        if isinstance(theirs, dict):
            return entries(ours) is not None and dicts_alike(entries(ours), theirs)
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(alike, ours, theirs))
    return isinstance(theirs, dict) and dicts_alike(ours, theirs)


def difference(ours, theirs):
    """Of two lists of records (lists of values), as a text; None if there is none."""
    if len(ours) != len(theirs):
        return "%d records, not %d" % (len(ours), len(theirs))
    for i, (a, b) in enumerate(zip(ours, theirs)):
        if len(a) != len(b):
            return "record %d has %d values, not %d" % (i, len(a), len(b))
        for column, (x, y) in enumerate(zip(a, b)):
            if not alike(x, y):
                return "record %d, value %d: %.120r, not %.120r" % (i, column, x, y)
    return None
