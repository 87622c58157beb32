/* From physical values to values as Arrow has them. */
#ifndef PQ_STORE_H
#define PQ_STORE_H
#include "footer.h"

enum pq_store_kind {
  PQ_STORE_NOTHING, /* a column of nulls */
  PQ_STORE_BITS,
  PQ_STORE_SAME,     /* as it stands */
  PQ_STORE_LOW,      /* the low bytes of an integer */
  PQ_STORE_WIDEN,    /* a signed integer, wider */
  PQ_STORE_INT96,    /* nanoseconds of the day, then the Julian day */
  PQ_STORE_BIG,      /* a big-endian signed integer */
  PQ_STORE_INTERVAL, /* months, days, milliseconds */
  PQ_STORE_BYTES,    /* texts of any length */
  PQ_STORE_VIEWS     /* the same, as views */
};
struct pq_store {
  enum pq_store_kind kind;
  uint32_t width;    /* bytes of a stored value; 0: bits or texts */
  uint32_t physical; /* bytes of a value in the file; 0: any */
  int32_t unit;      /* INT96: of the timestamps, enum sluice_time_unit */
  bool text;         /* must be UTF-8 */
};

/* n values, each of the physical width; in and out do not overlap. */
pq_fault pq_store_convert(const struct pq_store *s, const uint8_t *in, size_t n, uint8_t *out);
/* One value of any length, of STORE_BIG. */
pq_fault pq_store_big(const struct pq_store *s, const uint8_t *in, size_t size, uint8_t *out);
uint32_t pq_physical_width(const struct pq_element *e);

#endif
