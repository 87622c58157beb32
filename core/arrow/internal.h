/* What the files of core/arrow share and nobody else sees: memory layouts, bitmaps, wide integers. */
#ifndef SLUICE_ARROW_INTERNAL_H
#define SLUICE_ARROW_INTERNAL_H
#include <sluice/arrow.h>

enum { DEPTH_MAX = 64, FORMAT_MAX = 64 };

/* How a type lies in memory; many types share one layout. */
enum layout {
  LAYOUT_NULL,
  LAYOUT_BITS,
  LAYOUT_FIXED,
  LAYOUT_BYTES32,
  LAYOUT_BYTES64,
  LAYOUT_VIEW,
  LAYOUT_LIST32,
  LAYOUT_LIST64,
  LAYOUT_LIST_VIEW32,
  LAYOUT_LIST_VIEW64,
  LAYOUT_FIXED_LIST,
  LAYOUT_STRUCT,
  LAYOUT_DENSE_UNION,
  LAYOUT_SPARSE_UNION,
  LAYOUT_RUN_END
};
enum layout type_layout(enum sluice_type_id id);
/* Children that a field of this type must have; -1: any number. */
int64_t type_children(enum sluice_type_id id);
bool type_has_validity(enum sluice_type_id id);
/* Type codes of a union's children from its format, in the order of the children; false: not n of them. */
bool union_codes(const char *format, int64_t n, int8_t *codes);

/* Room for a dictionary's schema, zeroed, in one of our own. */
int schema_add_dictionary(struct ArrowSchema *schema);

/* A view of text or binary: 4 bytes of length, then 12 bytes of data, or prefix, buffer and offset. Frozen by Arrow. */
struct view {
  int32_t size;
  union {
    uint8_t data[12];
    struct {
      uint8_t prefix[4];
      int32_t buffer, offset;
    } ref;
  } u;
};
enum { VIEW_INLINE = 12 };

/* One value's bytes, of types that are text, binary, or of fixed width. */
struct span {
  const uint8_t *data;
  size_t size;
};
/* Value i (offset not yet added) of a validated array of such a layout. */
struct span array_span(const struct sluice_type *type, const struct ArrowArray *array, int64_t i);
/* Items of a validated list, list view, map or fixed list: their range in the child, the child's offset not yet added.
 */
void array_items(const struct sluice_type *type, const struct ArrowArray *array, int64_t i, int64_t *start,
                 int64_t *count);
/* Index of the run that holds logical row i (the offset of the parent already added); ends is of that type. */
int64_t run_find(const struct sluice_type *type, const struct ArrowArray *ends, int64_t i);
/* The dictionary index of value i, of that integer type. */
int64_t array_index(const struct sluice_type *type, const struct ArrowArray *array, int64_t i);
int64_t run_end_at(const struct sluice_type *type, const struct ArrowArray *ends, int64_t i);

/* ---- bitmaps ---- */
static inline void bit_set(uint8_t *bits, int64_t i) {
  bits[i >> 3] = (uint8_t)(bits[i >> 3] | (1u << (i & 7)));
}
/* Sets n bits from `start` on; copies n bits; counts the ones. Bits of dst outside the range are kept. */
void bits_fill(uint8_t *dst, int64_t start, int64_t n, bool value);
void bits_copy(uint8_t *dst, int64_t dst_start, const uint8_t *src, int64_t src_start, int64_t n);
int64_t bits_count(const uint8_t *bits, int64_t start, int64_t n);
/* Number of nulls by the validity bitmap, counted if the array does not say. */
int64_t array_nulls(const struct ArrowArray *array);

/* Grows by n bytes, zeroed; NULL: no memory. */
uint8_t *buffer_extend(struct sluice_buffer *buffer, size_t n);

/* ---- integers of 256 bits, for decimals ---- */
struct wide {
  uint64_t limb[4]; /* the lowest first, two's complement */
};
struct wide wide_load(const void *little_endian, int32_t bytes);
void wide_store(struct wide value, void *little_endian, int32_t bytes);
bool wide_negative(struct wide value);
struct wide wide_negate(struct wide value);
/* value * factor + addend, unsigned; false: over 256 bits. */
bool wide_muladd(struct wide *value, uint64_t factor, uint64_t addend);
/* Divides in place, unsigned, and returns the remainder. */
uint64_t wide_divide(struct wide *value, uint64_t divisor);
bool wide_is_zero(struct wide value);
/* Digits of an unsigned value, at most 78; "0" for zero. */
size_t wide_print(char *out, struct wide value);

/* ---- half floats ---- */
double half_to_double(uint16_t half);
uint16_t half_from_double(double value); /* to the nearest, ties to even */

/* ---- printing ---- */
/* Prints value with at least `width` digits, zeros in front. */
extern const char digit_pairs[200]; /* "00" to "99" */
size_t print_padded(char *out, uint64_t value, size_t width);
/* The upper 128 bits of 10^exponent, rounded down; exponent must be in -343..324. */
void power_of_ten(int exponent, uint64_t *high, uint64_t *low, bool *exact);

int64_t units_per_second(enum sluice_time_unit unit);
int fraction_digits(enum sluice_time_unit unit);
void civil_from_days(int64_t days, int64_t *year, int *month, int *day);
int64_t days_from_civil(int64_t year, int month, int day);
static inline int64_t floor_div(int64_t a, int64_t b) {
  int64_t q = a / b;
  return a % b < 0 ? q - 1 : q;
}

#endif
