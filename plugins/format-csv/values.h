/* How values are written: what the options say about numbers, truth values, dates and times. */
#ifndef CSV_VALUES_H
#define CSV_VALUES_H
#include "pattern.h"

struct csv_config;

struct csv_patterns {
  struct csv_pattern *items; /* NULL: as ISO 8601 has them */
  size_t count;
};
struct csv_values {
  const struct sluice_list *trues, *falses; /* NULL: true and false */
  struct csv_patterns dates, times, stamps;
  char point, thousands; /* thousands 0: none */
  bool plain;            /* numbers have a point and no thousands */
};

enum { CSV_NUMBER_MAX = 128 }; /* bytes of a number that is not plain */

int csv_values_init(const struct csv_config *config, struct csv_values *out, struct sluice_error *err);
void csv_values_finish(struct csv_values *values);
bool csv_values_bool(const struct csv_values *values, const char *text, size_t n, bool *out);
/* The number with a point and without thousands, as parsers read it. False: not written as the options say. */
bool csv_values_number(const struct csv_values *values, const char *text, size_t n, char out[CSV_NUMBER_MAX],
                       size_t *size);
/* Of a plain number, or text that may be one: nothing is lost where a number is made of it. A sign, and zeros before
 * other digits, are part of what was written. */
bool csv_values_bare(const char *text, size_t n);
/* A double holds this integer. */
static inline bool csv_values_exact(int64_t v) {
  return v >= -(1ll << 53) && v <= 1ll << 53;
}
/* By the first pattern that fits. */
bool csv_values_date(const struct csv_values *values, const char *text, size_t n, int32_t *days);
bool csv_values_time(const struct csv_values *values, const char *text, size_t n, enum sluice_time_unit unit,
                     int64_t *out);
bool csv_values_stamp(const struct csv_values *values, const char *text, size_t n, enum sluice_time_unit unit,
                      int64_t *out, bool *zoned);

#endif
