/* One question to a service that gives credentials, asked again where that may help. Private to identity. */
#ifndef S3_ASK_H
#define S3_ASK_H
#include "identity/world.h"

struct ask {        /* borrows all */
  const char *step; /* "container credentials from http://...", for messages */
  int attempts;     /* in all */
  int64_t pause_ms; /* between two */
  int64_t connect_timeout_ms, timeout_ms;
  const char *secrets[3]; /* what is sent, and shall not be told where an answer repeats it; NULL: none */
};

/* OK: an answer came that another attempt would not better, of any status. RETRY: the service is away. */
int ask_send(const struct world *world, const struct ask *ask, struct http_request *request, struct http_answer *out,
             struct sluice_error *err);
/* err for an answer that is not 200: what the service says, and the advice. Returns the code. */
int ask_refused(const struct ask *ask, const struct http_answer *answer, int code, const char *advice,
                struct sluice_error *err);
/* The issuer's clock as the answer has it, or ours. */
int64_t ask_issuer_now(const struct world *world, const struct http_answer *answer);

int64_t ask_jitter(int64_t milliseconds); /* half to all of it: many do not come back at once */

#endif
