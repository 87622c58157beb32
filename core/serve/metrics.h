/* Numbers of what is served, for Prometheus: as text 0.0.4 or OpenMetrics 1.0, over HTTP. */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H
#include "core/serve/job.h"
#include "core/serve/polls.h"

enum metrics_form { METRICS_PROMETHEUS, METRICS_OPENMETRICS };
struct metrics_view { /* what is shown; borrowed */
  struct served *const *jobs;
  size_t n_jobs;
  int64_t started_us, reloads;
  bool reload_failed;
};
/* MEMORY. */
int metrics_text(const struct metrics_view *, enum metrics_form, struct text *out);
/* By the Accept header of a request; NULL: it had none. */
enum metrics_form metrics_form(const char *accept);

struct metrics_server;
typedef void metrics_view_fn(void *context, struct metrics_view *out);
/* address: "127.0.0.1:9464", "[::1]:9464", ":9464" (loopback). CONFIG: it is none, or cannot be had. */
int metrics_open(const char *address, metrics_view_fn *view, void *context, struct metrics_server **out,
                 struct sluice_error *err);
void metrics_poll(struct metrics_server *, struct polls *); /* NULL: nothing */
int metrics_wait_ms(const struct metrics_server *, int ms); /* ms, or less where it has to be called before */
void metrics_run(struct metrics_server *);
void metrics_close(struct metrics_server *); /* takes NULL */

#endif
