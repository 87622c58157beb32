/* A host that does little, and a folder that is removed again. */
#ifndef TESTS_UNIT_FILE_FIXTURE_H
#define TESTS_UNIT_FILE_FIXTURE_H
#include <setjmp.h>
#include <sluice/sdk.h>
#include <sluice/services.h>
#include <stdarg.h>
#include <stdbool.h>
/* cmocka needs setjmp.h and stdarg.h */
#include <cmocka.h>

extern const struct sluice_plugin sluice_plugin_v1; /* of the plugin under test */
extern const struct sluice_host fixture_host;

/* The path of a new folder, then of things in it. */
int fixture_make(void **state);
int fixture_remove(void **state);
const char *fixture_path(const char *name);                        /* of one of 64 buffers in turn */
void fixture_write(const char *name, const void *bytes, size_t n); /* folders are made */
char *fixture_read(const char *name, size_t *n);                   /* NUL ended; NULL: no such file */

#endif
