/* Buffers of the other byte order. */
#ifndef ARROW_SWAP_H
#define ARROW_SWAP_H
#include "fields.h"

enum arrow_swap { /* what the items of a buffer are made of */
                  ARROW_SWAP_NONE,
                  ARROW_SWAP_2,
                  ARROW_SWAP_4,
                  ARROW_SWAP_8,
                  ARROW_SWAP_16,
                  ARROW_SWAP_32,
                  ARROW_SWAP_MONTH_DAY_NANO, /* two of four bytes, one of eight */
                  ARROW_SWAP_VIEW
};
/* How the values of a type are swapped, and offsets of so many bytes. */
enum arrow_swap arrow_swap_of_values(const struct arrow_field *field);
enum arrow_swap arrow_swap_of_width(int32_t width);
/* n bytes from one place to another, swapped; a rest that is no whole item is copied. */
void arrow_swap_copy(enum arrow_swap swap, const uint8_t *from, uint8_t *to, size_t n);

#endif
