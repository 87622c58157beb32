/* Keys of records that were met. Private to rows.c. */
#ifndef PLAN_KEY_SET_H
#define PLAN_KEY_SET_H
#include "core/run/record_keys.h"
#include <stdbool.h>

struct key_set { /* zeroed: empty */
  uint8_t (*slots)[RECORD_KEY_SIZE];
  size_t n, room;
  bool full; /* as many as it takes: others are not remembered */
};
/* *met: it was there already. MEMORY. */
int key_set_add(struct key_set *, const uint8_t key[RECORD_KEY_SIZE], bool *met);
void key_set_finish(struct key_set *);

#endif
