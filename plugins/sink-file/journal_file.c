/* The journal's file: read, appended, written anew. */
#include "disk.h"
#include "journal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, const char *path, struct sluice_buffer *out, struct sluice_error *err) {
  struct stat info;
  if (fstat(fd, &info) != 0)
    return disk_fail(err, path, "look at", errno);
  if (!S_ISREG(info.st_mode) || info.st_size > JOURNAL_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, path,
                       "'%s' is not a journal of Sluice; move it away, or choose another path", path);
  if (sluice_buffer_reserve(out, (size_t)info.st_size + 1) != SLUICE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory for journal '%s'", path);
  while (out->size < (size_t)info.st_size) {
    ssize_t part = read(fd, out->data + out->size, (size_t)info.st_size - out->size);
    if (part < 0 && errno == EINTR)
      continue;
    if (part < 0)
      return disk_fail(err, path, "read", errno);
    if (part == 0)
      break;
    out->size += (size_t)part;
  }
  return SLUICE_OK;
}

static int load(struct journal *journal, struct sluice_error *err) {
  struct sluice_buffer bytes = {.limit = JOURNAL_MAX + 64};
  const char *wrong = NULL;
  size_t good = 0;
  int rc = read_all(journal->fd, journal->path, &bytes, err);
  if (rc == SLUICE_OK) {
    rc = journal_parse(bytes.data, bytes.size, &journal->state, &journal->marks, &good, &wrong);
    if (rc == SLUICE_ERR_DATA)
      rc = sluice_fail(
          err, SLUICE_ERR_CONFIG, journal->path,
          "journal '%s' is damaged: %s. Put back a copy, or remove it to go on from what the file beside it holds now",
          journal->path, wrong);
  }
  journal->size = (int64_t)good;
  sluice_buffer_free(&bytes);
  return rc;
}

int journal_open(struct journal *journal, const char *path, bool sync, struct sluice_error *err) {
  *journal = (struct journal){.fd = -1, .sync = sync};
  if (asprintf(&journal->path, "%s.sluice-journal", path) < 0)
    journal->path = NULL;
  if (asprintf(&journal->temporary, "%s.sluice-journal.new", path) < 0)
    journal->temporary = NULL;
  int rc = journal->path && journal->temporary ? SLUICE_OK
                                               : sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory for a journal");
  if (rc == SLUICE_OK) {
    journal->fd = open(journal->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (journal->fd >= 0)
      rc = load(journal, err);
    else if (errno != ENOENT)
      rc = disk_fail(err, journal->path, "open", errno);
  }
  if (rc != SLUICE_OK)
    journal_finish(journal);
  return rc;
}

void journal_finish(struct journal *journal) {
  if (journal->fd >= 0)
    close(journal->fd);
  marks_finish(&journal->marks);
  free(journal->path);
  free(journal->temporary);
  *journal = (struct journal){.fd = -1};
}

struct collected {
  struct journal_change *changes;
  size_t count, room;
};
static void count_mark(void *context, const struct mark *mark) {
  (void)mark;
  ++*(size_t *)context;
}
static void collect_mark(void *context, const struct mark *mark) {
  struct collected *all = context;
  if (all->count < all->room)
    all->changes[all->count++] = (struct journal_change){mark->delivery, mark->unit, mark->end, false};
}

static int put_all(const struct journal *journal, struct sluice_buffer *out) {
  struct collected all = {0};
  marks_each(&journal->marks, count_mark, &all.room);
  all.changes = calloc(all.room + 1, sizeof *all.changes);
  if (!all.changes)
    return SLUICE_ERR_MEMORY;
  marks_each(&journal->marks, collect_mark, &all);
  int rc = sluice_buffer_append(out, JOURNAL_HEAD, sizeof JOURNAL_HEAD - 1);
  if (rc == SLUICE_OK)
    rc = journal_put(out, &journal->state, all.changes, all.count);
  free(all.changes);
  return rc;
}

/* Puts the new file in the old one's place; *fd is the journal's from then on. */
static int replace(const struct journal *journal, const struct sluice_buffer *bytes, int *fd,
                   struct sluice_error *err) {
  int made = open(journal->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (made < 0)
    return disk_fail(err, journal->temporary, "make", errno);
  int rc = disk_write(made, journal->temporary, bytes->data, bytes->size, 0, err);
  if (rc == SLUICE_OK && journal->sync && fsync(made) != 0)
    rc = disk_fail(err, journal->temporary, "sync", errno);
  if (rc == SLUICE_OK && rename(journal->temporary, journal->path) != 0)
    rc = disk_fail(err, journal->path, "replace", errno);
  if (rc != SLUICE_OK) {
    unlink(journal->temporary);
    close(made);
    return rc;
  }
  *fd = made;
  return SLUICE_OK;
}

int journal_rewrite(struct journal *journal, struct sluice_error *err) {
  struct sluice_buffer bytes = {.limit = JOURNAL_MAX};
  int made = -1;
  int rc = put_all(journal, &bytes);
  if (rc != SLUICE_OK)
    rc = sluice_fail(err, rc, journal->path, "no memory for journal '%s'", journal->path);
  else
    rc = replace(journal, &bytes, &made, err);
  if (rc == SLUICE_OK) {
    if (journal->fd >= 0)
      close(journal->fd);
    journal->fd = made;
    journal->size = (int64_t)bytes.size;
    if (journal->sync)
      rc = disk_sync_folder(journal->path, err);
  }
  sluice_buffer_free(&bytes);
  return rc;
}

/* Places for all changes, so that nothing can fail once they are durable. */
static int make_places(struct journal *journal, const struct journal_change *changes, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!changes[i].forget && !marks_place(&journal->marks, changes[i].delivery, changes[i].unit))
      return SLUICE_ERR_MEMORY;
  return SLUICE_OK;
}

static void apply(struct journal *journal, const struct journal_change *changes, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (changes[i].forget) {
      marks_drop(&journal->marks, changes[i].delivery, changes[i].unit);
      continue;
    }
    struct mark *mark = marks_place(&journal->marks, changes[i].delivery, changes[i].unit);
    mark->end = changes[i].end;
    mark->set = true;
  }
}

static int write_record(struct journal *journal, const struct sluice_buffer *bytes, struct sluice_error *err) {
  int rc = disk_write(journal->fd, journal->path, bytes->data, bytes->size, journal->size, err);
  if (rc != SLUICE_OK && ftruncate(journal->fd, journal->size) != 0)
    return sluice_fail(err, SLUICE_ERR_BUG, journal->path, "cannot undo a write to '%s': %s", journal->path,
                       strerror(errno));
  if (rc == SLUICE_OK && journal->sync && fdatasync(journal->fd) != 0) {
    disk_fail(err, journal->path, "sync", errno);
    return SLUICE_ERR_BUG;
  }
  return rc;
}

int journal_commit(struct journal *journal, const struct journal_state *state, const struct journal_change *changes,
                   size_t n, struct sluice_error *err) {
  struct sluice_buffer bytes = {.limit = JOURNAL_MAX};
  int rc = make_places(journal, changes, n);
  if (rc == SLUICE_OK)
    rc = journal_put(&bytes, state, changes, n);
  if (rc != SLUICE_OK)
    sluice_fail(err, rc, journal->path, "no memory for a record of journal '%s'", journal->path);
  else
    rc = write_record(journal, &bytes, err);
  if (rc == SLUICE_OK) {
    apply(journal, changes, n);
    journal->state = *state;
    journal->size += (int64_t)bytes.size;
  }
  sluice_buffer_free(&bytes);
  return rc;
}
