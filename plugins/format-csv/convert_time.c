/* Fields of a block to truth values, dates, times and timestamps. */
#include "convert_rows.h"
#include "csv.h"
#include "times.h"

static const int64_t day_millis = 86400000;

/* Beside the words, 0 and 1 where truth values are wanted: files of labels are full of them. The usual words are
 * compared at once, for a branch on which of them it is would be a coin's toss. */
static bool to_bool(const struct csv_column *c, const char *text, size_t n, void *out) {
  uint64_t word = csv_load8(text), short_word = word & 0xffffffff, long_word = word & 0xffffffffffull;
  bool is_true = (n == 4) & (short_word == 0x65757274), is_false = (n == 5) & (long_word == 0x65736c6166);
  bool is_one = (n == 1) & (text[0] == '1'), is_zero = (n == 1) & (text[0] == '0'), value = is_true | is_one;
  bool usual = !c->written->trues && (is_true | is_false | is_one | is_zero);
  if (!usual && !csv_values_bool(c->written, text, n, &value))
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

static void put_flag(uint8_t *bits, int64_t bit, uint8_t flag) {
  uint8_t rest = (uint8_t)(bits[bit >> 3] & ((1u << (bit & 7)) - 1));
  bits[bit >> 3] = (uint8_t)(rest | flag << (bit & 7));
}

/* Flags, a byte each, to bits from `bit` on; those of the last byte that are not used become 0. */
static void pack_flags(uint8_t *bits, int64_t bit, const uint8_t *flags, uint32_t n) {
  uint32_t i = 0;
  for (; i < n && (bit + i) & 7; i++)
    put_flag(bits, bit + i, flags[i]);
  for (; i + 8 <= n; i += 8)
    bits[(bit + i) >> 3] = (uint8_t)((csv_load8(flags + i) * 0x0102040810204080ull) >> 56);
  for (; i < n; i++)
    put_flag(bits, bit + i, flags[i]);
}

int csv_parse_bool(struct csv_column *c, struct csv_parse *p) {
  size_t size = (size_t)((c->length + p->index->rows + 7) >> 3);
  if (size > c->values.size && csv_column_reserve(&c->values, size - c->values.size, c->usual_values) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  int rc = csv_convert_rows(c, p, p->flags, 1, to_bool);
  if (rc == SLUICE_OK)
    pack_flags(c->values.data, c->length, p->flags, p->index->rows);
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
