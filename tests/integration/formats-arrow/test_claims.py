"""A few bytes of Arrow that claim much memory or many records end quickly, in little memory, and say what to do."""
import gzip
import os
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from claims import ClaimsTest  # noqa: E402

TRILLION = 2**40
NULL, INT, STRUCT, LARGE_LIST, RUN_END = 1, 2, 13, 21, 22
SCHEMA, DICTIONARY, RECORDS = 1, 2, 3


class Builder:
    """FlatBuffers: a table is a dict from slot to ("b", number) and the like, to another table, a text, or a list."""

    def __init__(self, root):
        self.data = bytearray(4)
        struct.pack_into("<I", self.data, 0, self.put(root))

    def align(self):
        self.data += bytes(-len(self.data) % 8)

    def put(self, value):
        self.align()
        if isinstance(value, dict):
            return self.put_table(value)
        at = len(self.data)
        if isinstance(value, str):
            self.data += struct.pack("<I", len(value)) + value.encode() + b"\0"
        elif value and isinstance(value[0], tuple):  # structs of numbers of 64 bits, aligned behind the count
            at += 4
            self.data += bytes(4) + struct.pack("<I", len(value)) + b"".join(struct.pack("<%dq" % len(v), *v) for v in value)
        else:
            self.data += struct.pack("<I", len(value)) + bytes(4 * len(value))
            for i, item in enumerate(value):
                self.refer(at + 4 + 4 * i, self.put(item))
        return at

    def refer(self, at, to):
        struct.pack_into("<I", self.data, at, to - at)

    def put_table(self, table):
        slots = max(table, default=-1) + 1
        places = {slot: 8 + 8 * i for i, slot in enumerate(sorted(table))}
        vtable = len(self.data)
        self.data += struct.pack("<HH", 4 + 2 * slots, 8 + 8 * len(table))
        self.data += b"".join(struct.pack("<H", places.get(slot, 0)) for slot in range(slots))
        self.align()
        at = len(self.data)
        self.data += struct.pack("<i", at - vtable) + bytes(4 + 8 * len(table))
        for slot, value in table.items():
            if isinstance(value, tuple):
                struct.pack_into("<" + value[0], self.data, at + places[slot], value[1])
            else:
                self.refer(at + places[slot], self.put(value))
        return at


def message(kind, header, body=b"", size=None):
    size = len(body) if size is None else size
    head = bytes(Builder({0: ("h", 4), 1: ("b", kind), 2: header, 3: ("q", size)}).data)
    head += bytes(-len(head) % 8)
    return struct.pack("<iI", -1, len(head)) + head + body


def field(name, tag, kind=None, children=(), dictionary=None):
    table = {0: name, 1: ("b", 1), 2: ("b", tag), 3: kind or {}, 5: list(children)}
    if dictionary is not None:
        table[4] = {0: ("q", dictionary), 1: {0: ("i", 32), 1: ("b", 1)}}
    return table


def number(name, bits, dictionary=None):
    return field(name, INT, {0: ("i", bits), 1: ("b", 1)}, (), dictionary)


def batch(length, nodes, buffers, codec=None):
    table = {0: ("q", length), 1: nodes, 2: buffers}
    if codec is not None:
        table[3] = {0: ("b", codec)}
    return table


def stream(fields, *messages):
    return message(SCHEMA, {1: list(fields)}) + b"".join(messages)


def indexed(fields, dictionaries, records):
    """A file with an index: messages of dictionaries, each with how often the index has it, and of records."""
    data, blocks = b"ARROW1\0\0", ([], [])
    for kind, (one, times) in [(0, pair) for pair in dictionaries] + [(1, (one, 1)) for one in records]:
        head = 8 + struct.unpack("<i", one[4:8])[0]
        blocks[kind].extend([(len(data), head, len(one) - head)] * times)
        data += one
    footer = bytes(Builder({0: ("h", 4), 1: {1: list(fields)}, 2: blocks[0], 3: blocks[1]}).data)
    return data + footer + struct.pack("<i", len(footer)) + b"ARROW1"


def zeros(size):
    """A buffer of zeros as Arrow has it, in a Zstandard frame of runs of 128 KiB."""
    blocks = size >> 17
    frame = bytes.fromhex("28b52ffd0038") + b"".join(
        struct.pack("<I", 1 << 20 | 2 | (i + 1 == blocks))[:3] + b"\0" for i in range(blocks))
    buffer = struct.pack("<q", blocks << 17) + frame
    return buffer + bytes(-len(buffer) % 8), blocks << 17, len(buffer)


class Claims(ClaimsTest):
    def assert_refused(self, data, words):
        status, printed, errors = self.read(data, "--format", "arrow")
        self.assertEqual((status, printed), (4, 0), errors)
        self.assertIn(words, errors)

    def test_sound(self):
        """What the others are made of is read."""
        body, size, stored = zeros(1 << 20)
        data = stream([number("x", 64)], message(RECORDS, batch(size // 8, [(size // 8, 0)], [(0, 0), (0, stored)], 1), body))
        status, printed, errors = self.read(data, "--format", "arrow", "--limit", "2")
        self.assertEqual((status, printed), (0, 2 * len('{"x":0}\n')), errors)

    def test_zeros(self):
        body, size, stored = zeros(800 << 20)
        self.assertLess(stored, 32 * 1024)
        data = stream([number("x", 64)], message(RECORDS, batch(size // 8, [(size // 8, 0)], [(0, 0), (0, stored)], 1), body))
        self.assert_refused(data, "set max_batch to what it may take if it is meant")

    def test_compressed_as_a_whole(self):
        """The size of the file is not known then: a large body is told before it is read."""
        size = 1 << 30
        table = batch(size // 8, [(size // 8, 0)], [(0, 0), (0, size)])
        data = stream([number("x", 64)], message(RECORDS, table, bytes(1 << 20), size))
        self.assert_refused(gzip.compress(data), "compressed as a whole")
        table = batch(TRILLION, [(TRILLION, 0)], [])
        data = stream([field("x", NULL)], message(RECORDS, table, b"", 1 << 38))
        self.assert_refused(gzip.compress(data), "it is cut short")

    def test_many_dictionaries(self):
        body, size, stored = zeros(100 << 20)
        table = batch(size // 8, [(size // 8, 0)], [(0, 0), (0, stored)], 1)
        fields = [number("x%d" % i, 64, i) for i in range(20)]
        rows = message(RECORDS, batch(1, [(1, 0)] * 20, [(0, 0), (0, 8)] * 20), bytes(8))
        data = stream(fields, *[message(DICTIONARY, {0: ("q", i), 1: table}, body) for i in range(20)], rows)
        self.assert_refused(data, "with its dictionaries")

    def test_one_dictionary_many_times(self):
        """An index that has a delta of a megabyte 2,000 times."""
        body, items = bytes(1 << 20), 1 << 17
        table = batch(items, [(items, 0)], [(0, 0), (0, len(body))])
        parts = [message(DICTIONARY, {0: ("q", 0), 1: table, 2: ("b", delta)}, body) for delta in (0, 1)]
        rows = message(RECORDS, batch(1, [(1, 0)], [(0, 0), (0, 4)]), bytes(8))
        fields = [number("x", 64, 0)]
        status, printed, errors = self.read(indexed(fields, [(parts[0], 1), (parts[1], 1)], [rows]), "--format", "arrow")
        self.assertEqual((status, printed), (0, len('{"x":0}\n')), errors)
        self.assert_refused(indexed(fields, [(parts[0], 1), (parts[1], 2000)], [rows]), "several lie in one place")

    def test_rows_of_no_bytes(self):
        for tag in (NULL, STRUCT):
            with self.subTest(tag):
                buffers = [(0, 0)] if tag == STRUCT else []
                data = stream([field("x", tag)], message(RECORDS, batch(TRILLION, [(TRILLION, 0)], buffers)))
                self.assert_refused(data, "raise max_empty_rows")

    def test_a_long_run(self):
        run_ends = field("run_ends", INT, {0: ("i", 64), 1: ("b", 1)})
        run_ends[1] = ("b", 0)
        column = field("x", RUN_END, None, [run_ends, number("values", 64)])
        nodes = [(TRILLION, 0), (1, 0), (1, 0)]
        data = stream([column], message(RECORDS, batch(TRILLION, nodes, [(0, 0), (0, 8), (0, 0), (8, 8)]),
                                        struct.pack("<qq", TRILLION, 7)))
        self.assert_refused(data, "raise max_empty_rows")

    def test_items_of_no_bytes(self):
        column = field("x", LARGE_LIST, None, [field("item", NULL)])
        nodes = [(1, 0), (TRILLION, TRILLION)]
        data = stream([column], message(RECORDS, batch(1, nodes, [(0, 0), (0, 16)]), struct.pack("<qq", 0, TRILLION)))
        self.assert_refused(data, "raise max_empty_rows")


if __name__ == "__main__":
    unittest.main()
