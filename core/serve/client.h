/* Asking a `sluice serve` that is at work. */
#ifndef SERVE_CLIENT_H
#define SERVE_CLIENT_H
#include "core/serve/request.h"
#include <jansson.h>

/* NOT_FOUND: nobody serves there. AUTH: the file's permissions keep us out. DATA: the answer is none. RETRY: no answer
 * in time. *answer is an object with a bool "ok". A `stop` is answered when the program has ended. */
int client_ask(const char *path, const struct request *, json_t **answer, struct sluice_error *err);

#endif
