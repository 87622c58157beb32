/* Choosing the format of a part. */
#include "core/run/formats.h"
#include "core/base/hash.h"
#include "core/input/input.h"
#include <pthread.h>
#include <stdlib.h>

enum { MAX_FORMATS = 64, HEAD_SIZE = 4096 };

struct formats {
  struct component fixed; /* used alone where the configuration names a format */
  struct component_names names;
  const struct stop *stop;
  const struct registry_component *known[MAX_FORMATS]; /* auto: all there are */
  struct component *opened[MAX_FORMATS];               /* opened when first needed, with default options */
  size_t n_known;
  pthread_mutex_t lock;
};

static int remember(void *context, const struct registry_component *component) {
  struct formats *formats = context;
  if (formats->n_known < MAX_FORMATS && component->format.probe)
    formats->known[formats->n_known++] = component;
  return SLUICE_OK;
}

static int create_auto(struct formats *formats, struct registry *registry, const struct config_value *group,
                       struct sluice_error *err) {
  if (group->count > 1)
    return config_value_fail(group, err, SLUICE_ERR_CONFIG,
                             "options of a format need its name; put it in place of \"auto\"");
  int code = registry_each(registry, SLUICE_FORMAT, remember, formats);
  if (!code && formats->n_known == 0)
    code = sluice_fail(err, SLUICE_ERR_CONFIG, "format", "no format plugins were found; see `sluice plugins`");
  return code;
}

int formats_create(struct registry *registry, const struct config_value *group, struct component_names names,
                   const struct stop *stop, struct formats **out, struct sluice_error *err) {
  struct formats *formats = calloc(1, sizeof *formats);
  if (!formats)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "format", "no memory");
  formats->names = names;
  formats->stop = stop;
  pthread_mutex_init(&formats->lock, NULL);
  const char *type = config_value_member(group, "type");
  int code = type && strcmp(type, "auto") == 0
                 ? create_auto(formats, registry, group, err)
                 : component_open(registry, SLUICE_FORMAT, group, names, stop, &formats->fixed, err);
  if (code)
    formats_destroy(formats);
  else
    *out = formats;
  return code;
}

void formats_destroy(struct formats *formats) {
  if (!formats)
    return;
  component_close(&formats->fixed);
  for (size_t i = 0; i < formats->n_known; i++) {
    if (formats->opened[i])
      component_close(formats->opened[i]);
    free(formats->opened[i]);
  }
  pthread_mutex_destroy(&formats->lock);
  free(formats);
}

/* A format that was probed, opened once. */
static int open_known(struct formats *formats, size_t i, const struct component **out, struct sluice_error *err) {
  int code = SLUICE_OK;
  pthread_mutex_lock(&formats->lock);
  if (!formats->opened[i]) {
    struct component *component = calloc(1, sizeof *component);
    code = component ? component_open_loaded(formats->known[i], NULL, formats->names, formats->stop, component, err)
                     : sluice_fail(err, SLUICE_ERR_MEMORY, "format", "no memory");
    if (code)
      free(component);
    else
      formats->opened[i] = component;
  }
  if (!code)
    *out = formats->opened[i];
  pthread_mutex_unlock(&formats->lock);
  return code;
}

static int probe(struct formats *formats, struct sluice_input *input, const char *part, size_t *out,
                 struct sluice_error *err) {
  uint8_t head[HEAD_SIZE];
  char name[4200];
  size_t got = 0, best = 0;
  int best_score = 0;
  int code = input->read_at(input, 0, head, sizeof head, &got, err);
  if (code)
    return code;
  snprintf(name, sizeof name, "%.*s", (int)input_plain_size(part), part);
  for (size_t i = 0; i < formats->n_known; i++) {
    int score = formats->known[i]->format.probe(head, got, name);
    if (score > best_score) {
      best_score = score;
      best = i;
    }
  }
  if (best_score <= 0)
    return sluice_fail(err, SLUICE_ERR_DATA, part, "no format knows this content or name; say which format it is");
  *out = best;
  return SLUICE_OK;
}

int formats_find(struct formats *formats, struct sluice_input *input, const char *part, const struct component **out,
                 struct sluice_error *err) {
  if (formats->fixed.loaded) {
    *out = &formats->fixed;
    return SLUICE_OK;
  }
  size_t i;
  int code = probe(formats, input, part, &i, err);
  return code ? code : open_known(formats, i, out, err);
}

int formats_hash(const struct formats *formats, const struct config_value *group, char *out) {
  char options[65];
  const char *texts[2 * MAX_FORMATS + 3];
  size_t n = 0;
  int code = config_value_hash_meant(group, options);
  if (code)
    return code;
  texts[n++] = options;
  if (formats->fixed.loaded)
    texts[n++] = formats->fixed.loaded->entry.version;
  for (size_t i = 0; i < formats->n_known; i++) {
    texts[n++] = formats->known[i]->entry.full_name;
    texts[n++] = formats->known[i]->entry.version;
  }
  return hash_texts(texts, n, out);
}
