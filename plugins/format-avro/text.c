/* Single values as JSON, as the encoders of the host write them. */
#include "text.h"
#include <math.h>

void avro_text_put(struct avro_text *t, const char *bytes, size_t n) {
  struct sluice_buffer *out = &t->column->bytes;
  if (t->failed)
    return;
  if (n + AVRO_SYNC > out->capacity - out->size &&
      avro_column_reserve(t->run->columns, t->column, n + AVRO_SYNC) != SLUICE_OK) {
    avro_run_break(t->run, SLUICE_ERR_MEMORY,
                   "no memory for JSON text, or more than a batch may have: raise max_block");
    t->failed = true;
    return;
  }
  memcpy(out->data + out->size, bytes, n);
  out->size += n;
}

static void put_escaped(struct avro_text *t, uint8_t c) {
  static const char hex[] = "0123456789abcdef";
  const char *known = strchr("\"\\\n\r\t\b\f", c);
  char text[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15], 0};
  if (c && known) {
    text[1] = "\"\\nrtbf"[known - strchr("\"\\\n\r\t\b\f", '"')];
    text[2] = 0;
  }
  avro_text_add(t, text);
}

static const char *escape_at(const uint8_t *p, const uint8_t *end) {
  while (p < end && *p >= 0x20 && *p != '"' && *p != '\\')
    p++;
  return (const char *)p;
}

void avro_text_quote(struct avro_text *t, const void *bytes, size_t n) {
  const uint8_t *p = bytes, *end = p + n;
  if (sluice_utf8_valid(bytes, n) != n) {
    avro_run_fault(t->run, t->column, "a text is not valid UTF-8");
    end = p;
  }
  avro_text_add(t, "\"");
  while (p < end) {
    const char *stop = escape_at(p, end);
    avro_text_put(t, (const char *)p, (size_t)(stop - (const char *)p));
    p = (const uint8_t *)stop;
    if (p < end)
      put_escaped(t, *p++);
  }
  avro_text_add(t, "\"");
}

void avro_text_base64(struct avro_text *t, const uint8_t *bytes, size_t n) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  avro_text_add(t, "\"");
  for (size_t i = 0; i < n; i += 3) {
    uint32_t left = (uint32_t)(n - i), group = (uint32_t)bytes[i] << 16;
    group |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
    group |= left > 2 ? bytes[i + 2] : 0;
    char out[4] = {letters[group >> 18], letters[group >> 12 & 63], '=', '='};
    if (left > 1)
      out[2] = letters[group >> 6 & 63];
    if (left > 2)
      out[3] = letters[group & 63];
    avro_text_put(t, out, 4);
  }
  avro_text_add(t, "\"");
}

void avro_text_long(struct avro_text *t, const struct avro_type *type, int64_t value) {
  char out[SLUICE_TEXT_MAX + 2];
  static const enum sluice_time_unit units[] = {
      [AVRO_TIME_MILLIS] = SLUICE_MILLI,      [AVRO_TIME_MICROS] = SLUICE_MICRO,
      [AVRO_TIMESTAMP_MILLIS] = SLUICE_MILLI, [AVRO_TIMESTAMP_MICROS] = SLUICE_MICRO,
      [AVRO_TIMESTAMP_NANOS] = SLUICE_NANO,   [AVRO_LOCAL_MILLIS] = SLUICE_MILLI,
      [AVRO_LOCAL_MICROS] = SLUICE_MICRO,     [AVRO_LOCAL_NANOS] = SLUICE_NANO,
      [AVRO_DURATION] = SLUICE_MILLI};
  enum avro_logical logical = type->logical;
  size_t n = 1;
  out[0] = '"';
  if (logical == AVRO_DATE)
    n += sluice_print_date(out + 1, value);
  else if (logical == AVRO_TIME_MILLIS || logical == AVRO_TIME_MICROS)
    n += sluice_print_time(out + 1, value, units[logical]);
  else if (logical >= AVRO_TIMESTAMP_MILLIS && logical <= AVRO_LOCAL_NANOS)
    n += sluice_print_timestamp(out + 1, value, units[logical], logical <= AVRO_TIMESTAMP_NANOS);
  else {
    avro_text_put(t, out, sluice_print_int(out, value));
    return;
  }
  out[n++] = '"';
  avro_text_put(t, out, n);
}

void avro_text_double(struct avro_text *t, double value) {
  char out[SLUICE_TEXT_MAX];
  if (isfinite(value))
    avro_text_put(t, out, sluice_print_double(out, value));
  else
    avro_text_add(t, "null");
}

void avro_text_float(struct avro_text *t, float value) {
  char out[SLUICE_TEXT_MAX];
  if (isfinite(value))
    avro_text_put(t, out, sluice_print_float(out, value));
  else
    avro_text_add(t, "null");
}

static void put_decimal(struct avro_text *t, const struct avro_type *type, const uint8_t *bytes, size_t n) {
  uint8_t value[32];
  char out[SLUICE_TEXT_MAX];
  struct avro_column column = {.width = sizeof value, .values = value, .type = type};
  const struct avro_op op = {.column = &column};
  avro_decimal_put(t->run, &op, bytes, 0, (int64_t)n);
  if (t->run->culprit == &column)
    t->run->culprit = t->column;
  avro_text_put(t, out, sluice_print_decimal(out, value, sizeof value, type->scale));
}

static void put_duration(struct avro_text *t, const uint8_t *bytes) {
  uint32_t parts[3];
  char out[100];
  memcpy(parts, bytes, sizeof parts);
  int n = snprintf(out, sizeof out, "\"P%uM%uDT%u.%03uS\"", parts[0], parts[1], parts[2] / 1000, parts[2] % 1000);
  avro_text_put(t, out, (size_t)n);
}

static void put_big_decimal(struct avro_text *t, const uint8_t *bytes, size_t n) {
  char out[AVRO_DECIMAL_TEXT];
  size_t size = avro_big_decimal_print(bytes, n, out);
  if (size == 0)
    avro_run_fault(t->run, t->column, "a big-decimal of %zu bytes is none, or larger than is taken", n);
  avro_text_quote(t, out, size);
}

void avro_text_bytes(struct avro_text *t, const struct avro_type *writer, const struct avro_type *reader,
                     const uint8_t *bytes, size_t n) {
  char uuid[64];
  if (reader->logical == AVRO_DECIMAL)
    put_decimal(t, reader, bytes, n);
  else if (reader->logical == AVRO_BIG_DECIMAL)
    put_big_decimal(t, bytes, n);
  else if (reader->logical == AVRO_DURATION && writer->kind == AVRO_FIXED)
    put_duration(t, bytes);
  else if (reader->logical == AVRO_UUID && writer->kind == AVRO_FIXED)
    avro_text_quote(t, uuid, avro_uuid_print(bytes, uuid));
  else if (reader->kind == AVRO_STRING)
    avro_text_quote(t, bytes, n);
  else
    avro_text_base64(t, bytes, n);
}
