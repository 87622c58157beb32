/* The keys that s3d accepts: the one pair of its options, and the temporary ones that its STS has given out. */
#ifndef S3D_SESSIONS_H
#define S3D_SESSIONS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SESSION_SECRET = 129, SESSION_KEY = 24, SESSION_TOKEN = 512, SESSION_ARN = 640, SESSION_NAME = 65 };
#define SESSION_ACCOUNT "123456789012"
#define SESSION_USER "arn:aws:iam::" SESSION_ACCOUNT ":user/s3d" /* who has the keys of the options */

enum credential { CREDENTIAL_UNKNOWN, CREDENTIAL_BAD_TOKEN, CREDENTIAL_EXPIRED, CREDENTIAL_STATIC, CREDENTIAL_SESSION };

struct session {
  char access_key[SESSION_KEY], secret[64], token[SESSION_TOKEN], arn[SESSION_ARN], name[SESSION_NAME];
  int64_t expires;
};

struct sessions; /* [any thread] */

struct sessions *sessions_create(const char *access_key, const char *secret, const char *token);
void sessions_destroy(struct sessions *s);

/* What the keys are worth now; the secret is given for all but unknown ones, so that the signature can be judged. */
enum credential sessions_find(struct sessions *s, const char *access_key, const char *token, int64_t now,
                              char secret[SESSION_SECRET]);
bool sessions_add(struct sessions *s, const char *arn, const char *name, int64_t expires, struct session *out);
void sessions_end(struct sessions *s, const char *access_key);
/* The role that a session has, or false. */
bool sessions_role(struct sessions *s, const char *access_key, char arn[SESSION_ARN]);
/* Who has the keys, as STS and the messages of S3 name him: the user, or an assumed role. */
void sessions_caller(struct sessions *s, const char *access_key, char arn[SESSION_ARN]);
void session_assumed_arn(const struct session *session, char arn[SESSION_ARN]);
#endif
