/* Reading Thrift's compact protocol from untrusted bytes. */
#ifndef PQ_THRIFT_H
#define PQ_THRIFT_H
#include "pq.h"

struct pq_thrift {
  const uint8_t *p, *end;
  pq_fault fault; /* the first one; from then on all reads give nothing */
  int depth;
};
struct pq_thrift_field { /* zeroed before the first of a struct */
  int16_t id;
  uint8_t type;
};
extern const char pq_thrift_short[]; /* the fault of bytes that end too early */

/* The next field of the struct; false at its end, and after a fault. Its value must be read or skipped. */
bool pq_thrift_next(struct pq_thrift *t, struct pq_thrift_field *field);
void pq_thrift_skip(struct pq_thrift *t, uint8_t type);

/* Values of a field or of a list's items. One of another type is skipped, and gives what nothing gives: 0, false, an
 * empty slice, `fallback`, no items. Integers may have any width. */
int64_t pq_thrift_int(struct pq_thrift *t, uint8_t type, int64_t fallback);
bool pq_thrift_bool(struct pq_thrift *t, uint8_t type);
struct pq_slice pq_thrift_binary(struct pq_thrift *t, uint8_t type);
bool pq_thrift_struct(struct pq_thrift *t, uint8_t type); /* true: its fields follow, up to the false of next */
uint32_t pq_thrift_list(struct pq_thrift *t, uint8_t type, uint8_t *item);

#endif
