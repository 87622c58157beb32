/* sink-file: records as NDJSON in a local file, each exactly once; or on standard output. */
#include "sink.h"
#include "operations.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct config {
  const char *path, *operation_column;
  int32_t sync, nan;
};
static const char *const nan_choices[] = {"null", "string", NULL};
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct config, path, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED,
                  .help = "The file to write, one for each stream where {stream} is in it; \"-\" is standard output."),
    SLUICE_OPTION(struct config, operation_column, SLUICE_OPTION_TEXT,
                  .help = "A member that tells of each record if it is an insert, update or delete."),
    SLUICE_OPTION(struct config, sync, SLUICE_OPTION_BOOL, .flags = SLUICE_OPTION_TUNING, .default_text = "true",
                  .help = "Wait for the disk at each commit, so that nothing is lost when the power fails."),
    SLUICE_OPTION(struct config, nan, SLUICE_OPTION_CHOICE, .default_text = "null", .choices = nan_choices,
                  .help = "What stands for numbers that are not finite: null, or a text such as \"NaN\"."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct config, items);

static int file_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  const struct config *c = config;
  const struct sluice_encode *encode = host->service(host, SLUICE_ENCODE);
  if (!encode)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, "", "this host has no service " SLUICE_ENCODE "; a newer one has");
  if (!c->path[0])
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "the path is empty; name a file, or \"-\" for standard output");
  if (c->operation_column && operations_check(c->operation_column, NULL, err) != SLUICE_OK)
    return SLUICE_ERR_CONFIG;
  struct sink *sink = calloc(1, sizeof *sink);
  if (!sink)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for sink-file");
  sink->host = host;
  sink->path = c->path;
  sink->by_stream = strstr(c->path, PLACE_STREAM) != NULL;
  sink->operation_column = c->operation_column;
  sink->sync = c->sync != 0;
  sink->nan_text = c->nan == 1;
  sink->encode = encode;
  pthread_mutex_init(&sink->lock, NULL);
  *self = sink;
  return SLUICE_OK;
}

static void file_close(void *self) {
  struct sink *sink = self;
  if (!sink)
    return;
  places_finish(&sink->places);
  pthread_mutex_destroy(&sink->lock);
  free(sink);
}

/* JOB/SINK/STREAM: the stream's name has no "/". */
static const char *stream_of(const char *delivery) {
  const char *slash = strrchr(delivery, '/');
  return slash ? slash + 1 : delivery;
}

int sink_use(struct sink *sink, const char *delivery, struct place **out, struct sluice_error *err) {
  pthread_mutex_lock(&sink->lock);
  struct place *place = places_find(&sink->places, sink->path, sink->by_stream ? stream_of(delivery) : "");
  int rc = place ? place_use(&sink->places, place, sink->host, sink->sync, err)
                 : sluice_fail(err, SLUICE_ERR_MEMORY, sink->path, "no memory for '%s'", sink->path);
  pthread_mutex_unlock(&sink->lock);
  if (rc == SLUICE_OK)
    *out = place;
  return rc;
}

void sink_done(struct sink *sink, struct place *place) {
  pthread_mutex_lock(&sink->lock);
  place_done(&sink->places, place);
  pthread_mutex_unlock(&sink->lock);
}

/* Where records of the delivery are written now. */
static int find_output(struct sink *sink, struct place *place, const char *delivery, struct output **out,
                       struct sluice_error *err) {
  return refresh_output(sink, place, delivery, refresh_generation(sink, place, delivery), out, err);
}

static int file_committed(void *self, const char *delivery, const char *unit, struct sluice_position *out,
                          struct sluice_error *err) {
  struct place *place = NULL;
  struct output *output = NULL;
  int rc = sink_use(self, delivery, &place, err);
  if (rc != SLUICE_OK)
    return rc;
  rc = find_output(self, place, delivery, &output, err);
  if (rc == SLUICE_OK)
    rc = output_committed(output, delivery, unit, out, err);
  sink_done(self, place);
  return rc;
}

static int file_forget(void *self, const char *delivery, const char *unit, struct sluice_error *err) {
  struct place *place = NULL;
  struct output *output = NULL;
  int rc = sink_use(self, delivery, &place, err);
  if (rc != SLUICE_OK)
    return rc;
  rc = find_output(self, place, delivery, &output, err);
  if (rc == SLUICE_OK)
    rc = output_forget(output, delivery, unit, err);
  sink_done(self, place);
  return rc;
}

static int check_failed(const char *path, const char *what, struct sluice_error *err) {
  return sluice_fail(err, errno == EACCES || errno == EPERM ? SLUICE_ERR_AUTH : SLUICE_ERR_CONFIG, "path",
                     "%s '%s': %s", what, path, strerror(errno));
}

/* The file is not there: can it be made in the nearest folder that is? */
static int check_folder(const char *path, char *found, size_t size, struct sluice_error *err) {
  char *folder = strdup(path);
  if (!folder)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "path", "no memory");
  char *slash = strrchr(folder, '/');
  const char *seen = ".";
  for (; slash; slash = strrchr(folder, '/')) {
    slash[slash == folder] = 0;
    seen = folder;
    if (access(folder, F_OK) == 0 || slash == folder)
      break;
    seen = ".";
  }
  int rc = access(seen, W_OK | X_OK) == 0 ? SLUICE_OK : check_failed(seen, "cannot make files in", err);
  if (rc == SLUICE_OK)
    snprintf(found, size, "'%s' can be made", path);
  free(folder);
  return rc;
}

static int file_check(void *self, char *found, size_t size, struct sluice_error *err) {
  const struct sink *sink = self;
  struct stat info;
  if (strcmp(sink->path, "-") == 0) {
    snprintf(found, size, "standard output");
    return SLUICE_OK;
  }
  if (stat(sink->path, &info) != 0)
    return errno == ENOENT ? check_folder(sink->path, found, size, err)
                           : check_failed(sink->path, "cannot look at", err);
  if (S_ISDIR(info.st_mode))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "'%s' is a folder; name a file in it", sink->path);
  if (access(sink->path, R_OK | W_OK) != 0)
    return check_failed(sink->path, "cannot write", err);
  snprintf(found, size, "'%s' holds %lld bytes", sink->path, (long long)info.st_size);
  return SLUICE_OK;
}

/* What writing and beginning would say, before there is anything to write. */
static int file_able(void *self, uint32_t asks, struct sluice_error *err) {
  const struct sink *sink = self;
  if ((asks & SLUICE_ASKS_UPDATES) && !sink->operation_column)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, "operation_column",
                       "records that change are to be updated, and a file only gets longer; set operation_column of "
                       "the file sink to write what is to be done with each record");
  if ((asks & SLUICE_ASKS_GENERATIONS) && strcmp(sink->path, "-") == 0)
    return sluice_fail(
        err, SLUICE_ERR_UNSUPPORTED, "path",
        "standard output is no file, so a full refresh cannot replace it; name a file, or choose append");
  return SLUICE_OK;
}

static const void *file_extension(const char *id) {
  static const struct sluice_check check = {.struct_size = sizeof check, .check = file_check, .able = file_able};
  static const struct sluice_commit commit = {.struct_size = sizeof commit,
                                              .committed = file_committed,
                                              .forget = file_forget,
                                              .begin = refresh_begin,
                                              .commit = refresh_commit,
                                              .abort = refresh_abort,
                                              .current = refresh_current};
  if (strcmp(id, SLUICE_CHECK) == 0)
    return &check;
  return strcmp(id, SLUICE_COMMIT) == 0 ? &commit : NULL;
}

static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SINK,
                                        .name = "file",
                                        .version = "1.0.0",
                                        .help = "Records as lines of JSON in a local file, each exactly once.",
                                        .options = &options,
                                        .extension = file_extension};
static const struct sluice_sink component = {
    .struct_size = sizeof component,
    .base = &base,
    .accepts = SLUICE_ACCEPT_DICTIONARY | SLUICE_ACCEPT_VIEW | SLUICE_ACCEPT_LIST_VIEW | SLUICE_ACCEPT_RUN_END |
               SLUICE_ACCEPT_UNION | SLUICE_ACCEPT_SMALL_DECIMAL | SLUICE_ACCEPT_LARGE,
    .open = file_open,
    .close = file_close,
    .writer = sink_writer};
SLUICE_PLUGIN(SLUICE_SINK, "sink file 1.0.0\n", &component)
