/* Driving one unit: a whole part batch by batch, or a bundle of small parts as one. */
#include "core/base/stage.h"
#include "core/log/log.h"
#include "core/run/batch.h"
#include "core/run/conform.h"
#include "core/run/split.h"
#include "core/run/worker.h"
#include <stdlib.h>

enum { OPEN_AHEAD = 64, BUNDLE_BATCHES = 4, BUNDLE_REJECTS = 32 << 20 };

static int stopped(struct worker *w, struct sluice_error *err) {
  if (!stop_at(&w->state->stop, STOP_DRAIN))
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_CANCELLED, w->unit.parts[0].name, "the run is stopping");
}

static int read_batch(struct worker *w, struct unit_reader *reader, struct sluice_batch *out,
                      struct sluice_error *err) {
  enum stage before = stage_enter(STAGE_DECODE);
  int code = unit_reader_next(w, reader, out, err);
  stage_enter(before);
  return code;
}

static int open_part(struct worker *w, size_t part, struct pipeline_part *out, struct sluice_error *err) {
  enum stage before = stage_enter(STAGE_READ);
  int code = unit_open_part(w, part, out, err);
  stage_enter(before);
  return code;
}

static int open_reader(struct worker *w, size_t part, struct pipeline_part *opened, const struct sluice_position *from,
                       struct unit_reader *out, bool *evolved, struct sluice_error *err) {
  enum stage before = stage_enter(STAGE_DECODE);
  int code = unit_reader_open(w, part, opened, from, out, evolved, err);
  stage_enter(before);
  return code;
}

/* ---- one part ---- */

static int read_all(struct worker *w, struct unit_reader *reader, struct sluice_error *err) {
  for (;;) {
    struct sluice_batch batch;
    int code = stopped(w, err);
    if (!code)
      code = read_batch(w, reader, &batch, err);
    if (code == SLUICE_END)
      return SLUICE_OK;
    if (!code)
      code = worker_send(w, &batch, err);
    if (!code)
      code = worker_checkpoint_due(w, err);
    if (code)
      return code;
  }
}

/* Read-ahead, and a batch in work and on its way. */
static int64_t single_need(const struct worker *w, const struct pipeline_part *opened) {
  int64_t size = w->unit.parts[0].size, ahead = opened->input.window > 0 ? opened->input.window : 0;
  if (size >= 0 && size < ahead)
    ahead = size;
  return ahead + 2 * (size >= 0 && size < w->unit.batch_bytes ? size : w->unit.batch_bytes);
}

int unit_single(struct worker *w, bool *evolved, struct sluice_error *err) {
  struct run_state *state = w->state;
  struct pipeline_part opened = {0};
  struct unit_reader reader = {0};
  int code = open_part(w, 0, &opened, err);
  if (!code)
    code = split_unit(w, &opened, err);
  w->position = w->unit.position;
  int64_t need = single_need(w, &opened);
  bool taken = !code && budget_take(&state->budget, need, &state->stop);
  if (!code)
    code = taken ? open_reader(w, 0, &opened, &w->unit.position, &reader, evolved, err) : stopped(w, err);
  if (!code)
    code = read_all(w, &reader, err);
  unit_reader_close(&reader);
  pipeline_part_release(&opened);
  if (taken)
    budget_give(&state->budget, need);
  return code;
}

/* ---- a bundle: all parts are read before any is sent, so that one which cannot be read takes no other with it ---- */

struct bundle {
  struct worker *w;
  struct pipeline_part *opened;
  size_t n_opened;
  struct part_failure *failures;
  size_t n_failed;
  struct sluice_batch *batches; /* in the job's schema, ordinals in the unit */
  size_t n, room;
  int64_t next_ordinal, bytes; /* bytes: decoded, of all that is held */
};

static int keep_batch(struct bundle *b, struct sluice_batch *batch) {
  if (b->n == b->room) {
    size_t room = b->room ? b->room * 2 : 64;
    struct sluice_batch *grown = realloc(b->batches, room * sizeof *grown);
    if (!grown)
      return SLUICE_ERR_MEMORY;
    b->batches = grown;
    b->room = room;
  }
  b->batches[b->n++] = *batch;
  return SLUICE_OK;
}

/* Ordinals of the part become those of the unit. */
static int shift(struct sluice_batch *batch, int64_t start) {
  int64_t *origin = NULL;
  int code = batch_copy_origin(batch, &origin);
  for (int64_t i = 0; origin && i < batch->array.length; i++)
    origin[i] += start;
  if (!code && origin)
    code = sluice_array_attach(&batch->array, origin);
  if (code) {
    free(origin);
    return code;
  }
  batch->first_row += start;
  batch->origin = origin;
  return SLUICE_OK;
}

/* One past the last ordinal that a batch shows; rejects behind it do not matter, the next part only starts higher. */
static int64_t end_ordinal(const struct sluice_batch *batch) {
  return batch->array.length ? batch_ordinal(batch, batch->array.length - 1) + 1 : batch->first_row;
}

/* A few compressed bytes may hold very many records, or rejects: then what was read so far is not for a bundle. */
static bool is_full(const struct bundle *b) {
  return b->bytes > BUNDLE_BATCHES * b->w->unit.batch_bytes || b->w->rejects.bytes > BUNDLE_REJECTS;
}

static int read_part(struct bundle *b, size_t i, bool *evolved, struct sluice_error *err) {
  struct worker *w = b->w;
  struct sluice_position start = {0};
  struct unit_reader reader = {0};
  int64_t begin = w->starts[i];
  b->next_ordinal = begin;
  int code = open_reader(w, i, &b->opened[i], &start, &reader, evolved, err);
  while (!code) {
    struct sluice_batch batch;
    code = stopped(w, err);
    if (!code && is_full(b))
      break;
    if (!code)
      code = read_batch(w, &reader, &batch, err);
    if (code)
      break;
    code = shift(&batch, begin);
    if (!code && end_ordinal(&batch) > b->next_ordinal)
      b->next_ordinal = end_ordinal(&batch);
    b->bytes += code ? 0 : sluice_array_bytes(&w->schema->schema, &batch.array);
    if (!code && batch.array.length > 0)
      code = keep_batch(b, &batch);
    else
      batch_release(&batch);
  }
  unit_reader_close(&reader);
  return code == SLUICE_END ? SLUICE_OK : code;
}

bool unit_is_of_part(int code) {
  return code == SLUICE_ERR_NOT_FOUND || code == SLUICE_ERR_CHANGED || code == SLUICE_ERR_DATA ||
         code == SLUICE_ERR_UNSUPPORTED || code == SLUICE_ERR_RETRY;
}

/* Notes the failure of one part, so that the others are still tried and all is said at once. A source that asks to come
 * back later would make each of them wait, so that ends the reading. */
static int note_failure(struct bundle *b, size_t i, int code, const struct sluice_error *why,
                        struct sluice_error *err) {
  if (!unit_is_of_part(code) || atomic_load(&b->w->state->policy.broken)) {
    *err = *why;
    return code;
  }
  b->failures[i] = (struct part_failure){.code = code, .why = *why};
  b->n_failed++;
  return code == SLUICE_ERR_RETRY ? SLUICE_END : SLUICE_OK;
}

static int open_ahead(struct bundle *b, size_t i, struct sluice_error *err) {
  int code = SLUICE_OK;
  while (b->n_opened < b->w->unit.n_parts && b->n_opened < i + OPEN_AHEAD && !code) {
    struct sluice_error why = {0};
    size_t part = b->n_opened++;
    code = open_part(b->w, part, &b->opened[part], &why);
    if (code)
      code = note_failure(b, part, code, &why, err);
  }
  return code;
}

static int try_part(struct bundle *b, size_t i, bool *evolved, struct sluice_error *err) {
  struct sluice_error why = {0};
  if (b->failures[i].code)
    return SLUICE_OK;
  int code = read_part(b, i, evolved, &why);
  if (*evolved)
    return code;
  return code ? note_failure(b, i, code, &why, err) : SLUICE_OK;
}

/* Each of the parts up to this one is to be read alone. */
static int leave_bundle(struct bundle *b, size_t last) {
  for (size_t i = 0; i <= last; i++)
    if (!b->failures[i].code)
      b->failures[i] = (struct part_failure){.code = SLUICE_ERR_UNSUPPORTED, .alone = true};
  b->n_failed++;
  return SLUICE_END;
}

static int read_parts(struct bundle *b, bool *evolved, struct sluice_error *err) {
  struct worker *w = b->w;
  int code = SLUICE_OK;
  for (size_t i = 0; i < w->unit.n_parts && !code; i++) {
    code = open_ahead(b, i, err);
    b->next_ordinal = w->starts[i];
    if (!code)
      code = try_part(b, i, evolved, err);
    if (!code && is_full(b))
      code = leave_bundle(b, i);
    pipeline_part_release(&b->opened[i]);
    w->starts[i + 1] = b->next_ordinal;
  }
  return code == SLUICE_END ? SLUICE_OK : code;
}

/* Puts batches first..last-1 together and sends them as one. */
static int send_range(struct bundle *b, size_t first, size_t last, int64_t rows, struct sluice_error *err) {
  struct sluice_batch joined;
  batch_init(&joined);
  const struct ArrowArray **arrays = calloc(last - first, sizeof *arrays);
  int64_t *origin = malloc((size_t)(rows + 1) * sizeof *origin);
  int64_t n = 0;
  int code = arrays && origin ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = first; i < last && !code; i++) {
    arrays[i - first] = &b->batches[i].array;
    for (int64_t k = 0; k < b->batches[i].array.length; k++)
      origin[n++] = batch_ordinal(&b->batches[i], k);
  }
  if (!code)
    code = sluice_array_concat(&b->w->schema->schema, arrays, (int64_t)(last - first), &joined.array, err);
  free((void *)arrays);
  joined.first_row = b->batches[first].first_row;
  joined.end.row = end_ordinal(&b->batches[last - 1]);
  if (!code)
    code = sluice_array_attach(&joined.array, origin);
  if (code) {
    free(origin);
    batch_release(&joined);
    return sluice_fail(err, code, b->w->unit.parts[0].name, "no memory");
  }
  joined.origin = origin;
  for (size_t i = first; i < last; i++)
    batch_release(&b->batches[i]);
  return worker_send(b->w, &joined, err);
}

/* Cuts by rows and bytes as they came, so that the same parts always give the same batches. */
static int send_all(struct bundle *b, struct sluice_error *err) {
  const struct worker *w = b->w;
  int code = SLUICE_OK;
  for (size_t first = 0, last; first < b->n && !code; first = last) {
    int64_t rows = 0, bytes = 0;
    for (last = first; last < b->n; last++) {
      int64_t more = sluice_array_bytes(&w->schema->schema, &b->batches[last].array);
      if (last > first &&
          (rows + b->batches[last].array.length > w->unit.batch_rows || bytes + more > w->unit.batch_bytes))
        break;
      rows += b->batches[last].array.length;
      bytes += more;
    }
    code = send_range(b, first, last, rows, err);
  }
  return code;
}

static int run_bundle(struct bundle *b, bool *evolved, struct sluice_error *err) {
  int code = read_parts(b, evolved, err);
  return code || b->n_failed ? code : send_all(b, err);
}

/* The bytes as they came, decoded, and put together. */
static int64_t bundle_need(const struct worker *w) {
  int64_t bytes = 0;
  for (size_t i = 0; i < w->unit.n_parts; i++)
    bytes += w->unit.parts[i].size > 0 ? w->unit.parts[i].size : 0;
  return 3 * bytes;
}

int unit_bundle(struct worker *w, struct part_failure *failures, bool *evolved, struct sluice_error *err) {
  struct run_state *state = w->state;
  struct bundle b = {.w = w, .failures = failures, .opened = calloc(w->unit.n_parts, sizeof *b.opened)};
  int64_t need = bundle_need(w);
  bool taken = b.opened && budget_take(&state->budget, need, &state->stop);
  int code = !b.opened ? SLUICE_ERR_MEMORY : taken ? run_bundle(&b, evolved, err) : stopped(w, err);
  for (size_t i = 0; i < b.n; i++)
    batch_release(&b.batches[i]);
  for (size_t i = 0; b.opened && i < w->unit.n_parts; i++)
    pipeline_part_release(&b.opened[i]);
  free(b.batches);
  free(b.opened);
  if (taken)
    budget_give(&state->budget, need);
  return sluice_fail(err, code, w->unit.parts[0].name, "no memory");
}
