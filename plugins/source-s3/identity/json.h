/* JSON of services, programs and files that give credentials: hostile until read. */
#ifndef S3_JSON_H
#define S3_JSON_H
#include "identity/credentials.h"
#include "identity/world.h"
#include <jansson.h>

/* One object of at most JSON_MAX bytes; NULL: it is none, and `reason` (128 bytes) says why. */
enum { JSON_MAX = 256 << 10, JSON_REASON_SIZE = 128 };
json_t *json_read(const void *bytes, size_t n, char reason[JSON_REASON_SIZE]);
void json_finish(json_t *root); /* wipes its texts; takes NULL */
/* A text; NULL: there is none, or it is of another type. Borrowed. */
const char *json_text(const json_t *object, const char *name);

/* Seconds since 1970: ISO 8601 as the AWS tools write it. */
bool json_time(const char *text, int64_t *out);

enum json_form { JSON_SERVICE, JSON_PROCESS, JSON_SSO }; /* how the members are named, and time is written */
struct json_issuer {
  const char *where;   /* what gave the object, for messages */
  int64_t now;         /* its clock, seconds since 1970 */
  const char *account; /* where the object has none; NULL: none */
};
/* DATA: members are missing or of a wrong type; otherwise as credentials_create. */
int json_credentials(const json_t *object, enum json_form form, const struct json_issuer *issuer,
                     struct credentials **out, struct sluice_error *err);

/* What a service says of an error, as one line: "code: message"; "" where it says nothing. */
void json_complaint(const void *bytes, size_t n, char *out, size_t size);

#endif
