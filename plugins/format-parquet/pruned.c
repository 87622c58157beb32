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

/* Where all rows of the batch follow each other their numbers need no list. */
static int number(struct pq_reader *r, struct sluice_batch *out, int64_t *numbers, int64_t *last) {
  int64_t n = out->array.length, first = r->fetch.kept.items[r->kept_at].begin;
  *last = take_numbers(r, n, numbers);
  out->first_row = first;
  if (*last - first == n - 1) {
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

static int next_batch(struct pq_reader *r, int64_t first, struct sluice_batch *out, struct sluice_error *err) {
  int64_t end = first + r->batch_rows - (first - r->unit_row) % r->batch_rows, before = r->row, last;
  end = end < r->stop ? end : r->stop;
  int code = plan_to(r, end, err);
  int64_t n = count_below(r, end), *numbers = code ? NULL : malloc((size_t)n * sizeof *numbers);
  if (!code && !numbers)
    code = sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for a batch");
  if (!code)
    code = pq_batch_next(r, n, false, out, err);
  if (code) {
    free(numbers);
    return code;
  }
  r->row = before;
  int64_t read = out->array.length;
  code = number(r, out, numbers, &last);
  if (code) {
    r->broken = true;
    sluice_array_release(&out->array);
    return sluice_fail(err, code, r->part, "no memory for a batch");
  }
  count_passed(r, read == n ? end : last + 1, read);
  out->end = (struct sluice_position){.row = r->row, .offset = r->row};
  drop_taken(r);
  return SLUICE_OK;
}

int pq_pruned_next(struct pq_reader *r, struct sluice_batch *out, struct sluice_error *err) {
  int64_t first = 0;
  int code = find_first(r, &first, err);
  if (code == SLUICE_END)
    count_passed(r, r->stop, 0);
  return code ? code : next_batch(r, first, out, err);
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
