/* Time zones of the system's tzdata, read without the process-wide TZ, so that each job has its own.
 *
 * Own code, as no library in Debian serves a C program here: cctz and Howard Hinnant's date are C++, ICU brings 30 MB
 * with rules of its own that lag behind tzdata, and GLib's GTimeZone ends the process when memory is short. */
#ifndef SLUICE_ZONE_H
#define SLUICE_ZONE_H
#include <sluice/sdk.h>
#include <stdbool.h>

/* Moments outside these take the offset of the nearest moment inside. */
#define ZONE_MIN INT64_C(-62135596800) /* 0001-01-01 UTC */
#define ZONE_MAX INT64_C(253402300799) /* 9999-12-31 23:59:59 UTC */

struct zone;
/* `name` as in tzdata, such as "Europe/Paris"; "UTC" needs no file. CONFIG: no zone of the name, or no tzdata;
 * err->where is "timezone". */
int zone_open(const char *name, struct zone **out, struct sluice_error *err);
int zone_open_in(const char *folder, const char *name, struct zone **out, struct sluice_error *err);
/* From the bytes of a TZif file (RFC 9636, versions 1 to 4), which may be anything. CONFIG: not such a file. */
int zone_parse(const char *name, const uint8_t *bytes, size_t n, struct zone **out, struct sluice_error *err);
void zone_destroy(struct zone *); /* takes NULL */
const char *zone_name(const struct zone *);

struct zone_span {     /* a time of one offset */
  int64_t from, until; /* seconds since 1970 UTC; `until` is no part of it */
  int64_t reached;     /* local time that the clock had come to before `from`, never having shown it or more */
  int32_t offset;      /* local time less UTC, in seconds */
};
void zone_span(const struct zone *, int64_t utc, struct zone_span *out);

enum { ZONE_TEXT_SIZE = 40 };
void zone_format(const struct zone *, int64_t utc, char out[ZONE_TEXT_SIZE]); /* 2024-02-29T13:05:59+01:00 */

#endif
