/* Binding the rules to the columns of one schema. */
#include "bind.h"
#include "bound.h"
#include <stdlib.h>

static void init(struct bound *b, struct model *model) {
  const struct model_config *config = model->config;
  const char *texts[CONSTANTS] = {[CONSTANT_SPACE] = config->space,
                                  [CONSTANT_NAME] = config->model_name,
                                  [CONSTANT_TYPE] = model_type_name(model->type),
                                  [CONSTANT_VERSION] = config->model_version,
                                  [CONSTANT_ENVIRONMENT] =
                                      model_environment_name((enum model_environment)config->environment),
                                  [CONSTANT_BATCH] = config->batch_id};
  *b = (struct bound){.model = model, .time = NO_USE, .time_unit = SLUICE_MICRO, .root = {.name = ""}};
  for (int i = 0; i < CONSTANTS; i++)
    constant_init(&b->constants[i], texts[i]);
  for (int i = 0; i < ENTRY_COUNT; i++)
    b->of_entry[i] = NO_USE;
}

static int bind_columns(struct bound *b, struct sluice_error *err) {
  struct faults faults = {.host = b->model->host};
  int code = names_init(&b->names, &b->in);
  if (!code)
    code = plan_start(b);
  if (!code)
    code = columns_assign(b, &faults);
  if (!code)
    code = faults_end(&faults, "schema", err);
  return code;
}

static int bind_record(struct bound *b) {
  b->time = b->of_entry[ENTRY_TIMESTAMP];
  if (b->time != NO_USE)
    b->time_unit = time_unit(&b->uses[b->time].type);
  int code = plan_rest(b);
  plan_prune(&b->root);
  if (!code)
    code = plan_schema(b, &b->out);
  return code ? code : compile_checks(b);
}

int model_bind(void *self, const struct ArrowSchema *in, struct ArrowSchema *out, void **bound,
               struct sluice_error *err) {
  struct bound *b = malloc(sizeof *b);
  struct ArrowSchema given = {0};
  if (!b)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "schema", "no memory for the model's columns");
  init(b, self);
  int code = sluice_schema_copy(in, &b->in);
  if (!code)
    code = bind_columns(b, err);
  if (!code)
    code = bind_record(b);
  if (!code)
    code = sluice_schema_copy(&b->out, &given);
  if (code) {
    model_unbind(self, b);
    return sluice_fail(err, code, "schema", "no memory for the model's columns");
  }
  sluice_schema_move(&given, out);
  *bound = b;
  return SLUICE_OK;
}

void model_unbind(void *self, void *bound) {
  struct bound *b = bound;
  (void)self;
  if (!b)
    return;
  for (size_t i = 0; i < b->n_uses; i++)
    sluice_schema_release(&b->uses[i].plain);
  for (size_t i = 0; i < b->n_checks; i++) {
    free(b->checks[i].text);
    free(b->checks[i].set);
  }
  for (int i = 0; i < CONSTANTS; i++)
    constant_finish(&b->constants[i]);
  free(b->uses);
  free(b->checks);
  names_finish(&b->names);
  plan_finish(&b->root);
  sluice_schema_release(&b->in);
  sluice_schema_release(&b->out);
  free(b);
}
