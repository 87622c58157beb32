#!/usr/bin/env python3
"""Makes the files of bench.py with DuckDB (PyPI), and their compressed copies with gzip and zstd.
Usage: data.py FOLDER [MEGABYTES of each, about]"""
import os, subprocess, sys

import duckdb

folder, megabytes = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 800
os.makedirs(folder, exist_ok=True)
os.chdir(folder)
db = duckdb.connect()

rows = megabytes * 7500
words = "['carefully','quickly','furiously','regular','deposits','accounts','packages','requests','sleep','final','express','pending']"
db.execute(f"""create table lineitem as select (i//4)::bigint l_orderkey, (hash(i)%200000)::bigint l_partkey,
  (hash(i+1)%10000)::bigint l_suppkey, (i%4)::bigint l_linenumber, (1+hash(i+2)%50)::decimal(15,2) l_quantity,
  (90000+hash(i+3)%10000000)::decimal(15,0)/100 l_extendedprice, ((hash(i+4)%11)/100.0)::decimal(15,2) l_discount,
  ((hash(i+5)%9)/100.0)::decimal(15,2) l_tax, ['A','N','R'][(1+hash(i+6)%3)::int] l_returnflag,
  ['O','F'][(1+hash(i+7)%2)::int] l_linestatus, (date '1992-01-01' + (hash(i+8)%2500)::int) l_shipdate,
  (date '1992-01-01' + (hash(i+9)%2500)::int) l_commitdate, (date '1992-01-01' + (hash(i+10)%2500)::int) l_receiptdate,
  ['DELIVER IN PERSON','COLLECT COD','NONE','TAKE BACK RETURN'][(1+hash(i+11)%4)::int] l_shipinstruct,
  ['AIR','TRUCK','MAIL','SHIP','RAIL','FOB','REG AIR'][(1+hash(i+12)%7)::int] l_shipmode,
  list_aggregate([{words}[(1+hash(i*7+k)%12)::int] for k in range(4)],'string_agg',' ') l_comment
  from range({rows}) t(i)""")
db.execute("copy lineitem to 'typed.csv' (format csv, header)")
db.execute("copy lineitem to 'quoted.csv' (format csv, header, force_quote *)")

# 500 columns: whole numbers, prices and short words in turns
kinds = ["(hash(i*{k}+1)%100000)::bigint", "(hash(i*{k}+2)%1000000)::decimal(15,0)/100", "'w'||(hash(i*{k}+3)%1000)"]
columns = ", ".join(kinds[k % 3].format(k=k + 1) + f" c{k}" for k in range(500))
db.execute(f"copy (select {columns} from range({megabytes * 360}) t(i)) to 'wide.csv' (format csv, header)")

# a number and texts of 200 to 600 bytes, one of them quoted for its commas
db.execute(f"""copy (select i id, repeat({words}[(1+hash(i)%12)::int]||' ', 20+(hash(i+1)%30)::int) plain,
  repeat({words}[(1+hash(i+2)%12)::int]||', ', 20+(hash(i+3)%30)::int) quoted from range({megabytes * 1350}) t(i))
  to 'long.csv' (format csv, header)""")

# what the field's readers differ in most: timestamps, truth values, nulls
db.execute(f"""copy (select i id, timestamp '2020-01-01' + to_seconds((hash(i)%100000000)::int) moment,
  hash(i+1)%2=0 flag, case when hash(i+2)%3>0 then (hash(i+3)%1000000)::bigint end n,
  case when hash(i+4)%3>0 then random() end x from range({megabytes * 14000}) t(i)) to 'mixed.csv' (format csv, header)""")
for command in (["gzip", "-kf6", "typed.csv"], ["zstd", "-qkf3", "typed.csv"]):
    subprocess.run(command, check=True)
for name in sorted(os.listdir(".")):
    print(f"{os.path.getsize(name) / 1e6:8.0f} MB {name}")
