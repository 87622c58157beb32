/* What a walk asks for before it gets there. */
#ifndef S3_AHEAD_H
#define S3_AHEAD_H
#include "list/walk.h"

void ahead_fetch(struct walk *walk);             /* waits for nothing */
size_t ahead_in_flight(const struct walk *walk); /* pages that are under way */

#endif
