/* One libcurl easy handle, used for one request after the other. */
#ifndef SINK_HTTP_TRANSFER_H
#define SINK_HTTP_TRANSFER_H
#include "answer.h"
#include "request.h"

enum { TRANSFER_LINES = 4 };

struct transfer {
  CURL *easy;
  struct request *request; /* NULL: free, or none of a window's */
  size_t lines;            /* header lines of its own, which stand before the target's */
  struct curl_slist line[TRANSFER_LINES], *headers;
  char key_text[REQUEST_KEY_SIZE + 256], authorization_text[TARGET_SECRET_SIZE + 32];
  char operation_text[48], generation_text[48];
  char problem[CURL_ERROR_SIZE];
  int64_t deadline;
  struct answer answer;
};

/* MEMORY, or CONFIG: libcurl refuses an option. */
int transfer_init(struct transfer *, const struct target *, struct sluice_error *err);
void transfer_finish(struct transfer *);
/* Begins the list of headers with the target's, which are `base`, and the secrets as they are now. */
int transfer_headers(struct transfer *, const struct target *, struct curl_slist *base, struct sluice_error *err);
/* Adds a line, which stays where it is until the transfer ends. */
void transfer_line(struct transfer *, const char *text);
/* Where it goes to and what it says; data NULL: no body. After the headers. */
int transfer_point(struct transfer *, const struct endpoint *, const char *url, const void *data, size_t size,
                   struct sluice_error *err);
/* Points the handle to the request's bytes, which stay where they are until transfer_end. */
int transfer_begin(struct transfer *, const struct target *, int64_t generation, struct request *,
                   struct sluice_error *err);
/* Takes status and headers of the answer, forgets secrets and the request. */
void transfer_end(struct transfer *);

#endif
