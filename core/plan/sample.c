/* Looking into one file: its records are decoded, mapped, transformed and encoded as in a run, and go nowhere. */
#include "core/encode/encode.h"
#include "core/plan/errors.h"
#include "core/plan/internal.h"
#include "core/plan/rows.h"
#include "core/run/batch.h"
#include "core/run/chain.h"
#include "core/run/conform.h"
#include "core/run/evolve.h"
#include "core/run/look.h"
#include "core/run/selection.h"
#include "core/schema/schema.h"
#include <stdlib.h>

enum { SAMPLE_ROWS = 10000, SAMPLE_BYTES = 8 << 20, PAYLOAD_BYTES = 16 << 20, ENCODE_ROWS = 1024 };
enum { MAX_TRIES = 3, MAX_WAIT_MS = 60000 };

struct look {
  struct planning *p;
  struct plan_sample *sample;
  struct sluice_part part;
  struct pipeline_part opened;
  atomic_llong bytes_read;
  int64_t bytes; /* decoded */
  struct sluice_rejects on_decode, on_conform, on_encode;
  struct sluice_reader reader;
  struct ArrowSchema found, schema; /* the file's own; as the reader gives it */
  struct selection *selection;      /* NULL: all records */
  struct conform *conform;
  struct chain *chain;
  struct rows *rows; /* NULL: not by row */
  bool judging;      /* of their keys */
  void *encoder;
  size_t payload_bytes;
  bool enough;
};

/* ---- records that would be rejected ---- */

static int refuse(struct look *l, const char *code, const struct sluice_reject *r, struct sluice_error *err) {
  struct plan_refusal refusal = {.code = code,
                                 .column = r->column,
                                 .reason = r->reason,
                                 .raw = r->raw,
                                 .raw_size = r->raw ? r->raw_size : 0,
                                 .row = r->row,
                                 .offset = r->offset};
  return sluice_fail(err, plan_refuse(l->sample, &refusal), l->part.name, "no memory");
}

static bool is_enough(const struct look *l) {
  return !l->p->question->all_rows && (l->sample->records >= SAMPLE_ROWS || l->bytes >= SAMPLE_BYTES);
}

static int on_decode_reject(struct sluice_rejects *rejects, const struct sluice_reject *r, struct sluice_error *err) {
  struct look *l = rejects->private_data;
  if (stop_at(l->p->stop, STOP_DRAIN))
    return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
  l->enough = is_enough(l);
  if (l->enough) /* a file of nothing but rejects would go on here for long */
    return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "enough was seen");
  l->sample->records++;
  return refuse(l, "invalid_record", r, err);
}

static int on_conform_reject(struct sluice_rejects *rejects, const struct sluice_reject *r, struct sluice_error *err) {
  return refuse(rejects->private_data, "invalid_type", r, err);
}

static int on_encode_reject(struct sluice_rejects *rejects, const struct sluice_reject *r, struct sluice_error *err) {
  struct look *l = rejects->private_data;
  return chain_refuse(l->chain, r, err);
}

static const char *code_of_stage(const char *stage) {
  if (strcmp(stage, "map") == 0)
    return "invalid_value";
  return strcmp(stage, "transform") == 0 ? "refused_by_transform" : "not_encodable";
}

static int on_chain_reject(void *context, const struct chain_reject *r, struct sluice_error *err) {
  struct sluice_reject reject = {.struct_size = sizeof reject,
                                 .row = r->ordinal,
                                 .offset = -1,
                                 .column = r->column,
                                 .reason = r->reason,
                                 .raw = r->raw,
                                 .raw_size = r->raw_size};
  struct look *l = context;
  return refuse(l, l->judging ? "invalid_key" : code_of_stage(r->stage), &reject, err);
}

/* ---- opening ---- */

/* Tries again while the source asks for it. */
static bool wait_again(const struct look *l, int code, int tries, const struct sluice_error *why) {
  int64_t ms = why->retry_ms > 0 && why->retry_ms < MAX_WAIT_MS ? why->retry_ms : 1000;
  return code == SLUICE_ERR_RETRY && tries < MAX_TRIES && stop_sleep(l->p->stop, STOP_DRAIN, (long)ms);
}

static int open_part(struct look *l, struct sluice_error *err) {
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    int code = pipeline_open_part(&l->p->pipeline, &l->part, &l->bytes_read, &l->opened, &why);
    if (code && wait_again(l, code, tries, &why))
      continue;
    if (code && err)
      *err = why;
    return code;
  }
}

static int64_t batch_rows(const struct planning *p) {
  int64_t rows = p->pipeline.job->batch_rows;
  return p->question->all_rows || rows < SAMPLE_ROWS ? rows : SAMPLE_ROWS;
}

static int open_reader(struct look *l, struct sluice_error *err) {
  struct pipeline *pipeline = &l->p->pipeline;
  struct ArrowSchema want = {0};
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .flags = evolve_flags(pipeline),
                             .batch_rows = batch_rows(l->p),
                             .batch_bytes = pipeline->job->batch_bytes,
                             .want = &want,
                             .rejects = &l->on_decode,
                             .part = l->part.name};
  l->on_decode = (struct sluice_rejects){on_decode_reject, l};
  int code = open_part(l, err);
  if (!code)
    code = evolve_want(pipeline, &l->p->schema, &want);
  if (!code)
    code = pipeline_decode(pipeline, &l->opened, &scan, &l->reader, err);
  sluice_schema_release(&want);
  if (!code)
    code = l->reader.schema(&l->reader, &l->schema, err);
  return code ? code : sluice_schema_validate(&l->schema, err);
}

/* What a run would do about the file's columns: refuse it, or add to the job's schema. */
static int evolve(struct look *l, struct sluice_error *err) {
  struct planning *p = l->p;
  struct ArrowSchema *schema = &p->schema, more = {0}, grown = {0};
  enum evolve_verdict verdict;
  int code = evolve_check_part(&p->pipeline, &l->part, schema, &verdict, err);
  if (!code)
    code = evolve_check_new(&p->pipeline, l->part.name, &l->schema, schema, &verdict, err);
  if (code || verdict != EVOLVE_GROW)
    return code;
  code = evolve_new_columns(&p->pipeline, &l->schema, schema, &more);
  if (!code)
    code = schema_append(schema, &more, &grown);
  sluice_schema_release(&more);
  if (code)
    return sluice_fail(err, code, l->part.name, "no memory");
  schema_allow_nulls(&grown);
  sluice_schema_release(schema);
  sluice_schema_move(&grown, schema);
  return SLUICE_OK;
}

static int open_way(struct look *l, struct sluice_error *err) {
  struct planning *p = l->p;
  l->on_conform = (struct sluice_rejects){on_conform_reject, l};
  l->on_encode = (struct sluice_rejects){on_encode_reject, l};
  struct conform_rescue rescue;
  int code = selection_create(&p->pipeline, &l->schema, &p->schema, l->part.name, &l->selection, err);
  if (!code)
    code = conform_create(&l->schema, &p->schema, l->part.name, evolve_rescue(&p->pipeline, &rescue), &l->conform, err);
  if (!code)
    code = chain_create_dry(&p->pipeline, &p->schema, 0, on_chain_reject, l, &l->chain, err);
  if (!code && p->pipeline.job->sync.n_keys)
    code = rows_create(p->pipeline.job, chain_schema(l->chain), &l->rows, err);
  if (!code)
    code = encode_service()->open("ndjson", NULL, chain_schema(l->chain), &l->encoder, err);
  return code;
}

static int open_all(struct look *l, struct sluice_error *err) {
  bool evidence;
  int code = schema_of_part(&l->p->pipeline, &l->part, NULL, &l->found, &evidence, err);
  if (!code)
    code = open_reader(l, err);
  if (!code)
    code = plan_columns(l->p, &l->found, &l->schema, err);
  if (!code)
    code = evolve(l, err);
  return code ? code : open_way(l, err);
}

static void close_all(struct look *l) {
  encode_service()->close(l->encoder);
  rows_destroy(l->rows);
  chain_destroy(l->chain);
  conform_destroy(l->conform);
  selection_destroy(l->selection);
  if (l->reader.release)
    l->reader.release(&l->reader);
  pipeline_part_release(&l->opened);
  sluice_schema_release(&l->schema);
  sluice_schema_release(&l->found);
}

/* ---- records ---- */

static int keep_payload(struct look *l, const uint8_t *json, size_t n) {
  struct plan_sample *sample = l->sample;
  if ((int64_t)sample->n_payloads >= l->p->question->rows || n > PAYLOAD_BYTES - l->payload_bytes)
    return SLUICE_OK;
  char **grown = realloc(sample->payloads, (sample->n_payloads + 1) * sizeof *grown);
  if (!grown)
    return SLUICE_ERR_MEMORY;
  sample->payloads = grown;
  char *copy = strndup((const char *)json, n);
  if (!copy)
    return SLUICE_ERR_MEMORY;
  sample->payloads[sample->n_payloads++] = copy;
  l->payload_bytes += n;
  return SLUICE_OK;
}

static int keep_payloads(struct look *l, const struct sluice_encoded *encoded, int64_t first) {
  int code = SLUICE_OK;
  for (int64_t i = 0; i < encoded->rows && !code; i++) {
    size_t from = i ? encoded->ends[i - 1] : 0, n = encoded->ends[i] - from;
    if (n > 0 && !(l->rows && rows_refused(l->rows, first + i)))
      code = keep_payload(l, encoded->data + from, n - 1); /* without its line end */
  }
  return code;
}

static int encode(struct look *l, const struct sluice_batch *batch, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (int64_t first = 0; first < batch->array.length && !code; first += ENCODE_ROWS) {
    int64_t left = batch->array.length - first, last = first + (left < ENCODE_ROWS ? left : ENCODE_ROWS);
    struct sluice_encoded encoded;
    code = encode_service()->encode(l->encoder, batch, first, last, &l->on_encode, &encoded, err);
    if (!code)
      l->sample->bytes_encoded += (int64_t)encoded.size;
    if (!code && (int64_t)l->sample->n_payloads < l->p->question->rows)
      code = keep_payloads(l, &encoded, first);
  }
  return code;
}

static int judge_keys(struct look *l, const struct sluice_batch *batch, struct sluice_error *err) {
  if (!l->rows)
    return SLUICE_OK;
  l->judging = true;
  int code = rows_judge(l->rows, batch, &l->on_encode, err);
  l->judging = false;
  return code;
}

/* Takes the batch in any case. */
static int take(struct look *l, struct sluice_batch *batch, struct sluice_error *err) {
  struct sluice_batch sent;
  l->sample->records += batch->array.length;
  l->bytes += sluice_array_bytes(&l->schema, &batch->array);
  int64_t dropped = 0;
  int code = selection_apply(l->selection, batch, &dropped, err);
  l->sample->filtered += dropped;
  if (!code)
    code = conform_apply(l->conform, batch, &l->on_conform, err);
  if (code) {
    batch_release(batch);
    return code;
  }
  code = chain_preview(l->chain, batch, "plan", &sent, err);
  if (code)
    return code;
  code = judge_keys(l, &sent, err);
  if (!code)
    code = encode(l, &sent, err);
  batch_release(&sent);
  chain_forget(l->chain);
  l->enough = is_enough(l);
  return code;
}

static int next_batch(struct look *l, struct sluice_batch *out, struct sluice_error *err) {
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    batch_init(out);
    int code = stop_at(l->p->stop, STOP_DRAIN) ? sluice_fail(&why, SLUICE_ERR_CANCELLED, NULL, "interrupted")
                                               : l->reader.next(&l->reader, out, &why);
    if (!code)
      code = batch_check(&l->schema, &out->array, l->part.name, &why);
    if (code >= SLUICE_OK)
      return code;
    batch_release(out);
    if (!wait_again(l, code, tries, &why)) {
      *err = why;
      return code;
    }
  }
}

static int read_all(struct look *l, struct sluice_error *err) {
  int code = SLUICE_OK;
  while (!code && !l->enough) {
    struct sluice_batch batch;
    code = next_batch(l, &batch, err);
    if (!code)
      code = take(l, &batch, err);
  }
  if (code == SLUICE_ERR_CANCELLED && l->enough) {
    memset(err, 0, sizeof *err);
    return SLUICE_OK;
  }
  l->sample->whole = code == SLUICE_END;
  return code == SLUICE_END ? SLUICE_OK : code;
}

static void finish_counts(struct look *l) {
  struct plan_sample *sample = l->sample;
  int64_t size = l->p->plan->part.size, counted = atomic_load(&l->bytes_read);
  sample->looked = true;
  sample->keys_cut = l->rows && rows_cut(l->rows);
  sample->bytes_read = sample->whole && size >= 0 ? size : counted;
}

int plan_look(struct planning *p, struct sluice_error *err) {
  const struct plan_part *part = &p->plan->part;
  struct look l = {.p = p, .sample = &p->plan->sample};
  l.part = (struct sluice_part){.struct_size = sizeof l.part,
                                .name = part->name,
                                .version = part->version[0] ? part->version : NULL,
                                .size = part->size,
                                .modified = part->modified};
  int code = open_all(&l, err);
  if (!code)
    code = read_all(&l, err);
  if (!code)
    finish_counts(&l);
  close_all(&l);
  return sluice_fail(err, code, part->name, "it cannot be read, and no reason was given");
}
