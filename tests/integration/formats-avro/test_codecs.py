"""Codecs, and what becomes of broken blocks, through the program; blocks packed by Python's own libraries."""
import bz2
import json
import lzma
import os
import struct
import tempfile
import unittest
import zlib

import kit

SCHEMA = {"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}, {"name": "t", "type": "string"}]}


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def snappy_of_literals(data):
    """Snappy without any compression: its length, and literals of up to 60 bytes."""
    out, left = bytearray(), len(data)
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    for at in range(0, len(data), 60):
        piece = data[at:at + 60]
        out += bytes([(len(piece) - 1) << 2]) + piece
    return bytes(out) + struct.pack(">I", zlib.crc32(data))


CODECS = {"null": bytes, "deflate": deflate, "snappy": snappy_of_literals, "bzip2": bz2.compress, "xz": lzma.compress}


def records(first, count):
    return b"".join(kit.varint(i) + kit.text("text %d " % i * (i % 7)) for i in range(first, first + count))


def blocks(pack, counts):
    first, out = 0, []
    for count in counts:
        data = pack(records(first, count))
        out.append(kit.varint(count) + kit.varint(len(data)) + data + kit.SYNC)
        first += count
    return out


class Codecs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "x.avro")

    def cat(self, data, *options):
        with open(self.path, "wb") as file:
            file.write(data)
        return kit.cat(self.path, "--format", "avro", *options)

    def test_every_codec(self):
        for codec, pack in CODECS.items():
            done = self.cat(kit.header(SCHEMA, codec) + b"".join(blocks(pack, [100, 0, 1, 5000])))
            self.assertEqual(done.status, 0, done.errors)
            self.assertEqual([row["id"] for row in done.rows], list(range(5101)), codec)
            self.assertEqual(done.rows[6]["t"], "text 6 " * 6)

    def test_unknown_codec(self):
        done = self.cat(kit.header(SCHEMA, "lz4"))
        self.assertNotEqual(done.status, 0)
        self.assertIn('its codec is "lz4"; null, deflate, snappy, bzip2, xz and zstandard are read', done.errors)

    def test_bombs(self):
        """What decodes to more than max_block is refused before it is all decoded."""
        for codec, pack in list(CODECS.items())[1:]:
            data = pack(b"\0" * (4 << 20))
            done = self.cat(kit.header(SCHEMA, codec) + kit.varint(1) + kit.varint(len(data)) + data + kit.SYNC,
                            "-f", "max_block=1MiB")
            self.assertNotEqual(done.status, 0)
            self.assertIn("max_block", done.errors, codec)

    def test_every_changed_byte_of_a_checked_block(self):
        """Snappy blocks have a checksum: no change of their bytes goes unnoticed."""
        head, block = kit.header(SCHEMA, "snappy"), blocks(snappy_of_literals, [3])[0]
        for at in range(2, len(block)):
            changed = block[:at] + bytes([block[at] ^ 0x10]) + block[at + 1:]
            self.assertNotEqual(self.cat(head + changed).status, 0, at)

    def test_skip_block(self):
        """Block 1 is broken within; block 2 lacks its marker, so that the next one is that behind block 3."""
        for codec, pack in CODECS.items():
            parts = blocks(pack, [10] * 5)
            middle = bytearray(parts[1])
            middle[len(middle) // 2:len(middle) // 2 + 3] = b"\xff\xff\xff"
            parts[1] = bytes(middle)
            parts[2] = parts[2][:-1] + b"!"
            data = kit.header(SCHEMA, codec) + b"".join(parts)
            self.assertNotEqual(self.cat(data).status, 0)
            done = self.cat(data, "-f", "on_corrupt=skip_block")
            self.assertEqual(done.status, 3, done.errors)
            found = [row["id"] for row in done.rows]
            self.assertEqual(found[:10], list(range(10)), codec)
            self.assertEqual(found[-10:], list(range(40, 50)), codec)
            self.assertFalse(set(found) & set(range(20, 40)))
            self.assertIn("no sync marker follows it", done.errors)

    def test_reader_schema_that_is_wrong(self):
        done = self.cat(kit.header(SCHEMA), "-f", "reader_schema=" + json.dumps({"type": "recor"}))
        self.assertNotEqual(done.status, 0)
        self.assertIn("reader_schema", done.errors)


if __name__ == "__main__":
    unittest.main()
