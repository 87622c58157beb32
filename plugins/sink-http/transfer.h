/* One libcurl easy handle, used for one request after the other. */
#ifndef SINK_HTTP_TRANSFER_H
#define SINK_HTTP_TRANSFER_H
#include "answer.h"
#include "request.h"

struct transfer {
  CURL *easy;
  struct request *request;              /* NULL: free */
  struct curl_slist key, authorization; /* stand before the target's headers */
  char key_text[SLUICE_KEY_SIZE + 256], authorization_text[TARGET_SECRET_SIZE + 32];
  char problem[CURL_ERROR_SIZE];
  int64_t deadline;
  struct answer answer;
};

/* MEMORY, or CONFIG: libcurl refuses an option. */
int transfer_init(struct transfer *, const struct target *, struct sluice_error *err);
void transfer_finish(struct transfer *);
/* Headers with the secrets as they are now; key "" sends none. */
int transfer_headers(struct transfer *, const struct target *, const char *key, struct sluice_error *err);
/* Points the handle to the request's bytes, which stay where they are until transfer_end. */
int transfer_begin(struct transfer *, const struct target *, struct request *, struct sluice_error *err);
/* Takes status and headers of the answer, forgets secrets and the request. */
void transfer_end(struct transfer *);

#endif
