/* Opening the file again after whatever happened: lock it, and cut it to what its journal says is committed. */
#include "disk.h"
#include "generation.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Another process may have put another file here between our opening it and locking it. */
static bool is_in_place(const struct output *o) {
  struct stat ours, there;
  return fstat(o->fd, &ours) == 0 && stat(o->path, &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

static int take_lock(const struct output *o, struct sluice_error *err) {
  bool locked = flock(o->fd, LOCK_EX | LOCK_NB) == 0;
  if (locked && is_in_place(o))
    return SLUICE_OK;
  if (!locked && errno != EWOULDBLOCK)
    return disk_fail(err, o->path, "lock", errno);
  return sluice_fail(err, SLUICE_ERR_CONFIG, "path",
                     "'%s' is being written by another job or another process; give each job a file of its own",
                     o->path);
}

static int read_at(const struct output *o, void *buf, size_t n, int64_t offset, struct sluice_error *err) {
  for (size_t done = 0; done < n;) {
    ssize_t part = pread(o->fd, (char *)buf + done, n - done, offset + (int64_t)done);
    if (part < 0 && errno == EINTR)
      continue;
    if (part < 0)
      return disk_fail(err, o->path, "read", errno);
    if (part == 0)
      return sluice_fail(err, SLUICE_ERR_RETRY, o->path, "'%s' is being cut by someone else", o->path);
    done += (size_t)part;
  }
  return SLUICE_OK;
}

/* Checksum of the last bytes of the file's first `length`. */
static int sum_tail(const struct output *o, int64_t length, uint32_t size, uint32_t *sum, struct sluice_error *err) {
  uint8_t tail[JOURNAL_TAIL];
  int rc = read_at(o, tail, size, length - size, err);
  if (rc == SLUICE_OK)
    *sum = journal_sum(tail, size);
  return rc;
}

/* A file without a journal is kept as it is. It must end in a newline, or its last line would swallow the first record.
 */
static int adopt(struct output *o, int64_t size, struct sluice_error *err) {
  char last = '\n';
  int rc = size > 0 ? read_at(o, &last, 1, size - 1, err) : SLUICE_OK;
  if (rc == SLUICE_OK && last != '\n') {
    rc = disk_write(o->fd, o->path, "\n", 1, size, err);
    size++;
  }
  if (rc == SLUICE_OK && o->sync && fsync(o->fd) != 0)
    rc = disk_fail(err, o->path, "sync", errno);
  struct journal_state *state = &o->journal.state;
  state->length = size;
  state->tail_size = size < JOURNAL_TAIL ? (uint32_t)size : JOURNAL_TAIL;
  return rc == SLUICE_OK ? sum_tail(o, size, state->tail_size, &state->tail_sum, err) : rc;
}

static int replaced(const struct output *o, const char *what, struct sluice_error *err) {
  return sluice_fail(
      err, SLUICE_ERR_CONFIG, "path",
      "'%s' is not the file that its journal knows: %s. Someone cut or replaced it. Put it back; or, to go on from "
      "what it holds now, remove '%s'",
      o->path, what, o->journal.path);
}

/* What is behind the committed length was never confirmed to anyone, and will be sent again. */
static int cut(struct output *o, int64_t size, struct sluice_error *err) {
  const struct journal_state *state = &o->journal.state;
  uint32_t sum = 0;
  char what[128];
  if (size < state->length) {
    snprintf(what, sizeof what, "%lld bytes were committed, %lld are there", (long long)state->length, (long long)size);
    return replaced(o, what, err);
  }
  if (state->tail_size > JOURNAL_TAIL || state->tail_size > state->length)
    return replaced(o, "the journal is wrong", err);
  int rc = sum_tail(o, state->length, state->tail_size, &sum, err);
  if (rc != SLUICE_OK)
    return rc;
  snprintf(what, sizeof what, "the bytes before byte %lld are others than those committed", (long long)state->length);
  if (sum != state->tail_sum)
    return replaced(o, what, err);
  if (size == state->length)
    return SLUICE_OK;
  sluice_log(o->host, SLUICE_INFO, "'%s': %lld bytes that were not committed are cut off", o->path,
             (long long)(size - state->length));
  return ftruncate(o->fd, state->length) == 0 ? SLUICE_OK : disk_fail(err, o->path, "cut", errno);
}

int output_cut(struct output *o, struct sluice_error *err) {
  struct stat info;
  if (fstat(o->fd, &info) != 0)
    return disk_fail(err, o->path, "look at", errno);
  return o->journal.fd < 0 ? adopt(o, info.st_size, err) : cut(o, info.st_size, err);
}

int output_recover(struct output *o, struct sluice_error *err) {
  bool finished = false;
  int rc = take_lock(o, err);
  if (rc == SLUICE_OK)
    rc = journal_open(&o->journal, o->path, o->sync, err);
  if (rc == SLUICE_OK)
    rc = generation_recover(o, &finished, err);
  if (rc != SLUICE_OK || finished)
    return rc;
  rc = output_cut(o, err);
  return rc == SLUICE_OK ? journal_rewrite(&o->journal, err) : rc;
}
