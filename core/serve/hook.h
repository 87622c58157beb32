/* `on_run_end`: telling a program or a URL how a run ended, each in a process of its own. What fails there is logged
 * and changes nothing. */
#ifndef SERVE_HOOK_H
#define SERVE_HOOK_H
#include "core/config/run_end.h"
#include "core/serve/result.h"

enum { HOOKS_MAX = 64 };
struct hooks { /* zeroed: none is at work */
  struct hook {
    pid_t pid; /* 0: free; the leader of a process group */
    char job[72];
    const char *what; /* "command" or "url" */
    int64_t deadline; /* monotonic ms */
    bool late;        /* it was killed for that */
  } items[HOOKS_MAX];
};
/* Starts what is configured for such an end. config NULL: nothing. */
void hooks_start(struct hooks *, const char *job, const struct config_run_end *config, const struct serve_result *);
void hooks_reap(struct hooks *);     /* sees who ended, and ends who takes too long */
void hooks_kill_all(struct hooks *); /* the program ends */
size_t hooks_count(const struct hooks *);

/* ---- hook_process.c: what runs in the new process ---- */
_Noreturn void hook_command(const struct config_run_end *, const struct serve_result *, const char *job,
                            const char *summary, pid_t parent);
_Noreturn void hook_url(const struct config_run_end *, const char *job, const char *summary, pid_t parent);

#endif
