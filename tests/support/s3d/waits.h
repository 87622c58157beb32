/* Connections that are put to sleep, and the one thread that wakes them. */
#ifndef S3D_WAITS_H
#define S3D_WAITS_H
#include <stdbool.h>
#include <stdint.h>

struct MHD_Connection;
struct waits; /* [any thread] */

struct waits *waits_create(void);
/* Wakes all; from then on waits_sleep refuses. Call it before the daemon is stopped. */
void waits_stop(struct waits *w);
void waits_destroy(struct waits *w);

/* Suspends the connection for so long; false when it did not: the server ends, or there is nothing to wait for. */
bool waits_sleep(struct waits *w, struct MHD_Connection *connection, int64_t ms);
#endif
