/* Keys without a value, and keys that come twice. */
#include "core/plan/rows.h"
#include "core/plan/key_set.h"
#include "core/run/row_cursor.h"
#include <stdlib.h>

struct rows {
  struct record_keys *keys;
  struct key_set met;
  struct record_key *now; /* of the batch in hand */
  uint8_t *refused;
  int64_t room, n;
};

int rows_create(const struct config_job *job, const struct ArrowSchema *schema, struct rows **out,
                struct sluice_error *err) {
  struct rows *rows = calloc(1, sizeof *rows);
  int code = rows ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, "sync.key", "no memory for the keys");
  if (!code)
    code = record_keys_create(job->sync.keys, job->sync.n_keys, schema, &rows->keys, err);
  if (!code && job->sync.cursor)
    code = row_cursor_check(job, schema, err);
  if (code)
    rows_destroy(rows);
  else
    *out = rows;
  return code;
}

void rows_destroy(struct rows *rows) {
  if (!rows)
    return;
  record_keys_destroy(rows->keys);
  key_set_finish(&rows->met);
  free(rows->now);
  free(rows->refused);
  free(rows);
}

static int make_room(struct rows *rows, int64_t n) {
  if (n > rows->room) {
    free(rows->now);
    free(rows->refused);
    rows->now = calloc((size_t)n, sizeof *rows->now);
    rows->refused = malloc((size_t)n);
    rows->room = rows->now && rows->refused ? n : 0;
  }
  return n > rows->room ? SLUICE_ERR_MEMORY : SLUICE_OK;
}

static int refuse(struct rows *rows, const struct sluice_batch *batch, int64_t i, const char *reason,
                  struct sluice_rejects *rejects, struct sluice_error *err) {
  struct sluice_reject reject = {.struct_size = sizeof reject,
                                 .seq = batch->seq,
                                 .row = i,
                                 .offset = -1,
                                 .column = rows->now[i].null_column,
                                 .reason = reason};
  rows->refused[i] = 1;
  return rejects->add(rejects, &reject, err);
}

/* The words of a run (core/run/by_row.c). */
static int judge(struct rows *rows, const struct sluice_batch *batch, int64_t i, struct sluice_rejects *rejects,
                 struct sluice_error *err) {
  const struct record_key *key = &rows->now[i];
  bool met = false;
  if (!key->plain)
    return SLUICE_OK; /* encoding says what is wrong with it */
  if (key->null_column)
    return refuse(rows, batch, i, "a column of the key has no value, so it cannot be told which record this is",
                  rejects, err);
  int code = key_set_add(&rows->met, key->key, &met);
  if (!code && met)
    code = refuse(rows, batch, i, "its key comes a second time in this file; the first record with it counts", rejects,
                  err);
  return code;
}

int rows_judge(struct rows *rows, const struct sluice_batch *batch, struct sluice_rejects *rejects,
               struct sluice_error *err) {
  rows->n = batch->array.length;
  int code = make_room(rows, rows->n);
  if (!code && rows->n > 0) {
    memset(rows->refused, 0, (size_t)rows->n);
    code = record_keys_of(rows->keys, batch, rows->now, err);
  }
  for (int64_t i = 0; i < rows->n && !code; i++)
    code = judge(rows, batch, i, rejects, err);
  return sluice_fail(err, code, "sync.key", "no memory for the keys");
}

bool rows_refused(const struct rows *rows, int64_t i) {
  return i < rows->n && rows->refused[i];
}
bool rows_cut(const struct rows *rows) {
  return rows->met.full;
}
