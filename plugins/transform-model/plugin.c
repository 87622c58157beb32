/* The transform that makes records of a model from rows: opening, closing, the component. */
#include "bind.h"
#include "rules.h"
#include <errno.h>
#include <stdlib.h>

enum { SCHEMA_FILE_MAX = 1 << 20, CONSTANT_MAX = 200, EMBEDDINGS_MAX = 30 };

static int read_failed(const char *path, FILE *file, struct sluice_error *err) {
  int why = errno;
  if (file)
    fclose(file);
  return sluice_fail(err, SLUICE_ERR_CONFIG, "schema_file", "cannot read '%s': %s", path, strerror(why));
}

/* The mistake is in the file, so the message names it. */
static int parse_text_of(const char *path, const char *text, size_t n, struct faults *faults, struct file_schema *out,
                         struct sluice_error *err) {
  struct sluice_error why = {0};
  int code = file_schema_parse(text, n, faults, out, &why);
  if (code)
    sluice_fail(err, code, "schema_file", "'%s': %s", path, why.message);
  return code;
}

static int parse_file(const char *path, struct faults *faults, struct file_schema *out, struct sluice_error *err) {
  FILE *file = fopen(path, "rbe");
  if (!file)
    return read_failed(path, NULL, err);
  char *text = malloc(SCHEMA_FILE_MAX + 1);
  if (!text) {
    fclose(file);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "schema_file", "no memory to read '%s'", path);
  }
  errno = 0;
  size_t n = fread(text, 1, SCHEMA_FILE_MAX + 1, file);
  int code = SLUICE_OK;
  if (ferror(file)) {
    code = read_failed(path, file, err);
  } else {
    fclose(file);
    code = n > SCHEMA_FILE_MAX
               ? sluice_fail(err, SLUICE_ERR_CONFIG, "schema_file", "'%s' is over 1 MiB: no file schema is", path)
               : parse_text_of(path, text, n, faults, out, err);
  }
  free(text);
  return code;
}

static int parse_schema(const struct model_config *config, struct faults *faults, struct file_schema *out,
                        struct sluice_error *err) {
  if (!config->schema == !config->schema_file)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "schema", "give either schema, the file schema as JSON, or schema_file");
  if (config->schema_file)
    return parse_file(config->schema_file, faults, out, err);
  return file_schema_parse(config->schema, strlen(config->schema), faults, out, err);
}

/* They are repeated in every record. */
static void check_constants(const struct model_config *config, struct faults *faults) {
  const struct {
    const char *name, *value;
  } texts[] = {{"space", config->space},
               {"model_name", config->model_name},
               {"model_version", config->model_version},
               {"batch_id", config->batch_id}};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (texts[i].value && (!texts[i].value[0] || strlen(texts[i].value) > CONSTANT_MAX))
      faults_add(faults, "%s: %s must have 1 to %d bytes", i == 3 ? "Invalid_Batch_ID" : "Invalid_String_Length",
                 texts[i].name, CONSTANT_MAX);
}

static void check_embeddings(const struct file_schema *schema, struct faults *faults) {
  if (schema->n_embeddings > EMBEDDINGS_MAX)
    faults_add(faults, "Invalid_Number_Of_Embeddings: a model has at most %d embedding features, not %zu",
               EMBEDDINGS_MAX, schema->n_embeddings);
  for (size_t i = 0; i < schema->n_embeddings && i <= EMBEDDINGS_MAX; i++)
    for (size_t k = 0; k < i; k++)
      if (schema->embeddings[i].name && schema->embeddings[k].name &&
          strcmp(schema->embeddings[i].name, schema->embeddings[k].name) == 0)
        faults_add(faults, "Invalid_Schema: two embedding features are called '%s'", schema->embeddings[i].name);
}

/* Columns would belong to both. */
static void check_prefixes(const struct file_schema *schema, struct faults *faults) {
  const char *texts[] = {schema->features, schema->tags, schema->shap_values};
  static const char *const names[] = {"features", "tags", "shap_values"};
  for (size_t i = 0; i < 3; i++)
    for (size_t k = 0; k < i; k++)
      if (texts[i] && texts[k] && strcmp(texts[i], texts[k]) == 0)
        faults_add(faults, "Invalid_Schema: %s and %s have one prefix, '%s'", names[k], names[i], texts[i]);
}

int model_create(const struct sluice_host *host, const struct model_config *config, struct model **out,
                 struct sluice_error *err) {
  struct faults faults = {.host = host};
  struct model *model = calloc(1, sizeof *model);
  if (!model)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for transform-model");
  *model = (struct model){.host = host, .config = config, .type = (enum model_type)config->model_type};
  if (model->type == MODEL_CATEGORICAL)
    model->type = MODEL_SCORE_CATEGORICAL;
  int code = parse_schema(config, &faults, &model->schema, err);
  if (!code) {
    check_constants(config, &faults);
    check_embeddings(&model->schema, &faults);
    check_prefixes(&model->schema, &faults);
    rules_check(model, &faults);
    code = faults_end(&faults, config->schema_file ? "schema_file" : "schema", err);
  }
  if (code) {
    model_destroy(model);
    return code;
  }
  *out = model;
  return SLUICE_OK;
}

void model_destroy(struct model *model) {
  if (!model)
    return;
  file_schema_finish(&model->schema);
  free(model);
}

static int model_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  struct model *model;
  int code = model_create(host, config, &model, err);
  if (!code)
    *self = model;
  return code;
}

static void model_close(void *self) {
  model_destroy(self);
}

static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_TRANSFORM,
                                        .name = "model",
                                        .version = "1.0.0",
                                        .help = "Predictions and actuals of a model, from rows by a file schema.",
                                        .options = &model_options};
static const struct sluice_transform component = {.struct_size = sizeof component,
                                                  .base = &base,
                                                  .open = model_open,
                                                  .close = model_close,
                                                  .bind = model_bind,
                                                  .unbind = model_unbind,
                                                  .apply = model_apply};
SLUICE_PLUGIN(SLUICE_TRANSFORM, "transform model 1.0.0\n", &component)
