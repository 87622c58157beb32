/* One transfer with a multi handle of its own, so that a cancel ends it at once. */
#include "call.h"
#include "retry.h"
#include <poll.h>
#include <stdlib.h>

int call_once(const struct target *target, struct transfer *transfer, CURLcode *code, struct sluice_error *err) {
  const struct sluice_host *host = target->host;
  struct curl_waitfd stop = {.fd = host->cancel_fd(host), .events = CURL_WAIT_POLLIN};
  CURLM *multi = curl_multi_init();
  if (!multi || curl_multi_add_handle(multi, transfer->easy) != CURLM_OK) {
    curl_multi_cleanup(multi);
    return sluice_fail(err, SLUICE_ERR_MEMORY, target->name, "libcurl cannot start a request");
  }
  int running = 1, left = 0, status = SLUICE_OK;
  int64_t deadline = retry_now_ms() + target->options->timeout;
  while (running && status == SLUICE_OK && retry_now_ms() < deadline) {
    if (host->cancelled(host))
      status = sluice_fail(err, SLUICE_ERR_CANCELLED, target->name, "cancelled");
    curl_multi_perform(multi, &running);
    if (running && status == SLUICE_OK)
      curl_multi_poll(multi, &stop, stop.fd >= 0 ? 1 : 0, 200, NULL);
  }
  const CURLMsg *message = curl_multi_info_read(multi, &left);
  *code = message ? message->data.result : CURLE_OPERATION_TIMEDOUT;
  curl_multi_remove_handle(multi, transfer->easy);
  curl_multi_cleanup(multi);
  transfer_end(transfer);
  return status;
}

struct attempt {
  int64_t delay; /* before the next one, as asked for by the server; -1: it did not */
  char why[ANSWER_TEXT_SIZE];
};

static int refuse(const struct endpoint *place, const struct target *target, const struct answer *answer,
                  const char *why, struct sluice_error *err) {
  enum verdict verdict = answer_verdict(answer->status);
  char where[ENDPOINT_NAME_SIZE + 32];
  if (err)
    err->detail = (int32_t)answer->status;
  if (verdict == VERDICT_AUTH)
    return sluice_fail(err, SLUICE_ERR_AUTH, place->name, "not allowed; check bearer, username and password: %s", why);
  if (verdict != VERDICT_REDIRECT)
    return sluice_fail(err, SLUICE_ERR_CONFIG, place->name, "the server refuses this; check %s: %s", place->option,
                       why);
  answer_redirect(target, answer, where);
  return sluice_fail(err, SLUICE_ERR_CONFIG, place->name, "redirects are not followed; set %s to the new place: %s",
                     place->option, where);
}

/* END: to be tried again. */
static int judge(const struct target *target, const struct endpoint *place, const struct transfer *transfer,
                 CURLcode code, struct attempt *attempt, struct sluice_error *err) {
  const struct answer *answer = &transfer->answer;
  attempt->delay = -1;
  if (code != CURLE_OK && answer->status < 400) {
    const char *problem = transfer->problem[0] ? transfer->problem : curl_easy_strerror(code);
    snprintf(attempt->why, sizeof attempt->why, "%s", problem);
    if (!answer_is_config_problem(code))
      return SLUICE_END;
    return sluice_fail(err, SLUICE_ERR_CONFIG, place->name, "cannot connect as configured; check %s and ca_file: %s",
                       place->option, attempt->why);
  }
  enum verdict verdict = answer_verdict(answer->status);
  if (verdict == VERDICT_DELIVERED)
    return SLUICE_OK;
  answer_describe(target, answer, attempt->why);
  attempt->delay = retry_after_ms(answer->retry_after, (int64_t)time(NULL));
  if (verdict == VERDICT_AGAIN || verdict == VERDICT_SLOWER)
    return SLUICE_END;
  return refuse(place, target, answer, attempt->why, err);
}

static int try_once(const struct target *target, const struct endpoint *place, const char *url, const char *json,
                    struct transfer *transfer, struct attempt *attempt, struct sluice_error *err) {
  CURLcode code = CURLE_OK;
  int status = transfer_headers(transfer, target, target->bare_headers, err);
  if (status != SLUICE_OK)
    return status;
  if (json)
    transfer_line(transfer, "Content-Type: application/json");
  status = transfer_point(transfer, place, url, json, json ? strlen(json) : 0, err);
  if (status == SLUICE_OK)
    status = call_once(target, transfer, &code, err);
  return status == SLUICE_OK ? judge(target, place, transfer, code, attempt, err) : status;
}

static int wait_ms(const struct target *target, int64_t ms, struct sluice_error *err) {
  const struct sluice_host *host = target->host;
  int64_t until = retry_now_ms() + ms;
  struct pollfd stop = {.fd = host->cancel_fd(host), .events = POLLIN};
  for (int64_t left = ms; left > 0; left = until - retry_now_ms()) {
    if (host->cancelled(host))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, target->name, "cancelled");
    poll(&stop, stop.fd >= 0 ? 1 : 0, left < 500 ? (int)left : 500);
  }
  return SLUICE_OK;
}

static int spend(const struct endpoint *place, int64_t attempts, int64_t delay, const char *why,
                 struct sluice_error *err) {
  sluice_fail(err, SLUICE_ERR_RETRY, place->name, "no answer that counts after %lld attempts; last: %s",
              (long long)attempts, why);
  if (err)
    err->retry_ms = delay > RETRY_FIRST_MS ? delay : RETRY_FIRST_MS;
  return SLUICE_ERR_RETRY;
}

static int try_often(const struct target *target, const struct endpoint *place, const char *url, const char *json,
                     struct transfer *transfer, struct sluice_error *err) {
  const struct http_options *options = target->options;
  struct attempt attempt = {.delay = -1};
  uint64_t random = retry_seed();
  int64_t start = retry_now_ms();
  int status = SLUICE_END;
  for (int64_t n = 1; status == SLUICE_END; n++) {
    sluice_count(target->requests, 1);
    sluice_count(target->retries, n > 1);
    status = try_once(target, place, url, json, transfer, &attempt, err);
    if (status != SLUICE_END)
      return status;
    int64_t delay = attempt.delay >= 0 ? attempt.delay : retry_delay_ms(n, retry_random(&random));
    sluice_log(target->host, SLUICE_DEBUG, "%s: attempt %lld failed: %s", place->name, (long long)n, attempt.why);
    if (n >= options->max_attempts || retry_now_ms() + delay - start > options->retry_for)
      return spend(place, n, delay, attempt.why, err);
    int waited = wait_ms(target, delay, err);
    status = waited == SLUICE_OK ? SLUICE_END : waited;
  }
  return status;
}

int call_place(const struct target *target, const struct endpoint *place, const char *url, const char *json,
               struct answer *out, struct sluice_error *err) {
  struct transfer *transfer = malloc(sizeof *transfer);
  if (!transfer)
    return sluice_fail(err, SLUICE_ERR_MEMORY, place->name, "no memory");
  int status = transfer_init(transfer, target, err);
  if (status == SLUICE_OK) {
    status = try_often(target, place, url, json, transfer, err);
    if (status == SLUICE_OK)
      *out = transfer->answer;
    transfer_finish(transfer);
  }
  free(transfer);
  return status;
}
