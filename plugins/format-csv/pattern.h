/* Patterns of dates and times, as strptime has them: %d/%m/%Y. */
#ifndef CSV_PATTERN_H
#define CSV_PATTERN_H
#include <sluice/arrow.h>

enum csv_pattern_kind { CSV_PATTERN_DATE, CSV_PATTERN_TIME, CSV_PATTERN_STAMP };
enum { CSV_PATTERN_STEPS = 40 };

struct csv_pattern {
  struct {
    char what; /* the letter behind the %; '%': the literal */
    char literal;
  } steps[CSV_PATTERN_STEPS];
  size_t count;
};
struct csv_moment { /* a date that exists, and a time of day */
  uint32_t year, month, day, hour, minute, second, nanos;
  int32_t offset; /* of its zone, in seconds */
  bool zoned, twelve, afternoon;
};

/* CONFIG: it is no pattern of that kind. `option` names where it was given. */
int csv_pattern_compile(const char *text, enum csv_pattern_kind kind, struct csv_pattern *out, const char *option,
                        struct sluice_error *err);
/* True if the whole text is so written, and there is such a date and time. */
bool csv_pattern_read(const struct csv_pattern *pattern, const char *text, size_t n, struct csv_moment *out);
/* False: out of range, or a digit would be lost. */
bool csv_moment_date(const struct csv_moment *moment, int32_t *days);
bool csv_moment_time(const struct csv_moment *moment, enum sluice_time_unit unit, int64_t *out);
bool csv_moment_stamp(const struct csv_moment *moment, enum sluice_time_unit unit, int64_t *out);

#endif
