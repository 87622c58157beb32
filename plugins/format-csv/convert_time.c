/* Fields of a block to truth values, dates, times and timestamps. */
#include "convert_rows.h"
#include "csv.h"
#include "times.h"

static const int64_t day_millis = 86400000;

/* Beside the words, 0 and 1 where truth values are wanted: files of labels are full of them. */
static bool to_bool(const struct csv_column *c, const char *text, size_t n, void *out) {
  bool value = text[0] == '1', digit = !c->written->trues && n == 1 && (value || text[0] == '0');
  if (!digit && !csv_values_bool(c->written, text, n, &value))
    return false;
  *(uint8_t *)out = value;
  return true;
}

static bool to_date(const struct csv_column *c, const char *text, size_t n, void *out) {
  int32_t days;
  (void)c;
  if (!csv_parse_date(text, n, &days))
    return false;
  memcpy(out, &days, sizeof days);
  return true;
}

static bool to_date64(const struct csv_column *c, const char *text, size_t n, void *out) {
  int32_t days;
  (void)c;
  if (!csv_parse_date(text, n, &days))
    return false;
  int64_t millis = days * day_millis;
  memcpy(out, &millis, sizeof millis);
  return true;
}

static bool to_time64(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  if (!sluice_parse_time(text, n, c->type.unit, &value))
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

static bool to_time32(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  if (!sluice_parse_time(text, n, c->type.unit, &value))
    return false;
  int32_t narrow = (int32_t)value; /* a day has 86,400,000 ms */
  memcpy(out, &narrow, sizeof narrow);
  return true;
}

/* A column with a zone needs one in the text, or it is UTC; a column without one must not lose it. */
static bool zone_fits(const struct csv_column *c, bool zoned) {
  return zoned ? c->zone != CSV_ZONE_NONE : c->zone != CSV_ZONE_OTHER;
}

static bool to_timestamp(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  bool zoned;
  if (!csv_parse_timestamp(text, n, c->type.unit, &value, &zoned) || !zone_fits(c, zoned))
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

/* In the order as found; without one, as the options say. */
typedef bool iso_fn(const struct csv_column *c, const char *text, size_t n, void *out);
static bool in_order(const struct csv_column *c, const char *text, size_t n, void *out, iso_fn *convert) {
  char iso[CSV_ORDER_TEXT + CSV_PADDING];
  size_t size;
  return csv_order_rewrite(c->order, text, n, iso, &size) && convert(c, iso, size, out);
}

static bool to_date_written(const struct csv_column *c, const char *text, size_t n, void *out) {
  int32_t days;
  if (c->order != CSV_ORDER_NONE)
    return in_order(c, text, n, out, to_date);
  if (!csv_values_date(c->written, text, n, &days))
    return false;
  memcpy(out, &days, sizeof days);
  return true;
}

static bool to_date64_written(const struct csv_column *c, const char *text, size_t n, void *out) {
  int32_t days;
  if (!to_date_written(c, text, n, &days))
    return false;
  int64_t millis = days * day_millis;
  memcpy(out, &millis, sizeof millis);
  return true;
}

static bool to_time64_written(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  if (!csv_values_time(c->written, text, n, c->type.unit, &value))
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

static bool to_time32_written(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  if (!csv_values_time(c->written, text, n, c->type.unit, &value))
    return false;
  int32_t narrow = (int32_t)value;
  memcpy(out, &narrow, sizeof narrow);
  return true;
}

static bool to_timestamp_written(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  bool zoned;
  if (c->order != CSV_ORDER_NONE)
    return in_order(c, text, n, out, to_timestamp);
  if (!csv_values_stamp(c->written, text, n, c->type.unit, &value, &zoned) || !zone_fits(c, zoned))
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

int csv_parse_bool(struct csv_column *c, struct csv_parse *p) {
  size_t size = (size_t)((c->length + p->index->rows + 7) >> 3);
  if (size > c->values.size && csv_column_reserve(&c->values, size - c->values.size, c->usual_values) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  int rc = csv_convert_rows(c, p, p->flags, 1, to_bool);
  for (uint32_t row = 0; rc == SLUICE_OK && row < p->index->rows; row++) {
    int64_t bit = c->length + row;
    uint8_t *byte = c->values.data + (bit >> 3), mask = (uint8_t)(1u << (bit & 7));
    if ((bit & 7) == 0)
      *byte = 0;
    *byte = (uint8_t)(p->flags[row] ? *byte | mask : *byte & ~mask);
  }
  if (rc == SLUICE_OK)
    rc = csv_column_end_block(c, p);
  if (rc == SLUICE_OK)
    c->values.size = size;
  return rc;
}

#define PARSERS(name, width, convert)                                                                                  \
  CSV_PARSER(name, width, convert)                                                                                     \
  CSV_PARSER(name##_written, width, convert##_written)

CSV_LANES_PARSER(parse_date, 4, to_date, csv_gather_dates, date32)
CSV_PARSER(parse_date_written, 4, to_date_written)
PARSERS(parse_date64, 8, to_date64)
PARSERS(parse_time32, 4, to_time32)
PARSERS(parse_time64, 8, to_time64)
PARSERS(parse_timestamp, 8, to_timestamp)

csv_parse_fn *csv_time_parser(const struct sluice_type *type, bool plain) {
  switch (type->id) {
  case SLUICE_TYPE_DATE32:
    return plain ? parse_date : parse_date_written;
  case SLUICE_TYPE_DATE64:
    return plain ? parse_date64 : parse_date64_written;
  case SLUICE_TYPE_TIME32:
    return plain ? parse_time32 : parse_time32_written;
  case SLUICE_TYPE_TIME64:
    return plain ? parse_time64 : parse_time64_written;
  case SLUICE_TYPE_TIMESTAMP:
    return plain ? parse_timestamp : parse_timestamp_written;
  default:
    return NULL;
  }
}
