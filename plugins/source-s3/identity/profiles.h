/* The shared configuration and credentials files of the AWS tools (~/.aws/config, ~/.aws/credentials), merged. */
#ifndef S3_PROFILES_H
#define S3_PROFILES_H
#include "identity/world.h"

struct profiles;
enum profiles_kind { PROFILES_PROFILE, PROFILES_SSO_SESSION, PROFILES_SERVICES };

/* Reads both files where the environment says they are; a file that is not there is empty. DATA: not of the format; the
 * message has file and line. */
int profiles_load(const struct world *world, struct profiles **out, struct sluice_error *err);
/* The same from texts (NULL: no file); for tests and fuzzing. */
int profiles_parse(const char *config, const char *credentials, struct profiles **out, struct sluice_error *err);
void profiles_destroy(struct profiles *profiles); /* takes NULL; wipes */

/* AWS_PROFILE, AWS_DEFAULT_PROFILE, or "default". chosen: set to whether a variable named it. Borrowed. */
const char *profiles_selected(const struct world *world, bool *chosen);
bool profiles_has(const struct profiles *profiles, enum profiles_kind kind, const char *name);
/* A property, lower-case; NULL: none. Borrowed. */
const char *profiles_get(const struct profiles *profiles, enum profiles_kind kind, const char *name,
                         const char *property);
/* A property in a nested block ("services x", block "s3", "endpoint_url"), copied to out. False: there is none, or it
 * is too long for out. */
bool profiles_get_nested(const struct profiles *profiles, enum profiles_kind kind, const char *name, const char *block,
                         const char *property, char *out, size_t size);
/* property NULL: the section itself. */
typedef void profiles_each_fn(void *context, enum profiles_kind kind, const char *name, const char *property,
                              const char *value);
void profiles_each(const struct profiles *profiles, profiles_each_fn *each, void *context);

#endif
