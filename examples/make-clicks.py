#!/usr/bin/python3
"""Makes click-through predictions as CSV files in nested folders: always the same ones.

usage: make-clicks.py FOLDER ROWS      30 files below FOLDER; one is gzipped; some records are broken
       make-clicks.py --one FILE ROWS  one more file, of records that the others do not have
"""
import gzip
import os
import random
import sys

CAMPAIGNS = ["spring", "summer, late", 'the "big" one', "wïnter", ""]
BROKEN = ["only,two\n", "b-1,2026-11-19T10:00:00Z,spring,high,true\n", ",2026-11-19T10:00:00Z,spring,0.5,true\n"]


def quoted(text):
    return '"%s"' % text.replace('"', '""') if any(c in text for c in ',"\n') else text


def write(path, first, rows, broken):
    """Records first..first+rows-1, and after every 5,000th the broken lines."""
    rng = random.Random(first)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "wt", encoding="utf-8", newline="") as file:
        file.write("prediction_id,prediction_ts,campaign,prediction_score,clicked\n")
        for i in range(first, first + rows):
            second = i % 86400
            file.write("p-%07d,2026-11-%02dT%02d:%02d:%02dZ,%s,%.4f,%s\n" % (
                i, 1 + i // 86400 % 28, second // 3600, second // 60 % 60, second % 60,
                quoted(CAMPAIGNS[i % len(CAMPAIGNS)]), rng.random(), "true" if i % 7 == 0 else "false"))
            if broken and i % 5000 == 4999:
                file.write(BROKEN[i // 5000 % len(BROKEN)])


def main():
    if sys.argv[1] == "--one":
        write(sys.argv[2], 10_000_000, int(sys.argv[3]), False)
        return
    folder, rows = sys.argv[1], int(sys.argv[2])
    for i in range(30):
        name = "click-thru-rate/production/v1/2026/11/%02d/part-%d.csv%s" % (1 + i // 3, i % 3, ".gz" if i == 7 else "")
        write(os.path.join(folder, name), i * (rows // 30), rows // 30, True)


main()
