/* Batches of the rows that are left: numbered as in the file, cut at the same multiples. */
#include "pruned.h"
#include "prune.h"
#include <stdlib.h>

static int stopped(const struct pq_reader *r, struct sluice_error *err) {
  const struct sluice_host *host = r->format->host;
  if (host && host->cancelled(host))
    return sluice_fail(err, SLUICE_ERR_CANCELLED, r->part, "stopped while reading");
  return SLUICE_OK;
}

/* Rows of the list that were taken go away. */
static void drop_taken(struct pq_reader *r) {
  struct pq_row_list *kept = &r->fetch.kept;
  if (r->kept_at < 64 || r->kept_at < kept->n / 2)
    return;
  memmove(kept->items, kept->items + r->kept_at, (kept->n - r->kept_at) * sizeof *kept->items);
  kept->n -= r->kept_at;
  r->kept_at = 0;
}

/* Which rows are wanted is known up to this one, at least. */
static int plan_to(struct pq_reader *r, int64_t end, struct sluice_error *err) {
  struct pq_fetch *f = &r->fetch;
  int code = SLUICE_OK;
  while (f->next_group < f->last_group && f->footer->groups[f->next_group].first_row < end && !code) {
    code = stopped(r, err);
    if (!code)
      code = pq_fetch_plan_more(f, err);
  }
  return code;
}

/* The first wanted row; END: there are no more. */
static int find_first(struct pq_reader *r, int64_t *out, struct sluice_error *err) {
  struct pq_fetch *f = &r->fetch;
  int code = SLUICE_OK;
  while (r->kept_at == f->kept.n && !code) {
    if (f->next_group == f->last_group)
      return SLUICE_END;
    r->kept_at = f->kept.n = 0; /* else rows that follow would be joined to a range that is done with */
    code = stopped(r, err);
    if (!code)
      code = pq_fetch_plan_more(f, err);
  }
  if (!code)
    *out = f->kept.items[r->kept_at].begin;
  return code;
}

static int64_t count_below(const struct pq_reader *r, int64_t end) {
  const struct pq_row_list *kept = &r->fetch.kept;
  int64_t rows = 0;
  for (size_t i = r->kept_at; i < kept->n && kept->items[i].begin < end; i++)
    rows += (kept->items[i].end < end ? kept->items[i].end : end) - kept->items[i].begin;
  return rows;
}

/* The numbers of the next n wanted rows, which leave the list; returns the last. */
static int64_t take_numbers(struct pq_reader *r, int64_t n, int64_t *out) {
  int64_t done = 0, last = -1;
  while (done < n) {
    struct pq_rows *rows = &r->fetch.kept.items[r->kept_at];
    int64_t some = rows->end - rows->begin < n - done ? rows->end - rows->begin : n - done;
    for (int64_t i = 0; i < some; i++)
      out[done + i] = rows->begin + i;
    rows->begin += some;
    last = rows->begin - 1;
    done += some;
    r->kept_at += rows->begin == rows->end;
  }
  return last;
}

/* Where all rows of the batch follow each other their numbers need no list. Takes it on success, or frees it. */
static int number(struct sluice_batch *out, int64_t *numbers) {
  int64_t n = out->array.length;
  out->first_row = numbers[0];
  if (numbers[n - 1] - numbers[0] == n - 1) {
    free(numbers);
    return SLUICE_OK;
  }
  int code = sluice_array_attach(&out->array, numbers);
  if (!code)
    out->origin = numbers;
  else
    free(numbers);
  return code;
}

static void count_passed(struct pq_reader *r, int64_t row, int64_t read) {
  int64_t passed = row - r->row - read;
  r->prune->counts.rows += passed;
  sluice_count(r->format->pruned_rows, (uint64_t)(passed > 0 ? passed : 0));
  r->row = row;
}

static int64_t end_of_batch(const struct pq_reader *r, int64_t first) {
  int64_t end = first + r->batch_rows - (first - r->unit_row) % r->batch_rows;
  return end < r->stop ? end : r->stop;
}

static int read_batch(struct pq_reader *r, int64_t n, struct sluice_batch *out, int64_t **numbers,
                      struct sluice_error *err) {
  int64_t before = r->row, *room = malloc((size_t)(n + 1) * sizeof *room);
  int code = room ? pq_batch_next(r, n, false, out, err)
                  : sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for a batch");
  r->row = before;
  if (code)
    free(room);
  else
    *numbers = room;
  return code;
}

/* The batch has the rows of these numbers, which it takes; reading goes on at `next`. */
static int finish_batch(struct pq_reader *r, int64_t *numbers, int64_t next, struct sluice_batch *out,
                        struct sluice_error *err) {
  int64_t read = out->array.length;
  int code = number(out, numbers);
  if (code) {
    r->broken = true;
    sluice_array_release(&out->array);
    return sluice_fail(err, code, r->part, "no memory for a batch");
  }
  count_passed(r, next, read);
  out->end = (struct sluice_position){.row = r->row, .offset = r->row};
  drop_taken(r);
  return SLUICE_OK;
}

static int next_batch(struct pq_reader *r, int64_t n, int64_t end, struct sluice_batch *out, struct sluice_error *err) {
  int64_t *numbers = NULL;
  int code = read_batch(r, n, out, &numbers, err);
  if (code)
    return code;
  int64_t read = out->array.length, last = take_numbers(r, read, numbers);
  return finish_batch(r, numbers, read == n ? end : last + 1, out, err);
}

/* ---- with the filter put to the rows first ---- */

static void pass_listed(struct pq_reader *r, int64_t n) {
  while (n > 0) {
    struct pq_rows *rows = &r->fetch.kept.items[r->kept_at];
    int64_t some = rows->end - rows->begin < n ? rows->end - rows->begin : n;
    rows->begin += some;
    n -= some;
    r->kept_at += rows->begin == rows->end;
  }
}

/* The numbers of the next n rows that the filter leaves; they leave the list with all before them. How many all are is
 * returned. */
static int64_t take_picked(struct pq_reader *r, int64_t n, int64_t *out) {
  const uint32_t *places = r->late->picks.places;
  int64_t at = 0, i = 0;
  while (i < n) {
    struct pq_rows *rows = &r->fetch.kept.items[r->kept_at];
    int64_t first = rows->begin - at, end = rows->end - first;
    for (; i < n && places[i] < end; i++)
      out[i] = first + places[i];
    end = i < n ? end : (int64_t)places[n - 1] + 1;
    pass_listed(r, end - at);
    at = end;
  }
  return at;
}

/* What other columns have of rows that are nobody's any more must not gather. */
static int pass_leaves(struct pq_reader *r, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (int32_t i = 0; i < r->shape.n_leaves && !code; i++)
    if (!r->shape.leaves[i]->early)
      code = pq_leaf_pass(r->shape.leaves[i], &r->context, err);
  return code;
}

/* None of the n rows is left. */
static void pass_batch(struct pq_reader *r, int64_t n, int64_t end) {
  pass_listed(r, n);
  pq_late_done(r->late, n, 0);
  count_passed(r, end, 0);
  drop_taken(r);
}

static int next_picked(struct pq_reader *r, int64_t n, int64_t end, struct sluice_batch *out,
                       struct sluice_error *err) {
  int64_t *numbers = NULL, left = r->late->picks.kept;
  int code = read_batch(r, left, out, &numbers, err);
  if (code)
    return code;
  int64_t read = out->array.length, past = take_picked(r, read, numbers), next = numbers[read - 1] + 1;
  if (read == left && r->late->picks.n == n) {
    pass_listed(r, n - past);
    past = n;
    next = end;
  }
  pq_late_done(r->late, past, read);
  return finish_batch(r, numbers, next, out, err);
}

/* *some: there is a batch. */
static int late_batch(struct pq_reader *r, int64_t n, int64_t end, bool *some, struct sluice_batch *out,
                      struct sluice_error *err) {
  int code = r->broken ? sluice_fail(err, SLUICE_ERR_DATA, r->part, "it cannot go on behind an error") : SLUICE_OK;
  if (!code)
    code = pass_leaves(r, err);
  if (!code)
    code = pq_late_ask(r->late, &r->context, n, err);
  if (code) {
    r->broken |= code != SLUICE_ERR_RETRY && code != SLUICE_ERR_CANCELLED;
    return code;
  }
  *some = r->late->picks.kept > 0;
  if (*some)
    return next_picked(r, n, end, out, err);
  pass_batch(r, n, end);
  return stopped(r, err);
}

/* ---- both ---- */

static int some_batch(struct pq_reader *r, int64_t first, bool *some, struct sluice_batch *out,
                      struct sluice_error *err) {
  int64_t end = end_of_batch(r, first);
  int code = plan_to(r, end, err);
  if (code)
    return code;
  int64_t n = count_below(r, end);
  *some = true;
  return r->late ? late_batch(r, n, end, some, out, err) : next_batch(r, n, end, out, err);
}

int pq_pruned_next(struct pq_reader *r, struct sluice_batch *out, struct sluice_error *err) {
  bool some = false;
  int code = SLUICE_OK;
  while (!code && !some) {
    int64_t first = 0;
    code = find_first(r, &first, err);
    if (code == SLUICE_END)
      count_passed(r, r->stop, 0);
    if (!code)
      code = some_batch(r, first, &some, out, err);
  }
  return code;
}

void pq_pruned_log(const struct pq_reader *r) {
  const struct pq_prune_counts *c = &r->prune->counts;
  int64_t index = r->prune->columns.bytes + r->prune->offsets.bytes + r->prune->blooms.bytes;
  if (r->format->host)
    sluice_log(
        r->format->host, SLUICE_DEBUG,
        "%s: where: left out %lld of %lld row groups, %lld of %lld pages in the others, %lld of %lld bytes, %lld "
        "rows; %lld bytes of indexes read",
        r->part, (long long)c->groups_out, (long long)c->groups, (long long)c->pages_out, (long long)c->pages,
        (long long)c->bytes_out, (long long)c->bytes, (long long)c->rows, (long long)index);
}
