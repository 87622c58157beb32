/* Masking of secret values in texts that people read. */
#include "core/log/log.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_MIN = 4, SECRET_LIMIT = 256 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *secrets[SECRET_LIMIT]; /* a ring: where secrets rotate for long, the oldest are forgotten */
static size_t count, next;

static bool known(const char *value) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(secrets[i], value) == 0)
      return true;
  return false;
}

/* Freed secrets are wiped, so that a core dump holds no more of them than it must. */
static void replace(size_t slot, char *value) {
  if (secrets[slot]) {
    explicit_bzero(secrets[slot], strlen(secrets[slot]));
    free(secrets[slot]);
  }
  secrets[slot] = value;
}

void log_add_secret(const char *value) {
  if (!value || strlen(value) < SECRET_MIN)
    return;
  pthread_mutex_lock(&lock);
  char *copy = known(value) ? NULL : strdup(value);
  if (copy) {
    replace(next, copy);
    next = (next + 1) % SECRET_LIMIT;
    if (count < SECRET_LIMIT)
      count++;
  }
  pthread_mutex_unlock(&lock);
}

/* Bytes at `text` that are a secret. A text that was cut may end in the first part of one: that counts too. */
static size_t match_one(const char *text, size_t n, const char *secret) {
  size_t size = strlen(secret);
  if (size <= n)
    return memcmp(text, secret, size) == 0 ? size : 0;
  return n >= SECRET_MIN && memcmp(text, secret, n) == 0 ? n : 0;
}

static size_t match_any(const char *text, size_t n) {
  size_t best = 0;
  for (size_t i = 0; i < count; i++) {
    size_t size = match_one(text, n, secrets[i]);
    if (size > best)
      best = size;
  }
  return best;
}

/* Overlapping secrets become one mask. It is written only behind its last byte: until then its bytes are still read. */
static void mask(char *text) {
  size_t size = strlen(text), out = 0, until = 0;
  bool inside = false;
  for (size_t i = 0; i <= size; i++) {
    size_t end = i + match_any(text + i, size - i);
    if (end > until && end > i)
      until = end;
    if (inside && i >= until) {
      memcpy(text + out, "***", 3);
      out += 3;
    }
    inside = i < until;
    if (!inside)
      text[out++] = text[i];
  }
}

void log_redact(char *text) {
  pthread_mutex_lock(&lock);
  if (count)
    mask(text);
  pthread_mutex_unlock(&lock);
}

void log_redact_error(struct sluice_error *err) {
  log_redact(err->where);
  log_redact(err->message);
}
