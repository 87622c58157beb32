"""Makes the seeds of fuzz-decompress: python3 seeds.py FOLDER"""
import bz2
import gzip
import io
import lzma
import os
import shutil
import subprocess
import sys
import zipfile
import zlib

TEXT = b"id,name\n" + b"".join(b"%d,n%d\n" % (i, i * 7) for i in range(40))


def zipped(method, names=("a.csv",), streamed=False):
    class Out(io.RawIOBase):
        data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data)
            return len(data)
    file = Out() if streamed else io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with archive.open(info, "w", force_zip64=streamed) as member:
                member.write(TEXT)
    return file.data if streamed else file.getvalue()


def deflated(method):
    pack = zlib.compressobj(9, zlib.DEFLATED, 31, 9, method)
    return pack.compress(TEXT) + pack.flush()


def snappy():
    def crc32c(data):
        crc = 0xffffffff
        for byte in data:
            crc ^= byte
            for _ in range(8):
                crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
        return crc ^ 0xffffffff

    def chunk(kind, packed):
        crc = crc32c(TEXT)
        masked = ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff
        return bytes([kind]) + (len(packed) + 4).to_bytes(3, "little") + masked.to_bytes(4, "little") + packed
    n = len(TEXT)
    literal = bytes([n & 127 | 128, n >> 7, 61 << 2]) + (n - 1).to_bytes(2, "little") + TEXT
    return b"\xff\x06\0\0sNaPpY" + chunk(0, literal) + b"\xfe\x02\0\0ab" + chunk(1, TEXT)


def by_tool(*words):
    return subprocess.run(words, input=TEXT, stdout=subprocess.PIPE, check=True).stdout if shutil.which(words[0]) else b""


def seeds():
    yield from {"gzip": gzip.compress(TEXT, mtime=0) * 2 + bytes(5), "gzip-fixed": deflated(zlib.Z_FIXED),
                "gzip-stored": gzip.compress(TEXT, 0, mtime=0), "bzip2": bz2.compress(TEXT, 1) * 2,
                "bzip2-empty": bz2.compress(b""), "xz": lzma.compress(TEXT) + bytes(4) + lzma.compress(TEXT),
                "zip": zipped(8), "zip-stored": zipped(0), "zip-streamed": zipped(8, streamed=True),
                "zip-two": zipped(8, ("a.csv", "b.csv")), "snappy": snappy(), "lz4": by_tool("lz4", "-c"),
                "lz4-linked": by_tool("lz4", "-c", "-BD", "-B4"), "zstd": by_tool("zstd", "-c"),
                "skippable": b"\x51\x2a\x4d\x18\x02\0\0\0ab" + by_tool("lz4", "-c"), "plain": TEXT[:50]}.items()


for number, (name, data) in enumerate(seeds()):
    if data:
        with open(os.path.join(sys.argv[1], name), "wb") as file:
            file.write(bytes([number & 3]) + data)
