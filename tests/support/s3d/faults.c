/* The faults of a script: which request meets which, and how often. */
#include "faults.h"
#include "rule.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct faults {
  const char *path;
  pthread_mutex_t lock;
  struct stat seen;
  struct rule *rules;
  size_t count;
  uint64_t loads;
};

static const char *const operation_names[OPERATIONS] = {"LIST", "VERSIONS", "GET", "HEAD", "TAGS",
                                                        "PUT",  "DELETE",   "STS", "OTHER"};

const char *faults_operation_name(enum operation op) {
  return operation_names[op];
}

static bool unchanged(const struct stat *a, const struct stat *b) {
  return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
         a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads the script; a script that is not there has no faults. */
static bool load(struct faults *f, char *message, size_t size) {
  struct stat now = {0};
  struct rule *rules = NULL;
  size_t count = 0;
  if (!f->path)
    return true;
  if (stat(f->path, &now) != 0)
    now = (struct stat){0};
  if (f->loads > 0 && unchanged(&now, &f->seen))
    return true;
  f->seen = now;
  if (now.st_ino != 0 && !rules_read(f->path, &rules, &count, message, size))
    return false;
  free(f->rules);
  f->rules = rules;
  f->count = count;
  f->loads++;
  return true;
}

struct faults *faults_create(const char *path, char *message, size_t size) {
  struct faults *f = calloc(1, sizeof *f);
  if (!f) {
    snprintf(message, size, "out of memory");
    return NULL;
  }
  f->path = path;
  pthread_mutex_init(&f->lock, NULL);
  if (!load(f, message, size)) {
    faults_destroy(f);
    return NULL;
  }
  return f;
}

void faults_destroy(struct faults *f) {
  if (!f)
    return;
  pthread_mutex_destroy(&f->lock);
  free(f->rules);
  free(f);
}

static struct rule *first_due(struct faults *f, enum operation op, const char *key) {
  for (size_t i = 0; i < f->count; i++)
    if (rule_matches(&f->rules[i], op, key) && rule_is_due(&f->rules[i]))
      return &f->rules[i];
  return NULL;
}

bool faults_find(struct faults *f, enum operation op, const char *key, struct fault *out, char *message, size_t size) {
  *out = (struct fault){.action = FAULT_NONE};
  if (!f->path)
    return true;
  pthread_mutex_lock(&f->lock);
  bool ok = load(f, message, size);
  struct rule *r = first_due(f, op, key);
  if (r) {
    *out = r->fault;
    out->turn = r->fired++;
    out->script = f->loads;
    if (r->expire_next) {
      out->action = FAULT_EXPIRED;
      r->expire_next = false;
    }
  }
  pthread_mutex_unlock(&f->lock);
  return ok;
}

static struct rule *find_line(struct faults *f, const struct fault *fault) {
  for (size_t i = 0; i < f->count && f->loads == fault->script; i++)
    if (f->rules[i].fault.line == fault->line)
      return &f->rules[i];
  return NULL;
}

void faults_unused(struct faults *f, const struct fault *fault) {
  if (fault->action == FAULT_NONE)
    return;
  pthread_mutex_lock(&f->lock);
  struct rule *r = find_line(f, fault);
  if (r && r->fired > 0)
    r->fired--;
  pthread_mutex_unlock(&f->lock);
}

void faults_expire_next(struct faults *f, const struct fault *fault) {
  pthread_mutex_lock(&f->lock);
  struct rule *r = find_line(f, fault);
  if (r)
    r->expire_next = true;
  pthread_mutex_unlock(&f->lock);
}

uint64_t faults_loads(struct faults *f) {
  pthread_mutex_lock(&f->lock);
  uint64_t n = f->loads;
  pthread_mutex_unlock(&f->lock);
  return n;
}
