/* Test plugin: a source that gives numbers, and that crashes, hangs, exits or is slow in one part while a file says so.
 */
#include <signal.h>
#include <sluice/arrow.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct trouble_config {
  int64_t parts, rows, delay;
  const char *orders; /* a file of one word: crash, hang, exit, slow, or absent */
  const char *begun;  /* a file to which each reading of a part adds a line */
};
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct trouble_config, parts, SLUICE_OPTION_INT, .default_text = "3", .help = "How many."),
    SLUICE_OPTION(struct trouble_config, rows, SLUICE_OPTION_INT, .default_text = "10", .help = "Of each part."),
    SLUICE_OPTION(struct trouble_config, delay, SLUICE_OPTION_INT, .default_text = "10", .help = "Of slow, ms a row."),
    SLUICE_OPTION(struct trouble_config, orders, SLUICE_OPTION_TEXT, .help = "What to do in part trouble:1."),
    SLUICE_OPTION(struct trouble_config, begun, SLUICE_OPTION_TEXT, .help = "Where readings are noted."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct trouble_config, items);

struct trouble {
  const struct trouble_config *config;
  const struct sluice_host *host;
  int64_t next;
  char name[64];
};
struct cursor {
  const struct trouble *trouble;
  int64_t next, part;
};

static int source_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  struct trouble *trouble = calloc(1, sizeof *trouble);
  if (!trouble)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "trouble", "no memory");
  trouble->config = config;
  trouble->host = host;
  *self = trouble;
  return SLUICE_OK;
}

static int source_list(void *self, const char *after, struct sluice_error *err) {
  (void)after, (void)err;
  ((struct trouble *)self)->next = 0;
  return SLUICE_OK;
}

static int source_next(void *self, struct sluice_part *out, struct sluice_error *err) {
  (void)err;
  struct trouble *trouble = self;
  if (trouble->next == trouble->config->parts)
    return SLUICE_END;
  snprintf(trouble->name, sizeof trouble->name, "trouble:%lld", (long long)trouble->next++);
  out->name = trouble->name;
  out->version = "1";
  return SLUICE_OK;
}

static int source_open_part(void *self, const struct sluice_part *part, struct sluice_part *opened,
                            struct sluice_input *out, struct sluice_error *err) {
  (void)self, (void)opened, (void)out;
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, part->name, "it has records, not bytes");
}

static int reader_schema(struct sluice_reader *reader, struct ArrowSchema *out, struct sluice_error *err) {
  (void)reader;
  int code = sluice_schema_nested(out, "+s", "", 0, 1);
  if (!code)
    code = sluice_schema_init(out->children[0], "l", "n", ARROW_FLAG_NULLABLE);
  return code ? sluice_fail(err, code, "trouble", "no memory") : code;
}

static void read_orders(const struct cursor *cursor, char out[16]) {
  const char *path = cursor->trouble->config->orders;
  FILE *file = path && cursor->part == 1 ? fopen(path, "r") : NULL;
  out[0] = 0;
  if (file && fscanf(file, "%15s", out) != 1)
    out[0] = 0;
  if (file)
    fclose(file);
}

static void nap(int64_t ms) {
  struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static void obey(const struct cursor *cursor) {
  char word[16];
  read_orders(cursor, word);
  if (strcmp(word, "crash") == 0) {
    signal(SIGSEGV, SIG_DFL); /* a sanitizer would make an exit of it */
    kill(getpid(), SIGSEGV);
    nap(1000);
  } else if (strcmp(word, "exit") == 0) {
    _exit(7);
  } else if (strcmp(word, "hang") == 0) {
    for (;;) /* deaf to its cancel */
      nap(1000);
  } else if (strcmp(word, "slow") == 0) {
    nap(cursor->trouble->config->delay);
  }
}

/* One row a batch, so that a stop finds a checkpoint soon. */
static int reader_next(struct sluice_reader *reader, struct sluice_batch *out, struct sluice_error *err) {
  struct cursor *cursor = reader->private_data;
  struct sluice_buffer buffers[2] = {{0}}, none = {0};
  struct ArrowArray column;
  if (cursor->next == cursor->trouble->config->rows)
    return SLUICE_END;
  obey(cursor);
  int64_t value = cursor->part * 1000000 + cursor->next;
  int code = sluice_buffer_append(&buffers[1], &value, sizeof value);
  if (!code)
    code = sluice_array_adopt(&column, 1, 0, buffers, 2, NULL, 0, NULL);
  if (code) {
    sluice_buffer_free(&buffers[1]);
    return sluice_fail(err, code, "trouble", "no memory");
  }
  code = sluice_array_adopt(&out->array, 1, 0, &none, 1, &column, 1, NULL);
  if (code) {
    sluice_array_release(&column);
    return sluice_fail(err, code, "trouble", "no memory");
  }
  out->first_row = cursor->next++;
  out->end.row = cursor->next;
  return SLUICE_OK;
}

static void reader_release(struct sluice_reader *reader) {
  free(reader->private_data);
  reader->release = NULL;
}

static int source_read(void *self, const struct sluice_part *part, const struct sluice_scan *scan,
                       struct sluice_reader *out, struct sluice_error *err) {
  const struct trouble *trouble = self;
  struct cursor *cursor = malloc(sizeof *cursor);
  FILE *begun = trouble->config->begun ? fopen(trouble->config->begun, "a") : NULL;
  if (begun) {
    fprintf(begun, "%s\n", part->name);
    fclose(begun);
  }
  if (!cursor)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part->name, "no memory");
  *cursor = (struct cursor){trouble, scan->from.row, strtoll(part->name + strlen("trouble:"), NULL, 10)};
  *out = (struct sluice_reader){reader_schema, reader_next, reader_release, cursor};
  return SLUICE_OK;
}

static const char *const schemes[] = {"trouble", NULL};
static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SOURCE,
                                        .name = "trouble",
                                        .version = "1.0.0",
                                        .help = "Trouble, for tests.",
                                        .options = &options,
                                        .names = schemes};
static const struct sluice_source source = {.struct_size = sizeof source,
                                            .flags = SLUICE_SOURCE_ORDERED,
                                            .base = &base,
                                            .open = source_open,
                                            .close = free,
                                            .list = source_list,
                                            .next_part = source_next,
                                            .open_part = source_open_part,
                                            .read_part = source_read};

SLUICE_PLUGIN(SLUICE_SOURCE, "source trouble 1.0.0\n", &source)
