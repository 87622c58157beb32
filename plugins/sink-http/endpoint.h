/* A place that requests go to: method, URL and its name for messages. */
#ifndef SINK_HTTP_ENDPOINT_H
#define SINK_HTTP_ENDPOINT_H
#include "options.h"
#include "url_template.h"
#include <stdbool.h>

enum { ENDPOINT_NAME_SIZE = 224 };

struct endpoint {
  struct url_template url;       /* url.text NULL: there is no such place */
  const char *option, *method;   /* option: that has the URL */
  char name[ENDPOINT_NAME_SIZE]; /* the URL for messages: no user, no query */
};

/* CONFIG: the text is not a URL as it should be. Warns where a secret would be sent without encryption. */
int endpoint_init(struct endpoint *, const struct sluice_host *, const struct http_options *, const char *option,
                  const char *url, const char *method, struct sluice_error *err);
void endpoint_finish(struct endpoint *); /* takes a zeroed one */
/* Writes a URL as it may be shown; false: it is none. */
bool endpoint_show(const char *url, char *out, size_t size);
const char *endpoint_method(enum http_method);

#endif
