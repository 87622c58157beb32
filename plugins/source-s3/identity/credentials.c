/* One set of credentials: shared by reference, never changed, wiped when the last reference goes. */
#include "identity/credentials.h"
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>

enum { KEY_MAX = 256, SECRET_MAX = 512, TOKEN_MAX = 32 << 10, ACCOUNT_MAX = 64, PARTS = 4 };

struct part {
  const char *value, *name, *place;
  size_t size, max;
  bool required;
};

/* What is signed into a header must be plain printable text. */
static int check(struct part *part, struct sluice_error *err) {
  const char *where = part->place;
  part->value = part->value ? part->value : "";
  part->size = strlen(part->value);
  if (part->required && part->size == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: the %s is empty", where, part->name);
  if (part->size > part->max)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: the %s is longer than %zu bytes", where, part->name,
                       part->max);
  for (size_t i = 0; i < part->size; i++)
    if (part->value[i] <= 0x20 || part->value[i] == 0x7f)
      return sluice_fail(err, SLUICE_ERR_CONFIG, where,
                         "%s: the %s has a blank, a line end or another character that no key has", where, part->name);
  return SLUICE_OK;
}

static struct credentials *allocate(struct part parts[PARTS]) {
  size_t total = PARTS;
  for (size_t i = 0; i < PARTS; i++)
    total += parts[i].size; /* each is bounded */
  struct credentials *made = calloc(1, sizeof *made + total);
  if (!made)
    return NULL;
  char *at = (char *)(made + 1);
  for (size_t i = 0; i < PARTS; i++) {
    memcpy(at, parts[i].value, parts[i].size + 1);
    parts[i].value = at;
    at += parts[i].size + 1;
  }
  made->access_key_id = parts[0].value;
  made->secret = parts[1].value;
  made->token = parts[2].value;
  made->account = parts[3].value;
  atomic_init(&made->references, 1);
  return made;
}

int credentials_create_at(const struct credentials_text *text, int64_t expires, int64_t issuer_now,
                          const struct credentials_text *places, struct credentials **out, struct sluice_error *err) {
  const char *where = places->access_key_id;
  struct part parts[PARTS] = {{text->access_key_id, "access key id", places->access_key_id, 0, KEY_MAX, true},
                              {text->secret, "secret access key", places->secret, 0, SECRET_MAX, true},
                              {text->token, "session token", places->token, 0, TOKEN_MAX, false},
                              {text->account, "account id", places->account, 0, ACCOUNT_MAX, false}};
  int status = SLUICE_OK;
  for (size_t i = 0; status == SLUICE_OK && i < PARTS; i++)
    status = check(&parts[i], err);
  if (status != SLUICE_OK)
    return status;
  if (expires != CREDENTIALS_NEVER && expires <= issuer_now)
    return sluice_fail(err, SLUICE_ERR_AUTH, where,
                       "%s: the credentials that came ended %lld s ago; renew them, or check this machine's clock",
                       where, (long long)(issuer_now - expires));
  struct credentials *made = allocate(parts);
  if (!made)
    return sluice_fail(err, SLUICE_ERR_MEMORY, where, "no memory for credentials");
  made->expires = expires;
  made->life_s = expires == CREDENTIALS_NEVER ? CREDENTIALS_NEVER : expires - issuer_now;
  *out = made;
  return SLUICE_OK;
}

int credentials_create(const struct credentials_text *text, int64_t expires, int64_t issuer_now, const char *where,
                       struct credentials **out, struct sluice_error *err) {
  struct credentials_text places = {where, where, where, where};
  return credentials_create_at(text, expires, issuer_now, &places, out, err);
}

struct credentials *credentials_ref(struct credentials *credentials) {
  atomic_fetch_add(&credentials->references, 1);
  return credentials;
}

void credentials_unref(struct credentials *credentials) {
  if (!credentials || atomic_fetch_sub(&credentials->references, 1) != 1)
    return;
  const char *texts[PARTS] = {credentials->access_key_id, credentials->secret, credentials->token,
                              credentials->account};
  size_t size = sizeof *credentials;
  for (size_t i = 0; i < PARTS; i++)
    size += strlen(texts[i]) + 1;
  OPENSSL_cleanse(credentials, size);
  free(credentials);
}
