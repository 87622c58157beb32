/* A hash table with open addressing. Equal hashes count as equal keys: that only makes one request wait for another. */
#include "keyset.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_ROOM = 16 };

/* Where a hash stands depends on a secret of this process, so that no data can make the table slow. */
static uint64_t secret;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_secret(void) {
  if (getrandom(&secret, sizeof secret, 0) != (ssize_t)sizeof secret)
    secret = (uint64_t)(uintptr_t)&secret;
}

uint64_t keyset_hash(uint64_t hash, const void *bytes, size_t n) { /* FNV-1a */
  const uint8_t *in = bytes;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ in[i]) * UINT64_C(0x100000001b3);
  return hash;
}

static size_t place(uint64_t hash, size_t room) {
  uint64_t x = hash ^ secret;
  x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
  x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
  return (size_t)(x ^ x >> 33) & (room - 1);
}

/* The hash's own slot, or the free one where it would go. 0 marks a free slot, so 0 itself is kept as 1. */
static size_t find(const struct keyset *set, uint64_t hash) {
  size_t at = place(hash, set->room);
  while (set->slots[at] != 0 && set->slots[at] != hash)
    at = (at + 1) & (set->room - 1);
  return at;
}

static bool grow(struct keyset *set) {
  pthread_once(&once, make_secret);
  struct keyset larger = {.room = set->room ? 2 * set->room : FIRST_ROOM};
  larger.slots = calloc(larger.room, sizeof *larger.slots);
  if (!larger.slots)
    return false;
  for (size_t i = 0; i < set->room; i++)
    if (set->slots[i] != 0)
      larger.slots[find(&larger, set->slots[i])] = set->slots[i];
  larger.count = set->count;
  free(set->slots);
  *set = larger;
  return true;
}

bool keyset_add(struct keyset *set, uint64_t hash) {
  hash += hash == 0;
  if (2 * (set->count + 1) > set->room && !grow(set))
    return false;
  size_t at = find(set, hash);
  set->count += set->slots[at] == 0;
  set->slots[at] = hash;
  return true;
}

bool keyset_has(const struct keyset *set, uint64_t hash) {
  hash += hash == 0;
  return set->count > 0 && set->slots[find(set, hash)] == hash;
}

bool keyset_meets(const struct keyset *a, const struct keyset *b) {
  const struct keyset *small = a->count < b->count ? a : b, *large = small == a ? b : a;
  for (size_t i = 0; small->count > 0 && i < small->room; i++)
    if (small->slots[i] != 0 && keyset_has(large, small->slots[i]))
      return true;
  return false;
}

bool keyset_copy(const struct keyset *from, struct keyset *to) {
  bool ok = true;
  keyset_clear(to);
  for (size_t i = 0; i < from->room && ok; i++)
    ok = from->slots[i] == 0 || keyset_add(to, from->slots[i]);
  return ok;
}

void keyset_clear(struct keyset *set) {
  if (set->count > 0)
    memset(set->slots, 0, set->room * sizeof *set->slots);
  set->count = 0;
}

void keyset_finish(struct keyset *set) {
  free(set->slots);
  *set = (struct keyset){.slots = NULL};
}
