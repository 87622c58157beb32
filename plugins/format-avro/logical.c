/* The annotations of types ("Logical Types"): those that are valid; others are ignored. */
#include "schema.h"

struct rule {
  const char *name;
  enum avro_logical logical;
  enum avro_kind kind;
  int64_t size; /* of a FIXED */
};

static const struct rule rules[] = {
    {"big-decimal", AVRO_BIG_DECIMAL, AVRO_BYTES, 0},
    {"uuid", AVRO_UUID, AVRO_STRING, 0},
    {"uuid", AVRO_UUID, AVRO_FIXED, 16},
    {"date", AVRO_DATE, AVRO_INT, 0},
    {"time-millis", AVRO_TIME_MILLIS, AVRO_INT, 0},
    {"time-micros", AVRO_TIME_MICROS, AVRO_LONG, 0},
    {"timestamp-millis", AVRO_TIMESTAMP_MILLIS, AVRO_LONG, 0},
    {"timestamp-micros", AVRO_TIMESTAMP_MICROS, AVRO_LONG, 0},
    {"timestamp-nanos", AVRO_TIMESTAMP_NANOS, AVRO_LONG, 0},
    {"local-timestamp-millis", AVRO_LOCAL_MILLIS, AVRO_LONG, 0},
    {"local-timestamp-micros", AVRO_LOCAL_MICROS, AVRO_LONG, 0},
    {"local-timestamp-nanos", AVRO_LOCAL_NANOS, AVRO_LONG, 0},
    {"duration", AVRO_DURATION, AVRO_FIXED, 12},
};

/* Digits that n bytes of a signed integer can always hold: floor(log10(2^(8n-1) - 1)). */
static int64_t digits_of(int64_t bytes) {
  if (bytes <= 0)
    return 0;
  if (bytes > 40)
    return 96;
  return (8 * bytes - 1) * 30103 / 100000; /* log10(2) = 0.3010300; exact for these sizes */
}

/* Arrow's decimals end at 76 digits: wider ones stay bytes. */
static void read_decimal(const json_t *object, struct avro_type *type) {
  const json_t *scale = json_object_get(object, "scale");
  int64_t p = json_integer_value(json_object_get(object, "precision")), s = json_integer_value(scale);
  if (type->kind != AVRO_BYTES && type->kind != AVRO_FIXED)
    return;
  if (p < 1 || p > 76 || s < 0 || s > p || (scale && !json_is_integer(scale)))
    return;
  if (type->kind == AVRO_FIXED && p > digits_of(type->size))
    return;
  type->logical = AVRO_DECIMAL;
  type->precision = (int32_t)p;
  type->scale = (int32_t)s;
}

void avro_logical_read(const json_t *object, struct avro_type *type) {
  const char *name = json_string_value(json_object_get(object, "logicalType"));
  if (!name)
    return;
  if (strcmp(name, "decimal") == 0)
    read_decimal(object, type);
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (strcmp(name, rules[i].name) == 0 && type->kind == rules[i].kind &&
        (type->kind != AVRO_FIXED || type->size == rules[i].size))
      type->logical = rules[i].logical;
}
