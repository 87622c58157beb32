/* Reading FlatBuffers that nobody vouches for: each access is checked against the buffer, and what is wrong sticks.
 * Every table and text that is read costs some of a budget of the buffer's own size, so that references that meet in
 * one place cannot make more out of a buffer than it holds. */
#ifndef ARROW_FB_H
#define ARROW_FB_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fb {
  const uint8_t *data;
  size_t size;
  size_t tables, texts; /* what is left of the budget: number of tables, bytes of texts */
  const char *fault;    /* NULL: none so far */
};
struct fb_table {
  struct fb *fb;
  size_t at, vtable;
  unsigned slots, bytes;
};
struct fb_vector {
  size_t at, count;
};

void fb_init(struct fb *fb, const void *data, size_t size);
/* False: there is none, or a fault, which is then in fb->fault. */
bool fb_root(struct fb *fb, struct fb_table *out);
bool fb_sub(const struct fb_table *table, unsigned slot, struct fb_table *out);
bool fb_vector(const struct fb_table *table, unsigned slot, size_t item_size, struct fb_vector *out);
bool fb_item(struct fb *fb, const struct fb_vector *vector, size_t i, struct fb_table *out);
/* NULL: there is none, or a fault. Not ended by NUL. */
const char *fb_text(const struct fb_table *table, unsigned slot, size_t *size);
/* A number of 1, 2, 4 or 8 bytes, with sign; `absent` where the slot is empty. */
int64_t fb_number(const struct fb_table *table, unsigned slot, size_t size, int64_t absent);
/* A number at a place that a vector proved to be there. */
int64_t fb_at(const struct fb *fb, size_t at, size_t size);

#endif
