/* The destination against the model. */
#include "book.h"
#include "history.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *memory) {
  if (!memory) {
    fprintf(stderr, "histories: no memory\n");
    exit(2);
  }
  return memory;
}

/* ---- by file: what may be there of each record, and what must ---- */

struct promised {  /* of one id */
  int least, most; /* most -1: any number, as the destination cannot tell repeats */
  int versions;    /* that have it: so many keys at most */
  bool rekeyed, forbidden;
  const char *value;
  int found, keys;
  const struct book_record *seen[4];
};

static bool is_forbidden(const struct history *h, const struct version *v) {
  const struct model *m = &h->model;
  if (h->settings.policy == POLICY_REREAD || v->certain || !v->fresh)
    return false;
  for (int i = 0; i < m->n_versions; i++)
    if (m->versions[i].part == v->part && m->versions[i].certain)
      return true;
  return false;
}

static void promise(const struct history *h, const struct version *v, struct promised *of) {
  for (int i = 0; i < v->n_rows; i++) {
    struct promised *p = &of[v->rows[i].id];
    if (v->rows[i].kind != ROW_GOOD)
      continue;
    p->value = v->rows[i].value;
    p->versions++;
    p->least += v->certain;
    p->most = p->most < 0 || v->may_repeat || !is_exact(h->model.mode) ? -1 : p->most + 1;
    p->rekeyed |= v->may_repeat || v->rekeyed;
    p->forbidden |= is_forbidden(h, v);
  }
}

static bool same_key(const struct book_record *a, const struct book_record *b) {
  return strcmp(a->unit, b->unit) == 0 && a->first == b->first && a->last == b->last && a->ordinal == b->ordinal;
}

static bool count_record(struct history *h, const struct book_record *r, struct promised *of) {
  struct promised *p = r->id >= 0 && r->id < h->model.next_id ? &of[r->id] : NULL;
  if (!p || !p->value || strcmp(p->value, r->value) != 0)
    return history_wrong(h, "record %lld \"%s\" at the destination is of no part", (long long)r->id, r->value);
  p->found++;
  for (int i = 0; i < p->keys && i < 4; i++)
    if (same_key(p->seen[i], r))
      return true;
  if (p->keys < 4)
    p->seen[p->keys] = r;
  p->keys++;
  return true;
}

static bool judge_record(struct history *h, long long id, const struct promised *p) {
  if (p->forbidden && p->found)
    return history_wrong(h, "record %lld is of a part that changed after it was delivered, which was not to be read",
                         id);
  if (p->found < p->least)
    return history_wrong(h, "record %lld is lost: it is there %d times, not %d", id, p->found, p->least);
  if (p->most >= 0 && p->found > p->most)
    return history_wrong(h, "record %lld is there %d times, at most %d", id, p->found, p->most);
  if (!p->rekeyed && p->keys > p->versions)
    return history_wrong(h, "record %lld was sent under %d keys: unit %s rows %lld-%lld, and unit %s rows %lld-%lld",
                         id, p->keys, p->seen[0]->unit, (long long)p->seen[0]->first, (long long)p->seen[0]->last,
                         p->seen[1]->unit, (long long)p->seen[1]->first, (long long)p->seen[1]->last);
  return true;
}

static bool check_files(struct history *h, const struct book_content *book) {
  struct promised *of = need(calloc((size_t)h->model.next_id + 1, sizeof *of));
  bool good = true;
  for (int i = 0; i < h->model.n_versions; i++)
    promise(h, &h->model.versions[i], of);
  for (size_t i = 0; i < book->n_records && good; i++)
    good = count_record(h, &book->records[i], of);
  for (int64_t id = 0; id < h->model.next_id && good; id++)
    good = judge_record(h, id, &of[id]);
  free(of);
  return good;
}

/* ---- full refresh: the generation in force is what one run saw, whole ---- */

static void count_good(const struct model *m, const int now[WORLD_PARTS], int *expected) {
  memset(expected, 0, (size_t)(m->next_id + 1) * sizeof *expected);
  for (int part = 0; part < WORLD_PARTS; part++) {
    const struct version *v = now[part] ? &m->versions[now[part] - 1] : NULL;
    for (int i = 0; v && i < v->n_rows; i++)
      expected[v->rows[i].id] += v->rows[i].kind == ROW_GOOD;
  }
}

static bool is_what(const struct model *m, const int now[WORLD_PARTS], const int *found, int *expected) {
  count_good(m, now, expected);
  return memcmp(found, expected, (size_t)(m->next_id + 1) * sizeof *found) == 0;
}

static bool is_any_run(const struct model *m, const int *found, int *expected) {
  for (int i = m->n_runs - 1; i >= 0; i--)
    if (is_what(m, m->runs[i].before, found, expected) || is_what(m, m->runs[i].after, found, expected))
      return true;
  return false;
}

static bool say_difference(struct history *h, const int *found, int *expected, long long generation) {
  long long lost = 0, more = 0;
  count_good(&h->model, h->model.now, expected);
  for (int64_t id = 0; id < h->model.next_id; id++) {
    lost += found[id] < expected[id];
    more += found[id] > expected[id];
  }
  return history_wrong(
      h,
      "generation %lld is not what a run saw, whole: against the bucket as it is now, %lld records are "
      "missing and %lld too many",
      generation, lost, more);
}

static bool check_generation(struct history *h, const struct book_content *book, bool final) {
  size_t room = (size_t)h->model.next_id + 1;
  int *found = need(calloc(room, sizeof *found)), *expected = need(calloc(room, sizeof *expected));
  bool good = true;
  for (size_t i = 0; i < book->n_records && good; i++) {
    const struct book_record *r = &book->records[i];
    if (r->id < 0 || r->id >= h->model.next_id)
      good = history_wrong(h, "record %lld at the destination is of no part", (long long)r->id);
    else if (r->generation == book->current)
      found[r->id]++;
  }
  if (good && final && !is_what(&h->model, h->model.now, found, expected))
    good = say_difference(h, found, expected, book->current);
  else if (good && !final && book->current && !is_any_run(&h->model, found, expected))
    good = say_difference(h, found, expected, book->current);
  free(found);
  free(expected);
  return good;
}

/* ---- by row: a table ---- */

enum { KEYS = 64, CHOICES = 200 };
struct choices { /* what a key may have at the destination */
  const char *values[CHOICES];
  int n;
  bool present; /* it must have one */
};

/* What this version says of the key; NULL: nothing. */
static const char *value_of(const struct version *v, int64_t key) {
  for (int i = 0; i < v->n_rows; i++) {
    const struct model_row *row = &v->rows[i];
    bool counts = row->kind == ROW_GOOD || (row->kind == ROW_REFUSED && !v->refusing);
    if (row->id == key && counts)
      return row->value;
  }
  return NULL;
}

/* Of one part: the last that was certainly read, and whatever came behind it. true: it was certain. */
static bool add_part(const struct model *m, int part, int64_t key, struct choices *out) {
  bool certain = false;
  for (int i = m->n_versions - 1; i >= 0 && !certain; i--) {
    const struct version *v = &m->versions[i];
    const char *value = v->part == part ? value_of(v, key) : NULL;
    if (!value)
      continue;
    if (out->n < CHOICES)
      out->values[out->n++] = value;
    certain = v->certain;
  }
  return certain;
}

/* It said something once, and it is not certain that it does so now. */
static bool may_have_lost(const struct model *m, int part, int64_t key) {
  const struct version *now = model_now(m, part);
  bool said = false;
  for (int i = 0; i < m->n_versions; i++)
    said = said || (m->versions[i].part == part && value_of(&m->versions[i], key));
  return said && !(now && now->certain && value_of(now, key));
}

/* The rule: of the parts that have it, the one that is last in byte order wins. What a part said once holds, also if it
 * does not say it any more, but only until a part before it that says something is read. */
static struct choices choices_of(const struct model *m, int64_t key) {
  struct choices out = {0};
  bool lost = false;
  for (int part = WORLD_PARTS - 1; part >= 0 && (!out.present || lost); part--) {
    bool certain = add_part(m, part, key, &out);
    out.present = out.present || certain;
    lost = lost || may_have_lost(m, part, key);
  }
  return out;
}

static void tell_key(const struct history *h, int64_t key) {
  for (int i = 0; i < h->model.n_versions; i++) {
    const struct version *v = &h->model.versions[i];
    const char *value = value_of(v, key);
    if (value)
      history_tell(h, "    key %lld in part %d, v%d%s%s: \"%s\"", (long long)key, v->part, i,
                   v->certain ? ", certain" : "", h->model.now[v->part] == i + 1 ? ", there now" : "", value);
  }
}

static bool judge_key(struct history *h, int64_t key, const char *value) {
  struct choices may = choices_of(&h->model, key);
  if (!value[0])
    return !may.present ||
           history_wrong(h, "key %lld is lost; it should be \"%s\"", (long long)key, may.values[may.n - 1]);
  for (int i = 0; i < may.n; i++)
    if (strcmp(value, may.values[i]) == 0)
      return true;
  tell_key(h, key);
  return history_wrong(h, "key %lld is \"%s\" at the destination, not \"%s\"%s", (long long)key, value,
                       may.n ? may.values[may.n - 1] : "", may.n > 1 ? " or one of several others" : "");
}

/* ---- what a destination has that knows the keys of requests: a request that comes again is not applied ---- */

static size_t end_of_request(const struct book_content *book, size_t first) {
  const struct book_record *r = &book->records[first];
  size_t end = first + 1;
  while (end < book->n_records && book->records[end].first == r->first && book->records[end].last == r->last &&
         strcmp(book->records[end].unit, r->unit) == 0 && book->records[end].ordinal > book->records[end - 1].ordinal)
    end++;
  return end;
}

/* Whole ones only: what was torn did not arrive, and is shorter. */
static bool came_before(const struct book_content *book, size_t first) {
  const struct book_record *r = &book->records[first];
  size_t n = end_of_request(book, first) - first;
  for (size_t i = 0, end; i < first; i = end) {
    const struct book_record *other = &book->records[i];
    end = end_of_request(book, i);
    if (other->first == r->first && other->last == r->last && strcmp(other->unit, r->unit) == 0 && end - i >= n)
      return true;
  }
  return false;
}

static bool check_knowing_table(struct history *h, const struct book_content *book) {
  char table[KEYS][MODEL_VALUE] = {{0}};
  bool good = true;
  for (size_t first = 0, end; first < book->n_records; first = end) {
    end = end_of_request(book, first);
    for (size_t i = first; i < end && !came_before(book, first); i++)
      snprintf(table[book->records[i].id], MODEL_VALUE, "%s", book->records[i].value);
  }
  for (int64_t key = 0; key < KEYS && good; key++)
    good = judge_key(h, key, table[key]);
  return good || history_wrong(h, "at a destination that knows the keys of requests");
}

static bool check_table(struct history *h, const struct book_content *book) {
  char table[KEYS][MODEL_VALUE] = {{0}};
  bool good = true;
  for (size_t i = 0; i < book->n_records && good; i++) {
    const struct book_record *r = &book->records[i];
    if (r->id < 0 || r->id >= KEYS)
      good = history_wrong(h, "key %lld at the destination is of no part", (long long)r->id);
    else
      snprintf(table[r->id], MODEL_VALUE, "%s", r->value);
  }
  for (int64_t key = 0; key < KEYS && good; key++)
    good = judge_key(h, key, table[key]);
  return good && check_knowing_table(h, book);
}

bool check_destination(struct history *h, bool final) {
  struct book_content book;
  if (!book_load(h->world->book, is_exact(h->model.mode), &book, h->wrong, sizeof h->wrong))
    return false;
  h->wrong[0] = 0;
  bool good = h->model.mode == REFRESH   ? check_generation(h, &book, final)
              : is_by_row(h->model.mode) ? check_table(h, &book)
                                         : check_files(h, &book);
  book_free(&book);
  return good;
}
