/* From source records to the sink's writer. */
#include "core/run/chain.h"
#include "core/run/batch.h"
#include "core/run/conform.h"
#include "core/run/record.h"
#include "core/run/retained.h"
#include <stdlib.h>

enum { MAX_DELIVERY_TRIES = 5, MAX_WAIT_MS = 60000 };

struct step { /* one transform */
  const struct component *component;
  struct ArrowSchema schema; /* what it gives */
  void *bound;
};
struct chain {
  struct pipeline *pipeline;
  const struct ArrowSchema *source;
  struct mapping_bound *mapped;
  struct step *steps;
  size_t n_steps;
  struct ArrowSchema plain; /* what the sink gets */
  struct sluice_writer *writer;
  struct sluice_writer vtable; /* the host's copy of its functions */
  struct by_row *by_row;       /* NULL: all records go */
  struct retained retained;
  int64_t seq, last_sent; /* of the batches; those that became empty are not sent */
  const char *stage;      /* of the call in progress */
  struct sluice_rejects rejects;
  chain_reject_fn *on_reject;
  void *context;
};

/* Schema of what reaches the plain-type cast. */
static const struct ArrowSchema *last_schema(const struct chain *chain) {
  if (chain->n_steps)
    return &chain->steps[chain->n_steps - 1].schema;
  return chain->mapped ? mapping_schema(chain->mapped) : chain->source;
}

/* ---- rejects: from an index in a batch to the source record ---- */

static int64_t ordinal_of(const struct retained_batch *item, int64_t row) {
  if (item->mapped)
    return row >= 0 && row < item->n_mapped ? item->mapped[row] : -1;
  return row >= 0 && row < item->batch.array.length ? batch_ordinal(&item->batch, row) : -1;
}

static int add_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct chain *chain = rejects->private_data;
  struct retained_batch *item = retained_find(&chain->retained, reject->seq);
  int64_t ordinal = item ? ordinal_of(item, reject->row) : -1;
  if (ordinal < 0)
    return sluice_fail(err, SLUICE_ERR_BUG, chain->stage,
                       "row %lld of batch %lld was rejected, but no such record is on its way", (long long)reject->row,
                       (long long)reject->seq);
  struct text raw = {0};
  int64_t at = batch_find(&item->batch, ordinal);
  int code = at >= 0 ? record_json(chain->source, &item->batch.array, at, &raw, err) : SLUICE_OK;
  struct chain_reject out = {reject->seq,
                             ordinal,
                             chain->stage,
                             reject->column,
                             reject->reason ? reject->reason : "no reason given",
                             text_get(&raw),
                             raw.size,
                             SLUICE_HAS(reject, attempts) ? reject->attempts : 0};
  if (!code)
    code = chain->on_reject(chain->context, &out, err);
  text_finish(&raw);
  return code;
}

/* ---- opening ---- */

static int bind_steps(struct chain *chain, struct sluice_error *err) {
  struct pipeline *p = chain->pipeline;
  chain->steps = calloc(p->n_transforms + 1, sizeof *chain->steps);
  if (!chain->steps)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < p->n_transforms; i++) {
    struct step *step = &chain->steps[i];
    const struct component *transform = &p->transforms[i];
    int code = transform->loaded->transform.bind(transform->self, last_schema(chain), &step->schema, &step->bound, err);
    if (code)
      return code;
    step->component = transform;
    chain->n_steps++;
    code = sluice_schema_validate(&step->schema, err);
    if (code)
      return code;
  }
  return SLUICE_OK;
}

static int check_writer(struct chain *chain, struct sluice_error *err) {
  const char *name = chain->pipeline->sink.loaded->entry.full_name;
  if (!chain->writer)
    return sluice_fail(err, SLUICE_ERR_BUG, name, "it gave no writer; this is a fault of the plugin");
  uint32_t size = chain->writer->struct_size;
  memcpy(&chain->vtable, chain->writer, size < sizeof chain->vtable ? size : sizeof chain->vtable);
  if (chain->vtable.write && chain->vtable.flush && chain->vtable.release)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_BUG, name,
                     "its writer lacks write, flush or release; this is a fault of the plugin");
}

static int open_writer(struct chain *chain, const struct chain_target *target, struct sluice_error *err) {
  struct pipeline *p = chain->pipeline;
  const struct sluice_sink *sink = &p->sink.loaded->sink;
  struct sluice_stream stream = {.struct_size = sizeof stream,
                                 .name = target->stream,
                                 .delivery = target->delivery,
                                 .generation = p->job->sync.mode == CONFIG_FULL_REFRESH ? target->generation : 0,
                                 .rejects = &chain->rejects};
  int code = sink->writer(p->sink.self, &stream, &chain->plain, &chain->writer, err);
  return code ? code : check_writer(chain, err);
}

int chain_create_dry(struct pipeline *pipeline, const struct ArrowSchema *schema, int64_t seq,
                     chain_reject_fn *on_reject, void *context, struct chain **out, struct sluice_error *err) {
  struct chain *chain = calloc(1, sizeof *chain);
  if (!chain)
    return sluice_fail(err, SLUICE_ERR_MEMORY, pipeline->job->name, "no memory");
  *chain = (struct chain){.pipeline = pipeline,
                          .source = schema,
                          .seq = seq,
                          .stage = "deliver",
                          .on_reject = on_reject,
                          .context = context};
  chain->rejects = (struct sluice_rejects){add_reject, chain};
  int code = pipeline->mapping ? mapping_bind(pipeline->mapping, schema, &chain->mapped, err) : SLUICE_OK;
  if (!code)
    code = bind_steps(chain, err);
  if (!code)
    code = sluice_schema_plain(last_schema(chain), pipeline->sink.loaded->sink.accepts, &chain->plain);
  if (code) {
    chain_destroy(chain);
    return sluice_fail(err, code, pipeline->job->name, "no memory");
  }
  *out = chain;
  return SLUICE_OK;
}

int chain_create(struct pipeline *pipeline, const struct chain_target *target, const struct ArrowSchema *schema,
                 int64_t seq, chain_reject_fn *on_reject, void *context, struct chain **out, struct sluice_error *err) {
  struct chain *chain;
  int code = chain_create_dry(pipeline, schema, seq, on_reject, context, &chain, err);
  if (code)
    return code;
  code = open_writer(chain, target, err);
  if (code) {
    chain_destroy(chain);
    return sluice_fail(err, code, pipeline->job->name, "no memory");
  }
  *out = chain;
  return SLUICE_OK;
}

void chain_destroy(struct chain *chain) {
  if (!chain)
    return;
  if (chain->writer && chain->vtable.release)
    chain->vtable.release(chain->writer);
  for (size_t i = 0; i < chain->n_steps; i++) {
    const struct component *transform = chain->steps[i].component;
    if (transform->loaded->transform.unbind)
      transform->loaded->transform.unbind(transform->self, chain->steps[i].bound);
    sluice_schema_release(&chain->steps[i].schema);
  }
  free(chain->steps);
  mapping_unbind(chain->mapped);
  sluice_schema_release(&chain->plain);
  retained_finish(&chain->retained);
  free(chain);
}

void chain_by_row(struct chain *chain, struct by_row *by_row) {
  chain->by_row = by_row;
}

const struct ArrowSchema *chain_schema(const struct chain *chain) {
  return &chain->plain;
}

/* ---- writing ---- */

static int map(struct chain *chain, struct sluice_batch *batch, struct sluice_error *err) {
  if (!chain->mapped)
    return SLUICE_OK;
  struct ArrowArray out = {0};
  uint8_t *keep = malloc((size_t)batch->array.length + 1);
  int64_t *origin = NULL;
  int code = keep ? batch_copy_origin(batch, &origin) : SLUICE_ERR_MEMORY; /* it must outlive the array it came with */
  if (!code)
    memset(keep, 1, (size_t)batch->array.length);
  if (!code)
    code = mapping_apply(chain->mapped, &batch->array, batch->seq, &chain->rejects, keep, &out, err);
  if (!code && origin)
    code = sluice_array_attach(&out, origin);
  if (code) {
    free(origin);
    sluice_array_release(&out);
  } else {
    batch->array = out;
    batch->origin = origin;
    code = conform_drop_rows(mapping_schema(chain->mapped), batch, keep, err);
  }
  free(keep);
  return code;
}

static int transform(struct chain *chain, struct sluice_batch *batch, struct sluice_error *err) {
  for (size_t i = 0; i < chain->n_steps; i++) {
    struct step *step = &chain->steps[i];
    const struct component *component = step->component;
    struct sluice_batch out;
    int64_t rows = batch->array.length;
    batch_init(&out);
    int code = component->loaded->transform.apply(component->self, step->bound, batch, &chain->rejects, &out, err);
    if (!code)
      code = batch_check(&step->schema, &out.array, component->loaded->entry.full_name, err);
    if (!code && (out.ops || out.array.length > rows))
      code = sluice_fail(err, SLUICE_ERR_UNSUPPORTED, component->loaded->entry.full_name,
                         "it gave operations, or more records than it got; this version takes neither");
    if (code) {
      batch_release(&out);
      return code;
    }
    out.seq = batch->seq;
    out.first_row = batch->first_row;
    out.end = batch->end;
    *batch = out;
    code = retained_sent(&chain->retained, batch->seq, batch); /* the next one's row numbers are of this batch */
    if (code)
      return code;
  }
  return SLUICE_OK;
}

/* Casts to the types that the sink knows; the same types move. */
static int make_plain(struct chain *chain, struct sluice_batch *batch, struct sluice_error *err) {
  if (sluice_schema_equal(last_schema(chain), &chain->plain))
    return SLUICE_OK;
  struct ArrowArray out;
  int64_t *origin;
  int code = batch_copy_origin(batch, &origin);
  if (code)
    return code;
  code = sluice_cast(last_schema(chain), &batch->array, &chain->plain, NULL, NULL, &out, err);
  if (!code) {
    batch->array = out;
    batch->origin = NULL;
    if (origin)
      code = sluice_array_attach(&batch->array, origin);
    if (!code)
      batch->origin = origin;
  }
  if (code)
    free(origin);
  return code;
}

/* The unit's name lives as long as the array. */
static int name_unit(struct sluice_batch *batch, const char *unit) {
  char *copy = strdup(unit);
  int code = copy ? sluice_array_attach(&batch->array, copy) : SLUICE_ERR_MEMORY;
  if (code)
    free(copy);
  else
    batch->unit = copy;
  return code;
}

static int64_t wait_ms(const struct sluice_error *why) {
  int64_t ms = why->retry_ms > 0 ? why->retry_ms : 1000;
  return ms < MAX_WAIT_MS ? ms : MAX_WAIT_MS;
}

static int call_write(struct chain *chain, struct sluice_batch *batch, struct sluice_error *err) {
  return chain->vtable.write(chain->writer, batch, err);
}
static int call_flush(struct chain *chain, struct sluice_batch *batch, struct sluice_error *err) {
  (void)batch;
  return chain->vtable.flush(chain->writer, err);
}

/* Tries again while the destination says RETRY; it has spent its own attempts by then. */
static int try_to_persist(struct chain *chain,
                          int (*call)(struct chain *, struct sluice_batch *, struct sluice_error *),
                          struct sluice_batch *batch, struct sluice_error *err) {
  chain->stage = "deliver";
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    int code = call(chain, batch, &why);
    if (code == SLUICE_OK)
      return code;
    watch_beat(chain->pipeline->watch);
    bool last = code != SLUICE_ERR_RETRY || tries == MAX_DELIVERY_TRIES;
    bool stopped = !last && !stop_sleep(chain->pipeline->stop, STOP_NOW, (long)wait_ms(&why));
    if (last || stopped) {
      code = stopped ? SLUICE_ERR_CANCELLED : code;
      if (err && !err->message[0])
        *err = why;
      return sluice_fail(err, code, chain->pipeline->sink_name, "the sink failed and gave no reason");
    }
  }
}

static int persist(struct chain *chain, int (*call)(struct chain *, struct sluice_batch *, struct sluice_error *),
                   struct sluice_batch *batch, struct sluice_error *err) {
  enum stage before = stage_enter(STAGE_DELIVER);
  int code = try_to_persist(chain, call, batch, err);
  stage_enter(before);
  return code;
}

/* Only what is new or changed goes on; the sink's row numbers are of what is left. */
static int leave_changed(struct chain *chain, struct sluice_batch *batch, struct sluice_error *err) {
  chain->stage = "key";
  int code = retained_sent(&chain->retained, batch->seq, batch);
  if (!code)
    code = by_row_apply(chain->by_row, batch, &chain->rejects, err);
  return code ? code : retained_sent(&chain->retained, batch->seq, batch);
}

static int change(struct chain *chain, struct sluice_batch *batch, const char *unit, struct sluice_error *err) {
  int code = retained_add(&chain->retained, batch);
  chain->stage = "map";
  if (!code)
    code = map(chain, batch, err);
  if (!code)
    code = retained_sent(&chain->retained, batch->seq, batch);
  chain->stage = "transform";
  if (!code)
    code = transform(chain, batch, err);
  if (!code)
    code = make_plain(chain, batch, err);
  if (!code && chain->by_row)
    code = leave_changed(chain, batch, err);
  if (!code)
    code = batch_check(&chain->plain, &batch->array, "the host", err);
  return code ? code : name_unit(batch, unit);
}

static int prepare(struct chain *chain, struct sluice_batch *batch, const char *unit, struct sluice_error *err) {
  enum stage before = stage_enter(STAGE_MAP);
  int code = change(chain, batch, unit, err);
  stage_enter(before);
  return code;
}

int chain_write(struct chain *chain, struct sluice_batch *batch, const char *unit, int64_t *seq,
                struct sluice_error *err) {
  struct sluice_batch sent = *batch;
  memset(&batch->array, 0, sizeof batch->array);
  sent.seq = ++chain->seq;
  int code = prepare(chain, &sent, unit, err);
  if (!code && sent.array.length > 0) {
    chain->last_sent = sent.seq;
    code = persist(chain, call_write, &sent, err);
    if (!code)
      chain_acked(chain); /* lets go of what has arrived; a checkpoint may be 64 MiB away */
  } else if (!code) {
    batch_release(&sent);
  }
  if (code) {
    batch_release(&sent);
    return sluice_fail(err, code, chain->pipeline->sink_name, "no memory");
  }
  *seq = chain->seq;
  return SLUICE_OK;
}

int chain_preview(struct chain *chain, struct sluice_batch *batch, const char *unit, struct sluice_batch *out,
                  struct sluice_error *err) {
  struct sluice_batch sent = *batch;
  memset(&batch->array, 0, sizeof batch->array);
  sent.seq = ++chain->seq;
  int code = prepare(chain, &sent, unit, err);
  if (code) {
    batch_release(&sent);
    return sluice_fail(err, code, chain->pipeline->sink_name, "no memory");
  }
  *out = sent;
  return SLUICE_OK;
}

int chain_refuse(struct chain *chain, const struct sluice_reject *reject, struct sluice_error *err) {
  chain->stage = "deliver";
  return add_reject(&chain->rejects, reject, err);
}

void chain_forget(struct chain *chain) {
  retained_drop(&chain->retained, chain->seq);
}

int chain_replay(struct chain *chain, struct sluice_batch *batch, const char *unit, int64_t *seq,
                 struct sluice_error *err) {
  struct sluice_batch sent;
  int code = chain_preview(chain, batch, unit, &sent, err);
  if (code)
    return code;
  batch_release(&sent);
  chain_forget(chain);
  *seq = chain->seq;
  return SLUICE_OK;
}

int chain_flush(struct chain *chain, struct sluice_error *err) {
  int code = persist(chain, call_flush, NULL, err);
  if (!code)
    retained_drop(&chain->retained, chain->seq);
  return code;
}

int64_t chain_acked(struct chain *chain) {
  if (!chain->vtable.acked)
    return -1;
  int64_t seq = chain->vtable.acked(chain->writer);
  if (!chain->last_sent || seq >= chain->last_sent)
    seq = chain->seq;
  retained_drop(&chain->retained, seq);
  return seq;
}
