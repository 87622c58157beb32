/* Opening and reading one part of a unit, down to batches in the job's schema. */
#include "core/log/log.h"
#include "core/run/batch.h"
#include "core/run/conform.h"
#include "core/run/evolve.h"
#include "core/run/infer.h"
#include "core/run/look.h"
#include "core/run/selection.h"
#include "core/run/worker.h"

enum { MAX_READ_TRIES = 3, MAX_WAIT_MS = 60000 };

/* A record that the decoder, or the cast behind it, refused. */
static int on_decode_reject(struct sluice_rejects *rejects, const struct sluice_reject *r, struct sluice_error *err) {
  struct worker *w = rejects->private_data;
  int64_t row = r->row; /* of a cast in a bundle: ordinal in the part too, since batches are shifted afterwards */
  struct reject_record record = {.row = row,
                                 .offset = r->offset,
                                 .column = r->column,
                                 .stage = "decode",
                                 .reason = r->reason ? r->reason : "no reason given",
                                 .raw = r->raw,
                                 .raw_size = r->raw_size};
  return worker_reject(w, w->seq + 1, w->reading, &record, err);
}

/* Calls again while the source says RETRY: its own attempts are spent by then, but it may come back. */
static bool wait_again(struct worker *w, const char *part, int code, int tries, const struct sluice_error *why) {
  if (code != SLUICE_ERR_RETRY || tries >= MAX_READ_TRIES)
    return false;
  watch_beat(w->state->watch);
  int64_t ms = why->retry_ms > 0 && why->retry_ms < MAX_WAIT_MS ? why->retry_ms : 1000;
  log_write(SLUICE_WARN, w->state->job->name, "%s: %s; again in %lld ms", part, why->message, (long long)ms);
  return stop_sleep(&w->state->stop, STOP_DRAIN, (long)ms);
}

static struct sluice_part part_of(const struct ledger_unit_part *p) {
  return (struct sluice_part){.struct_size = sizeof(struct sluice_part),
                              .name = p->name,
                              .version = p->version[0] ? p->version : NULL,
                              .size = p->size,
                              .modified = p->modified};
}

int unit_open_part(struct worker *w, size_t part, struct pipeline_part *out, struct sluice_error *err) {
  const struct ledger_unit_part *p = &w->unit.parts[part];
  struct sluice_part wanted = part_of(p);
  watch_at(w->state->watch, w->slot, WATCH_READING, p->name, 0);
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    int code = pipeline_open_part(&w->state->pipeline, &wanted, &w->state->counters.bytes, out, &why);
    if (!code)
      return code;
    if (!wait_again(w, p->name, code, tries, &why)) {
      *err = why;
      return sluice_fail(err, code, p->name, "it cannot be opened, and the source gave no reason");
    }
  }
}

/* The decoder may need bytes at once, so it too may have to wait. */
static int decode(struct worker *w, size_t part, struct pipeline_part *opened, const struct sluice_scan *scan,
                  struct sluice_reader *out, struct sluice_error *err) {
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    int code = pipeline_decode(&w->state->pipeline, opened, scan, out, &why);
    if (!code)
      return code;
    if (!wait_again(w, w->unit.parts[part].name, code, tries, &why)) {
      *err = why;
      return sluice_fail(err, code, w->unit.parts[part].name, "it cannot be decoded, and the format gave no reason");
    }
  }
}

static int read_schema(struct worker *w, struct unit_reader *r, struct sluice_error *err) {
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    int code = r->reader.schema(&r->reader, &r->schema, &why);
    if (!code)
      return sluice_schema_validate(&r->schema, err);
    if (!wait_again(w, r->part, code, tries, &why)) {
      *err = why;
      return sluice_fail(err, code, r->part, "its schema cannot be read, and the format gave no reason");
    }
  }
}

/* The run ends as failed where the policy says stop. */
static int judged(struct worker *w, enum evolve_verdict verdict, int code) {
  if (verdict == EVOLVE_STOP)
    atomic_store(&w->state->policy.broken, true);
  return code;
}

static int grow(struct worker *w, const struct unit_reader *r, bool *evolved, struct sluice_error *err) {
  struct ArrowSchema more = {0};
  struct evolve_new first;
  int code = evolve_new_columns(&w->state->pipeline, &r->schema, &w->schema->schema, &more);
  if (!code && evolve_first_new(&w->state->pipeline, &r->schema, &w->schema->schema, &first))
    log_write(SLUICE_INFO, w->state->job->name, "%s has a new column '%s'; it is added to the job's schema", r->part,
              first.path);
  if (!code)
    code = schema_grow(w->state, w->stream, &more, err);
  if (!code)
    *evolved = true;
  sluice_schema_release(&more);
  return code ? code : SLUICE_ERR_UNSUPPORTED;
}

/* Types of a part without records are guesses, and it brings nothing: its columns are not for the job to remember. */
static int has_records(struct worker *w, bool *out, struct sluice_error *err) {
  struct sluice_part looked = part_of(&w->unit.parts[w->reading]);
  struct ArrowSchema found = {0};
  int code = schema_of_part(&w->state->pipeline, &looked, NULL, &found, out, err);
  sluice_schema_release(&found);
  return code;
}

static int check_schema(struct worker *w, struct unit_reader *r, bool *evolved, struct sluice_error *err) {
  const struct pipeline *pipeline = &w->state->pipeline;
  struct conform_rescue rescue;
  enum evolve_verdict verdict;
  int code = evolve_check_new(pipeline, r->part, &r->schema, &w->schema->schema, &verdict, err);
  if (code)
    return judged(w, verdict, code);
  bool records = false;
  if (verdict == EVOLVE_GROW)
    code = has_records(w, &records, err);
  if (code)
    return code;
  if (records)
    return grow(w, r, evolved, err);
  code = selection_create(pipeline, &r->schema, &w->schema->schema, r->part, &r->selection, err);
  if (code)
    return code;
  return conform_create(&r->schema, &w->schema->schema, r->part, evolve_rescue(pipeline, &rescue), &r->conform, err);
}

static int open_decoder(struct worker *w, size_t part, struct pipeline_part *opened, const struct sluice_position *from,
                        struct sluice_reader *out, struct sluice_error *err) {
  const struct ledger_unit *unit = &w->unit;
  struct ArrowSchema want = {0};
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .flags = evolve_flags(&w->state->pipeline),
                             .begin = unit->begin,
                             .end = unit->end,
                             .from = *from,
                             .batch_rows = unit->batch_rows,
                             .batch_bytes = unit->batch_bytes,
                             .want = &want,
                             .rejects = &w->decode_rejects,
                             .part = unit->parts[part].name,
                             .where = selection_hint(&w->state->pipeline)};
  int code = evolve_want(&w->state->pipeline, &w->schema->schema, &want);
  if (code)
    return sluice_fail(err, code, scan.part, "no memory");
  code = decode(w, part, opened, &scan, out, err);
  sluice_schema_release(&want);
  return code;
}

/* A part that the job's `evolution` refuses by its columns is not even begun. */
static int check_part(struct worker *w, size_t part, struct sluice_error *err) {
  struct sluice_part looked = part_of(&w->unit.parts[part]);
  enum evolve_verdict verdict;
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    int code = evolve_check_part(&w->state->pipeline, &looked, &w->schema->schema, &verdict, &why);
    if (!code || !wait_again(w, looked.name, code, tries, &why)) {
      if (code)
        *err = why;
      return judged(w, verdict, code);
    }
  }
}

int unit_reader_open(struct worker *w, size_t part, struct pipeline_part *opened, const struct sluice_position *from,
                     struct unit_reader *out, bool *evolved, struct sluice_error *err) {
  w->decode_rejects = (struct sluice_rejects){on_decode_reject, w};
  w->reading = part;
  *out = (struct unit_reader){.part = w->unit.parts[part].name}; /* in its place: what conforms keeps its schema's */
  watch_at(w->state->watch, w->slot, WATCH_READING, out->part, 0);
  int code = check_part(w, part, err);
  if (!code)
    code = open_decoder(w, part, opened, from, &out->reader, err);
  if (!code)
    code = read_schema(w, out, err);
  if (!code)
    code = check_schema(w, out, evolved, err);
  if (code)
    unit_reader_close(out);
  return code;
}

void unit_reader_close(struct unit_reader *r) {
  conform_destroy(r->conform);
  selection_destroy(r->selection);
  if (r->reader.release)
    r->reader.release(&r->reader);
  sluice_schema_release(&r->schema);
  memset(r, 0, sizeof *r);
}

static void count_filtered(struct worker *w, int64_t records) {
  w->filtered += records;
  w->results[w->reading].filtered += records;
}

/* What is not wanted is no matter of types either: it goes before anything is cast. */
static int select_rows(struct worker *w, struct unit_reader *r, struct sluice_batch *batch, struct sluice_error *err) {
  int64_t dropped = 0;
  int code = selection_apply(r->selection, batch, &dropped, err);
  if (!code)
    count_filtered(w, dropped);
  return code;
}

/* The format may pass over some by itself. */
static int next_batch(struct worker *w, struct unit_reader *r, struct sluice_batch *out, struct sluice_error *err) {
  long long before = metrics_pruned_here();
  int code = r->reader.next(&r->reader, out, err);
  count_filtered(w, metrics_pruned_here() - before);
  return code;
}

int unit_reader_next(struct worker *w, struct unit_reader *r, struct sluice_batch *out, struct sluice_error *err) {
  watch_at(w->state->watch, w->slot, WATCH_READING, r->part, 0);
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    batch_init(out);
    int code = next_batch(w, r, out, &why);
    if (code == SLUICE_END)
      return code;
    if (!code)
      code = batch_check(&r->schema, &out->array, r->part, &why);
    if (!code && out->ops)
      code = sluice_fail(&why, SLUICE_ERR_UNSUPPORTED, r->part,
                         "its records are operations; this version takes inserts only");
    if (!code)
      code = select_rows(w, r, out, &why);
    if (!code)
      code = conform_apply(r->conform, out, &w->decode_rejects, &why);
    if (!code)
      return code;
    batch_release(out);
    if (!wait_again(w, r->part, code, tries, &why)) {
      *err = why;
      return sluice_fail(err, code, r->part, "it cannot be read, and the format gave no reason");
    }
  }
}
