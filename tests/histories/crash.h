/* Crash points: the process ends in, before or behind the n-th durable operation, whoever does it. */
#ifndef HISTORIES_CRASH_H
#define HISTORIES_CRASH_H
#include "core/run/stop.h"
#include "world.h"

enum { CRASHED = 77 }; /* exit status */
/* From now on operations of this process count, as world->crash_* says. stop: for CRASH_STOP. */
void crash_arm(struct world *, struct stop *stop);

#endif
