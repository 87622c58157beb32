/* The supervisor: what its parts share. One thread, one loop; only children load plugins. */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H
#include "core/serve/check.h"
#include "core/serve/control.h"
#include "core/serve/hook.h"
#include "core/serve/job.h"
#include "core/serve/metrics.h"
#include "core/serve/notify.h"

struct server {
  const struct serve_world *world;
  struct config *config;
  struct store store;
  struct served **jobs; /* by name */
  size_t n_jobs;
  struct polls polls;
  struct control control;
  struct metrics_server *metrics; /* NULL: none */
  struct hooks hooks;
  struct notify notify;
  void (*checked)(struct server *, int wait_status);
  struct check check;      /* of a configuration */
  bool reload_again;       /* another one was asked for meanwhile */
  char plugins[HASH_SIZE]; /* of the plugins in use */
  char reload_error[1024]; /* why the last reload was refused; "" */
  int64_t reloads, started_us;
  int signals;          /* signalfd */
  bool ending;          /* SIGTERM came */
  int64_t ending_since; /* monotonic ms */
  bool hurried;         /* all were told to end at once */
  bool killed;
};

/* ---- runs.c ---- */
void runs_look(struct server *,
               struct served *); /* starts a run if one is due, ends what hangs, replaces what is old */
void runs_hear(struct server *, struct served *);                  /* its process may have said something */
void runs_lost(struct server *, struct served *, int wait_status); /* its process is gone */
void runs_drain(struct served *);                                  /* its active run is to end at a checkpoint */
/* Durable, or false, and that is said. */
bool runs_save(struct server *, struct served *);

/* ---- jobs.c ---- */
int jobs_load(struct server *, struct sluice_error *err); /* of the configuration and the store */
struct served *jobs_find(const struct server *, const char *name);
/* Takes the configuration on OK; on an error nothing changed. */
int jobs_reconfigure(struct server *, struct config *, struct sluice_error *err);
void jobs_sweep(struct server *); /* those that the configuration no longer has and that have ended */
void jobs_finish(struct server *);

/* ---- ending.c ---- */
void ending_start(struct server *);
void ending_step(struct server *); /* hurries and kills by the clock */
bool ending_over(const struct server *);

/* ---- reload.c ---- */
json_t *reload_start(struct server *); /* NULL: the answer comes later */
void reload_checked(struct server *, int wait_status);

/* ---- commands.c ---- */
json_t *commands_take(void *server, const struct request *);

#endif
