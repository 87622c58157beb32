/* The body of a message: the stretches of it that are wanted, in memory. */
#ifndef ARROW_BODY_H
#define ARROW_BODY_H
#include "hold.h"
#include "message.h"

struct arrow_stretch {
  int64_t start, end; /* within the body */
  const uint8_t *data;
};
struct arrow_body {
  struct arrow_stretch *stretches; /* rising, apart from one another */
  size_t count;
};
/* Reads these stretches, which may overlap and come in any order, and reads on over small gaps. The list is the
 * caller's and is sorted. What is read belongs to the hold. */
int arrow_body_read(const struct arrow_source *source, const struct arrow_message *message,
                    struct arrow_stretch *wanted, size_t count, struct arrow_hold *hold, struct arrow_body *out,
                    struct sluice_error *err);
void arrow_body_finish(struct arrow_body *body);
/* n bytes at an offset; NULL: they were not wanted. */
const uint8_t *arrow_body_at(const struct arrow_body *body, int64_t offset, int64_t n);

#endif
