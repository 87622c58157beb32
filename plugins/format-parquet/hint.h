/* What the writer's Arrow schema adds to the types: time zones, durations, offsets of 64 bits. */
#ifndef PQ_HINT_H
#define PQ_HINT_H
#include "footer.h"

/* Where the file carries the schema of its writer (ARROW:schema), fields that fit it take their time zone, their
 * being a duration, or their large form from it. A schema that cannot be read, or does not fit, changes nothing. */
int pq_hint_apply(const struct pq_footer *f, struct ArrowSchema *schema);

#endif
