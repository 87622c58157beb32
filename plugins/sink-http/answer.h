/* What an answer means for its request. */
#ifndef SINK_HTTP_ANSWER_H
#define SINK_HTTP_ANSWER_H
#include "target.h"

enum verdict {
  VERDICT_DELIVERED,
  VERDICT_AGAIN,    /* the same request again, later */
  VERDICT_SLOWER,   /* the same, and no other request before it either */
  VERDICT_AUTH,     /* hold the job */
  VERDICT_HALVE,    /* too large, or a bad record among the others */
  VERDICT_REDIRECT, /* not followed */
  VERDICT_REFUSED   /* the configuration does not fit the server */
};
enum { ANSWER_KEPT = 1024, ANSWER_TEXT_SIZE = 512 };

struct answer {
  long status;
  char retry_after[64], location[512];
  size_t size;
  char text[ANSWER_KEPT]; /* the start of what it said; no NUL at its end */
};

enum verdict answer_verdict(long status);
/* No answer came, and none will without another configuration. */
bool answer_is_config_problem(CURLcode);
/* "302 to https://..." without what the Location may hold of secrets. */
void answer_redirect(const struct target *, const struct answer *, char out[ENDPOINT_NAME_SIZE + 32]);
/* "413: {"error": ...}" for people: the first 200 bytes on one line, secrets masked. */
void answer_describe(const struct target *, const struct answer *, char out[ANSWER_TEXT_SIZE]);

#endif
