/* FlatBuffers, each access checked. */
#include "fb.h"
#include <string.h>

void fb_init(struct fb *fb, const void *data, size_t size) {
  *fb = (struct fb){.data = data, .size = size, .tables = size / 4, .texts = 4 * size};
}

int64_t fb_at(const struct fb *fb, size_t at, size_t size) {
  int8_t one;
  int16_t two;
  int32_t four;
  int64_t eight;
  switch (size) {
  case 1:
    memcpy(&one, fb->data + at, sizeof one);
    return one;
  case 2:
    memcpy(&two, fb->data + at, sizeof two);
    return two;
  case 4:
    memcpy(&four, fb->data + at, sizeof four);
    return four;
  default:
    memcpy(&eight, fb->data + at, sizeof eight);
    return eight;
  }
}

static bool holds(const struct fb *fb, size_t at, size_t n) {
  return at <= fb->size && n <= fb->size - at;
}

static bool fault(struct fb *fb, const char *what) {
  if (!fb->fault)
    fb->fault = what;
  return false;
}

/* Where the reference at `at` leads. */
static bool follow(struct fb *fb, size_t at, size_t *out) {
  if (!holds(fb, at, 4))
    return fault(fb, "a reference is outside");
  uint32_t distance = (uint32_t)fb_at(fb, at, 4);
  if (distance < 4 || distance > fb->size - at)
    return fault(fb, "a reference leads outside");
  *out = at + distance;
  return true;
}

static bool open_table(struct fb *fb, size_t at, struct fb_table *out) {
  if (fb->tables == 0)
    return fault(fb, "more tables than it has room for");
  fb->tables--;
  if (!holds(fb, at, 4))
    return fault(fb, "a table is outside");
  int64_t vtable = (int64_t)at - fb_at(fb, at, 4);
  if (vtable < 0 || !holds(fb, (size_t)vtable, 4))
    return fault(fb, "a table's list of fields is outside");
  unsigned size = (uint16_t)fb_at(fb, (size_t)vtable, 2), bytes = (uint16_t)fb_at(fb, (size_t)vtable + 2, 2);
  if (size < 4 || size % 2 || !holds(fb, (size_t)vtable, size) || bytes < 4 || !holds(fb, at, bytes))
    return fault(fb, "a table does not fit");
  *out = (struct fb_table){fb, at, (size_t)vtable, (size - 4) / 2, bytes};
  return true;
}

/* Where a field's bytes are; 0: it is empty, or a fault. */
static size_t place(const struct fb_table *table, unsigned slot, size_t size) {
  if (slot >= table->slots)
    return 0;
  unsigned offset = (uint16_t)fb_at(table->fb, table->vtable + 4 + 2 * (size_t)slot, 2);
  if (offset == 0)
    return 0;
  if (offset < 4 || offset + size > table->bytes) {
    fault(table->fb, "a field is outside its table");
    return 0;
  }
  return table->at + offset;
}

bool fb_root(struct fb *fb, struct fb_table *out) {
  size_t at;
  return follow(fb, 0, &at) && open_table(fb, at, out);
}

bool fb_sub(const struct fb_table *table, unsigned slot, struct fb_table *out) {
  size_t at = place(table, slot, 4), to;
  return at && follow(table->fb, at, &to) && open_table(table->fb, to, out);
}

bool fb_vector(const struct fb_table *table, unsigned slot, size_t item_size, struct fb_vector *out) {
  struct fb *fb = table->fb;
  size_t at = place(table, slot, 4), to;
  if (!at || !follow(fb, at, &to))
    return false;
  if (!holds(fb, to, 4))
    return fault(fb, "a list is outside");
  size_t count = (uint32_t)fb_at(fb, to, 4);
  if (count > (fb->size - to - 4) / item_size)
    return fault(fb, "a list is longer than what holds it");
  *out = (struct fb_vector){to + 4, count};
  return true;
}

bool fb_item(struct fb *fb, const struct fb_vector *vector, size_t i, struct fb_table *out) {
  size_t to;
  return follow(fb, vector->at + i * 4, &to) && open_table(fb, to, out);
}

const char *fb_text(const struct fb_table *table, unsigned slot, size_t *size) {
  struct fb_vector text;
  if (!fb_vector(table, slot, 1, &text))
    return NULL;
  if (text.count > table->fb->texts) {
    fault(table->fb, "more text than it has room for");
    return NULL;
  }
  table->fb->texts -= text.count;
  *size = text.count;
  return (const char *)table->fb->data + text.at;
}

int64_t fb_number(const struct fb_table *table, unsigned slot, size_t size, int64_t absent) {
  size_t at = place(table, slot, size);
  return at ? fb_at(table->fb, at, size) : absent;
}
