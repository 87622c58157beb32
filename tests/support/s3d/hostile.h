/* Answers that no HTTP library writes: they are put on the wire byte by byte, without end, by threads of their own. */
#ifndef S3D_HOSTILE_H
#define S3D_HOSTILE_H
#include <stdbool.h>

struct MHD_Connection;
struct hostile; /* [any thread] */

bool hostile_is_known(const char *kind);
struct hostile *hostile_create(void);
/* Ends all threads; from then on hostile_start refuses. Call it before the daemon is stopped. */
void hostile_stop(struct hostile *h);
void hostile_destroy(struct hostile *h);

/* Suspends the connection, and wakes it once the other side has gone. false: too many at once, or the server ends. */
bool hostile_start(struct hostile *h, struct MHD_Connection *connection, const char *kind);

#endif
