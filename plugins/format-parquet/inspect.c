/* sluice.inspect/1: what is in a file besides its records, from its footer alone. */
#include "chunk.h"
#include "types.h"
#include <jansson.h>
#include <sluice/services.h>
#include <stdlib.h>

enum { ROWS_MAX = 2000, NAME_MAX = 500, VALUE_MAX = 60 };

/* ---- texts ---- */

/* Bytes that a person can read; binary values often are UTF-8, too, but with control characters. */
static bool is_readable(struct pq_slice s) {
  for (size_t i = 0; i < s.size; i++)
    if (s.data[i] == 0 || (s.data[i] < ' ' && !memchr("\t\n\r", s.data[i], 3)))
      return false;
  return sluice_utf8_valid(s.data, s.size) == s.size;
}

/* Text as it is, or the bytes in hex where it is none; long ones are cut. */
static json_t *text_of(struct pq_slice s, size_t most) {
  char hex[2 * VALUE_MAX + 8] = "0x";
  size_t n = s.size < most ? s.size : most;
  if (!s.data)
    return json_null();
  if (is_readable(s)) {
    n = sluice_utf8_valid(s.data, n); /* no character is cut */
    return json_stringn((const char *)s.data, n);
  }
  for (size_t i = 0; i < n && i < VALUE_MAX; i++)
    snprintf(hex + 2 + 2 * i, 3, "%02x", s.data[i]);
  return json_string(hex);
}

/* A least or greatest value, as its physical type has it. */
static json_t *value_of(const struct pq_element *e, struct pq_slice s) {
  bool natural = e->logical == PQ_INTEGER && !e->is_signed;
  float small;
  double large;
  switch (e->type) {
  case PQ_BOOLEAN:
    return s.size == 1 ? json_boolean(s.data[0]) : json_null();
  case PQ_INT32:
    if (s.size != 4)
      return json_null();
    return json_integer(natural ? (json_int_t)pq_load32(s.data) : (json_int_t)(int32_t)pq_load32(s.data));
  case PQ_INT64:
    return s.size == 8 ? json_integer((json_int_t)pq_load64(s.data)) : json_null();
  case PQ_FLOAT:
    memcpy(&small, s.size == 4 ? s.data : (const uint8_t *)"\0\0\300\177", 4);
    return __builtin_isfinite(small) ? json_real((double)small) : json_null();
  case PQ_DOUBLE:
    memcpy(&large, s.size == 8 ? s.data : (const uint8_t *)"\0\0\0\0\0\0\370\177", 8);
    return __builtin_isfinite(large) ? json_real(large) : json_null();
  default:
    return text_of(s, VALUE_MAX);
  }
}

static json_t *encodings_of(uint32_t set) {
  char text[400] = "";
  size_t n = 0;
  for (int32_t i = 0; i < 32; i++)
    if (set >> i & 1)
      n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? ", " : "", pq_encoding_name(i));
  return json_string(text);
}

/* ---- schema ---- */

/* Dotted names of all leaves' elements; a path that is too long is cut. */
struct path {
  char text[NAME_MAX];
  size_t n;
};

static void add_name(struct path *p, struct pq_slice name) {
  if (p->n && p->n + 1 < sizeof p->text)
    p->text[p->n++] = '.';
  for (size_t i = 0; i < name.size && p->n + 1 < sizeof p->text; i++)
    p->text[p->n++] = (char)name.data[i];
  p->text[p->n] = 0;
}

static json_t *name_json(const struct path *p) {
  const struct pq_slice s = {(const uint8_t *)p->text, p->n};
  json_t *name = text_of(s, sizeof p->text);
  return name ? name : json_string("");
}

static json_t *field_json(const struct pq_element *e, const struct path *p, int32_t int96) {
  static const char *const repetitions[] = {"REQUIRED", "OPTIONAL", "REPEATED"};
  struct pq_arrow_type type;
  char name[96] = "group";
  bool list = e->logical == PQ_LIST, map = e->logical == PQ_MAP || e->logical == PQ_MAP_KEY_VALUE;
  if (e->type == PQ_GROUP) {
    snprintf(name, sizeof name, "%s", list ? "list" : map ? "map" : e->logical == PQ_VARIANT ? "variant" : "group");
  } else {
    pq_type_of(e, int96, &type);
    sluice_type_name(type.format, name, sizeof name);
  }
  return json_pack("{s:o, s:s, s:s, s:s}", "name", name_json(p), "type", name, "physical_type",
                   e->type == PQ_GROUP ? "" : pq_type_name(e->type), "repetition", repetitions[e->repetition]);
}

/* The paths of all leaves go to `leaves`. */
static void add_fields(const struct pq_footer *f, int32_t at, const struct path *above, int32_t int96, json_t *out,
                       json_t *leaves) {
  struct path p = *above;
  const struct pq_element *e = &f->elements[at];
  add_name(&p, e->name);
  if (json_array_size(out) < ROWS_MAX)
    json_array_append_new(out, field_json(e, &p, int96));
  if (e->type != PQ_GROUP && json_array_size(leaves) < ROWS_MAX)
    json_array_append_new(leaves, name_json(&p));
  for (int32_t child = at + 1; child < e->next; child = f->elements[child].next)
    add_fields(f, child, &p, int96, out, leaves);
}

/* ---- row groups and chunks ---- */

static const struct pq_element **leaf_elements(const struct pq_footer *f) {
  const struct pq_element **leaves = calloc((size_t)f->n_leaves + 1, sizeof *leaves);
  for (int32_t i = 0; leaves && i < f->n_elements; i++)
    if (f->elements[i].type != PQ_GROUP)
      leaves[f->elements[i].leaf] = &f->elements[i];
  return leaves;
}

static json_t *chunk_json(int32_t group, const struct pq_element *e, json_t *name, const struct pq_chunk *c) {
  const struct pq_statistics *s = &c->statistics;
  bool fresh = s->min.data || s->max.data;
  if (c->encrypted && !c->found)
    return json_pack("{s:i, s:O, s:s}", "row_group", (int)group + 1, "column", name, "codec", "encrypted");
  return json_pack("{s:i, s:O, s:s, s:o, s:I, s:o, s:o, s:o, s:I, s:I, s:b, s:b, s:b}", "row_group", (int)group + 1,
                   "column", name, "codec", pq_codec_name(c->codec), "encodings", encodings_of(c->encodings),
                   "num_values", (json_int_t)c->values, "null_count",
                   s->nulls < 0 ? json_null() : json_integer((json_int_t)s->nulls), "min",
                   value_of(e, fresh ? s->min : s->old_min), "max", value_of(e, fresh ? s->max : s->old_max),
                   "total_compressed_size", (json_int_t)c->compressed, "total_uncompressed_size",
                   (json_int_t)c->uncompressed, "column_index", c->column_index_size > 0, "offset_index",
                   c->offset_index_size > 0, "bloom_filter", c->bloom_at > 0);
}

static pq_fault add_groups(const struct pq_footer *f, json_t *names, json_t *groups, json_t *chunks) {
  struct pq_chunk *all = calloc((size_t)f->n_leaves + 1, sizeof *all);
  const struct pq_element **leaves = leaf_elements(f);
  pq_fault fault = all && leaves ? NULL : pq_no_memory;
  for (int32_t g = 0; g < f->n_groups && g < ROWS_MAX && !fault; g++) {
    json_array_append_new(groups,
                          json_pack("{s:i, s:I, s:I}", "row_group", (int)g + 1, "num_rows",
                                    (json_int_t)f->groups[g].rows, "total_byte_size", (json_int_t)f->groups[g].bytes));
    if (json_array_size(chunks) >= ROWS_MAX)
      continue;
    fault = pq_chunks_read(f, g, all);
    for (int32_t i = 0; i < f->n_leaves && !fault && json_array_size(chunks) < ROWS_MAX; i++)
      json_array_append_new(chunks, chunk_json(g, leaves[i], json_array_get(names, (size_t)i), &all[i]));
  }
  free(all);
  free(leaves);
  return fault;
}

static json_t *pairs_json(const struct pq_footer *f) {
  struct pq_thrift t = {.p = f->pairs.data, .end = f->pairs.data ? f->pairs.data + f->pairs.size : NULL};
  struct pq_slice key, value;
  json_t *list = json_array();
  enum { STRUCT = 12, LONGEST = 200 };
  for (uint32_t i = 0; i < f->n_pairs && i < 100 && t.p && !t.fault; i++) {
    pq_read_pair(&t, STRUCT, &key, &value);
    json_array_append_new(list,
                          json_pack("{s:o, s:o}", "key", text_of(key, LONGEST), "value", text_of(value, LONGEST)));
  }
  return list;
}

static int64_t row_count(const struct pq_footer *f) {
  const struct pq_group *last = f->n_groups ? &f->groups[f->n_groups - 1] : NULL;
  return last ? last->first_row + last->rows : f->rows;
}

static json_t *describe(const struct pq_footer *f, int32_t int96, pq_fault *fault) {
  json_t *schema = json_array(), *names = json_array(), *groups = json_array(), *chunks = json_array();
  const struct path top = {.n = 0};
  for (int32_t at = 1; at < f->n_elements; at = f->elements[at].next)
    add_fields(f, at, &top, int96, schema, names);
  *fault = add_groups(f, names, groups, chunks);
  json_decref(names);
  return json_pack("{s:I, s:I, s:o, s:I, s:i, s:i, s:b, s:o, s:o, s:o, s:o}", "rows", (json_int_t)row_count(f),
                   "version", (json_int_t)f->version, "created_by", text_of(f->created_by, 200), "footer_bytes",
                   (json_int_t)f->size, "columns", (int)f->n_leaves, "num_row_groups", (int)f->n_groups, "encrypted",
                   f->encrypted, "schema", schema, "row_groups", groups, "column_chunks", chunks, "key_value_metadata",
                   pairs_json(f));
}

static int write_text(const char *bytes, size_t n, void *context) {
  struct sluice_buffer *out = context;
  return sluice_buffer_append(out, bytes, n) == SLUICE_OK ? 0 : -1;
}

static int inspect(void *self, struct sluice_input *in, const char *name, struct sluice_text_out *out,
                   struct sluice_error *err) {
  const struct pq_format *format = self;
  struct sluice_buffer text = {0};
  struct pq_footer f;
  pq_fault fault = NULL;
  int code = pq_footer_read(in, name, &f, err);
  if (code)
    return code;
  json_t *json = describe(&f, format->config->int96, &fault);
  if (fault)
    code = sluice_fail(err, SLUICE_ERR_DATA, name, "its row groups cannot be described: %s", fault);
  else if (!json || json_dump_callback(json, write_text, &text, JSON_COMPACT) != 0)
    code = sluice_fail(err, SLUICE_ERR_MEMORY, name, "no memory to describe the file");
  if (!code)
    code = out->put(out, (const char *)text.data, text.size, err);
  json_decref(json);
  sluice_buffer_free(&text);
  pq_footer_finish(&f);
  return code;
}

const void *pq_extension(const char *id) {
  static const struct sluice_inspect extension = {.struct_size = sizeof extension, .inspect = inspect};
  return strcmp(id, SLUICE_INSPECT) == 0 ? &extension : NULL;
}
