/* A table of hashes, which are as good as random: each stands at the first free slot behind its own place. */
#include "core/plan/key_set.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1024, KEYS_MAX = 4 << 20 /* 128 MiB of slots */ };

static const uint8_t none[RECORD_KEY_SIZE];

static size_t place_of(const struct key_set *set, const uint8_t key[RECORD_KEY_SIZE]) {
  uint64_t number;
  memcpy(&number, key, sizeof number);
  size_t at = (size_t)number & (set->room - 1);
  while (memcmp(set->slots[at], none, sizeof none) != 0 && memcmp(set->slots[at], key, sizeof none) != 0)
    at = (at + 1) & (set->room - 1);
  return at;
}

/* Half of the slots are free at least. */
static int grow(struct key_set *set) {
  struct key_set grown = {.room = set->room ? set->room * 2 : FIRST_ROOM, .n = set->n};
  if (set->room && set->n < set->room / 2)
    return SLUICE_OK;
  grown.slots = calloc(grown.room, sizeof *grown.slots);
  if (!grown.slots)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < set->room; i++)
    if (memcmp(set->slots[i], none, sizeof none) != 0)
      memcpy(grown.slots[place_of(&grown, set->slots[i])], set->slots[i], sizeof none);
  free(set->slots);
  *set = grown;
  return SLUICE_OK;
}

int key_set_add(struct key_set *set, const uint8_t key[RECORD_KEY_SIZE], bool *met) {
  int code = set->full ? SLUICE_OK : grow(set);
  if (code)
    return code;
  uint8_t *slot = set->slots[place_of(set, key)];
  *met = memcmp(slot, key, sizeof none) == 0;
  if (*met || set->full)
    return SLUICE_OK;
  memcpy(slot, key, sizeof none);
  set->n++;
  set->full = set->n == KEYS_MAX;
  return SLUICE_OK;
}

void key_set_finish(struct key_set *set) {
  free(set->slots);
  *set = (struct key_set){.slots = NULL};
}
