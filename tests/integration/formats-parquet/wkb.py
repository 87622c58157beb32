"""Geometries: well-known binary, well-known text and GeoJSON, each as (name, nested lists of numbers)."""
import base64
import json
import re
import struct

NAMES = ["", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"]


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return values

    def point(self, order, size):
        values = list(self.take("%s%dd" % (order, size)))
        return [] if all(v != v for v in values) else values

    def points(self, order, size):
        return [self.point(order, size) for _ in range(self.take(order + "I")[0])]

    def geometry(self):
        order = "><"[self.take("B")[0]]
        code = self.take(order + "I")[0]
        kind, size = code % 1000, 2 + (code // 1000 > 0) + (code // 1000 > 2)
        if kind == 1:
            return NAMES[kind], self.point(order, size)
        if kind == 2:
            return NAMES[kind], self.points(order, size)
        count = self.take(order + "I")[0]
        if kind == 3:
            return NAMES[kind], [self.points(order, size) for _ in range(count)]
        parts = [self.geometry() for _ in range(count)]
        return NAMES[kind], parts if kind == 7 else [part[1] for part in parts]


def from_base64(text):
    reader = Reader(base64.b64decode(text))
    found = reader.geometry()
    if reader.at != len(reader.data):
        raise ValueError("bytes after the geometry")
    return found


def from_wkt(text):
    name, rest = re.fullmatch(r"\s*([A-Za-z]+)\s*(.*)", text, re.S).groups()
    name = {n.upper(): n for n in NAMES}[name.upper()]
    if rest.strip().upper() == "EMPTY":
        return name, []
    numbers = re.sub(r"[-+0-9.eE]+(\s+[-+0-9.eE]+)+", lambda m: "[%s]" % ",".join(m.group().split()), rest)
    nested = json.loads(numbers.replace("(", "[").replace(")", "]"))
    return name, doubles(nested[0] if name == "Point" else nested)


def doubles(nested):
    return [doubles(part) for part in nested] if isinstance(nested, list) else float(nested)


def from_geojson(value):
    return value["type"], doubles(value["coordinates"])
