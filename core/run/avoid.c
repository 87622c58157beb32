/* Parts that are better not looked at. */
#include "core/run/avoid.h"
#include <stdlib.h>
#include <string.h>

enum { LOOKS_MAX = 2 };

static size_t looks_at(const struct avoided *avoided, const struct sluice_part *part) {
  const char *version = part->version ? part->version : "";
  size_t n = 0;
  for (size_t i = 0; avoided && i < AVOIDED_MAX; i++) {
    const struct avoided_look *look = &avoided->looks[i];
    n += look->part && strcmp(look->part, part->name) == 0 && strcmp(look->version, version) == 0;
  }
  return n;
}

static void forget(struct avoided_look *look) {
  free(look->part);
  free(look->version);
  *look = (struct avoided_look){NULL, NULL};
}

int avoid_add(struct avoided *avoided, const char *part, const char *version) {
  struct avoided_look look = {strdup(part), strdup(version ? version : "")};
  if (!look.part || !look.version) {
    forget(&look);
    return SLUICE_ERR_MEMORY;
  }
  forget(&avoided->looks[0]);
  memmove(&avoided->looks[0], &avoided->looks[1], (AVOIDED_MAX - 1) * sizeof *avoided->looks);
  avoided->looks[AVOIDED_MAX - 1] = look;
  return SLUICE_OK;
}

size_t avoid_choose(const struct avoided *avoided, const struct sluice_part *parts, size_t n, struct sluice_part *out) {
  size_t chosen = 0;
  for (size_t looks = 0; looks < LOOKS_MAX && chosen == 0; looks++)
    for (size_t i = 0; i < n; i++)
      if (looks_at(avoided, &parts[i]) == looks)
        out[chosen++] = parts[i];
  return chosen;
}

void avoid_finish(struct avoided *avoided) {
  for (size_t i = 0; i < AVOIDED_MAX; i++)
    forget(&avoided->looks[i]);
}
