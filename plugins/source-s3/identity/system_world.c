/* The real world: environment, files and time; HTTP and programs are in files of their own. */
#include "identity/system_world.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_SLICE_MS = 200 };

void http_answer_finish(struct http_answer *answer) {
  text_finish(&answer->body);
}

void program_end_finish(struct program_end *end) {
  text_finish(&end->out);
  text_finish(&end->err);
}

/* ---- environment and time ---- */

static const char *variable(void *context, const char *name) {
  (void)context;
  const char *value = getenv(name);
  return value && value[strspn(value, " \t\r\n")] ? value : NULL;
}

static int64_t now(void *context) {
  (void)context;
  return (int64_t)time(NULL);
}

static void write_log(void *context, int level, const char *line) {
  const struct system_world *world = context;
  world->host->log(world->host, level, line);
}

int system_pause(void *context, int64_t milliseconds, struct sluice_error *err) {
  const struct system_world *world = context;
  const struct sluice_host *host = world->host;
  for (;;) {
    if (host->cancelled(host))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, "", "cancelled while getting credentials");
    if (milliseconds <= 0)
      return SLUICE_OK;
    int64_t slice = milliseconds < PAUSE_SLICE_MS ? milliseconds : PAUSE_SLICE_MS;
    struct pollfd cancel = {.fd = host->cancel_fd(host), .events = POLLIN};
    poll(&cancel, 1, (int)slice);
    milliseconds -= slice;
  }
}

/* ---- files ---- */

static int cannot(struct sluice_error *err, const char *what, const char *path) {
  return sluice_fail(err, SLUICE_ERR_DATA, path, "%s cannot be %s: %s", path, what, strerror(errno));
}

static int read_all(int fd, const char *path, struct text *out, struct sluice_error *err) {
  char bytes[16384];
  size_t total = 0;
  for (;;) {
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return cannot(err, "read", path);
    if (n == 0)
      return out->failed ? sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory to read %s", path) : SLUICE_OK;
    total += (size_t)n;
    if (total > FILE_MAX)
      return sluice_fail(err, SLUICE_ERR_DATA, path, "%s is larger than %d bytes", path, FILE_MAX);
    text_add(out, bytes, (size_t)n);
  }
}

/* Not a device or pipe: reading one could wait for ever. */
static int check_regular(int fd, const char *path, struct sluice_error *err) {
  struct stat info;
  if (fstat(fd, &info) != 0)
    return cannot(err, "read", path);
  if (!S_ISREG(info.st_mode))
    return sluice_fail(err, SLUICE_ERR_DATA, path, "%s is no regular file", path);
  return SLUICE_OK;
}

static int read_file(void *context, const char *path, struct text *out, struct sluice_error *err) {
  (void)context;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    return sluice_fail(err, SLUICE_ERR_NOT_FOUND, path, "%s does not exist", path);
  if (fd < 0)
    return cannot(err, "opened", path);
  if (!out->limit)
    out->limit = FILE_MAX + 1;
  int status = check_regular(fd, path, err);
  if (status == SLUICE_OK)
    status = read_all(fd, path, out, err);
  close(fd);
  return status;
}

static bool write_all(int fd, const char *bytes, size_t n) {
  while (n) {
    ssize_t done = write(fd, bytes, n);
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return false;
    bytes += done;
    n -= (size_t)done;
  }
  return fsync(fd) == 0;
}

static int write_file(void *context, const char *path, const char *bytes, size_t n, struct sluice_error *err) {
  (void)context;
  char temporary[4200];
  if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
    return sluice_fail(err, SLUICE_ERR_DATA, "", "the path of a file is too long: %.200s", path);
  int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
  if (fd < 0)
    return cannot(err, "written", path);
  bool ok = write_all(fd, bytes, n);
  ok = close(fd) == 0 && ok;
  if (ok && rename(temporary, path) == 0)
    return SLUICE_OK;
  int status = cannot(err, "written", path);
  unlink(temporary);
  return status;
}

/* ---- life ---- */

int system_world_create(const struct sluice_host *host, const char *ca_file, struct system_world **out,
                        struct sluice_error *err) {
  struct system_world *made = calloc(1, sizeof *made);
  char *copy = ca_file ? strdup(ca_file) : NULL;
  if (!made || (ca_file && !copy)) {
    free(made);
    free(copy);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the s3 source");
  }
  made->host = host;
  made->ca_file = copy;
  made->world = (struct world){.context = made,
                               .variable = variable,
                               .read_file = read_file,
                               .write_file = write_file,
                               .run = system_program_run,
                               .send = system_http_send,
                               .now = now,
                               .pause = system_pause,
                               .log = write_log};
  *out = made;
  return SLUICE_OK;
}

void system_world_count(struct system_world *world, struct sluice_counter requests) {
  world->requests = requests;
}

void system_world_destroy(struct system_world *world) {
  if (!world)
    return;
  free(world->ca_file);
  free(world);
}

const struct world *system_world_get(const struct system_world *world) {
  return &world->world;
}
