/* Types to kinds, kinds to text. */
#include "kinds.h"

static unsigned scalar_kinds(enum sluice_type_id id) {
  switch (id) {
  case SLUICE_TYPE_NULL:
    return KIND_NULL;
  case SLUICE_TYPE_UTF8:
    return KIND_TEXT;
  case SLUICE_TYPE_BOOL:
    return KIND_BOOL;
  case SLUICE_TYPE_INT8:
  case SLUICE_TYPE_INT16:
    return KIND_INT;
  case SLUICE_TYPE_INT32:
    return KIND_INT | KIND_WIDE_INT;
  case SLUICE_TYPE_INT64:
    return KIND_INT | KIND_WIDE_INT | KIND_LONG;
  case SLUICE_TYPE_FLOAT:
    return KIND_FLOAT;
  case SLUICE_TYPE_DOUBLE:
    return KIND_FLOAT | KIND_DOUBLE;
  case SLUICE_TYPE_DATE32:
  case SLUICE_TYPE_DATE64:
  case SLUICE_TYPE_TIMESTAMP:
    return KIND_TIME;
  default:
    return 0;
  }
}

static bool is_list(enum sluice_type_id id) {
  return id == SLUICE_TYPE_LIST || id == SLUICE_TYPE_FIXED_LIST;
}

/* {class_name, score} in that order of names, whichever order they stand in. */
static bool is_class_score(const struct ArrowSchema *item) {
  int64_t name = sluice_schema_find(item, "class_name"), score = sluice_schema_find(item, "score");
  return item->n_children == 2 && name >= 0 && score >= 0 && kinds_of(item->children[name]) & KIND_TEXT &&
         kinds_of(item->children[score]) & (KIND_INT | KIND_FLOAT);
}

static unsigned list_kinds(const struct ArrowSchema *item) {
  struct sluice_type type;
  if (sluice_type_parse(item->format, &type, NULL))
    return 0;
  if (type.id == SLUICE_TYPE_STRUCT)
    return is_class_score(item) ? KIND_SCORES : 0;
  if (is_list(type.id))
    return list_kinds(item->children[0]) & KIND_NUMBER_LIST ? KIND_BOXES : 0;
  unsigned of_item = scalar_kinds(type.id);
  return (of_item & KIND_TEXT ? KIND_TEXT_LIST : 0u) | (of_item & (KIND_INT | KIND_FLOAT) ? KIND_NUMBER_LIST : 0u) |
         (of_item & KIND_FLOAT ? KIND_FLOAT_LIST : 0u);
}

unsigned kinds_of(const struct ArrowSchema *plain) {
  struct sluice_type type;
  if (sluice_type_parse(plain->format, &type, NULL))
    return 0;
  return is_list(type.id) ? list_kinds(plain->children[0]) : scalar_kinds(type.id);
}

static unsigned scores_kinds(enum model_type type) {
  return type == MODEL_MULTI_CLASS ? KIND_SCORES : KIND_SCORES | KIND_NUMBER;
}

unsigned kinds_of_entry(enum entry entry, enum model_type type) {
  switch (entry) {
  case ENTRY_TIMESTAMP:
    return KIND_LONG | KIND_DOUBLE | KIND_TIME | KIND_TEXT;
  case ENTRY_PREDICTION_LABEL:
  case ENTRY_ACTUAL_LABEL:
    return type == MODEL_NUMERIC ? KIND_NUMBER : KIND_SCALAR;
  case ENTRY_PREDICTION_SCORE:
  case ENTRY_ACTUAL_SCORE:
  case ENTRY_RELEVANCE_SCORE:
    return KIND_NUMBER;
  case ENTRY_PREDICTION_SCORES:
  case ENTRY_ACTUAL_SCORES:
    return scores_kinds(type);
  case ENTRY_THRESHOLD_SCORES:
    return KIND_SCORES;
  case ENTRY_RANK:
    return KIND_INT;
  case ENTRY_RELEVANCE_LABEL:
    return KIND_TEXT | KIND_TEXT_LIST | KIND_NULL;
  case ENTRY_PREDICTION_BOXES:
  case ENTRY_ACTUAL_BOXES:
    return KIND_BOXES;
  case ENTRY_PREDICTION_BOX_CATEGORIES:
  case ENTRY_ACTUAL_BOX_CATEGORIES:
    return KIND_TEXT_LIST;
  case ENTRY_PREDICTION_BOX_SCORES:
  case ENTRY_ACTUAL_BOX_SCORES:
    return KIND_NUMBER_LIST;
  case ENTRY_VERSION:
  case ENTRY_BATCH_ID:
    return KIND_TEXT | KIND_INT | KIND_AS_TEXT;
  default:
    return KIND_TEXT | KIND_INT; /* ids */
  }
}

const char *kinds_text(unsigned kinds, char *out, size_t size) {
  static const struct {
    unsigned kind;
    const char *name;
  } names[] = {{KIND_TEXT, "string"},
               {KIND_BOOL, "bool"},
               {KIND_INT, "int8 to int64"},
               {KIND_WIDE_INT, "int32, int64"},
               {KIND_LONG, "int64"},
               {KIND_FLOAT, "float32, float64"},
               {KIND_DOUBLE, "float64"},
               {KIND_TIME, "date, timestamp"},
               {KIND_TEXT_LIST, "list of strings"},
               {KIND_NUMBER_LIST, "list of numbers"},
               {KIND_FLOAT_LIST, "list of float32 or float64"},
               {KIND_SCORES, "list of {class_name, score}"},
               {KIND_BOXES, "list of lists of numbers"},
               {KIND_NULL, "null"}};
  size_t n = 0;
  out[0] = 0;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (kinds & names[i].kind && n < size)
      n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", names[i].name);
  return out;
}

const char *kinds_type_text(const struct ArrowSchema *schema, char *out, size_t size) {
  char name[96], item[96];
  sluice_type_name(schema->format, name, sizeof name);
  if (schema->n_children != 1) {
    snprintf(out, size, "%s", name);
    return out;
  }
  sluice_type_name(schema->children[0]->format, item, sizeof item);
  snprintf(out, size, "%s<%s: %s>", name, schema->children[0]->name ? schema->children[0]->name : "", item);
  return out;
}
