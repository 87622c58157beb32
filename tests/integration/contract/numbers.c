/* Test plugin: a source that gives records itself (read_part, settle), and a transform that keeps the even numbers,
 * adds their half, and rejects one. */
#include <sluice/arrow.h>
#include <stdlib.h>

/* ---- source: part i has the numbers 0..rows-1 ---- */

struct numbers_config {
  int64_t parts, rows;
  const char *log;
};
static const struct sluice_option numbers_items[] = {
    SLUICE_OPTION(struct numbers_config, parts, SLUICE_OPTION_INT, .default_text = "1", .help = "How many."),
    SLUICE_OPTION(struct numbers_config, rows, SLUICE_OPTION_INT, .default_text = "1", .help = "Of each part."),
    SLUICE_OPTION(struct numbers_config, log, SLUICE_OPTION_TEXT, .help = "File that names what was settled."),
};
static const struct sluice_options numbers_options = SLUICE_OPTIONS(struct numbers_config, numbers_items);

struct numbers {
  const struct numbers_config *config;
  int64_t next;
  char name[64];
};
struct cursor { /* of a reader */
  int64_t rows, next, batch_rows;
};

static int numbers_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  (void)host;
  struct numbers *numbers = calloc(1, sizeof *numbers);
  if (!numbers)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "numbers", "no memory");
  numbers->config = config;
  *self = numbers;
  return SLUICE_OK;
}

static int numbers_list(void *self, const char *after, struct sluice_error *err) {
  (void)err;
  ((struct numbers *)self)->next = after ? after[strlen(after) - 1] - '0' + 1 : 0;
  return SLUICE_OK;
}

static int numbers_next(void *self, struct sluice_part *out, struct sluice_error *err) {
  (void)err;
  struct numbers *numbers = self;
  if (numbers->next == numbers->config->parts)
    return SLUICE_END;
  snprintf(numbers->name, sizeof numbers->name, "numbers:%lld", (long long)numbers->next++);
  out->name = numbers->name;
  out->version = "1";
  return SLUICE_OK;
}

static int numbers_open_part(void *self, const struct sluice_part *part, struct sluice_part *opened,
                             struct sluice_input *out, struct sluice_error *err) {
  (void)self, (void)opened, (void)out;
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, part->name, "it has records, not bytes");
}

static int schema(struct sluice_reader *reader, struct ArrowSchema *out, struct sluice_error *err) {
  (void)reader;
  int code = sluice_schema_nested(out, "+s", "", 0, 1);
  if (!code)
    code = sluice_schema_init(out->children[0], "l", "n", ARROW_FLAG_NULLABLE);
  return code ? sluice_fail(err, code, "numbers", "no memory") : code;
}

/* An int64 column as the only child of a struct. */
static int make_array(const int64_t *values, int64_t n, struct ArrowArray *out) {
  struct sluice_buffer buffers[2] = {{0}}, none = {0};
  struct ArrowArray column;
  int code = sluice_buffer_append(&buffers[1], values, (size_t)n * sizeof *values);
  if (!code)
    code = sluice_array_adopt(&column, n, 0, buffers, 2, NULL, 0, NULL);
  if (code) {
    sluice_buffer_free(&buffers[1]);
    return code;
  }
  code = sluice_array_adopt(out, n, 0, &none, 1, &column, 1, NULL);
  if (code)
    sluice_array_release(&column);
  return code;
}

static int next(struct sluice_reader *reader, struct sluice_batch *out, struct sluice_error *err) {
  struct cursor *cursor = reader->private_data;
  int64_t left = cursor->rows - cursor->next, n = left < cursor->batch_rows ? left : cursor->batch_rows;
  if (n == 0)
    return SLUICE_END;
  int64_t *values = malloc((size_t)n * sizeof *values);
  for (int64_t i = 0; values && i < n; i++)
    values[i] = cursor->next + i;
  int code = values ? make_array(values, n, &out->array) : SLUICE_ERR_MEMORY;
  free(values);
  if (code)
    return sluice_fail(err, code, "numbers", "no memory");
  out->first_row = cursor->next;
  cursor->next += n;
  out->end.row = cursor->next;
  return SLUICE_OK;
}

static void release(struct sluice_reader *reader) {
  free(reader->private_data);
  reader->release = NULL;
}

static int numbers_read(void *self, const struct sluice_part *part, const struct sluice_scan *scan,
                        struct sluice_reader *out, struct sluice_error *err) {
  struct cursor *cursor = malloc(sizeof *cursor);
  if (!cursor)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part->name, "no memory");
  *cursor = (struct cursor){((struct numbers *)self)->config->rows, scan->from.row, scan->batch_rows};
  *out = (struct sluice_reader){schema, next, release, cursor};
  return SLUICE_OK;
}

static int numbers_settle(void *self, const struct sluice_part *part, int status, struct sluice_error *err) {
  FILE *file = fopen(((struct numbers *)self)->config->log, "a");
  if (!file)
    return sluice_fail(err, SLUICE_ERR_CONFIG, part->name, "the log cannot be opened");
  fprintf(file, "%s %d\n", part->name, status);
  fclose(file);
  return SLUICE_OK;
}

static const char *const schemes[] = {"numbers", NULL};
static const struct sluice_base numbers_base = {.struct_size = sizeof numbers_base,
                                                .kind = SLUICE_SOURCE,
                                                .name = "numbers",
                                                .version = "1.0.0",
                                                .help = "Numbers, for tests.",
                                                .options = &numbers_options,
                                                .names = schemes};
static const struct sluice_source numbers = {.struct_size = sizeof numbers,
                                             .flags = SLUICE_SOURCE_ORDERED,
                                             .base = &numbers_base,
                                             .open = numbers_open,
                                             .close = free,
                                             .list = numbers_list,
                                             .next_part = numbers_next,
                                             .open_part = numbers_open_part,
                                             .read_part = numbers_read,
                                             .settle = numbers_settle};

/* ---- transform: the last column is an int64 ---- */

struct even_config {
  int64_t reject;
};
static const struct sluice_option even_items[] = {
    SLUICE_OPTION(struct even_config, reject, SLUICE_OPTION_INT, .default_text = "-1", .help = "A number to refuse.")};
static const struct sluice_options even_options = SLUICE_OPTIONS(struct even_config, even_items);

static int even_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  (void)host, (void)err;
  *self = (void *)(uintptr_t)config;
  return SLUICE_OK;
}
static void even_close(void *self) {
  (void)self;
}

static int even_bind(void *self, const struct ArrowSchema *in, struct ArrowSchema *out, void **bound,
                     struct sluice_error *err) {
  (void)self;
  struct ArrowSchema grown;
  int code = sluice_schema_nested(&grown, "+s", "", 0, in->n_children + 1);
  for (int64_t i = 0; i < in->n_children && !code; i++)
    code = sluice_schema_copy(in->children[i], grown.children[i]);
  if (!code)
    code = sluice_schema_init(grown.children[in->n_children], "l", "half", 0);
  struct ArrowSchema *copy = code ? NULL : malloc(sizeof *copy);
  if (copy)
    code = sluice_schema_copy(in, copy);
  if (code || !copy) {
    free(copy);
    sluice_schema_release(&grown);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "even", "no memory");
  }
  *out = grown;
  *bound = copy;
  return SLUICE_OK;
}
static void even_unbind(void *self, void *bound) {
  (void)self;
  sluice_schema_release(bound);
  free(bound);
}

struct owned { /* what the batch's release must free: the ordinals live as long as the array */
  struct ArrowArray inner;
  int64_t *origin;
};
static void release_owned(struct ArrowArray *array) {
  struct owned *owned = array->private_data;
  sluice_array_release(&owned->inner);
  free(owned->origin);
  free(owned);
  array->release = NULL;
}

/* Which records stay; rejects are told. */
static int choose(const struct even_config *config, const struct sluice_batch *in, struct sluice_rejects *rejects,
                  uint8_t *keep, struct sluice_error *err) {
  const struct ArrowArray *column = in->array.children[in->array.n_children - 1];
  const int64_t *values = (const int64_t *)column->buffers[1] + column->offset;
  for (int64_t i = 0; i < in->array.length; i++) {
    keep[i] = values[i] % 2 == 0 && values[i] != config->reject;
    if (values[i] != config->reject)
      continue;
    struct sluice_reject reject = {.struct_size = sizeof reject,
                                   .seq = in->seq,
                                   .row = i,
                                   .offset = -1,
                                   .column = "n",
                                   .reason = "ten is not wanted"};
    int code = rejects->add(rejects, &reject, err);
    if (code)
      return code;
  }
  return SLUICE_OK;
}

/* The kept columns with their halves behind them. */
static int add_half(struct ArrowArray *kept, struct ArrowArray *out) {
  int64_t n = kept->n_children;
  const int64_t *values = kept->children[n - 1]->buffers[1];
  struct ArrowArray *columns = calloc((size_t)n + 1, sizeof *columns);
  struct sluice_buffer buffers[2] = {{0}}, none = {0};
  int code = columns ? sluice_buffer_reserve(&buffers[1], (size_t)(kept->length + 1) * 8) : SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < kept->length && !code; i++) {
    int64_t half = values[i] / 2;
    code = sluice_buffer_append(&buffers[1], &half, sizeof half);
  }
  if (!code)
    code = sluice_array_adopt(&columns[n], kept->length, 0, buffers, 2, NULL, 0, NULL);
  for (int64_t i = 0; i < n && !code; i++)
    sluice_array_move(kept->children[i], &columns[i]);
  if (!code)
    code = sluice_array_adopt(out, kept->length, 0, &none, 1, columns, n + 1, NULL);
  free(columns);
  return code;
}

static int even_apply(void *self, void *bound, struct sluice_batch *in, struct sluice_rejects *rejects,
                      struct sluice_batch *out, struct sluice_error *err) {
  struct owned *owned = calloc(1, sizeof *owned);
  struct ArrowArray kept = {0};
  uint8_t *keep = malloc((size_t)in->array.length + 1);
  int64_t *origin = malloc(((size_t)in->array.length + 1) * sizeof *origin), n = 0;
  int code = owned && keep && origin ? choose(self, in, rejects, keep, err) : SLUICE_ERR_MEMORY;
  if (!code)
    code = sluice_array_filter(bound, &in->array, keep, &kept, err);
  for (int64_t i = 0; i < in->array.length && !code; i++)
    if (keep[i])
      origin[n++] = in->origin ? in->origin[i] : in->first_row + i;
  if (!code)
    code = add_half(&kept, &owned->inner);
  sluice_array_release(&kept);
  free(keep);
  if (code) {
    free(origin);
    free(owned);
    return sluice_fail(err, code, "even", "no memory");
  }
  owned->origin = origin;
  out->array = owned->inner;
  out->array.release = release_owned;
  out->array.private_data = owned;
  out->origin = origin;
  sluice_array_release(&in->array);
  return SLUICE_OK;
}

static const struct sluice_base even_base = {.struct_size = sizeof even_base,
                                             .kind = SLUICE_TRANSFORM,
                                             .name = "even",
                                             .version = "1.0.0",
                                             .help = "Keeps even numbers, for tests.",
                                             .options = &even_options};
static const struct sluice_transform even = {.struct_size = sizeof even,
                                             .base = &even_base,
                                             .open = even_open,
                                             .close = even_close,
                                             .bind = even_bind,
                                             .unbind = even_unbind,
                                             .apply = even_apply};

SLUICE_PLUGIN_MANY((1u << SLUICE_SOURCE) | (1u << SLUICE_TRANSFORM), "source numbers 1.0.0\ntransform even 1.0.0\n",
                   (const struct sluice_component *)&numbers, (const struct sluice_component *)&even)
