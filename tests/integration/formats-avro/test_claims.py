"""Few bytes that claim billions of records, items or entries end quickly and in little memory."""
import json
import os
import sys
import unittest

import kit

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from claims import ClaimsTest  # noqa: E402

BILLION = 10**9

EMPTY = {"record": {"type": "record", "name": "r", "fields": []},
         "nulls": {"type": "record", "name": "r", "fields": [{"name": "a", "type": "null"}]},
         "null": "null",
         "fixed": {"type": "fixed", "name": "f", "size": 0}}


def array_of_nulls(items):
    return kit.varint(items) + kit.varint(0)


class Claims(ClaimsTest):
    def assert_refused(self, data, words, *options):
        status, printed, errors = self.read(data, *options)
        self.assertEqual((status, printed), (4, 0), errors)
        self.assertIn(words, errors)

    def test_records_of_no_bytes(self):
        for name, schema in EMPTY.items():
            for count in (BILLION, 2**62):
                with self.subTest(name, count=count):
                    data = kit.header(json.dumps(schema)) + kit.block(count, b"")
                    self.assert_refused(data, "it claims more records of no bytes than are taken")

    def test_packed_blocks(self):
        data = kit.header('"null"', "deflate") + kit.block(BILLION, b"", "deflate")
        self.assert_refused(data, "it claims more records of no bytes than are taken")

    def test_items_of_no_bytes(self):
        for items in (BILLION, 2**62):
            data = kit.header('{"type":"array","items":"null"}') + kit.block(1, array_of_nulls(items))
            self.assert_refused(data, "more items without a byte than are taken")

    def test_items_of_few_bytes(self):
        """An item of one byte takes a thousand in memory: many small blocks of them, and few large ones."""
        schema = {"type": "array", "items": ["null", {"type": "fixed", "name": "f", "size": 1024}]}
        for items in (300, 30000):
            blocks = (kit.varint(items) + bytes(items)) * (300000 // items) + kit.varint(0)
            data = kit.header(json.dumps(schema), "deflate") + kit.block(1, blocks, "deflate")
            self.assertLess(len(data), 4096)
            self.assert_refused(data, "raise max_block", "--format", "avro", "-f", "max_block=16MiB")

    def test_numbers_of_one_byte(self):
        blocks = (kit.varint(1000) + bytes(1000)) * 10000 + kit.varint(0)
        data = kit.header('{"type":"array","items":"long"}', "deflate") + kit.block(1, blocks, "deflate")
        self.assert_refused(data, "raise max_block", "--format", "avro", "-f", "max_block=16MiB")

    def test_skipped_blocks(self):
        data = kit.header('"null"') + kit.block(BILLION, b"") * 3
        status, printed, errors = self.read(data, "--format", "avro", "-f", "on_corrupt=skip_block")
        self.assertEqual((status, printed), (3, 0), errors)

    def test_ten_bytes(self):
        """A header that claims a billion entries, and nothing behind it."""
        data = b"Obj\1" + kit.varint(BILLION) + b"\2"
        self.assertEqual(len(data), 10)
        status, printed, _ = self.read(data, "--format", "avro")
        self.assertEqual((status, printed), (4, 0))


if __name__ == "__main__":
    unittest.main()
