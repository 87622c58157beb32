/* Records of two columns, id and v, with operations; and the table that they must leave. */
#ifndef TEST_HTTP_THINGS_H
#define TEST_HTTP_THINGS_H
#include "sender.h"

enum { THINGS = 40 };

struct thing {
  int id; /* -1: null; -2: empty; -3: a text of dots */
  int v;
  uint8_t op;
};
struct model {
  int v[THINGS]; /* 0: it is not there */
};

const struct ArrowSchema *things_schema(void); /* one for the whole test */
void things_forget(void);
/* Makes a batch; ops live as long as `things` does. */
struct sluice_batch things_batch(int64_t seq, int64_t first_row, const struct thing *things, int64_t n, uint8_t *ops);
void model_apply(struct model *, const struct thing *things, int64_t n);
/* Fails the test if the receiver's table is another. */
void model_check(const struct model *, const struct receiver *);
/* A sender of such records, to /things, and /things/{id} for updates and deletes where `by_url`. */
void things_init(struct sender *, const struct receiver *);
void things_by_url(struct sender *);
void things_by_key(struct sender *);

#endif
