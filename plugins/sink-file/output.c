/* The file that records are written to. Order of a commit: data, sync, journal, sync. */
#include "output.h"
#include "disk.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMPACT_FROM = 1 << 20 };

static int open_file(struct output *o, struct sluice_error *err) {
  struct stat info;
  int rc = disk_make_folders(o->path, err);
  if (rc != SLUICE_OK)
    return rc;
  o->fd = open(o->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
  if (o->fd < 0)
    return disk_fail(err, o->path, "open", errno);
  if (fstat(o->fd, &info) != 0)
    return disk_fail(err, o->path, "look at", errno);
  o->stream = !S_ISREG(info.st_mode);
  return o->stream ? SLUICE_OK : output_recover(o, err);
}

int output_open(const struct sluice_host *host, const char *path, bool sync, struct output **out,
                struct sluice_error *err) {
  bool standard = strcmp(path, "-") == 0;
  struct output *o = calloc(1, sizeof *o);
  if (!o)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "path", "no memory for '%s'", path);
  o->host = host;
  o->sync = sync;
  o->fd = -1;
  o->journal.fd = -1;
  o->stream = standard;
  pthread_mutex_init(&o->lock, NULL);
  o->path = strdup(standard ? "standard output" : path);
  int rc = o->path ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, "path", "no memory for '%s'", path);
  if (rc == SLUICE_OK && standard)
    o->fd = STDOUT_FILENO;
  else if (rc == SLUICE_OK)
    rc = open_file(o, err);
  if (rc == SLUICE_OK)
    *out = o;
  else
    output_close(o);
  return rc;
}

void output_close(struct output *o) {
  if (!o)
    return;
  journal_finish(&o->journal);
  if (o->fd >= 0 && o->fd != STDOUT_FILENO)
    close(o->fd);
  pthread_mutex_destroy(&o->lock);
  free(o->path);
  free(o);
}

void output_retire(struct output *o) {
  pthread_mutex_lock(&o->lock);
  o->broken = true;
  if (o->fd >= 0)
    close(o->fd);
  o->fd = -1;
  pthread_mutex_unlock(&o->lock);
}

int output_is_broken(const struct output *o, struct sluice_error *err) {
  if (o->fd < 0)
    return sluice_fail(err, SLUICE_ERR_BUG, o->path, "'%s' is written, and its generation is over", o->path);
  return sluice_fail(err, SLUICE_ERR_CONFIG, o->path,
                     "what is on the disk of '%s' is not known after an error before; see to the disk and run again",
                     o->path);
}

/* Takes back what is behind the committed length. */
static void undo(struct output *o) {
  if (ftruncate(o->fd, o->journal.state.length) != 0)
    o->broken = true;
}

/* The new last bytes; the old tail stays known where nothing is added. */
static struct journal_state next_state(const struct journal_state *old, const void *bytes, size_t n) {
  if (n == 0)
    return *old;
  uint32_t size = n < JOURNAL_TAIL ? (uint32_t)n : JOURNAL_TAIL;
  return (struct journal_state){old->length + (int64_t)n, size, journal_sum((const char *)bytes + n - size, size)};
}

static int write_data(struct output *o, const void *bytes, size_t n, struct sluice_error *err) {
  if (n == 0)
    return SLUICE_OK;
  int rc = disk_write(o->fd, o->path, bytes, n, o->journal.state.length, err);
  if (rc == SLUICE_OK && o->sync && fdatasync(o->fd) != 0) {
    /* The system may have dropped the pages: to try again would seem to work and would not. */
    o->broken = true;
    disk_fail(err, o->path, "sync", errno);
    rc = SLUICE_ERR_CONFIG;
  }
  return rc;
}

static int commit(struct output *o, const void *bytes, size_t n, const struct journal_change *changes, size_t count,
                  struct sluice_error *err) {
  if (o->broken)
    return output_is_broken(o, err);
  struct journal_state state = next_state(&o->journal.state, bytes, n);
  int rc = write_data(o, bytes, n, err);
  if (rc == SLUICE_OK)
    rc = journal_commit(&o->journal, &state, changes, count, err);
  if (rc == SLUICE_ERR_BUG) {
    o->broken = true;
    return SLUICE_ERR_CONFIG;
  }
  if (rc != SLUICE_OK)
    undo(o);
  return rc;
}

/* A journal that cannot be written anew is long, not wrong. */
static void compact(struct output *o) {
  struct sluice_error err = {0};
  if (o->journal.size < COMPACT_FROM || o->broken)
    return;
  if (journal_rewrite(&o->journal, &err) != SLUICE_OK)
    sluice_log(o->host, SLUICE_WARN, "%s", err.message);
}

int output_append(struct output *o, const void *bytes, size_t n, const struct journal_change *changes, size_t count,
                  struct sluice_error *err) {
  pthread_mutex_lock(&o->lock);
  int rc = o->stream ? stream_write(o, bytes, n, err) : commit(o, bytes, n, changes, count, err);
  if (rc == SLUICE_OK && !o->stream)
    compact(o);
  pthread_mutex_unlock(&o->lock);
  return rc;
}

int output_committed(struct output *o, const char *delivery, const char *unit, struct sluice_position *out,
                     struct sluice_error *err) {
  pthread_mutex_lock(&o->lock);
  const struct mark *mark = marks_find(&o->journal.marks, delivery, unit);
  int rc = o->broken ? output_is_broken(o, err) : mark ? SLUICE_OK : SLUICE_END;
  if (rc == SLUICE_OK)
    *out = mark->end;
  pthread_mutex_unlock(&o->lock);
  return rc;
}

/* A position that is not forgotten, because the disk is full, is longer in the journal and does no harm. */
int output_forget(struct output *o, const char *delivery, const char *unit, struct sluice_error *err) {
  const struct journal_change change = {.delivery = delivery, .unit = unit, .forget = true};
  pthread_mutex_lock(&o->lock);
  int rc = SLUICE_OK;
  if (marks_find(&o->journal.marks, delivery, unit)) {
    struct sluice_error why = {0};
    rc = commit(o, NULL, 0, &change, 1, &why);
    if (rc == SLUICE_ERR_RETRY)
      rc = SLUICE_OK;
    if (rc != SLUICE_OK)
      sluice_fail(err, rc, why.where, "%s", why.message);
    else
      compact(o);
  }
  pthread_mutex_unlock(&o->lock);
  return rc;
}
