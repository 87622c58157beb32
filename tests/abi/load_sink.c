/* Loads a sink from a folder and gives it two batches. usage: load_sink FOLDER NAME FILE */
#include "core/config/config.h"
#include "core/load/options.h"
#include "core/load/registry.h"
#include <stdlib.h>

static void release_array(struct ArrowArray *array) {
  array->release = NULL;
}

static int write_batch(struct sluice_writer *writer, int64_t first_row, int64_t rows, struct sluice_error *err) {
  static const void *no_nulls[1];
  struct sluice_batch batch = {.struct_size = sizeof batch, .first_row = first_row, .unit = "unit"};
  batch.array = (struct ArrowArray){.length = rows, .n_buffers = 1, .buffers = no_nulls, .release = release_array};
  return writer->write(writer, &batch, err);
}

static int use(const struct sluice_sink *sink, void *self, struct sluice_error *err) {
  struct ArrowSchema schema = {.format = "+s", .name = ""};
  struct sluice_stream stream = {.struct_size = sizeof stream, .name = "default", .delivery = "test"};
  struct sluice_writer *writer;
  int status = sink->writer(self, &stream, &schema, &writer, err);
  if (status != SLUICE_OK)
    return status;
  status = write_batch(writer, 5, 3, err);
  if (status == SLUICE_OK)
    status = write_batch(writer, 8, 4, err);
  if (status == SLUICE_OK)
    status = writer->flush(writer, err);
  writer->release(writer);
  return status;
}

static int open_and_use(const struct registry_component *component, const char *file, struct sluice_error *err) {
  struct config_value *group = config_value_create(CONFIG_GROUP, NULL, "", 0);
  struct options_bound *bound = NULL;
  struct sluice_host host = {.struct_size = sizeof host};
  void *self = NULL;
  int status = group ? config_value_add_text(group, "path", file) : SLUICE_ERR_MEMORY;
  if (status == SLUICE_OK)
    status = options_bind(component->base.options, group, NULL, &bound, err);
  if (status == SLUICE_OK)
    status = component->sink.open(&host, options_config(bound), &self, err);
  if (status == SLUICE_OK) {
    status = use(&component->sink, self, err);
    component->sink.close(self);
  }
  options_release(bound);
  config_value_destroy(group);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 4)
    return 2;
  const char *const dirs[] = {argv[1]};
  struct registry *registry = NULL;
  const struct registry_component *component;
  struct sluice_error err = {0};
  int status = registry_create(dirs, 1, &registry, &err);
  if (status == SLUICE_OK)
    status = registry_find(registry, SLUICE_SINK, argv[2], &component, &err);
  if (status == SLUICE_OK)
    status = open_and_use(component, argv[3], &err);
  if (status != SLUICE_OK)
    fprintf(stderr, "%s: %s\n", err.where, err.message);
  registry_destroy(registry);
  return status != SLUICE_OK;
}
