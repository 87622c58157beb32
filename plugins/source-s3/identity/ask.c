/* One question to a service that gives credentials, asked again where that may help. */
#include "identity/ask.h"
#include "identity/json.h"
#include <openssl/rand.h>
#include <string.h>

static bool worth_another(int http) {
  return http == 408 || http == 429 || http >= 500;
}

static int once(const struct world *world, const struct ask *ask, const struct http_request *request,
                struct http_answer *out, struct sluice_error *err) {
  struct sluice_error own = {.message = ""};
  struct http_answer answer = {.date = -1};
  int status = world->send(world->context, request, &answer, &own);
  if (status != SLUICE_OK)
    return sluice_fail(err, status, own.where, "%s: %s", ask->step, own.message);
  *out = answer;
  return SLUICE_OK;
}

int ask_send(const struct world *world, const struct ask *ask, struct http_request *request, struct http_answer *out,
             struct sluice_error *err) {
  request->connect_timeout_ms = ask->connect_timeout_ms;
  request->timeout_ms = ask->timeout_ms;
  for (int i = 1;; i++) {
    struct sluice_error own = {.message = ""};
    struct http_answer answer = {.date = -1};
    int status = once(world, ask, request, &answer, &own);
    bool more = status == SLUICE_ERR_RETRY || (status == SLUICE_OK && worth_another(answer.status));
    if (status == SLUICE_OK && (!more || i >= ask->attempts)) {
      *out = answer;
      return SLUICE_OK;
    }
    http_answer_finish(&answer);
    if (!more || i >= ask->attempts)
      return sluice_fail(err, status, own.where, "%s (%d attempts)", own.message, i);
    status = world->pause(world->context, ask->pause_ms, err);
    if (status != SLUICE_OK)
      return status;
  }
}

/* What the service says, but nothing where it repeats what it was sent in trust. */
static void read_complaint(const struct ask *ask, const struct http_answer *answer, char *out, size_t size) {
  const char *body = text_get(&answer->body);
  json_complaint(body, answer->body.size, out, size);
  for (size_t i = 0; i < sizeof ask->secrets / sizeof *ask->secrets; i++) {
    const char *secret = ask->secrets[i];
    if (secret && *secret && memmem(body, answer->body.size, secret, strlen(secret)))
      snprintf(out, size, "with a text that repeats a secret, and so is not shown");
  }
}

int ask_refused(const struct ask *ask, const struct http_answer *answer, int code, const char *advice,
                struct sluice_error *err) {
  char complaint[300];
  read_complaint(ask, answer, complaint, sizeof complaint);
  if (worth_another(answer->status)) {
    code = SLUICE_ERR_RETRY;
    advice = "the service is away or busy";
  }
  if (err && !err->message[0])
    err->detail = answer->status;
  return sluice_fail(err, code, "", "%s: HTTP %d%s%s; %s", ask->step, answer->status, complaint[0] ? ", " : "",
                     complaint, advice);
}

int64_t ask_issuer_now(const struct world *world, const struct http_answer *answer) {
  return answer->date >= 0 ? answer->date : world->now(world->context);
}

int64_t ask_jitter(int64_t milliseconds) {
  unsigned char byte = 128;
  (void)RAND_bytes(&byte, 1); /* where it fails, a fixed pause will do */
  return milliseconds / 2 + milliseconds / 2 * byte / 255;
}
