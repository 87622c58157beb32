"""The files that are scored, with their dialects and what is truly in them."""
import csv
import io
import json
import os

import table
from readers import LENIENT, PATIENT, STRICT
from table import Dialect, Table

HERE = os.path.dirname(os.path.abspath(__file__))


class Case:
    def __init__(self, corpus, path, dialect, truth, patience=PATIENT, header_told=True):
        self.corpus, self.path, self.dialect, self.truth = corpus, path, dialect, truth  # truth None: must be refused
        self.patience, self.header_told = patience, header_told
        self.name = os.path.basename(path)


def spectrum(root):
    folder = os.path.join(root, "csv-spectrum")
    for name in sorted(os.listdir(os.path.join(folder, "json"))):
        with open(os.path.join(folder, "json", name), encoding="utf-8") as file:
            records = json.load(file)
        truth = Table(list(records[0]), [list(record.values()) for record in records])
        yield Case("csv-spectrum", os.path.join(folder, "csvs", name[:-5] + ".csv"), Dialect(), truth)


def test_data(root):
    folder = os.path.join(root, "csv-test-data")
    for name in sorted(os.listdir(os.path.join(folder, "csv"))):
        path = os.path.join(folder, "csv", name)
        if name.startswith("bad-"):
            yield Case("csv-test-data bad", path, Dialect(header=int(name.startswith("bad-header-"))), None, STRICT)
            continue
        header = name.startswith("header-")
        with open(os.path.join(folder, "json", name[:-4] + ".json"), encoding="utf-8") as file:
            rows = json.load(file)
        rows = [list(row.values()) if isinstance(row, dict) else row for row in rows]
        truth = Table(["foo", "bar", "baz"] if header else None, rows)
        yield Case("csv-test-data", path, Dialect(header=int(header)), truth, STRICT, header_told=header)


def annotated(root):
    """Files whose dialect dialects.txt tells; what is in them is read in it by table.read_csv."""
    with open(os.path.join(HERE, "dialects.txt"), encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    for name, *settings in lines:
        options = dict(setting.split("=", 1) for setting in settings)
        told = options.get("header") != "?"
        numbers = {k: int(options.pop(k)) for k in ("header", "skip") if k in options and options[k] != "?"}
        options.pop("header", None)
        options = {k: v.replace("\\t", "\t").replace("\\s", " ") for k, v in options.items()}
        dialect = Dialect(**options, **numbers)
        path = os.path.join(root, name)
        if not os.path.exists(path):
            print("skipped: no file %s" % path)
            continue
        truth = table.as_table(table.read_csv(table.read_text(path, dialect.encoding), dialect), dialect.header)
        yield Case(name.split("/")[0], path, dialect, truth, header_told=told)


def pollock(root, folder):
    """Each polluted file has its parameters, and a clean version: comma, all quoted."""
    base = os.path.join(root, "pollock", folder)
    for name in sorted(os.listdir(os.path.join(base, "csv"))):
        with open(os.path.join(base, "parameters", name + "_parameters.json"), encoding="utf-8") as file:
            p = json.load(file)
        quote, escape = p["quotechar"], p["escapechar"]
        dialect = Dialect(delimiter=p["delimiter"] or ",", quote=quote, escape="" if escape == quote else escape,
                          encoding=p["encoding"] or "utf-8", header=int(p["header_lines"]),
                          skip=int(p["preamble_lines"]), footer=int(p["footnote_lines"]), columns=p["column_names"])
        with open(os.path.join(base, "clean", name), encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(io.StringIO(file.read(), newline="")) if row]
        made_up = bool(rows) and rows[0][0].startswith("col_")
        header = dialect.header > 0 and not made_up
        truth = table.as_table(rows[1:] if made_up else rows, header)
        yield Case("pollock polluted" if folder.startswith("polluted") else "pollock survey",
                   os.path.join(base, "csv", name), dialect, truth, patience=LENIENT)


def cases(corpora):
    root = os.path.join(corpora, "formats")
    yield from spectrum(root)
    yield from test_data(root)
    yield from annotated(root)
    yield from pollock(root, "polluted_files")
    yield from pollock(root, "survey_sample")
