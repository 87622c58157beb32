/* Casts to text and bytes. */
#include "cast.h"

int cast_put_text(struct cast *c, const struct value *v, const char **why) {
  char text[SLUICE_TEXT_MAX];
  if (v->class == CLASS_BYTES && sluice_utf8_valid(v->span.data, v->span.size) != v->span.size) {
    *why = "not UTF-8";
    return SLUICE_ERR_DATA;
  }
  if (v->class == CLASS_BYTES || v->class == CLASS_TEXT)
    return sluice_builder_bytes(c->out, v->span.data, v->span.size);
  return sluice_builder_bytes(c->out, text, cast_print(&c->from, v, text));
}

int cast_put_bytes(struct cast *c, const struct value *v, const char **why) {
  *why = "another number of bytes";
  return sluice_builder_bytes(c->out, v->span.data, v->span.size);
}
