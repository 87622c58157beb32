"""What a file of the corpora should hold, as others have it: NDJSON of DuckDB, JSON of hyparquet, CSV files, geometries as
text, variants as binaries, the same records as Avro or as Parquet of another writer. Each function takes a file's name and
its records, and gives None where there is no such truth, else a text that tells the difference, empty if there is none."""
import base64
import csv
import datetime
import json
import os
import re
import subprocess
from decimal import Decimal

import alike
import corpora
import documented
import variant
import wkb
from corpora import at

TESTING = "parquet-testing/data/"
DOTNET = "parquet-dotnet/src/Parquet.Test/data/"
GEO = "duckdb/data/geoparquet/data-"

# Parquet files whose records a CSV file has too; with or without a line of names.
CSV = {
    TESTING + "delta_binary_packed.parquet": TESTING + "delta_binary_packed_expect.csv",
    TESTING + "delta_byte_array.parquet": TESTING + "delta_byte_array_expect.csv",
    TESTING + "delta_encoding_required_column.parquet": TESTING + "delta_encoding_required_column_expect.csv",
    DOTNET + "delta_binary_packed.parquet": DOTNET + "delta_binary_packed.csv",
    DOTNET + "delta_byte_array.parquet": DOTNET + "delta_byte_array.csv",
    DOTNET + "special/decimallegacy.parquet": DOTNET + "special/decimallegacy.csv",
    DOTNET + "special/decimallegacy.v2.parquet": DOTNET + "special/decimallegacy.csv",
    DOTNET + "types/alltypes.plain.parquet": DOTNET + "types/alltypes.csv",
    DOTNET + "types/alltypes.plain.v2.parquet": DOTNET + "types/alltypes.csv",
    DOTNET + "types/alltypes_dictionary.plain.parquet": DOTNET + "types/alltypes_dictionary.csv",
    DOTNET + "types/alltypes_dictionary.plain.v2.parquet": DOTNET + "types/alltypes_dictionary.csv",
    DOTNET + "types/decimal_precision.parquet": DOTNET + "types/decimal_precision.csv",
    "polars/py-polars/tests/unit/io/files/foods1.parquet": "polars/py-polars/tests/unit/io/files/foods1.csv",
}
WITHOUT_NAMES = ("hive-partitioning",)

# Files of the same records, by other writers, encodings, codecs or page versions.
NATION = [DOTNET + "real/nation.plain.parquet", DOTNET + "real/nation.dict.parquet", DOTNET + "real/nation.impala.parquet",
          DOTNET + "gzip-nation.impala.parquet", DOTNET + "snappy-nation.impala.parquet",
          "fastparquet/test-data/nation.plain.parquet", "fastparquet/test-data/nation.dict.parquet",
          "fastparquet/test-data/nation.impala.parquet", "fastparquet/test-data/gzip-nation.impala.parquet",
          "fastparquet/test-data/snappy-nation.impala.parquet", TESTING + "nation.dict-malformed.parquet",
          "duckdb/data/parquet-testing/arrow/nation.dict-malformed.parquet"]
TWINS = {name: NATION[0] for name in NATION[1:]}
TWINS.update({
    TESTING + "alltypes_tiny_pages.parquet": TESTING + "alltypes_tiny_pages_plain.parquet",
    GEO + "polygon-encoding_native.parquet": GEO + "polygon-encoding_wkb.parquet",
})


def json_lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return [json.loads(line, parse_float=Decimal) for line in file.read().split("\n") if line]


def duckdb(name, rows):
    path = at(os.path.join("_oracle", "duckdb", name + ".ndjson"))
    if not os.path.exists(path):
        return None
    return alike.difference(rows, [list(row.values()) for row in json_lines(path)]) or ""


def hyparquet(name, rows):
    path = at(os.path.splitext(name)[0] + ".json")
    if not name.startswith("hyparquet/"):
        return None
    with open(path, encoding="utf-8") as file:
        return alike.difference(rows, json.load(file, parse_float=Decimal)) or ""


def from_cell(cell, ours):
    """A cell of a CSV file, as the type of what we read."""
    if cell == "" and ours in (None, ""):
        return ours
    if isinstance(ours, bool):
        return {"true": True, "false": False}.get(cell.lower(), cell)
    if isinstance(ours, (int, Decimal)):
        return Decimal(cell)
    return cell


def csv_pair(name, rows):
    path = CSV.get(name) or os.path.splitext(name)[0] + ".csv"
    if not os.path.exists(at(path)):
        return None
    with open(at(path), encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file))[0 if any(word in name for word in WITHOUT_NAMES) else 1:]
    typed = [[from_cell(cell, ours) for cell, ours in zip(line, row)] for line, row in zip(cells, rows)]
    return "%d records, not %d" % (len(rows), len(cells)) if len(cells) != len(rows) else alike.difference(rows, typed) or ""


def points(native):
    """A geometry as nested lists of {"x": ..., "y": ...}; a point of no numbers is empty."""
    if isinstance(native, list):
        return [points(part) for part in native]
    return [] if native["x"] is None else [float(native["x"]), float(native["y"])]


def wkt(name, rows):
    """Geometries: as text in a CSV file, or in a column beside."""
    path = at(name.split("-encoding")[0] + "-wkt.csv")
    if name.startswith(GEO) and os.path.exists(path):
        with open(path, encoding="utf-8", newline="") as file:
            texts = [line[1] for line in list(csv.reader(file))[1:]]
    elif "/geospatial/" in name:
        texts = [row[0] for row in rows]
    else:
        return None
    if len(texts) != len(rows):
        return "%d records, not %d" % (len(rows), len(texts))
    for text, row in zip(texts, rows):
        theirs = wkb.from_wkt(text) if text else None
        if not (points(row[1]) == theirs[1] if isinstance(row[1], dict) else row[1] == theirs or
                wkb.from_base64(row[1]) == theirs):
            return "%.100r is not %.100r" % (row[1], text)
    return ""


def variant_files(name, rows):
    """parquet-testing/shredded_variant: the variant of each row as it was before it was shredded."""
    stem = at(os.path.splitext(name)[0])
    paths = ["%s_row-%d.variant.bin" % (stem, i) for i in range(len(rows))]
    if "shredded_variant" not in name or not all(map(os.path.exists, paths)):
        return None
    for path, row in zip(paths, rows):
        if not alike.alike(row[1], variant.from_file(path)):
            return "%r is not %r" % (variant.unshred(row[1]), variant.from_file(path))
    return ""


def avro(name, rows):
    """arrow-testing has some files of parquet-testing as Avro, converted by Spark."""
    path = at("arrow-testing/data/avro/%s.avro" % os.path.splitext(os.path.basename(name))[0])
    if not name.startswith(TESTING) or not os.path.exists(path):
        return None
    done = subprocess.run([os.environ["SLUICE"], "cat", path], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    theirs = [list(json.loads(line, parse_float=Decimal).values()) for line in done.stdout.decode().splitlines()]
    return alike.difference(rows, theirs) or ""


def twin(name, rows):
    if name not in TWINS:
        return None
    theirs = corpora.values(TWINS[name])
    if TWINS[name] in NATION:
        return "" if nation(rows) == nation(theirs) else "not as in " + TWINS[name]
    if name.startswith(GEO):
        theirs = [[row[0], row[1] and wkb.from_base64(row[1])[1]] for row in theirs]
        rows = [[row[0], row[1] and points(row[1])] for row in rows]
    return "" if sorted(rows) == sorted(theirs) else "not as in " + TWINS[name]


def nation(rows):
    """Texts of columns without a logical type are bytes, printed as base64."""
    return [[v if isinstance(v, int) else v if " " in v or v.isupper() and "=" not in v else base64.b64decode(v).decode()
             for v in row] for row in rows]


def documents(name, rows):
    if name not in documented.CHECKS:
        return None
    return "" if documented.CHECKS[name](rows) else "not as documented"


def leaves(value, path):
    """The values of a leaf column by its path; names of the layers that lists and maps have are passed over."""
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part, path)]
    if not isinstance(value, dict):
        return [value]
    at_hand = [i for i, name in enumerate(path) if name in value]
    if at_hand:
        return leaves(value[path[at_hand[0]]], path[at_hand[0] + 1:])
    parts = value if path[-1] == "key" else value.values()
    return [leaf for part in parts for leaf in leaves(part, path)]


def comparable(value):
    """Statistics of timestamps are numbers."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d+-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d+)Z?", value)
    if not found:
        return value.encode()
    seconds = (datetime.datetime.fromisoformat(found[1]) - datetime.datetime(1970, 1, 1)) // datetime.timedelta(seconds=1)
    return seconds * 10**len(found[2]) + int(found[2])


def is_bound(bound, value):
    """Writers may cut long texts."""
    return value == bound or (isinstance(bound, bytes) and len(bound) > 40 and value.startswith(bound[:40]))


def chunk_difference(chunk, values):
    """What a column chunk's statistics say, against its values."""
    some = sorted(comparable(v) for v in values if v is not None)
    if chunk["column"].count(".") == 0 and chunk["null_count"] not in (None, len(values) - len(some)):
        return "%d nulls, not %r" % (len(values) - len(some), chunk["null_count"])
    bounds = [comparable(chunk[side]) for side in ("min", "max") if chunk.get(side) is not None]
    if len(bounds) == 2 and not (some and is_bound(bounds[0], some[0]) and is_bound(bounds[1], some[-1])):
        return "from %.60r to %.60r, not %.60r" % (some[:1], some[-1:], bounds)
    return ""


def statistics(name, records):
    """The weakest truth, for files that have no other: what the writer noted of each column chunk."""
    done = subprocess.run([os.environ["SLUICE"], "inspect", "--json", at(name)], stdin=subprocess.DEVNULL, capture_output=True,
                          check=True)
    told = json.loads(done.stdout, parse_float=Decimal)
    first, starts = 0, {}
    for group in told["row_groups"]:
        starts[group["row_group"]] = slice(first, first + group["num_rows"])
        first += group["num_rows"]
    if first != len(records):
        return "%d records, not %d" % (len(records), first)
    for chunk in told["column_chunks"]:
        path = chunk["column"].split(".")
        values = [leaf for record in records[starts[chunk["row_group"]]] for leaf in leaves(dict(record), path)]
        difference = chunk_difference(chunk, values)
        if difference:
            return "%s of row group %d: %s" % (chunk["column"], chunk["row_group"], difference)
    return ""


KINDS = {"duckdb": duckdb, "hyparquet": hyparquet, "csv": csv_pair, "wkt": wkt, "variant": variant_files, "avro": avro,
         "twin": twin, "documented": documents}


def compare(name, rows):
    """{kind: difference} for each kind of truth that there is for the file."""
    found = {}
    for kind, function in KINDS.items():
        try:
            difference = function(name, rows)
        except (KeyError, ValueError, ArithmeticError, IndexError, TypeError) as error:
            difference = "cannot be compared: %r" % error
        if difference is not None:
            found[kind] = difference
    return found
