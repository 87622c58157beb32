/* Rules of model types and environments. */
#include "rules.h"

#define BIT(name) ENTRY_BIT(ENTRY_##name)
#define PREDICTED (BIT(PREDICTION_LABEL) | BIT(PREDICTION_SCORE))
#define ACTUAL (BIT(ACTUAL_LABEL) | BIT(ACTUAL_SCORE))
#define PREDICTED_BOXES (BIT(PREDICTION_BOXES) | BIT(PREDICTION_BOX_CATEGORIES))
#define ACTUAL_BOXES (BIT(ACTUAL_BOXES) | BIT(ACTUAL_BOX_CATEGORIES))
#define ALWAYS (BIT(PREDICTION_ID) | BIT(TIMESTAMP) | BIT(VERSION) | BIT(BATCH_ID) | BIT(CHANGE_TIMESTAMP))

struct rule {
  uint32_t all;    /* predictions need each of these */
  uint32_t any;    /* and one of these; 0: none */
  uint32_t option; /* and may have these, and actuals */
  uint32_t actual; /* actuals have one of these */
};
static const struct rule type_rules[] = {
    [MODEL_SCORE_CATEGORICAL] = {BIT(PREDICTION_LABEL), 0, BIT(PREDICTION_SCORE) | BIT(PREDICTION_SCORES),
                                 ACTUAL | BIT(ACTUAL_SCORES)},
    [MODEL_NUMERIC] = {0, PREDICTED, 0, ACTUAL},
    [MODEL_RANKING] = {BIT(GROUP_ID) | BIT(RANK), 0, BIT(PREDICTION_SCORE) | BIT(PREDICTION_SCORES),
                       BIT(RELEVANCE_SCORE) | BIT(RELEVANCE_LABEL)},
    [MODEL_MULTI_CLASS] = {BIT(PREDICTION_SCORES), 0, BIT(THRESHOLD_SCORES), BIT(ACTUAL_SCORES)},
    [MODEL_OBJECT_DETECTION] = {PREDICTED_BOXES, 0, BIT(PREDICTION_BOX_SCORES), ACTUAL_BOXES | BIT(ACTUAL_BOX_SCORES)},
    [MODEL_GENERATIVE_LLM] = {0, 0, PREDICTED | BIT(PREDICTION_SCORES), ACTUAL | BIT(ACTUAL_SCORES)},
};

static const struct rule *rule_of(const struct model *model) {
  return &type_rules[model->type];
}

uint32_t rules_side(const struct model *model, int side) {
  uint32_t entries = file_schema_entries(&model->schema), bits = 0;
  for (int i = 0; i < ENTRY_COUNT; i++)
    bits |= entry_info((enum entry)i)->side == side ? ENTRY_BIT(i) : 0;
  return entries & bits;
}

uint32_t rules_read(const struct model *model) {
  uint32_t entries = file_schema_entries(&model->schema) & ~BIT(CHANGE_TIMESTAMP);
  return model->actuals ? entries & (ALWAYS | rule_of(model)->actual) : entries;
}

/* The keys of these entries: "a, b". */
static const char *keys_of(uint32_t entries, char *out, size_t size) {
  size_t n = 0;
  out[0] = 0;
  for (int i = 0; i < ENTRY_COUNT; i++)
    if (entries & ENTRY_BIT(i) && n < size)
      n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", entry_info((enum entry)i)->key);
  return out;
}

static void check_predictions(const struct model *model, uint32_t has, struct faults *faults) {
  const struct rule *rule = rule_of(model);
  char keys[200];
  uint32_t missing = rule->all & ~has;
  bool may_be_later = rules_side(model, SIDE_ACTUAL) && model->config->environment == MODEL_PRODUCTION;
  if (missing)
    faults_add(faults, "Missing_Columns: the schema of a %s model needs %s; add what is missing%s",
               model_type_name(model->type), keys_of(missing, keys, sizeof keys),
               may_be_later ? ", or set records = \"actuals\" if the file has only actuals" : "");
  if (rule->any && !(rule->any & has))
    faults_add(faults, "Missing_Columns: the schema of a %s model needs one of %s", model_type_name(model->type),
               keys_of(rule->any, keys, sizeof keys));
}

/* Entries that the model's type has no use for. */
static void check_foreign(const struct model *model, uint32_t has, struct faults *faults) {
  const struct rule *rule = rule_of(model);
  uint32_t foreign = has & ~(ALWAYS | rule->all | rule->any | rule->option | rule->actual);
  char keys[300];
  if (foreign)
    faults_add(faults, "Invalid_Schema: a %s model has no %s; remove it, or mend model_type",
               model_type_name(model->type), keys_of(foreign, keys, sizeof keys));
}

static void check_actuals(const struct model *model, uint32_t has, struct faults *faults) {
  char keys[200];
  if (model->config->environment != MODEL_PRODUCTION)
    faults_add(faults,
               "Invalid_Environment: only production takes actuals that come later; %s rows hold prediction and "
               "actual side by side",
               model_environment_name((enum model_environment)model->config->environment));
  if (!(has & rule_of(model)->actual))
    faults_add(faults, "Missing_Columns: delayed actuals of a %s model need one of %s", model_type_name(model->type),
               keys_of(rule_of(model)->actual, keys, sizeof keys));
}

/* Outside production both sides are in the same row. An LLM's columns have no published rule. */
static void check_environment(const struct model *model, struct faults *faults) {
  const struct model_config *config = model->config;
  const char *name = model_environment_name((enum model_environment)config->environment);
  if (config->environment == MODEL_VALIDATION && !config->batch_id && !model->schema.columns[ENTRY_BATCH_ID])
    faults_add(faults, "Invalid_Batch_ID: validation rows belong to a batch; set the option batch_id, or name a "
                       "batch_id column");
  if (config->environment == MODEL_PRODUCTION || model->type == MODEL_GENERATIVE_LLM || model->actuals)
    return;
  if (!rules_side(model, SIDE_ACTUAL))
    faults_add(faults, "Missing_Preproduction_Actual: %s rows need an actual beside the prediction; name its column",
               name);
  if (!rules_side(model, SIDE_PREDICTION))
    faults_add(faults, "Missing_Preproduction_Prediction: %s rows need a prediction beside the actual; name its column",
               name);
}

static bool decide_actuals(const struct model *model) {
  if (model->config->records != MODEL_RECORDS_AUTO)
    return model->config->records == MODEL_RECORDS_ACTUALS;
  return model->config->environment == MODEL_PRODUCTION && rules_side(model, SIDE_ACTUAL) &&
         !rules_side(model, SIDE_PREDICTION);
}

void rules_check(struct model *model, struct faults *faults) {
  uint32_t has = file_schema_entries(&model->schema);
  model->actuals = decide_actuals(model);
  if (!(has & BIT(PREDICTION_ID)) && model->actuals)
    faults_add(faults, "Missing_Prediction_Id_Column_For_Delayed_Records: actuals find their prediction by its id; "
                       "name the prediction_id column");
  else if (!(has & BIT(PREDICTION_ID)))
    faults_add(faults, "Missing_Columns: the schema needs prediction_id, the column of unique ids");
  check_foreign(model, has, faults);
  if (model->actuals)
    check_actuals(model, has, faults);
  else
    check_predictions(model, has, faults);
  check_environment(model, faults);
}
