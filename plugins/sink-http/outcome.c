/* From an answer to its consequence: delivered, again later, halves, a reject, or the end of the run. */
#include "outcome.h"
#include "cut.h"
#include "retry.h"
#include <time.h>

enum { NOTED_ATTEMPT = 3 }; /* the user is told once that a server fails */

static void fail_memory(struct window *window) {
  struct sluice_error error = {0};
  sluice_fail(&error, SLUICE_ERR_MEMORY, window->target->name, "no memory for a request");
  window_fail(window, SLUICE_ERR_MEMORY, &error);
}

static void spend(struct window *window, const struct request *request, int64_t now, int64_t delay, const char *why) {
  struct sluice_error error = {0};
  sluice_fail(&error, SLUICE_ERR_RETRY, request->place->name, "not delivered after %lld attempts in %lld s; last: %s",
              (long long)request->attempts, (long long)((now - request->first_try) / 1000), why);
  error.retry_ms = delay > RETRY_FIRST_MS ? delay : RETRY_FIRST_MS;
  window_fail(window, SLUICE_ERR_RETRY, &error);
}

/* The same bytes under the same key again: after `asked` ms if the server said so (-1: it did not). */
static void try_later(struct window *window, struct request *request, int64_t asked, bool all, const char *why) {
  const struct http_options *options = window->target->options;
  int64_t now = retry_now_ms();
  int64_t delay = asked >= 0 ? asked : retry_delay_ms(request->attempts, retry_random(&window->random));
  request->not_before = now + delay;
  if (all && request->not_before > window->pause_until)
    window->pause_until = request->not_before;
  int level = request->attempts == NOTED_ATTEMPT ? SLUICE_WARN : SLUICE_DEBUG;
  sluice_log(window->target->host, level, "%s: attempt %lld failed, next in %lld ms: %s", request->place->name,
             (long long)request->attempts, (long long)delay, why);
  if (request->attempts >= options->max_attempts || now + delay - request->first_try > options->retry_for)
    spend(window, request, now, delay, why);
}

/* The one record of this request is what the server does not take. */
static void reject(struct window *window, struct request *request, const char *why) {
  struct sluice_error error = {0};
  char reason[ANSWER_TEXT_SIZE + ENDPOINT_NAME_SIZE + 32];
  snprintf(reason, sizeof reason, "%s answered %s", request->place->name, why);
  struct sluice_reject record = {.struct_size = sizeof record,
                                 .attempts = (uint32_t)request->attempts,
                                 .seq = request->mark.seq,
                                 .row = body_first_record(&request->body),
                                 .offset = -1,
                                 .reason = reason};
  int status = window->rejects ? window->rejects->add(window->rejects, &record, &error) : SLUICE_ERR_DATA;
  if (status != SLUICE_OK) {
    sluice_fail(&error, status, request->place->name, "a record was refused: %s", why);
    window_fail(window, status, &error);
    return; /* it stays in the window: it is not delivered */
  }
  window_remove(window, request);
}

static int make_half(struct window *window, const struct request *whole, int64_t from, int64_t to,
                     struct request **out) {
  struct request *half = NULL;
  int status = window_take(window, &whole->mark, whole->operation, &half);
  if (status != SLUICE_OK)
    return status;
  status = body_copy(&whole->body, from, to, &half->body);
  if (!keyset_copy(&whole->keys, &half->keys)) /* more keys than it has: then it waits more than it needs to */
    status = SLUICE_ERR_MEMORY;
  if (status != SLUICE_OK) {
    request_destroy(half);
    return status;
  }
  body_seal(&half->body, (enum http_body)window->target->options->body);
  *out = half;
  return SLUICE_OK;
}

/* Puts the request's two halves in its place. A half without records is nothing to send. */
static void halve(struct window *window, struct request *request, const char *why) {
  int64_t rows = request->body.rows, middle = cut_half(0, rows);
  struct request *halves[2] = {NULL, NULL};
  if (make_half(window, request, 0, middle, &halves[0]) != SLUICE_OK ||
      make_half(window, request, middle, rows, &halves[1]) != SLUICE_OK) {
    request_destroy(halves[0]);
    fail_memory(window);
    return;
  }
  for (int i = 1; i >= 0; i--) {
    if (halves[i]->body.records == 0) {
      window_recycle(window, halves[i]);
      continue;
    }
    halves[i]->next = request->next;
    request->next = halves[i];
    window->count++;
  }
  if (!window->warned)
    sluice_log(window->target->host, SLUICE_WARN, "%s: a request of %lld records is sent again in halves: %s",
               request->place->name, (long long)request->body.records, why);
  window->warned = true;
  window_remove(window, request);
}

static void refuse(struct window *window, const struct request *request, int code, long http_status,
                   const char *message, const char *why) {
  struct sluice_error error = {0};
  sluice_fail(&error, code, request->place->name, "%s: %s", message, why);
  error.detail = (int32_t)http_status;
  window_fail(window, code, &error);
}

static void refuse_redirect(struct window *window, const struct request *request, const struct answer *answer) {
  char why[ENDPOINT_NAME_SIZE + 32];
  answer_redirect(window->target, answer, why);
  refuse(window, request, SLUICE_ERR_CONFIG, answer->status, "redirects are not followed; set the URL to the new place",
         why);
}

/* The URL names one record, and the server has none there. What is to be deleted and is not there is done: perhaps an
 * attempt before did it, whose answer was lost. */
static void settle_missing(struct window *window, struct request *request, const char *why) {
  if (request->operation == SLUICE_OP_DELETE)
    window_remove(window, request);
  else
    reject(window, request, why);
}

static void judge_refusal(struct window *window, struct request *request, const struct answer *answer,
                          enum verdict verdict, const char *why) {
  bool missing = request->url.size > 0 && (answer->status == 404 || answer->status == 410);
  if (verdict == VERDICT_HALVE && request->body.records > 1)
    halve(window, request, why);
  else if (verdict == VERDICT_HALVE)
    reject(window, request, why);
  else if (missing)
    settle_missing(window, request, why);
  else if (verdict == VERDICT_AUTH)
    refuse(window, request, SLUICE_ERR_AUTH, answer->status, "not allowed; check bearer, username and password", why);
  else if (verdict == VERDICT_REDIRECT)
    refuse_redirect(window, request, answer);
  else
    refuse(window, request, SLUICE_ERR_CONFIG, answer->status,
           "the server does not take these requests; check URL and method", why);
}

static void judge(struct window *window, struct request *request, const struct answer *answer) {
  char why[ANSWER_TEXT_SIZE];
  enum verdict verdict = answer_verdict(answer->status);
  if (verdict == VERDICT_DELIVERED) {
    window_remove(window, request);
    return;
  }
  answer_describe(window->target, answer, why);
  if (verdict == VERDICT_AGAIN || verdict == VERDICT_SLOWER)
    try_later(window, request, retry_after_ms(answer->retry_after, (int64_t)time(NULL)), verdict == VERDICT_SLOWER,
              why);
  else
    judge_refusal(window, request, answer, verdict, why);
}

void outcome_apply(struct window *window, struct request *request, const struct answer *answer, CURLcode code,
                   const char *problem) {
  const char *why = problem[0] ? problem : curl_easy_strerror(code);
  if (code == CURLE_OK || answer->status >= 400) /* a refusal may come before all was sent */
    judge(window, request, answer);
  else if (answer_is_config_problem(code))
    refuse(window, request, SLUICE_ERR_CONFIG, 0, "cannot connect as configured; check url and ca_file", why);
  else
    try_later(window, request, -1, false, why);
}
