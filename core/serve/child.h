/* The process of one job: it alone loads plugins, and keeps the job open from run to run. */
#ifndef SERVE_CHILD_H
#define SERVE_CHILD_H
#include "core/serve/serve.h"

struct child {
  int fd; /* to the supervisor */
  struct watch *watch;
  const struct serve_world *world;
  const struct config *config;
  const struct config_job *job;
};
/* Runs in the new process, right after the fork, until it is told to quit or the supervisor is gone. It hears
 * {"do":"run", "blame": bool, "avoid": [{"part", "version"}, ...]} (run_session_blame, run_session_avoid) and
 * {"do":"drain"|"now"|"quit"}, and tells {"event":"ended", ...}, the members of a serve_result, after each run. */
_Noreturn void child_main(const struct child *, pid_t parent);

#endif
