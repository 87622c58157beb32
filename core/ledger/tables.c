/* The tables of a ledger file, version 1. A later version only adds: what is here keeps its meaning for ever. */
#include "core/ledger/database.h"

/* Names and versions are BLOBs so that their order is byte order, whatever bytes they hold. Times are microseconds
 * since 1970. Positions are a reader's own four numbers. part.state: enum part_state. absent: not in the last listing.
 * delivered: this version was delivered whole once. units: open units that hold it. unit.state: enum ledger_unit_state.
 * unit.owner: the run that claimed it last. run.ended: 0 while it runs; a run that died keeps 0 and has the reason
 * "died". job.rejects_size: committed length of the reject file. generation: of full refreshes; 0 where there are none.
 */
const char ledger_tables[] =
    "CREATE TABLE job (id INTEGER PRIMARY KEY CHECK (id = 1), created INTEGER NOT NULL, rejects_size INTEGER NOT NULL)"
    " STRICT;"
    "CREATE TABLE delivery (id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, sink TEXT NOT NULL,"
    " stream TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE (job, sink, stream)) STRICT;"
    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, delivery INTEGER NOT NULL, started INTEGER NOT NULL,"
    " ended INTEGER NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL, parts_done INTEGER NOT NULL,"
    " parts_failed INTEGER NOT NULL, parts_gone INTEGER NOT NULL, parts_skipped INTEGER NOT NULL, rows INTEGER NOT "
    "NULL,"
    " rejects INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;"
    "CREATE INDEX run_delivery ON run (delivery, id);"
    "CREATE TABLE schema (delivery INTEGER NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL,"
    " created INTEGER NOT NULL, PRIMARY KEY (delivery, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE part (delivery INTEGER NOT NULL, name BLOB NOT NULL, version BLOB NOT NULL, size INTEGER NOT NULL,"
    " modified INTEGER NOT NULL, state INTEGER NOT NULL, absent INTEGER NOT NULL, delivered INTEGER NOT NULL,"
    " units INTEGER NOT NULL, generation INTEGER NOT NULL, rows INTEGER NOT NULL, rejects INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL, error TEXT, PRIMARY KEY (delivery, name)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX part_pending ON part (delivery, name) WHERE state = 0 AND units = 0;"
    "CREATE INDEX part_failed ON part (delivery, name) WHERE state = 3;"
    "CREATE TABLE unit (id INTEGER PRIMARY KEY AUTOINCREMENT, delivery INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " state INTEGER NOT NULL, owner INTEGER NOT NULL, epoch INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    " crashes INTEGER NOT NULL, identity TEXT NOT NULL, old_identity TEXT NOT NULL, batch_rows INTEGER NOT NULL,"
    " batch_bytes INTEGER NOT NULL, schema INTEGER NOT NULL, decode_hash TEXT NOT NULL, output_hash TEXT NOT NULL,"
    " rows INTEGER NOT NULL, rejects INTEGER NOT NULL, created INTEGER NOT NULL, begin_row INTEGER NOT NULL,"
    " begin_offset INTEGER NOT NULL, begin_detail0 INTEGER NOT NULL, begin_detail1 INTEGER NOT NULL,"
    " end_row INTEGER NOT NULL, end_offset INTEGER NOT NULL, end_detail0 INTEGER NOT NULL, end_detail1 INTEGER NOT "
    "NULL,"
    " row INTEGER NOT NULL, offset INTEGER NOT NULL, detail0 INTEGER NOT NULL, detail1 INTEGER NOT NULL) STRICT;"
    "CREATE INDEX unit_free ON unit (delivery, id) WHERE state = 0;"
    "CREATE INDEX unit_claimed ON unit (delivery, id) WHERE state = 1;"
    "CREATE TABLE unit_part (unit INTEGER NOT NULL, ordinal INTEGER NOT NULL, delivery INTEGER NOT NULL,"
    " name BLOB NOT NULL, version BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,"
    " PRIMARY KEY (unit, ordinal)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX unit_part_name ON unit_part (delivery, name);";
