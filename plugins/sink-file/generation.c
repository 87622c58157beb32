/* Begin, commit and current. */
#include "generation.h"
#include "disk.h"
#include "leftovers.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Positions under names that no unit has; their row is the generation. */
#define CURRENT " current generation"
#define COMMITTING " committing generation"

static int64_t numbered(const struct output *o, const char *delivery, const char *name) {
  const struct mark *mark = marks_find(&o->journal.marks, delivery, name);
  return mark ? mark->end.row : 0;
}

static struct journal_change note(const char *delivery, const char *name, int64_t generation) {
  return (struct journal_change){.delivery = delivery, .unit = name, .end = {.row = generation}};
}

static int no_memory(const struct output *o, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, o->path, "no memory for a generation of '%s'", o->path);
}

/* ---- beginning ---- */

struct other {
  const char *delivery;
  bool found;
};
static void look_for_other(void *context, const struct mark *mark) {
  struct other *other = context;
  other->found = other->found || strcmp(mark->delivery, other->delivery) != 0;
}

/* To replace the file would lose what others wrote. */
static int check_alone(const struct output *o, const char *delivery, struct sluice_error *err) {
  struct other other = {.delivery = delivery};
  struct stat info;
  marks_each(&o->journal.marks, look_for_other, &other);
  if (other.found)
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, "path",
        "'%s' holds records of another job or stream, which a full refresh would replace; give each a "
        "file of its own ({stream} in a path is the stream's name), or remove '%s' if those are not wanted any more",
        o->path, o->journal.path);
  if (lstat(o->path, &info) == 0 && S_ISLNK(info.st_mode))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path",
                       "'%s' is a symbolic link, which a full refresh would replace; name the file itself", o->path);
  return SLUICE_OK;
}

static int check_begin(const struct output *o, const char *delivery, int64_t generation, struct sluice_error *err) {
  if (o->stream)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, "path",
                       "%s is no file, so a full refresh cannot replace it; name a file, or choose append", o->path);
  int64_t current = numbered(o, delivery, CURRENT);
  if (generation <= current)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path",
                       "'%s' holds generation %lld, and generation %lld is not newer; was the job's ledger removed? "
                       "Then remove '%s' too",
                       o->path, (long long)current, (long long)generation, o->journal.path);
  return check_alone(o, delivery, err);
}

/* Whoever may read the old file may read the new one. */
static void copy_mode(const struct output *from, const struct output *to) {
  struct stat info;
  if (fstat(from->fd, &info) == 0 && fchmod(to->fd, info.st_mode & 07777) != 0)
    sluice_log(from->host, SLUICE_DEBUG, "'%s': cannot set its mode: %s", to->path, strerror(errno));
}

int generation_begin(struct output *o, const char *delivery, int64_t generation, struct output **out,
                     struct sluice_error *err) {
  char *path = NULL;
  pthread_mutex_lock(&o->lock);
  int rc = o->broken ? output_is_broken(o, err) : check_begin(o, delivery, generation, err);
  if (rc == SLUICE_OK)
    rc = leftovers_remove(o->path, generation, err);
  if (rc == SLUICE_OK) {
    path = leftovers_path(o->path, generation);
    rc = path ? leftovers_journal(path, err) : no_memory(o, err);
  }
  if (rc == SLUICE_OK)
    rc = output_open(o->host, path, o->sync, out, err);
  if (rc == SLUICE_OK)
    copy_mode(o, *out);
  pthread_mutex_unlock(&o->lock);
  free(path);
  return rc;
}

/* ---- committing ---- */

/* Whatever `sync` says: a rename that is durable before its data would lose both generations. */
static int make_durable(const struct output *o, struct sluice_error *err) {
  if (fsync(o->fd) != 0)
    return disk_fail(err, o->path, "sync", errno);
  return fsync(o->journal.fd) == 0 ? SLUICE_OK : disk_fail(err, o->journal.path, "sync", errno);
}

static int write_note(struct output *o, const struct journal_change *change, struct sluice_error *err) {
  int rc = journal_commit(&o->journal, &o->journal.state, change, 1, err);
  if (rc == SLUICE_OK && fsync(o->journal.fd) != 0) {
    disk_fail(err, o->journal.path, "sync", errno);
    rc = SLUICE_ERR_BUG;
  }
  if (rc != SLUICE_ERR_BUG)
    return rc;
  o->broken = true;
  return SLUICE_ERR_CONFIG;
}

/* The file's journal becomes that of the generation, whose file is in place. */
static int take_journal(struct output *o, const char *delivery, int64_t generation, struct journal *journal,
                        struct sluice_error *err) {
  struct mark *mark = marks_place(&journal->marks, delivery, CURRENT);
  if (!mark)
    return no_memory(o, err);
  mark->end = (struct sluice_position){.row = generation};
  mark->set = true;
  marks_finish(&o->journal.marks);
  o->journal.marks = journal->marks;
  o->journal.state = journal->state;
  journal->marks = (struct marks){.root = NULL};
  return journal_rewrite(&o->journal, err);
}

static void remove_journal(const struct output *o, const char *path) {
  if (unlink(path) != 0 && errno != ENOENT)
    sluice_log(o->host, SLUICE_WARN, "cannot remove '%s': %s", path, strerror(errno));
}

/* The generation is noted as being committed; *renamed: it has the file's name. */
static int put_in_place(struct output *o, const char *delivery, int64_t generation, struct output *fresh, bool *renamed,
                        struct sluice_error *err) {
  if (rename(fresh->path, o->path) != 0)
    return disk_fail(err, o->path, "replace", errno);
  *renamed = true;
  close(o->fd);
  o->fd = fresh->fd; /* it is locked, too */
  fresh->fd = -1;
  fresh->broken = true;
  int rc = disk_sync_folder(o->path, err);
  if (rc == SLUICE_OK)
    rc = take_journal(o, delivery, generation, &fresh->journal, err);
  if (rc == SLUICE_OK)
    remove_journal(o, fresh->journal.path);
  return rc;
}

static int commit_fresh(struct output *o, const char *delivery, int64_t generation, struct output *fresh,
                        struct sluice_error *err) {
  struct journal_change change = note(delivery, COMMITTING, generation);
  bool renamed = false;
  int rc = fresh->broken ? output_is_broken(fresh, err) : make_durable(fresh, err);
  if (rc == SLUICE_OK)
    rc = write_note(o, &change, err);
  if (rc != SLUICE_OK)
    return rc;
  rc = put_in_place(o, delivery, generation, fresh, &renamed, err);
  if (rc == SLUICE_OK)
    return rc;
  struct sluice_error ignored = {0};
  change.forget = true;
  if (renamed || write_note(o, &change, &ignored) != SLUICE_OK)
    o->broken = true; /* the next run finishes the commit */
  return renamed ? SLUICE_ERR_CONFIG : rc;
}

int generation_commit(struct output *o, const char *delivery, int64_t generation, struct output *fresh,
                      struct sluice_error *err) {
  pthread_mutex_lock(&o->lock);
  int rc = SLUICE_OK;
  if (o->broken)
    rc = output_is_broken(o, err);
  else if (numbered(o, delivery, CURRENT) == generation)
    rc = SLUICE_OK;
  else if (!fresh)
    rc = sluice_fail(err, SLUICE_ERR_BUG, o->path, "generation %lld of '%s' was not begun", (long long)generation,
                     o->path);
  else
    rc = commit_fresh(o, delivery, generation, fresh, err);
  pthread_mutex_unlock(&o->lock);
  return rc;
}

int generation_remove(struct output *o, const char *delivery, int64_t generation, struct sluice_error *err) {
  pthread_mutex_lock(&o->lock);
  int rc = SLUICE_OK;
  if (!o->stream && numbered(o, delivery, CURRENT) == generation)
    rc = sluice_fail(err, SLUICE_ERR_CONFIG, o->path, "generation %lld of '%s' is committed and cannot be taken back",
                     (long long)generation, o->path);
  else if (!o->stream)
    rc = leftovers_remove(o->path, 0, err);
  pthread_mutex_unlock(&o->lock);
  return rc;
}

bool generation_is_there(const struct output *o, int64_t generation) {
  char *path = o->stream ? NULL : leftovers_path(o->path, generation);
  bool there = path && access(path, F_OK) == 0;
  free(path);
  return there;
}

int generation_current(struct output *o, const char *delivery, int64_t *generation, struct sluice_error *err) {
  pthread_mutex_lock(&o->lock);
  int rc = o->broken ? output_is_broken(o, err) : SLUICE_OK;
  if (rc == SLUICE_OK)
    *generation = numbered(o, delivery, CURRENT);
  pthread_mutex_unlock(&o->lock);
  return rc;
}

/* ---- after a crash ---- */

struct begun {
  char *delivery;
  int64_t generation;
  bool failed;
};
static void look_for_begun(void *context, const struct mark *mark) {
  struct begun *begun = context;
  if (strcmp(mark->unit, COMMITTING) != 0 || begun->delivery)
    return;
  begun->delivery = strdup(mark->delivery);
  begun->generation = mark->end.row;
  begun->failed = !begun->delivery;
}

/* The file is in place already; its journal is not. */
static int finish_renamed(struct output *o, const struct begun *begun, const char *path, struct sluice_error *err) {
  struct journal journal;
  int rc = journal_open(&journal, path, o->sync, err);
  if (rc != SLUICE_OK)
    return rc;
  if (journal.fd < 0)
    rc = sluice_fail(err, SLUICE_ERR_CONFIG, o->path,
                     "'%s' is missing, and generation %lld was being committed with it; put it back, or remove '%s' to "
                     "go on from what '%s' holds now",
                     journal.path, (long long)begun->generation, o->journal.path, o->path);
  struct journal_state before = o->journal.state;
  o->journal.state = journal.state;
  if (rc == SLUICE_OK)
    rc = output_cut(o, err);
  if (rc == SLUICE_OK)
    rc = take_journal(o, begun->delivery, begun->generation, &journal, err);
  if (rc == SLUICE_OK)
    remove_journal(o, journal.path);
  else
    o->journal.state = before;
  journal_finish(&journal);
  return rc;
}

static int finish(struct output *o, const struct begun *begun, struct sluice_error *err) {
  struct output *fresh = NULL;
  struct stat info;
  bool renamed = false;
  char *path = leftovers_path(o->path, begun->generation);
  if (!path)
    return no_memory(o, err);
  sluice_log(o->host, SLUICE_INFO, "'%s': the commit of generation %lld is finished", o->path,
             (long long)begun->generation);
  int rc;
  if (lstat(path, &info) != 0) {
    rc = finish_renamed(o, begun, path, err);
  } else {
    rc = output_open(o->host, path, o->sync, &fresh, err);
    if (rc == SLUICE_OK)
      rc = put_in_place(o, begun->delivery, begun->generation, fresh, &renamed, err);
    output_close(fresh);
  }
  free(path);
  return rc;
}

int generation_recover(struct output *o, bool *finished, struct sluice_error *err) {
  struct begun begun = {.delivery = NULL};
  marks_each(&o->journal.marks, look_for_begun, &begun);
  if (begun.failed)
    return no_memory(o, err);
  int rc = begun.delivery ? finish(o, &begun, err) : SLUICE_OK;
  *finished = begun.delivery != NULL;
  free(begun.delivery);
  return rc;
}
