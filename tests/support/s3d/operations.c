/* GET, HEAD and the rest: what each operation answers. */
#include "clock.h"
#include "request.h"
#include "xml.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct range {
  uint64_t first, last; /* both included */
};
enum range_result { RANGE_NONE, RANGE_GOOD, RANGE_BAD };

static const char *header(const struct request *r, const char *name) {
  const struct sigv4_request request = {.headers = r->headers, .header_count = r->header_count};
  return sigv4_find_header(&request, name);
}

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
  const char *match = header(r, "if-match"), *none = header(r, "if-none-match");
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

static void get_object(struct request *r) {
  struct object o;
  const char *asked = header(r, "range");
  if (!objects_open(r->server->objects, r->bucket, r->key, &o)) {
    answer_error(r, "NoSuchKey", NULL);
    return;
  }
  struct range range = {0, o.size ? o.size - 1 : 0};
  enum range_result got = read_range(asked, o.size, &range);
  if (got != RANGE_NONE && r->fault.action == FAULT_IGNORE_RANGE) {
    request_fault_fired(r, asked);
    range = (struct range){0, o.size ? o.size - 1 : 0};
    got = RANGE_NONE;
  }
  if (conditions_hold(r, &o)) {
    if (got != RANGE_BAD) {
      answer_object(r, &o, &range, got == RANGE_GOOD);
      return;
    }
    refuse_range(r, asked, o.size);
  }
  if (o.fd >= 0)
    close(o.fd);
}

static void list_buckets(struct request *r) {
  struct xml x;
  size_t len = 0;
  int fd = openat(r->server->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
  xml_init(&x, "ListAllMyBucketsResult", XML_S3);
  xml_start(&x, "Owner");
  xml_text(&x, "ID", "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a");
  xml_end(&x);
  xml_start(&x, "Buckets");
  for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
    if (objects_has_bucket(r->server->objects, e->d_name)) {
      xml_start(&x, "Bucket");
      xml_text(&x, "Name", e->d_name);
      xml_text(&x, "CreationDate", "2023-11-14T22:13:20.000Z");
      xml_end(&x);
    }
  xml_end(&x);
  xml_end(&x);
  if (dir)
    closedir(dir);
  else if (fd >= 0)
    close(fd);
  char *text = xml_take(&x, &len);
  answer_text(r, 200, "application/xml", text, len);
}

static void bucket_location(struct request *r) {
  struct xml x;
  size_t len = 0;
  const char *region = r->server->options.region;
  xml_init(&x, "LocationConstraint", XML_S3);
  if (strcmp(region, "us-east-1") != 0) /* S3 leaves it empty for its first region */
    xml_text(&x, "LocationConstraint", region);
  xml_end(&x);
  char *text = xml_take(&x, &len);
  answer_text(r, 200, "application/xml", text, len);
}

static void serve_other(struct request *r) {
  bool get = strcmp(r->method, "GET") == 0;
  if (get && !*r->bucket)
    list_buckets(r);
  else if (get && uri_query_get(&r->query, "location"))
    bucket_location(r);
  else {
    const struct error_field fields[] = {{"Method", r->method}, {"ResourceType", *r->key ? "OBJECT" : "BUCKET"}};
    answer_error_with(r, "MethodNotAllowed", NULL, fields, 2);
  }
}

static void serve_in_bucket(struct request *r) {
  switch (r->op) {
  case OP_LIST:
    request_list(r);
    break;
  case OP_TAGS:
    request_tags(r);
    break;
  case OP_DELETE:
    request_delete(r);
    break;
  case OP_GET:
  case OP_HEAD:
    if (*r->key)
      get_object(r);
    else
      answer_status(r, 200);
    break;
  default:
    serve_other(r);
  }
}

void request_serve(struct request *r) {
  if (r->service == SERVICE_STS)
    request_sts(r);
  else if (r->op == OP_PUT)
    request_upload_end(r);
  else if (*r->bucket && !objects_has_bucket(r->server->objects, r->bucket))
    answer_error(r, "NoSuchBucket", NULL);
  else
    serve_in_bucket(r);
  if (r->op == OP_HEAD || r->op == OP_LIST)
    answer_header(&r->answer, "x-amz-bucket-region", r->server->options.region);
}
