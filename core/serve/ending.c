/* The end of the program: every run comes to a checkpoint, or is cut off where that takes too long. */
#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/serve/server.h"

enum { HURRY_MS = 3500, KILL_MS = 4800 };

static void hurry(struct server *server) {
  server->hurried = true;
  for (size_t i = 0; i < server->n_jobs; i++)
    if (server->jobs[i]->process.pid && server->jobs[i]->kept.machine.run != RUN_IDLE)
      process_tell(&server->jobs[i]->process, "now");
}

static void kill_all(struct server *server) {
  server->killed = true;
  hooks_kill_all(&server->hooks);
  for (size_t i = 0; i < server->n_jobs; i++)
    if (server->jobs[i]->process.pid) {
      log_write(SLUICE_WARN, server->jobs[i]->kept.name, "its process did not end in time and is killed");
      process_kill(&server->jobs[i]->process);
    }
}

void ending_start(struct server *server) {
  if (server->ending) { /* a second signal */
    if (server->hurried)
      kill_all(server);
    else
      hurry(server);
    return;
  }
  server->ending = true;
  notify_stopping(&server->notify);
  server->ending_since = clock_monotonic_ms();
  for (size_t i = 0; i < server->n_jobs; i++) {
    struct served *served = server->jobs[i];
    if (machine_stop(&served->kept.machine, STOP_ENDING))
      runs_drain(served);
  }
}

void ending_step(struct server *server) {
  int64_t ms = clock_monotonic_ms() - server->ending_since;
  if (!server->ending)
    return;
  if (ms > HURRY_MS && !server->hurried)
    hurry(server);
  if (ms > KILL_MS && !server->killed)
    kill_all(server);
}

bool ending_over(const struct server *server) {
  for (size_t i = 0; i < server->n_jobs; i++)
    if (server->jobs[i]->process.pid)
      return false;
  return server->ending && hooks_count(&server->hooks) == 0;
}
