/* One element of the schema from the footer. */
#ifndef PQ_SCHEMA_ELEMENT_H
#define PQ_SCHEMA_ELEMENT_H
#include "footer.h"

void pq_element_read(struct pq_thrift *t, uint8_t type, struct pq_element *out);

#endif
