/* Rejecting rows, and reading cells. */
#include "checking.h"

int checking_reject(struct checking *c, int64_t row, const struct use *use, const char *code, const char *format, ...) {
  char reason[640];
  va_list args;
  if (!c->keep[row])
    return SLUICE_OK;
  c->keep[row] = 0;
  c->rejected++;
  size_t n = (size_t)snprintf(reason, sizeof reason, "%s: ", code);
  va_start(args, format);
  vsnprintf(reason + n, sizeof reason - n, format, args);
  va_end(args);
  if (!c->rejects) {
    int failed = sluice_fail(c->err, SLUICE_ERR_DATA, use ? use->name : "", "%s", reason);
    if (c->err)
      c->err->row = row;
    return failed;
  }
  struct sluice_reject reject = {.struct_size = sizeof reject,
                                 .seq = c->seq,
                                 .row = row,
                                 .offset = -1,
                                 .column = use ? use->name : NULL,
                                 .reason = reason};
  return c->rejects->add(c->rejects, &reject, c->err);
}

int64_t cell_int(const struct sluice_type *type, const struct ArrowArray *array, int64_t i) {
  const void *values = array->buffers[1];
  i += array->offset;
  switch (type->id) {
  case SLUICE_TYPE_INT8:
    return ((const int8_t *)values)[i];
  case SLUICE_TYPE_INT16:
    return ((const int16_t *)values)[i];
  case SLUICE_TYPE_INT32:
    return ((const int32_t *)values)[i];
  default:
    return ((const int64_t *)values)[i];
  }
}

double cell_number(const struct sluice_type *type, const struct ArrowArray *array, int64_t i) {
  if (type->id == SLUICE_TYPE_FLOAT)
    return (double)((const float *)array->buffers[1])[array->offset + i];
  if (type->id == SLUICE_TYPE_DOUBLE)
    return ((const double *)array->buffers[1])[array->offset + i];
  return (double)cell_int(type, array, i);
}

const char *cell_shown(struct span text, char out[48]) {
  enum { SHOWN = 40 };
  size_t n = sluice_utf8_valid(text.data, text.size < SHOWN ? text.size : SHOWN);
  for (size_t i = 0; i < n; i++)
    out[i] = (unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f ? '?' : text.data[i];
  memcpy(out + n, n < text.size ? "..." : "", n < text.size ? 4 : 1);
  return out;
}

size_t cell_characters(struct span text) {
  size_t n = 0;
  for (size_t i = 0; i < text.size; i++)
    n += ((unsigned char)text.data[i] & 0xc0) != 0x80;
  return n;
}
