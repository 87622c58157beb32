/* Where requests go: the checked options, ready for use. One for each instance; its writers only read it. */
#ifndef SINK_HTTP_TARGET_H
#define SINK_HTTP_TARGET_H
#include "options.h"
#include <curl/curl.h>
#include <stdbool.h>

enum { TARGET_NAME_SIZE = 224, TARGET_SECRET_SIZE = 8192 };

struct target {
  const struct sluice_host *host;
  const struct http_options *options;
  char name[TARGET_NAME_SIZE]; /* the URL for messages: no user, no query */
  struct curl_slist *headers;  /* the same for each request */
};

int target_init(struct target *, const struct sluice_host *, const struct http_options *, struct sluice_error *err);
void target_finish(struct target *);
/* A URL without user, query and fragment, for messages. False: not an absolute URL. */
bool target_name(const char *url, char *out, size_t size);
/* Puts stars over every secret and header value of the configuration that the text holds. */
void target_mask(const struct target *, char *text);
/* Reads a secret that must be one line. */
int target_secret(const struct target *, struct sluice_secret, const char *option, char out[TARGET_SECRET_SIZE],
                  struct sluice_error *err);

#endif
