"""Reads a file once with another reader, again and again; prints the seconds of each time.
usage: peers.py READER FILE TIMES"""
import sys
import time


def fastavro(path):
    import fastavro as module
    with open(path, "rb") as file:
        return sum(1 for _ in module.reader(file))


def avro(path):
    import avro.datafile
    import avro.io
    with open(path, "rb") as file:
        return sum(1 for _ in avro.datafile.DataFileReader(file, avro.io.DatumReader()))


def polars(path):
    import polars as module
    return module.read_avro(path).height


def duckdb(path):
    import duckdb as module
    return module.sql("select count(*) from (select columns(*) from read_avro('%s'))" % path).fetchone()[0]


def main():
    name, path, times = sys.argv[1:]
    read = globals()[name]
    if name == "polars":
        import polars  # noqa: F401  not to be timed
    for _ in range(int(times)):
        start = time.process_time()
        rows = read(path)
        print(rows, "%.6f" % (time.process_time() - start), flush=True)
    with open("/proc/self/status") as status:  # not ru_maxrss, which keeps what the process had before exec
        print("memory", next(line.split()[1] for line in status if line.startswith("VmHWM:")))


if __name__ == "__main__":
    main()
