#!/usr/bin/python3
"""Seeds for a fuzz target from the corpora, into a folder outside of the tree.

usage: corpora.py TARGET FOLDER     (SLUICE_CORPORA, or ../shared/corpora beside the project)
The targets take their options from the first bytes of an input, so the files get as many zero bytes in front."""
import hashlib
import os
import sys

LARGEST = 64 << 10
# Of a target: how many bytes are its options, and the ends of the names of its files.
KINDS = {"arrow": (4, (".arrow", ".arrows", ".arrow_file", ".stream", ".feather")), "avro": (1, (".avro",)),
         "parquet": (0, (".parquet",)), "csv": (4, (".csv", ".tsv")), "json": (4, (".json", ".ndjson"))}


def files(folder, ends):
    for here, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(here, name)
            if name.endswith(ends) and os.path.getsize(path) <= LARGEST:
                yield path


def main():
    target, out = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    corpora = os.environ.get("SLUICE_CORPORA") or os.path.join(here, "../../../shared/corpora")
    if target not in KINDS:
        return
    if not os.path.isdir(corpora):
        print("skipped: no corpora at %s" % corpora)
        return
    front, ends = KINDS[target]
    os.makedirs(out, exist_ok=True)
    for path in files(corpora, ends):
        with open(path, "rb") as file:
            data = bytes(front) + file.read()
        with open(os.path.join(out, hashlib.sha256(data).hexdigest()[:16]), "wb") as file:
            file.write(data)
    print("%s: %d seeds of the corpora" % (target, len(os.listdir(out))))


main()
