/* The Arrow type of a leaf, and how its values get there. */
#ifndef PQ_TYPES_H
#define PQ_TYPES_H
#include "store.h"

struct pq_arrow_type {
  char format[64];
  struct pq_store store;
  char extension[32];   /* name of an Arrow extension type; "" none */
  char parameters[512]; /* of it, as JSON; "" none */
};

/* int96: enum sluice_time_unit of its timestamps. */
void pq_type_of(const struct pq_element *e, int32_t int96, struct pq_arrow_type *out);
/* Texts as views; extension types and all others stay as they are. */
void pq_type_view(struct pq_arrow_type *t);

#endif
