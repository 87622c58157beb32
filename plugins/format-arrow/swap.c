/* Byte order. */
#include "swap.h"

enum arrow_swap arrow_swap_of_width(int32_t width) {
  switch (width) {
  case 2:
    return ARROW_SWAP_2;
  case 4:
    return ARROW_SWAP_4;
  case 8:
    return ARROW_SWAP_8;
  case 16:
    return ARROW_SWAP_16;
  case 32:
    return ARROW_SWAP_32;
  default:
    return ARROW_SWAP_NONE;
  }
}

enum arrow_swap arrow_swap_of_values(const struct arrow_field *field) {
  switch (field->type.id) {
  case SLUICE_TYPE_FIXED_BINARY:
    return ARROW_SWAP_NONE;
  case SLUICE_TYPE_INTERVAL_DAY_TIME:
    return ARROW_SWAP_4;
  case SLUICE_TYPE_INTERVAL_MONTH_DAY_NANO:
    return ARROW_SWAP_MONTH_DAY_NANO;
  default:
    return arrow_swap_of_width(field->type.width);
  }
}

static void reverse(const uint8_t *from, uint8_t *to, size_t n) {
  for (size_t i = 0; i < n; i++)
    to[i] = from[n - 1 - i];
}

static void copy_items(size_t width, const uint8_t *from, uint8_t *to, size_t n) {
  for (size_t at = 0; at + width <= n; at += width)
    reverse(from + at, to + at, width);
}

static void swap_day_nano(const uint8_t *from, uint8_t *to) {
  reverse(from, to, 4);
  reverse(from + 4, to + 4, 4);
  reverse(from + 8, to + 8, 8);
}

/* A short text lies in the view itself; a long one has a prefix, and then two numbers. */
static void swap_view(const uint8_t *from, uint8_t *to) {
  int32_t size;
  reverse(from, to, 4);
  memcpy(&size, to, sizeof size);
  memcpy(to + 4, from + 4, 12);
  if (size <= 12)
    return;
  reverse(from + 8, to + 8, 4);
  reverse(from + 12, to + 12, 4);
}

static void copy_parts(void (*swap)(const uint8_t *, uint8_t *), const uint8_t *from, uint8_t *to, size_t n) {
  for (size_t at = 0; at + 16 <= n; at += 16)
    swap(from + at, to + at);
}

void arrow_swap_copy(enum arrow_swap swap, const uint8_t *from, uint8_t *to, size_t n) {
  static const size_t widths[] = {0, 2, 4, 8, 16, 32, 16, 16};
  size_t rest = widths[swap] ? n % widths[swap] : n;
  switch (swap) {
  case ARROW_SWAP_NONE:
    break;
  case ARROW_SWAP_MONTH_DAY_NANO:
    copy_parts(swap_day_nano, from, to, n);
    break;
  case ARROW_SWAP_VIEW:
    copy_parts(swap_view, from, to, n);
    break;
  default:
    copy_items(widths[swap], from, to, n);
  }
  if (rest)
    memcpy(to + (n - rest), from + (n - rest), rest);
}
