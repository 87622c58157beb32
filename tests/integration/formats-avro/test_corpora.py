"""Every Avro file of the corpora: as other readers have it, or refused. Prints what was counted."""
import gzip
import json
import os
import tempfile
import unittest

import kit

FORMATS = os.path.join(kit.CORPORA, "formats")

# Files that must be refused, and what the message must hold.
REFUSED = {
    "avro-1237-bad-union-discriminant.avro": "a union's number",
    "avro-1238-truncated.avro": "it is cut short",
    "test_message.bin": "single-object message",
}
# Differences from the oracles, each excused by a section of the specification or by a second oracle.
EXCUSED = {}


def is_container(path):
    with open(path, "rb") as file:
        return file.read(4) == b"Obj\1"


def find_files():
    for folder, _, names in os.walk(FORMATS):
        if "_oracle" in folder:
            continue
        for name in sorted(names):
            path = os.path.join(folder, name)
            if is_container(path) or name in REFUSED:
                yield path


def oracle(path, implementation):
    path = os.path.join(FORMATS, "_oracle", implementation, os.path.relpath(path, FORMATS) + ".ndjson")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file.read().split("\n") if line]


def truths(path):
    found = [(name, oracle(path, name)) for name in ("fastavro", "pyavro")]
    found = [(name, rows) for name, rows in found if rows is not None]
    if os.path.basename(path).startswith("weather") and "/avro/share/" in path:
        with open(os.path.join(FORMATS, "avro/share/test/data/weather.json"), encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        order = sorted(rows, key=lambda row: (row["time"], row["temp"])) if "sorted" in path else rows
        found.append(("weather.json", order))
    if not found and oracle(path, "avsc") is not None:
        found.append(("avsc", oracle(path, "avsc")))
    rows = None if found else kit.read_by_module(path)
    return found + ([("python3-avro", rows)] if rows is not None else [])


@unittest.skipUnless(os.path.isdir(FORMATS), "skipped: no corpora at %s" % FORMATS)
class Corpora(unittest.TestCase):
    def compare(self, path, done):
        """Names of the truths that differ."""
        with open(path, "rb") as file:
            narrow = b'"float"' in file.read()
        rows = done.rows
        if rows and all(set(row) == {"value"} for row in rows):
            single = [row["value"] for row in rows]
        else:
            single = rows
        differ = []
        for name, theirs in truths(path):
            if not (kit.equal(rows, theirs, narrow) or kit.equal(single, theirs, narrow)):
                differ.append(name)
        return differ

    def test_files(self):
        counts = {"decoded": 0, "refused": 0, "differing": 0, "compared": 0}
        wrong = []
        for path in find_files():
            name, done = os.path.basename(path), kit.cat(path, "--format", "avro")
            if name in REFUSED:
                counts["refused"] += 1
                if done.status == 0 or REFUSED[name] not in done.errors:
                    wrong.append("%s: must be refused: %s" % (path, done.errors[:300]))
                continue
            if done.status != 0:
                wrong.append("%s: %s" % (path, done.errors[:300]))
                continue
            counts["decoded"] += 1
            differ = self.compare(path, done)
            counts["differing"] += bool(differ)
            if set(differ) != set(EXCUSED.get(name, ())):
                wrong.append("%s: differs from %s" % (path, differ))
            if not truths(path):
                print("no truth for", os.path.relpath(path, FORMATS))
            counts["compared"] += bool(truths(path))
        print("corpora: %(decoded)d decoded, %(compared)d of them compared, %(refused)d refused, "
              "%(differing)d differing" % counts)
        self.assertEqual(wrong, [])
        self.assertGreater(counts["compared"], 60)

    def test_packed(self):
        """A file that another reader stumbled over; it is sound."""
        packed = os.path.join(FORMATS, "arrow-rs/arrow-avro/test/data/bad-varint-bug.avro.gz")
        with tempfile.TemporaryDirectory() as folder, gzip.open(packed) as file:
            plain = os.path.join(folder, "plain.avro")
            with open(plain, "wb") as out:
                out.write(file.read())
            rows = kit.cat(plain).rows
            self.assertEqual(rows, kit.cat(packed).rows)
            theirs = kit.read_by_module(plain)
        if theirs is None:
            self.skipTest("skipped: python3-avro is not installed")
        self.assertTrue(kit.equal(rows, theirs))
        print("bad-varint-bug: %d records as python3-avro reads them" % len(rows))

    def test_every_small_file_cut_short(self):
        """A file that ends early is an error, or has no more records than before."""
        for path in find_files():
            if os.path.basename(path) not in ("weather-snappy.avro", "avro-1237-good.avro"):
                continue
            with open(path, "rb") as file:
                data = file.read()
            with tempfile.TemporaryDirectory() as folder:
                cut = os.path.join(folder, "cut.avro")
                for size in range(0, len(data), 7):
                    with open(cut, "wb") as file:
                        file.write(data[:size])
                    done = kit.cat(cut, "--format", "avro")
                    self.assertGreaterEqual(done.status, 0)
                    if done.status == 0:
                        self.assertEqual(done.text, "", "%s cut at %d" % (path, size))


if __name__ == "__main__":
    unittest.main()
