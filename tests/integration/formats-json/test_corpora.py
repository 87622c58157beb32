"""Every JSON file of the corpora that holds records: as Python's json has it, or refused. Prints what was counted."""
import gzip
import hashlib
import json
import os
import unittest

import kit

LARGEST = 4 << 20


def find_files():
    """Of files with the same bytes one; the decodings of several implementations are mostly alike."""
    seen = set()
    for folder, _, names in os.walk(kit.FORMATS):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith((".json", ".ndjson", ".json.gz")) or os.path.getsize(path) > LARGEST:
                continue
            digest = hashlib.sha256(read_text(path)).digest()
            if digest not in seen:
                yield path
            seen.add(digest)


def read_text(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return file.read()


def truth(data):
    """The values of a part: of an array, one after the other, or one alone. None: it is no JSON, or Python reads more."""
    def no_constant(_):
        raise ValueError
    decoder = json.JSONDecoder(parse_float=kit.decimal.Decimal, parse_constant=no_constant)
    values, at = [], 0
    try:
        text = data.decode("utf-8-sig")
        while True:
            while at < len(text) and text[at] in " \t\r\n":
                at += 1
            if at == len(text):
                break
            value, at = decoder.raw_decode(text, at)
            values.append(value)
    except ValueError:
        return None
    return values[0] if len(values) == 1 and isinstance(values[0], list) else values


class Corpora(unittest.TestCase):
    def setUp(self):
        if not os.path.isdir(kit.FORMATS):
            print("skipped: no corpora at %s" % kit.CORPORA)
            self.skipTest("no corpora")

    def check(self, path, counts):
        data = read_text(path)
        wanted = truth(data)
        done = kit.cat(path, options=("times=false", "duplicates=last", "infer=whole") if not path.endswith(".gz")
                       else ("times=false", "duplicates=last", "sample=16MiB"))
        if wanted is None:
            counts["no JSON to Python"] += 1
            self.assertIn(done.status, (0, 1, 3), path)
            return
        records = [value for value in wanted if isinstance(value, dict)]
        if done.status == 1 and "columns" in done.errors:
            counts["over 10,000 columns"] += 1
            return
        self.assertEqual(done.status, 0 if len(records) == len(wanted) else 3, "%s: %s" % (path, done.errors[:1000]))
        self.assertIsNone(kit.first_difference(done.rows, records), path)
        counts["as Python has it"] += 1
        counts["records"] += len(records)

    def test_files(self):
        counts = dict.fromkeys(("as Python has it", "records", "no JSON to Python", "over 10,000 columns"), 0)
        for path in find_files():
            with self.subTest(path):
                self.check(path, counts)
        print(counts)
        self.assertGreater(counts["as Python has it"], 500)

    def test_weather(self):
        path = os.path.join(kit.FORMATS, "avro/share/test/data/weather.json")
        if not os.path.exists(path):
            self.skipTest("no weather.json")
        done = kit.cat(path, options=())
        self.assertEqual(done.status, 0, done.errors)
        self.assertEqual([row["station"] for row in done.rows][:2], ["011990-99999", "011990-99999"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
