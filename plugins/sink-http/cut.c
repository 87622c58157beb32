/* Pure arithmetic: the same records always give the same cuts. */
#include "cut.h"

void cut_init(struct cut *cut, int64_t max_rows, size_t max_bytes, size_t overhead) {
  *cut = (struct cut){.max_rows = max_rows, .max_bytes = max_bytes, .overhead = overhead};
}

void cut_restart(struct cut *cut) {
  cut->rows = 0;
  cut->bytes = 0;
}

bool cut_add(struct cut *cut, size_t size) {
  if (cut->rows >= cut->max_rows)
    return false;
  size_t used = cut->bytes + cut->overhead;
  if (size > 0 && cut->bytes > 0 && (used > cut->max_bytes || size > cut->max_bytes - used))
    return false;
  cut->rows++;
  cut->bytes += size;
  return true;
}

int64_t cut_half(int64_t first, int64_t last) {
  return first + (last - first + 1) / 2;
}
