/* The option table. */
#include "options.h"

static const char *const types[] = {"score_categorical", "numeric",        "ranking",     "multi_class",
                                    "object_detection",  "generative_llm", "categorical", NULL};
static const char *const environments[] = {"production", "validation", "training", "tracing", NULL};
static const char *const records[] = {"auto", "predictions", "actuals", NULL};

#define OPTION(field, kind, ...) SLUICE_OPTION(struct model_config, field, kind, __VA_ARGS__)
#define DAYS_MAX INT64_C(3153600000000) /* 100 years, in ms */
static const struct sluice_option items[] = {
    OPTION(schema, SLUICE_OPTION_TEXT, .help = "The file schema, as JSON. Either this or schema_file."),
    OPTION(schema_file, SLUICE_OPTION_TEXT, .help = "A file with the file schema, as JSON."),
    OPTION(space, SLUICE_OPTION_TEXT, .help = "The space that the model is in."),
    OPTION(model_name, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED, .help = "The model."),
    OPTION(model_type, SLUICE_OPTION_CHOICE, .flags = SLUICE_OPTION_REQUIRED, .choices = types,
           .help = "What the model predicts; decides which columns there must be."),
    OPTION(model_version, SLUICE_OPTION_TEXT, .help = "The version of rows that have none in the version column."),
    OPTION(environment, SLUICE_OPTION_CHOICE, .choices = environments, .default_text = "production",
           .help = "Where the predictions were made."),
    OPTION(batch_id, SLUICE_OPTION_TEXT,
           .help = "The batch of rows that have none in the batch_id column; validation needs one."),
    OPTION(records, SLUICE_OPTION_CHOICE, .choices = records, .default_text = "auto",
           .help = "What a row is; auto: actuals if the schema has none but actual columns."),
    OPTION(max_age, SLUICE_OPTION_DURATION, .default_text = "1825d", .min = 0, .max = DAYS_MAX,
           .help = "A row whose timestamp is older is rejected."),
    OPTION(max_ahead, SLUICE_OPTION_DURATION, .default_text = "365d", .min = 0, .max = DAYS_MAX,
           .help = "A row whose timestamp is further in the future is rejected."),
    OPTION(text_numbers, SLUICE_OPTION_BOOL, .default_text = "false",
           .help = "Read scores, numeric labels, ranks and SHAP values from text columns too."),
};
const struct sluice_options model_options = SLUICE_OPTIONS(struct model_config, items);

const char *model_type_name(enum model_type type) {
  return types[type];
}

const char *model_environment_name(enum model_environment environment) {
  return environments[environment];
}
