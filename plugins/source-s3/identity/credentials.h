/* Where the key pair comes from: options, environment, or none (anonymous). Later sources (profiles, roles) fit in
 * here. */
#ifndef S3_CREDENTIALS_H
#define S3_CREDENTIALS_H
#include "options.h"
#include <stdbool.h>

struct credentials { /* one set, ready to sign; wipe after use */
  char access_key_id[160];
  char secret[256];
  char token[8192]; /* "": none */
};

enum credentials_origin { CREDENTIALS_ANONYMOUS, CREDENTIALS_OPTIONS, CREDENTIALS_ENVIRONMENT };
struct credentials_source { /* borrows the host and the options */
  const struct sluice_host *host;
  const struct s3_options *options;
  enum credentials_origin origin;
};

/* Finds out which origin is configured. CONFIG: none, or half of a pair. */
int credentials_choose(const struct sluice_host *host, const struct s3_options *options, struct credentials_source *out,
                       struct sluice_error *err);
/* The credentials now: secrets may rotate. [any] */
int credentials_get(const struct credentials_source *source, struct credentials *out, struct sluice_error *err);
void credentials_wipe(struct credentials *credentials);
const char *credentials_origin_name(const struct credentials_source *source);

#endif
