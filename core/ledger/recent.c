/* The newest rows in memory: a hash table, and its order. */
#include "core/ledger/recent.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Keys come from data that may be hostile: where they fall must not be known outside. */
static uint64_t seed[2];
static pthread_once_t seeded = PTHREAD_ONCE_INIT;

static void make_seed(void) {
  if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
    seed[0] = (uintptr_t)&seed;
}

static uint64_t hash_of(int64_t parts, const uint8_t *key) {
  uint64_t a, b;
  memcpy(&a, key, 8);
  memcpy(&b, key + 8, 8);
  a = (a ^ seed[0]) * UINT64_C(0x9E3779B97F4A7C15);
  b = (b ^ seed[1] ^ (uint64_t)parts ^ (a >> 29)) * UINT64_C(0xD6E8FEB86659FD93);
  return b ^ (b >> 32);
}

static bool same_key(const struct recent_row *row, int64_t parts, const uint8_t *key) {
  return row->parts == parts && memcmp(row->key, key, LEDGER_KEY_SIZE) == 0;
}

/* The slot of this key, or the free one where it belongs. */
static size_t slot_of(const struct recent_table *t, int64_t parts, const uint8_t *key) {
  size_t mask = t->n_slots - 1, i = (size_t)hash_of(parts, key) & mask;
  while (t->slots[i] && !same_key(&t->rows[t->slots[i] - 1], parts, key))
    i = (i + 1) & mask;
  return i;
}

static bool grow_slots(struct recent_table *t, size_t rows) {
  size_t n = t->n_slots ? t->n_slots : 1024;
  while (n / 4 * 3 < rows)
    n *= 2;
  if (n == t->n_slots)
    return true;
  uint32_t *slots = calloc(n, sizeof *slots);
  if (!slots)
    return false;
  free(t->slots);
  t->slots = slots;
  t->n_slots = n;
  for (size_t i = 0; i < t->used; i++)
    slots[slot_of(t, t->rows[i].parts, t->rows[i].key)] = (uint32_t)(i + 1);
  return true;
}

bool recent_reserve(struct recent_table *t, size_t more) {
  pthread_once(&seeded, make_seed);
  if (more > UINT32_MAX / 8 || t->used > UINT32_MAX / 8 || t->reserved > UINT32_MAX / 8)
    return false;
  size_t need = t->used + t->reserved + more;
  if (need > t->room) {
    size_t room = need > t->room + t->room / 4 ? need : t->room + t->room / 4;
    struct recent_row *rows = realloc(t->rows, room * sizeof *rows);
    if (!rows)
      return false;
    t->rows = rows;
    t->room = room;
  }
  if (!grow_slots(t, need))
    return false;
  t->reserved += more;
  return true;
}

void recent_put(struct recent_table *t, const struct recent_row *row) {
  size_t i = slot_of(t, row->parts, row->key);
  if (!t->slots[i])
    t->slots[i] = (uint32_t)++t->used;
  t->rows[t->slots[i] - 1] = *row;
}

const struct recent_row *recent_get(const struct recent_table *t, int64_t parts, const uint8_t *key) {
  if (t->used == 0)
    return NULL;
  uint32_t number = t->slots[slot_of(t, parts, key)];
  return number ? &t->rows[number - 1] : NULL;
}

void recent_clear(struct recent_table *t) {
  free(t->rows);
  free(t->slots);
  memset(t, 0, sizeof *t);
}

uint64_t recent_prefix(const uint8_t *key) {
  uint64_t prefix = 0;
  for (int i = 0; i < 8; i++)
    prefix = prefix << 8 | key[i];
  return prefix;
}

static int compare(const void *a, const void *b, void *context) {
  const struct recent_order *x = a, *y = b;
  const struct recent_row *rows = context;
  if (x->prefix != y->prefix)
    return x->prefix < y->prefix ? -1 : 1;
  return memcmp(rows[x->number].key, rows[y->number].key, LEDGER_KEY_SIZE);
}

void recent_sort(const struct recent_table *t, struct recent_order *out) {
  for (size_t i = 0; i < t->used; i++) {
    out[i] = (struct recent_order){recent_prefix(t->rows[i].key), (uint32_t)i};
  }
  qsort_r(out, t->used, sizeof *out, compare, t->rows);
}
