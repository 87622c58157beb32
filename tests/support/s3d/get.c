/* GetObject and HeadObject: one object or version, a range of it, its conditions, class and checksum. */
#include "checksum.h"
#include "clock.h"
#include "request.h"
#include "versions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct range {
  uint64_t first, last; /* both included */
};
enum range_result { RANGE_NONE, RANGE_GOOD, RANGE_BAD };

static bool read_digits(const char **p, uint64_t *out) {
  char *end = NULL;
  if (**p < '0' || **p > '9')
    return false;
  *out = strtoull(*p, &end, 10);
  *p = end;
  return true;
}

/* bytes=a-b, bytes=a-, bytes=-n. S3 leaves any other range unheeded, several ranges too. */
static enum range_result read_range(const char *text, uint64_t size, struct range *out) {
  uint64_t first = 0, last = UINT64_MAX, suffix = 0;
  if (!text || strncmp(text, "bytes=", 6) != 0)
    return RANGE_NONE;
  const char *p = text + 6;
  if (*p == '-') {
    p++;
    if (!read_digits(&p, &suffix) || *p)
      return RANGE_NONE;
    if (suffix == 0 || size == 0)
      return RANGE_BAD;
    *out = (struct range){suffix < size ? size - suffix : 0, size - 1};
    return RANGE_GOOD;
  }
  if (!read_digits(&p, &first) || *p++ != '-')
    return RANGE_NONE;
  if (*p && (!read_digits(&p, &last) || *p || last < first))
    return RANGE_NONE;
  if (first >= size)
    return RANGE_BAD;
  *out = (struct range){first, last < size ? last : size - 1};
  return RANGE_GOOD;
}

/* Is the ETag in a list such as `"a", W/"b"` or `*`? */
static bool etag_listed(const char *list, const char *etag) {
  size_t n = strlen(etag);
  for (const char *p = list; *p; p += strcspn(p, ",")) {
    p += strspn(p, ", \tW/\"");
    if (*p == '*' || (strncmp(p, etag, n) == 0 && (!p[n] || strchr("\", \t", p[n]))))
      return true;
  }
  return false;
}

static void put_object_headers(struct request *r, const struct object *o) {
  char text[CLOCK_TEXT];
  char quoted[ETAG_SIZE + 2];
  snprintf(quoted, sizeof quoted, "\"%s\"", o->etag);
  clock_http(o->modified, text);
  answer_header(&r->answer, "ETag", quoted);
  answer_header(&r->answer, "Last-Modified", text);
  answer_header(&r->answer, "Accept-Ranges", "bytes");
  answer_header(&r->answer, "Content-Type", "binary/octet-stream");
}

/* false: the answer is 412 or 304. */
static bool conditions_hold(struct request *r, const struct object *o) {
  const char *match = request_header(r, "if-match"), *none = request_header(r, "if-none-match");
  if (match && !etag_listed(match, o->etag)) {
    const struct error_field field = {"Condition", "If-Match"};
    answer_error_with(r, "PreconditionFailed", NULL, &field, 1);
    return false;
  }
  if (none && etag_listed(none, o->etag)) {
    answer_status(r, 304);
    put_object_headers(r, o);
    return false;
  }
  return true;
}

static void refuse_range(struct request *r, const char *asked, uint64_t size) {
  char actual[24], content[48];
  snprintf(actual, sizeof actual, "%llu", (unsigned long long)size);
  snprintf(content, sizeof content, "bytes */%s", actual);
  const struct error_field fields[] = {{"RangeRequested", asked}, {"ActualObjectSize", actual}};
  answer_error_with(r, "InvalidRange", NULL, fields, 2);
  answer_header(&r->answer, "Content-Range", content);
}

static void put_content_range(struct request *r, const struct range *range, uint64_t size) {
  char text[96];
  uint64_t off = r->fault.action == FAULT_WRONG_RANGE ? (uint64_t)r->fault.number : 0;
  snprintf(text, sizeof text, "bytes %llu-%llu/%llu", (unsigned long long)(range->first + off),
           (unsigned long long)(range->last + off), (unsigned long long)size);
  answer_header(&r->answer, "Content-Range", text);
  if (off)
    request_fault_fired(r, text);
}

/* Takes over the file of the object. */
static void answer_object(struct request *r, const struct object *o, const struct range *range, bool partial) {
  answer_status(r, partial ? 206 : 200);
  put_object_headers(r, o);
  if (partial)
    put_content_range(r, range, o->size);
  uint64_t length = o->size == 0 ? 0 : range->last - range->first + 1;
  r->answer.body = (struct body){.kind = o->synthetic ? BODY_SYNTHETIC : BODY_NONE,
                                 .fd = -1,
                                 .offset = range->first,
                                 .length = length,
                                 .index = o->index,
                                 .object_size = o->size};
  if (o->fd >= 0) {
    r->answer.body.kind = BODY_FILE;
    r->answer.body.fd = o->fd;
  }
}

static bool refuse_archived(struct request *r, const struct bucket_class *class) {
  const struct error_field field = {"StorageClass", class->name};
  answer_error_with(r, "InvalidObjectState", NULL, &field, 1);
  answer_header(&r->answer, "x-amz-storage-class", class->name);
  return false;
}

/* An archived object can be seen, and read only once it was restored. */
static bool class_can_be_read(struct request *r) {
  const struct bucket_class *class = bucket_class_of(&r->settings, r->key);
  bool archived = class && (strcmp(class->name, "GLACIER") == 0 || strcmp(class->name, "DEEP_ARCHIVE") == 0);
  return !archived || class->restored || r->head || refuse_archived(r, class);
}

static void put_class(struct request *r) {
  const struct bucket_class *class = bucket_class_of(&r->settings, r->key);
  if (class)
    answer_header(&r->answer, "x-amz-storage-class", class->name);
  if (class && class->restored)
    answer_header(&r->answer, "x-amz-restore",
                  "ongoing-request=\"false\", expiry-date=\"Fri, 01 Jan 2100 00:00:00 GMT\"");
}

/* Of whole objects only, as S3 does. */
static void put_checksum(struct request *r, const struct object *o) {
  char name[BUCKET_WORD + 16], text[CHECKSUM_TEXT + 8];
  const char *mode = request_header(r, "x-amz-checksum-mode"), *kind = r->settings.checksum;
  bool composite = strcmp(r->settings.checksum_type, "COMPOSITE") == 0;
  if (!*kind || !mode || strcasecmp(mode, "ENABLED") != 0 || !checksum_of(kind, o, text))
    return;
  if (r->fault.action == FAULT_WRONG_CHECKSUM) {
    text[0] = text[0] == 'A' ? 'B' : 'A';
    request_fault_fired(r, text);
  }
  if (composite)
    memcpy(text + strlen(text), "-3", 3);
  snprintf(name, sizeof name, "x-amz-checksum-%s", kind);
  answer_header_copy(&r->answer, name, text);
  answer_header(&r->answer, "x-amz-checksum-type", composite ? "COMPOSITE" : "FULL_OBJECT");
}

static void put_version(struct request *r, const char *id, bool marker) {
  if (r->settings.versions)
    answer_header(&r->answer, "x-amz-version-id", id);
  if (marker)
    answer_header(&r->answer, "x-amz-delete-marker", "true");
}

/* The object that is there now; false: the answer is made. */
static bool open_newest(struct request *r, struct object *o, char id[VERSION_ID]) {
  if (objects_open(r->server->objects, r->bucket, r->key, o)) {
    version_id_of(o, id);
    return true;
  }
  answer_error(r, "NoSuchKey", NULL);
  if (r->settings.versions && versions_newest_is_marker(r->server->root, r->bucket, r->key, id))
    put_version(r, id, true);
  return false;
}

static bool open_version(struct request *r, const char *id, struct object *o) {
  struct server *s = r->server;
  struct version v = {0};
  char newest[VERSION_ID] = "null";
  bool found = objects_open(s->objects, r->bucket, r->key, o);
  if (found && r->settings.versions)
    version_id_of(o, newest);
  if (found && strcmp(newest, id) == 0)
    return true;
  if (found)
    object_close(o);
  if (r->settings.versions && versions_open(s->root, s->objects, r->bucket, r->key, id, &v, o) && !v.marker)
    return true;
  answer_error(r, v.marker ? "MethodNotAllowed" : "NoSuchVersion", NULL);
  if (v.marker)
    put_version(r, id, true);
  return false;
}

static void send_object(struct request *r, struct object *o, const char *id) {
  struct range range = {0, o->size ? o->size - 1 : 0}, whole = range;
  const char *asked = request_header(r, "range");
  enum range_result got = read_range(asked, o->size, &range);
  if (got != RANGE_NONE && r->fault.action == FAULT_IGNORE_RANGE) {
    request_fault_fired(r, asked);
    range = whole;
    got = RANGE_NONE;
  }
  if (conditions_hold(r, o)) {
    if (got != RANGE_BAD) {
      answer_object(r, o, &range, got == RANGE_GOOD);
      put_class(r);
      put_version(r, id, false);
      if (got == RANGE_NONE)
        put_checksum(r, o);
      return;
    }
    refuse_range(r, asked, o->size);
  }
  object_close(o);
}

void request_get(struct request *r) {
  struct object o;
  char newest[VERSION_ID];
  const char *id = uri_query_get(&r->query, "versionId");
  bool found = id ? open_version(r, id, &o) : open_newest(r, &o, newest);
  if (!found)
    return;
  if (class_can_be_read(r))
    send_object(r, &o, id ? id : newest);
  else
    object_close(&o);
}
