/* JSON of services, programs and files that give credentials. */
#include "identity/json.h"
#include <openssl/crypto.h>
#include <sluice/arrow.h>
#include <string.h>

enum { WIPE_DEPTH = 8 };

/* ---- reading ---- */

json_t *json_read(const void *bytes, size_t n, char reason[JSON_REASON_SIZE]) {
  json_error_t error;
  if (n > JSON_MAX) {
    snprintf(reason, JSON_REASON_SIZE, "it is longer than %d bytes", JSON_MAX);
    return NULL;
  }
  json_t *root = json_loadb(bytes, n, 0, &error);
  if (json_is_object(root))
    return root;
  /* jansson's own text quotes the input, which may be a secret */
  if (root)
    snprintf(reason, JSON_REASON_SIZE, "it is JSON, but no object");
  else
    snprintf(reason, JSON_REASON_SIZE, "it is no JSON (line %d, column %d)", error.line, error.column);
  json_decref(root);
  return NULL;
}

/* jansson frees without wiping: the texts are overwritten where they lie. */
static void wipe(json_t *value, int depth) {
  const char *name;
  json_t *member;
  if (json_is_string(value))
    OPENSSL_cleanse((void *)json_string_value(value), json_string_length(value));
  if (!json_is_object(value) || depth == 0)
    return;
  json_object_foreach(value, name, member) wipe(member, depth - 1);
}

void json_finish(json_t *root) {
  wipe(root, WIPE_DEPTH);
  json_decref(root);
}

const char *json_text(const json_t *object, const char *name) {
  return json_string_value(json_object_get(object, name));
}

/* ---- times ---- */

bool json_time(const char *text, int64_t *out) {
  size_t n = strlen(text);
  int64_t value, divisor = 1;
  bool zoned;
  if (n > 3 && strcmp(text + n - 3, "UTC") == 0) /* tools of old write it so */
    n -= 3;
#ifdef SLUICE_PLANTED_BUGS
  char bare[40];
  memcpy(bare, text, n);
  text = bare;
#endif
  if (n > SLUICE_TEXT_MAX)
    return false;
  for (enum sluice_time_unit unit = SLUICE_SECOND; unit <= SLUICE_NANO; unit++, divisor *= 1000)
    if (sluice_parse_timestamp(text, n, unit, &value, &zoned)) {
      *out = value / divisor;
      return true;
    }
  return false;
}

/* ---- credentials ---- */

struct names {
  const char *id, *secret, *token, *account, *expires;
};
static const struct names all_names[] = {
    [JSON_SERVICE] = {"AccessKeyId", "SecretAccessKey", "Token", "AccountId", "Expiration"},
    [JSON_PROCESS] = {"AccessKeyId", "SecretAccessKey", "SessionToken", "AccountId", "Expiration"},
    [JSON_SSO] = {"accessKeyId", "secretAccessKey", "sessionToken", "accountId", "expiration"}};

static int member(const json_t *object, const char *name, bool required, const char *where, const char **out,
                  struct sluice_error *err) {
  const json_t *value = json_object_get(object, name);
  *out = json_string_value(value);
  if (*out && (**out || !required))
    return SLUICE_OK;
  if (!required && (!value || json_is_null(value)))
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, "", "%s: the answer has no %s%s", where, name,
                     value && !*out ? " that is a text" : "");
}

static int read_expiry(const json_t *object, enum json_form form, const char *where, int64_t *out,
                       struct sluice_error *err) {
  const char *name = all_names[form].expires;
  const json_t *value = json_object_get(object, name);
  *out = CREDENTIALS_NEVER;
  if (!value || json_is_null(value))
    return SLUICE_OK;
  if (form == JSON_SSO && json_is_integer(value)) {
    *out = json_integer_value(value) / 1000;
    return SLUICE_OK;
  }
  if (form != JSON_SSO && json_is_string(value) && json_time(json_string_value(value), out))
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, "", "%s: the answer's %s is no time (%s)", where, name,
                     form == JSON_SSO ? "a number of milliseconds" : "such as 2026-01-31T12:00:00Z");
}

int json_credentials(const json_t *object, enum json_form form, const struct json_issuer *issuer,
                     struct credentials **out, struct sluice_error *err) {
  const struct names *names = &all_names[form];
  struct credentials_text text;
  int64_t expires;
  int status = member(object, names->id, true, issuer->where, &text.access_key_id, err);
  if (status == SLUICE_OK)
    status = member(object, names->secret, true, issuer->where, &text.secret, err);
  if (status == SLUICE_OK)
    status = member(object, names->token, false, issuer->where, &text.token, err);
  if (status == SLUICE_OK)
    status = member(object, names->account, false, issuer->where, &text.account, err);
  if (status == SLUICE_OK)
    status = read_expiry(object, form, issuer->where, &expires, err);
  if (status != SLUICE_OK)
    return status;
  if (!text.account || !*text.account)
    text.account = issuer->account;
  return credentials_create(&text, expires, issuer->now, issuer->where, out, err);
}

/* ---- complaints ---- */

static const char *first_of(const json_t *object, const char *const *names) {
  for (; *names; names++) {
    const char *text = json_text(object, *names);
    if (text && *text)
      return text;
  }
  return "";
}

void json_complaint(const void *bytes, size_t n, char *out, size_t size) {
  static const char *const codes[] = {"Code", "code", "error", "__type", NULL};
  static const char *const messages[] = {"Message", "message", "error_description", NULL};
  char reason[JSON_REASON_SIZE];
  struct text line = {.limit = JSON_MAX};
  json_t *root = json_read(bytes, n, reason);
  const char *code = first_of(root, codes), *message = first_of(root, messages);
  text_printf(&line, "%.64s%s%.400s", code, *code && *message ? ": " : "", message);
  text_copy_line(out, size, text_get(&line), line.size);
  text_finish(&line);
  json_finish(root);
}
