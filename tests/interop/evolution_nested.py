#!/usr/bin/env python3
"""New fields inside columns: two files of JSON, Parquet, Arrow and Avro each, the second with fields in structs, in structs in
structs and in lists of structs that the first has not, under each answer of `evolution.new`. Files by pyarrow (PyPI) and
python3-avro (Debian). Usage: evolution_nested.py SLUICE [SCRATCH-FOLDER]"""
import json, os, subprocess, sys, tempfile

sys.path.append("/usr/lib/python3/dist-packages")
try:
    import avro.datafile, avro.io, avro.schema
    import pyarrow as pa, pyarrow.ipc, pyarrow.parquet as pq
except ImportError as error:
    sys.exit(print("skipped: %s" % error))

sluice = sys.argv[1]
scratch = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="sluice-evolution-")
FIRST = [{"id": 1, "o": {"a": 1, "in": {"x": "p"}}, "l": [{"a": 1}, {"a": 2}], "k": "t"}, {"id": 2, "o": None, "l": [], "k": None}]
THEN = [{"id": 3, "o": {"b": "new", "a": 3, "in": {"x": "q", "y": 1.5}}, "l": [{"a": 3, "c": True}], "k": "u"},
        {"id": 4, "o": {"b": None, "a": None, "in": None}, "l": None, "k": "v"}]
LAST = [{"id": 5, "o": {"in": {"x": "r"}}, "l": [{"a": 5}], "k": "w"}]  # without o.a, too


def record(name, *fields):
    return {"type": "record", "name": name, "fields": [{"name": n, "type": ["null", t]} for n, t in fields]}


def avro_schema(rows):
    records = [row["o"] for row in rows if row["o"]]
    new, last = any("b" in o for o in records), not any("a" in o for o in records)
    inner = record("n", ("x", "string"), *([("y", "double")] if new else []))
    o = record("o", *([("b", "string")] if new else []), *([] if last else [("a", "long")]), ("in", inner))
    item = record("i", ("a", "long"), *([("c", "boolean")] if any("c" in i for row in rows for i in row["l"] or []) else []))
    return record("r", ("id", "long"), ("o", o), ("l", {"type": "array", "items": item}), ("k", "string"))


def write(path, rows, kind):
    if kind == "json":
        with open(path, "w") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    elif kind == "avro":
        with avro.datafile.DataFileWriter(open(path, "wb"), avro.io.DatumWriter(), avro.schema.parse(json.dumps(avro_schema(rows)))) as out:
            for row in rows:
                out.append(row)
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        table = pa.Table.from_pylist(rows)
        with pa.ipc.new_file(path, table.schema) as out:
            out.write_table(table)


class Job:
    def __init__(self, kind, evolution):
        self.kind, self.evolution, self.folder = kind, evolution, tempfile.mkdtemp(dir=scratch)
        os.mkdir(os.path.join(self.folder, "in"))

    def run(self, name, rows, expect):
        write(os.path.join(self.folder, "in", name), rows, self.kind)
        config = os.path.join(self.folder, "job.conf")
        with open(config, "w") as file:
            file.write('''ledger = "%s/ledger"; jobs = { j = { source = { type = "file"; path = "%s/in"; }; format = { type = "%s"; };
  workers = 1; sink = { type = "file"; path = "%s/out.ndjson"; }; evolution = { %s }; }; };''' % (
                self.folder, self.folder, self.kind, self.folder, self.evolution))
        done = subprocess.run([sluice, "run", config], capture_output=True, text=True, timeout=60)
        said = done.stdout + done.stderr
        assert done.returncode == expect, (self.kind, self.evolution, name, done.returncode, said)
        return said

    def rows(self):
        with open(os.path.join(self.folder, "out.ndjson")) as file:
            return [json.loads(line) for line in file]


def filled(rows, new):
    """As the job's schema has them: every field there, null where a file lacks it."""
    out = []
    for row in rows:
        row = json.loads(json.dumps(row))
        if row["o"] is not None:
            row["o"].setdefault("a", None)
            row["o"].update({"b": row["o"].get("b")} if new else {}) if new else row["o"].pop("b", None)
            if row["o"]["in"] is not None:
                row["o"]["in"].setdefault("y", None) if new else row["o"]["in"].pop("y", None)
        for item in row["l"] or []:
            item.setdefault("c", None) if new else item.pop("c", None)
        out.append(row)
    return out


def check(kind):
    for evolution, new in (("", True), ('new = "ignore";', False)):
        job = Job(kind, evolution)
        job.run("1", FIRST, 0)
        said = job.run("2", THEN, 0)
        assert not new or "new column 'o." in said or "new column 'l[].c'" in said, said
        job.run("3", LAST, 0)
        want = FIRST + filled(THEN + LAST, new)  # what was written before stays as it was
        assert job.rows() == want, (kind, evolution, job.rows(), want)
    for answer, words in (("reject", "the file is not read"), ("stop", "the run stops")):
        job = Job(kind, 'new = "%s";' % answer)
        job.run("1", FIRST, 0)
        said = job.run("2", THEN, 4)
        assert "is new" in said and words in said and ("'o.b' (string)" in said or "'o.in.y' (float64)" in said), said
        assert job.rows() == FIRST
    job = Job(kind, 'new = "rescue";')
    job.run("1", FIRST, 0)
    assert "'l[].c' (bool) is new in the records of a list" in job.run("2", THEN, 4)
    job = Job(kind, 'new = "rescue";')
    plain = [dict(row, l=[{"a": 1}]) for row in FIRST + THEN]
    job.run("1", plain[:2], 0)
    job.run("2", plain[2:], 0)
    rows = job.rows()
    assert [json.loads(row.pop("_rescued") or "{}") for row in rows] == [{}, {}, {"o.b": "new", "o.in.y": 1.5}, {}], job.rows()
    assert rows == plain[:2] + filled(plain[2:], False), rows
    print(kind, "ok")


for one in ("json", "parquet", "arrow", "avro"):
    check(one)
