#!/usr/bin/env python3
"""Reads one large object, and many small ones, to nowhere: Sluice's S3 source against curl, rclone and boto3, in rounds
on the same server, which answers at once or late."""
import argparse
import json
import math
import os
import pathlib
import resource
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent), str(HERE)]
import clients  # noqa: E402
import kit  # noqa: E402

LARGE_GOAL = 0.9  # of curl's throughput, the object at 0 ms
SMALL_GOAL = 10  # times boto3's sequential rate, the objects at 30 ms
LARGE_ROUNDS = 3  # of the large object for each of the small ones: one second says little beside other work


def write_random(path, size):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        for at in range(0, size, 1 << 20):
            out.write(os.urandom(min(1 << 20, size - at)))


def make_data(root, args):
    """The objects, and the keys of the small ones. They are in the page cache then."""
    write_random(root / "large" / "object.bin", args.bytes)
    keys = [f"data/{i // 1000:05d}/part-{i:08d}.bin" for i in range(args.objects)]
    for key in keys:
        write_random(root / "small" / key, args.size)
    return keys


def counts(server):
    """Objects and bytes that the server has sent."""
    stats = json.loads(server.get("/_s3d/stats"))
    return stats["operations"]["GET"], stats["bytes"]


def check_sent(client, server, objects, size):
    """A server counts a body only when it has noticed its end."""
    for _ in range(100):
        sent = counts(server)
        if sent[0] >= objects and sent[1] >= size:
            return
        time.sleep(0.01)
    raise SystemExit(f"{client.name}: the server has sent {sent[0]} objects and {sent[1]} bytes in all, "
                     f"not {objects} and {size}")


def peak(run_peak):
    """The system counts the script's own memory in until the client is begun."""
    own = math.ceil(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return f"{run_peak:.0f}" if run_peak > own else f"under {own}"


class Run:
    """One client's reading, once."""

    def __init__(self, cost, server_cpu, objects, size):
        self.seconds, self.cpu, self.peak_mb, self.server_cpu = cost.seconds, cost.cpu, cost.peak_mb, server_cpu
        self.rate = size / 1e6 / cost.seconds if objects == 1 else objects / cost.seconds
        self.objects = objects


class Case:
    """One bucket at one distance: all clients in each round."""

    def __init__(self, name, unit, objects, size):
        self.name, self.unit, self.objects, self.size = name, unit, objects, size
        self.runs, self.names = {}, []

    def measure(self, client, server, environment):
        objects = client.objects or self.objects
        size = self.size * objects // self.objects
        before, cpu = counts(server), server.cpu()
        with open(os.devnull, "wb") as nowhere:
            cost, _ = kit.run_client(client.command, environment, nowhere)
        run = Run(cost, server.cpu() - cpu, objects, size)
        check_sent(client, server, before[0] + objects, before[1] + size)
        self.runs.setdefault(client.name, []).append(run)
        print(f"{self.name:22} {client.name:26} {run.seconds:7.2f} s {run.rate:9,.0f} {self.unit} {run.cpu:6.2f} CPU s "
              f"{run.peak_mb:6.0f} MB, server {run.server_cpu:5.2f} CPU s", flush=True)

    def ratio(self, name, other):
        """Median over the rounds of how many times the other's rate this one's is."""
        return statistics.median(mine.rate / its.rate for mine, its in zip(self.runs[name], self.runs[other]))

    def lines(self):
        for name, runs in self.runs.items():
            middle = {key: statistics.median(getattr(run, key) for run in runs)
                      for key in ("seconds", "rate", "cpu", "peak_mb", "server_cpu")}
            per = 1 if self.objects == 1 else 1000 / runs[0].objects
            some = "" if runs[0].objects == self.objects else f" ({runs[0].objects:,} objects)"
            yield (self.name, name, f"{middle['seconds']:.2f}{some}", f"{middle['rate']:,.0f} {self.unit}",
                   f"{middle['cpu'] * per:.2f}", peak(middle["peak_mb"]),
                   f"{middle['server_cpu'] * per:.2f}", "1" if name == "sluice" else f"{self.ratio('sluice', name):.2f}")


def rounds(case, those, server, environment, count):
    """The order is turned by one each round, so that none is always behind the same other."""
    for i in range(count):
        for k in range(len(those)):
            case.measure(those[(i + k) % len(those)], server, environment)


def measure_all(args, folder, python, keys):
    cases = []
    for delay in args.delay:
        options = ["--root", folder / "s3", "--delay", delay]
        with kit.Server(folder, args.bin / "s3d", *options) as server:
            endpoint = f"http://127.0.0.1:{server.port}"
            environment = clients.environment(folder, endpoint)
            large = Case(f"one object, {delay} ms", "MB/s", 1, args.bytes)
            small = Case(f"small objects, {delay} ms", "objects/s", args.objects, args.objects * args.size)
            of_large = clients.of_large(args.bin, python, endpoint)
            of_small = clients.of_small(args.bin, python, endpoint, folder, keys, args.sample)
            kit.run_client(of_small[0].command, environment)  # the server makes its ETags once
            rounds(large, of_large, server, environment, LARGE_ROUNDS * args.rounds)
            rounds(small, of_small, server, environment, args.rounds)
            cases += [large, small]
    return cases


HEAD = ("what", "client", "s", "rate", "CPU s", "peak MB", "server CPU s", "sluice's rate is so many times this")


def table(cases):
    lines = [line for case in cases for line in case.lines()]
    return "\n".join(f"| {' | '.join(line)} |" for line in [HEAD, ("---",) * len(HEAD), *lines])


def goals(cases):
    """Lines that say what was to be reached and what was; and whether all was."""
    lines, good = [], True
    for case in cases:
        wanted = []
        if case.name == "one object, 0 ms":
            wanted = [("sluice get", "curl", LARGE_GOAL), ("sluice", "curl", LARGE_GOAL)]
        elif case.name == "small objects, 30 ms":
            wanted = [("sluice", "boto3 sequential", SMALL_GOAL)]
        for name, other, goal in wanted:
            ratio = case.ratio(name, other)
            good &= ratio >= goal
            lines.append(f"{case.name}: {name} has {ratio:.2f} times the rate of {other}; to be reached: {goal}; "
                         f"{'met' if ratio >= goal else 'MISSED'}")
    return lines, good


def report(args, versions, load, cases):
    text = "\n".join(f"- {line}" for line in goals(cases)[0])
    return f"""# The S3 source against curl, rclone and boto3

{kit.today()}; {kit.machine()}; load {load[0]:.1f} before, {load[1]:.1f} after, what is measured included.
{"; ".join(versions)}.

`python3 bench/s3/bench.py`: one object of {args.bytes / 1e6:,.0f} MB, and {args.objects:,} objects of {args.size:,} bytes, all random,
read to nowhere from s3d on loopback, at once or with each answer {max(args.delay)} ms late. Rounds of all clients, each round in
another order: {LARGE_ROUNDS * args.rounds} of the large object, {args.rounds} of the small ones; medians, and medians of the rounds' ratios. CPU seconds of
small objects are for each 1,000. The server's counts of objects and bytes were right after every run.

{table(cases)}

{text}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    kit.add_arguments(parser)
    parser.add_argument("--bytes", type=int, default=2_000_000_000, help="of the large object")
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=10_000, help="of each small object")
    parser.add_argument("--sample", type=int, default=2000, help="so many of them for sequential readers; 0: all [2000]")
    parser.add_argument("--delay", type=int, nargs="+", default=[0, 30], help="of each answer, ms [0 30]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write RESULTS.md beside this script")
    args = parser.parse_args()
    python = clients.make_python(args.bin.resolve().parent / "peers")
    versions = clients.versions(args.bin, python)
    load = [os.getloadavg()[0]]
    print(f"{kit.machine()}; {'; '.join(versions)}; load {load[0]:.1f}")
    with kit.work_folder(args) as name:
        folder = pathlib.Path(name)
        keys = make_data(folder / "s3", args)
        cases = measure_all(args, folder, python, keys)
    load.append(os.getloadavg()[0])
    lines, good = goals(cases)
    print(table(cases), *lines, f"load {load[0]:.1f} to {load[1]:.1f}", sep="\n")
    if args.write:
        (HERE / "RESULTS.md").write_text(report(args, versions, load, cases))
    if not good:
        raise SystemExit("a goal is missed")


if __name__ == "__main__":
    main()
