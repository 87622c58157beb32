/* Batches of a scan with a filter: of the rows that statistics leave. */
#ifndef PQ_PRUNED_H
#define PQ_PRUNED_H
#include "reader.h"

/* As pq_batch_next. A batch ends where it would without the filter, or earlier. */
int pq_pruned_next(struct pq_reader *r, struct sluice_batch *out, struct sluice_error *err);
/* One line for the log, of what was not read. */
void pq_pruned_log(const struct pq_reader *r);

#endif
