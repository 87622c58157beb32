/* Where the key pair comes from: options, environment, or none (anonymous). */
#include "identity/credentials.h"
#include <openssl/crypto.h>
#include <stdlib.h>

static const char *environment(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

static int choose_options(const struct s3_options *options, enum credentials_origin *out, struct sluice_error *err) {
  if (!options->access_key_id)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "access_key_id",
                       "%s is given without access_key_id; give the pair, or neither",
                       options->secret_access_key.handle ? "secret_access_key" : "session_token");
  if (!options->secret_access_key.handle)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "secret_access_key",
                       "access_key_id is given without secret_access_key; give the pair, or neither");
  *out = CREDENTIALS_OPTIONS;
  return SLUICE_OK;
}

static int choose_environment(enum credentials_origin *out, struct sluice_error *err) {
  const char *id = environment("AWS_ACCESS_KEY_ID"), *secret = environment("AWS_SECRET_ACCESS_KEY");
  if (!id && !secret)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "access_key_id",
                       "no credentials: set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and "
                       "AWS_SECRET_ACCESS_KEY in the environment, or anonymous = true for a public bucket");
  if (!id || !secret)
    return sluice_fail(err, SLUICE_ERR_CONFIG, id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                       "%s is set in the environment but %s is not; set both, or neither",
                       id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                       id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
  *out = CREDENTIALS_ENVIRONMENT;
  return SLUICE_OK;
}

int credentials_choose(const struct sluice_host *host, const struct s3_options *options, struct credentials_source *out,
                       struct sluice_error *err) {
  bool given = options->access_key_id || options->secret_access_key.handle || options->session_token.handle;
  enum credentials_origin origin = CREDENTIALS_ANONYMOUS;
  int status = SLUICE_OK;
  if (options->anonymous && given)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "anonymous", "anonymous = true and a key pair exclude each other");
  if (!options->anonymous)
    status = given ? choose_options(options, &origin, err) : choose_environment(&origin, err);
  if (status == SLUICE_OK)
    *out = (struct credentials_source){host, options, origin};
  return status;
}

/* What is signed into a header must be plain printable text. */
static int take(char *out, size_t size, const char *value, const char *where, struct sluice_error *err) {
  size_t n = strlen(value);
  if (n == 0 || n >= size)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "it is %s", n ? "too long" : "empty");
  for (size_t i = 0; i < n; i++)
    if (value[i] <= 0x20 || value[i] == 0x7f)
      return sluice_fail(err, SLUICE_ERR_CONFIG, where,
                         "it has a blank, a line end or another character that no key has");
  if (out != value)
    memcpy(out, value, n + 1);
  return SLUICE_OK;
}

static int take_secret(const struct credentials_source *source, struct sluice_secret secret, char *out, size_t size,
                       const char *where, struct sluice_error *err) {
  int status = source->host->secret(source->host, secret, out, size, err);
  return status == SLUICE_OK ? take(out, size, out, where, err) : status;
}

static int from_options(const struct credentials_source *source, struct credentials *out, struct sluice_error *err) {
  const struct s3_options *options = source->options;
  int status = take(out->access_key_id, sizeof out->access_key_id, options->access_key_id, "access_key_id", err);
  if (status == SLUICE_OK)
    status = take_secret(source, options->secret_access_key, out->secret, sizeof out->secret, "secret_access_key", err);
  if (status == SLUICE_OK && options->session_token.handle)
    status = take_secret(source, options->session_token, out->token, sizeof out->token, "session_token", err);
  return status;
}

static int from_environment(struct credentials *out, struct sluice_error *err) {
  const char *id = environment("AWS_ACCESS_KEY_ID"), *secret = environment("AWS_SECRET_ACCESS_KEY");
  const char *token = environment("AWS_SESSION_TOKEN");
  int status = take(out->access_key_id, sizeof out->access_key_id, id ? id : "", "AWS_ACCESS_KEY_ID", err);
  if (status == SLUICE_OK)
    status = take(out->secret, sizeof out->secret, secret ? secret : "", "AWS_SECRET_ACCESS_KEY", err);
  if (status == SLUICE_OK && token)
    status = take(out->token, sizeof out->token, token, "AWS_SESSION_TOKEN", err);
  return status;
}

int credentials_get(const struct credentials_source *source, struct credentials *out, struct sluice_error *err) {
  struct credentials found = {{0}, {0}, {0}};
  int status = SLUICE_ERR_BUG;
  switch (source->origin) {
  case CREDENTIALS_ANONYMOUS:
    status = SLUICE_OK;
    break;
  case CREDENTIALS_OPTIONS:
    status = from_options(source, &found, err);
    break;
  case CREDENTIALS_ENVIRONMENT:
    status = from_environment(&found, err);
    break;
  }
  if (status == SLUICE_OK)
    *out = found;
  credentials_wipe(&found);
  return status;
}

void credentials_wipe(struct credentials *credentials) {
  OPENSSL_cleanse(credentials, sizeof *credentials);
}

const char *credentials_origin_name(const struct credentials_source *source) {
  static const char *const names[] = {"none (anonymous)", "options", "environment"};
  return names[source->origin];
}
