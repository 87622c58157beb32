/* The reader of one unit: some row groups, or all, in batches. */
#ifndef PQ_READER_H
#define PQ_READER_H
#include "late.h"
#include "prune.h"

struct pq_reader {
  const struct pq_format *format;
  struct sluice_input input;
  struct pq_footer footer;
  struct pq_shape shape;
  struct pq_fetch fetch;
  struct pq_codecs codecs;
  struct pq_leaf_context context;
  char part[224];
  int64_t batch_rows, unit_row; /* unit_row: ordinal of the unit's first record */
  int64_t row, stop;            /* the next record, and the one behind the unit's last */
  bool broken;                  /* a batch was lost in an error */
  struct pq_prune *prune;       /* NULL: all rows are wanted */
  size_t kept_at;               /* of fetch.kept: the rows that are next */
  struct pq_late *late;         /* NULL: all columns are read side by side */
};

/* The next batch of up to n rows; drop: they are decoded and thrown away. */
int pq_batch_next(struct pq_reader *r, int64_t n, bool drop, struct sluice_batch *out, struct sluice_error *err);

#endif
