/* What happened: counters for /_s3d/stats, and the log file. */
#include "journal.h"
#include "uri.h"

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct journal {
  FILE *file;
  pthread_mutex_t lock;
  atomic_ullong requests[OPERATIONS], faults[FAULT_ACTIONS], classes[6], bytes, active, peak;
};

struct journal *journal_create(const char *path) {
  struct journal *j = calloc(1, sizeof *j);
  if (!j)
    return NULL;
  if (path) {
    j->file = fopen(path, "ae");
    if (!j->file) {
      free(j);
      return NULL;
    }
    setvbuf(j->file, NULL, _IOLBF, 8192);
  }
  pthread_mutex_init(&j->lock, NULL);
  return j;
}

void journal_destroy(struct journal *j) {
  if (!j)
    return;
  if (j->file)
    fclose(j->file);
  pthread_mutex_destroy(&j->lock);
  free(j);
}

void journal_begin(struct journal *j) {
  unsigned long long active = atomic_fetch_add(&j->active, 1) + 1, peak = atomic_load(&j->peak);
  while (active > peak && !atomic_compare_exchange_weak(&j->peak, &peak, active))
    ;
}

void journal_end(struct journal *j) {
  atomic_fetch_sub(&j->active, 1);
}

static void stamp(char text[32]) {
  struct timespec now;
  struct tm tm;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &tm);
  size_t n = strftime(text, 24, "%Y-%m-%dT%H:%M:%S", &tm);
  snprintf(text + n, 32 - n, ".%03ldZ", now.tv_nsec / 1000000);
}

/* BUCKET/KEY, encoded so that it is one word. */
static void put_name(struct text *line, const char *bucket, const char *key) {
  uri_encode(line, bucket, strlen(bucket), URI_PATH);
  text_putc(line, '/');
  uri_encode(line, key, strlen(key), URI_PATH);
}

static void write_line(struct journal *j, struct text *line) {
  char when[32];
  if (!line->failed) {
    pthread_mutex_lock(&j->lock);
    stamp(when);
    fprintf(j->file, "%s %s\n", when, line->data);
    pthread_mutex_unlock(&j->lock);
  }
  text_finish(line);
}

void journal_request(struct journal *j, enum operation op, unsigned status, uint64_t bytes, const char *bucket,
                     const char *key, const char *detail) {
  struct text line = {0};
  atomic_fetch_add(&j->requests[op], 1);
  atomic_fetch_add(&j->classes[status / 100 < 6 ? status / 100 : 0], 1);
  atomic_fetch_add(&j->bytes, bytes);
  if (!j->file)
    return;
  text_printf(&line, "request op=%s status=%u bytes=%llu name=", faults_operation_name(op), status,
              (unsigned long long)bytes);
  put_name(&line, bucket, key);
  text_printf(&line, "%s%s", *detail ? " " : "", detail);
  write_line(j, &line);
}

void journal_fault(struct journal *j, const struct fault *fault, enum operation op, const char *bucket, const char *key,
                   const char *detail) {
  struct text line = {0};
  unsigned long long n = atomic_fetch_add(&j->faults[fault->action], 1) + 1;
  if (!j->file)
    return;
  text_printf(&line, "fault action=%s count=%llu line=%d op=%s name=", faults_action_name(fault->action), n,
              fault->line, faults_operation_name(op));
  put_name(&line, bucket, key);
  text_printf(&line, "%s%s", *detail ? " " : "", detail);
  write_line(j, &line);
}

void journal_note(struct journal *j, const char *text) {
  struct text line = {0};
  fprintf(stderr, "s3d: %s\n", text);
  if (!j->file)
    return;
  text_printf(&line, "note %s", text);
  write_line(j, &line);
}

static json_t *number(atomic_ullong *counter) {
  return json_integer((json_int_t)atomic_load(counter));
}

char *journal_stats(struct journal *j, uint64_t scans, uint64_t script_loads) {
  static const char *const classes[6] = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  json_t *requests = json_object(), *faults = json_object(), *statuses = json_object();
  unsigned long long all = 0, fired = 0;
  for (int op = 0; op < OPERATIONS; op++) {
    all += atomic_load(&j->requests[op]);
    json_object_set_new(requests, faults_operation_name((enum operation)op), number(&j->requests[op]));
  }
  for (int a = FAULT_NONE + 1; a < FAULT_ACTIONS; a++) {
    fired += atomic_load(&j->faults[a]);
    json_object_set_new(faults, faults_action_name((enum fault_action)a), number(&j->faults[a]));
  }
  for (int c = 2; c < 6; c++)
    json_object_set_new(statuses, classes[c], number(&j->classes[c]));
  json_t *top =
      json_pack("{s:I, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:I, s:I}", "requests", (json_int_t)all, "operations",
                requests, "statuses", statuses, "faults", (json_int_t)fired, "fault_actions", faults, "bytes",
                number(&j->bytes), "active", number(&j->active), "peak_active", number(&j->peak), "listing_scans",
                (json_int_t)scans, "script_loads", (json_int_t)script_loads);
  char *text = top ? json_dumps(top, JSON_COMPACT) : NULL;
  json_decref(top);
  return text;
}
