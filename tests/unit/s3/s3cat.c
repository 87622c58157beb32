/* Lists and reads through the contract: a tiny host around the built plugin, for trying it by hand against a server.
 *   s3cat PLUGIN COMMAND URI [ARGUMENT]     endpoint and keys come from the AWS_* variables; S3CAT_RANGE, S3CAT_WINDOW
 *   in bytes. Commands: list [AFTER], read, views, random, plan, pinned VERSION, cancel MILLISECONDS, many THREADS,
 * check. S3CAT_MORE and S3CAT_MORE2 are further paths, S3CAT_CA a certificate file, S3CAT_ANON signs nothing. */
#include "options.h"
#include <dlfcn.h>
#include <pthread.h>
#include <sluice/services.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static int cancel_event = -1;
static volatile int is_cancelled;

static void on_log(const struct sluice_host *host, int level, const char *message) {
  (void)host;
  if (level > SLUICE_DEBUG || getenv("S3CAT_DEBUG"))
    fprintf(stderr, "log %d: %s\n", level, message);
}
static int cancelled(const struct sluice_host *host) {
  (void)host;
  return is_cancelled;
}
static int cancel_fd(const struct sluice_host *host) {
  (void)host;
  return cancel_event;
}
static int no_secret(const struct sluice_host *host, struct sluice_secret secret, char *buf, size_t size,
                     struct sluice_error *err) {
  (void)host, (void)secret, (void)buf, (void)size;
  return sluice_fail(err, SLUICE_ERR_CONFIG, "", "no secrets here");
}
static const void *no_service(const struct sluice_host *host, const char *id) {
  (void)host, (void)id;
  return NULL;
}
static const struct sluice_host host = {.struct_size = sizeof host,
                                        .job = "",
                                        .sink = "",
                                        .run = "",
                                        .log = on_log,
                                        .cancelled = cancelled,
                                        .cancel_fd = cancel_fd,
                                        .secret = no_secret,
                                        .service = no_service};

static const struct sluice_source *source;
static void *self;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int failed(int status, const struct sluice_error *err) {
  fprintf(stderr, "status %d detail %d retry_ms %lld where [%s]\n%s\n", status, err->detail, (long long)err->retry_ms,
          err->where, err->message);
  return 1;
}

static int list(const char *after) {
  struct sluice_error err = {0};
  struct sluice_part part = {0};
  long count = 0;
  int status = source->list(self, after, &err);
  while (status == SLUICE_OK) {
    status = source->next_part(self, &part, &err);
    if (status != SLUICE_OK)
      break;
    printf("%s\t%s\t%lld\t%lld\t%s\n", part.name, part.version, (long long)part.size, (long long)part.modified,
           part.skip ? part.skip : "");
    count++;
  }
  fprintf(stderr, "%ld parts\n", count);
  return status == SLUICE_END ? 0 : failed(status, &err);
}

static int open_uri(const char *uri, const char *version, struct sluice_input *input) {
  struct sluice_error err = {0};
  struct sluice_part part = {.struct_size = sizeof part, .name = uri, .version = version, .size = -1}, opened = {0};
  int status = source->open_part(self, &part, &opened, input, &err);
  if (status != SLUICE_OK)
    return failed(status, &err);
  fprintf(stderr, "opened %s version %s size %lld\n", opened.name, opened.version, (long long)opened.size);
  return 0;
}

static int read_all(struct sluice_input *input) {
  static char buf[256 << 10];
  struct sluice_error err = {0};
  double start = seconds();
  int64_t offset = 0;
  int status = SLUICE_OK;
  for (size_t got = 1; status == SLUICE_OK && got;) {
    status = input->read_at(input, offset, buf, sizeof buf, &got, &err);
    if (status != SLUICE_OK)
      return failed(status, &err);
    fwrite(buf, 1, got, stdout);
    offset += (int64_t)got;
  }
  fprintf(stderr, "%lld bytes in %.3f s\n", (long long)offset, seconds() - start);
  return 0;
}

static int read_views(struct sluice_input *input) {
  struct sluice_error err = {0};
  for (int64_t offset = 0;;) {
    struct sluice_bytes view = {0};
    int status = input->view_at(input, offset, 100000, &view, &err);
    if (status != SLUICE_OK)
      return failed(status, &err);
    fwrite(view.data, 1, view.size, stdout);
    offset += (int64_t)view.size;
    size_t size = view.size;
    if (view.release)
      view.release(&view);
    if (size == 0)
      return 0;
  }
}

/* Reads the whole once, then 300 stretches from anywhere, which must be the same. */
static int read_random(struct sluice_input *input) {
  struct sluice_error err = {0};
  size_t got = 0, size = (size_t)input->size;
  uint8_t *whole = malloc(size + 1), *some = malloc(size + 1);
  int bad = !whole || !some || input->read_at(input, 0, whole, size, &got, &err) != SLUICE_OK || got != size;
  srand(1);
  for (int i = 0; !bad && size && i < 300; i++) {
    size_t at = (size_t)rand() % size, n = (size_t)rand() % (i % 3 ? 1000 : 3000000);
    int status = input->read_at(input, (int64_t)at, some, n, &got, &err);
    if (status != SLUICE_OK)
      return failed(status, &err);
    bad = got != (n < size - at ? n : size - at) || memcmp(whole + at, some, got) != 0;
  }
  free(whole);
  free(some);
  printf("%s\n", bad ? "DIFFERENT" : "same");
  return bad;
}

/* As a columnar decoder does: the end first, then ranges told ahead, read piece by piece. */
static int read_planned(struct sluice_input *input) {
  enum { RANGES = 40, PIECE = 10000 };
  struct sluice_range ranges[RANGES];
  struct sluice_error err = {0};
  static uint8_t buf[PIECE];
  size_t got = 0;
  int64_t step = input->size / RANGES, total = 0;
  int status = input->read_at(input, input->size - 8, buf, 8, &got, &err);
  for (int i = 0; i < RANGES; i++)
    ranges[i] = (struct sluice_range){i * step, step / 2};
  input->will_need(input, ranges, RANGES / 2);
  for (int i = 0; status == SLUICE_OK && i < RANGES; i++) {
    if (i == RANGES / 4)
      input->will_need(input, ranges + RANGES / 2, RANGES / 2);
    for (int64_t at = 0; status == SLUICE_OK && at < ranges[i].size; at += PIECE) {
      int64_t n = ranges[i].size - at < PIECE ? ranges[i].size - at : PIECE;
      status = input->read_at(input, ranges[i].offset + at, buf, (size_t)n, &got, &err);
      fwrite(buf, 1, got, stdout);
      total += (int64_t)got;
    }
  }
  fprintf(stderr, "%lld bytes\n", (long long)total);
  return status == SLUICE_OK ? 0 : failed(status, &err);
}

/* ---- many: parts as a run reads them: listed by one thread at a time, opened some ahead, read by several ---- */

enum { AHEAD = 8 };
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static long parts_read, bytes_read, parts_failed;

struct opened_part {
  struct sluice_input input;
  bool open;
};

/* Takes the next part from the listing and opens it while the lock keeps its texts alive. */
static bool open_next(struct opened_part *out) {
  struct sluice_error err = {0};
  struct sluice_part part = {0}, opened = {0};
  pthread_mutex_lock(&list_lock);
  int status = source->next_part(self, &part, &err);
  while (status == SLUICE_OK && part.skip)
    status = source->next_part(self, &part, &err);
  if (status == SLUICE_OK)
    status = source->open_part(self, &part, &opened, &out->input, &err);
  if (status < 0)
    failed(status, &err);
  pthread_mutex_unlock(&list_lock);
  out->open = status == SLUICE_OK;
  return out->open;
}

static void read_part(struct opened_part *part) {
  struct sluice_error err = {0};
  int64_t offset = 0;
  int status = SLUICE_OK;
  for (size_t got = 1; got && status == SLUICE_OK;) {
    struct sluice_bytes view = {0};
    status = part->input.view_at(&part->input, offset, 65536, &view, &err);
    got = view.size;
    offset += (int64_t)got;
    if (status == SLUICE_OK && view.release)
      view.release(&view);
  }
  part->input.release(&part->input);
  part->open = false;
  pthread_mutex_lock(&list_lock);
  parts_read++;
  bytes_read += (long)offset;
  if (status != SLUICE_OK)
    parts_failed++;
  if (status != SLUICE_OK && parts_failed < 4)
    failed(status, &err);
  pthread_mutex_unlock(&list_lock);
}

static void *read_parts(void *unused) {
  struct opened_part ring[AHEAD] = {{.open = false}};
  size_t at = 0;
  for (size_t i = 0; i < AHEAD && open_next(&ring[i]); i++)
    ;
  while (ring[at].open) {
    read_part(&ring[at]);
    open_next(&ring[at]);
    at = (at + 1) % AHEAD;
  }
  return unused;
}

static int read_many(int threads) {
  pthread_t workers[64];
  double start = seconds();
  struct sluice_error err = {0};
  if (threads < 1 || threads > 64 || source->list(self, NULL, &err) != SLUICE_OK)
    return 2;
  for (int i = 0; i < threads; i++)
    pthread_create(&workers[i], NULL, read_parts, NULL);
  for (int i = 0; i < threads; i++)
    pthread_join(workers[i], NULL);
  printf("%ld parts, %ld bytes, %ld failed, %.3f s\n", parts_read, bytes_read, parts_failed, seconds() - start);
  return parts_failed != 0;
}

static void *cancel_later(void *argument) {
  usleep((useconds_t)strtoul(argument, NULL, 10) * 1000);
  is_cancelled = 1;
  eventfd_write(cancel_event, 1);
  fprintf(stderr, "cancel at %.3f\n", seconds());
  return NULL;
}

static int check(void) {
  struct sluice_error err = {0};
  char found[2048];
  const struct sluice_check *power = source->base->extension(SLUICE_CHECK);
  int status = power->check(self, found, sizeof found, &err);
  if (status != SLUICE_OK)
    return failed(status, &err);
  printf("%s\n", found);
  return 0;
}

static int command(const char *name, const char *uri, char *argument) {
  struct sluice_input input = {0};
  pthread_t thread;
  int result = 2;
  if (strcmp(name, "list") == 0)
    return list(argument);
  if (strcmp(name, "check") == 0)
    return check();
  if (strcmp(name, "many") == 0)
    return read_many(argument ? (int)strtol(argument, NULL, 10) : 1);
  if (strcmp(name, "cancel") == 0)
    pthread_create(&thread, NULL, cancel_later, argument);
  if (open_uri(uri, strcmp(name, "pinned") == 0 ? argument : NULL, &input) != 0)
    result = 1;
  else if (strcmp(name, "views") == 0)
    result = read_views(&input);
  else if (strcmp(name, "random") == 0)
    result = read_random(&input);
  else if (strcmp(name, "plan") == 0)
    result = read_planned(&input);
  else
    result = read_all(&input);
  if (strcmp(name, "cancel") == 0)
    fprintf(stderr, "returned at %.3f\n", seconds());
  if (input.release)
    input.release(&input);
  if (strcmp(name, "cancel") == 0)
    pthread_join(thread, NULL);
  return result;
}

int main(int argc, char **argv) {
  if (argc < 4)
    return 2;
  const char *range = getenv("S3CAT_RANGE"), *window = getenv("S3CAT_WINDOW");
  struct s3_options options = {.path = argv[3],
                               .max_attempts = 10,
                               .connect_timeout = 5000,
                               .stall_timeout = 30000,
                               .range_size = range ? strtoll(range, NULL, 10) : 8 << 20,
                               .window = window ? strtoll(window, NULL, 10) : 16 << 20,
                               .ca_file = getenv("S3CAT_CA"),
                               .anonymous = getenv("S3CAT_ANON") != NULL};
  struct s3_path more[2] = {{getenv("S3CAT_MORE")}, {getenv("S3CAT_MORE2")}};
  options.paths = (struct sluice_groups){more, more[1].path ? 2 : more[0].path ? 1 : 0, sizeof more[0]};
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  const struct sluice_plugin *plugin = library ? dlsym(library, "sluice_plugin_v1") : NULL;
  struct sluice_error err = {0};
  if (!plugin) {
    fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  cancel_event = eventfd(0, 0);
  source = (const struct sluice_source *)(const void *)plugin->components[0];
  int status = source->open(&host, &options, &self, &err);
  if (status != SLUICE_OK)
    return failed(status, &err);
  int result = command(argv[2], argv[3], argc > 4 ? argv[4] : NULL);
  source->close(self);
  return result;
}
