"""Files that are packed, through the program: each kind of compression, local and from a bucket; damage; zip archives."""
import bz2
import gzip
import io
import lzma
import os
import shutil
import subprocess
import tempfile
import unittest
import zipfile

from program import ProgramTest

ROWS = 30000
TEXT = "id,name\n" + "".join("%d,n%d\n" % (i, i) for i in range(ROWS))
LINES = ["id,name"] + ["%d,n%d" % (i, i) for i in range(ROWS)]


class Unseekable(io.RawIOBase):
    """Where zipfile must write sizes behind the content."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


def zipped(method=zipfile.ZIP_DEFLATED, names=("t.csv",), streamed=False, zip64=False):
    file = Unseekable() if streamed else io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("folder/", b"")
        for name in names:
            with archive.open(name, "w", force_zip64=zip64) as member:
                member.write(TEXT.encode())
    return file.data if streamed else file.getvalue()


def halves(pack):
    data = TEXT.encode()
    return pack(data[:1000]) + pack(data[1000:])


def by_lz4():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x")
        with open(path, "wb") as file:
            file.write(TEXT.encode())
        subprocess.run(["lz4", "-q", path, path + ".lz4"], check=True)
        with open(path + ".lz4", "rb") as file:
            return file.read()


def packed():
    files = {"t.csv.gz": halves(gzip.compress), "t.csv.bz2": halves(bz2.compress), "t.csv.xz": halves(lzma.compress),
             "T.CSV.BZ2": bz2.compress(TEXT.encode()), "t.csv.zip": zipped(), "stored.csv.zip": zipped(zipfile.ZIP_STORED),
             "streamed.csv.zip": zipped(streamed=True), "large.csv.zip": zipped(zip64=True)}
    if shutil.which("lz4"):
        files["t.csv.lz4"] = by_lz4()
    return files


class Packed(ProgramTest):
    def write(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(data)

    def test_files(self):
        for name, data in packed().items():
            with self.subTest(name):
                self.write(name, data)
                self.assertTrue(self.expect(0, "cat", name, "--output", "csv").lines == LINES)

    def test_inner_suffix(self):
        """The name inside of the packed name tells the format's dialect."""
        for name, pack in (("t.tsv.bz2", bz2.compress), ("t.TSV.xz", lzma.compress), ("t.tsv.gz", gzip.compress)):
            self.write(name, pack(b"a,b\tc\n1,2\t3\n"))
            self.assertEqual(self.expect(0, "cat", name).lines, ['{"a,b":"1,2","c":3}'])

    def test_bucket(self):
        server = self.server()
        for name, data in packed().items():
            server.write("b1/data/" + name, data)
        env = self.keys(server)
        for name in packed():
            with self.subTest(name):
                done = self.expect(0, "cat", "s3://b1/data/" + name, "--output", "csv", env=env)
                self.assertTrue(done.lines == LINES)

    def test_cut_and_damaged(self):
        for name, data in packed().items():
            with self.subTest(name):
                self.write(name, data[:len(data) * 2 // 3])
                done = self.expect(4, "cat", name)
                self.assertRegex(done.errors, r"%s: .*damaged at" % name)
                middle = len(data) // 2
                self.write(name, data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1:])
                done = self.expect(4, "cat", name)
                self.assertIn(name, done.errors)

    def test_zip_refusals(self):
        self.write("two.zip", zipped(names=("a.csv", "b.csv")))
        self.assertIn("'a.csv' and 'b.csv'; extract the one that is wanted", self.expect(4, "cat", "two.zip").errors)
        self.write("new.zip", zipped(zipfile.ZIP_BZIP2))
        self.assertIn("'t.csv' in this zip archive is packed by bzip2", self.expect(4, "cat", "new.zip").errors)

    def test_bomb(self):
        """What unpacks to 2 GB: read in little memory, and left off when enough was read."""
        data = lzma.compress(b"a\n") + lzma.compress(b"1\n" * 500000, preset=0) * 2000
        self.assertLess(len(data), 1 << 20)
        self.write("bomb.csv.xz", data)
        self.assertEqual(len(self.expect(0, "cat", "bomb.csv.xz", "--limit", "1000").lines), 1000)


if __name__ == "__main__":
    unittest.main()
