/* sluice.check/1 of the HTTP sink. */
#ifndef SINK_HTTP_CHECK_H
#define SINK_HTTP_CHECK_H
#include "target.h"

/* Connects and asks with HEAD, which changes nothing; any answer but 401 and 403 is well. */
int http_check(const struct target *, char *found, size_t size, struct sluice_error *err);

#endif
