"""The readers that are scored: each with a dialect given by its own options, and with what it finds by itself. Each gives
a Table, or raises. All values are asked for as text where a reader has an option for it."""
import csv
import gzip
import io
import os
import re
import subprocess
import sys
import warnings

from table import Table

csv.field_size_limit(1 << 30)


class Failed(Exception):
    pass


def without_made_up(names, rows):
    """Readers that found no header make names up: column0, column_1, 0."""
    names = [str(name) for name in names]
    numbered = names and all(re.fullmatch(r"(column|column_)?[0-9]+", name) for name in names)
    in_order = numbered and [int(re.sub(r"\D", "", n)) for n in names] in (list(range(len(names))),
                                                                         list(range(1, len(names) + 1)))
    return Table(None if in_order else names, rows)


STRICT, PATIENT, LENIENT = range(3)


class Reader:
    """LENIENT: damaged files, each reader is told to make the best of them. PATIENT: it is told so only where it fails
    by its defaults. STRICT: it never is."""

    def ways(self, d, mode, patience):
        strict, lenient = self.options(d, mode), self.lenient(d, mode)
        return {STRICT: [strict], PATIENT: [strict] + lenient, LENIENT: lenient}[patience]

    def read(self, path, mode, d, patience):
        failure = None
        for options in self.ways(d, mode, patience):
            try:
                return self.read_with(path, options)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # a panic of a library is no Exception
                failure = failure or Failed("%s: %s" % (type(error).__name__, str(error)[:300]))
        raise failure


class Sluice(Reader):
    name = "sluice"
    modes = ("given", "found")

    def __init__(self, program):
        self.program = program
        done = subprocess.run([program, "version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        self.version = done.stdout.decode().split("\n")[0].split()[-1]

    def options(self, d, mode):
        options = {"encoding": d.encoding, "infer": "text"}
        if mode == "given":
            options.update(delimiter=d.delimiter.replace("\t", "\\t"), quote=d.quote, escape=d.escape, comment=d.comment,
                           header_rows=d.header, skip_rows=d.skip, skip_footer=d.footer)
        return options

    def lenient(self, d, mode):
        more = {"ragged": "fit", "lone_quotes": "text", "invalid_utf8": "replace", "zero_bytes": "text"}
        return [dict(self.options(d, mode), **more)]

    def read_with(self, path, options):
        words = [w for k, v in options.items() for w in ("-f", "%s=%s" % (k, v))]
        done = subprocess.run([self.program, "cat", path, "--format", "csv", "--output", "csv"] + words, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        word = done.stderr.decode(errors="replace").strip()[-300:]
        if done.returncode not in (0, 3, 4):
            sys.exit("sluice was asked wrongly: " + word)
        if done.returncode == 4 or (done.returncode == 3 and "ragged" not in options):
            raise Failed(word)
        rows = [row or [""] for row in csv.reader(io.StringIO(done.stdout.decode(errors="replace"), newline=""))]
        return without_made_up(rows[0] if rows else [], rows[1:])


class DuckDB(Reader):
    name = "duckdb"
    modes = ("given", "found")
    encodings = {"latin1": "latin-1", "ascii": "utf-8"}

    def __init__(self):
        import duckdb
        self.duckdb, self.version = duckdb, duckdb.__version__

    def options(self, d, mode):
        options = {"all_varchar": True, "max_line_size": 1 << 24, "encoding": self.encodings.get(d.encoding, d.encoding)}
        if mode == "given":
            options.update(delim=d.delimiter, quote=d.quote, escape=d.escape or d.quote, comment=d.comment,
                           header=d.header > 0, skip=d.skip + max(0, d.header - 1))
        return options

    def lenient(self, d, mode):
        lenient = dict(self.options(d, mode), null_padding=True, strict_mode=False, parallel=False)
        ways = [lenient, dict(lenient, ignore_errors=True)]
        if mode == "given" and d.columns:  # without its sniffer it must be told the columns
            names = ["%s_%d" % (n, i) if n in d.columns[:i] or not n else n for i, n in enumerate(d.columns)]
            told = dict(ways[1], auto_detect=False, columns={n: "VARCHAR" for n in names})
            del told["all_varchar"]
            ways.append(told)
        return ways

    def literal(self, value):
        if isinstance(value, (bool, int)):
            return str(value)
        if isinstance(value, dict):
            return "{%s}" % ", ".join("%s: %s" % (self.literal(k), self.literal(v)) for k, v in value.items())
        return "'%s'" % value.replace("'", "''")

    def read_with(self, path, options):
        if path.endswith(".gzz"):
            options = dict(options, compression="gzip")
        text = ", ".join("%s = %s" % (k, self.literal(v)) for k, v in options.items())
        connection = self.duckdb.connect()
        try:
            connection.execute("SET threads = 1")
            name = self.literal(re.sub(r"([\[\]*?])", r"[\1]", path))
            result = connection.execute("SELECT * FROM read_csv(%s, %s)" % (name, text))
            return without_made_up([c[0] for c in result.description], result.fetchall())
        finally:
            connection.close()


class Polars(Reader):
    """It reads UTF-8 only: other encodings are undone before it sees the file, by Python as in its own read_csv."""
    name = "polars"
    modes = ("given", "found")

    def __init__(self):
        import polars
        self.polars, self.version = polars, polars.__version__

    def options(self, d, mode):
        options = {"infer_schema": False, "of": d.encoding}
        if mode == "given":
            options.update(separator=d.delimiter, quote_char=d.quote or None, has_header=d.header > 0,
                           skip_lines=d.skip + max(0, d.header - 1), comment_prefix=d.comment or None)
        return options

    def lenient(self, d, mode):
        lenient = dict(self.options(d, mode), truncate_ragged_lines=True, encoding="utf8-lossy")
        return [lenient, dict(lenient, ignore_errors=True)]

    def read_with(self, path, options):
        options = dict(options)
        with open(path, "rb") as file:
            data = file.read()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        encoding = options.pop("of")
        if encoding not in ("utf-8", "ascii"):
            data = data.decode(encoding, errors="replace").encode()
        if "separator" in options and b"\r" in data and b"\n" not in data:
            options["eol_char"] = "\r"
        frame = self.polars.read_csv(data, **options)
        return without_made_up(frame.columns, frame.rows())


class Pandas(Reader):
    """found: its sniffer, which is Python's; defaults: what it does without being told anything."""
    name = "pandas"
    modes = ("given", "found", "defaults")

    def __init__(self):
        import pandas
        self.pandas, self.version = pandas, pandas.__version__

    def options(self, d, mode):
        options = {"dtype": str, "keep_default_na": False, "encoding": d.encoding, "encoding_errors": "replace"}
        if mode == "found":
            options.update(sep=None, engine="python")
        if mode != "given":
            return dict(options, index_col=False)
        plain = len(d.delimiter) == 1
        options.update(sep=d.delimiter if plain else re.escape(d.delimiter), comment=d.comment or None,
                       escapechar=d.escape or None, doublequote=not d.escape, skiprows=d.skip, skipfooter=d.footer)
        options.update({"quotechar": d.quote} if d.quote else {"quoting": csv.QUOTE_NONE})
        if not plain or d.footer:
            options["engine"] = "python"
        if d.header > 1:
            return dict(options, header=list(range(d.header)))  # not with index_col
        return dict(options, header=0 if d.header else None, index_col=False)

    def lenient(self, d, mode):
        options = self.options(d, mode)
        cut = dict(options, engine="python", on_bad_lines=lambda fields: fields)  # it cuts off what is too much
        if mode == "given" and d.header > 1:  # where it cannot join the rows of a header: the last of them
            last = dict(cut, header=0, skiprows=d.skip + d.header - 1, index_col=False)
            return [cut, last]
        return [cut] if mode != "defaults" else [options]

    def read_with(self, path, options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = self.pandas.read_csv(path, compression="gzip" if path.endswith((".gz", ".gzz")) else None, **options)
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
