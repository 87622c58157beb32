"""Makes the CSV files of the pipeline benchmark: click-through predictions, ten columns of seven types."""
import csv
import datetime
import random

HEADER = ["id", "ts", "campaign", "title", "country", "device", "ctr", "bid", "clicks", "converted"]
COUNTRIES = ["DE", "FR", "GB", "IT", "NL", "PL", "US"]
DEVICES = ["desktop", "mobile", "tablet"]
TITLES = ["Summer sale", "Shoes, red and blue", "The \"best\" offer", "Café près de chez vous", "Weekend trips",
          "New in store: garden chairs"]
TEMPLATE_ROWS = 5000


def template(seed):
    """Rows but for their ids. They repeat in a file; no reader gains from that."""
    dice = random.Random(seed)
    start = datetime.datetime(2026, 3, 1)
    rows = []
    for _ in range(TEMPLATE_ROWS):
        when = start + datetime.timedelta(milliseconds=dice.randrange(30 * 86_400_000))
        rows.append([when.isoformat(sep=" ", timespec="milliseconds"), f"campaign-{dice.randrange(400):04d}",
                     dice.choice(TITLES), dice.choice(COUNTRIES), dice.choice(DEVICES), f"{dice.random() * 0.2:.6f}",
                     f"{dice.uniform(0.01, 4):.4f}" if dice.random() < 0.9 else "", dice.randrange(12),
                     "true" if dice.random() < 0.03 else "false"])
    return rows


def make(folder, files, rows_per_file):
    """Returns the bytes made."""
    folder.mkdir(parents=True)
    total = 0
    next_id = 10_000_000
    for number in range(files):
        rows = template(number)
        path = folder / f"part-{number:05d}.csv"
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(HEADER)
            for i in range(rows_per_file):
                writer.writerow([next_id + i, *rows[i % TEMPLATE_ROWS]])
        next_id += rows_per_file
        total += path.stat().st_size
    return total
