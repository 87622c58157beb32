/* The checks that a model's columns need. */
#include "checking.h"
#include "kinds.h"
#include "rules.h"
#include <stdlib.h>

enum { ID_MAX = 512, TAG_MAX = 20000, VECTOR_MAX = 20000, RAW_DATA_MAX = 2000000 };

static struct check *add(struct bound *b, check_fn *run, size_t use, int64_t limit) {
  struct check *grown = plan_grow(b->checks, b->n_checks, &b->checks_room, sizeof *grown);
  if (!grown)
    return NULL;
  b->checks = grown;
  struct check *check = &grown[b->n_checks++];
  *check = (struct check){.run = run, .use = use, .limit = limit};
  return check;
}

static int add_plain(struct bound *b, check_fn *run, size_t use, int64_t limit) {
  return add(b, run, use, limit) ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static int add_pair(struct bound *b, check_fn *run, size_t use, int64_t other) {
  if (other == NO_USE)
    return SLUICE_OK;
  struct check *check = add(b, run, use, 0);
  if (check)
    check->other = (size_t)other;
  return check ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static bool is_text(const struct bound *b, size_t use) {
  return b->uses[use].type.id == SLUICE_TYPE_UTF8;
}

static int add_id(struct bound *b, size_t use) {
  int code = add_plain(b, check_missing, use, 0);
  return code || !is_text(b, use) ? code : add_plain(b, check_length, use, ID_MAX);
}

static int add_rank(struct bound *b, size_t use) {
  int code = add_plain(b, check_missing, use, 0);
  if (!code && b->of_entry[ENTRY_GROUP_ID] != NO_USE) /* first: a group that is too large has ranks that are, too */
    code = add_pair(b, check_group, (size_t)b->of_entry[ENTRY_GROUP_ID], (int64_t)use);
  return code ? code : add_plain(b, check_rank, use, 0);
}

static int add_boxes(struct bound *b, size_t use, enum entry coordinates) {
  int code = add_plain(b, check_boxes, use, 0);
  for (int i = 1; i <= 2 && !code; i++)
    code = add_pair(b, check_box_counts, use, b->of_entry[(int)coordinates + i]);
  return code;
}

static int add_entry(struct bound *b, enum entry entry, size_t use) {
  bool list = kinds_of(&b->uses[use].plain) & KIND_SCORES;
  int code;
  switch (entry) {
  case ENTRY_PREDICTION_ID:
  case ENTRY_GROUP_ID:
    return add_id(b, use);
  case ENTRY_TIMESTAMP:
    code = add_plain(b, check_missing, use, 0);
    return code ? code : add_plain(b, check_window, use, 0);
  case ENTRY_BATCH_ID:
    if (b->model->config->environment != MODEL_VALIDATION || b->model->config->batch_id)
      return SLUICE_OK;
    return add_id(b, use);
  case ENTRY_RANK:
    return add_rank(b, use);
  case ENTRY_PREDICTION_SCORES:
  case ENTRY_ACTUAL_SCORES:
  case ENTRY_THRESHOLD_SCORES:
    return list ? add_plain(b, check_scores, use, 0) : SLUICE_OK;
  case ENTRY_RELEVANCE_LABEL:
    return b->uses[use].type.id == SLUICE_TYPE_NULL ? SLUICE_OK : add_plain(b, check_relevance, use, 0);
  case ENTRY_PREDICTION_BOXES:
  case ENTRY_ACTUAL_BOXES:
    return add_boxes(b, use, entry);
  default:
    return SLUICE_OK;
  }
}

static int add_role(struct bound *b, size_t use) {
  switch (b->uses[use].role) {
  case ROLE_TAG:
    return is_text(b, use) ? add_plain(b, check_tag_length, use, TAG_MAX) : SLUICE_OK;
  case ROLE_VECTOR:
    return add_plain(b, check_vector, use, VECTOR_MAX);
  case ROLE_RAW_DATA:
    return add_plain(b, check_raw_data, use, RAW_DATA_MAX);
  default:
    return SLUICE_OK;
  }
}

/* ---- rows without values ---- */

struct all_null {
  uint32_t entries;
  bool shap;
  const char *code, *text; /* text: with a %s for the columns */
};

static bool in_set(const struct bound *b, const struct all_null *rule, size_t use) {
  if (b->uses[use].role == ROLE_SHAP)
    return rule->shap;
  for (int i = 0; i < ENTRY_COUNT; i++)
    if (rule->entries & ENTRY_BIT(i) && b->of_entry[i] == (int64_t)use)
      return true;
  return false;
}

static void list_names(const struct bound *b, const struct check *check, char *out, size_t size) {
  size_t n = 0;
  out[0] = 0;
  for (size_t i = 0; i < check->n_set && n < size; i++)
    n += (size_t)snprintf(out + n, size - n, "%s%.60s", i ? ", " : "", b->uses[check->set[i]].name);
}

static int add_all_null(struct bound *b, const struct all_null *rule) {
  char names[300], text[500];
  size_t count = 0;
  for (size_t i = 0; i < b->n_uses; i++)
    count += in_set(b, rule, i);
  struct check *check = count ? add(b, check_all_null, 0, 0) : NULL;
  if (!check)
    return count ? SLUICE_ERR_MEMORY : SLUICE_OK;
  check->code = rule->code;
  check->set = calloc(count, sizeof *check->set);
  for (size_t i = 0; i < b->n_uses && check->set; i++)
    if (in_set(b, rule, i))
      check->set[check->n_set++] = i;
  list_names(b, check, names, sizeof names);
  snprintf(text, sizeof text, "all of %s are null: %s", names, rule->text);
  check->text = strdup(text);
  return check->set && check->text ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static int add_sides(struct bound *b) {
  const struct model *model = b->model;
  uint32_t predicted = rules_side(model, SIDE_PREDICTION), actual = rules_side(model, SIDE_ACTUAL);
  struct all_null either = {predicted | actual, false, "Invalid_Record", "a row needs a prediction or an actual"};
  struct all_null prediction = {predicted, false, "Invalid_Record", "a row of this environment needs its prediction"};
  struct all_null truth = {actual, false, "Invalid_Record", "a row of this environment needs its actual too"};
  if (model->actuals || model->config->environment == MODEL_PRODUCTION || model->type == MODEL_GENERATIVE_LLM)
    return add_all_null(b, &either); /* of actuals only their columns are read */
  int code = add_all_null(b, &prediction);
  return code ? code : add_all_null(b, &truth);
}

int compile_checks(struct bound *b) {
  static const struct all_null shap = {0, true, "Invalid_Shap_Values",
                                       "give at least one SHAP value, or leave shap_values out of the schema"};
  int code = SLUICE_OK;
  for (int i = 0; i < ENTRY_COUNT && !code; i++)
    if (b->of_entry[i] != NO_USE)
      code = add_entry(b, (enum entry)i, (size_t)b->of_entry[i]);
  if (!code)
    code = add_sides(b);
  for (size_t i = 0; i < b->n_uses && !code; i++)
    code = add_role(b, i);
  return code ? code : add_all_null(b, &shap);
}
