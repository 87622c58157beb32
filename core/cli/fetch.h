/* All bytes of an input to a descriptor, as they are stored. */
#ifndef CLI_FETCH_H
#define CLI_FETCH_H
#include "core/cli/descriptor.h"

/* `name` is for the status line on a terminal, and for messages. *bytes: how many were written, also on an error. DATA:
 * the input ends before its size. */
int fetch_input(struct sluice_input *, const char *name, struct descriptor *, int64_t *bytes, struct sluice_error *err);

#endif
