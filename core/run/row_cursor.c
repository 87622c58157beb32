/* The cursor of sync by row. */
#include "core/run/row_cursor.h"
#include "core/log/log.h"
#include "core/run/record_keys.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum { VALUE_MAX = 256 /* longer texts do not become the highest value */ };

enum order { ORDER_SIGNED, ORDER_UNSIGNED, ORDER_FLOAT, ORDER_DOUBLE, ORDER_BYTES };
struct value {
  bool any;
  uint8_t size_low, size_high; /* of the bytes, as they stand in Arrow's buffers */
  uint8_t bytes[VALUE_MAX];
};
struct seen { /* the highest value up to a batch */
  int64_t seq;
  struct value value;
};
struct row_cursor {
  const char *column, *format;
  json_t *keys; /* of the job: of other keys another cursor is meant */
  int64_t at;   /* of the column */
  struct sluice_type type;
  enum order order;
  struct value before, next; /* in force; the highest behind checkpoints */
  struct seen *seen;         /* values rise */
  size_t n, room;
  char *text;
};

/* ---- values ---- */

struct view {
  const uint8_t *bytes;
  size_t size;
};

static struct view view_of(const struct value *v) {
  return (struct view){v->bytes, (size_t)v->size_low | (size_t)v->size_high << 8};
}

static void set_value(struct value *v, struct view from) {
  v->any = true;
  v->size_low = (uint8_t)from.size;
  v->size_high = (uint8_t)(from.size >> 8);
  memcpy(v->bytes, from.bytes, from.size);
}

/* Little-endian, as wide as each other; the sign is in the last byte. */
static int compare_numbers(struct view a, struct view b, bool has_sign) {
  uint8_t flip = has_sign ? 0x80 : 0;
  for (size_t i = a.size; i-- > 0;) {
    uint8_t x = a.bytes[i] ^ (i + 1 == a.size ? flip : 0), y = b.bytes[i] ^ (i + 1 == a.size ? flip : 0);
    if (x != y)
      return x < y ? -1 : 1;
  }
  return 0;
}

static double number_of(enum order order, struct view v) {
  float single;
  double number;
  if (order == ORDER_DOUBLE) {
    memcpy(&number, v.bytes, sizeof number);
    return number;
  }
  memcpy(&single, v.bytes, sizeof single);
  return (double)single;
}

static int compare_bytes(struct view a, struct view b) {
  size_t shorter = a.size < b.size ? a.size : b.size;
  int order = shorter ? memcmp(a.bytes, b.bytes, shorter) : 0;
  return order ? order : a.size < b.size ? -1 : a.size > b.size;
}

static int compare(enum order order, struct view a, struct view b) {
  if (order == ORDER_SIGNED || order == ORDER_UNSIGNED)
    return compare_numbers(a, b, order == ORDER_SIGNED);
  if (order == ORDER_BYTES)
    return compare_bytes(a, b);
  double x = number_of(order, a), y = number_of(order, b);
  return x < y ? -1 : x > y;
}

static bool find_order(const struct sluice_type *type, enum order *out) {
  switch (type->id) {
  case SLUICE_TYPE_UINT8:
  case SLUICE_TYPE_UINT16:
  case SLUICE_TYPE_UINT32:
  case SLUICE_TYPE_UINT64:
    *out = ORDER_UNSIGNED;
    return true;
  case SLUICE_TYPE_INT8:
  case SLUICE_TYPE_INT16:
  case SLUICE_TYPE_INT32:
  case SLUICE_TYPE_INT64:
  case SLUICE_TYPE_DECIMAL32:
  case SLUICE_TYPE_DECIMAL64:
  case SLUICE_TYPE_DECIMAL128:
  case SLUICE_TYPE_DECIMAL256:
  case SLUICE_TYPE_DATE32:
  case SLUICE_TYPE_DATE64:
  case SLUICE_TYPE_TIME32:
  case SLUICE_TYPE_TIME64:
  case SLUICE_TYPE_TIMESTAMP:
    *out = ORDER_SIGNED;
    return true;
  case SLUICE_TYPE_FLOAT:
  case SLUICE_TYPE_DOUBLE:
    *out = type->id == SLUICE_TYPE_FLOAT ? ORDER_FLOAT : ORDER_DOUBLE;
    return true;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_LARGE_UTF8:
    *out = ORDER_BYTES;
    return true;
  default:
    return false;
  }
}

/* false: it is null, or not a number. i: before the arrays' offsets. */
static bool get_value(const struct row_cursor *c, const struct ArrowArray *column, int64_t i, struct view *out) {
  if (sluice_is_null(column, i))
    return false;
  size_t at = (size_t)(column->offset + i);
  if (c->type.id == SLUICE_TYPE_UTF8) {
    const int32_t *ends = column->buffers[1];
    *out = (struct view){(const uint8_t *)column->buffers[2] + ends[at], (size_t)(ends[at + 1] - ends[at])};
  } else if (c->type.id == SLUICE_TYPE_LARGE_UTF8) {
    const int64_t *ends = column->buffers[1];
    *out = (struct view){(const uint8_t *)column->buffers[2] + ends[at], (size_t)(ends[at + 1] - ends[at])};
  } else {
    size_t width = (size_t)c->type.width;
    *out = (struct view){(const uint8_t *)column->buffers[1] + at * width, width};
  }
  bool number = c->order != ORDER_FLOAT && c->order != ORDER_DOUBLE;
  return number || !isnan(number_of(c->order, *out));
}

/* ---- as text ---- */

static json_t *value_json(const struct value *v) {
  static const char digits[] = "0123456789abcdef";
  char hex[2 * VALUE_MAX + 1];
  struct view view = view_of(v);
  if (!v->any)
    return json_null();
  for (size_t i = 0; i < view.size; i++) {
    hex[2 * i] = digits[view.bytes[i] >> 4];
    hex[2 * i + 1] = digits[view.bytes[i] & 15];
  }
  return json_stringn(hex, 2 * view.size);
}

static int digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What is not as value_json writes it is no value. */
static struct value value_from(const struct row_cursor *c, const json_t *json) {
  const char *hex = json_string_value(json);
  size_t n = hex ? strlen(hex) : 1;
  uint8_t bytes[VALUE_MAX];
  struct value out = {0};
  bool fits = n % 2 == 0 && n <= 2 * VALUE_MAX && (c->order == ORDER_BYTES || n == 2 * (size_t)c->type.width);
  for (size_t i = 0; i + 1 < n && fits; i += 2) {
    int high = digit(hex[i]), low = digit(hex[i + 1]);
    fits = high >= 0 && low >= 0;
    bytes[i / 2] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
  }
  if (fits)
    set_value(&out, (struct view){bytes, n / 2});
  return out;
}

static int make_text(struct row_cursor *c, const struct value *next, const char **out) {
  json_t *json = json_pack("{s:O, s:s, s:s, s:o, s:o}", "key", c->keys, "column", c->column, "type", c->format,
                           "before", value_json(&c->before), "next", value_json(next));
  free(c->text);
  c->text = json ? json_dumps(json, JSON_COMPACT) : NULL;
  json_decref(json);
  if (!c->text)
    return SLUICE_ERR_MEMORY;
  *out = c->text;
  return SLUICE_OK;
}

/* Of another column, type or key it is nothing to go by. */
static void take_text(struct row_cursor *c, const char *text, const char *job) {
  json_t *json = json_loads(text, 0, NULL);
  const char *column = json_string_value(json_object_get(json, "column"));
  const char *format = json_string_value(json_object_get(json, "type"));
  if (column && format && strcmp(column, c->column) == 0 && strcmp(format, c->format) == 0 &&
      json_equal(json_object_get(json, "key"), c->keys)) {
    c->before = value_from(c, json_object_get(json, "before"));
    c->next = value_from(c, json_object_get(json, "next"));
  } else {
    log_write(SLUICE_INFO, job, "the cursor is another one than before, so all records are looked at");
  }
  json_decref(json);
}

/* ---- opening ---- */

static int find_column(struct row_cursor *c, const struct ArrowSchema *schema, struct sluice_error *err) {
  char name[96];
  c->at = sluice_schema_find(schema, c->column);
  if (c->at < 0)
    return record_no_column("sync.cursor", "a cursor names a column as the sink gets it", c->column, schema, err);
  const struct ArrowSchema *column = schema->children[c->at];
  c->format = column->format;
  int code = sluice_type_parse(c->format, &c->type, err);
  if (code || (!column->dictionary && find_order(&c->type, &c->order)))
    return code;
  sluice_type_name(c->format, name, sizeof name);
  return sluice_fail(err, SLUICE_ERR_CONFIG, "sync.cursor",
                     "the column '%s' is of type %s, which has no order to go by; use a number, date, time or text",
                     c->column, name);
}

int row_cursor_check(const struct config_job *job, const struct ArrowSchema *schema, struct sluice_error *err) {
  struct row_cursor cursor = {.column = job->sync.cursor};
  return find_column(&cursor, schema, err);
}

static int list_keys(struct row_cursor *c, const struct config_job *job) {
  c->keys = json_array();
  int failed = !c->keys;
  for (size_t i = 0; i < job->sync.n_keys && !failed; i++)
    failed = json_array_append_new(c->keys, json_string(job->sync.keys[i]));
  return failed ? SLUICE_ERR_MEMORY : SLUICE_OK;
}

int row_cursor_create(struct ledger *ledger, int64_t delivery, const struct config_job *job,
                      const struct ArrowSchema *schema, struct row_cursor **out, struct sluice_error *err) {
  struct row_cursor *c = calloc(1, sizeof *c);
  char *text = NULL;
  if (!c)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "sync.cursor", "no memory for the cursor");
  c->column = job->sync.cursor;
  int code = find_column(c, schema, err);
  if (!code)
    code = list_keys(c, job);
  if (!code)
    code = ledger_cursor(ledger, delivery, &text, err);
  if (!code && text)
    take_text(c, text, job->name);
  free(text);
  if (code) {
    row_cursor_destroy(c);
    return sluice_fail(err, code, "sync.cursor", "no memory for the cursor");
  }
  *out = c;
  return SLUICE_OK;
}

void row_cursor_destroy(struct row_cursor *c) {
  if (!c)
    return;
  json_decref(c->keys);
  free(c->seen);
  free(c->text);
  free(c);
}

/* ---- records ---- */

/* The highest so far, of what is on its way and what is stored. */
static const struct value *highest(const struct row_cursor *c) {
  return c->n ? &c->seen[c->n - 1].value : &c->next;
}

static int keep(struct row_cursor *c, int64_t seq, struct view value) {
  if (c->n == c->room) {
    size_t room = c->room ? c->room * 2 : 16;
    struct seen *grown = realloc(c->seen, room * sizeof *grown);
    if (!grown)
      return SLUICE_ERR_MEMORY;
    c->seen = grown;
    c->room = room;
  }
  c->seen[c->n].seq = seq;
  set_value(&c->seen[c->n++].value, value);
  return SLUICE_OK;
}

int row_cursor_see(struct row_cursor *c, const struct sluice_batch *batch, uint8_t *passed) {
  const struct ArrowArray *column = batch->array.children[c->at];
  const struct value *most = highest(c);
  struct view top = view_of(most), before = view_of(&c->before), value;
  bool any = most->any, risen = false;
  for (int64_t i = 0; i < batch->array.length; i++) {
    if (!get_value(c, column, batch->array.offset + i, &value))
      continue;
    if (c->before.any && compare(c->order, value, before) < 0)
      passed[i] = 1;
    if (value.size > VALUE_MAX || (any && compare(c->order, value, top) <= 0))
      continue;
    top = value;
    any = risen = true;
  }
  return risen ? keep(c, batch->seq, top) : SLUICE_OK;
}

static size_t seen_until(const struct row_cursor *c, int64_t seq) {
  size_t n = 0;
  while (n < c->n && c->seen[n].seq <= seq)
    n++;
  return n;
}

int row_cursor_text(struct row_cursor *c, int64_t seq, const char **out) {
  size_t n = seen_until(c, seq);
  *out = NULL;
  return n ? make_text(c, &c->seen[n - 1].value, out) : SLUICE_OK;
}

void row_cursor_drop(struct row_cursor *c, int64_t seq) {
  size_t n = seen_until(c, seq);
  if (n == 0)
    return;
  c->next = c->seen[n - 1].value;
  memmove(c->seen, c->seen + n, (c->n - n) * sizeof *c->seen);
  c->n -= n;
}

void row_cursor_clear(struct row_cursor *c) {
  c->n = 0;
}

/* ---- the end of a run ---- */

int row_cursor_settle(struct ledger *ledger, int64_t delivery, bool complete, struct sluice_error *err) {
  char *text = NULL, *settled = NULL;
  int code = ledger_cursor(ledger, delivery, &text, err);
  json_t *json = !code && text ? json_loads(text, 0, NULL) : NULL, *next = json_object_get(json, "next");
  bool risen = json_is_string(next);
  int failed = 0;
  if (risen && complete)
    failed |= json_object_set(json, "before", next);
  if (risen)
    failed |= json_object_set_new(json, "next", json_null());
  settled = risen && !failed ? json_dumps(json, JSON_COMPACT) : NULL;
  if (risen && !settled)
    code = sluice_fail(err, SLUICE_ERR_MEMORY, "sync.cursor", "no memory for the cursor");
  else if (settled)
    code = ledger_cursor_set(ledger, delivery, settled, err);
  json_decref(json);
  free(settled);
  free(text);
  return code;
}
