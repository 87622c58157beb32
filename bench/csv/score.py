#!/usr/bin/env python3
"""How right readers of CSV are, on files nobody here wrote: see SCORE.md.
usage: python3 bench/csv/score.py [--sluice PROGRAM] [--only TEXT] [--reader NAME]... [--verbose] [--corpora FOLDER]"""
import argparse
import os
import sys

sys.dont_write_bytecode = True
import cases  # noqa: E402
import readers  # noqa: E402
import table  # noqa: E402

PARTS = ("loaded", "header", "records", "cells")


def judge(case, reader, mode):
    """(score from 0 to 1, its parts, a word on what happened)"""
    try:
        got = reader.read(case.path, mode, case.dialect, case.patience)
    except readers.Failed as failure:
        return float(case.truth is None), (0, 0, 0, 0), str(failure).replace("\n", " ")[:250]
    if case.truth is None:
        return 0.0, (1, 0, 0, 0), "read, and should be refused: %d rows" % len(got.rows)
    parts = (1.0,) + table.score(case.truth, got, case.header_told)
    known = [part for part in parts if part is not None]
    return sum(known) / len(known), parts, difference(case.truth, got)


def difference(truth, got):
    names = ""
    if table.header_f1(truth.names, got.names) < 1:
        names = "names %r, not %r" % ((got.names or [])[:6], (truth.names or [])[:6])
    for number, (a, b) in enumerate(zip(truth.rows, got.rows)):
        x, y = [table.value(v) for v in a], [table.value(v) for v in b]
        if x + [""] * (len(y) - len(x)) != y + [""] * (len(x) - len(y)):
            return "%s row %d is %s, not %s" % (names, number, repr(list(b))[:200], repr(list(a))[:200])
    rows = "" if len(truth.rows) == len(got.rows) else " %d rows, not %d" % (len(got.rows), len(truth.rows))
    return names + rows


def show(results, columns):
    corpora = list(dict.fromkeys(corpus for corpus, _ in results))
    for mode in ("given", "found"):
        titles = [c for c in columns if c[1] == mode or (mode == "found" and c[1] == "defaults")]
        names = [r if m == mode else "%s (%s)" % (r, m) for r, m in titles]
        print("\ndialect %s\n\n| corpus | files | %s |\n|---|---|%s" % (mode, " | ".join(names), "---|" * len(names)))
        for corpus in corpora:
            of = [results[corpus, c] if (corpus, c) in results else [] for c in titles]
            print("| %s | %d | %s |" % (corpus, max(map(len, of)), " | ".join(
                "%.2f (%d)" % (100 * sum(s for s, _ in x) / len(x), sum(s == 1 for s, _ in x)) if x else "" for x in of)))
        every = [[s for corpus in corpora for s, _ in results.get((corpus, c), [])] for c in titles]
        print("| **all files** | %d | %s |" % (max(map(len, every)), " | ".join(
            "**%.2f** (%d)" % (100 * sum(x) / len(x), sum(s == 1 for s in x)) for x in every)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sluice", default=readers.default_program())
    parser.add_argument("--corpora", default=os.environ.get("SLUICE_CORPORA", os.path.join(cases.HERE, "../../../shared/corpora")))
    parser.add_argument("--only", default="", help="files whose path has this text")
    parser.add_argument("--reader", action="append", help="this reader only")
    parser.add_argument("--verbose", action="store_true", help="every file that a reader does not have in full")
    options = parser.parse_args()
    if not os.path.isdir(options.corpora):
        print("skipped: no folder %s" % options.corpora)
        return
    chosen = [r for r in readers.readers(options.sluice) if not options.reader or r.name in options.reader]
    by_corpus = {}
    for case in cases.cases(options.corpora):
        if options.only not in case.path:
            continue
        for reader in chosen:
            for mode in reader.modes:
                total, parts, word = judge(case, reader, mode)
                by_corpus.setdefault((case.corpus, (reader.name, mode)), []).append((total, parts))
                if options.verbose and total < 1:
                    print("%s %s: %s/%s: %.3f %s %s" % (reader.name, mode, case.corpus, case.name, total, " ".join(
                        "%s %.3f" % (n, p) for n, p in zip(PARTS, parts) if p is not None), word))
    columns = [(r.name, m) for r in chosen for m in r.modes]
    show(by_corpus, columns)
    print("\n" + ", ".join("%s %s" % (r.name, r.version) for r in chosen))


if __name__ == "__main__":
    main()
