/* Rejected records of one part: the part is opened at the version that they are of, and read as today's configuration
 * says; all but the wanted records are passed over. */
#include "core/log/log.h"
#include "core/retry/internal.h"
#include "core/run/batch.h"
#include "core/run/evolve.h"
#include "core/run/look.h"
#include "core/run/selection.h"
#include "core/schema/schema.h"
#include <inttypes.h>
#include <stdlib.h>

enum { RECORDS_MAX = 1 << 18 };

struct rereading {
  struct sending sending;
  struct retrying *r;
  const struct retry_part *part;
  struct ledger_retry_part known; /* what the ledger says of it now */
  struct ledger_unit_part unit_part;
  struct pipeline_part opened;
  struct sluice_reader reader;
  struct sluice_rejects rejects;
  struct ArrowSchema found, schema; /* of the reader; of the records as they go out */
  struct selection *selection;      /* NULL: all records */
  struct conform *conform;
  int64_t met;      /* wanted records that were come by */
  int64_t filtered; /* of these, those that the job's `where` leaves out by now */
};

/* ---- which records ---- */

/* Lines of one row may be several; the record goes once, with all of them. */
static int gather(struct rereading *p, struct sluice_error *err) {
  const struct retry_line *lines = p->r->selection.lines + p->part->first;
  struct sending *s = &p->sending;
  s->records = calloc(p->part->n + 1, sizeof *s->records);
  if (!s->records)
    return sluice_fail(err, SLUICE_ERR_MEMORY, p->part->name, "no memory");
  for (size_t i = 0, next; i < p->part->n; i = next) {
    struct retry_record record = {.row = lines[i].row};
    bool wanted = false;
    for (next = i; next < p->part->n && lines[next].row == record.row; next++) {
      wanted = wanted || lines[next].wanted;
      if (lines[next].attempts > record.attempts)
        record.attempts = lines[next].attempts;
    }
    if (wanted)
      s->records[s->n_records++] = record;
  }
  return SLUICE_OK;
}

/* All that decides the bodies, so that a try after a crash has the same keys, and a later try others. */
static int name_unit(struct rereading *p) {
  const struct pipeline *pipeline = &p->r->state.pipeline;
  const struct config_job *job = p->r->state.job;
  struct text rows = {0}, sizes = {0};
  char *schema = NULL;
  int code = text_printf(&sizes, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, p->known.era, p->known.generation,
                         job->batch_rows, job->batch_bytes);
  for (size_t i = 0; i < p->sending.n_records && !code; i++)
    code = text_printf(&rows, "%" PRId64 ":%" PRIu32 " ", p->sending.records[i].row, p->sending.records[i].attempts);
  if (!code && p->part->piece)
    code = text_printf(&rows, "of piece %" PRId64, p->part->piece);
  if (!code)
    code = schema_to_json(&p->schema, &schema);
  const char *texts[] = {"retry",          p->r->stream->delivery, p->part->name,         p->part->version,
                         text_get(&sizes), pipeline->decode_hash,  pipeline->output_hash, schema,
                         text_get(&rows)};
  if (!code)
    code = hash_texts(texts, sizeof texts / sizeof *texts, p->sending.unit.identity);
  free(schema);
  text_finish(&rows);
  text_finish(&sizes);
  return code;
}

/* ---- records that are refused before they go out ---- */

static int on_decode_reject(struct sluice_rejects *rejects, const struct sluice_reject *r, struct sluice_error *err) {
  struct rereading *p = rejects->private_data;
  struct retry_record *record = sending_find(&p->sending, r->row);
  if (!record || record->state == RETRY_REFUSED)
    return SLUICE_OK; /* not of those asked for */
  struct reject_record why = {.offset = r->offset,
                              .column = r->column,
                              .stage = "decode",
                              .reason = r->reason ? r->reason : "no reason given",
                              .raw = r->raw,
                              .raw_size = r->raw_size};
  p->met += record->state == RETRY_WAITING;
  return sending_refuse(&p->sending, record, &why, err);
}

/* ---- opening ---- */

/* As in a run, by the job's `evolution`; what would make the schema grow is for this part alone. */
static int settle_schema(struct rereading *p, const struct sluice_part *part, struct sluice_error *err) {
  struct pipeline *pipeline = &p->r->state.pipeline;
  const struct ArrowSchema *job = &p->r->schema;
  struct conform_rescue rescue;
  struct ArrowSchema more = {0};
  enum evolve_verdict verdict;
  int code = evolve_check_part(pipeline, part, job, &verdict, err);
  if (!code)
    code = evolve_check_new(pipeline, p->part->name, &p->found, job, &verdict, err);
  bool grows = !code && verdict == EVOLVE_GROW;
  if (grows)
    code = evolve_new_columns(pipeline, &p->found, job, &more);
  if (!code)
    code = grows ? schema_append(job, &more, &p->schema) : sluice_schema_copy(job, &p->schema);
  sluice_schema_release(&more);
  if (code)
    return code;
  schema_allow_nulls(&p->schema);
  code = selection_create(pipeline, &p->found, job, p->part->name, &p->selection, err);
  if (code)
    return code;
  return conform_create(&p->found, &p->schema, p->part->name, evolve_rescue(pipeline, &rescue), &p->conform, err);
}

static int decode(struct rereading *p, struct sluice_error *err) {
  struct pipeline *pipeline = &p->r->state.pipeline;
  struct ArrowSchema want = {0};
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .flags = evolve_flags(pipeline),
                             .begin = {.offset = p->part->piece},
                             .batch_rows = pipeline->job->batch_rows,
                             .batch_bytes = pipeline->job->batch_bytes,
                             .want = &want,
                             .rejects = &p->rejects,
                             .part = p->part->name};
  p->rejects = (struct sluice_rejects){on_decode_reject, p};
  int code = evolve_want(pipeline, &p->r->schema, &want);
  if (!code)
    code = pipeline_decode(pipeline, &p->opened, &scan, &p->reader, err);
  sluice_schema_release(&want);
  return code;
}

static int open_reader(struct rereading *p, struct sluice_error *err) {
  struct pipeline *pipeline = &p->r->state.pipeline;
  struct sluice_part wanted = {.struct_size = sizeof wanted,
                               .name = p->part->name,
                               .version = p->part->version[0] ? p->part->version : NULL,
                               .size = p->known.size,
                               .modified = p->known.modified};
  int code = pipeline_open_part(pipeline, &wanted, &p->r->state.counters.bytes, &p->opened, err);
  if (!code)
    code = decode(p, err);
  if (!code)
    code = p->reader.schema(&p->reader, &p->found, err);
  if (!code)
    code = sluice_schema_validate(&p->found, err);
  return code ? code : settle_schema(p, &wanted, err);
}

static int begin(struct rereading *p, struct sluice_error *err) {
  struct sending *s = &p->sending;
  s->piece = p->part->piece;
  int code = open_reader(p, err);
  if (code)
    return code;
  p->unit_part = (struct ledger_unit_part){.name = p->part->name,
                                           .version = p->part->version,
                                           .size = p->known.size,
                                           .modified = p->known.modified,
                                           .era = p->known.era};
  s->r = p->r;
  s->schema = &p->schema;
  s->unit = (struct ledger_unit){.id = p->known.unit, .n_parts = 1, .parts = &p->unit_part};
  code = name_unit(p);
  return code ? code : sending_begin(s, err);
}

/* ---- reading ---- */

static void mark_met(struct rereading *p, const struct sluice_batch *batch, uint8_t *keep) {
  for (int64_t i = 0; i < batch->array.length; i++) {
    struct retry_record *record = sending_find(&p->sending, batch_ordinal(batch, i));
    bool met = record && record->state == RETRY_WAITING;
    if (met)
      record->state = RETRY_SENT;
    p->met += met;
    p->filtered += met && !keep[i];
    keep[i] = met && keep[i];
  }
}

/* Leaves the wanted ones in the batch, and says that they were met. */
static int pick(struct rereading *p, struct sluice_batch *batch, struct sluice_error *err) {
  uint8_t *keep = calloc((size_t)batch->array.length + 1, 1);
  int code = keep ? selection_mark(p->selection, batch, keep, err) : SLUICE_ERR_MEMORY;
  if (!code) {
    mark_met(p, batch, keep);
    code = conform_drop_rows(&p->found, batch, keep, err);
  }
  free(keep);
  return code ? code : conform_apply(p->conform, batch, &p->rejects, err);
}

static int next_batch(struct rereading *p, struct sluice_batch *out, struct sluice_error *err) {
  batch_init(out);
  if (stop_at(p->r->stop, STOP_DRAIN))
    return sluice_fail(err, SLUICE_ERR_CANCELLED, p->part->name, "interrupted");
  int code = p->reader.next(&p->reader, out, err);
  if (!code)
    code = batch_check(&p->found, &out->array, p->part->name, err);
  if (!code)
    code = pick(p, out, err);
  if (code)
    batch_release(out);
  return code;
}

static int read_all(struct rereading *p, struct sluice_error *err) {
  int code = SLUICE_OK;
  while (!code && p->met < (int64_t)p->sending.n_records) {
    struct sluice_batch batch;
    code = next_batch(p, &batch, err);
    if (!code)
      code = sending_add(&p->sending, &batch, err);
  }
  return code == SLUICE_END ? SLUICE_OK : code;
}

/* ---- what became of it ---- */

/* The lines of every record that was met; the others stay. malloc'ed. */
static struct ledger_line *lines_met(const struct rereading *p, size_t *n) {
  const struct retry_line *lines = p->r->selection.lines + p->part->first;
  struct ledger_line *out = calloc(p->part->n + 1, sizeof *out);
  *n = 0;
  for (size_t i = 0; out && i < p->part->n; i++) {
    const struct retry_record *record = sending_find(&p->sending, lines[i].row);
    if (record && record->state != RETRY_WAITING)
      out[(*n)++] = (struct ledger_line){.at = lines[i].at, .size = lines[i].size};
  }
  return out;
}

static int64_t unchanged(const struct rereading *p) {
  return p->sending.by_row ? by_row_left_out(p->sending.by_row) : 0;
}

/* Of those that were met. */
static int64_t accepted(const struct rereading *p) {
  return p->met - p->sending.refused - p->filtered - unchanged(p);
}

static int commit(struct rereading *p, struct sluice_error *err) {
  struct sending *s = &p->sending;
  struct text lines = {0};
  struct ledger_row *changes = NULL;
  struct ledger_retried retried = {
      .run = p->r->stream->run, .unit = &s->unit, .early = s->early_unit, .records = p->met};
  struct ledger_progress *out = &retried.outcome;
  struct ledger_line *gone = lines_met(p, &retried.n_gone);
  int code = gone ? reject_log_peek(&s->log, 0, &lines, &out->rejects) : SLUICE_ERR_MEMORY;
  if (!code && s->by_row)
    code = by_row_peek(s->by_row, INT64_MAX, &changes, &out->n_row_changes);
  retried.gone = gone;
  out->rows = accepted(p);
  out->unchanged = unchanged(p);
  out->filtered = p->filtered;
  out->reject_lines = lines.data;
  out->reject_size = lines.size;
  out->row_changes = changes;
  if (!code)
    code = ledger_retry_commit(p->r->state.ledger, &retried, err);
  text_finish(&lines);
  free(changes);
  free(gone);
  return code;
}

static void count(struct rereading *p) {
  struct retry_result *result = p->r->result;
  int64_t missing = (int64_t)p->sending.n_records - p->met;
  result->accepted += accepted(p);
  result->refused += p->sending.refused;
  result->left += missing;
  p->r->counters.parts_done++;
  p->r->counters.filtered += p->filtered;
  p->r->counters.unchanged += unchanged(p);
  if (p->filtered)
    log_write(SLUICE_INFO, p->r->state.job->name,
              "%s: %" PRId64 " of the records are none that `where` lets through; they are rejects no more",
              p->part->name, p->filtered);
  if (unchanged(p))
    log_write(SLUICE_INFO, p->r->state.job->name,
              "%s: %" PRId64 " of the records need not be sent: the destination has them, or a later file does;"
              " they are rejects no more",
              p->part->name, unchanged(p));
  if (missing)
    log_write(SLUICE_WARN, p->r->state.job->name,
              "%s: %" PRId64 " of the records are not where they were, as the format is read today; their rejects stay",
              p->part->name, missing);
}

static int deliver(struct rereading *p, struct sluice_error *err) {
  int code = begin(p, err);
  if (!code)
    code = read_all(p, err);
  if (!code)
    code = sending_flush(&p->sending, err);
  if (!code && p->met > 0)
    code = commit(p, err);
  if (code)
    return sluice_fail(err, code, p->part->name, "no memory, or no reason was given");
  sending_forget(&p->sending);
  count(p);
  return SLUICE_OK;
}

static void finish(struct rereading *p) {
  sending_finish(&p->sending);
  free(p->sending.records);
  conform_destroy(p->conform);
  selection_destroy(p->selection);
  if (p->reader.release)
    p->reader.release(&p->reader);
  pipeline_part_release(&p->opened);
  sluice_schema_release(&p->found);
  sluice_schema_release(&p->schema);
}

/* ---- a part ---- */

static void leave(struct rereading *p, int level, const char *why) {
  log_write(level, p->r->state.job->name, "%s: %s; %zu rejected record%s stay%s", p->part->name, why,
            p->sending.n_records, p->sending.n_records == 1 ? "" : "s", p->sending.n_records == 1 ? "s" : "");
  p->r->result->left += (int64_t)p->sending.n_records;
}

/* Why the part is not even opened; NULL: it may be. */
static const char *obstacle(struct rereading *p, int found) {
  if (found == SLUICE_END)
    return "the ledger does not know this file any more";
  if (strcmp(p->known.version, p->part->version) != 0)
    return "it has changed since, and was or will be read as it is now";
  if (p->known.state != PART_DONE)
    return "the file itself is not done yet: run the job first";
  if (p->sending.n_records > RECORDS_MAX)
    return "these are too many to send one by one: `sluice reset --part` has the whole file read again";
  return NULL;
}

static bool is_of_part(int code) {
  return code == SLUICE_ERR_NOT_FOUND || code == SLUICE_ERR_CHANGED || code == SLUICE_ERR_DATA ||
         code == SLUICE_ERR_UNSUPPORTED || code == SLUICE_ERR_RETRY;
}

/* An error of the part alone: the others go on. */
static int note_trouble(struct rereading *p, int code, const struct sluice_error *why, struct sluice_error *err) {
  if (p->sending.failed || !is_of_part(code)) {
    *err = *why;
    return code;
  }
  if (code == SLUICE_ERR_NOT_FOUND) {
    p->r->counters.parts_gone++;
    leave(p, SLUICE_WARN, "it is gone");
  } else if (code == SLUICE_ERR_CHANGED) {
    leave(p, SLUICE_WARN, "it has changed since");
  } else {
    p->r->counters.parts_failed++;
    leave(p, SLUICE_ERROR, why->message);
  }
  return SLUICE_OK;
}

int retry_one_part(struct retrying *r, const struct retry_part *part, struct sluice_error *err) {
  struct rereading *p = calloc(1, sizeof *p);
  struct sluice_error why = {0};
  if (!p)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part->name, "no memory");
  p->r = r;
  p->part = part;
  int code = gather(p, err), found = SLUICE_OK;
  bool any = !code && p->sending.n_records > 0;
  if (any)
    found = ledger_retry_part(r->state.ledger, r->stream->id, part->name, &p->known, err);
  if (!code)
    code = found < SLUICE_OK ? found : SLUICE_OK;
  r->result->found += (int64_t)p->sending.n_records;
  const char *stands = any && !code ? obstacle(p, found) : NULL;
  if (stands) {
    leave(p, SLUICE_WARN, stands);
  } else if (any && !code) {
    code = deliver(p, &why);
    code = code ? note_trouble(p, code, &why, err) : SLUICE_OK;
  }
  finish(p);
  free(p);
  return code;
}
