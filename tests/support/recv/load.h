/* The files of an earlier run. */
#ifndef RECV_LOAD_H
#define RECV_LOAD_H
#include "store.h"

/* Makes keys, counts and state as the open files tell; cuts what a kill left half written. Prints what is wrong. */
bool load_all(struct store *, const char *index, const char *steps);

#endif
