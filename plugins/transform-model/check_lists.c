/* Embeddings, and scores of classes. */
#include "checking.h"

enum { CLASSES_MAX = 500, CLASS_NAME_MAX = 100 };

int check_vector(const struct check *check, struct checking *c) {
  const struct use *use = &c->bound->uses[check->use];
  const struct ArrowArray *array = &c->views[check->use];
  int code = SLUICE_OK;
  for (int64_t i = 0; i < c->rows && !code; i++) {
    int64_t n = cell_items(&use->type, array, i).count;
    if ((n == 1 || n > check->limit) && !sluice_is_null(array, i))
      code = checking_reject(c, i, use, "Invalid_Embedding_Dimension",
                             "a vector has 2 to %lld numbers (or none), not %lld: mend it, or leave it null",
                             (long long)check->limit, (long long)n);
  }
  return code;
}

static size_t characters(const struct use *use, const struct ArrowArray *array, int64_t row) {
  if (use->type.id == SLUICE_TYPE_UTF8)
    return cell_characters(cell_text(array, row));
  const struct ArrowArray *texts = array->children[0];
  struct items items = cell_items(&use->type, array, row);
  size_t n = 0;
  for (int64_t i = 0; i < items.count; i++)
    n += sluice_is_null(texts, items.first + i) ? 0 : cell_characters(cell_text(texts, items.first + i));
  return n;
}

/* Bytes of all the texts: no row can have more characters. */
static int64_t bytes_of(const struct use *use, const struct ArrowArray *array, int64_t rows) {
  const struct ArrowArray *texts = array;
  int64_t first = 0, count = rows;
  if (rows && use->type.id != SLUICE_TYPE_UTF8) {
    struct items last = cell_items(&use->type, array, rows - 1);
    first = cell_items(&use->type, array, 0).first;
    count = last.first + last.count - first;
    texts = array->children[0];
  }
  const int32_t *offsets = count ? (const int32_t *)texts->buffers[1] + texts->offset + first : NULL;
  return offsets ? (int64_t)offsets[count] - offsets[0] : 0;
}

int check_raw_data(const struct check *check, struct checking *c) {
  const struct use *use = &c->bound->uses[check->use];
  const struct ArrowArray *array = &c->views[check->use];
  bool some = bytes_of(use, array, c->rows) > check->limit;
  int code = SLUICE_OK;
  for (int64_t i = 0; i < c->rows && some && !code; i++) {
    size_t n = sluice_is_null(array, i) ? 0 : characters(use, array, i);
    if (n > (size_t)check->limit)
      code = checking_reject(c, i, use, "Invalid_String_Length_In_Column",
                             "raw data has at most %lld characters, not %zu: cut it", (long long)check->limit, n);
  }
  return code;
}

/* ---- {class_name, score} ---- */

struct score_columns {
  const struct ArrowArray *names;
  int64_t shift; /* of the struct array that they are in */
};

static int bad_scores(struct checking *c, const struct use *use, int64_t row, const struct score_columns *columns,
                      struct items items) {
  char shown[48];
  if (items.count > CLASSES_MAX)
    return checking_reject(c, row, use, "Invalid_Number_Of_Classes",
                           "a record has at most %d classes, not %lld: leave out the least likely", CLASSES_MAX,
                           (long long)items.count);
  for (int64_t i = 0; i < items.count; i++) {
    int64_t at = columns->shift + items.first + i;
    bool null = sluice_is_null(columns->names, at);
    struct span name = null ? (struct span){"", 0} : cell_text(columns->names, at);
    if (name.size > 0 && (name.size <= CLASS_NAME_MAX || cell_characters(name) <= CLASS_NAME_MAX))
      continue;
    return checking_reject(c, row, use, "Invalid_Class_Name",
                           "class name '%s' of item %lld must have 1 to %d characters: mend it",
                           cell_shown(name, shown), (long long)i, CLASS_NAME_MAX);
  }
  return SLUICE_OK;
}

int check_scores(const struct check *check, struct checking *c) {
  const struct use *use = &c->bound->uses[check->use];
  const struct ArrowArray *array = &c->views[check->use], *item = array->children[0];
  int64_t names = sluice_schema_find(use->plain.children[0], "class_name");
  struct score_columns columns = {item->children[names], item->offset};
  int code = SLUICE_OK;
  for (int64_t i = 0; i < c->rows && !code; i++)
    if (!sluice_is_null(array, i))
      code = bad_scores(c, use, i, &columns, cell_items(&use->type, array, i));
  return code;
}
