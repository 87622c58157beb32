/* The keys that s3d accepts: the one pair of its options, and the temporary ones that its STS has given out. */
#include "sessions.h"
#include "text.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SESSIONS_MOST = 4096 }; /* then the oldest is forgotten */

struct sessions {
  const char *access_key, *secret, *token;
  pthread_mutex_t lock;
  struct session *list; /* a ring */
  uint64_t given;
};

struct sessions *sessions_create(const char *access_key, const char *secret, const char *token) {
  struct sessions *s = calloc(1, sizeof *s);
  struct session *list = calloc(SESSIONS_MOST, sizeof *list);
  if (!s || !list) {
    free(s);
    free(list);
    return NULL;
  }
  s->access_key = access_key;
  s->secret = secret;
  s->token = token;
  s->list = list;
  pthread_mutex_init(&s->lock, NULL);
  return s;
}

void sessions_destroy(struct sessions *s) {
  if (!s)
    return;
  pthread_mutex_destroy(&s->lock);
  free(s->list);
  free(s);
}

static struct session *find(struct sessions *s, const char *access_key) {
  for (size_t i = 0; i < SESSIONS_MOST && i < s->given; i++)
    if (strcmp(s->list[i].access_key, access_key) == 0)
      return &s->list[i];
  return NULL;
}

enum credential sessions_find(struct sessions *s, const char *access_key, const char *token, int64_t now,
                              char secret[SESSION_SECRET]) {
  enum credential found = CREDENTIAL_UNKNOWN;
  if (strcmp(access_key, s->access_key) == 0) {
    text_copy(secret, SESSION_SECRET, s->secret);
    return strcmp(token, s->token ? s->token : "") == 0 ? CREDENTIAL_STATIC : CREDENTIAL_BAD_TOKEN;
  }
  pthread_mutex_lock(&s->lock);
  const struct session *one = find(s, access_key);
  if (one) {
    text_copy(secret, SESSION_SECRET, one->secret);
    found = now < one->expires ? CREDENTIAL_SESSION : CREDENTIAL_EXPIRED;
    if (strcmp(one->token, token) != 0)
      found = CREDENTIAL_BAD_TOKEN;
  }
  pthread_mutex_unlock(&s->lock);
  return found;
}

static bool fill(struct session *one) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  unsigned char bytes[16 + 30 + 160];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
    return false;
  memcpy(one->access_key, "ASIA", 4);
  for (size_t i = 0; i < 16; i++)
    one->access_key[4 + i] = letters[bytes[i] % 32];
  EVP_EncodeBlock((unsigned char *)one->secret, bytes + 16, 30);
  memcpy(one->token, "IQo//+", 6); /* a token always has the characters that need encoding in a query */
  EVP_EncodeBlock((unsigned char *)one->token + 6, bytes + 46, 160);
  return true;
}

bool sessions_add(struct sessions *s, const char *arn, const char *name, int64_t expires, struct session *out) {
  *out = (struct session){.expires = expires};
  if (!fill(out) || !text_copy(out->arn, sizeof out->arn, arn) || !text_copy(out->name, sizeof out->name, name))
    return false;
  pthread_mutex_lock(&s->lock);
  s->list[s->given++ % SESSIONS_MOST] = *out;
  pthread_mutex_unlock(&s->lock);
  return true;
}

void sessions_end(struct sessions *s, const char *access_key) {
  pthread_mutex_lock(&s->lock);
  struct session *one = find(s, access_key);
  if (one)
    one->expires = 0;
  pthread_mutex_unlock(&s->lock);
}

bool sessions_role(struct sessions *s, const char *access_key, char arn[SESSION_ARN]) {
  pthread_mutex_lock(&s->lock);
  const struct session *one = find(s, access_key);
  bool ok = one && text_copy(arn, SESSION_ARN, one->arn);
  pthread_mutex_unlock(&s->lock);
  return ok;
}

/* arn:aws:iam::ACCOUNT:role/PATH/NAME becomes arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION. */
void session_assumed_arn(const struct session *session, char arn[SESSION_ARN]) {
  const char *account = strstr(session->arn, "::"), *name = strrchr(session->arn, '/');
  int n = -1;
  if (account && name)
    n = snprintf(arn, SESSION_ARN, "arn:aws:sts::%.*s:assumed-role/%s/%s", (int)strcspn(account + 2, ":"), account + 2,
                 name + 1, session->name);
  if (n < 0 || n >= SESSION_ARN)
    text_copy(arn, SESSION_ARN, session->arn);
}

void sessions_caller(struct sessions *s, const char *access_key, char arn[SESSION_ARN]) {
  pthread_mutex_lock(&s->lock);
  const struct session *one = find(s, access_key);
  if (one)
    session_assumed_arn(one, arn);
  else
    text_copy(arn, SESSION_ARN, SESSION_USER);
  pthread_mutex_unlock(&s->lock);
}
