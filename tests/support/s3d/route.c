/* What a request asks for: the bucket and key of its host and path, and the operation. */
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const not_built[] = {
    "accelerate", "acl",        "analytics",    "attributes",        "cors",        "delete",         "encryption",
    "inventory",  "legal-hold", "lifecycle",    "logging",           "metrics",     "notification",   "object-lock",
    "partNumber", "policy",     "policyStatus", "publicAccessBlock", "replication", "requestPayment", "restore",
    "retention",  "select",     "torrent",      "uploadId",          "uploads",     "website"};

static bool refuse(struct request *r, const char *code, const char *message) {
  answer_error(r, code, message);
  return false;
}

/* The bucket that a host name names, if it does: BUCKET.s3.anything, BUCKET.localhost. */
static bool host_bucket(const char *host, char bucket[BUCKET_SIZE]) {
  char name[BUCKET_SIZE];
  if (!text_copy(name, sizeof name, host))
    return false;
  name[strcspn(name, ":")] = '\0';
  char *end = NULL;
  if (strncmp(name, "s3.", 3) == 0 || strncmp(name, "s3-", 3) == 0)
    return false;
  for (char *p = name; *p; p++)
    if (strncmp(p, ".s3.", 4) == 0 || strncmp(p, ".s3-", 4) == 0)
      end = p;
  size_t n = strlen(name), suffix = strlen(".localhost");
  if (!end && n > suffix && strcasecmp(name + n - suffix, ".localhost") == 0)
    end = name + n - suffix;
  if (!end || end == name)
    return false;
  *end = '\0';
  return text_copy(bucket, BUCKET_SIZE, name);
}

static bool decode(const char *raw, size_t n, char *to, size_t size) {
  struct text out = {0};
  bool ok = uri_decode(&out, raw, n, URI_PATH) && text_copy(to, size, out.data);
  text_finish(&out);
  return ok;
}

static bool read_names(struct request *r) {
  const char *host =
      sigv4_find_header(&(struct sigv4_request){.headers = r->headers, .header_count = r->header_count}, "host");
  size_t n = strcspn(r->target, "?");
  if (n == 0 || r->target[0] != '/')
    return refuse(r, "InvalidURI", NULL);
  const char *path = r->target + 1;
  n--;
  if (!host || !host_bucket(host, r->bucket)) {
    const char *slash = memchr(path, '/', n);
    size_t len = slash ? (size_t)(slash - path) : n;
    if (!decode(path, len, r->bucket, sizeof r->bucket))
      return refuse(r, "InvalidBucketName", NULL);
    path += len + (slash ? 1 : 0);
    n -= len + (slash ? 1 : 0);
  }
  return decode(path, n, r->key, sizeof r->key) || refuse(r, n >= KEY_SIZE ? "KeyTooLongError" : "InvalidURI", NULL);
}

static bool read_query(struct request *r) {
  const char *mark = strchr(r->target, '?');
  if (mark && !uri_query_init(&r->query, mark + 1, strlen(mark + 1)))
    return refuse(r, "InvalidURI", NULL);
  return true;
}

static bool check_parameters(struct request *r) {
  for (size_t i = 0; i < sizeof not_built / sizeof *not_built; i++)
    if (uri_query_get(&r->query, not_built[i])) {
      const struct error_field field = {"Header", not_built[i]};
      answer_error_with(r, "NotImplemented", NULL, &field, 1);
      return false;
    }
  return true;
}

static bool asks(const struct request *r, const char *what) {
  return uri_query_get(&r->query, what) != NULL;
}

static enum operation read_operation(const struct request *r) {
  bool get = strcmp(r->method, "GET") == 0, tags = asks(r, "tagging");
  if (get && tags && *r->bucket)
    return OP_TAGS;
  if (get && *r->key)
    return OP_GET;
  if (get && *r->bucket && asks(r, "versions"))
    return OP_VERSIONS;
  if (get && *r->bucket && !asks(r, "location") && !asks(r, "versioning"))
    return OP_LIST;
  if (r->head && *r->bucket)
    return OP_HEAD;
  if (strcmp(r->method, "PUT") == 0 && *r->bucket && !tags)
    return OP_PUT;
  if (strcmp(r->method, "DELETE") == 0 && *r->bucket && !tags)
    return OP_DELETE;
  return OP_OTHER;
}

bool request_route(struct request *r) {
  char message[512];
  r->op = OP_OTHER;
  r->head = strcmp(r->method, "HEAD") == 0;
  if (strcmp(r->target, "/_s3d/stats") == 0) {
    r->service = SERVICE_STATS;
    return true;
  }
  if (strcmp(r->method, "POST") == 0 && strcmp(r->target, "/") == 0) {
    r->service = SERVICE_STS;
    r->op = OP_STS;
    return true;
  }
  if (!read_names(r) || !read_query(r))
    return false;
  r->op = read_operation(r);
  if (!bucket_settings_read(r->server->root, r->bucket, &r->settings, message, sizeof message)) {
    journal_note(r->server->journal, message);
    return refuse(r, "InternalError", message);
  }
  return check_parameters(r);
}
