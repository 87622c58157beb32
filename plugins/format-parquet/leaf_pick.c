/* Some of the next rows of a leaf without lists: which of its values these have, and the levels they keep. */
#include "leaf_pick.h"
#include "leaf_add.h"
#include "pick.h"

/* How many of the places lie below this one. */
static int64_t count_below(const struct pq_picks *p, int64_t place) {
  int64_t low = 0, high = p->kept;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (p->places[middle] < place)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct pq_picked pq_picked_rows(const struct pq_leaf *l, int64_t n, int64_t most) {
  const struct pq_picks *p = l->picks;
  int64_t begin = l->candidate - p->first, first = count_below(p, begin), kept = count_below(p, begin + n) - first;
  if (kept > most) {
    kept = most;
    n = p->places[first + most - 1] + 1 - begin;
  }
  return (struct pq_picked){n, kept, p->keep + begin, p->places + first, (uint32_t)begin};
}

static void place_rows(const struct pq_picked *r, uint32_t *places) {
  for (int64_t i = 0; i < r->kept; i++)
    places[i] = r->places[i] - r->begin;
}

/* Of rows that have a value, where that lies among the values; *of: how many values there are. There is room for one
 * place more, so that one may be written always. */
static size_t place_values(const struct pq_picked *r, const uint8_t *levels, uint8_t level, uint32_t *places,
                           size_t *of) {
  size_t at = 0, value = 0;
  for (int64_t i = 0; i < r->n; i++) {
    size_t set = levels[i] == level;
    places[at] = (uint32_t)value;
    at += set & r->keep[i];
    value += set;
  }
  *of = value;
  return at;
}

static void keep_levels(const struct pq_picked *r, uint8_t *levels) {
  for (int64_t i = 0; i < r->kept; i++)
    levels[i] = levels[r->places[i] - r->begin];
}

/* Levels that the leaf reads as bits are read as bits here too. */
static pq_fault read_levels(struct pq_leaf *l, uint8_t *levels, size_t n) {
  uint8_t bits[PQ_SEGMENT / 8 + PQ_PADDING] = {0};
  int64_t ones;
  if (!pq_leaf_has_bits(l))
    return pq_levels_read(&l->defs, levels, n);
  pq_fault fault = pq_levels_read_bits(&l->defs, bits, 0, n, &ones);
  for (size_t i = 0; i < n && !fault; i++)
    levels[i] = sluice_bit(bits, (int64_t)i);
  return fault;
}

static bool all_valid(struct pq_leaf *l, size_t n) {
  uint32_t level = 0;
  if (l->max_def == 0 && l->n_owned == 0)
    return true;
  if (!pq_leaf_has_bits(l) || l->defs.msb || pq_rle_same(&l->defs.rle, n, &level) < n || level != 1)
    return false;
  pq_rle_skip_same(&l->defs.rle, n);
  return true;
}

static pq_fault add_valid(struct pq_leaf *l, const struct pq_picked *r, uint32_t *places) {
  const struct pq_pick pick = {places, (size_t)r->kept, (size_t)r->n};
  place_rows(r, places);
  l->pick = &pick;
  pq_fault fault = pq_add_valid(l, pick.n);
  l->pick = NULL;
  return fault;
}

static pq_fault add_levels(struct pq_leaf *l, const struct pq_picked *r, uint32_t *places) {
  uint8_t levels[PQ_SEGMENT];
  struct pq_pick pick = {places, (size_t)r->kept, (size_t)r->n};
  pq_fault fault = read_levels(l, levels, pick.of);
  if (fault)
    return fault;
  if (l->node->nullable)
    pick.n = place_values(r, levels, l->max_def, places, &pick.of);
  else
    place_rows(r, places);
  keep_levels(r, levels);
  fault = pq_add_structs(l, levels, NULL, (size_t)r->kept);
  l->pick = &pick;
  if (!fault)
    fault = pq_add_slots(l, levels, (size_t)r->kept);
  l->pick = NULL;
  return fault;
}

pq_fault pq_add_picked(struct pq_leaf *l, const struct pq_picked *rows) {
  uint32_t places[PQ_SEGMENT + 1];
  pq_fault fault = pq_add_start(l);
  if (fault)
    return fault;
  return all_valid(l, (size_t)rows->n) ? add_valid(l, rows, places) : add_levels(l, rows, places);
}
