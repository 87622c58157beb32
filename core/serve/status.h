/* Jobs as JSON, for `sluice status` and whoever asks over the socket. */
#ifndef SERVE_STATUS_H
#define SERVE_STATUS_H
#include "core/serve/job.h"

/* {"job", "state", "health", "run": {"state", ...}, "next", "last", "refusal", "lag", "totals"}; NULL: no memory. */
json_t *status_job(const struct served *);

#endif
