/* Reads fault lines and decides which request gets which fault. */
#include "fault.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  enum fault_action action;
} actions[] = {{"hang", FAULT_HANG},
               {"cut", FAULT_CUT},
               {"cut-before", FAULT_CUT_BEFORE},
               {"cut-after-store", FAULT_CUT_AFTER_STORE},
               {"slow", FAULT_SLOW},
               {"max-body", FAULT_MAX_BODY},
               {"max-records", FAULT_MAX_RECORDS},
               {"bad-record", FAULT_BAD_RECORD}};

static bool number(const char *text, int64_t *out) {
  char *end = NULL;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno || end == text || *end || value < 0)
    return false;
  *out = value;
  return true;
}

static bool text_value(char *out, size_t size, const char *value) {
  int n = snprintf(out, size, "%s", value);
  return n >= 0 && (size_t)n < size;
}

static bool parse_action(struct fault *fault, const char *word) {
  int64_t status = 0;
  if (number(word, &status) && status >= 200 && status <= 599) {
    fault->action = FAULT_STATUS;
    fault->status = (int)status;
    return true;
  }
  for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
    if (strcmp(word, actions[i].name) == 0) {
      fault->action = actions[i].action;
      return true;
    }
  return false;
}

static bool parse_pair(struct fault *fault, char *word) {
  char *value = strchr(word, '=');
  if (!value)
    return false;
  *value++ = 0;
  int64_t status = 0;
  if (strcmp(word, "times") == 0)
    return number(value, &fault->times);
  if (strcmp(word, "skip") == 0)
    return number(value, &fault->skip);
  if (strcmp(word, "every") == 0)
    return number(value, &fault->every);
  if (strcmp(word, "ms") == 0)
    return number(value, &fault->ms);
  if (strcmp(word, "bytes") == 0 || strcmp(word, "n") == 0)
    return number(value, &fault->limit);
  if (strcmp(word, "text") == 0)
    return text_value(fault->text, sizeof fault->text, value);
  if (strcmp(word, "retry-after") == 0)
    return text_value(fault->retry_after, sizeof fault->retry_after, value);
  if (strcmp(word, "status") != 0 || !number(value, &status) || status < 200 || status > 599)
    return false;
  fault->status = (int)status;
  return true;
}

static bool parse(struct fault *fault, char *line) {
  char *rest = NULL, *word = strtok_r(line, " \t\r\n", &rest);
  if (!text_value(fault->match, sizeof fault->match, word))
    return false;
  word = strtok_r(NULL, " \t\r\n", &rest);
  if (!word || !parse_action(fault, word))
    return false;
  for (word = strtok_r(NULL, " \t\r\n", &rest); word; word = strtok_r(NULL, " \t\r\n", &rest))
    if (!parse_pair(fault, word))
      return false;
  if (fault->action == FAULT_BAD_RECORD)
    return fault->text[0] != 0;
  return (fault->action != FAULT_MAX_BODY && fault->action != FAULT_MAX_RECORDS) || fault->limit > 0;
}

void faults_init(struct faults *faults) {
  memset(faults, 0, sizeof *faults);
  pthread_mutex_init(&faults->lock, NULL);
}

bool faults_add(struct faults *faults, const char *line) {
  size_t blank = strspn(line, " \t\r\n");
  if (line[blank] == 0 || line[blank] == '#')
    return true;
  struct fault fault = {.status = 400};
  char *copy = strdup(line);
  bool ok = copy && parse(&fault, copy);
  free(copy);
  if (!ok) {
    fprintf(stderr, "recv: not a fault: %s\n", line);
    return false;
  }
  struct fault *items = reallocarray(faults->items, faults->count + 1, sizeof *items);
  if (!items)
    return false;
  faults->items = items;
  faults->items[faults->count++] = fault;
  return true;
}

bool faults_load(struct faults *faults, const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) {
    fprintf(stderr, "recv: cannot read %s: %s\n", path, strerror(errno));
    return false;
  }
  char line[1024];
  bool ok = true;
  while (ok && fgets(line, sizeof line, file))
    ok = faults_add(faults, line);
  fclose(file);
  return ok;
}

/* Is this the moment for the fault: at the header for cut-before, with the whole body for all others? */
static bool applies(const struct fault *fault, const char *path, const struct body *body) {
  if ((fault->action == FAULT_CUT_BEFORE) != (body == NULL) || fnmatch(fault->match, path, 0) != 0)
    return false;
  switch (fault->action) {
  case FAULT_MAX_BODY:
    return body->bytes > fault->limit;
  case FAULT_MAX_RECORDS:
    return body->scan.records > fault->limit;
  case FAULT_BAD_RECORD:
    return body_contains(body, fault->text);
  default:
    return true;
  }
}

static bool is_due(struct fault *fault) {
  int64_t n = fault->seen++ - fault->skip;
  if (n < 0 || (fault->times > 0 && fault->done >= fault->times))
    return false;
  if (fault->every > 0 && n % fault->every != 0)
    return false;
  fault->done++;
  return true;
}

bool faults_take(struct faults *faults, const char *path, const struct body *body, struct fault *out) {
  bool found = false;
  pthread_mutex_lock(&faults->lock);
  for (size_t i = 0; i < faults->count && !found; i++)
    if (applies(&faults->items[i], path, body) && is_due(&faults->items[i])) {
      *out = faults->items[i];
      found = true;
    }
  pthread_mutex_unlock(&faults->lock);
  return found;
}

void faults_finish(struct faults *faults) {
  free(faults->items);
  pthread_mutex_destroy(&faults->lock);
}
