/* One set of credentials: shared by reference, never changed, wiped when the last reference goes. */
#ifndef S3_CREDENTIALS_H
#define S3_CREDENTIALS_H
#include <sluice/sdk.h>
#include <stdatomic.h>

#define CREDENTIALS_NEVER INT64_MAX

struct credentials {
  atomic_int references;
  const char *access_key_id, *secret, *token, *account; /* "": none */
  int64_t expires; /* seconds since 1970 by the issuer's clock; CREDENTIALS_NEVER */
  int64_t life_s;  /* left when it came, by the issuer's clock; CREDENTIALS_NEVER */
};
struct credentials_text { /* NULL or "": none */
  const char *access_key_id, *secret, *token, *account;
};

/* Checks that all can be put into a header. issuer_now: the issuer's clock, seconds since 1970, if expires is not
 * NEVER. where: the option, variable, file or service, for the error. CONFIG: what cannot be credentials. AUTH:
 * expired. */
int credentials_create(const struct credentials_text *text, int64_t expires, int64_t issuer_now, const char *where,
                       struct credentials **out, struct sluice_error *err);
/* The same, where each text has a place of its own. */
int credentials_create_at(const struct credentials_text *text, int64_t expires, int64_t issuer_now,
                          const struct credentials_text *places, struct credentials **out, struct sluice_error *err);
struct credentials *credentials_ref(struct credentials *credentials);
void credentials_unref(struct credentials *credentials); /* takes NULL */

#endif
