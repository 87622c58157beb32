/* By which columns the records of a delivery are known, as its ledger has it. */
#include "core/run/row_keys.h"
#include "core/log/log.h"
#include <jansson.h>
#include <stdlib.h>

static char *columns_of(const struct config_job *job) {
  json_t *columns = json_array();
  int failed = !columns;
  for (size_t i = 0; i < job->sync.n_keys && !failed; i++)
    failed = json_array_append_new(columns, json_string(job->sync.keys[i]));
  char *text = failed ? NULL : json_dumps(columns, JSON_COMPACT);
  json_decref(columns);
  return text;
}

static void say(const struct run_state *state, const char *former, const char *now) {
  char was[256] = "";
  if (strcmp(former, "?") != 0)
    snprintf(was, sizeof was, " by %.200s", former);
  if (now)
    log_write(SLUICE_INFO, state->job->name,
              "sync.key: records were known%s and are by %.200s now, so each counts as new until it is sent", was, now);
  else
    log_write(SLUICE_INFO, state->job->name,
              "sync.key: records were known%s and are known by nothing now; should they be again, each counts as new",
              was);
}

int row_keys_settle(struct run_state *state, int64_t delivery, struct sluice_error *err) {
  bool by_row = state->job->sync.n_keys > 0;
  char *columns = by_row ? columns_of(state->job) : NULL, *former = NULL;
  int code = by_row && !columns ? SLUICE_ERR_MEMORY : SLUICE_OK;
  if (!code)
    code = ledger_rows_by(state->ledger, delivery, columns, &former, err);
  if (former)
    say(state, former, columns);
  bool any = false;
  if (!code && by_row)
    code = ledger_rows_any(state->ledger, delivery, &any, err);
  if (any) /* not of streams that come while workers run */
    state->rows_known = true;
  free(former);
  free(columns);
  return sluice_fail(err, code, state->job->name, "no memory for the names of key columns");
}
