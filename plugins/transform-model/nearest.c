/* Edit distance of short names, row by row. */
#include "nearest.h"
#include <string.h>

enum { NAME_MAX_SIZE = 64 };

static size_t least(size_t a, size_t b, size_t c) {
  size_t ab = a < b ? a : b;
  return ab < c ? ab : c;
}

static size_t distance(const char *a, size_t n, const char *b, size_t m) {
  size_t row[NAME_MAX_SIZE + 1];
  for (size_t j = 0; j <= m; j++)
    row[j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= m; j++) {
      size_t above = row[j];
      row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
      diagonal = above;
    }
  }
  return row[m];
}

void nearest_try(struct nearest *nearest, const char *name) {
  size_t n = strlen(nearest->wanted), m = strlen(name), limit = n / 3 + 1; /* a third of the letters may be wrong */
  if (n > NAME_MAX_SIZE || m > NAME_MAX_SIZE || n < 2)
    return;
  size_t found = distance(nearest->wanted, n, name, m);
  if (found > limit || (nearest->best && found >= nearest->distance))
    return;
  nearest->best = name;
  nearest->distance = found;
}
