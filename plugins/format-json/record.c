/* A record as a whole: its text is proved, or mended, before it is read; and what becomes of one that cannot be. */
#include "reader.h"

enum { SHOWN = 60, REASON = 600, PATH = 300 };

/* ---- text ---- */

/* A copy in which each byte that is not of UTF-8 is U+FFFD. */
static int mend(struct json_reader *r, const uint8_t *p, size_t n) {
  r->mended.size = 0;
  for (size_t at = 0; at < n;) {
    size_t valid = sluice_utf8_valid(p + at, n - at);
    int code = sluice_buffer_append(&r->mended, p + at, valid);
    at += valid;
    if (!code && at < n) {
      code = sluice_buffer_append(&r->mended, "\xef\xbf\xbd", 3);
      at++;
    }
    if (code)
      return code;
  }
  static const uint8_t padding[JSON_PADDING];
  int code = sluice_buffer_append(&r->mended, padding, sizeof padding);
  size_t size = r->mended.size - sizeof padding, end;
  json_scan_begin(&r->mended_scan);
  if (!code)
    code = json_scan_line(&r->mended_scan, r->mended.data, size, true, &end);
  if (code)
    return code;
  r->run.base = r->mended.data;
  r->run.end = r->mended.data + size;
  r->run.blocks = json_scan_blocks(&r->mended_scan);
  return SLUICE_OK;
}

/* Only what is in strings can be mended. */
static enum json_fault_code check_utf8(struct json_reader *r, const uint8_t *p, size_t n) {
  size_t valid = sluice_utf8_valid(p, n);
  if (valid == n)
    return JSON_FAULT_NONE;
  if (r->format->config->bad_text == JSON_BAD_TEXT_REPLACE)
    return mend(r, p, n) == SLUICE_OK ? JSON_FAULT_NONE : JSON_FAULT_MEMORY;
  json_fail(&r->run, JSON_FAULT_UTF8, p + valid, NULL);
  return JSON_FAULT_UTF8;
}

enum json_fault_code json_record_begin(struct json_reader *r) {
  const struct json_frame *f = &r->frame;
  const struct json_carry *c = &r->framer.scan.carry;
  const uint8_t *p = f->fault == JSON_FAULT_LONG ? r->framer.walk.raw : json_input_bytes(&r->window);
  r->run.base = p;
  r->run.end = p + f->size;
  r->run.blocks = json_scan_blocks(&r->framer.scan);
  enum json_fault_code code = f->fault;
  if (!code && c->open)
    code = JSON_FAULT_OPEN;
  else if (!code && c->control)
    code = JSON_FAULT_CONTROL;
  if (code)
    json_fail(&r->run, code, p, NULL);
  else if (c->high)
    code = check_utf8(r, p, f->size);
  r->run.fault.code = code;
  return code;
}

/* ---- rejects ---- */

/* At most SHOWN bytes of a value for people: no control characters, no broken UTF-8. */
static void show_value(char out[SHOWN + 4], const uint8_t *text, size_t n) {
  size_t shown = n < SHOWN ? n : SHOWN, i = 0;
  while (i < shown) {
    size_t valid = sluice_utf8_valid(text + i, shown - i);
    for (size_t k = i; k < i + valid; k++)
      out[k] = text[k] < 0x20 || text[k] == 0x7f ? '?' : (char)text[k];
    i += valid;
    if (i < shown)
      out[i++] = '?';
  }
  memcpy(out + shown, n > shown ? "..." : "", n > shown ? 4 : 1);
}

/* The field of a column; NULL: it is the record itself. */
static const struct ArrowSchema *field_of(const struct ArrowSchema *schema, const struct json_column *c) {
  const struct json_column *parent = c->parent;
  const struct ArrowSchema *outer = parent ? field_of(schema, parent) : NULL;
  for (uint32_t i = 0; outer && i < parent->count; i++)
    if (parent->children[i] == c)
      return outer->children[i];
  return parent ? NULL : schema;
}

/* "a.b[].c" */
static size_t write_path(const struct json_column *c, char *out, size_t size) {
  if (!c->parent)
    return 0;
  size_t n = write_path(c->parent, out, size);
  bool item = c->parent->shape == JSON_SHAPE_LIST || c->parent->shape == JSON_SHAPE_ITEMS;
  int more = item ? snprintf(out + n, size - n, "[]") : snprintf(out + n, size - n, "%s%s", n ? "." : "", c->name);
  n += more > 0 ? (size_t)more : 0;
  return n < size ? n : size - 1;
}

static void describe_value(const struct json_reader *r, const struct json_fault *f, const char *value, char *out) {
  char type[96];
  const struct ArrowSchema *field = field_of(&r->schema, f->column);
  sluice_type_name(field ? field->format : "+s", type, sizeof type);
  switch (f->code) {
  case JSON_FAULT_NO_VALUE:
    snprintf(out, REASON, "no value for a column that must have one, %s", type);
    break;
  case JSON_FAULT_TWICE:
    snprintf(out, REASON, "the object has this member more than once; see the option duplicates");
    break;
  case JSON_FAULT_UNKNOWN:
    snprintf(out, REASON, "a member %s, which the schema does not have; see the options extra and sample", value);
    break;
  case JSON_FAULT_LARGE:
    snprintf(out, REASON, "the record takes too much memory, for many columns have no value in it");
    break;
  default:
    snprintf(out, REASON, "%s is not %s", value, type);
    break;
  }
}

static void describe(const struct json_reader *r, char *out) {
  const struct json_fault *f = &r->run.fault;
  char value[SHOWN + 4];
  show_value(value, f->text, f->size);
  if (f->column) {
    describe_value(r, f, value, out);
    return;
  }
  switch (f->code) {
  case JSON_FAULT_OPEN:
    snprintf(out, REASON, "not JSON: a string is opened and never closed");
    break;
  case JSON_FAULT_CONTROL:
    snprintf(out, REASON, "not JSON: a control character in a string, which must be escaped");
    break;
  case JSON_FAULT_UTF8:
    snprintf(out, REASON, "not UTF-8 at byte %zu of the record; see the option bad_text", f->at);
    break;
  case JSON_FAULT_SURROGATE:
    snprintf(out, REASON, "half of a surrogate pair at byte %zu of the record, which no text can hold; see bad_text",
             f->at);
    break;
  case JSON_FAULT_DEEP:
    snprintf(out, REASON, "nested deeper than %d levels", JSON_MAX_DEPTH);
    break;
  case JSON_FAULT_OBJECT:
    snprintf(out, REASON, "the record is no object");
    break;
  case JSON_FAULT_CUT:
    snprintf(out, REASON, "the part ends within the record");
    break;
  case JSON_FAULT_LONG:
    snprintf(out, REASON, "the record has %lld bytes, and max_record is %lld", (long long)r->frame.whole,
             (long long)r->format->config->max_record);
    break;
  default:
    snprintf(out, REASON, "not JSON: %s expected at byte %zu of the record, where %s%s%s", f->what, f->at,
             f->size ? "there is \"" : "it ends", value, f->size ? "\"" : "");
    break;
  }
}

static int fail(const struct json_reader *r, const char *column, const char *reason, struct sluice_error *err) {
  bool first = err && !err->message[0];
  sluice_fail(err, SLUICE_ERR_DATA, r->part,
              "record %lld, at byte %lld%s%s%s: %s; mend it, or let bad records be rejected", (long long)r->row,
              (long long)r->frame.offset, column ? ", column \"" : "", column ? column : "", column ? "\"" : "",
              reason);
  if (first) {
    err->row = r->row;
    err->offset = r->frame.offset;
  }
  return SLUICE_ERR_DATA;
}

int json_record_reject(struct json_reader *r, struct sluice_error *err) {
  const struct json_fault *f = &r->run.fault;
  const struct json_frame *frame = &r->frame;
  bool text = f->code == JSON_FAULT_UTF8 || f->code == JSON_FAULT_SURROGATE;
  char reason[REASON + 80], path[PATH] = "";
  describe(r, reason);
  if (f->column)
    write_path(f->column, path, sizeof path);
  const char *column = path[0] ? path : NULL;
  if (!r->rejects || (text && r->format->config->bad_text == JSON_BAD_TEXT_ERROR))
    return fail(r, column, reason, err);
  size_t raw_size = frame->size < JSON_RAW_MAX ? frame->size : JSON_RAW_MAX, n = strlen(reason);
  if ((int64_t)raw_size < frame->whole)
    snprintf(reason + n, sizeof reason - n, " (of its %lld bytes the first %zu are kept)", (long long)frame->whole,
             raw_size);
  const void *raw = frame->fault == JSON_FAULT_LONG ? r->framer.walk.raw : json_input_bytes(&r->window);
  const struct sluice_reject reject = {.struct_size = sizeof reject,
                                       .row = r->row,
                                       .offset = frame->offset,
                                       .column = column,
                                       .reason = reason,
                                       .raw = raw,
                                       .raw_size = raw_size};
  return r->rejects->add(r->rejects, &reject, err);
}
