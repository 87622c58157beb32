/* The options of the transform, and an instance of it. */
#ifndef MODEL_OPTIONS_H
#define MODEL_OPTIONS_H
#include "file_schema.h"
#include <stdatomic.h>
#include <stdbool.h>

enum model_type { /* the order of the option's choices; the last is another name of the first */
                  MODEL_SCORE_CATEGORICAL,
                  MODEL_NUMERIC,
                  MODEL_RANKING,
                  MODEL_MULTI_CLASS,
                  MODEL_OBJECT_DETECTION,
                  MODEL_GENERATIVE_LLM,
                  MODEL_CATEGORICAL,
};
enum model_environment { MODEL_PRODUCTION, MODEL_VALIDATION, MODEL_TRAINING, MODEL_TRACING };
enum model_records { MODEL_RECORDS_AUTO, MODEL_RECORDS_PREDICTIONS, MODEL_RECORDS_ACTUALS };

struct model_config {
  const char *schema, *schema_file, *space, *model_name, *model_version, *batch_id;
  int64_t max_age, max_ahead; /* ms */
  int32_t model_type, environment, records, text_numbers;
};
extern const struct sluice_options model_options;
const char *model_type_name(enum model_type type);
const char *model_environment_name(enum model_environment environment);

struct model { /* an instance; read only once it is open, but for the flags */
  const struct sluice_host *host;
  const struct model_config *config;
  struct file_schema schema;
  enum model_type type;                                  /* never MODEL_CATEGORICAL */
  bool actuals;                                          /* the records are delayed actuals */
  atomic_bool warned_tag, warned_exclude, warned_prefix; /* said once */
};
int model_create(const struct sluice_host *, const struct model_config *, struct model **out, struct sluice_error *err);
void model_destroy(struct model *); /* takes NULL */

#endif
