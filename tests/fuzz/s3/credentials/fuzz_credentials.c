/* Fuzzes what gives credentials: JSON of services, programs and caches, and the XML of STS. The first byte says which.
 * What is taken for credentials must fit into headers, and an error must have a text. */
#include "identity/json.h"
#include "identity/sts_call.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1700000000 };

static void check_text(const char *text) {
  for (; *text; text++)
    if (*text <= 0x20 || *text == 0x7f)
      abort();
}

static void check_credentials(struct credentials *got) {
  if (!got->access_key_id[0] || !got->secret[0] || got->life_s <= 0)
    abort();
  if (got->expires != CREDENTIALS_NEVER && got->expires - NOW != got->life_s)
    abort();
  check_text(got->access_key_id);
  check_text(got->secret);
  check_text(got->token);
  check_text(got->account);
  credentials_unref(got);
}

static void read_json(enum json_form form, const uint8_t *data, size_t size) {
  char reason[JSON_REASON_SIZE] = "", line[100];
  struct json_issuer issuer = {.where = "fuzz", .now = NOW, .account = "123"};
  struct credentials *got = NULL;
  struct sluice_error err = {.message = ""};
  json_complaint(data, size, line, sizeof line);
  if (strlen(line) >= sizeof line || strpbrk(line, "\r\n"))
    abort();
  json_t *root = json_read(data, size, reason);
  if (!root && !reason[0])
    abort();
  if (!root)
    return;
  const json_t *inner = form == JSON_SSO ? json_object_get(root, "roleCredentials") : root;
  int status = json_credentials(inner, form, &issuer, &got, &err);
  json_finish(root);
  if ((status == SLUICE_OK) != (got != NULL) || (status == SLUICE_OK) != (err.message[0] == 0))
    abort();
  if (got)
    check_credentials(got);
}

static void read_xml(const uint8_t *data, size_t size) {
  struct sts_fields fields = {.code = {0}};
  int64_t when;
  if (sts_read(data, size, &fields) && fields.expiration.size)
    json_time(text_get(&fields.expiration), &when);
  sts_fields_finish(&fields);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  uint8_t which = data[0] % 4;
  if (which == 3)
    read_xml(data + 1, size - 1);
  else
    read_json((enum json_form)which, data + 1, size - 1);
  return 0;
}
