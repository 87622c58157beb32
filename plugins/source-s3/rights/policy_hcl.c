/* JSON values as HCL expressions. */
#include "rights/policy_hcl.h"
#include <string.h>

static void put_character(struct text *out, const char *at) {
  bool template = (*at == '$' || *at == '%') && at[1] == '{';
  unsigned char c = (unsigned char)*at;
  if (c == '"' || c == '\\')
    text_printf(out, "\\%c", c);
  else if (c == '\n')
    text_puts(out, "\\n");
  else if (c < 0x20 || c == 0x7f)
    text_printf(out, "\\u%04x", c);
  else
    text_printf(out, template ? "%c%c" : "%c", c, c);
}

void hcl_put_string(struct text *out, const char *text) {
  text_puts(out, "\"");
  for (const char *at = text; *at; at++)
    put_character(out, at);
  text_puts(out, "\"");
}

static bool is_name(const char *key) {
  size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  return n > 0 && !key[n];
}

static void put_key(struct text *out, const char *key) {
  if (is_name(key))
    text_puts(out, key);
  else
    hcl_put_string(out, key);
}

static size_t key_width(const char *key) {
  struct text text = {0};
  put_key(&text, key);
  size_t n = text.size;
  text_finish(&text);
  return n;
}

/* fmt aligns the signs of equality of members that are next to each other and each on one line. */
static size_t width_of_run(json_t *object, void *at) {
  size_t widest = 0;
  for (void *iter = at; iter && json_is_string(json_object_iter_value(iter));
       iter = json_object_iter_next(object, iter)) {
    size_t n = key_width(json_object_iter_key(iter));
    widest = n > widest ? n : widest;
  }
  return widest;
}

static void put_object(struct text *out, json_t *object, int indent) {
  size_t width = 0;
  bool in_run = false;
  text_puts(out, "{\n");
  for (void *iter = json_object_iter(object); iter; iter = json_object_iter_next(object, iter)) {
    json_t *value = json_object_iter_value(iter);
    const char *key = json_object_iter_key(iter);
    size_t n = key_width(key);
    if (json_is_string(value) && !in_run)
      width = width_of_run(object, iter);
    in_run = json_is_string(value);
    text_printf(out, "%*s", indent + 2, "");
    put_key(out, key);
    text_printf(out, "%*s = ", in_run ? (int)(width - n) : 0, "");
    hcl_put_value(out, value, indent + 2);
    text_puts(out, "\n");
  }
  text_printf(out, "%*s}", indent, "");
}

static void put_array(struct text *out, json_t *array, int indent) {
  text_puts(out, "[\n");
  for (size_t i = 0; i < json_array_size(array); i++) {
    text_printf(out, "%*s", indent + 2, "");
    hcl_put_value(out, json_array_get(array, i), indent + 2);
    text_puts(out, ",\n");
  }
  text_printf(out, "%*s]", indent, "");
}

void hcl_put_value(struct text *out, json_t *value, int indent) {
  if (json_is_object(value))
    put_object(out, value, indent);
  else if (json_is_array(value))
    put_array(out, value, indent);
  else
    hcl_put_string(out, json_string_value(value));
}
