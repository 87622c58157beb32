/* A single request beside those of records, which waits for its answer. */
#ifndef SINK_HTTP_CALL_H
#define SINK_HTTP_CALL_H
#include "transfer.h"

/* Runs a transfer that points somewhere, once; *code says how it ended. CANCELLED. */
int call_once(const struct target *, struct transfer *, CURLcode *code, struct sluice_error *err);
/* Sends the JSON text (NULL: none) until it is answered 2xx; tries again as for records. AUTH, CONFIG: refused; RETRY:
 * the attempts are spent. */
int call_place(const struct target *, const struct endpoint *, const char *url, const char *json, struct answer *out,
               struct sluice_error *err);

#endif
