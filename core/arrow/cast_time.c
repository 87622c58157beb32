/* Casts to dates, times of day, timestamps and durations. */
#include "cast.h"

enum { MS_A_DAY = 86400000 };

static int refuse(const char **why, const char *reason) {
  *why = reason;
  return SLUICE_ERR_DATA;
}

/* From one unit to another; false: digits would be lost, or out of range. */
static bool convert(int64_t value, enum sluice_time_unit from, enum sluice_time_unit to, int64_t *out) {
  int64_t a = units_per_second(from), b = units_per_second(to);
  if (b >= a)
    return !__builtin_mul_overflow(value, b / a, out);
  *out = value / (a / b);
  return value % (a / b) == 0;
}

static int put_milliseconds_as_date(struct cast *c, int64_t value, const char **why) {
  if (c->to.id == SLUICE_TYPE_DATE64 && cast_class(c->from.id) == CLASS_DATE)
    return sluice_builder_int(c->out, value);
  if (value % MS_A_DAY != 0)
    return refuse(why, "it has a time of day");
  return sluice_builder_int(c->out, c->to.id == SLUICE_TYPE_DATE64 ? value : value / MS_A_DAY);
}

/* A midnight is a day; its days fit whatever the unit, its milliseconds may not. */
static int put_stamp_as_date(struct cast *c, int64_t value, const char **why) {
  int64_t per_day = units_per_second(c->from.unit) * 86400, days = value / per_day;
  if (value % per_day != 0)
    return refuse(why, "it has a time of day");
  if (c->to.id == SLUICE_TYPE_DATE32)
    return sluice_builder_int(c->out, days);
  if (__builtin_mul_overflow(days, (int64_t)MS_A_DAY, &days))
    return SLUICE_ERR_DATA;
  return sluice_builder_int(c->out, days);
}

int cast_put_date(struct cast *c, const struct value *v, const char **why) {
  int32_t days;
  if (v->class == CLASS_STAMP)
    return put_stamp_as_date(c, v->integer, why);
  if (v->class == CLASS_DATE)
    return put_milliseconds_as_date(c, v->integer, why);
  if (!sluice_parse_date((const char *)v->span.data, v->span.size, &days))
    return refuse(why, "not a date YYYY-MM-DD");
  return put_milliseconds_as_date(c, (int64_t)days * MS_A_DAY, why);
}

int cast_put_time(struct cast *c, const struct value *v, const char **why) {
  int64_t value;
  if (v->class == CLASS_TIME) {
    if (!convert(v->integer, c->from.unit, c->to.unit, &value))
      return refuse(why, "finer than its unit");
    return sluice_builder_int(c->out, value);
  }
  if (!sluice_parse_time((const char *)v->span.data, v->span.size, c->to.unit, &value))
    return refuse(why, "not a time HH:MM:SS, or finer than its unit");
  return sluice_builder_int(c->out, value);
}

static int put_text_as_stamp(struct cast *c, const char *text, size_t n, const char **why) {
  int64_t value;
  int32_t days;
  bool zoned;
  if (sluice_parse_timestamp(text, n, c->to.unit, &value, &zoned)) {
    if (zoned && c->to.timezone[0] == 0)
      return refuse(why, "it has a time zone, which this type has not");
    return sluice_builder_int(c->out, value);
  }
  if (!sluice_parse_date(text, n, &days))
    return refuse(why, "not a timestamp, or finer than its unit");
  if (__builtin_mul_overflow((int64_t)days * 86400, units_per_second(c->to.unit), &value))
    return SLUICE_ERR_DATA;
  return sluice_builder_int(c->out, value);
}

int cast_put_stamp(struct cast *c, const struct value *v, const char **why) {
  int64_t value;
  if (v->class == CLASS_TEXT)
    return put_text_as_stamp(c, (const char *)v->span.data, v->span.size, why);
  enum sluice_time_unit from = v->class == CLASS_DATE ? SLUICE_MILLI : c->from.unit;
  if (!convert(v->integer, from, c->to.unit, &value))
    return refuse(why, "finer than its unit, or out of range");
  return sluice_builder_int(c->out, value);
}

int cast_put_duration(struct cast *c, const struct value *v, const char **why) {
  int64_t value;
  if (!convert(v->integer, c->from.unit, c->to.unit, &value))
    return refuse(why, "finer than its unit, or out of range");
  return sluice_builder_int(c->out, value);
}
