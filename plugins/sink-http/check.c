/* Tries the connection, and the credentials as far as HEAD shows them. */
#include "check.h"
#include "call.h"
#include <stdlib.h>

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

/* To the first place there is; of a URL with values, to what is before them. */
static int point(const struct target *target, struct transfer *transfer, struct sluice_error *err) {
  const struct endpoint *place = &target->url;
  for (int op = SLUICE_OP_INSERT; !place->url.text && op <= SLUICE_OP_DELETE; op++)
    if (target->records[op])
      place = target->records[op];
  return transfer_point(transfer, place, place->url.literals[0], NULL, 0, err);
}

static int check_with(const struct target *target, struct transfer *transfer, char *found, size_t size,
                      struct sluice_error *err) {
  CURLcode code = CURLE_OK;
  int status = transfer_headers(transfer, target, target->bare_headers, err);
  if (status == SLUICE_OK)
    status = point(target, transfer, err);
  if (status != SLUICE_OK)
    return status;
  curl_easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST, NULL);
  curl_easy_setopt(transfer->easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)target->options->timeout);
  status = call_once(target, transfer, &code, err);
  return status == SLUICE_OK ? report(target, transfer, code, found, size, err) : status;
}

int http_check(const struct target *target, char *found, size_t size, struct sluice_error *err) {
  struct transfer *transfer = malloc(sizeof *transfer);
  if (!transfer)
    return sluice_fail(err, SLUICE_ERR_MEMORY, target->name, "no memory");
  int status = transfer_init(transfer, target, err);
  if (status == SLUICE_OK) {
    status = check_with(target, transfer, found, size, err);
    transfer_finish(transfer);
  }
  free(transfer);
  return status;
}
