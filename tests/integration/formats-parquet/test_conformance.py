"""Every Parquet file of the corpora: decoded as others have it, or refused for the reason that is listed. Prints counts."""
import collections
import json
import os
import subprocess
import tempfile
import unittest

import corpora
import documented
import truths

# What an error must say that refuses a file for this reason.
REASONS = {"damaged": "", "utf-8": "not UTF-8", "length": "no length", "encrypted": "encrypted", "range": "out of range"}
DAMAGED = ("/fuzzing/", "/afl/", "/broken/", "malicious", "broken-arrow")


def arrow_rs(name):
    """The difference from the stream that arrow-rs made; None where there is none."""
    truth = corpora.at(os.path.join("_oracle", "arrow-rs", name + ".arrows"))
    if not os.path.exists(truth):
        return None
    with tempfile.NamedTemporaryFile(suffix=".arrows") as stream:
        stream.write(corpora.cat(name, output="arrow"))
        stream.flush()
        done = subprocess.run([os.environ["IPC_COMPARE"], stream.name, truth], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def records_of(name):
    try:
        return corpora.records(name)
    except corpora.Refused as error:
        if "a JSON object can hold only one of them" in str(error):
            return None  # columns of one name: the stream of arrow-rs has to do
        raise


@unittest.skipUnless(os.path.isdir(corpora.FORMATS), "skipped: no corpora at %s" % corpora.FORMATS)
class Conformance(unittest.TestCase):
    def setUp(self):
        self.refused, self.excused = corpora.listed("refused.txt"), corpora.listed("excused.txt")
        self.alone = corpora.listed("without_truth.txt")
        self.counts = collections.Counter(files=0, decoded=0, refused=0, differing=0, excused=0, without_truth=0)
        self.kinds = collections.Counter()
        self.wrong = []

    def blame(self, name, text):
        self.counts["differing"] += 1
        self.wrong.append("%s: %.400s" % (name, text))

    def check_refused(self, name, error):
        self.counts["refused"] += 1
        reason, says = self.refused.pop(name, (None, None))
        if reason is None:
            self.blame(name, "refused, and not listed: " + error)
        elif says not in error or REASONS[reason] not in error or \
                (reason == "damaged" and not any(word in name for word in DAMAGED)):
            self.blame(name, "not refused as %s: %s" % (reason, error))

    def found(self, name):
        """{kind of truth: difference}; by what its writer noted where there is no other."""
        records = records_of(name)
        found = truths.compare(name, [[value for _, value in record] for record in records]) if records is not None else {}
        rust = arrow_rs(name)
        if rust is not None:
            found["arrow-rs"] = rust
        self.counts["without_truth"] += not found
        if (not found) != (self.alone.pop(name, None) is not None):
            self.blame(name, "is to be listed in without_truth.txt, or not any more")
        if not found or name in documented.PARTS:
            found["statistics"] = truths.statistics(name, records)
        return found

    def check_decoded(self, name):
        found = self.found(name)
        self.counts["decoded"] += 1
        excused = self.excused.pop(name, (None,))[0]
        if excused and found.get(excused) and all(not text for kind, text in found.items() if kind != excused):
            self.counts["excused"] += 1
        elif excused:
            self.blame(name, "is excused, and need not be, or differs elsewhere: %r" % found)
        elif any(found.values()):
            self.blame(name, repr({kind: text for kind, text in found.items() if text}))
        for kind, text in found.items():
            self.kinds[kind] += not text

    def test_files(self):
        for name in corpora.parquet_files():
            self.counts["files"] += 1
            try:
                self.check_decoded(name)
            except corpora.Refused as error:
                self.check_refused(name, str(error))
        print(", ".join("%s: %d" % item for item in self.counts.items()))
        print("equal to: " + ", ".join("%s %d" % item for item in self.kinds.most_common()))
        for listed in (self.refused, self.excused, self.alone):
            self.wrong += ["%s: is listed, and was not met" % name for name in listed]
        self.assertEqual(self.wrong, [], "\n".join(self.wrong))

    def inspect(self, name):
        done = subprocess.run([os.environ["SLUICE"], "inspect", "--json", corpora.at(name)], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, "%s: %s" % (name, done.stderr.decode()))
        return json.loads(done.stdout)

    def test_inspect(self):
        """hyparquet has the metadata of its files as JSON."""
        folder = "hyparquet/test/files"
        for name in sorted(n for n in os.listdir(corpora.at(folder)) if n.endswith(".parquet")):
            with open(corpora.at(os.path.join(folder, name[:-8] + ".metadata.json")), encoding="utf-8") as file:
                theirs = json.load(file)
            ours = self.inspect(os.path.join(folder, name))
            self.assertEqual([ours["rows"], ours["num_row_groups"]], [theirs["num_rows"], len(theirs["row_groups"])], name)
            chunks = [column["meta_data"] for group in theirs["row_groups"] for column in group["columns"]]
            self.assertEqual(
                [(c["column"], c["codec"], set(c["encodings"].split(", ")) - {""}, c["num_values"], c["total_compressed_size"])
                 for c in ours["column_chunks"]],
                [(".".join(c["path_in_schema"]), c["codec"], set(c["encodings"]), c["num_values"],
                  c["total_compressed_size"]) for c in chunks], name)

    def test_inspect_of_bytes(self):
        """Statistics that are no text."""
        chunk = self.inspect("parquet-testing/data/fixed_length_byte_array.parquet")["column_chunks"][0]
        self.assertEqual((chunk["null_count"], chunk["min"], chunk["max"]), (105, "0x00000001", "0x000003e8"))

    def test_dates_beyond_nanoseconds(self):
        """int96_from_spark.md has them as microseconds."""
        rows = corpora.values("parquet-testing/data/int96_from_spark.parquet", "-f", "int96=us")
        self.assertEqual([row[0] for row in rows], [
            "2024-01-01T20:34:56.123456", "2024-01-01T01:00:00.000000", "9999-12-31T03:00:00.000000",
            "2024-12-30T23:00:00.000000", None, "+290000-12-30T23:00:00.000000"])


if __name__ == "__main__":
    unittest.main()
