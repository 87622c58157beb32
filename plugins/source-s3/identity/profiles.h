/* The shared configuration and credentials files of the AWS tools (~/.aws/config, ~/.aws/credentials), merged. */
#ifndef S3_PROFILES_H
#define S3_PROFILES_H
#include "identity/world.h"

/* Limits on each file; sections and their properties have limits, too. */
enum { PROFILES_FILE_MAX = FILE_MAX, PROFILES_LINE_MAX = 64 << 10 };

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
/* The value of a property in a nested block ("services x", block "s3", "endpoint_url"): n bytes without an end; NULL:
 * there is none. Borrowed. */
const char *profiles_get_nested(const struct profiles *profiles, enum profiles_kind kind, const char *name,
                                const char *block, const char *property, size_t *n);
/* property NULL: the section itself. */
typedef void profiles_each_fn(void *context, enum profiles_kind kind, const char *name, const char *property,
                              const char *value);
void profiles_each(const struct profiles *profiles, profiles_each_fn *each, void *context);

#endif
