/* A small host, compiled with the 1.1 and with the 1.2 header, that drives the probe of either header through every
 * call. usage: exchange FOLDER MINOR: the folder of the probe, and the minor version that it was compiled with */
#include "core/config/config.h"
#include "core/load/options.h"
#include "core/load/registry.h"
#include "room.h"
#include <stdlib.h>
#include <unistd.h>

static int failures;
static char seen[2000];

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                                        \
      failures++;                                                                                                      \
    }                                                                                                                  \
  } while (0)

static void keep_log(const struct sluice_host *host, int level, const char *message) {
  (void)host;
  (void)level;
  size_t used = strlen(seen);
  snprintf(seen + used, sizeof seen - used, "%s;", message);
}
static int not_cancelled(const struct sluice_host *host) {
  (void)host;
  return 0;
}
static int no_fd(const struct sluice_host *host) {
  (void)host;
  return -1;
}
static int no_secret(const struct sluice_host *host, struct sluice_secret secret, char *buf, size_t size,
                     struct sluice_error *err) {
  (void)host;
  (void)secret;
  (void)buf;
  (void)size;
  return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "no secrets here");
}
static const void *no_service(const struct sluice_host *host, const char *id) {
  (void)host;
  (void)id;
  return NULL;
}
static const struct sluice_host host = {.struct_size = sizeof host,
                                        .abi_minor = SLUICE_ABI_MINOR,
                                        .job = "j",
                                        .sink = "s",
                                        ADDED_INIT("host").run = "r",
                                        .log = keep_log,
                                        .cancelled = not_cancelled,
                                        .cancel_fd = no_fd,
                                        .secret = no_secret,
                                        .service = no_service};

struct instance {
  const struct registry_component *component;
  struct options_bound *bound;
  void *self;
};
static int both; /* plugin and host are of 1.2: only then is a later member seen */

static struct instance open_instance(struct registry *registry, const struct config *config, enum sluice_kind kind) {
  static const char *const also_known[] = {"type", NULL};
  struct instance it = {0};
  struct sluice_error err = {0};
  int status = registry_find(registry, kind, "probe", &it.component, &err);
  if (status == SLUICE_OK)
    status = options_bind(it.component->base.options, config_job_at(config, 0)->source, also_known, &it.bound, &err);
  if (status == SLUICE_OK)
    status = it.component->source.open(&host, options_config(it.bound), &it.self, &err);
  if (status != SLUICE_OK) {
    fprintf(stderr, "%s: %s\n", err.where, err.message);
    exit(1);
  }
  CHECK(HAS_ADDED(&it.component->base) == both);
  return it;
}

static void close_instance(struct instance *it) {
  it->component->source.close(it->self);
  options_release(it->bound);
}

/* The kinds differ in where open and close are. */
static struct instance open_sink(struct registry *registry, const struct config *config) {
  static const char *const also_known[] = {"type", NULL};
  struct instance it = {0};
  struct sluice_error err = {0};
  CHECK(registry_find(registry, SLUICE_SINK, "sink-probe", &it.component, &err) == SLUICE_OK);
  CHECK(options_bind(it.component->base.options, config_job_at(config, 0)->source, also_known, &it.bound, &err) ==
        SLUICE_OK);
  CHECK(it.component->sink.open(&host, options_config(it.bound), &it.self, &err) == SLUICE_OK);
  CHECK(HAS_ADDED(&it.component->sink) == both);
  return it;
}

static int count_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)err;
  CHECK(reject->row == 2 && strcmp(reject->reason, "one too many") == 0);
  CHECK(HAS_ADDED(reject) == both);
  ++*(int *)rejects->private_data;
  return SLUICE_OK;
}

static void read_batch(const struct instance *source, const struct instance *format, struct ArrowSchema *schema,
                       struct sluice_batch *batch) {
  struct sluice_error err = {0};
  struct sluice_part part = {.struct_size = sizeof part}, opened = {.struct_size = sizeof opened};
  struct sluice_scan scan = {.struct_size = sizeof scan, .batch_rows = 10, .part = "part"};
  struct sluice_input input = {0};
  struct sluice_reader reader = {0};
  GIVE_ADDED(&scan, "scan");
  CHECK(source->component->source.list(source->self, NULL, &err) == SLUICE_OK);
  CHECK(source->component->source.next_part(source->self, &part, &err) == SLUICE_OK);
  CHECK(HAS_ADDED(&part) == both);
  CHECK(source->component->source.open_part(source->self, &part, &opened, &input, &err) == SLUICE_OK);
  CHECK(HAS_ADDED(&opened) == both);
  CHECK(source->component->source.next_part(source->self, &part, &err) == SLUICE_END);
  CHECK(!source->component->source.settle && !source->component->source.read_part);
  CHECK(format->component->format.probe("abc", 3, "part") == 100);
  CHECK(!format->component->format.plan);
  CHECK(format->component->format.decode(format->self, &input, &scan, &reader, &err) == SLUICE_OK);
  CHECK(reader.schema(&reader, schema, &err) == SLUICE_OK);
  CHECK(reader.next(&reader, batch, &err) == SLUICE_OK);
  CHECK(HAS_ADDED(batch) == both);
  CHECK(batch->array.length == 3 && batch->end.row == 3);
  struct sluice_batch last = {.struct_size = sizeof last};
  CHECK(reader.next(&reader, &last, &err) == SLUICE_END);
  reader.release(&reader);
}

static void transform_batch(const struct instance *transform, const struct ArrowSchema *schema, struct sluice_batch *in,
                            struct sluice_batch *out) {
  struct sluice_error err = {0};
  struct ArrowSchema changed = {0};
  void *bound = NULL;
  int count = 0;
  struct sluice_rejects rejects = {count_reject, &count};
  const struct sluice_transform *table = &transform->component->transform;
  CHECK(table->bind(transform->self, schema, &changed, &bound, &err) == SLUICE_OK);
  CHECK(table->apply(transform->self, bound, in, &rejects, out, &err) == SLUICE_OK);
  CHECK(count == 1 && !in->array.release && out->array.length == 2);
  table->unbind(transform->self, bound);
  sluice_schema_release(&changed);
}

static void write_out(const struct instance *sink, const struct ArrowSchema *schema, struct sluice_batch *batch) {
  struct sluice_error err = {0};
  struct sluice_stream stream = {.struct_size = sizeof stream, .name = "default", .delivery = "j/s/default"};
  struct sluice_writer *writer = NULL;
  GIVE_ADDED(&stream, "stream");
  CHECK(sink->component->sink.writer(sink->self, &stream, schema, &writer, &err) == SLUICE_OK);
  CHECK(HAS_ADDED(writer) == both);
  CHECK(!SLUICE_HAS(writer, acked));
  CHECK(writer->write(writer, batch, &err) == SLUICE_OK);
  CHECK(!batch->array.release);
  CHECK(writer->flush(writer, &err) == SLUICE_OK);
  writer->release(writer);
}

static void exchange(struct registry *registry, const struct config *config) {
  struct instance source = open_instance(registry, config, SLUICE_SOURCE);
  struct instance format = open_instance(registry, config, SLUICE_FORMAT);
  struct instance transform = open_instance(registry, config, SLUICE_TRANSFORM);
  struct instance sink = open_sink(registry, config);
  struct sluice_batch batch = {.struct_size = sizeof batch}, changed = {.struct_size = sizeof changed};
  struct ArrowSchema schema = {0};
  CHECK(HAS_ADDED(&source.component->source) == both && HAS_ADDED(&format.component->format) == both);
  CHECK(HAS_ADDED(&transform.component->transform) == both);
  read_batch(&source, &format, &schema, &batch);
  transform_batch(&transform, &schema, &batch, &changed);
  write_out(&sink, &schema, &changed);
  sluice_schema_release(&schema);
  close_instance(&source);
  close_instance(&format);
  close_instance(&transform);
  sink.component->sink.close(sink.self);
  options_release(sink.bound);
}

int main(int argc, char **argv) {
  static const char text[] = "jobs = { j = { source = { type = \"probe\"; text = \"given\";"
                             " rules = ( { name = \"a\"; }, { name = \"b\"; } ); }; }; };";
  if (argc != 3)
    return 2;
  struct sluice_error err = {0};
  struct registry *registry = NULL;
  struct config *config = NULL;
  const char *const dirs[] = {argv[1]};
  unsigned plugin_minor = (unsigned)(argv[2][0] - '0');
  both = SLUICE_ABI_MINOR == 2 && plugin_minor == 2;
  CHECK(config_load_text("test", text, sizeof text - 1, &config, &err) == SLUICE_OK);
  CHECK(registry_create(dirs, 1, &registry, &err) == SLUICE_OK);
  CHECK(registry_count(registry) >= 4 && registry_at(registry, 0)->abi_minor == plugin_minor);
  exchange(registry, config);
  char expected[200];
  snprintf(expected, sizeof expected, "host=%d;host=%d;host=%d;host=%d;part=%d;scan=%d;batch=%d;stream=%d;written 2;",
           both, both, both, both, both, both, both, both);
  CHECK(strcmp(seen, expected) == 0);
  if (failures)
    fprintf(stderr, "the plugin saw %s\n", seen);
  registry_destroy(registry);
  config_unload(config);
  printf("host 1.%d, plugin 1.%u: %s\n", SLUICE_ABI_MINOR, plugin_minor, failures ? "FAILED" : "ok");
  return failures != 0;
}
