#!/usr/bin/env python3
"""Makes the benchmark's files in a folder: 6 M rows of a lineitem-like table in five codecs, plain numbers, delta,
dictionary texts, nested lists. Needs duckdb and pyarrow (PyPI). Usage: data.py FOLDER [ROWS]"""
import os, sys
import duckdb
import pyarrow as pa, pyarrow.parquet as pq

folder, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 6_000_000
os.makedirs(folder, exist_ok=True)
os.chdir(folder)
db = duckdb.connect()
words = "['carefully','quickly','furiously','regular','deposits','accounts','packages','requests','sleep','final','express','pending']"
comment = " || ' ' || ".join(f"{words}[(1+hash(i*7+{k})%12)::int]" for k in range(4))
db.execute(f"""create table lineitem as select (i//4)::bigint l_orderkey, (hash(i)%200000)::bigint l_partkey,
  (hash(i+1)%10000)::bigint l_suppkey, (i%4)::bigint l_linenumber, (1+hash(i+2)%50)::decimal(15,2) l_quantity,
  ((90000+hash(i+3)%10000000)::decimal(15,0)/100)::decimal(15,2) l_extendedprice,
  ((hash(i+4)%11)/100.0)::decimal(15,2) l_discount, ((hash(i+5)%9)/100.0)::decimal(15,2) l_tax,
  ['A','N','R'][(1+hash(i+6)%3)::int] l_returnflag, ['O','F'][(1+hash(i+7)%2)::int] l_linestatus,
  (date '1992-01-01' + (hash(i+8)%2500)::int) l_shipdate, (date '1992-01-01' + (hash(i+9)%2500)::int) l_commitdate,
  (date '1992-01-01' + (hash(i+10)%2500)::int) l_receiptdate,
  ['DELIVER IN PERSON','COLLECT COD','NONE','TAKE BACK RETURN'][(1+hash(i+11)%4)::int] l_shipinstruct,
  ['AIR','TRUCK','MAIL','SHIP','RAIL','FOB','REG AIR'][(1+hash(i+12)%7)::int] l_shipmode,
  {comment} l_comment from range({rows}) t(i)""")
for codec, name in (("uncompressed", "none"), ("snappy",) * 2, ("lz4_raw",) * 2, ("zstd",) * 2, ("gzip",) * 2):
    db.execute(f"copy lineitem to 'lineitem_{name}.parquet' (format parquet, compression {codec})")
n = rows * 5 // 3
db.execute(f"""copy (select (hash(i)>>1)::bigint a, (hash(i+1)>>1)::bigint b, random() d, random() e from range({n}) t(i))
  to 'plain.parquet' (format parquet, compression uncompressed, dictionary_size_limit 1)""")
db.execute(f"""copy (select (1700000000000+i*1000+hash(i)%500)::bigint ts, (hash(i)%1000)::int b, i::bigint c,
  (i//100)::int d from range({n}) t(i)) to 'delta_duckdb.parquet' (format parquet, compression uncompressed, parquet_version v2)""")
table = db.execute(f"select (1700000000000+i*1000+hash(i)%500)::bigint ts, (hash(i)%1000000)::int b, i::bigint c, (i//100)::int d from range({n}) t(i)").to_arrow_table()
pq.write_table(table, "delta.parquet", compression="none", use_dictionary=False, data_page_version="2.0",
               column_encoding={c: "DELTA_BINARY_PACKED" for c in table.column_names})
table = db.execute("select l_shipinstruct, l_shipmode, l_returnflag, l_comment from lineitem").to_arrow_table()
pq.write_table(table, "texts.parquet", compression="none")
table = db.execute(f"select case when i%10=0 then null else range(i%7) end a, [[i::varchar, null], ['x']] b, {{'p': case when i%3=0 then null else i end, 'q': i::double}} c from range({rows // 4}) t(i)").to_arrow_table()
pq.write_table(table, "nested.parquet", compression="none")
table = db.execute(f"select case when hash(i)%2=0 then null else i end a, case when hash(i)%10=0 then null else hash(i)%1000 end::bigint b, case when hash(i)%3=0 then null else (hash(i)%1000)::varchar end c from range({rows}) t(i)").to_arrow_table()
pq.write_table(table, "nulls.parquet", compression="none")
