/* Reading the JSON form of a file schema. */
#include "file_schema.h"
#include "json.h"
#include <stdlib.h>

enum key_kind { KEY_COLUMN, KEY_PREFIX, KEY_LIST, KEY_BOXES, KEY_EMBEDDINGS };
struct key {
  const char *name;
  enum key_kind kind;
  size_t place; /* COLUMN, BOXES: (first) entry; PREFIX, LIST: offset in the schema */
};
#define COLUMN(key, entry)                                                                                             \
  { key, KEY_COLUMN, entry }
#define FIELD(field, kind)                                                                                             \
  { #field, kind, offsetof(struct file_schema, field) }
static const struct key keys[] = {
    COLUMN("prediction_id", ENTRY_PREDICTION_ID),
    COLUMN("timestamp", ENTRY_TIMESTAMP),
    COLUMN("prediction_label", ENTRY_PREDICTION_LABEL),
    COLUMN("prediction_score", ENTRY_PREDICTION_SCORE),
    COLUMN("prediction_scores", ENTRY_PREDICTION_SCORES),
    COLUMN("actual_label", ENTRY_ACTUAL_LABEL),
    COLUMN("actual_score", ENTRY_ACTUAL_SCORE),
    COLUMN("actual_scores", ENTRY_ACTUAL_SCORES),
    COLUMN("threshold_scores", ENTRY_THRESHOLD_SCORES),
    FIELD(features, KEY_PREFIX),
    FIELD(features_list, KEY_LIST),
    FIELD(tags, KEY_PREFIX),
    FIELD(tags_list, KEY_LIST),
    FIELD(shap_values, KEY_PREFIX),
    FIELD(exclude, KEY_LIST),
    COLUMN("version", ENTRY_VERSION),
    COLUMN("batch_id", ENTRY_BATCH_ID),
    COLUMN("change_timestamp", ENTRY_CHANGE_TIMESTAMP),
    COLUMN("prediction_group_id", ENTRY_GROUP_ID),
    COLUMN("rank", ENTRY_RANK),
    COLUMN("relevance_score", ENTRY_RELEVANCE_SCORE),
    COLUMN("relevance_label", ENTRY_RELEVANCE_LABEL),
    {"embedding_features", KEY_EMBEDDINGS, 0},
    {"prediction_object_detection", KEY_BOXES, ENTRY_PREDICTION_BOXES},
    {"actual_object_detection", KEY_BOXES, ENTRY_ACTUAL_BOXES},
};
enum { N_KEYS = sizeof keys / sizeof keys[0] };

struct reading {
  struct file_schema *schema;
  struct faults *faults;
};

/* A prefix is a plain text: older pages of the replaced system showed patterns. */
static void read_prefix(struct reading *r, const struct key *key, const json_t *value) {
  const char *text = json_name(r->faults, key->name, value);
  size_t n = text ? strlen(text) : 0;
  if (n >= 2 && strcmp(text + n - 2, ".*") == 0)
    faults_add(r->faults, "Invalid_Schema: %s is a prefix such as 'feature/', not a pattern: remove the '.*'",
               key->name);
  memcpy((char *)r->schema + key->place, &text, sizeof text);
}

static int read_list(struct reading *r, const struct key *key, const json_t *value) {
  struct name_list list = {0};
  if (!json_is_array(value)) {
    faults_add(r->faults, "Invalid_Schema: %s must be a list of columns", key->name);
    return SLUICE_OK;
  }
  list.items = calloc(json_array_size(value) + 1, sizeof *list.items);
  if (!list.items)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < json_array_size(value); i++) {
    const char *name = json_name(r->faults, key->name, json_array_get(value, i));
    if (name)
      list.items[list.count++] = name;
  }
  memcpy((char *)r->schema + key->place, &list, sizeof list);
  return SLUICE_OK;
}

static void read_boxes(struct reading *r, const struct key *key, json_t *value) {
  static const char *const members[] = {"bounding_boxes_coordinates_column_name",
                                        "bounding_boxes_categories_column_name", "bounding_boxes_scores_column_name"};
  const char *name;
  char where[KEY_MAX];
  json_t *member;
  if (!json_is_object(value)) {
    faults_add(r->faults, "Invalid_Schema: %s must be an object that names columns", key->name);
    return;
  }
  snprintf(where, sizeof where, "%s: ", key->name);
  json_object_foreach(value, name, member) {
    int i = key_find(r->faults, where, name, members, 3, sizeof members[0]);
    if (i >= 0 && !json_is_null(member))
      r->schema->columns[key->place + (size_t)i] = json_name(r->faults, members[i], member);
  }
  for (size_t i = 0; i < 2; i++)
    if (!r->schema->columns[key->place + i])
      faults_add(r->faults, "Invalid_Schema: %s needs %s", key->name, members[i]);
}

static void read_embedding(struct reading *r, json_t *value, struct embedding *out) {
  static const char *const members[] = {"feature_name", "vector_col", "raw_data_col", "link_to_data_col"};
  const char **places[] = {&out->name, &out->vector, &out->data, &out->link};
  const char *name;
  json_t *member;
  json_object_foreach(value, name, member) {
    int i = key_find(r->faults, "embedding_features: ", name, members, 4, sizeof members[0]);
    if (i >= 0 && !json_is_null(member))
      *places[i] = json_name(r->faults, members[i], member);
  }
  if (!out->name || !out->vector)
    faults_add(r->faults, "Invalid_Schema: each of embedding_features needs feature_name and vector_col");
}

static int read_embeddings(struct reading *r, const json_t *value) {
  size_t n = json_array_size(value);
  if (!json_is_array(value)) {
    faults_add(r->faults, "Invalid_Schema: embedding_features must be a list of objects");
    return SLUICE_OK;
  }
  r->schema->embeddings = calloc(n + 1, sizeof *r->schema->embeddings);
  if (!r->schema->embeddings)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < n; i++)
    read_embedding(r, json_array_get(value, i), &r->schema->embeddings[i]);
  r->schema->n_embeddings = n;
  return SLUICE_OK;
}

static int read_key(struct reading *r, const struct key *key, json_t *value) {
  switch (key->kind) {
  case KEY_COLUMN:
    r->schema->columns[key->place] = json_name(r->faults, key->name, value);
    return SLUICE_OK;
  case KEY_PREFIX:
    read_prefix(r, key, value);
    return SLUICE_OK;
  case KEY_BOXES:
    read_boxes(r, key, value);
    return SLUICE_OK;
  case KEY_LIST:
    return read_list(r, key, value);
  case KEY_EMBEDDINGS:
    return read_embeddings(r, value);
  }
  return SLUICE_ERR_BUG;
}

/* Clients that write every field leave null where there is none. */
static int read_keys(struct reading *r, json_t *document) {
  bool seen[N_KEYS] = {false};
  const char *name;
  json_t *value;
  int code = SLUICE_OK;
  json_object_foreach(document, name, value) {
    int i = key_find(r->faults, "", name, keys, N_KEYS, sizeof keys[0]);
    if (i < 0 || json_is_null(value))
      continue;
    if (seen[i])
      faults_add(r->faults, "Invalid_Schema: %s is there in both spellings; remove one", keys[i].name);
    else
      code = read_key(r, &keys[i], value);
    seen[i] = true;
    if (code)
      break;
  }
  return code;
}

int file_schema_parse(const char *text, size_t size, struct faults *faults, struct file_schema *out,
                      struct sluice_error *err) {
  json_error_t why;
  struct file_schema schema = {.document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why)};
  if (!schema.document && (json_error_code(&why) == json_error_out_of_memory || !why.text[0]))
    return sluice_fail(err, SLUICE_ERR_MEMORY, "schema", "no memory for the file schema");
  if (!schema.document)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "schema", "line %d, column %d is no JSON: %s; mend the file schema",
                       why.line, why.column, why.text);
  if (!json_is_object((json_t *)schema.document)) {
    json_decref(schema.document);
    return sluice_fail(err, SLUICE_ERR_CONFIG, "schema",
                       "a file schema is a JSON object such as {\"prediction_id\": "
                       "\"id\", ...}, not another value");
  }
  struct reading reading = {&schema, faults};
  int code = read_keys(&reading, schema.document);
  if (code) {
    file_schema_finish(&schema);
    return sluice_fail(err, code, "schema", "no memory for the file schema");
  }
  *out = schema;
  return SLUICE_OK;
}

void file_schema_finish(struct file_schema *schema) {
  free(schema->features_list.items);
  free(schema->tags_list.items);
  free(schema->exclude.items);
  free(schema->embeddings);
  json_decref(schema->document);
  memset(schema, 0, sizeof *schema);
}

uint32_t file_schema_entries(const struct file_schema *schema) {
  uint32_t bits = 0;
  for (size_t i = 0; i < ENTRY_COUNT; i++)
    bits |= schema->columns[i] ? ENTRY_BIT(i) : 0;
  return bits;
}
