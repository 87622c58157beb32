/* A process of our own right after its fork: it lets go of what is the supervisor's. */
#ifndef SERVE_FRESH_H
#define SERVE_FRESH_H
#include <sys/types.h>

enum { FRESH_FD = 3 };
/* fd becomes FRESH_FD, which may block; every other descriptor but the standard ones is closed. Standard input is
 * empty. Signals but SIGPIPE are as at a program's start and still blocked. It ends with its parent (by `death`). */
void fresh_process(int fd, pid_t parent, int death);
void fresh_unblock(void);

#endif
