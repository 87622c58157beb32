/* How values are written: the options about numbers, truth values, dates and times. */
#include "csv.h"
#include <stdlib.h>

enum { PATTERNS_MAX = 32 };

static int read_patterns(const char *option, const struct sluice_list *texts, enum csv_pattern_kind kind,
                         struct csv_patterns *out, struct sluice_error *err) {
  if (texts->count == 0)
    return SLUICE_OK;
  if (texts->count > PATTERNS_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, option, "%s has %zu patterns, and at most %d are read", option,
                       texts->count, PATTERNS_MAX);
  out->items = calloc(texts->count, sizeof *out->items);
  if (!out->items)
    return sluice_fail(err, SLUICE_ERR_MEMORY, option, "no memory for the patterns of %s", option);
  for (; out->count < texts->count; out->count++) {
    int rc = csv_pattern_compile(texts->items[out->count], kind, &out->items[out->count], option, err);
    if (rc)
      return rc;
  }
  return SLUICE_OK;
}

static bool is_among(const struct sluice_list *list, const char *text, size_t n) {
  for (size_t i = 0; i < list->count; i++)
    if (strlen(list->items[i]) == n && memcmp(list->items[i], text, n) == 0)
      return true;
  return false;
}

static int read_words(const struct csv_config *config, struct csv_values *out, struct sluice_error *err) {
  const struct sluice_list *trues = &config->true_values, *falses = &config->false_values;
  if (trues->count == 0 && falses->count == 0)
    return SLUICE_OK;
  if (trues->count == 0 || falses->count == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, trues->count ? "false_values" : "true_values",
                       "true_values and false_values belong together; give both, or none");
  for (size_t i = 0; i < trues->count; i++)
    if (is_among(falses, trues->items[i], strlen(trues->items[i])))
      return sluice_fail(err, SLUICE_ERR_CONFIG, "true_values",
                         "\"%.32s\" is in true_values and in false_values; it can mean only one", trues->items[i]);
  out->trues = trues;
  out->falses = falses;
  return SLUICE_OK;
}

static int read_marks(const struct csv_config *config, struct csv_values *out, struct sluice_error *err) {
  const char *point = config->decimal_point && config->decimal_point[0] ? config->decimal_point : ".";
  const char *thousands = config->thousands ? config->thousands : "";
  if (strcmp(point, ".") != 0 && strcmp(point, ",") != 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "decimal_point",
                       "decimal_point must be \".\" or \",\", and is \"%.32s\"", point);
  if (thousands[0] && (!strchr(",. '_", thousands[0]) || thousands[1]))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "thousands",
                       "thousands must be one of , . ' _ or a space, and is \"%.32s\"", thousands);
  if (thousands[0] == point[0])
    return sluice_fail(err, SLUICE_ERR_CONFIG, "thousands", "thousands and decimal_point are the same; change one");
  out->point = point[0];
  out->thousands = thousands[0];
  out->plain = point[0] == '.' && !thousands[0];
  return SLUICE_OK;
}

int csv_values_init(const struct csv_config *config, struct csv_values *out, struct sluice_error *err) {
  *out = (struct csv_values){.point = '.', .plain = true};
  int rc = read_marks(config, out, err);
  if (!rc)
    rc = read_words(config, out, err);
  if (!rc)
    rc = read_patterns("date_formats", &config->date_formats, CSV_PATTERN_DATE, &out->dates, err);
  if (!rc)
    rc = read_patterns("time_formats", &config->time_formats, CSV_PATTERN_TIME, &out->times, err);
  if (!rc)
    rc = read_patterns("timestamp_formats", &config->timestamp_formats, CSV_PATTERN_STAMP, &out->stamps, err);
  if (rc)
    csv_values_finish(out);
  return rc;
}

void csv_values_finish(struct csv_values *values) {
  free(values->dates.items);
  free(values->times.items);
  free(values->stamps.items);
  *values = (struct csv_values){0};
}

bool csv_values_bool(const struct csv_values *values, const char *text, size_t n, bool *out) {
  if (!values->trues)
    return sluice_parse_bool(text, n, out);
  *out = is_among(values->trues, text, n);
  return *out || is_among(values->falses, text, n);
}

/* The digits before the point: one to three, then three behind each separator; or any number without one. */
static bool copy_whole(char thousands, const char *text, size_t n, char *out, size_t *size) {
  size_t group = 0, groups = 0;
  for (size_t i = 0; i < n; i++) {
    if (thousands && text[i] == thousands) {
      if (group == 0 || group > 3 || (groups > 0 && group != 3))
        return false;
      group = 0;
      groups++;
      continue;
    }
    out[(*size)++] = text[i];
    group++;
  }
  return groups == 0 || group == 3;
}

bool csv_values_number(const struct csv_values *values, const char *text, size_t n, char out[CSV_NUMBER_MAX],
                       size_t *size) {
  size_t i = 0, used = 0;
  if (n == 0 || n >= CSV_NUMBER_MAX)
    return false;
  if (text[0] == '-' || text[0] == '+')
    out[used++] = text[i++];
  size_t whole = i;
  while (whole < n && (((unsigned)(text[whole] - '0') <= 9) || (values->thousands && text[whole] == values->thousands)))
    whole++;
  if (!copy_whole(values->thousands, text + i, whole - i, out, &used))
    return false;
  for (i = whole; i < n; i++) {
    if (text[i] == values->point)
      out[used++] = '.';
    else if (text[i] == '.' || text[i] == values->thousands)
      return false;
    else
      out[used++] = text[i];
  }
  *size = used;
  return true;
}

static bool is_digit(char c) {
  return (unsigned)(c - '0') <= 9;
}

bool csv_values_bare(const char *p, size_t n) {
  if (n > 0 && p[0] == '-') {
    p++;
    n--;
  }
  if (n == 0 || !(is_digit(p[0]) || (p[0] == '.' && n > 1 && is_digit(p[1]))))
    return false;
  return !(n > 1 && p[0] == '0' && is_digit(p[1]));
}

bool csv_values_date(const struct csv_values *values, const char *text, size_t n, int32_t *days) {
  struct csv_moment moment;
  for (size_t i = 0; i < values->dates.count; i++)
    if (csv_pattern_read(&values->dates.items[i], text, n, &moment))
      return csv_moment_date(&moment, days);
  return values->dates.count == 0 && sluice_parse_date(text, n, days);
}

bool csv_values_time(const struct csv_values *values, const char *text, size_t n, enum sluice_time_unit unit,
                     int64_t *out) {
  struct csv_moment moment;
  for (size_t i = 0; i < values->times.count; i++)
    if (csv_pattern_read(&values->times.items[i], text, n, &moment))
      return csv_moment_time(&moment, unit, out);
  return values->times.count == 0 && sluice_parse_time(text, n, unit, out);
}

bool csv_values_stamp(const struct csv_values *values, const char *text, size_t n, enum sluice_time_unit unit,
                      int64_t *out, bool *zoned) {
  struct csv_moment moment;
  for (size_t i = 0; i < values->stamps.count; i++)
    if (csv_pattern_read(&values->stamps.items[i], text, n, &moment)) {
      *zoned = moment.zoned;
      return csv_moment_stamp(&moment, unit, out);
    }
  return values->stamps.count == 0 && sluice_parse_timestamp(text, n, unit, out, zoned);
}
