/* How a run ended: what a child tells, what is remembered, shown and handed to `on_run_end`. */
#ifndef SERVE_RESULT_H
#define SERVE_RESULT_H
#include "core/run/run.h"
#include <jansson.h>

struct serve_result {
  char outcome[24]; /* a run_outcome_name, "cancelled", "paused", "crashed" or "hung"; "": there was none */
  char where[224], message[768];
  char part[WATCH_NAME];  /* at which a child died; "" where it is not known */
  char rejects[4096];     /* path of the reject file; "": none */
  int64_t started, ended; /* microseconds since 1970 */
  int64_t milliseconds, stage_us[STAGES];
  int64_t requests, retries, credential_requests; /* that plugins counted */
  struct ledger_counters counters;
  int64_t lag_files, lag_bytes; /* listed, and not delivered when it ended */
  int64_t suspects;             /* 1: what it was at may be why its process died, and is tried alone by the next run */
};
/* What a pass gave; the times are the caller's. */
void serve_result_take(struct serve_result *, const struct run_result *);
json_t *serve_result_json(const struct serve_result *); /* NULL: no memory */
/* What is missing is empty or 0; texts are cut to their room. False: a member is of another kind. */
bool serve_result_parse(const json_t *, struct serve_result *out);

#endif
