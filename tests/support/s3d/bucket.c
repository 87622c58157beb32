/* What a bucket is like beyond its objects: the lines of ROOT/.buckets/BUCKET, read again for each request. */
#include "bucket.h"
#include "checksum.h"
#include "region.h"
#include "text.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Splits at the first blank; the rest is "" when there is none. */
static char *rest_of(char *word) {
  char *blank = strchr(word, ' ');
  if (!blank)
    return word + strlen(word);
  *blank = '\0';
  return blank + 1;
}

static bool read_switch(const char *value, bool *out) {
  *out = strcmp(value, "true") == 0;
  return *out || strcmp(value, "false") == 0;
}

/* NAME GLOB [restored] */
static bool read_class(char *value, struct bucket_settings *s) {
  struct bucket_class *c = &s->classes[s->class_count];
  if (s->class_count == BUCKET_CLASSES)
    return false;
  char *glob = rest_of(value), *restored = rest_of(glob);
  c->restored = strcmp(restored, "restored") == 0;
  s->class_count++;
  return *glob && (c->restored || !*restored) && text_copy(c->name, sizeof c->name, value) &&
         text_copy(c->glob, sizeof c->glob, glob);
}

static bool add_operation(const char *name, unsigned *operations) {
  for (int op = 0; op < OPERATIONS; op++)
    if (strcmp(faults_operation_name((enum operation)op), name) == 0) {
      *operations |= 1u << op;
      return true;
    }
  return false;
}

/* ARN [OPERATION,...] */
static bool read_caller(char *value, struct bucket_settings *s) {
  struct bucket_caller *c = &s->callers[s->caller_count];
  char *save = NULL;
  if (s->caller_count == BUCKET_CALLERS)
    return false;
  char *operations = rest_of(value);
  for (char *name = strtok_r(operations, ",", &save); name; name = strtok_r(NULL, ",", &save))
    if (!add_operation(name, &c->operations))
      return false;
  s->caller_count++;
  return text_copy(c->arn, sizeof c->arn, value);
}

static bool read_text(const char *name, const char *value, struct bucket_settings *s, bool *known) {
  const struct {
    const char *name;
    char *place;
  } texts[] = {{"region", s->region},     {"redirect", s->redirect},           {"owner", s->owner},
               {"checksum", s->checksum}, {"checksum-type", s->checksum_type}, {"sse-c-key", s->sse_key}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (strcmp(name, texts[i].name) == 0) {
      *known = true;
      return *value && text_copy(texts[i].place, BUCKET_WORD, value);
    }
  return false;
}

static bool read_setting(const char *name, char *value, struct bucket_settings *s) {
  bool known = false, good = read_text(name, value, s, &known);
  if (known)
    return good;
  if (strcmp(name, "requester-pays") == 0)
    return read_switch(value, &s->requester_pays);
  if (strcmp(name, "versions") == 0)
    return read_switch(value, &s->versions);
  if (strcmp(name, "public") == 0)
    return read_switch(value, &s->open);
  if (strcmp(name, "sse-c-http") == 0)
    return read_switch(value, &s->sse_http);
  if (strcmp(name, "class") == 0)
    return read_class(value, s);
  return strcmp(name, "allow") == 0 && read_caller(value, s);
}

static bool words_are_known(const struct bucket_settings *s) {
  return (!*s->redirect || region_form_is_known(s->redirect)) && (!*s->checksum || checksum_is_known(s->checksum));
}

static FILE *open_settings(int root, const char *bucket) {
  char path[PATH_MAX];
  int n = snprintf(path, sizeof path, ".buckets/%s", bucket);
  if (n < 0 || (size_t)n >= sizeof path || !*bucket || strchr(bucket, '/'))
    return NULL;
  int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
  FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
  if (fd >= 0 && !file)
    close(fd);
  return file;
}

bool bucket_settings_read(int root, const char *bucket, struct bucket_settings *out, char *message, size_t size) {
  char line[1024];
  int number = 0;
  bool good = true;
  FILE *file = open_settings(root, bucket);
  *out = (struct bucket_settings){0};
  while (file && good && fgets(line, sizeof line, file)) {
    number++;
    line[strcspn(line, "#\r\n")] = '\0';
    char *equals = strchr(line, '=');
    if (!*line)
      continue;
    if (equals)
      *equals = '\0';
    good = equals && read_setting(line, equals + 1, out) && words_are_known(out);
  }
  if (file)
    fclose(file);
  if (!good)
    snprintf(message, size, "s3d: .buckets/%.200s:%d: not a setting that s3d knows; s3d --help lists them", bucket,
             number);
  return good;
}

const struct bucket_class *bucket_class_of(const struct bucket_settings *s, const char *key) {
  for (size_t i = 0; i < s->class_count; i++)
    if (fnmatch(s->classes[i].glob, key, 0) == 0)
      return &s->classes[i];
  return NULL;
}
