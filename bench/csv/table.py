"""Tables of texts: a reader of CSV that is plain and strict, and the score of one table against another. No reader that is
scored takes part in it."""
import collections
import gzip
import re

Table = collections.namedtuple("Table", "names rows")  # names: None where there is no header
NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?")


class Dialect:
    def __init__(self, delimiter=",", quote='"', escape="", comment="", encoding="utf-8", header=1, skip=0, footer=0,
                 columns=()):
        self.delimiter, self.quote, self.escape, self.comment = delimiter, quote, escape, comment
        self.encoding, self.header, self.skip, self.footer = encoding, header, skip, footer
        self.columns = columns  # their names, where the dialect tells them


def read_text(path, encoding):
    with open(path, "rb") as file:
        data = file.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    text = data.decode(encoding, errors="replace")
    return text[1:] if text.startswith("\ufeff") else text


def line_end(text, at):
    """How many characters end a line here; 0: none do."""
    if text.startswith("\r\n", at):
        return 2
    return 1 if at < len(text) and text[at] in "\r\n" else 0


def read_quoted(text, at, d):
    """The field whose first quote is at at - 1, and the place behind its last quote."""
    out = []
    while at < len(text):
        c = text[at]
        if d.escape and c == d.escape and at + 1 < len(text):
            out.append(text[at + 1])
            at += 2
        elif c == d.quote and not d.escape and text.startswith(d.quote, at + 1):
            out.append(c)
            at += 2
        elif c == d.quote:
            return "".join(out), at + 1
        else:
            out.append(c)
            at += 1
    raise ValueError("a quote that is not closed")


def read_field(text, at, d):
    if d.quote and text.startswith(d.quote, at):
        return read_quoted(text, at + 1, d)
    start = at
    while at < len(text) and not text.startswith(d.delimiter, at) and not line_end(text, at):
        at += 1
    return text[start:at], at


def read_record(text, at, d):
    fields = []
    while True:
        field, at = read_field(text, at, d)
        fields.append(field)
        if text.startswith(d.delimiter, at):
            at += len(d.delimiter)
            continue
        if at < len(text) and not line_end(text, at):
            raise ValueError("text behind a closing quote")
        return fields, at + line_end(text, at)


def skip_line(text, at):
    while at < len(text) and not line_end(text, at):
        at += 1
    return at + line_end(text, at)


def read_csv(text, d):
    """All records of a text: a plain reading of RFC 4180 with the dialect's characters. Blank lines are none, but where
    the first record has one field only."""
    at, records = 0, []
    for _ in range(d.skip):
        at = skip_line(text, at)
    while at < len(text):
        if d.comment and text.startswith(d.comment, at):
            at = skip_line(text, at)
        elif line_end(text, at) and (not records or len(records[0]) > 1):
            at += line_end(text, at)
        else:
            record, at = read_record(text, at, d)
            records.append(record)
    return records


def as_table(records, header):
    return Table(records[0] if header and records else None, records[1:] if header else records)


def value(text):
    """What is compared: nothing for null, line ends all alike, numbers by their value, true and false in lower case, else the text."""
    if text is None:
        return ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if NUMBER.fullmatch(text):
        return float(text) if len(text) < 16 else text
    return text.lower() if text in ("True", "False", "TRUE", "FALSE") else text


def f1(common, wanted, got):
    if wanted == 0 and got == 0:
        return 1.0
    return 2.0 * common / (wanted + got)


def multiset_f1(wanted, got):
    a, b = collections.Counter(wanted), collections.Counter(got)
    return f1(sum((a & b).values()), sum(a.values()), sum(b.values()))


def same_name(wanted, earlier, got):
    """Readers name what has no name, and set equal names apart by something behind them: each in its way."""
    wanted, got = wanted.strip(), (got or "").strip()
    if wanted == got or wanted == "":
        return True
    return wanted in earlier and got.startswith(wanted)


def header_f1(wanted, got):
    if not wanted or not got:
        return float(not wanted and not got)
    earlier, common = set(), 0
    for a, b in zip(wanted, got):
        common += same_name(a, earlier, b)
        earlier.add(a.strip())
    return f1(common, len(wanted), len(got))


def rows_of(table, header_is_row, width):
    rows = ([table.names] if header_is_row and table.names else []) + list(table.rows)
    return [tuple(value(cell) for cell in list(row) + [""] * (width - len(row))) for row in rows]


def score(truth, got, header_told=True):
    """Of a file that was loaded: (header, records, cells), each an F1 from 0 to 1. Where the file does not tell whether
    it has a header, its first record counts as one of the others, and the header part is left out (None)."""
    widths = [len(row) for row in truth.rows] + [len(truth.names or [])]
    width = max(widths)
    wanted, have = rows_of(truth, not header_told, width), rows_of(got, not header_told, width)
    header = header_f1(truth.names, got.names) if header_told else None
    return (header, multiset_f1(wanted, have),
            multiset_f1([cell for row in wanted for cell in row], [cell for row in have for cell in row]))
