/* Parts that are better not looked at. */
#include "core/run/avoid.h"
#include <stdlib.h>
#include <string.h>

bool avoid_has(const struct avoided *avoided, const char *part) {
  for (size_t i = 0; avoided && i < AVOIDED_MAX; i++)
    if (avoided->parts[i] && strcmp(avoided->parts[i], part) == 0)
      return true;
  return false;
}

int avoid_add(struct avoided *avoided, const char *part) {
  if (avoid_has(avoided, part))
    return SLUICE_OK;
  char *copy = strdup(part);
  if (!copy)
    return SLUICE_ERR_MEMORY;
  free(avoided->parts[0]);
  memmove(&avoided->parts[0], &avoided->parts[1], (AVOIDED_MAX - 1) * sizeof *avoided->parts);
  avoided->parts[AVOIDED_MAX - 1] = copy;
  return SLUICE_OK;
}

size_t avoid_choose(const struct avoided *avoided, const struct sluice_part *parts, size_t n, struct sluice_part *out) {
  size_t chosen = 0;
  for (size_t i = 0; i < n; i++)
    if (!avoid_has(avoided, parts[i].name))
      out[chosen++] = parts[i];
  if (chosen == 0 && n > 0)
    memcpy(out, parts, n * sizeof *parts);
  return chosen ? chosen : n;
}

void avoid_finish(struct avoided *avoided) {
  for (size_t i = 0; i < AVOIDED_MAX; i++)
    free(avoided->parts[i]);
  memset(avoided, 0, sizeof *avoided);
}
