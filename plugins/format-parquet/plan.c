/* Splits: row groups, joined until a split is large enough. */
#include "footer.h"

static int add(struct sluice_splits *splits, const struct pq_footer *f, int32_t first, int32_t behind, int64_t bytes,
               struct sluice_error *err) {
  int64_t begin = f->groups[first].first_row;
  int64_t end = f->groups[behind - 1].first_row + f->groups[behind - 1].rows;
  const struct sluice_split split = {
      .begin = {.row = begin, .offset = begin},
      .end = {.row = behind < f->n_groups ? end : 0, .offset = behind < f->n_groups ? end : 0},
      .rows = end - begin,
      .bytes = bytes};
  return end > begin ? splits->add(splits, &split, err) : SLUICE_OK;
}

int pq_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
            struct sluice_splits *splits, struct sluice_error *err) {
  struct pq_footer f;
  (void)self;
  int code = pq_footer_read(in, scan->part, &f, err);
  if (code)
    return code;
  int64_t bytes = 0;
  int32_t first = 0;
  for (int32_t i = 0; i < f.n_groups && !code; i++) {
    int64_t size = f.groups[i].bytes > 0 ? f.groups[i].bytes : 0;
    bytes = size > INT64_MAX - bytes ? INT64_MAX : bytes + size;
    if (bytes < split_bytes && i + 1 < f.n_groups)
      continue;
    code = add(splits, &f, first, i + 1, bytes, err);
    first = i + 1;
    bytes = 0;
  }
  pq_footer_finish(&f);
  return code;
}
