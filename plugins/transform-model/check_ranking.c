/* Ranks, groups and relevance labels of ranking models. */
#include "checking.h"
#include <stdlib.h>

enum { RANK_MAX = 100, GROUP_ROWS_MAX = 100 };

int check_rank(const struct check *check, struct checking *c) {
  const struct use *use = &c->bound->uses[check->use];
  const struct ArrowArray *array = &c->views[check->use];
  int code = SLUICE_OK;
  for (int64_t i = 0; i < c->rows && !code; i++) {
    int64_t rank = cell_int(&use->type, array, i);
    if ((rank < 1 || rank > RANK_MAX) && !sluice_is_null(array, i))
      code = checking_reject(c, i, use, "Invalid_Rank_Value", "rank %lld is out of range: ranks are 1 to %d",
                             (long long)rank, RANK_MAX);
  }
  return code;
}

/* ---- rows of one group side by side, in their order ---- */

struct grouping {
  const struct sluice_type *type;
  const struct ArrowArray *groups;
};

static int compare_groups(const struct grouping *g, int64_t a, int64_t b) {
  if (g->type->id != SLUICE_TYPE_UTF8) {
    int64_t x = cell_int(g->type, g->groups, a), y = cell_int(g->type, g->groups, b);
    return (x > y) - (x < y);
  }
  struct span x = cell_text(g->groups, a), y = cell_text(g->groups, b);
  int order = memcmp(x.data, y.data, x.size < y.size ? x.size : y.size);
  return order ? order : (x.size > y.size) - (x.size < y.size);
}

static int compare_rows(const void *a, const void *b, void *context) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  int order = compare_groups(context, x, y);
  return order ? order : (x > y) - (x < y);
}

enum verdict { FINE, TOO_MANY, SAME_RANK };

/* Judges the rows of one group, in their order. */
static void judge(const struct check *check, const struct checking *c, const int64_t *rows, int64_t n,
                  uint8_t *verdicts) {
  const struct sluice_type *type = &c->bound->uses[check->other].type;
  const struct ArrowArray *ranks = &c->views[check->other];
  bool seen[RANK_MAX + 1] = {false};
  for (int64_t i = 0; i < n; i++) {
    int64_t rank = cell_int(type, ranks, rows[i]);
    bool ranked = !sluice_is_null(ranks, rows[i]) && rank >= 1 && rank <= RANK_MAX;
    if (i >= GROUP_ROWS_MAX)
      verdicts[rows[i]] = TOO_MANY;
    else if (ranked && seen[rank])
      verdicts[rows[i]] = SAME_RANK;
    else if (ranked)
      seen[rank] = true;
  }
}

/* The rows that have a group, sorted by it; MEMORY only. */
static int sort_rows(const struct check *check, const struct checking *c, int64_t **rows, int64_t *n) {
  struct grouping grouping = {&c->bound->uses[check->use].type, &c->views[check->use]};
  int64_t *list = malloc(((size_t)c->rows + 1) * sizeof *list);
  if (!list)
    return SLUICE_ERR_MEMORY;
  *n = 0;
  for (int64_t i = 0; i < c->rows; i++)
    if (!sluice_is_null(grouping.groups, i))
      list[(*n)++] = i;
  qsort_r(list, (size_t)*n, sizeof *list, compare_rows, &grouping);
  *rows = list;
  return SLUICE_OK;
}

static void judge_all(const struct check *check, const struct checking *c, const int64_t *rows, int64_t n,
                      uint8_t *verdicts) {
  struct grouping grouping = {&c->bound->uses[check->use].type, &c->views[check->use]};
  for (int64_t first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && compare_groups(&grouping, rows[first], rows[end]) == 0;)
      end++;
    judge(check, c, rows + first, end - first, verdicts);
  }
}

static int tell(const struct check *check, struct checking *c, int64_t row, enum verdict verdict) {
  const struct use *group = &c->bound->uses[check->use], *rank = &c->bound->uses[check->other];
  const struct ArrowArray *groups = &c->views[check->use];
  char shown[48];
  if (group->type.id == SLUICE_TYPE_UTF8)
    cell_shown(cell_text(groups, row), shown);
  else
    snprintf(shown, sizeof shown, "%lld", (long long)cell_int(&group->type, groups, row));
  if (verdict == TOO_MANY)
    return checking_reject(c, row, group, "Invalid_Number_Of_Rows_In_Group",
                           "group '%s' has more than %d rows: split it, or leave out the lowest ranks", shown,
                           GROUP_ROWS_MAX);
  return checking_reject(c, row, rank, "Invalid_Rank_Value",
                         "rank %lld is there twice in group '%s': give each row of a group its own rank",
                         (long long)cell_int(&rank->type, &c->views[check->other], row), shown);
}

/* Judged within the batch: rows of a group in different batches do not meet. */
int check_group(const struct check *check, struct checking *c) {
  int64_t *rows = NULL, n = 0;
  uint8_t *verdicts = calloc((size_t)c->rows + 1, 1);
  int code = verdicts ? sort_rows(check, c, &rows, &n) : SLUICE_ERR_MEMORY;
  if (!code)
    judge_all(check, c, rows, n, verdicts);
  for (int64_t i = 0; i < c->rows && !code; i++)
    if (verdicts[i])
      code = tell(check, c, i, (enum verdict)verdicts[i]);
  free(rows);
  free(verdicts);
  return code;
}

/* ---- relevance labels ---- */

static const char *bad_labels(const struct ArrowArray *texts, struct items items) {
  if (items.count == 0)
    return "an empty list";
  for (int64_t i = 0; i < items.count; i++) {
    if (sluice_is_null(texts, items.first + i))
      return "a list with a null";
    if (cell_text(texts, items.first + i).size == 0)
      return "a list with an empty text";
  }
  return NULL;
}

int check_relevance(const struct check *check, struct checking *c) {
  const struct use *use = &c->bound->uses[check->use];
  const struct ArrowArray *array = &c->views[check->use];
  int code = SLUICE_OK;
  for (int64_t i = 0; i < c->rows && !code; i++) {
    const char *bad = NULL;
    if (sluice_is_null(array, i))
      continue;
    if (use->type.id != SLUICE_TYPE_UTF8)
      bad = bad_labels(array->children[0], cell_items(&use->type, array, i));
    else if (cell_text(array, i).size == 0)
      bad = "an empty text";
    if (bad)
      code = checking_reject(c, i, use, "Invalid_Relevance_Label",
                             "a relevance label cannot be %s: leave it null, or "
                             "fill it in",
                             bad);
  }
  return code;
}
