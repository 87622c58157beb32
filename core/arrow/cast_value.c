/* Single values in casts: classes of types, reading, printing, and the step that takes them one by one. */
#include "cast.h"

enum class cast_class(enum sluice_type_id id) {
  switch (id){
    case SLUICE_TYPE_BOOL : return CLASS_BOOL;
    case SLUICE_TYPE_INT8 : case SLUICE_TYPE_INT16 : case SLUICE_TYPE_INT32 : case SLUICE_TYPE_INT64 : return CLASS_INT;
    case SLUICE_TYPE_UINT8 : case SLUICE_TYPE_UINT16 : case SLUICE_TYPE_UINT32 : case
    SLUICE_TYPE_UINT64 : return CLASS_UINT;
    case SLUICE_TYPE_HALF : case SLUICE_TYPE_FLOAT : case SLUICE_TYPE_DOUBLE : return CLASS_REAL;
    case SLUICE_TYPE_DECIMAL32 : case SLUICE_TYPE_DECIMAL64 : case SLUICE_TYPE_DECIMAL128 : case
    SLUICE_TYPE_DECIMAL256 : return CLASS_DECIMAL;
    case SLUICE_TYPE_UTF8 : case SLUICE_TYPE_LARGE_UTF8 : case SLUICE_TYPE_UTF8_VIEW : return CLASS_TEXT;
    case SLUICE_TYPE_BINARY : case SLUICE_TYPE_LARGE_BINARY : case SLUICE_TYPE_BINARY_VIEW : case
    SLUICE_TYPE_FIXED_BINARY : return CLASS_BYTES;
    case SLUICE_TYPE_DATE32 : case SLUICE_TYPE_DATE64 : return CLASS_DATE;
    case SLUICE_TYPE_TIME32 : case SLUICE_TYPE_TIME64 : return CLASS_TIME;
    case SLUICE_TYPE_TIMESTAMP : return CLASS_STAMP;
    case SLUICE_TYPE_DURATION : return CLASS_DURATION;
    default : return CLASS_NONE;
  }
}

#define BIT(class) (1u << (class))

bool cast_classes(enum class from, enum class to) {
  enum { NUMBERS = BIT(CLASS_INT) | BIT(CLASS_UINT) | BIT(CLASS_REAL) | BIT(CLASS_DECIMAL) };
  static const unsigned targets[] = {
      [CLASS_NONE] = 0,
      [CLASS_BOOL] = BIT(CLASS_BOOL) | BIT(CLASS_INT) | BIT(CLASS_UINT) | BIT(CLASS_TEXT),
      [CLASS_INT] = NUMBERS | BIT(CLASS_BOOL) | BIT(CLASS_TEXT),
      [CLASS_UINT] = NUMBERS | BIT(CLASS_BOOL) | BIT(CLASS_TEXT),
      [CLASS_REAL] = NUMBERS | BIT(CLASS_TEXT),
      [CLASS_DECIMAL] = NUMBERS | BIT(CLASS_TEXT),
      [CLASS_TEXT] = NUMBERS | BIT(CLASS_BOOL) | BIT(CLASS_TEXT) | BIT(CLASS_BYTES) | BIT(CLASS_DATE) |
                     BIT(CLASS_TIME) | BIT(CLASS_STAMP),
      [CLASS_BYTES] = BIT(CLASS_BYTES) | BIT(CLASS_TEXT),
      [CLASS_DATE] = BIT(CLASS_DATE) | BIT(CLASS_STAMP) | BIT(CLASS_TEXT),
      [CLASS_TIME] = BIT(CLASS_TIME) | BIT(CLASS_TEXT),
      [CLASS_STAMP] = BIT(CLASS_STAMP) | BIT(CLASS_DATE) | BIT(CLASS_TEXT),
      [CLASS_DURATION] = BIT(CLASS_DURATION),
  };
  return targets[from] >> to & 1;
}

/* Whole numbers of any width; without sign they are below 2^63 but for the widest. */
static int64_t read_integer(const struct sluice_type *type, const struct ArrowArray *array, int64_t i) {
  const void *data = array->buffers[1];
  i += array->offset;
  switch (type->id) {
  case SLUICE_TYPE_BOOL:
    return sluice_bit(data, i);
  case SLUICE_TYPE_INT8:
    return ((const int8_t *)data)[i];
  case SLUICE_TYPE_UINT8:
    return ((const uint8_t *)data)[i];
  case SLUICE_TYPE_INT16:
    return ((const int16_t *)data)[i];
  case SLUICE_TYPE_UINT16:
    return ((const uint16_t *)data)[i];
  case SLUICE_TYPE_UINT32:
    return ((const uint32_t *)data)[i];
  case SLUICE_TYPE_INT32:
  case SLUICE_TYPE_TIME32:
    return ((const int32_t *)data)[i];
  case SLUICE_TYPE_DATE32:
    return (int64_t)((const int32_t *)data)[i] * 86400000;
  default:
    return ((const int64_t *)data)[i];
  }
}

static double read_real(const struct sluice_type *type, const struct ArrowArray *array, int64_t i) {
  const void *data = array->buffers[1];
  i += array->offset;
  if (type->id == SLUICE_TYPE_DOUBLE)
    return ((const double *)data)[i];
  if (type->id == SLUICE_TYPE_FLOAT)
    return (double)((const float *)data)[i];
  return half_to_double(((const uint16_t *)data)[i]);
}

void cast_read(const struct sluice_type *type, const struct ArrowArray *array, int64_t i, struct value *out) {
  out->class = cast_class(type->id);
  switch (out->class) {
  case CLASS_UINT:
    out->whole = (uint64_t)read_integer(type, array, i);
    break;
  case CLASS_REAL:
    out->real = read_real(type, array, i);
    break;
  case CLASS_DECIMAL:
    out->decimal = wide_load(array_span(type, array, i).data, type->width);
    break;
  case CLASS_TEXT:
  case CLASS_BYTES:
    out->span = array_span(type, array, i);
    break;
  default:
    out->integer = read_integer(type, array, i);
  }
}

static size_t print_bool(bool value, char *out) {
  memcpy(out, value ? "true" : "false", 5);
  return value ? 4 : 5;
}

/* A date with a time of day, which date64 can have, shows it. */
static size_t print_date(int64_t milliseconds, char *out) {
  if (milliseconds % 86400000)
    return sluice_print_timestamp(out, milliseconds, SLUICE_MILLI, false);
  return sluice_print_date(out, milliseconds / 86400000);
}

size_t cast_print(const struct sluice_type *type, const struct value *value, char *out) {
  switch (value->class) {
  case CLASS_BOOL:
    return print_bool(value->integer, out);
  case CLASS_UINT:
    return sluice_print_uint(out, value->whole);
  case CLASS_REAL:
    if (type->id == SLUICE_TYPE_DOUBLE)
      return sluice_print_double(out, value->real);
    return sluice_print_float(out, (float)value->real);
  case CLASS_DECIMAL:
    return sluice_print_decimal(out, &value->decimal, sizeof value->decimal, type->scale);
  case CLASS_DATE:
    return print_date(value->integer, out);
  case CLASS_TIME:
    return sluice_print_time(out, value->integer, type->unit);
  case CLASS_STAMP:
    return sluice_print_timestamp(out, value->integer, type->unit, type->timezone[0] != 0);
  case CLASS_TEXT:
  case CLASS_BYTES:
    return 0;
  default:
    return sluice_print_int(out, value->integer);
  }
}

static int report(struct cast *c, int64_t row, const struct value *value, const char *why) {
  char text[SLUICE_TEXT_MAX];
  if (value->class == CLASS_TEXT || value->class == CLASS_BYTES)
    return cast_misfit(c, row, (const char *)value->span.data, value->span.size, why);
  return cast_misfit(c, row, text, cast_print(&c->from, value, text), why);
}

static cast_put_fn *put_function(enum class class) {
  static cast_put_fn *const functions[] = {
      [CLASS_BOOL] = cast_put_bool,   [CLASS_INT] = cast_put_int,           [CLASS_UINT] = cast_put_int,
      [CLASS_REAL] = cast_put_real,   [CLASS_DECIMAL] = cast_put_decimal,   [CLASS_TEXT] = cast_put_text,
      [CLASS_BYTES] = cast_put_bytes, [CLASS_DATE] = cast_put_date,         [CLASS_TIME] = cast_put_time,
      [CLASS_STAMP] = cast_put_stamp, [CLASS_DURATION] = cast_put_duration,
  };
  return functions[class];
}

int cast_scalar(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  cast_put_fn *put = put_function(cast_class(c->to.id));
  struct value value = {0};
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++) {
    if (sluice_is_null(array, first + i)) {
      status = sluice_builder_null(c->out);
      continue;
    }
    const char *why = "out of range";
    cast_read(&c->from, array, first + i, &value);
    status = put(c, &value, &why);
    if (status == SLUICE_ERR_DATA)
      status = report(c, rows.first + i * rows.step, &value, why);
  }
  return status;
}
