/* Over a record that is too long to be held. */
#include "walk.h"
#include <stdlib.h>

int json_walk_begin(struct json_walk *walk, const struct json_input *w, size_t most) {
  size_t held = json_input_size(w) < most ? json_input_size(w) : most;
  held = held < JSON_RAW_MAX ? held : JSON_RAW_MAX;
  uint8_t *raw = malloc(held + 1);
  if (!raw)
    return SLUICE_ERR_MEMORY;
  memcpy(raw, json_input_bytes(w), held);
  *walk = (struct json_walk){.active = true, .offset = w->offset, .raw = raw, .held = held};
  return SLUICE_OK;
}

/* Takes a byte; true: the record has ended before it (what is no object) or with it. */
static bool take(struct json_walk *k, enum json_layout layout, uint8_t c, bool *before) {
  if (layout == JSON_LAYOUT_LINES)
    return c == '\n';
  *before =
      k->depth == 0 && !k->in_string && (layout == JSON_LAYOUT_ARRAY ? c == ',' || c == ']' : c == '\n' || c == 0x1e);
  if (*before)
    return true;
  bool escaped = k->escaped;
  k->escaped = k->in_string && c == '\\' && !escaped;
  if (c == '"' && !escaped)
    k->in_string = !k->in_string;
  if (k->in_string)
    return false;
  k->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
  return (c == '}' || c == ']') && k->depth <= 0;
}

int json_walk_on(struct json_walk *k, enum json_layout layout, struct json_input *w, struct sluice_error *err) {
  for (;;) {
    const uint8_t *p = json_input_bytes(w);
    size_t i = 0, n = json_input_size(w);
    bool ended = false, before = false;
    while (i < n && !ended)
      ended = take(k, layout, p[i++], &before);
    i -= before;
    json_input_skip(w, i);
    k->size += (int64_t)i - (ended && layout == JSON_LAYOUT_LINES);
    if (ended || w->ended)
      return SLUICE_OK;
    int code = json_input_more(w, err);
    if (code)
      return code;
  }
}
