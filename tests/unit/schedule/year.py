#!/usr/bin/env python3
"""A year minute by minute: the firings of schedule-fires against Python's zoneinfo and a naive reading of the rules.

The oracle goes through every minute of UTC, asks zoneinfo what the local clock shows, and decides from that alone: an
expression for every hour fires if the shown minute fits; any other fires if a minute fits that the clock has now reached
for the first time, shown or jumped over."""
import datetime
import functools
import subprocess
import sys
import time
import zoneinfo

YEARS = [
    ("Europe/Paris", 2026), ("Europe/Dublin", 2026), ("America/New_York", 2026), ("Australia/Lord_Howe", 2026),
    ("Asia/Kolkata", 2026), ("America/Sao_Paulo", 2018), ("America/Sao_Paulo", 2026), ("Africa/Casablanca", 2026),
    ("America/Nuuk", 2024), ("Pacific/Apia", 2011), ("Asia/Gaza", 2060), ("America/St_Johns", 2006),
]
EXPRESSIONS = [
    "* * * * *", "*/15 * * * *", "30 * * * *", "0 0-23 * * *", "30 2 * * *", "0 0 * * *", "15 1 * * *", "45 23 * * *",
    "*/20 1-3 * * *", "0 */2 * * *", "5 */3 1-7 * MON", "0 5 * * 1-5", "0 3 13 * FRI", "10 2 */2 * SUN", "0 0 1 * *",
    "59 1,2,3 * 3,4,10,11 *", "0 2 28-31 MAR,OCT SUN", "1 0 29 2 *",
]
DAY = 24 * 60  # minutes
NAMES = {n: i for i, n in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
NAMES.update({n: i for i, n in enumerate("SUN MON TUE WED THU FRI SAT".split())})


def values(text, low, high):
    found = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        if span == "*":
            first, last = low, high
        else:
            first, _, last = span.partition("-")
            first = NAMES.get(first) if first in NAMES else int(first)
            last = (NAMES.get(last) if last in NAMES else int(last)) if last else first
        found |= set(range(first, last + 1, int(step or 1)))
    return found


def matcher(text):
    """(minutes of a day that fit, whether a day fits, whether the expression is for every hour)"""
    minute, hour, day, month, week = text.split()
    minutes, hours = values(minute, 0, 59), values(hour, 0, 23)
    days, months, weeks = values(day, 1, 31), values(month, 1, 12), {v % 7 for v in values(week, 0, 6)}
    either = "*" not in day and "*" not in week

    @functools.cache
    def fits(number):
        date = datetime.date.fromordinal(number)
        by_date, by_week = date.day in days, date.isoweekday() % 7 in weeks
        return date.month in months and (by_date or by_week if either else by_date and by_week)

    return [h * 60 + m for h in sorted(hours) for m in sorted(minutes)], fits, len(hours) == 24


def clock_of(name, year):
    """Start and end of the year in UTC, and by minute of the day: (moment, day) where the clock shows that minute, and where
    it has reached it for the first time; the number of moments at which other than one minute is new."""
    zone = zoneinfo.ZoneInfo(name)
    start = int(datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
    end = int(datetime.datetime(year + 1, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
    shown, reached = [[] for _ in range(DAY)], [[] for _ in range(DAY)]
    local, highest, changes = datetime.datetime.fromtimestamp, None, 0
    for moment in range(start - 3 * 86400, end, 60):
        at = local(moment, zone)
        day, minute = at.toordinal(), at.hour * 60 + at.minute
        now = day * DAY + minute
        new = range(now if highest is None else highest + 1, now + 1)
        highest = now if new else highest
        if moment < start:
            continue
        pair = moment, day
        shown[minute].append(pair)
        if len(new) == 1:
            reached[minute].append(pair)
            continue
        changes += 1
        for one in new:
            reached[one % DAY].append((moment, one // DAY))
    return start, end, shown, reached, changes


def expected(shown, reached, text):
    """A moment once, also where several new minutes fit."""
    minutes, fits, every_hour = matcher(text)
    clock, found = shown if every_hour else reached, set()
    for minute in minutes:
        found.update(moment for moment, day in clock[minute] if fits(day))
    return sorted(found)


def compare(program, name, year):
    start, end, shown, reached, changes = clock_of(name, year)
    lines = "".join(f"{name} {start} {end} {text}\n" for text in EXPRESSIONS)
    answers = subprocess.run([program], input=lines, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    assert len(answers) == len(EXPRESSIONS)
    count, by_hour = 0, 0
    for text, answer in zip(EXPRESSIONS, answers):
        want, got = expected(shown, reached, text), [int(moment) for moment in answer.split()]
        if want != got:
            odd = sorted(set(want) ^ set(got))[:5]
            sys.exit(f"{name} {year} `{text}`: {len(got)} firings, not {len(want)}; first differences: {odd}")
        count += len(want)
        by_hour += 0 if matcher(text)[2] else len(want)
    print(f"{name} {year}: {len(EXPRESSIONS)} expressions, {(end - start) // 60} minutes of which {changes} are jumped to or "
          f"repeated, {count} firings equal, {by_hour} of expressions that name hours")
    return count, by_hour


def main():
    if not zoneinfo.available_timezones():
        print("skipped: there is no tzdata")
        return
    began = time.monotonic()
    counts = [compare(sys.argv[1], name, year) for name, year in YEARS]
    total, by_hour = map(sum, zip(*counts))
    print(f"{total} firings compared, {by_hour} of expressions that name hours, in {time.monotonic() - began:.1f} s")


main()
