/* The I/O thread of a source: runs calls on one curl multi handle, tries again, and stops at cancel. */
#ifndef S3_ENGINE_H
#define S3_ENGINE_H
#include "request/call.h"

struct engine;
int engine_create(struct client *client, struct engine **out, struct sluice_error *err); /* borrows the client */
void engine_destroy(struct engine *engine); /* ends the thread; calls not done end as cancelled; takes NULL */

void engine_submit(struct engine *engine, struct call *call); /* takes a reference of its own */
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
