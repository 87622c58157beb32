/* Numbers, sizes and durations as people write them. Each parser takes the whole text; false: it is not one. */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool quantity_int(const char *text, int64_t *out);
bool quantity_double(const char *text, double *out);   /* finite */
bool quantity_bool(const char *text, bool *out);       /* true, false */
bool quantity_size(const char *text, int64_t *bytes);  /* "512", "10kB", "8MiB", "1.5GiB" */
bool quantity_duration(const char *text, int64_t *ms); /* "500ms", "10s", "5m", "2h", "1d" */
/* "2026-01-31", "2026-01-31T12:00:00Z": UTC, as microseconds since 1970. */
bool quantity_time(const char *text, int64_t *us);
bool quantity_percent(const char *text, double *fraction); /* "1%" is 0.01; 0% to 100% */
enum { QUANTITY_TEXT_SIZE = 32 };
void quantity_print_size(int64_t bytes, char out[QUANTITY_TEXT_SIZE]);  /* "64.0 MiB" */
void quantity_print_duration(int64_t ms, char out[QUANTITY_TEXT_SIZE]); /* "1m 05s" */

#endif
