/* Telling of values that do not fit. */
#include "cast.h"

/* At most 64 bytes of a value, whole characters, with what could spoil a terminal or is no text replaced. */
static void shorten(const char *value, size_t n, char out[80]) {
  enum { SHOWN = 64 };
  size_t take = n < SHOWN ? n : SHOWN, valid = sluice_utf8_valid(value, take), at = 0;
  if (valid < take && valid + 4 > SHOWN)
    take = valid; /* cut within a character */
  while (at < take) {
    valid = at + sluice_utf8_valid(value + at, take - at);
    for (; at < valid; at++)
      out[at] = (unsigned char)value[at] < 0x20 || value[at] == 0x7f ? '?' : value[at];
    if (at < take)
      out[at++] = '?';
  }
  memcpy(out + at, n > take ? "..." : "", n > take ? 4 : 1);
}

int cast_misfit(struct cast *c, int64_t row, const char *value, size_t n, const char *why) {
  char shown[80], type[96], reason[320];
  shorten(value, n, shown);
  sluice_type_name(c->to_schema->format, type, sizeof type);
  snprintf(reason, sizeof reason, "\"%s\" does not fit %s: %s", shown, type, why);
  if (!c->job->misfit) {
    int status = sluice_fail(c->job->err, SLUICE_ERR_DATA, c->column, "%s", reason);
    if (c->job->err)
      c->job->err->row = row;
    return status;
  }
  int status = c->job->misfit(c->job->context, row, c->column, reason);
  return status == SLUICE_OK ? sluice_builder_null(c->out) : status;
}
