/* The names of an object's members: in the order in which they come, and sorted, for those that come out of order. */
#include "column.h"
#include <stdlib.h>

enum { SLACK = 8 };

static int order(const struct json_name *name, const uint8_t *text, size_t size) {
  size_t own = name->size - 2;
  if (own != size)
    return own < size ? -1 : 1;
  return memcmp(name->quoted + 1, text, size);
}

/* Where it is among the sorted ones, or would be. */
static uint32_t place_of(const struct json_names *n, const uint8_t *text, size_t size, bool *found) {
  uint32_t low = 0, high = n->count;
  *found = false;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int way = order(&n->items[n->sorted[middle]], text, size);
    if (way == 0) {
      *found = true;
      return middle;
    }
    if (way < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

uint32_t json_names_find(const struct json_names *n, const uint8_t *text, size_t size) {
  bool found;
  uint32_t at = place_of(n, text, size, &found);
  return found ? n->sorted[at] : UINT32_MAX;
}

static bool is_plain(const uint8_t *text, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
      return false;
  return true;
}

static bool make_room(struct json_names *n) {
  if (n->items && n->count + 1 < n->room)
    return true;
  uint32_t room = n->room ? n->room * 2 : 8;
  struct json_name *items = realloc(n->items, room * sizeof *items);
  if (!items)
    return false;
  n->items = items;
  uint32_t *sorted = realloc(n->sorted, room * sizeof *sorted);
  if (!sorted)
    return false;
  n->sorted = sorted;
  n->room = room;
  return true;
}

static bool write_name(struct json_name *name, const uint8_t *text, size_t size) {
  uint8_t *quoted = calloc(size + 2 + SLACK, 1);
  if (!quoted)
    return false;
  quoted[0] = quoted[size + 1] = '"';
  if (size)
    memcpy(quoted + 1, text, size);
  name->quoted = quoted;
  name->size = (uint32_t)size + 2;
  unsigned rest = (unsigned)(name->size - 1) % 8 + 1; /* bytes of the last word */
  name->tail = rest == 8 ? ~0ull : ~0ull >> (64 - 8 * rest);
  name->match = is_plain(text, size) ? name->size : 0;
  return true;
}

int json_names_add(struct json_names *n, const uint8_t *text, size_t size, struct json_column *column, uint32_t *out) {
  bool found;
  struct json_name name = {.column = column};
  if (size > INT32_MAX || !make_room(n) || !write_name(&name, text, size))
    return SLUICE_ERR_MEMORY;
  uint32_t at = place_of(n, text, size, &found);
  memmove(n->sorted + at + 1, n->sorted + at, (n->count - at) * sizeof *n->sorted);
  n->sorted[at] = n->count;
  name.next = n->count + 1;
  n->items[n->count] = name;
  *out = n->count++;
  n->items[n->count] = (struct json_name){.next = n->count};
  return SLUICE_OK;
}

int json_names_seal(struct json_names *n) {
  if (!make_room(n))
    return SLUICE_ERR_MEMORY;
  n->items[n->count] = (struct json_name){.next = n->count};
  return SLUICE_OK;
}

void json_names_finish(struct json_names *n) {
  for (uint32_t i = 0; i < n->count; i++)
    free(n->items[i].quoted);
  free(n->items);
  free(n->sorted);
  *n = (struct json_names){0};
}
