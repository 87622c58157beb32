/* Cron expressions of five fields, and the moments that they name in a time zone.
 *
 * `minute hour day-of-month month day-of-week`, each a list of values, ranges and steps: `*`, `5`, `1,15`, `MON-FRI`,
 * a star with a step, `8-18/2`. Months and weekdays also go by the first three letters of their English names, in any
 * case; 0 and 7 are both Sunday, and a range may end on it (FRI-SUN). Also @hourly, @daily (@midnight), @weekly,
 * @monthly and @yearly (@annually).
 *
 * The two fields of days, as in Debian's cron: where neither has a `*`, a day matches that fits one of them; else it
 * must fit both.
 *
 * When clocks change:
 * - An expression that names hours fires at the first moment when the local clock shows its time, or one past it. So
 *   what falls into the hour that is skipped in spring fires once, at the first moment after the gap (several times in
 *   the gap give one firing), and what falls into the hour that is repeated in autumn fires in its first pass only. A
 *   daily job thus runs every day and once a day, which is what Debian's cron and systemd see to as well.
 * - An expression that takes every hour (`*`, or all 24 in another way) fires whenever the local clock shows its
 * minute: every 15 minutes stays so in both nights, the repeated hour has its four firings too, and the skipped one
 * none. "Every hour" is told by the hours that match and not by a `*` in the text, so a job of every second hour (star,
 * step two) keeps to the first rule, and is neither lost in spring nor doubled in autumn. The rules go by the local
 * clock alone: they hold for changes by half an hour and for days left out or repeated when a country crosses the date
 * line. */
#ifndef SLUICE_CRON_H
#define SLUICE_CRON_H
#include "core/schedule/zone.h"

enum cron_field { CRON_MINUTE, CRON_HOUR, CRON_DAY, CRON_MONTH, CRON_WEEKDAY, CRON_FIELDS };
struct cron {
  uint64_t sets[CRON_FIELDS]; /* a bit a value; Sunday is bit 0 */
  bool either;                /* a day fits by its date or by its weekday */
  bool every_hour;
};

/* CONFIG: not an expression, or it names no day that exists. err->where is "cron"; the text tells the character. */
int cron_parse(const char *text, struct cron *out, struct sluice_error *err);
/* The first local time (seconds since 1970-01-01 00:00 local) at or after `local` that matches; false: none before the
 * year 10000. */
bool cron_next_local(const struct cron *, int64_t local, int64_t *out);
/* The first moment (seconds since 1970 UTC) after `after`. Some microseconds, as the search goes by months and by
 * periods of one offset. */
bool cron_next(const struct cron *, const struct zone *, int64_t after, int64_t *out);

#endif
