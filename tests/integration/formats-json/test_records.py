"""Records made at random through the real program: in every layout they come out as they went in, numbers to the last
digit; broken lines among them are told of; jobs read large files in pieces."""
import decimal
import gzip
import json
import os
import random
import re
import tempfile
import unittest

import kit

NAMES = ["id", "name", "a b", "größe", "", "x\"y", "emoji \U0001f600", "nested", "list", "n\\u"]


def make_text(source):
    return "".join(source.choice("ab \"\\/\n\t\u00e9\u65e5\U0001f600\u0001{}[],:") for _ in range(source.randint(0, 40)))


def make_value(source, kind, depth):
    if source.random() < 0.1:
        return None
    if kind == "int":
        return source.choice([0, 1, -1, source.randint(-10**6, 10**6), source.randint(-2**63, 2**63 - 1)])
    if kind == "real":
        return source.choice([0.0, 0.1, -1.5, source.random() * 10 ** source.randint(-300, 300), 1e22, 5e-324])
    if kind == "text":
        return make_text(source)
    if kind == "bool":
        return source.random() < 0.5
    if kind == "big":
        return source.randint(-10**30, 10**30)
    if kind[0] == "list":
        return [make_value(source, kind[1], depth + 1) for _ in range(source.randint(0, 4))]
    if kind == "any":
        return make_value(source, source.choice(["int", "real", "text", "bool", ("list", "int")]), depth)
    return {name: make_value(source, inner, depth + 1) for name, inner in kind[1].items() if source.random() < 0.9}


def make_kind(source, depth=0):
    kinds = ["int", "real", "text", "bool", "big", "any"]
    if depth < 3:
        kinds += [("list", None), ("object", None)]
    kind = source.choice(kinds)
    if kind[0] == "list":
        return "list", make_kind(source, depth + 1)
    if kind[0] == "object":
        return "object", {name: make_kind(source, depth + 1) for name in source.sample(NAMES, source.randint(1, 5))}
    return kind


def write(rows, layout, source):
    ascii_only, spaced = source.random() < 0.5, source.random() < 0.5
    style = {"ensure_ascii": ascii_only, "separators": (", ", ": ") if spaced else (",", ":")}
    if layout == "pretty array":
        return json.dumps(rows, ensure_ascii=ascii_only, indent=2)
    if layout == "array":
        return json.dumps(rows, **style)
    texts = [json.dumps(row, **style) for row in rows]
    if layout == "sequence":
        return "".join("\x1e" + text + "\n" for text in texts)
    if layout == "pretty":
        return "\n".join(json.dumps(row, indent=1) for row in rows)
    return {"lines": "\n", "dos lines": "\r\n\r\n", "joined": ""}[layout].join(texts)


def make_number(source, digits, far):
    """Of so many digits, with a point or an exponent."""
    text = str(source.randint(10 ** (digits - 1), 10 ** digits - 1))
    point = source.randint(0, len(text) - 1)
    fraction = (text[:point] or "0") + "." + text[point:]
    exponent = source.choice(["e%d", "E%+d"]) % source.randint(-far, far) if far or point == 0 else ""
    return source.choice(["", "-"]) + fraction + exponent


def significant(text):
    return re.split("[eE]", text)[0].replace(".", "").lstrip("-").strip("0")


class Records(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def put(self, name, text):
        path = os.path.join(self.folder.name, name)
        data = text.encode() if isinstance(text, str) else text
        with open(path, "wb") as file:
            file.write(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def test_random(self):
        source = random.Random(7)
        layouts = ["lines", "dos lines", "array", "pretty array", "sequence", "pretty", "joined"]
        for i in range(56):
            kind = ("object", {name: make_kind(source) for name in NAMES[:source.randint(1, len(NAMES))]})
            rows = [{k: v for k, v in (make_value(source, kind, 0) or {}).items()} for _ in range(source.randint(1, 60))]
            layout = layouts[i % len(layouts)]
            path = self.put("part.json" + (".gz" if i % 9 == 0 else ""), write(rows, layout, source))
            with self.subTest(layout=layout, i=i):
                done = kit.cat(path)
                self.assertEqual(done.status, 0, done.errors[:2000])
                self.assertIsNone(kit.first_difference(done.rows, rows))

    def test_digits(self):
        """A column in which a number has more digits than a double gives back loses none, whatever its type."""
        source = random.Random(11)
        for i in range(40):
            digits, far = source.choice([(17, 0), (18, 0), (40, 5), (60, 20), (90, 40)]), source.random() < 0.5
            texts = [make_number(source, source.randint(1, digits[0]), digits[1] if far else 0) for _ in range(30)]
            exact = any(len(significant(text)) > 17 for text in texts)
            path = self.put("part.jsonl", "".join('{"n":%s}\n' % text for text in texts))
            done = kit.cat(path)
            self.assertEqual(done.status, 0, done.errors[:2000])
            for text, row in zip(texts, done.rows, strict=True):
                with self.subTest(i=i, text=text):
                    got = decimal.Decimal(row["n"])
                    self.assertTrue(got == decimal.Decimal(text) if exact else float(got) == float(text), row)

    def test_columns_of_all_kinds(self):
        path = self.put("e.jsonl", '{"t":"2024-02-29T12:00:00Z","d":"2024-02-29","n":12345678901234567890123,"v":[{"x":1}]}\n')
        done = kit.run("inspect", path, "--json")
        self.assertEqual(done.status, 0, done.errors)
        told = json.loads(done.text)
        self.assertEqual(told["layout"], "lines")
        self.assertEqual([column["type"] for column in told["schema"]],
                         ["timestamp[us, UTC]", "date", "decimal(38, 0)", "list of struct of x int64"])

    def test_broken_lines(self):
        path = self.put("part.ndjson", '{"a":1}\n{"a":\n{"a":2}}\n{"a":3}\n{"a":"\\ud800"}\n')
        done = kit.run("cat", path)
        self.assertEqual(done.status, 3)
        self.assertEqual(done.rows, [{"a": 1}, {"a": 3}])
        self.assertIn("half of a surrogate pair", done.errors)

    def test_columns(self):
        path = self.put("part.json", '[{"a":1,"b":{"c":[1,2,{"x":"]}"}]},"d":"x"},{"d":"y"}]')
        done = kit.run("cat", path, "--columns", "d,a")
        self.assertEqual(done.text, '{"d":"x","a":1}\n{"d":"y","a":null}\n')

    def test_pointer(self):
        path = self.put("part.json", '{"meta":{"n":2},"data":{"items":[{"a":1},{"a":2}]},"more":1}')
        done = kit.run("cat", path, "--format", "json", options=["records=/data/items"])
        self.assertEqual(done.rows, [{"a": 1}, {"a": 2}], done.errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
