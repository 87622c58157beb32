"""The readers that are scored: each with a dialect given by its own options, and with what it finds by itself. Each gives
a Table, or raises. All values are asked for as text where a reader has an option for it."""
import csv
import io
import os
import re
import subprocess
import sys
import warnings

from table import Table

csv.field_size_limit(1 << 30)
NAMED = re.compile(r"(column|column_|field_)?[0-9]+|Unnamed: [0-9]+")


class Failed(Exception):
    pass


def without_made_up(names, rows):
    """Readers that found no header make names up: column0, column_1, 0."""
    names = [str(name) for name in names]
    numbered = names and all(re.fullmatch(r"(column|column_)?[0-9]+", name) for name in names)
    in_order = numbered and [int(re.sub(r"\D", "", n)) for n in names] in (list(range(len(names))),
                                                                         list(range(1, len(names) + 1)))
    return Table(None if in_order else names, rows)


class Sluice:
    name = "sluice"

    def __init__(self, program):
        self.program = program
        done = subprocess.run([program, "version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        self.version = done.stdout.decode().split("\n")[0].split()[-1]
        self.modes = ("given", "found")

    def read(self, path, mode, d, lenient):
        options = {"encoding": d.encoding, "infer": "text"}
        if lenient:
            options.update(ragged="fit", lone_quotes="text", invalid_utf8="replace", zero_bytes="text")
        if mode == "given":
            options.update(delimiter=d.delimiter.replace("\t", "\\t"), quote=d.quote, escape=d.escape, comment=d.comment,
                           header_rows=d.header, skip_rows=d.skip, skip_footer=d.footer)
        words = [w for k, v in options.items() for w in ("-f", "%s=%s" % (k, v))]
        done = subprocess.run([self.program, "cat", path, "--format", "csv", "--output", "csv"] + words,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        if done.returncode not in (0, 3, 4):
            sys.exit("sluice was asked wrongly: " + done.stderr.decode(errors="replace"))
        if done.returncode == 4:
            raise Failed(done.stderr.decode(errors="replace").strip()[-300:])
        rows = [row or [""] for row in csv.reader(io.StringIO(done.stdout.decode(errors="replace"), newline=""))]
        table = without_made_up(rows[0] if rows else [], rows[1:])
        if done.returncode == 3:
            self.note = done.stderr.decode(errors="replace").strip().split("\n")[-1]
            if not lenient:
                raise Failed("rejects: " + self.note)
        return table


class DuckDB:
    name = "duckdb"
    modes = ("given", "found")
    encodings = {"latin1": "latin-1", "utf-16": "utf-16", "ascii": "utf-8"}

    def __init__(self):
        import duckdb
        self.duckdb, self.version = duckdb, duckdb.__version__

    def read(self, path, mode, d, lenient):
        options = {"all_varchar": True, "max_line_size": 1 << 24, "encoding": self.encodings.get(d.encoding, d.encoding)}
        if path.endswith(".gzz"):
            options["compression"] = "gzip"
        if lenient:
            options.update(null_padding=True, strict_mode=False, parallel=False)
        if mode == "given":
            options.update(delim=d.delimiter, quote=d.quote, escape=d.escape or d.quote, comment=d.comment,
                           header=d.header > 0, skip=d.skip + max(0, d.header - 1))
        text = ", ".join("%s = %s" % (k, repr(v) if isinstance(v, (bool, int)) else "'%s'" % v.replace("'", "''"))
                         for k, v in options.items())
        connection = self.duckdb.connect()
        try:
            connection.execute("SET threads = 1")
            name = re.sub(r"([\[\]*?])", r"[\1]", path).replace("'", "''")
            result = connection.execute("SELECT * FROM read_csv('%s', %s)" % (name, text))
            return without_made_up([c[0] for c in result.description], result.fetchall())
        finally:
            connection.close()


class Polars:
    name = "polars"
    modes = ("given", "found")

    def __init__(self):
        import polars
        self.polars, self.version = polars, polars.__version__

    def read(self, path, mode, d, lenient):
        # it reads UTF-8 only, so other encodings are undone for it, as its documentation has it
        options = {"infer_schema": False, "encoding": d.encoding if d.encoding != "ascii" else "utf8"}
        if lenient:
            options.update(truncate_ragged_lines=True)
        if mode == "given":
            with open(path, "rb") as file:
                head = file.read(1 << 16)
            options.update(separator=d.delimiter, quote_char=d.quote or None, has_header=d.header > 0,
                           skip_lines=d.skip + max(0, d.header - 1), comment_prefix=d.comment or None,
                           eol_char="\r" if b"\r" in head and b"\n" not in head else "\n")
        with open(path, "rb") as file:
            frame = self.polars.read_csv(file.read(), **options)
        return without_made_up(frame.columns, frame.rows())


class Pandas:
    name = "pandas"
    modes = ("given", "found", "defaults")

    def __init__(self):
        import pandas
        self.pandas, self.version = pandas, pandas.__version__

    def read(self, path, mode, d, lenient):
        options = {"dtype": str, "keep_default_na": False, "encoding": d.encoding, "encoding_errors": "replace"}
        options["compression"] = "gzip" if path.endswith((".gz", ".gzz")) else None
        if mode == "given":
            plain = len(d.delimiter) == 1
            options.update(sep=d.delimiter if plain else re.escape(d.delimiter), comment=d.comment or None,
                           escapechar=d.escape or None, doublequote=not d.escape, skiprows=d.skip, skipfooter=d.footer,
                           header=None if d.header == 0 else 0 if d.header == 1 else list(range(d.header)))
            options.update(quotechar=d.quote) if d.quote else options.update(quoting=csv.QUOTE_NONE)
            if not plain or d.footer:
                options["engine"] = "python"
        if mode == "found":
            options.update(sep=None, engine="python")
        if lenient and mode != "defaults":
            options.update(engine="python", on_bad_lines=lambda fields: fields)  # it cuts off what is too much
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = self.pandas.read_csv(path, index_col=False, **options)
        names = [" ".join(map(str, n)) if isinstance(n, tuple) else n for n in frame.columns]
        rows = [[None if v != v else v for v in row] for row in frame.itertuples(index=False, name=None)]
        return without_made_up(names, rows)


def readers(program):
    yield Sluice(program)
    for kind in (DuckDB, Polars, Pandas):
        try:
            yield kind()
        except ImportError:
            print("skipped: %s is not installed" % kind.name, file=sys.stderr)


def default_program():
    return os.environ.get("SLUICE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/release/bin/sluice"))
