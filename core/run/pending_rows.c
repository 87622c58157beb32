/* Rows that were sent and are not stored yet. */
#include "core/run/pending_rows.h"
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 30, FIRST = 1024 };

/* Keys are hashes, so any of their bytes will do. */
static size_t slot_of(const struct pending_rows *p, const uint8_t *key) {
  uint64_t hash;
  memcpy(&hash, key, sizeof hash);
  return (size_t)hash & (p->n_slots - 1);
}

/* The slot that has the key, or the free one where it belongs. */
static size_t find_slot(const struct pending_rows *p, const uint8_t *key) {
  size_t slot = slot_of(p, key);
  while (p->slots[slot] && memcmp(p->items[p->slots[slot] - 1].row.key, key, LEDGER_KEY_SIZE) != 0)
    slot = (slot + 1) & (p->n_slots - 1);
  return slot;
}

/* Later items of a key take the slot of those before. A refused one may keep it, where there is no other. */
static void index_item(struct pending_rows *p, size_t i) {
  uint32_t *slot = &p->slots[find_slot(p, p->items[i].row.key)];
  p->items[i].before = *slot && !p->items[*slot - 1].refused ? *slot : 0;
  *slot = (uint32_t)i + 1;
}

static void index_all(struct pending_rows *p) {
  memset(p->slots, 0, p->n_slots * sizeof *p->slots);
  for (size_t i = 0; i < p->count; i++)
    if (!p->items[i].refused)
      index_item(p, i);
}

static int grow(struct pending_rows *p) {
  size_t room = p->room ? p->room * 2 : FIRST;
  if (room > MOST)
    return SLUICE_ERR_MEMORY;
  struct pending_row *items = realloc(p->items, room * sizeof *items);
  if (!items)
    return SLUICE_ERR_MEMORY;
  p->items = items;
  uint32_t *slots = calloc(2 * room, sizeof *slots);
  if (!slots)
    return SLUICE_ERR_MEMORY;
  free(p->slots);
  p->slots = slots;
  p->n_slots = 2 * room;
  p->room = room;
  index_all(p);
  return SLUICE_OK;
}

int pending_rows_add(struct pending_rows *p, int64_t seq, int64_t ordinal, const struct ledger_row *row) {
  int code = p->count == p->room ? grow(p) : SLUICE_OK;
  if (code)
    return code;
  p->items[p->count++] = (struct pending_row){.row = *row, .seq = seq, .ordinal = ordinal};
  index_item(p, p->count - 1);
  return SLUICE_OK;
}

const struct ledger_row *pending_rows_find(const struct pending_rows *p, const uint8_t *key) {
  uint32_t number = p->count ? p->slots[find_slot(p, key)] : 0;
  return number && !p->items[number - 1].refused ? &p->items[number - 1].row : NULL;
}

/* The first item behind this batch, or at or behind this record of it. */
static size_t find_item(const struct pending_rows *p, int64_t seq, int64_t ordinal) {
  size_t low = 0, high = p->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const struct pending_row *item = &p->items[middle];
    if (item->seq < seq || (item->seq == seq && item->ordinal < ordinal))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void pending_rows_remove(struct pending_rows *p, int64_t seq, int64_t ordinal) {
  size_t i = find_item(p, seq, ordinal);
  if (i == p->count || p->items[i].seq != seq || p->items[i].ordinal != ordinal)
    return; /* it was not one with a key */
  p->items[i].refused = true;
  uint32_t *slot = &p->slots[find_slot(p, p->items[i].row.key)], other = p->items[i].before;
  while (other && p->items[other - 1].refused)
    other = p->items[other - 1].before;
  if (*slot == i + 1 && other)
    *slot = other;
}

int pending_rows_peek(const struct pending_rows *p, int64_t seq, struct ledger_row **out, size_t *n) {
  size_t end = seq == INT64_MAX ? p->count : find_item(p, seq + 1, INT64_MIN), kept = 0;
  struct ledger_row *rows = malloc((end + 1) * sizeof *rows);
  if (!rows)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < end; i++)
    if (!p->items[i].refused)
      rows[kept++] = p->items[i].row;
  *out = rows;
  *n = kept;
  return SLUICE_OK;
}

void pending_rows_drop(struct pending_rows *p, int64_t seq) {
  size_t end = seq == INT64_MAX ? p->count : find_item(p, seq + 1, INT64_MIN);
  if (end == 0)
    return;
  memmove(p->items, p->items + end, (p->count - end) * sizeof *p->items);
  p->count -= end;
  index_all(p);
}

void pending_rows_clear(struct pending_rows *p) {
  if (p->count)
    memset(p->slots, 0, p->n_slots * sizeof *p->slots);
  p->count = 0;
}

void pending_rows_finish(struct pending_rows *p) {
  free(p->items);
  free(p->slots);
  memset(p, 0, sizeof *p);
}
