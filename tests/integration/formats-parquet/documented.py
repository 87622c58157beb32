"""What README files beside the corpora, or the tests of the projects that the files come from, say that a file holds:
for each file a function that takes its records (lists of values) and tells whether that is so."""
import base64
import datetime
import json
import os
import struct
from decimal import Decimal

from alike import alike
from corpora import at

TESTING = "parquet-testing/data/"
DOTNET = "parquet-dotnet/src/Parquet.Test/data/"
DUCKDB = "duckdb/data/parquet-testing/"


def column(rows, i=0):
    return [row[i] for row in rows]


def descending_bytes(rows):
    """fixed_length_byte_array.md: values from 1000 down to 1 with some nulls, and how many of them in each page."""
    got = [v if v is None else int.from_bytes(base64.b64decode(v), "big") for v in column(rows)]
    nulls = [got[i:i + 100].count(None) for i in range(0, 1000, 100)]
    return nulls == [9, 9, 19, 10, 13, 11, 11, 8, 9, 6] and \
        all(v is None or v == 1000 - i for i, v in enumerate(got)) and len(got) == 1000


def pages_of_ints(rows):
    """int32_with_null_pages.md: nulls, minimum and maximum of each page."""
    pages = ((8, -2135807632, 2144701119), (55, -2104090659, 1745329571), (100, None, None),
             (52, -2116849709, 2077105757), (16, -2048691758, 2143189382), (12, -2017923401, 2087827129),
             (5, -2136906554, 2125689411), (7, -2113313110, 2145722375), (8, -2046900272, 2087168549),
             (12, -1941944785, 2078586537))
    got = [column(rows)[i:i + 100] for i in range(0, 1000, 100)]
    some = [[v for v in page if v is not None] for page in got]
    return pages == tuple((100 - len(p), min(p, default=None), max(p, default=None)) for p in some)


def truncated(rows):
    """README.md prints the records; some of the binary ones as Latin 1."""
    with open(at(TESTING + "README.md"), encoding="utf-8") as file:
        printed = [json.loads(line) for line in file if line.startswith('{"utf8_full')]
    got = [[base64.b64decode(v).decode("latin-1") if i % 2 else v for i, v in enumerate(row)] for row in rows]
    return got == [list(row.values()) for row in printed]


def pairs_of_columns(rows):
    """README.md, "Byte Stream Split": each column in two encodings."""
    return len(rows) == 200 and all(row[0::2] == row[1::2] for row in rows)


def alltypes_record(i):
    """Record i of Impala's table functional.alltypes, and the minute of its time in UTC, whichever the summer time was."""
    day, digit = datetime.datetime(2009, 1, 1) + datetime.timedelta(days=i // 10), i % 10
    minute = day + datetime.timedelta(minutes=10 * (day.day - 1) + digit)
    record = [i, i % 2 == 0, digit, digit, digit, 10 * digit, 1.1 * digit, 10.1 * digit, day.strftime("%m/%d/%y"), str(digit)]
    minutes = [(minute - datetime.timedelta(hours=h)).strftime("%Y-%m-%dT%H:%M:") for h in (1, 2, 3)]
    return record, minutes, [day.year, day.month]


def alltypes(rows):
    for row in rows:
        record, minutes, month = alltypes_record(row[0])
        if not all(map(alike, row[:10], record)) or row[10][:17] not in minutes or row[11:] != month:
            return False
    return sorted(column(rows)) == list(range(7300))


def uuids(rows):
    got = column(rows)
    return len(got) == 10000 and got[:2] + got[-2:] == [
        "c7ce6bef-d5b0-4863-b199-8ea8c7fb117b", "e8fb9197-cb9f-4118-b67f-fbfa65f61843",
        "ab52a0cc-c6bb-4d61-8a8f-166dc4b8b13c", "85440778-460a-41ac-aa2e-ac3ee41696bf"]


def lineitem(rows):
    """TPC-H, clause 4.2.3: the price is that of the part, times the quantity; a flag follows from dates."""
    for row in rows:
        part, quantity, price = row[1], int(row[4]), Decimal(row[5])
        retail = Decimal(90000 + part // 10 % 20001 + 100 * (part % 1000)) / 100
        status = "O" if row[10] > "1995-06-17" else "F"
        flags = "RA" if row[12] <= "1995-06-17" else "N"
        if price != retail * quantity or row[9] != status or row[8] not in flags or not row[10] < row[12]:
            return False
        if not 0 <= row[6] <= Decimal("0.10") or not 0 <= row[7] <= Decimal("0.08"):
            return False
    return len(rows) > 1000


def near_page_border(rows):
    got = column(rows)
    return sum(not v for v in got) == 30855 and \
        [base64.b64decode(v) if v.endswith("=") else v for v in got[60355:60357]] == \
        ["collateral_natixis_fr_vol5010", "BRAZ82595832_vol16239"]


def maps_over_pages(rows):
    """fastparquet's test: two of the maps lie on the border of a page."""
    last = rows[2427][column_of_maps(rows)]
    return len(rows) == 2428 and all(v is not None for row in rows for v in row) and len(last) == 36 and \
        {"Stockton University", "Walter Montelione", "Veronica Mass", "n.j."} <= set(last) and \
        {"White House", "Koi", "Jerusalem"} <= set(rows[1210][column_of_maps(rows)])


def image_links(rows):
    """DuckDB's test of the file counts these."""
    linked = [row for row in rows if row[32]]
    return len(linked) == 3 and sum(not row[31] or bool(row[33]) for row in linked) == 2


def column_of_maps(rows):
    return next(i for i, v in enumerate(rows[0]) if isinstance(v, dict))


def big_decimals(rows):
    """Its Avro schema: bytes that are a decimal(77, 38), which no Arrow type holds; DuckDB prints the numbers as doubles."""
    got = [int.from_bytes(base64.b64decode(v), "big", signed=True) / 10.0**38 for v in column(rows)]
    return got == [0.5, -0.5, 1.2345678912345679e26, -1.2345678912345679e26, 5.7896044618658096e38, -5.7896044618658096e38]


def single_plain(name):
    """Tiny files with one PLAIN value of four bytes: it stands in the file before the footer."""
    def check(rows):
        with open(at(name), "rb") as file:
            body = file.read()[4:-8]
        return len(rows) == 1 and struct.pack("<i", rows[0][0]) in body
    return check


CHECKS = {
    TESTING + "fixed_length_byte_array.parquet": descending_bytes,
    TESTING + "int32_with_null_pages.parquet": pages_of_ints,
    TESTING + "binary_truncated_min_max.parquet": truncated,
    TESTING + "byte_stream_split_extended.gzip.parquet": pairs_of_columns,
    TESTING + "alltypes_tiny_pages.parquet": alltypes,
    TESTING + "alltypes_tiny_pages_plain.parquet": alltypes,
    TESTING + "hadoop_lz4_compressed_larger.parquet": uuids,
    DUCKDB + "arrow/hadoop_lz4_compressed_larger.parquet": uuids,
    TESTING + "old_list_structure.parquet": lambda rows: rows == [[[[1, 2], [3, 4]]]],
    TESTING + "nan_in_stats.parquet": lambda rows: rows == [[1], [None]],
    TESTING + "float16_zeros_and_nans.parquet": lambda rows: rows == [[None], [0], [None]],
    TESTING + "float16_nonzeros_and_nans.parquet": lambda rows: column(rows) == [None, 1, -2, None, 0, -1, 0, 2],
    TESTING + "concatenated_gzip_members.parquet": lambda rows: column(rows) == list(range(1, 514)),
    TESTING + "sort_columns.parquet": lambda rows: len(rows) > 0 and rows[:len(rows) // 2] == rows[len(rows) // 2:],
    DOTNET + "special/multi_page_bit_packed_near_page_border.parquet": near_page_border,
    DOTNET + "special/multi_page_bit_packed_near_page_border.v2.parquet": near_page_border,
    "fastparquet/test-data/test-map-last-row-split.parquet": maps_over_pages,
    "fastparquet/test-data/no_columns_new.parquet": lambda rows: all(row == [] for row in rows),
    DUCKDB + "bug687_nulls.parquet": lambda rows: sum(v is not None for v in column(rows)) == 99000,
    DUCKDB + "bug1588.parquet": image_links,
    DUCKDB + "lineitem-top10000.gzip.parquet": lambda rows: len(rows) == 10000 and lineitem(rows),
    DUCKDB + "arrow/lineitem-arrow.parquet": lineitem,
    DUCKDB + "bigdecimal.parquet": big_decimals,
    DUCKDB + "broken/broken_utinyint.parquet": single_plain(DUCKDB + "broken/broken_utinyint.parquet"),
    DUCKDB + "broken/broken_timestamp.parquet": single_plain(DUCKDB + "broken/broken_timestamp.parquet"),
}

# Files of which only some values are documented.
PARTS = {name for name, check in CHECKS.items() if check in (uuids, near_page_border, image_links)}
