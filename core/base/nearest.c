/* Edit distance of short names (Damerau-Levenshtein, adjacent swaps only). */
#include "core/base/nearest.h"
#include <string.h>

enum { NAME_MAX_LENGTH = 63 };

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* The cost of cell (i, j); rows are those of i - 2, i - 1 and i. */
static size_t cell(const char *a, const char *b, size_t i, size_t j, size_t rows[3][NAME_MAX_LENGTH + 1]) {
  size_t best = rows[1][j - 1] + (a[i - 1] != b[j - 1]);
  best = smaller(best, smaller(rows[1][j], rows[2][j - 1]) + 1);
  if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
    best = smaller(best, rows[0][j - 2] + 1);
  return best;
}

size_t nearest_distance(const char *a, const char *b, size_t limit) {
  size_t n = strlen(a), m = strlen(b);
  if (n > NAME_MAX_LENGTH || m > NAME_MAX_LENGTH)
    return limit + 1;
  size_t rows[3][NAME_MAX_LENGTH + 1] = {{0}};
  for (size_t j = 0; j <= m; j++)
    rows[2][j] = j;
  for (size_t i = 1; i <= n; i++) {
    memmove(rows[0], rows[1], 2 * sizeof rows[0]);
    rows[2][0] = i;
    for (size_t j = 1; j <= m; j++)
      rows[2][j] = cell(a, b, i, j, rows);
  }
  return smaller(rows[2][m], limit + 1);
}

const char *nearest_name(const char *wanted, const char *const *names, size_t n) {
  size_t limit = strlen(wanted) / 3 + 1; /* a third of the letters may be wrong */
  const char *best = NULL;
  for (size_t i = 0; i < n; i++) {
    size_t distance = names[i] ? nearest_distance(wanted, names[i], limit) : limit + 1;
    if (distance > limit || distance >= strlen(wanted))
      continue;
    best = names[i];
    limit = distance ? distance - 1 : 0;
    if (distance == 0)
      break;
  }
  return best;
}
