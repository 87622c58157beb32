/* Sorts HTTP statuses and makes an answer readable. */
#include "answer.h"
#include <sluice/arrow.h>

enum { SHOWN = 200 };

static enum verdict server_error(long status) {
  if (status == 503)
    return VERDICT_SLOWER;
  return status == 501 || status == 505 ? VERDICT_REFUSED : VERDICT_AGAIN;
}

enum verdict answer_verdict(long status) {
  if (status >= 200 && status < 300)
    return VERDICT_DELIVERED;
  if (status >= 300 && status < 400)
    return VERDICT_REDIRECT;
  if (status >= 500)
    return server_error(status);
  switch (status) {
  case 401:
  case 403:
    return VERDICT_AUTH;
  case 400:
  case 413:
  case 422:
    return VERDICT_HALVE;
  case 408:
  case 409: /* a request with this key is still being worked on (draft-ietf-httpapi-idempotency-key-header) */
  case 425:
    return VERDICT_AGAIN;
  case 429:
    return VERDICT_SLOWER;
  default:
    return VERDICT_REFUSED;
  }
}

bool answer_is_config_problem(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_URL_MALFORMAT ||
         code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_SSL_CERTPROBLEM;
}

void answer_redirect(const struct target *target, const struct answer *answer, char out[ENDPOINT_NAME_SIZE + 32]) {
  char name[ENDPOINT_NAME_SIZE];
  if (!endpoint_show(answer->location, name, sizeof name))
    snprintf(name, sizeof name, "%.*s", (int)strcspn(answer->location, "?#"), answer->location);
  snprintf(out, ENDPOINT_NAME_SIZE + 32, "%ld to %s", answer->status, name[0] ? name : "nowhere");
  target_mask(target, out);
}

/* One line of valid UTF-8. */
static void clean(char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
      text[i] = ' ';
  for (size_t good = sluice_utf8_valid(text, n); good < n; good += 1 + sluice_utf8_valid(text + good + 1, n - good - 1))
    text[good] = '?';
}

void answer_describe(const struct target *target, const struct answer *answer, char out[ANSWER_TEXT_SIZE]) {
  char text[ANSWER_KEPT + 1];
  memcpy(text, answer->text, answer->size);
  text[answer->size] = 0;
  for (size_t i = 0; i < answer->size; i++)
    if (!text[i])
      text[i] = ' '; /* masking works on the whole text, before it is cut to what is shown */
  target_mask(target, text);
  size_t shown = answer->size < SHOWN ? answer->size : SHOWN;
  clean(text, shown);
  while (shown > 0 && text[shown - 1] == ' ')
    shown--;
  snprintf(out, ANSWER_TEXT_SIZE, "%ld%s%.*s", answer->status, shown ? ": " : "", (int)shown, text);
}
