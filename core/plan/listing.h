/* The names of a source, one by one, and the first of them, from which a job's schema is inferred. */
#ifndef PLAN_LISTING_H
#define PLAN_LISTING_H
#include "core/run/component.h"

int listing_start(const struct component *source, struct sluice_error *err);
/* The next one; waits and tries again once where the source asks for it. END after the last. */
int listing_next(const struct component *source, const struct stop *, struct sluice_part *out,
                 struct sluice_error *err);

enum { FIRST_PARTS = 64 };
struct first_parts { /* zeroed is empty; texts are its own */
  struct sluice_part parts[FIRST_PARTS];
  size_t n;
};
/* Lists the source until it is full, or a run would have looked at its first page. names: how many were listed. */
int first_parts_list(const struct component *source, const struct stop *, struct first_parts *out, int64_t *names,
                     struct sluice_error *err);
/* Those that are full, or parts without bytes, change nothing. MEMORY. */
int first_parts_add(struct first_parts *, const struct sluice_part *);
void first_parts_finish(struct first_parts *);

#endif
