#!/usr/bin/env python3
"""Peak memory of `sluice run` with default settings: many small objects, large ones, and small ones far away."""
import argparse
import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "pipeline")]
import data  # noqa: E402
import kit  # noqa: E402

LIMIT_MB = 150
BLOCK_ROWS = 100_000


def large_object(folder, size):
    """One CSV object of about this many bytes; the same rows come again and again. Returns bytes and rows."""
    block = folder / "block"
    data.make(block, 1, BLOCK_ROWS)
    text = (block / "part-00000.csv").read_bytes()
    shutil.rmtree(block)
    head, rows = text.split(b"\n", 1)
    times = max(1, size // len(rows))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "large.csv").open("wb") as out:
        out.write(head + b"\n")
        for _ in range(times):
            out.write(rows)
    return len(head) + 1 + times * len(rows), times * BLOCK_ROWS


def run(args, folder, bucket, s3_options):
    """Cost of one run, and the records that were counted."""
    job, ledger = folder / "job.conf", folder / "ledger"
    with kit.Server(folder, args.bin / "s3d", "--root", folder / "s3", *s3_options) as s3, \
            kit.Server(folder, args.bin / "recv", "--count-only") as recv:
        kit.write_job(job, ledger, s3.port, bucket, kit.http_sink(recv.port))
        cost, _ = kit.run_client([args.bin / "sluice", "run", job])
        records = json.loads(recv.get("/_recv/stats"))["records"]
    shutil.rmtree(ledger)
    return cost, records


def show(name, cost, records, rate):
    print(f"{name:34} {cost.seconds:7.2f} s {cost.cpu:6.2f} CPU s {cost.peak_mb:6.1f} MB peak  {records:,} records, {rate}",
          flush=True)
    return cost.peak_mb <= LIMIT_MB


def small_objects(args, folder, delay):
    options = ["--synthetic", f"{args.objects}:1024", *(["--delay", delay] if delay else [])]
    cost, records = run(args, folder, "synthetic", options)
    name = f"{args.objects:,} objects of 1 KiB" + (f", {delay} ms away" if delay else "")
    return show(name, cost, records, f"{args.objects / cost.seconds:,.0f} objects/s")


def large_objects(args, folder, count):
    bucket = folder / "s3" / f"large-{count}"
    size, rows = large_object(bucket, args.bytes // count)
    for i in range(1, count):
        (bucket / f"large-{i}.csv").hardlink_to(bucket / "large.csv")
    cost, records = run(args, folder, bucket.name, [])
    shutil.rmtree(bucket)
    if records != rows * count:
        raise SystemExit(f"the receiver counted {records} records of {rows * count}")
    return show(f"{count} of {size / 1e6:,.0f} MB", cost, records,
                f"{size * count / 1e6 / cost.seconds:,.0f} MB/s, {records / cost.seconds:,.0f} rows/s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    kit.add_arguments(parser)
    parser.add_argument("--objects", type=int, default=50_000)
    parser.add_argument("--bytes", type=int, default=2_000_000_000)
    args = parser.parse_args()
    print(f"{kit.machine()}; {kit.versions(args.bin / 'sluice')}")
    with kit.work_folder(args) as name:
        folder = pathlib.Path(name)
        (folder / "s3").mkdir()
        good = [small_objects(args, folder, 0), large_objects(args, folder, 1), large_objects(args, folder, 4),
                small_objects(args, folder, 30)]
    if not all(good):
        raise SystemExit(f"more than {LIMIT_MB} MB")


if __name__ == "__main__":
    main()
