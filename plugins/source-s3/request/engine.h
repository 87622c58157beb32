/* The I/O threads of a source: each runs calls on one curl multi handle, tries again, and stops at cancel. */
#ifndef S3_ENGINE_H
#define S3_ENGINE_H
#include "request/buffers.h"
#include "request/call.h"

struct engine;
enum { ENGINES_MAX = 32 };
struct engines {        /* zeroed is empty */
  pthread_mutex_t lock; /* of count, against a wake while they end */
  struct engine *items[ENGINES_MAX];
  size_t count;
  bool made;
  struct buffers *buffers; /* of range_size */
  atomic_uint turn;
};
/* Starts the threads; the client's `ready` is theirs from now on. Borrows the client. */
int engines_create(struct engines *engines, struct client *client, struct sluice_error *err);
void engines_destroy(struct engines *engines);        /* ends the threads; takes an empty one */
void engines_finish(struct engines *engines);         /* after that, and after the client is finished */
struct engine *engines_next(struct engines *engines); /* each in turn; [any] */

/* connections: most at once. */
int engine_create(struct client *client, int connections, struct engine **out, struct sluice_error *err);
void engine_destroy(struct engine *engine); /* ends the thread; calls not done end as cancelled; takes NULL */
void engine_wake(struct engine *engine);    /* credentials came, or failed to: calls that wait for them go on; [any] */

void engine_submit(struct engine *engine, struct call *call); /* takes a reference of its own */
/* A paused call goes on; one that is not will not pause for what made it so. Takes a call that is done. */
void engine_resume(struct engine *engine, struct call *call);
void engine_abandon(struct engine *engine,
                    struct call *call); /* its owner no longer wants it; keeps the owner's reference */

void engine_lock(struct engine *engine);
void engine_unlock(struct engine *engine);
/* Locked. Waits until something about the call changed, or a moment has passed. CANCELLED: the host wants us to stop.
 */
int engine_wait(struct engine *engine, struct call *call, struct sluice_error *err);
/* Not locked. Waits until the call is done; returns its status and error. */
int engine_finish_call(struct engine *engine, struct call *call, struct sluice_error *err);
void call_copy_error(const struct call *call, struct sluice_error *err); /* locked; the first error wins */

#endif
