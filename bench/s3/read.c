/* Reads every object below a URI to nowhere, as a job's workers read them: as many threads as cores, small objects in
 * bundles of which 64 are open ahead, large ones in chunks with the window announced. What it is given to read it
 * finds through the host's loader, with the options' defaults. Run: bench-s3-read URI [OPTION=VALUE...] */
#include "core/cli/place.h"
#include "core/cli/settings.h"
#include "core/log/log.h"
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Those of core/run/worker.c, core/run/unit.c and plugins/format-csv/window.c. */
enum { BUNDLE_PARTS = 256, BUNDLE_BYTES = 4 << 20, SMALL_PART = 64 << 10, OPEN_AHEAD = 64, CHUNK = 256 << 10 };
enum { QUEUE = 4096, THREADS_MAX = 64 };

struct part {
  char *name, *version;
  int64_t size, modified;
};
struct reading {
  struct component source;
  struct stop stop;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct part queue[QUEUE]; /* a ring */
  size_t first, count;
  bool listed;
  int64_t parts, bytes;
};

static void fail(const char *what, const struct sluice_error *err) {
  fprintf(stderr, "bench-s3-read: %s: %s %s\n", what, err->where, err->message);
  exit(1);
}

/* ---- the listing ---- */

static void push(struct reading *r, const struct sluice_part *part) {
  struct sluice_error none = {0};
  struct part copy = {strdup(part->name), strdup(part->version ? part->version : ""), part->size, part->modified};
  if (!copy.name || !copy.version)
    fail("no memory", &none);
  pthread_mutex_lock(&r->lock);
  while (r->count == QUEUE)
    pthread_cond_wait(&r->changed, &r->lock);
  r->queue[(r->first + r->count++) % QUEUE] = copy;
  pthread_cond_broadcast(&r->changed);
  pthread_mutex_unlock(&r->lock);
}

static void list_all(struct reading *r) {
  const struct sluice_source *source = &r->source.loaded->source;
  struct sluice_error err = {0};
  int code = source->list(r->source.self, NULL, &err);
  while (code == SLUICE_OK) {
    struct sluice_part part = {.struct_size = sizeof part, .size = -1, .modified = INT64_MIN};
    code = source->next_part(r->source.self, &part, &err);
    if (code == SLUICE_OK && !part.skip)
      push(r, &part);
  }
  if (code != SLUICE_END)
    fail("listing", &err);
  pthread_mutex_lock(&r->lock);
  r->listed = true;
  pthread_cond_broadcast(&r->changed);
  pthread_mutex_unlock(&r->lock);
}

/* ---- a unit: one large part, or a bundle of small ones ---- */

static bool fits(const struct part *unit, size_t n, int64_t bytes, const struct part *next) {
  if (n == 0)
    return true;
  return n < BUNDLE_PARTS && unit[0].size <= SMALL_PART && next->size <= SMALL_PART &&
         bytes + next->size <= BUNDLE_BYTES;
}

/* Whether what is queued is enough for a unit, so that none is small only because the listing is slow. */
static bool enough(const struct reading *r) {
  return r->listed || r->count >= BUNDLE_PARTS || (r->count && r->queue[r->first].size > SMALL_PART);
}

static size_t claim(struct reading *r, struct part *unit) {
  size_t n = 0;
  int64_t bytes = 0;
  pthread_mutex_lock(&r->lock);
  while (!enough(r))
    pthread_cond_wait(&r->changed, &r->lock);
  while (r->count && fits(unit, n, bytes, &r->queue[r->first])) {
    bytes += r->queue[r->first].size;
    unit[n++] = r->queue[r->first];
    r->first = (r->first + 1) % QUEUE;
    r->count--;
  }
  pthread_cond_broadcast(&r->changed);
  pthread_mutex_unlock(&r->lock);
  return n;
}

static void open_part(struct reading *r, const struct part *part, struct sluice_input *out) {
  struct sluice_error err = {0};
  struct sluice_part wanted = {.struct_size = sizeof wanted,
                               .name = part->name,
                               .version = part->version,
                               .size = part->size,
                               .modified = part->modified};
  struct sluice_part opened = {.struct_size = sizeof opened};
  if (r->source.loaded->source.open_part(r->source.self, &wanted, &opened, out, &err) != SLUICE_OK)
    fail(part->name, &err);
}

/* Keeps the window announced, half of it at a time. Returns how far it is. */
static int64_t announce(struct sluice_input *in, int64_t at, int64_t announced) {
  if (!in->will_need || in->window <= 0 || announced - at > in->window / 2 || announced >= in->size)
    return announced;
  int64_t end = at + in->window < in->size ? at + in->window : in->size;
  const struct sluice_range range = {announced, end - announced};
  in->will_need(in, &range, 1);
  return end;
}

static int64_t read_part(struct sluice_input *in, const char *name, char *buffer) {
  struct sluice_error err = {0};
  int64_t at = 0, announced = 0;
  for (size_t got = CHUNK; got == CHUNK; at += (int64_t)got) {
    announced = announce(in, at, announced);
    if (in->read_at(in, at, buffer, CHUNK, &got, &err) != SLUICE_OK)
      fail(name, &err);
  }
  return at;
}

static int64_t read_unit(struct reading *r, struct part *unit, size_t n, char *buffer) {
  struct sluice_input inputs[BUNDLE_PARTS] = {0};
  int64_t bytes = 0;
  for (size_t i = 0, opened = 0; i < n; i++) {
    for (; opened < n && opened < i + OPEN_AHEAD; opened++)
      open_part(r, &unit[opened], &inputs[opened]);
    bytes += read_part(&inputs[i], unit[i].name, buffer);
    inputs[i].release(&inputs[i]);
    free(unit[i].name);
    free(unit[i].version);
  }
  return bytes;
}

static void *work(void *context) {
  struct reading *r = context;
  struct sluice_error none = {0};
  struct part unit[BUNDLE_PARTS];
  char *buffer = malloc(CHUNK);
  if (!buffer)
    fail("no memory", &none);
  for (size_t n = claim(r, unit); n; n = claim(r, unit)) {
    int64_t bytes = read_unit(r, unit, n, buffer);
    pthread_mutex_lock(&r->lock);
    r->parts += (int64_t)n;
    r->bytes += bytes;
    pthread_mutex_unlock(&r->lock);
  }
  free(buffer);
  return NULL;
}

/* ---- the program ---- */

static void open_source(struct reading *r, struct registry *registry, char **words, int n) {
  static const struct component_names nobody = {"", "", "", NULL};
  struct sluice_error err = {0};
  const struct registry_component *source;
  struct config_value *group = config_value_create(CONFIG_GROUP, NULL, "", 0);
  char scheme[32];
  snprintf(scheme, sizeof scheme, "%.*s", (int)place_scheme(words[0]), words[0]);
  int code = group ? registry_source_for_scheme(registry, scheme, &source, &err) : SLUICE_ERR_MEMORY;
  if (code == SLUICE_OK)
    code = config_value_add_text(group, "path", words[0]);
  for (int i = 1; i < n && code == SLUICE_OK; i++)
    code = settings_add(group, source->base.options, words[i], &err);
  if (code == SLUICE_OK)
    code = component_open_loaded(source, group, nobody, &r->stop, &r->source, &err);
  if (code != SLUICE_OK)
    fail(words[0], &err);
  config_value_destroy(group);
}

static void run(struct reading *r) {
  pthread_t threads[THREADS_MAX];
  struct sluice_error none = {0};
  long cores = sysconf(_SC_NPROCESSORS_ONLN), n = cores < 1 ? 1 : cores < THREADS_MAX ? cores : THREADS_MAX;
  for (long i = 0; i < n; i++)
    if (pthread_create(&threads[i], NULL, work, r))
      fail("no thread", &none);
  list_all(r);
  for (long i = 0; i < n; i++)
    pthread_join(threads[i], NULL);
}

int main(int argc, char **argv) {
  static struct reading r = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
  struct registry *registry = NULL;
  struct sluice_error err = {0};
  if (argc < 2) {
    fprintf(stderr, "usage: bench-s3-read URI [OPTION=VALUE...]\n");
    return 2;
  }
  log_setup(LOG_TEXT, SLUICE_WARN);
  if (stop_init(&r.stop) != SLUICE_OK || registry_create(NULL, 0, &registry, &err) != SLUICE_OK)
    fail("start", &err);
  open_source(&r, registry, argv + 1, argc - 1);
  run(&r);
  printf("%lld objects, %lld bytes\n", (long long)r.parts, (long long)r.bytes);
  component_close(&r.source);
  registry_destroy(registry);
  stop_finish(&r.stop);
  return 0;
}
