"""The schema suites of the Avro project, as headers of files without blocks: good ones are read, bad ones refused."""
import os
import tempfile
import unittest

import kit

SUITES = os.path.join(kit.CORPORA, "formats/avro/lang")
# Schemas that the suite wants refused, and that are read, with the reason.
EXCUSED = {
    # "odd names accepted": a name like `3foo` says nothing about how values are read, and real files have such names.
    "fail/invalid_avro_id",
}

# No JSON at all, or a type that is not there.
BROKEN = ("nested.error", "verboseint")


def read(schema):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.avro")
        with open(path, "wb") as file:
            file.write(kit.header(schema))
        return kit.cat(path)


@unittest.skipUnless(os.path.isdir(SUITES), "skipped: no corpora at %s" % SUITES)
class Schemas(unittest.TestCase):
    def files(self, folder):
        folder = os.path.join(SUITES, folder)
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                yield name, file.read()

    def test_suite_of_c(self):
        wrong, counts = [], {"pass": 0, "fail": 0}
        for kind in counts:
            for name, schema in self.files("c/tests/schema_tests/" + kind):
                counts[kind] += 1
                done = read(schema)
                good = (done.status == 0) == (kind == "pass" or "%s/%s" % (kind, name) in EXCUSED)
                if not good:
                    wrong.append("%s/%s: %d %s" % (kind, name, done.status, done.errors[:300]))
        print("schemas of lang/c: %(pass)d good, %(fail)d bad" % counts)
        self.assertEqual(wrong, [])

    def test_suite_of_cpp(self):
        wrong, count = [], 0
        for name, schema in self.files("c++/jsonschemas"):
            count += 1
            done = read(schema)
            if (done.status == 0) != (name not in BROKEN):
                wrong.append("%s: %d %s" % (name, done.status, done.errors[:300]))
        print("schemas of lang/c++: %d" % count)
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
