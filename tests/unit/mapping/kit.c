/* Batches from JSON rows and back. */
#include "kit.h"
#include "tests/unit/run/record_batch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---- schemas ---- */

static const char *read_type(const char *at, const char *name, struct ArrowSchema *out);

static size_t count_fields(const char *at) {
  size_t n = 1;
  for (int depth = 0; *at && (depth || *at != '}'); at++) {
    depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
    n += depth == 0 && *at == ',';
  }
  return n;
}

static const char *read_struct(const char *at, const char *name, struct ArrowSchema *out) {
  size_t n = count_fields(at);
  assert_int_equal(sluice_schema_nested(out, "+s", name, ARROW_FLAG_NULLABLE, (int64_t)n), SLUICE_OK);
  for (size_t i = 0; i < n; i++) {
    char field[64];
    size_t length = strcspn(at, ":");
    snprintf(field, sizeof field, "%.*s", (int)length, at);
    at = read_type(at + length + 1, field, out->children[i]) + 1;
  }
  return at;
}

static const char *read_type(const char *at, const char *name, struct ArrowSchema *out) {
  char format[64];
  if (*at == '{')
    return read_struct(at + 1, name, out);
  if (*at == '[') {
    assert_int_equal(sluice_schema_nested(out, "+l", name, ARROW_FLAG_NULLABLE, 1), SLUICE_OK);
    return read_type(at + 1, "item", out->children[0]) + 1;
  }
  size_t n = strcspn(at, ",]}");
  if (strncmp(at, "d:", 2) == 0) /* "d:10;2" */
    n = strcspn(at, "]}");
  snprintf(format, sizeof format, "%.*s", (int)n, at);
  if (strchr(format, ';'))
    *strchr(format, ';') = ',';
  assert_int_equal(sluice_schema_init(out, format, name, ARROW_FLAG_NULLABLE), SLUICE_OK);
  return at + n;
}

void kit_schema(const char *text, struct ArrowSchema *out) {
  assert_int_equal(*read_type(text, "", out), 0);
}

/* ---- arrays ---- */

static int put(const struct ArrowSchema *field, const json_t *value, struct sluice_builder *out) {
  int code = SLUICE_OK;
  size_t i;
  json_t *item;
  if (!value || json_is_null(value))
    return sluice_builder_null(out);
  if (strcmp(field->format, "+s") == 0) {
    for (int64_t k = 0; k < field->n_children && !code; k++)
      code = put(field->children[k], json_object_get(value, field->children[k]->name), sluice_builder_child(out, k));
    return code ? code : sluice_builder_end(out);
  }
  if (strcmp(field->format, "+l") == 0) {
    json_array_foreach(value, i, item) if (!code) code = put(field->children[0], item, sluice_builder_child(out, 0));
    return code ? code : sluice_builder_end(out);
  }
  if (json_is_string(value))
    return sluice_builder_bytes(out, json_string_value(value), json_string_length(value));
  if (json_is_real(value))
    return sluice_builder_double(out, json_real_value(value));
  return sluice_builder_int(out, json_is_integer(value) ? json_integer_value(value) : json_is_true(value));
}

void kit_array_json(const struct ArrowSchema *schema, const json_t *rows, struct ArrowArray *out) {
  struct sluice_builder *builder;
  struct sluice_error err = {0};
  size_t i;
  json_t *row;
  assert_int_equal(sluice_builder_create(schema, &builder, &err), SLUICE_OK);
  json_array_foreach(rows, i, row) assert_int_equal(put(schema, row, builder), SLUICE_OK);
  assert_int_equal(sluice_builder_finish(builder, out, &err), SLUICE_OK);
  sluice_builder_destroy(builder);
}

void kit_array(const struct ArrowSchema *schema, const char *rows, struct ArrowArray *out) {
  json_error_t why;
  json_t *json = json_loads(rows, 0, &why);
  if (!json)
    fail_msg("%s: %s", rows, why.text);
  kit_array_json(schema, json, out);
  json_decref(json);
}

/* ---- mapping ---- */

static int note(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct kit *kit = rejects->private_data;
  struct kit_reject *out = &kit->rejects[kit->n_rejects++];
  (void)err;
  assert_in_range(kit->n_rejects, 1, 1000);
  out->row = reject->row;
  snprintf(out->column, sizeof out->column, "%s", reject->column ? reject->column : "");
  snprintf(out->reason, sizeof out->reason, "%s", reject->reason);
  return SLUICE_OK;
}

void kit_init(struct kit *kit, const struct mapping_spec *spec, const char *schema) {
  memset(kit, 0, sizeof *kit);
  kit->spec = spec;
  kit_schema(schema, &kit->schema);
  kit->schema.flags = 0;
}

static void map(struct kit *kit, const struct mapping_bound *bound, struct ArrowArray *in) {
  struct sluice_rejects rejects = {note, kit};
  struct text text = {0};
  struct ArrowArray out;
  memset(kit->keep, 1, sizeof kit->keep);
  if (mapping_apply(bound, in, 1, &rejects, kit->keep, &out, &kit->err))
    fail_msg("%s: %s", kit->err.where, kit->err.message);
  assert_null(in->release);
  if (sluice_array_validate(mapping_schema(bound), &out, SLUICE_CHECK_FULL, &kit->err))
    fail_msg("%s: %s", kit->err.where, kit->err.message);
  assert_int_equal(record_lines(mapping_schema(bound), &out, &text), SLUICE_OK);
  kit->lines = strdup(text_get(&text));
  text_finish(&text);
  sluice_array_release(&out);
}

void kit_map_json(struct kit *kit, const json_t *rows, int64_t offset) {
  struct mapping *mapping;
  struct mapping_bound *bound = NULL;
  struct ArrowArray in;
  kit_array_json(&kit->schema, rows, &in);
  in.offset += offset;
  in.length -= offset;
  if (mapping_create(kit->spec, &mapping, &kit->err) || mapping_bind(mapping, &kit->schema, &bound, &kit->err))
    fail_msg("%s: %s", kit->err.where, kit->err.message);
  map(kit, bound, &in);
  mapping_unbind(bound);
  mapping_destroy(mapping);
}

void kit_map(struct kit *kit, const char *rows, int64_t offset) {
  json_t *json = json_loads(rows, 0, NULL);
  assert_non_null(json);
  kit_map_json(kit, json, offset);
  json_decref(json);
}

void kit_finish(struct kit *kit) {
  sluice_schema_release(&kit->schema);
  free(kit->lines);
}

void kit_expect(const struct mapping_spec *spec, const char *schema, const char *rows, const char *lines) {
  struct kit kit;
  kit_init(&kit, spec, schema);
  kit_map(&kit, rows, 0);
  assert_string_equal(kit.lines, lines);
  if (kit.n_rejects)
    fail_msg("row %lld: %s: %s", (long long)kit.rejects[0].row, kit.rejects[0].column, kit.rejects[0].reason);
  kit_finish(&kit);
}

void kit_refused(const struct mapping_spec *spec, const char *schema, const char *says) {
  struct mapping *mapping = NULL;
  struct mapping_bound *bound = NULL;
  struct ArrowSchema in;
  struct sluice_error err = {0};
  kit_schema(schema, &in);
  int code = mapping_create(spec, &mapping, &err);
  if (!code)
    code = mapping_bind(mapping, &in, &bound, &err);
  if (code != SLUICE_ERR_CONFIG || !strstr(err.message, says))
    fail_msg("code %d, '%s' does not say '%s'", code, err.message, says);
  mapping_destroy(mapping);
  sluice_schema_release(&in);
}
