/* The deflate decoder of gzip and zip. Private to core/input. */
#ifndef SLUICE_CORE_INPUT_INFLATE_H
#define SLUICE_CORE_INPUT_INFLATE_H
#include "core/input/codec.h"
#include <isa-l.h>

struct inflate {
  struct inflate_state state;
  int64_t at, high; /* where it is in the input, and how far it ever was */
  int idle;         /* steps in a row that neither got further nor made anything */
};
void inflate_begin(struct inflate *, uint32_t wrapper /* ISAL_GZIP or ISAL_DEFLATE */);
/* Behind the end of a member: forgets it, and takes the next one. */
void inflate_again(struct inflate *);
bool inflate_some(struct inflate *, struct codec_step *);
bool inflate_ended(const struct inflate *);

#endif
