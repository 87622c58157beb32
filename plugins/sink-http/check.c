/* Tries the connection, and the credentials as far as HEAD shows them. */
#include "check.h"
#include "retry.h"
#include "transfer.h"
#include <stdlib.h>

static int run(const struct target *target, CURLM *multi, CURLcode *code, struct sluice_error *err) {
  const struct sluice_host *host = target->host;
  struct curl_waitfd stop = {.fd = host->cancel_fd(host), .events = CURL_WAIT_POLLIN};
  int running = 1, left = 0;
  int64_t deadline = retry_now_ms() + target->options->timeout;
  while (running && retry_now_ms() < deadline) {
    if (host->cancelled(host))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, target->name, "cancelled");
    curl_multi_perform(multi, &running);
    if (running)
      curl_multi_poll(multi, &stop, stop.fd >= 0 ? 1 : 0, 200, NULL);
  }
  const CURLMsg *message = curl_multi_info_read(multi, &left);
  *code = message ? message->data.result : CURLE_OPERATION_TIMEDOUT;
  return SLUICE_OK;
}

static int report(const struct target *target, struct transfer *transfer, CURLcode code, char *found, size_t size,
                  struct sluice_error *err) {
  char why[ANSWER_TEXT_SIZE];
  long version = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
  if (code != CURLE_OK && transfer->answer.status == 0)
    return sluice_fail(err, SLUICE_ERR_RETRY, target->name, "%s",
                       transfer->problem[0] ? transfer->problem : curl_easy_strerror(code));
  answer_describe(target, &transfer->answer, why);
  if (answer_verdict(transfer->answer.status) == VERDICT_AUTH)
    return sluice_fail(err, SLUICE_ERR_AUTH, target->name, "not allowed; check bearer, username and password: %s", why);
  snprintf(found, size, "answers %ld, HTTP/%s", transfer->answer.status,
           version == CURL_HTTP_VERSION_1_0 ? "1.0" : "1.1");
  return SLUICE_OK;
}

static int check_with(const struct target *target, CURLM *multi, struct transfer *transfer, char *found, size_t size,
                      struct sluice_error *err) {
  CURLcode code = CURLE_OK;
  int status = transfer_headers(transfer, target, "", err);
  if (status != SLUICE_OK)
    return status;
  curl_easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST, NULL);
  curl_easy_setopt(transfer->easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)target->options->timeout);
  if (curl_multi_add_handle(multi, transfer->easy) != CURLM_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, target->name, "libcurl cannot start a request");
  status = run(target, multi, &code, err);
  curl_multi_remove_handle(multi, transfer->easy);
  transfer_end(transfer);
  return status == SLUICE_OK ? report(target, transfer, code, found, size, err) : status;
}

int http_check(const struct target *target, char *found, size_t size, struct sluice_error *err) {
  struct transfer *transfer = malloc(sizeof *transfer);
  CURLM *multi = curl_multi_init();
  int status = SLUICE_ERR_MEMORY;
  if (!transfer || !multi) {
    sluice_fail(err, status, target->name, "no memory");
    goto out;
  }
  status = transfer_init(transfer, target, err);
  if (status != SLUICE_OK)
    goto out;
  status = check_with(target, multi, transfer, found, size, err);
  transfer_finish(transfer);
out:
  curl_multi_cleanup(multi);
  free(transfer);
  return status;
}
