/* The tables of a ledger file, a text for each version. A later version only adds: what is here is never edited. */
#include "core/ledger/database.h"

/* Names and versions are BLOBs so that their order is byte order, whatever bytes they hold. Times are microseconds
 * since 1970. Positions are a reader's own four numbers. part.state: enum part_state. absent: not in the last listing.
 * delivered: this version was delivered whole once. units: open units that hold it. unit.state: enum ledger_unit_state.
 * unit.owner: the run that claimed it last. run.ended: 0 while it runs; a run that died keeps 0 and has the reason
 * "died". job.rejects_size: committed length of the reject file. generation: of full refreshes; 0 where there are none.
 */
const char ledger_tables_1[] =
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

/* delivery.source, format, destination: who the job was when it delivered; NULL: not said yet. start_kind: enum
 * ledger_start_kind, start_time its date. listed: when a listing was first merged whole; 0: none was. generation: the
 * full refresh whose parts are in force, 0: those made before any; open: the one under way. The parts, units and rows
 * of generation N have -N where `delivery` stands in their tables; all that `unused` names is to be deleted.
 * part.era, unit_part.era: rises when a part is to be delivered once more, so that its requests get new keys.
 * part.skip: why it is skipped (enum part_skip). error_row, error_offset: -1 unknown. part.run: which finished it, at
 * `finished`. unit.alone: claimed while no other was; crashes_alone: crashes of those. run.kind: enum ledger_run_kind.
 * row_key: what of each key was delivered last: fingerprint, the part and row that it came from, deleted: it is a
 * tombstone. row_log: the newest of these, packed (rows_log.c), in order; frozen: on their way into row_key. */
const char ledger_tables_2[] =
    "ALTER TABLE delivery ADD COLUMN source TEXT;"
    "ALTER TABLE delivery ADD COLUMN format TEXT;"
    "ALTER TABLE delivery ADD COLUMN destination TEXT;"
    "ALTER TABLE delivery ADD COLUMN start_kind INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE delivery ADD COLUMN start_time INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE delivery ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE delivery ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE delivery ADD COLUMN open INTEGER NOT NULL DEFAULT 0;"
    "UPDATE delivery SET listed = created WHERE id IN (SELECT delivery FROM part);"
    "ALTER TABLE run ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run ADD COLUMN listing_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run ADD COLUMN reading_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run ADD COLUMN fetched INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE part ADD COLUMN era INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE part ADD COLUMN skip INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE part ADD COLUMN error_row INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE part ADD COLUMN error_offset INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE part ADD COLUMN error_where TEXT;"
    "ALTER TABLE part ADD COLUMN run INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE part ADD COLUMN finished INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE unit ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE unit ADD COLUMN crashes_alone INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX unit_suspect ON unit (delivery, id) WHERE state = 0 AND crashes > 0;"
    "ALTER TABLE unit_part ADD COLUMN era INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE generation (id INTEGER PRIMARY KEY AUTOINCREMENT, delivery INTEGER NOT NULL, state INTEGER NOT NULL,"
    " begun INTEGER NOT NULL, listed INTEGER NOT NULL, ended INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;"
    "CREATE INDEX generation_delivery ON generation (delivery, id);"
    "CREATE TABLE unused (parts INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE row_part (delivery INTEGER NOT NULL, id INTEGER NOT NULL, name BLOB NOT NULL,"
    " PRIMARY KEY (delivery, id)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX row_part_name ON row_part (delivery, name);"
    "CREATE TABLE row_key (delivery INTEGER NOT NULL, key BLOB NOT NULL, fingerprint INTEGER NOT NULL,"
    " part INTEGER NOT NULL, row INTEGER NOT NULL, deleted INTEGER NOT NULL, PRIMARY KEY (delivery, key)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE row_log (id INTEGER PRIMARY KEY, frozen INTEGER NOT NULL, changes BLOB NOT NULL) STRICT;"
    "CREATE TABLE row_cursor (delivery INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;";

/* part.unit: which delivered it; rows by key are stamped with it. reject_gone: lines of the reject file, by their first
 * byte and their length, that are not in force any more; the next open leaves them out of the file. job.rejects_swap: 1
 * while the file made for that, of rejects_size bytes, may still have to be given its name. */
const char ledger_tables_3[] = "ALTER TABLE part ADD COLUMN unit INTEGER NOT NULL DEFAULT 0;"
                               "ALTER TABLE job ADD COLUMN rejects_swap INTEGER NOT NULL DEFAULT 0;"
                               "CREATE TABLE reject_gone (at INTEGER PRIMARY KEY, size INTEGER NOT NULL) STRICT;";

/* row_sent: keys whose records are on their way to the sink, so that it is uncertain what it has of them until a
 * checkpoint stands behind them; 16 bytes each. unit: that sends
 * them, 0: one that goes on under another identity; end_row: behind the batch, as positions have it. row_key.deleted,
 * and the same byte in row_log: 2 is added where that checkpoint never came (rows_sent.c). reject_range: bytes of the
 * reject file by whose they are, so that they can be put out of force together; unit 0: of records that were sent
 * again. reject_early: lines of records that a sink which keeps positions refused, by their row in the unit, until a
 * checkpoint stands behind them (rejects_early.c). */
const char ledger_tables_4[] = "CREATE TABLE row_sent (id INTEGER PRIMARY KEY AUTOINCREMENT, delivery INTEGER NOT NULL,"
                               " unit INTEGER NOT NULL, end_row INTEGER NOT NULL, keys BLOB NOT NULL) STRICT;"
                               "CREATE INDEX row_sent_unit ON row_sent (unit);"
                               "CREATE TABLE reject_range (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, size INTEGER"
                               " NOT NULL, delivery INTEGER NOT NULL, unit INTEGER NOT NULL) STRICT;"
                               "CREATE INDEX reject_range_unit ON reject_range (unit);"
                               "CREATE INDEX reject_range_delivery ON reject_range (delivery);"
                               "CREATE TABLE reject_early (unit INTEGER NOT NULL, row INTEGER NOT NULL, line TEXT"
                               " NOT NULL, PRIMARY KEY (unit, row)) STRICT, WITHOUT ROWID;";

/* filtered: records that the job's `where` left out, counted with rows and rejects. */
const char ledger_tables_5[] = "ALTER TABLE run ADD COLUMN filtered INTEGER NOT NULL DEFAULT 0;"
                               "ALTER TABLE unit ADD COLUMN filtered INTEGER NOT NULL DEFAULT 0;"
                               "ALTER TABLE part ADD COLUMN filtered INTEGER NOT NULL DEFAULT 0;";

/* credential_requests: of the source, not among its requests. */
const char ledger_tables_6[] = "ALTER TABLE run ADD COLUMN credential_requests INTEGER NOT NULL DEFAULT 0;";

/* part.unit: -1 where rows by key came from the part as it was, and it is another version now, which nobody read yet.
 * delivery.row_keys: the columns that rows are known by, NULL: nothing is delivered by row, "?": not said yet;
 * row_epoch: rises when they change, for then what is stored of rows is no longer what the destination has. */
const char ledger_tables_7[] = "CREATE INDEX part_again ON part (delivery, name) WHERE state = 0 AND units = 0 AND"
                               " unit < 0;"
                               "ALTER TABLE delivery ADD COLUMN row_keys TEXT;"
                               "ALTER TABLE delivery ADD COLUMN row_epoch INTEGER NOT NULL DEFAULT 0;"
                               "UPDATE delivery SET row_keys = '?' WHERE iif(generation, -generation, id) IN (SELECT"
                               " delivery FROM row_part);";

/* reject_range.name: of the part whose lines these are; NULL: of several, or noted before this version. */
const char ledger_tables_8[] = "ALTER TABLE reject_range ADD COLUMN name BLOB;"
                               "CREATE INDEX reject_range_name ON reject_range (delivery, name);";

/* delivery.keyed_as: the name that its sink had at first, which keys, marks and reject lines keep; NULL: it has it yet.
 * naming: by what its files are split into streams, of the delivery "*"; NULL: not said yet. */
const char ledger_tables_9[] = "ALTER TABLE delivery ADD COLUMN keyed_as TEXT;"
                               "ALTER TABLE delivery ADD COLUMN naming TEXT;";

/* unchanged: by row, records that need not be sent; until this version they were counted with rows. */
const char ledger_tables_10[] = "ALTER TABLE run ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;"
                                "ALTER TABLE unit ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;"
                                "ALTER TABLE part ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;";

/* row_turn.turn: rises whenever what is known of rows changes otherwise than by a checkpoint of the unit under way
 * (turn.c); moved: the last of these turns that began with another listing, or as parts were reset. unit.turn: which it
 * was when records of the unit were last sent. */
const char ledger_tables_11[] = "CREATE TABLE row_turn (delivery INTEGER PRIMARY KEY, turn INTEGER NOT NULL, moved"
                                " INTEGER NOT NULL) STRICT;"
                                "INSERT INTO row_turn SELECT delivery, 1, 1 FROM row_part UNION SELECT delivery, 1, 1"
                                " FROM row_sent;"
                                "ALTER TABLE unit ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;";

/* row_turn.retried: the part whose rejects were sent again last, by row, in the turn retried_turn (0: not yet). */
const char ledger_tables_12[] = "ALTER TABLE row_turn ADD COLUMN retried BLOB;"
                                "ALTER TABLE row_turn ADD COLUMN retried_turn INTEGER NOT NULL DEFAULT 0;";
