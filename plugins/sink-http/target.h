/* Where requests go: the checked options, ready for use. One for each instance; its writers only read it. */
#ifndef SINK_HTTP_TARGET_H
#define SINK_HTTP_TARGET_H
#include "endpoint.h"
#include <curl/curl.h>
#include <sluice/services.h>
#include <stdbool.h>

enum { TARGET_SECRET_SIZE = 8192 };
enum target_step { TARGET_BEGIN, TARGET_COMMIT, TARGET_ABORT, TARGET_CURRENT, TARGET_STEPS };

struct target {
  const struct sluice_host *host;
  const struct http_options *options;
  struct sluice_counter requests, retries; /* set by who opened it */
  const char *name;                        /* of the first place, for messages that are about none of them */
  struct endpoint url, own[3], steps[TARGET_STEPS];
  const struct endpoint *records[3];         /* by enum sluice_op; NULL: such records are refused */
  struct curl_slist *headers, *bare_headers; /* the same for each request; bare: for those without a body */
};

int target_init(struct target *, const struct sluice_host *, const struct http_options *, struct sluice_error *err);
void target_finish(struct target *);
/* Says why records of this operation are refused, and what to set. */
int target_refuses(const struct target *, int op, struct sluice_error *err);
/* Puts stars over every secret and header value of the configuration that the text holds. */
void target_mask(const struct target *, char *text);
/* Reads a secret that must be one line. */
int target_secret(const struct target *, struct sluice_secret, const char *option, char out[TARGET_SECRET_SIZE],
                  struct sluice_error *err);

#endif
