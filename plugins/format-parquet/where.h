/* The tests of a scan's `where` that can be answered by statistics: of columns that are not in lists. */
#ifndef PQ_WHERE_H
#define PQ_WHERE_H
#include "page_index.h"
#include "shape.h"

struct pq_test {
  int32_t leaf, column; /* among the leaves of the file; among those to be read */
  enum sluice_compare compare;
  struct sluice_type type; /* as it is compared */
  struct pq_store store;
  int32_t physical;
  bool real, nullable;
  bool ordered;                       /* bounds are told in the order in which values are compared here */
  bool old_order;                     /* so are those of the deprecated fields */
  struct sluice_comparison *of_least; /* what the least value must be; NULL: anything */
  struct sluice_comparison *of_most;
  struct sluice_comparison *equal; /* EQUAL: the test itself, for its literal */
};
struct pq_where {
  struct pq_test *tests;
  int32_t n;
};

/* Takes the tests that statistics can answer; none may be left. */
int pq_where_init(struct pq_where *w, const struct sluice_where *where, const struct pq_footer *f,
                  const struct pq_shape *shape, const char *part, struct sluice_error *err);
void pq_where_finish(struct pq_where *w);

/* May the test be true of any of `rows` values with these bounds? */
bool pq_test_may(const struct pq_test *t, const struct pq_page_bounds *bounds, int64_t rows);
/* The bounds of a whole chunk, as far as they can be relied on. */
struct pq_page_bounds pq_test_bounds(const struct pq_test *t, const struct pq_chunk *chunk, int64_t rows);
/* The literal of a test for equality as the file would have it; `room` has 32 bytes. False: it cannot be told. */
bool pq_test_plain(const struct pq_test *t, uint8_t *room, struct pq_slice *out);

#endif
