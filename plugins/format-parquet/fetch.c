/* Fetching column chunks. A group is cut in rounds: each has a slice of every column, so that columns that are decoded
 * side by side are fetched side by side, whatever the size of the group. */
#include "fetch.h"
#include "prune.h"
#include <stdlib.h>

enum { SLICE_MIN = 256 << 10, ROUND_MIN = 2 << 20, ROUND_MAX = 32 << 20, ANNOUNCE_MAX = 64, AHEAD_MAX = 4096 };

/* ---- windows ---- */

void pq_window_unpin(struct pq_window *w) {
  free(w->retired);
  w->retired = NULL;
  w->pinned = false;
}

static void window_finish(struct pq_window *w) {
  free(w->data);
  free(w->retired);
}

/* Room for n more bytes behind what is there. */
static int window_room(struct pq_window *w, size_t n) {
  size_t held = pq_window_size(w), need = held + n;
  if (w->data && w->capacity - w->end >= n)
    return SLUICE_OK;
  if (w->data && !w->pinned && w->capacity >= need && w->start >= held) {
    memcpy(w->data, w->data + w->start, held);
  } else {
    size_t capacity = need + need / 4;
    uint8_t *data = malloc(capacity + PQ_PADDING);
    if (!data)
      return SLUICE_ERR_MEMORY;
    if (held)
      memcpy(data, w->data + w->start, held);
    if (w->pinned && !w->retired)
      w->retired = w->data;
    else
      free(w->data);
    w->data = data;
    w->capacity = capacity;
  }
  w->start = 0;
  w->end = held;
  return SLUICE_OK;
}

/* ---- plans ---- */

static void plan_free(struct pq_group_plan *p, int32_t n) {
  if (!p)
    return;
  if (p->pruned)
    pq_pruned_finish(p->pruned, n);
  free(p->pruned);
  free(p->chunks);
  free(p->sizes);
  free(p);
}

static int fail_chunk(const struct pq_fetch *f, int32_t group, int32_t leaf, int code, const char *what,
                      struct sluice_error *err) {
  return sluice_fail(err, code, f->part, "column %d of row group %d: %s", (int)leaf + 1, (int)group + 1, what);
}

/* Writers of the first years left some bytes out of a chunk's size. */
static int64_t slack(const struct pq_footer *f, const struct pq_chunk *c) {
  static const char who[] = "parquet-mr", version[] = " version 1.";
  enum { SLACK = 100 };
  char by[64] = "";
  snprintf(by, sizeof by, "%.*s", (int)(f->created_by.size < sizeof by ? f->created_by.size : sizeof by - 1),
           f->created_by.size ? (const char *)f->created_by.data : "");
  if (strncmp(by, who, sizeof who - 1) != 0)
    return 0;
  const char *end = by + sizeof who - 1, *minor = end + sizeof version - 1;
  bool old = *end == 0;
  if (strncmp(end, version, sizeof version - 1) == 0 && minor[0] && minor[1] == '.')
    old = minor[0] < '2' || (minor[0] == '2' && minor[2] < '9' && (minor[3] < '0' || minor[3] > '9'));
  int64_t left = f->at - c->data_at - c->compressed;
  return !old ? 0 : left < SLACK ? left : SLACK;
}

/* Where a chunk lies. Writers leave out the dictionary's offset, or set it to 0 or behind the data. */
static int settle_chunk(const struct pq_fetch *f, int32_t group, int32_t leaf, struct pq_chunk *c, int64_t *size,
                        struct sluice_error *err) {
  if (c->file.size)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, f->part,
                       "column %d of row group %d is in another file, '%.*s'; this is not supported", (int)leaf + 1,
                       (int)group + 1, (int)(c->file.size < 200 ? c->file.size : 200), (const char *)c->file.data);
  if (c->encrypted)
    return fail_chunk(f, group, leaf, SLUICE_ERR_UNSUPPORTED,
                      "it is encrypted, and decryption is not supported; choose the columns that are not", err);
  if (!c->found)
    return fail_chunk(f, group, leaf, SLUICE_ERR_DATA, "its metadata are missing", err);
  if (c->codec == PQ_LZO)
    return fail_chunk(f, group, leaf, SLUICE_ERR_UNSUPPORTED, "it is compressed with LZO, which is not supported", err);
  if (c->dictionary_at > 0 && c->dictionary_at < c->data_at)
    c->data_at = c->dictionary_at;
  if (c->data_at < 0 || c->data_at > f->footer->at)
    return fail_chunk(f, group, leaf, SLUICE_ERR_DATA, "its data lie outside the file", err);
  if (c->compressed < 0 || c->compressed > f->footer->at - c->data_at)
    return fail_chunk(f, group, leaf, SLUICE_ERR_DATA, "it is longer than the file", err);
  *size = c->compressed + slack(f->footer, c);
  return SLUICE_OK;
}

static int add_slice(struct pq_fetch *f, int32_t column, int64_t at, int64_t size) {
  if (f->n_slices == f->capacity && f->slice_at > f->n_slices / 2) {
    memmove(f->slices, f->slices + f->slice_at, (f->n_slices - f->slice_at) * sizeof *f->slices);
    f->n_slices -= f->slice_at;
    f->announced -= f->slice_at;
    f->slice_at = 0;
  }
  if (f->n_slices == f->capacity) {
    size_t capacity = f->capacity ? f->capacity * 2 : 64;
    struct pq_slice_plan *slices = realloc(f->slices, capacity * sizeof *slices);
    if (!slices)
      return SLUICE_ERR_MEMORY;
    f->slices = slices;
    f->capacity = capacity;
  }
  f->slices[f->n_slices++] = (struct pq_slice_plan){column, at, size};
  return SLUICE_OK;
}

/* A column of which only some pages are wanted: the runs of these that fall into a round. */
static int plan_pages(struct pq_fetch *f, const struct pq_chunk *chunk, const struct pq_pages *pages, int32_t column,
                      int64_t round, int64_t rounds) {
  int32_t from = (int32_t)(pages->n * round / rounds), to = (int32_t)(pages->n * (round + 1) / rounds);
  int64_t at = chunk->data_at, size = round == 0 ? pages->head : 0;
  int code = SLUICE_OK;
  for (int32_t i = from; i < to && !code; i++) {
    const struct pq_page_place *page = &pages->items[i];
    if (size && (page->at != at + size || size >= SLICE_MIN)) {
      code = add_slice(f, column, at, size);
      size = 0;
    }
    at = size ? at : page->at;
    size += page->size;
  }
  return size && !code ? add_slice(f, column, at, size) : code;
}

/* The slices of one column that fall into a round. */
static int plan_round(struct pq_fetch *f, const struct pq_group_plan *p, int32_t column, int64_t round,
                      int64_t rounds) {
  const struct pq_pages *pages = p->pruned && p->pruned->pages ? &p->pruned->pages[column] : NULL;
  if (pages && pages->items)
    return plan_pages(f, &p->chunks[column], pages, column, round, rounds);
  int64_t size = p->sizes[column], parts = (size + SLICE_MIN - 1) / SLICE_MIN, code = SLUICE_OK;
  parts = parts > rounds ? rounds : parts;
  for (int64_t i = parts ? round * parts / rounds : 0; i < parts && !code; i++) {
    if (i * rounds / parts > round)
      break;
    if (i * rounds / parts < round)
      continue;
    int64_t from = size / parts * i, to = i + 1 == parts ? size : size / parts * (i + 1);
    code = add_slice(f, column, p->chunks[column].data_at + from, to - from);
  }
  return (int)code;
}

static int plan_slices(struct pq_fetch *f, const struct pq_group_plan *p) {
  int64_t total = 0, round = f->input->window / 4;
  round = round < ROUND_MIN ? ROUND_MIN : round > ROUND_MAX ? ROUND_MAX : round;
  for (int32_t i = 0; i < f->n; i++)
    total += p->sizes[i] < INT64_MAX / (f->n + 1) ? p->sizes[i] : INT64_MAX / (f->n + 1);
  int64_t rounds = total / round + 1;
  int code = SLUICE_OK;
  for (int64_t r = 0; r < rounds && !code; r++)
    for (int32_t i = 0; i < f->n && !code; i++)
      code = plan_round(f, p, i, r, rounds);
  return code;
}

/* Wanted rows go to the list of the file's; columns of which some pages are left out become shorter. */
static int prune_plan(struct pq_fetch *f, struct pq_group_plan *p, struct sluice_error *err) {
  int64_t first = f->footer->groups[p->group].first_row;
  p->pruned = calloc(1, sizeof *p->pruned);
  if (!p->pruned)
    return sluice_fail(err, SLUICE_ERR_MEMORY, f->part, "no memory to plan what to read");
  int code = pq_prune_group(f->prune, p->group, f->all, p->chunks, p->pruned, err);
  for (size_t i = 0; i < p->pruned->rows.n && !code; i++)
    if (pq_row_list_add(&f->kept, first + p->pruned->rows.items[i].begin, first + p->pruned->rows.items[i].end))
      code = sluice_fail(err, SLUICE_ERR_MEMORY, f->part, "no memory to plan what to read");
  for (int32_t i = 0; i < f->n && !code && p->pruned->pages; i++) {
    const struct pq_pages *pages = &p->pruned->pages[i];
    int64_t size = pages->head;
    for (int32_t k = 0; k < pages->n; k++)
      size += pages->items[k].size;
    p->sizes[i] = pages->items ? size : p->sizes[i];
  }
  return code;
}

static int fill_plan(struct pq_fetch *f, struct pq_group_plan *p, struct sluice_error *err) {
  pq_fault fault = pq_chunks_read(f->footer, p->group, f->all);
  if (fault)
    return sluice_fail(err, SLUICE_ERR_DATA, f->part, "row group %d: %s", (int)p->group + 1, fault);
  for (int32_t i = 0; i < f->n; i++) {
    p->chunks[i] = f->all[f->leaves[i]];
    int code = settle_chunk(f, p->group, f->leaves[i], &p->chunks[i], &p->sizes[i], err);
    if (code)
      return code;
  }
  int code = f->prune ? prune_plan(f, p, err) : SLUICE_OK;
  if (code || (p->pruned && p->pruned->rows.n == 0))
    return code;
  code = plan_slices(f, p);
  return code ? sluice_fail(err, code, f->part, "no memory to plan what to read") : code;
}

static int plan_group(struct pq_fetch *f, struct sluice_error *err) {
  struct pq_group_plan *p = calloc(1, sizeof *p), **last = &f->plans;
  while (f->next_group + 1 < f->last_group && f->footer->groups[f->next_group].rows == 0)
    f->next_group++; /* nobody needs an empty one */
  if (p) {
    p->chunks = calloc((size_t)f->n + 1, sizeof *p->chunks);
    p->sizes = calloc((size_t)f->n + 1, sizeof *p->sizes);
    p->group = f->next_group;
    p->users = f->n;
  }
  int code = p && p->chunks && p->sizes
                 ? fill_plan(f, p, err)
                 : sluice_fail(err, SLUICE_ERR_MEMORY, f->part, "no memory for the columns of a row group");
  if (code) {
    plan_free(p, f->n);
    return code;
  }
  f->next_group++;
  if (p->pruned && p->pruned->rows.n == 0) { /* nobody needs it */
    plan_free(p, f->n);
    return SLUICE_OK;
  }
  while (*last)
    last = &(*last)->next;
  *last = p;
  f->n_plans++;
  return SLUICE_OK;
}

int pq_fetch_plan_more(struct pq_fetch *f, struct sluice_error *err) {
  int32_t before = f->n_plans;
  int code = SLUICE_OK;
  while (f->n_plans == before && f->next_group < f->last_group && !code)
    code = plan_group(f, err);
  return code;
}

/* A plan is kept for the next column that comes to it; the last one that leaves takes it away. */
static void leave(struct pq_fetch *f, struct pq_group_plan *plan) {
  if (--plan->users > 0)
    return;
  for (struct pq_group_plan **p = &f->plans; *p; p = &(*p)->next)
    if (*p == plan) {
      *p = plan->next;
      f->n_plans--;
      break;
    }
  plan_free(plan, f->n);
}

int pq_fetch_next_group(struct pq_fetch *f, struct pq_group_plan *after, struct pq_group_plan **out,
                        struct sluice_error *err) {
  struct pq_group_plan **next = after ? &after->next : &f->plans, *found;
  int code = *next ? SLUICE_OK : pq_fetch_plan_more(f, err);
  if (code)
    return code;
  found = *next;
  if (!found)
    return sluice_fail(err, SLUICE_ERR_BUG, f->part, "rows are wanted of row groups that were left out");
  if (after)
    leave(f, after);
  *out = found;
  return SLUICE_OK;
}

/* ---- reading ---- */

int pq_fetch_init(struct pq_fetch *f, struct sluice_input *in, const struct pq_footer *footer, const int32_t *leaves,
                  int32_t n, int32_t first, int32_t last, const char *part, struct sluice_error *err) {
  *f = (struct pq_fetch){.input = in,
                         .footer = footer,
                         .part = part,
                         .leaves = leaves,
                         .n = n,
                         .next_group = first,
                         .last_group = last,
                         .windows = calloc((size_t)n + 1, sizeof *f->windows),
                         .all = calloc((size_t)footer->n_leaves + 1, sizeof *f->all)};
  if (f->windows && f->all)
    return SLUICE_OK;
  pq_fetch_finish(f);
  return sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory to read the columns");
}

void pq_fetch_finish(struct pq_fetch *f) {
  for (int32_t i = 0; f->windows && i < f->n; i++)
    window_finish(&f->windows[i]);
  while (f->plans) {
    struct pq_group_plan *next = f->plans->next;
    plan_free(f->plans, f->n);
    f->plans = next;
  }
  pq_row_list_finish(&f->kept);
  free(f->windows);
  free(f->slices);
  free(f->all);
  *f = (struct pq_fetch){0};
}

/* Tells the input what comes next, as far as its window goes; slices that lie side by side are one range. */
static void announce(struct pq_fetch *f) {
  struct sluice_range ranges[ANNOUNCE_MAX];
  size_t n = 0;
  if (!f->input->will_need || f->outstanding > f->input->window / 2)
    return;
  for (; f->announced < f->n_slices && n < ANNOUNCE_MAX; f->announced++) {
    const struct pq_slice_plan *s = &f->slices[f->announced];
    if (f->outstanding && s->size > f->input->window - f->outstanding)
      break;
    if (n && ranges[n - 1].offset + ranges[n - 1].size == s->at)
      ranges[n - 1].size += s->size;
    else
      ranges[n++] = (struct sluice_range){s->at, s->size};
    f->outstanding += s->size;
  }
  if (n)
    f->input->will_need(f->input, ranges, n);
}

static int read_slice(struct pq_fetch *f, const struct pq_slice_plan *s, struct sluice_error *err) {
  struct pq_window *w = &f->windows[s->column];
  size_t got = 0;
  int code = window_room(w, (size_t)s->size);
  if (code)
    return sluice_fail(err, code, f->part, "no memory to read %lld bytes of column %d", (long long)s->size,
                       (int)f->leaves[s->column] + 1);
  code = f->input->read_at(f->input, s->at, w->data + w->end, (size_t)s->size, &got, err);
  if (code)
    return code;
  if (got != (size_t)s->size)
    return sluice_fail(err, SLUICE_ERR_DATA, f->part,
                       "the file ends at byte %lld, and its size is %lld: it is cut short",
                       (long long)s->at + (long long)got, (long long)f->input->size);
  w->end += got;
  memset(w->data + w->end, 0, PQ_PADDING);
  return SLUICE_OK;
}

int pq_fetch_need(struct pq_fetch *f, int32_t column, size_t n, struct sluice_error *err) {
  struct pq_window *w = &f->windows[column];
  size_t held = pq_window_size(w);
  if (held < n && window_room(w, n - held + SLICE_MIN) != SLUICE_OK) /* at once, for all slices of a large page */
    return sluice_fail(err, SLUICE_ERR_MEMORY, f->part, "no memory to read %zu bytes of column %d", n,
                       (int)f->leaves[column] + 1);
  while (pq_window_size(&f->windows[column]) < n) {
    /* Groups ahead are planned where that lets the input work ahead. */
    while (f->next_group < f->last_group && f->input->will_need && f->announced == f->n_slices &&
           f->outstanding < f->input->window / 2 && f->n_slices - f->slice_at < AHEAD_MAX &&
           (int64_t)f->n_plans * f->n < AHEAD_MAX) {
      int code = plan_group(f, err);
      if (code)
        return code;
      announce(f);
    }
    announce(f);
    if (f->slice_at == f->n_slices)
      return sluice_fail(err, SLUICE_ERR_BUG, f->part, "bytes of a column are wanted that were not planned");
    struct pq_slice_plan s = f->slices[f->slice_at];
    int code = read_slice(f, &s, err);
    if (code)
      return code;
    if (f->announced > f->slice_at)
      f->outstanding -= s.size;
    else
      f->announced = f->slice_at + 1;
    f->slice_at++;
  }
  return SLUICE_OK;
}
