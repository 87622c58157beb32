/* Test plugin: a format whose files hold numbers, a record each, and words that it obeys when it comes to them: crash,
 * abort, exit, hang. */
#include <signal.h>
#include <sluice/arrow.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20 };

struct file {
  struct sluice_input input;
  char *text, *at;
  int64_t row, from, batch_rows;
};

static int nasty_probe(const void *head, size_t size, const char *name) {
  size_t n = strlen(name);
  (void)head, (void)size;
  return n > 6 && strcmp(name + n - 6, ".nasty") == 0 ? 40 : 0;
}

static int nasty_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  (void)host, (void)config;
  *self = malloc(1);
  return *self ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, "nasty", "no memory");
}

static void die(int number) {
  signal(number, SIG_DFL); /* a sanitizer would make an exit of it */
  kill(getpid(), number);
  nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
}

static void obey(const char *word) {
  if (strcmp(word, "crash") == 0)
    die(SIGSEGV);
  if (strcmp(word, "abort") == 0)
    die(SIGABRT);
  if (strcmp(word, "exit") == 0)
    _exit(7);
  while (strcmp(word, "hang") == 0) /* deaf to its cancel */
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
}

/* The next number; false: there is none. */
static bool next_number(struct file *file, int64_t *out) {
  for (;;) {
    file->at += strspn(file->at, " \n");
    size_t n = strcspn(file->at, " \n");
    char word[32], *end;
    if (n == 0)
      return false;
    snprintf(word, sizeof word, "%.*s", (int)n, file->at);
    file->at += n;
    obey(word);
    *out = strtoll(word, &end, 10);
    if (end != word)
      return true;
  }
}

static int reader_schema(struct sluice_reader *reader, struct ArrowSchema *out, struct sluice_error *err) {
  (void)reader;
  int code = sluice_schema_nested(out, "+s", "", 0, 1);
  if (!code)
    code = sluice_schema_init(out->children[0], "l", "n", ARROW_FLAG_NULLABLE);
  return code ? sluice_fail(err, code, "nasty", "no memory") : code;
}

static int64_t gather(struct file *file, struct sluice_buffer *values, int *code) {
  int64_t n = 0, value;
  while (n < file->batch_rows && !*code && next_number(file, &value)) {
    if (file->row++ < file->from)
      continue;
    *code = sluice_buffer_append(values, &value, sizeof value);
    n++;
  }
  return n;
}

static int reader_next(struct sluice_reader *reader, struct sluice_batch *out, struct sluice_error *err) {
  struct file *file = reader->private_data;
  struct sluice_buffer buffers[2] = {{0}}, none = {0};
  struct ArrowArray column;
  int code = SLUICE_OK;
  int64_t n = gather(file, &buffers[1], &code);
  if (!code && n == 0)
    return SLUICE_END;
  if (!code)
    code = sluice_array_adopt(&column, n, 0, buffers, 2, NULL, 0, NULL);
  if (code) {
    sluice_buffer_free(&buffers[1]);
    return sluice_fail(err, code, "nasty", "no memory");
  }
  code = sluice_array_adopt(&out->array, n, 0, &none, 1, &column, 1, NULL);
  if (code) {
    sluice_array_release(&column);
    return sluice_fail(err, code, "nasty", "no memory");
  }
  out->first_row = file->row - n;
  out->end.row = file->row;
  return SLUICE_OK;
}

static void reader_release(struct sluice_reader *reader) {
  struct file *file = reader->private_data;
  file->input.release(&file->input);
  free(file->text);
  free(file);
  reader->release = NULL;
}

static int nasty_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
                        struct sluice_error *err) {
  (void)self;
  struct file *file = calloc(1, sizeof *file);
  char *text = calloc(1, FILE_MAX + 1);
  size_t size = 0, got = 1;
  int code = file && text ? SLUICE_OK : SLUICE_ERR_MEMORY;
  while (!code && got && size < FILE_MAX) {
    code = in->read_at(in, (int64_t)size, text + size, FILE_MAX - size, &got, err);
    size += got;
  }
  if (code) {
    free(text);
    free(file);
    return sluice_fail(err, code, scan->part, "no memory");
  }
  *file = (struct file){*in, text, text, 0, scan->from.row, scan->batch_rows};
  *out = (struct sluice_reader){reader_schema, reader_next, reader_release, file};
  return SLUICE_OK;
}

static const char *const suffixes[] = {".nasty", NULL};
static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_FORMAT,
                                        .name = "nasty",
                                        .version = "1.0.0",
                                        .help = "Numbers and trouble, for tests.",
                                        .names = suffixes};
static const struct sluice_format format = {.struct_size = sizeof format,
                                            .base = &base,
                                            .open = nasty_open,
                                            .close = free,
                                            .probe = nasty_probe,
                                            .decode = nasty_decode};

SLUICE_PLUGIN(SLUICE_FORMAT, "format nasty 1.0.0\n", &format)
