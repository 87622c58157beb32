/* What comes in over the control socket: one JSON object a line. */
#ifndef SERVE_REQUEST_H
#define SERVE_REQUEST_H
#include <sluice/sdk.h>

enum request_kind {
  REQUEST_STATUS,
  REQUEST_PAUSE,
  REQUEST_RESUME,
  REQUEST_CANCEL,
  REQUEST_RUN_NOW,
  REQUEST_DELETE,
  REQUEST_RELOAD,
  REQUEST_STOP,
  REQUEST_KINDS
};
struct request {
  enum request_kind kind;
  char job[72]; /* "": all */
};
const char *request_name(enum request_kind); /* "run-now" */
/* {"do": "pause", "job": "clicks"}. CONFIG: it is no request, and err says why. */
int request_parse(const char *line, struct request *out, struct sluice_error *err);

#endif
