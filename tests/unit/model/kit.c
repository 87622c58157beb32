/* The kit of the model transform's tests. */
#include "kit.h"
#include "core/run/record.h"
#include <jansson.h>
#include <stdlib.h>

/* ---- host ---- */

static void on_log(const struct sluice_host *host, int level, const char *message) {
  struct kit *kit = host->context;
  size_t n = strlen(kit->logged);
  (void)level;
  snprintf(kit->logged + n, sizeof kit->logged - n, "%s\n", message);
}

static int on_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct kit *kit = rejects->private_data;
  assert_in_range(kit->n_rejected, 0, KIT_REJECTS - 1);
  struct kit_reject *to = &kit->rejected[kit->n_rejected++];
  to->row = reject->row;
  assert_int_equal(reject->seq, 7);
  snprintf(to->column, sizeof to->column, "%s", reject->column ? reject->column : "");
  snprintf(to->reason, sizeof to->reason, "%s", reject->reason);
  if (kit->stop_after && kit->n_rejected == kit->stop_after)
    return sluice_fail(err, SLUICE_ERR_CANCELLED, "rejects", "too many");
  return SLUICE_OK;
}

void kit_init(struct kit *kit, const char *schema) {
  memset(kit, 0, sizeof *kit);
  kit->host = (struct sluice_host){.struct_size = sizeof kit->host, .context = kit, .log = on_log};
  kit->config = (struct model_config){.schema = schema,
                                      .model_name = "m",
                                      .model_type = MODEL_SCORE_CATEGORICAL,
                                      .environment = MODEL_PRODUCTION,
                                      .max_age = INT64_C(36500) * 86400000,
                                      .max_ahead = INT64_C(36500) * 86400000};
  kit->rejects = (struct sluice_rejects){on_reject, kit};
}

void kit_finish(struct kit *kit) {
  model_destroy(kit->model);
  free(kit->lines);
  free(kit->origin);
  memset(kit, 0, sizeof *kit);
}

/* ---- types and values ---- */

static int make_scores(const char *name, bool ints, struct ArrowSchema *out) {
  int code = sluice_schema_nested(out, "+s", name, ARROW_FLAG_NULLABLE, 2);
  if (!code)
    code = sluice_schema_init(out->children[ints], "u", "class_name", ARROW_FLAG_NULLABLE);
  return code ? code : sluice_schema_init(out->children[!ints], ints ? "i" : "g", "score", ARROW_FLAG_NULLABLE);
}

static int make_three(const char *name, struct ArrowSchema *out) {
  static const char *const names[] = {"class_name", "score", "more"};
  int code = sluice_schema_nested(out, "+s", name, ARROW_FLAG_NULLABLE, 3);
  for (int i = 0; i < 3 && !code; i++)
    code = sluice_schema_init(out->children[i], i ? "g" : "u", names[i], ARROW_FLAG_NULLABLE);
  return code;
}

static int make_field(const char *name, const char *type, struct ArrowSchema *out) {
  char format[8] = "+l";
  struct ArrowSchema values = {0};
  if (type[0] == 'S' || type[0] == 'T')
    return make_scores(name, type[0] == 'T', out);
  if (type[0] == 'V')
    return make_three(name, out);
  if (type[0] == 'D') {
    int code = sluice_schema_init(out, "i", name, ARROW_FLAG_NULLABLE);
    if (!code)
      code = sluice_schema_init(&values, type + 1, "", ARROW_FLAG_NULLABLE);
    return code ? code : sluice_schema_set_dictionary(out, &values);
  }
  if (type[0] != 'L' && type[0] != 'Y' && type[0] != 'F')
    return sluice_schema_init(out, type, name, ARROW_FLAG_NULLABLE);
  if (type[0] == 'Y')
    format[1] = 'L';
  if (type[0] == 'F')
    snprintf(format, sizeof format, "+w:%c", type[1]);
  int code = sluice_schema_nested(out, format, name, ARROW_FLAG_NULLABLE, 1);
  return code ? code : make_field("item", type + (type[0] == 'F' ? 2 : 1), out->children[0]);
}

int kit_make_schema(const struct kit_field *fields, struct ArrowSchema *out) {
  int64_t n = 0;
  while (fields[n].name)
    n++;
  int code = sluice_schema_nested(out, "+s", "", 0, n);
  for (int64_t i = 0; i < n && !code; i++)
    code = make_field(fields[i].name, fields[i].type, out->children[i]);
  return code;
}

static int put(struct sluice_builder *b, const struct ArrowSchema *schema, const json_t *value) {
  const char *text = json_string_value(value);
  int code = SLUICE_OK;
  if (!value || json_is_null(value))
    return sluice_builder_null(b);
  if (text)
    return sluice_builder_bytes(b, text, json_string_length(value));
  if (json_is_boolean(value))
    return sluice_builder_int(b, json_is_true(value));
  if (json_is_integer(value) && strchr("efg", schema->format[0]) == NULL)
    return sluice_builder_int(b, json_integer_value(value));
  if (json_is_number(value))
    return sluice_builder_double(b, json_number_value(value));
  for (size_t i = 0; i < json_array_size(value) && !code; i++) /* a list, or a struct's members in order */
    code = put(sluice_builder_child(b, schema->format[1] == 's' ? (int64_t)i : 0),
               schema->children[schema->format[1] == 's' ? i : 0], json_array_get(value, i));
  return code ? code : sluice_builder_end(b);
}

/* A text goes to the dictionary, and its index there to the column. */
static int put_coded(struct sluice_builder *b, const json_t *value) {
  struct sluice_builder *values = sluice_builder_child(b, 0);
  if (json_is_null(value))
    return sluice_builder_null(b);
  int64_t index = sluice_builder_length(values);
  int code = sluice_builder_bytes(values, json_string_value(value), json_string_length(value));
  return code ? code : sluice_builder_int(b, index);
}

int kit_make_array(const struct ArrowSchema *schema, const char *rows, struct ArrowArray *out) {
  struct sluice_builder *b = NULL;
  struct sluice_error err = {0};
  json_error_t why;
  json_t *document = json_loads(rows, 0, &why), *row;
  size_t i;
  if (!document)
    fail_msg("%s: %s", why.text, rows);
  int code = sluice_builder_create(schema, &b, &err);
  json_array_foreach(document, i, row) {
    assert_int_equal(json_array_size(row), schema->n_children);
    for (int64_t k = 0; k < schema->n_children && !code; k++) {
      const struct ArrowSchema *field = schema->children[k];
      struct sluice_builder *child = sluice_builder_child(b, k);
      const json_t *value = json_array_get(row, (size_t)k);
      code = field->dictionary ? put_coded(child, value) : put(child, field, value);
    }
    if (!code)
      code = sluice_builder_end(b);
  }
  if (!code)
    code = sluice_builder_finish(b, out, &err);
  sluice_builder_destroy(b);
  json_decref(document);
  return code;
}

/* ---- the calls ---- */

int kit_open(struct kit *kit) {
  kit->err = (struct sluice_error){0};
  return kit->model ? SLUICE_OK : model_create(&kit->host, &kit->config, &kit->model, &kit->err);
}

int kit_bind(struct kit *kit, const struct kit_field *fields) {
  struct ArrowSchema in, out;
  void *bound;
  int code = kit_open(kit);
  if (code)
    return code;
  assert_int_equal(kit_make_schema(fields, &in), SLUICE_OK);
  code = model_bind(kit->model, &in, &out, &bound, &kit->err);
  if (!code) {
    model_unbind(kit->model, bound);
    sluice_schema_release(&out);
  }
  sluice_schema_release(&in);
  return code;
}

static void take_lines(struct kit *kit, const struct ArrowSchema *schema, const struct sluice_batch *batch) {
  struct text text = {0};
  struct sluice_error err = {0};
  assert_int_equal(sluice_array_validate(schema, &batch->array, SLUICE_CHECK_FULL, &err), SLUICE_OK);
  for (int64_t i = 0; i < batch->array.length; i++) {
    assert_int_equal(record_json(schema, &batch->array, i, &text, &err), SLUICE_OK);
    assert_int_equal(text_add(&text, "\n"), SLUICE_OK);
  }
  kit->lines = strdup(text_get(&text));
  kit->origin = batch->origin ? malloc(((size_t)batch->array.length + 1) * sizeof *kit->origin) : NULL;
  if (kit->origin)
    memcpy(kit->origin, batch->origin, (size_t)batch->array.length * sizeof *kit->origin);
  text_finish(&text);
}

static int apply(struct kit *kit, void *bound, const struct ArrowSchema *in, const struct ArrowSchema *out,
                 const char *rows) {
  struct sluice_batch batch = {.struct_size = sizeof batch, .seq = 7, .first_row = 100};
  struct sluice_batch made = {.struct_size = sizeof made};
  assert_int_equal(kit_make_array(in, rows, &batch.array), SLUICE_OK);
  int code = model_apply(kit->model, bound, &batch, &kit->rejects, &made, &kit->err);
  if (code) {
    sluice_array_release(&batch.array);
    return code;
  }
  assert_null(batch.array.release);
  take_lines(kit, out, &made);
  sluice_array_release(&made.array);
  return SLUICE_OK;
}

int kit_run(struct kit *kit, const struct kit_field *fields, const char *rows) {
  struct ArrowSchema in, out;
  void *bound;
  free(kit->lines);
  free(kit->origin);
  kit->lines = NULL;
  kit->origin = NULL;
  kit->n_rejected = 0;
  int code = kit_open(kit);
  if (code)
    return code;
  assert_int_equal(kit_make_schema(fields, &in), SLUICE_OK);
  code = model_bind(kit->model, &in, &out, &bound, &kit->err);
  if (!code) {
    code = apply(kit, bound, &in, &out, rows);
    model_unbind(kit->model, bound);
    sluice_schema_release(&out);
  }
  sluice_schema_release(&in);
  return code;
}

/* ---- assertions ---- */

static void expect_text(const char *in, const char *text) {
  if (!strstr(in, text))
    fail_msg("no '%s' in: %s", text, in);
}

void kit_accepts(struct kit *kit, const struct kit_field *fields, const char *rows) {
  int code = kit_run(kit, fields, rows);
  if (code)
    fail_msg("code %d: %s", code, kit->err.message);
  if (kit->n_rejected)
    fail_msg("rejected: %s", kit->rejected[0].reason);
}

void kit_passes(struct kit *kit, const struct kit_field *fields, const char *rows, const char *lines) {
  kit_accepts(kit, fields, rows);
  assert_string_equal(kit->lines, lines);
}

void kit_rejects(struct kit *kit, const struct kit_field *fields, const char *rows, int64_t row, const char *column,
                 const char *code, const char *text) {
  char start[80];
  int status = kit_run(kit, fields, rows);
  if (status)
    fail_msg("code %d: %s", status, kit->err.message);
  assert_int_equal(kit->n_rejected, 1);
  assert_int_equal(kit->rejected[0].row, row);
  assert_string_equal(kit->rejected[0].column, column ? column : "");
  snprintf(start, sizeof start, "%s: ", code);
  assert_memory_equal(kit->rejected[0].reason, start, strlen(start));
  expect_text(kit->rejected[0].reason, text);
}

void kit_binds(struct kit *kit, const struct kit_field *fields) {
  int code = kit_bind(kit, fields);
  if (code)
    fail_msg("code %d: %s", code, kit->err.message);
}

void kit_bind_fails(struct kit *kit, const struct kit_field *fields, const char *code, const char *text) {
  if (kit_open(kit))
    fail_msg("open: %s", kit->err.message);
  assert_int_equal(kit_bind(kit, fields), SLUICE_ERR_CONFIG);
  assert_string_equal(kit->err.where, "schema");
  expect_text(kit->err.message, code);
  expect_text(kit->err.message, text);
}

void kit_open_fails(struct kit *kit, const char *code, const char *text) {
  assert_int_equal(kit_open(kit), SLUICE_ERR_CONFIG);
  assert_null(kit->model);
  expect_text(kit->err.message, code);
  expect_text(kit->err.message, text);
}
