/* Reads ranges of one object as a format that knows its places does: announced by will_need, then read in order, by
 * copies and by views, each compared with the file that the object was made of.
 * Run: s3-ranges URI FILE SEED RANGES LARGEST GAP [OPTION=VALUE...]   ranges are at most LARGEST bytes, GAP bytes apart
 */
#include "core/cli/place.h"
#include "core/cli/settings.h"
#include "core/log/log.h"
#include <sluice/arrow.h>
#include <stdlib.h>

struct reading {
  struct component source;
  struct stop stop;
  struct sluice_input in;
  FILE *file;
  uint64_t random;
};

static void fail(const char *what, const struct sluice_error *err) {
  fprintf(stderr, "s3-ranges: %s: %s %s\n", what, err->where, err->message);
  exit(1);
}

static int64_t below(struct reading *r, int64_t n) {
  r->random = r->random * 6364136223846793005u + 1442695040888963407u;
  return n > 0 ? (int64_t)((r->random >> 33) % (uint64_t)n) : 0;
}

static int64_t number(const char *text) {
  int64_t out;
  struct sluice_error none = {0};
  if (!sluice_parse_int(text, strlen(text), &out))
    fail(text, &none);
  return out;
}

static void open_source(struct reading *r, struct registry *registry, char *uri, char **words, int n) {
  static const struct component_names nobody = {"", "", "", NULL};
  struct sluice_error err = {0};
  const struct registry_component *source;
  struct config_value *group = config_value_create(CONFIG_GROUP, NULL, "", 0);
  int code = group ? registry_source_for_scheme(registry, "s3", &source, &err) : SLUICE_ERR_MEMORY;
  if (code == SLUICE_OK)
    code = config_value_add_text(group, "path", uri);
  for (int i = 0; i < n && code == SLUICE_OK; i++)
    code = settings_add(group, source->base.options, words[i], &err);
  if (code == SLUICE_OK)
    code = component_open_loaded(source, group, nobody, &r->stop, &r->source, &err);
  if (code != SLUICE_OK)
    fail(uri, &err);
  config_value_destroy(group);
}

static void open_part(struct reading *r, const char *uri) {
  struct sluice_error err = {0};
  struct sluice_part part = {.struct_size = sizeof part, .name = uri, .size = -1, .modified = INT64_MIN};
  struct sluice_part opened = {.struct_size = sizeof opened};
  if (r->source.loaded->source.open_part(r->source.self, &part, &opened, &r->in, &err) != SLUICE_OK)
    fail(uri, &err);
}

static void compare(struct reading *r, const struct sluice_range *range, const void *got, size_t n) {
  struct sluice_error none = {0};
  char *want = malloc((size_t)range->size);
  if (!want || n != (size_t)range->size || fseek(r->file, (long)range->offset, SEEK_SET) != 0 ||
      fread(want, 1, n, r->file) != n || memcmp(want, got, n) != 0)
    fail("a range is not what the file has", &none);
  free(want);
}

static void read_range(struct reading *r, const struct sluice_range *range) {
  struct sluice_error err = {0};
  struct sluice_bytes view;
  size_t n = (size_t)range->size, got = 0;
  if (below(r, 2)) {
    if (r->in.view_at(&r->in, range->offset, n, &view, &err) != SLUICE_OK)
      fail("view_at", &err);
    compare(r, range, view.data, view.size);
    view.release(&view);
    return;
  }
  char *copy = malloc(n);
  if (!copy || r->in.read_at(&r->in, range->offset, copy, n, &got, &err) != SLUICE_OK)
    fail("read_at", &err);
  compare(r, range, copy, got);
  free(copy);
}

int main(int argc, char **argv) {
  static struct reading r;
  struct registry *registry = NULL;
  struct sluice_error err = {0};
  if (argc < 7)
    return 2;
  log_setup(LOG_TEXT, SLUICE_WARN);
  r.file = fopen(argv[2], "rb");
  r.random = (uint64_t)number(argv[3]);
  int64_t n = number(argv[4]), largest = number(argv[5]), gap = number(argv[6]), at = 0, bytes = 0;
  struct sluice_range *ranges = calloc((size_t)n + 1, sizeof *ranges);
  if (!r.file || !ranges || stop_init(&r.stop) != SLUICE_OK || registry_create(NULL, 0, &registry, &err) != SLUICE_OK)
    fail("start", &err);
  open_source(&r, registry, argv[1], argv + 7, argc - 7);
  open_part(&r, argv[1]);
  int64_t count = 0;
  for (; count < n && at + largest <= r.in.size; count++) {
    ranges[count] = (struct sluice_range){at, 1 + below(&r, largest)};
    at += ranges[count].size + gap;
  }
  for (int64_t i = 0, announced = 0; i < count; i++) { /* a rolling list: what was announced goes on to be */
    if (announced - i < 16 && announced < count) {
      int64_t more = count - announced < 32 ? count - announced : 32;
      r.in.will_need(&r.in, ranges + announced, (size_t)more);
      announced += more;
    }
    read_range(&r, &ranges[i]);
    bytes += ranges[i].size;
  }
  printf("%lld ranges, %lld bytes\n", (long long)count, (long long)bytes);
  r.in.release(&r.in);
  component_close(&r.source);
  registry_destroy(registry);
  stop_finish(&r.stop);
  fclose(r.file);
  free(ranges);
  return 0;
}
