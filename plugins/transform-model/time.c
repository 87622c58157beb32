/* Timestamps of a file as timestamps in UTC. Whole seconds and timestamps stay the memory that they are. */
#include "checking.h"
#include <math.h>

static const double seconds_max = 9e12; /* in microseconds that still fits 64 bits */

enum sluice_time_unit time_unit(const struct sluice_type *from) {
  switch (from->id) {
  case SLUICE_TYPE_INT64:
  case SLUICE_TYPE_DATE32:
    return SLUICE_SECOND;
  case SLUICE_TYPE_DATE64:
    return SLUICE_MILLI;
  case SLUICE_TYPE_TIMESTAMP:
    return from->unit;
  default:
    return SLUICE_MICRO;
  }
}

static bool from_seconds(double seconds, int64_t *us) {
  if (!(fabs(seconds) <= seconds_max))
    return false;
  *us = (int64_t)llround(seconds * 1e6);
  return true;
}

/* RFC 3339; digits behind the microseconds are cut. */
static bool from_rfc3339(struct span text, int64_t *us) {
  bool zoned;
  int64_t ns;
  if (sluice_parse_timestamp(text.data, text.size, SLUICE_MICRO, us, &zoned))
    return true;
  if (!sluice_parse_timestamp(text.data, text.size, SLUICE_NANO, &ns, &zoned))
    return false;
  *us = ns / 1000 - (ns % 1000 < 0);
  return true;
}

static bool from_text(struct span text, int64_t *us) {
  int64_t whole;
  int32_t days;
  double seconds;
  if (from_rfc3339(text, us))
    return true;
  if (sluice_parse_int(text.data, text.size, &whole)) {
    bool fits = whole <= (int64_t)seconds_max && whole >= -(int64_t)seconds_max;
    *us = fits ? whole * 1000000 : 0;
    return fits;
  }
  if (sluice_parse_date(text.data, text.size, &days)) {
    *us = (int64_t)days * 86400 * 1000000;
    return true;
  }
  return sluice_parse_double(text.data, text.size, &seconds) && from_seconds(seconds, us);
}

static bool convert(const struct sluice_type *type, const struct ArrowArray *array, int64_t i, int64_t *out) {
  if (type->id == SLUICE_TYPE_UTF8)
    return from_text(cell_text(array, i), out);
  if (type->id == SLUICE_TYPE_DOUBLE)
    return from_seconds(cell_number(type, array, i), out);
  *out = (int64_t)((const int32_t *)array->buffers[1])[array->offset + i] * 86400;
  return true;
}

static int bad_value(struct checking *c, const struct use *use, const struct ArrowArray *array, int64_t i) {
  char shown[SLUICE_TEXT_MAX];
  if (use->type.id == SLUICE_TYPE_UTF8)
    cell_shown(cell_text(array, i), shown);
  else
    shown[sluice_print_double(shown, cell_number(&use->type, array, i))] = 0;
  return checking_reject(c, i, use, "Invalid_Timestamp_Value",
                         "'%s' is no time: give seconds since 1970, or a text such as 2022-04-16T16:15:00Z", shown);
}

/* Nulls stay 0 here; check_missing rejects them. */
static int convert_all(struct checking *c, const struct use *use, const struct ArrowArray *array, int64_t *values) {
  int code = SLUICE_OK;
  for (int64_t i = 0; i < c->rows && !code; i++) {
    values[i] = 0;
    if (!sluice_is_null(array, i) && !convert(&use->type, array, i, &values[i]))
      code = bad_value(c, use, array, i);
  }
  return code;
}

static int copy_validity(const struct ArrowArray *array, int64_t n, struct sluice_buffer *out) {
  size_t bytes = ((size_t)n + 7) / 8;
  if (!array->buffers[0])
    return SLUICE_OK;
  int code = sluice_buffer_reserve(out, bytes + 1);
  if (code)
    return code;
  memset(out->data, 0, bytes + 1);
  for (int64_t i = 0; i < n; i++)
    out->data[i >> 3] |= (uint8_t)(!sluice_is_null(array, i) << (i & 7));
  out->size = bytes;
  return SLUICE_OK;
}

int time_convert(struct checking *c) {
  if (c->bound->time == NO_USE)
    return SLUICE_OK;
  const struct use *use = &c->bound->uses[c->bound->time];
  struct ArrowArray *view = &c->views[c->bound->time], made = {0};
  struct sluice_buffer buffers[2] = {{0}};
  size_t bytes = (size_t)c->rows * sizeof(int64_t);
  enum sluice_type_id id = use->type.id;
  if (id != SLUICE_TYPE_UTF8 && id != SLUICE_TYPE_DOUBLE && id != SLUICE_TYPE_DATE32)
    return SLUICE_OK;
  int code = sluice_buffer_reserve(&buffers[1], bytes + 1);
  if (!code)
    code = copy_validity(view, c->rows, &buffers[0]);
  if (!code)
    code = convert_all(c, use, view, (int64_t *)(void *)buffers[1].data);
  buffers[1].size = bytes;
  if (!code)
    code = sluice_array_adopt(&made, c->rows, -1, buffers, 2, NULL, 0, NULL);
  if (!code)
    code = sluice_array_share(&made);
  if (code) {
    sluice_buffer_free(&buffers[0]);
    sluice_buffer_free(&buffers[1]);
    sluice_array_release(&made);
    return code;
  }
  sluice_array_release(view);
  *view = made;
  return SLUICE_OK;
}
