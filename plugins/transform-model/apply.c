/* One batch: columns as views, checks, the record, and the rows that stay. */
#include "bind.h"
#include "checking.h"
#include <stdlib.h>
#include <time.h>

/* ---- views ---- */

struct misfit {
  struct checking *checking;
  const struct use *use;
};

static int on_misfit(void *context, int64_t row, const char *column, const char *reason) {
  struct misfit *misfit = context;
  (void)column;
  return checking_reject(misfit->checking, row, misfit->use, "Invalid_Type", "%s; mend the value", reason);
}

static int view_open(struct checking *c, struct ArrowArray *batch, size_t i) {
  const struct use *use = &c->bound->uses[i];
  struct misfit misfit = {c, use};
  struct ArrowArray found;
  int code = sluice_array_share(batch->children[use->column]);
  if (!code)
    code = sluice_array_slice(batch->children[use->column], batch->offset, c->rows, &found);
  if (code)
    return code;
  if (!use->cast) {
    c->views[i] = found;
    return SLUICE_OK;
  }
  code = sluice_cast(c->bound->in.children[use->column], &found, &use->plain, on_misfit, &misfit, &c->views[i], c->err);
  if (!code)
    code = sluice_array_share(&c->views[i]);
  sluice_array_release(&found);
  return code;
}

static int views_open(struct checking *c, struct ArrowArray *batch) {
  int code = SLUICE_OK;
  c->views = calloc(c->bound->n_uses + 1, sizeof *c->views);
  if (!c->views)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < c->bound->n_uses && !code; i++)
    code = view_open(c, batch, i);
  return code;
}

static void views_close(struct checking *c) {
  for (size_t i = 0; i < c->bound->n_uses && c->views; i++)
    sluice_array_release(&c->views[i]);
  free(c->views);
}

/* ---- rows that stay ---- */

struct owned { /* what lives as long as the batch that goes out */
  struct ArrowArray inner;
  int64_t *origin;
  uint8_t *ops;
};

static void owned_free(struct owned *owned) {
  if (!owned)
    return;
  sluice_array_release(&owned->inner);
  free(owned->origin);
  free(owned->ops);
  free(owned);
}

static void owned_release(struct ArrowArray *array) {
  struct owned *owned = array->private_data;
  memset(array, 0, sizeof *array);
  owned_free(owned);
}

/* Ordinals and operations of the rows that stay. */
static int keep_rows(const struct checking *c, const struct sluice_batch *in, struct owned *owned) {
  size_t n = (size_t)c->rows + 1, kept = 0;
  bool ops = SLUICE_HAS(in, ops);
  owned->origin = malloc(n * sizeof *owned->origin);
  owned->ops = ops ? malloc(n) : NULL;
  if (!owned->origin || (ops && !owned->ops))
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < c->rows; i++) {
    if (!c->keep[i])
      continue;
    owned->origin[kept] = in->origin ? in->origin[i] : in->first_row + i;
    if (ops)
      owned->ops[kept] = in->ops[i];
    kept++;
  }
  return SLUICE_OK;
}

static int build_kept(struct checking *c, struct ArrowArray *out) {
  struct ArrowArray all;
  int code = record_build(c, &all);
  if (code || !c->rejected) {
    if (!code)
      *out = all;
    return code;
  }
  code = sluice_array_filter(&c->bound->out, &all, c->keep, out, c->err);
  sluice_array_release(&all);
  return code;
}

static int build_out(struct checking *c, const struct sluice_batch *in, struct sluice_batch *out) {
  bool rows = c->rejected || in->origin || SLUICE_HAS(in, ops);
  struct owned *owned = calloc(1, sizeof *owned);
  int code = owned ? build_kept(c, &owned->inner) : SLUICE_ERR_MEMORY;
  if (!code && rows)
    code = keep_rows(c, in, owned);
  if (code) {
    owned_free(owned);
    return code;
  }
  out->array = owned->inner;
  out->array.release = owned_release;
  out->array.private_data = owned;
  out->origin = owned->origin;
  out->ops = owned->ops;
  return SLUICE_OK;
}

/* ---- apply ---- */

static int check_all(struct checking *c) {
  int code = time_convert(c);
  for (size_t i = 0; i < c->bound->n_checks && c->rows && !code; i++)
    code = c->bound->checks[i].run(&c->bound->checks[i], c);
  return code;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int model_apply(void *self, void *bound, struct sluice_batch *in, struct sluice_rejects *rejects,
                struct sluice_batch *out, struct sluice_error *err) {
  (void)self;
  struct checking c = {.bound = bound,
                       .rows = in->array.length,
                       .seq = in->seq,
                       .now_ms = now_ms(),
                       .keep = malloc((size_t)in->array.length + 1),
                       .rejects = rejects,
                       .err = err};
  int code = c.keep ? SLUICE_OK : SLUICE_ERR_MEMORY;
  if (!code) {
    memset(c.keep, 1, (size_t)c.rows);
    code = views_open(&c, &in->array);
  }
  if (!code)
    code = check_all(&c);
  if (!code)
    code = build_out(&c, in, out);
  views_close(&c);
  free(c.keep);
  if (code)
    return sluice_fail(err, code, "model", "no memory for a batch of the model");
  sluice_array_release(&in->array);
  return SLUICE_OK;
}
