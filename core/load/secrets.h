/* Secrets behind handles: the template is kept, the value is made at each read, so that it can rotate. All [any]. */
#ifndef LOAD_SECRETS_H
#define LOAD_SECRETS_H
#include <sluice/sdk.h>

/* Keeps a template such as "${TOKEN}" and the place it was written at. */
int secrets_add(const char *template, const char *where, struct sluice_secret *out, struct sluice_error *err);
void secrets_remove(struct sluice_secret secret); /* takes the absent one */
/* What host->secret does: writes the value and a NUL to buf, and makes the log mask that value. */
int secrets_read(struct sluice_secret secret, char *buf, size_t size, struct sluice_error *err);

#endif
