#!/usr/bin/env python3
"""S3 -> CSV -> JSON -> HTTP: Sluice with one worker against pipeline.py, in pairs, on the same servers and files."""
import argparse
import json
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent))
import data  # noqa: E402
import kit  # noqa: E402


class Bench:
    def __init__(self, args, folder, s3, rows):
        self.args, self.folder, self.s3, self.rows = args, folder, s3, rows
        self.runs = 0

    def sluice(self, port, body, bucket="bench"):
        self.runs += 1
        job = self.folder / "job.conf"
        kit.write_job(job, self.folder / f"ledger-{self.runs}", self.s3.port, bucket, kit.http_sink(port, body), workers=1)
        return [self.args.bin / "sluice", "run", job]

    def python(self, port, body, bucket="bench"):
        return [sys.executable, HERE / "pipeline.py", "--s3-port", self.s3.port, "--recv-port", port, "--bucket", bucket,
                "--access-key", kit.ACCESS_KEY, "--secret-key", kit.SECRET_KEY, "--body", body]

    def check_same(self):
        """Both send the same values of the same types; only 8.8e-5 is 8.8e-05 in Python."""
        sent = []
        for side in (self.python, self.sluice):
            out = self.folder / f"sent-{side.__name__}"
            with kit.Server(self.folder, self.args.bin / "recv", "--out", out) as recv:
                kit.run_client(side(recv.port, "json", bucket="small"))
            with open(f"{out}.records", encoding="utf-8") as lines:
                sent.append(sorted(repr(json.loads(line)) for line in lines))
        if sent[0] != sent[1] or not sent[0]:
            different = next((pair for pair in zip(*sent) if pair[0] != pair[1]), None)
            raise SystemExit(f"the two sides send different records, first {different}")
        print(f"both sides send the same {len(sent[0])} records of the small file")

    def measure(self, side, body):
        with kit.Server(self.folder, self.args.bin / "recv", "--count-only") as recv:
            cost, _ = kit.run_client(side(recv.port, body))
            counted = json.loads(recv.get("/_recv/stats"))["records"]
        if counted != self.rows:
            raise SystemExit(f"{side.__name__}: the receiver counted {counted} records of {self.rows}")
        print(f"{body:7} {side.__name__:7} {self.rows / cost.seconds:10,.0f} rows/s {cost.cpu:7.2f} CPU s "
              f"{cost.peak_mb:6.1f} MB", flush=True)
        return cost

    def pairs(self, body):
        costs = {"sluice": [], "python": []}
        for i in range(self.args.pairs):
            order = [self.sluice, self.python] if i % 2 == 0 else [self.python, self.sluice]
            for side in order:
                costs[side.__name__].append(self.measure(side, body))
        return costs


def summary(body, costs, rows):
    """Rows of a table: medians, and the median of the pairs' ratios."""
    lines = []
    for name in ("sluice", "python"):
        rate = statistics.median(rows / c.seconds for c in costs[name])
        cpu = statistics.median(c.cpu for c in costs[name])
        peak = statistics.median(c.peak_mb for c in costs[name])
        lines.append((body, name, f"{rate:,.0f}", f"{cpu:.2f}", f"{cpu / rows * 1e6:.3f}", f"{peak:.0f}"))
    pairs = list(zip(costs["sluice"], costs["python"]))
    faster = statistics.median(p.seconds / s.seconds for s, p in pairs)
    cheaper = statistics.median(p.cpu / s.cpu for s, p in pairs)
    lines.append((body, "ratio", f"{faster:.1f} times", f"1/{cheaper:.1f}", f"1/{cheaper:.1f}",
                  f"{statistics.median(s.peak_mb / p.peak_mb for s, p in pairs):.1f} times"))
    return lines, faster >= 5 and cheaper >= 10


HEAD = ("body", "side", "rows/s", "CPU s", "CPU s per million rows", "peak MB")


def table(lines):
    return "\n".join(f"| {' | '.join(line)} |" for line in [HEAD, ("---",) * len(HEAD), *lines])


def report(args, total, size, lines):
    return f"""# Sluice against a Python pipeline

{kit.today()}; {kit.machine()}; {kit.versions(args.bin / "sluice")}.

`python3 bench/pipeline/bench.py`: {args.files} files, {total:,} rows, {size / 1e6:.0f} MB of CSV in 10 columns; servers, clients and
files on the same machine (loopback); Sluice with one worker; {args.pairs} pairs in alternating order; medians. CPU seconds and peak
memory are of the client process alone. The receiver's counts agreed in every run.

{table(lines)}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    kit.add_arguments(parser)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--rows", type=int, default=125_000, help="rows of each file [125000]")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--body", choices=["ndjson", "json"], action="append", help="default: both")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md beside this script")
    args = parser.parse_args()
    with kit.work_folder(args) as name:
        folder = pathlib.Path(name)
        size = data.make(folder / "s3" / "bench", args.files, args.rows)
        data.make(folder / "s3" / "small", 1, 3000)
        total = args.files * args.rows
        print(f"{args.files} files, {total:,} rows, {size / 1e6:.0f} MB; {kit.machine()}")
        with kit.Server(folder, args.bin / "s3d", "--root", folder / "s3") as s3:
            bench = Bench(args, folder, s3, total)
            bench.check_same()
            results = [summary(body, bench.pairs(body), total) for body in args.body or ["ndjson", "json"]]
    lines = [line for some, _ in results for line in some]
    print(table(lines))
    if args.write:
        (HERE / "RESULTS.md").write_text(report(args, total, size, lines))
    if not all(good for _, good in results):
        raise SystemExit("the goal (5 times the rows/s, a tenth of the CPU seconds) is missed")


if __name__ == "__main__":
    main()
