/* PUT and DELETE: objects and buckets are made and removed in the folder. */
#include "request.h"
#include "versions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_marker(const struct request *r) {
  return *r->key && r->key[strlen(r->key) - 1] == '/';
}

/* Makes the folders that a path below the root needs. */
static bool make_folders(int root, const char *path) {
  char part[PATH_MAX];
  for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
    size_t n = (size_t)(slash - path);
    memcpy(part, path, n);
    part[n] = '\0';
    if (mkdirat(root, part, 0777) != 0 && errno != EEXIST)
      return false;
  }
  return true;
}

static bool refuse(struct request *r, const char *code, const char *message) {
  answer_error(r, code, message);
  return false;
}

static bool may_write(struct request *r, char path[PATH_MAX]) {
  const struct sigv4_request request = {.headers = r->headers, .header_count = r->header_count};
  if (objects_is_synthetic(r->server->objects, r->bucket))
    return refuse(r, "MethodNotAllowed", "The bucket `synthetic` is generated: it cannot be changed.");
  if (!objects_has_bucket(r->server->objects, r->bucket))
    return refuse(r, "NoSuchBucket", NULL);
  if (sigv4_find_header(&request, "x-amz-copy-source"))
    return refuse(r, "NotImplemented", "s3d cannot copy objects.");
  if (!objects_path(r->bucket, r->key, path, PATH_MAX))
    return refuse(r, "InvalidArgument",
                  "s3d keeps objects as files: a key with an empty, `.` or `..` part, or a part "
                  "of more than 255 bytes, cannot be stored.");
  return true;
}

static bool open_temporary(struct request *r, const char *path) {
  const char *slash = strrchr(path, '/');
  int n =
      snprintf(r->upload_path, sizeof r->upload_path, "%.*s/" LISTING_TEMPORARY "%s", (int)(slash - path), path, r->id);
  if (n < 0 || (size_t)n >= sizeof r->upload_path)
    return false;
  for (int tries = 0; tries < 3 && r->upload < 0; tries++) /* a DELETE may take the folder away between the two */
    if (make_folders(r->server->root, path))
      r->upload = openat(r->server->root, r->upload_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  return r->upload >= 0;
}

static void put_bucket(struct request *r) {
  bool good = strlen(r->bucket) >= 3 && strlen(r->bucket) <= 63 && r->bucket[0] != '.' && r->bucket[0] != '-' &&
              strspn(r->bucket, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == strlen(r->bucket);
  if (!good)
    answer_error(r, "InvalidBucketName", NULL);
  else if (mkdirat(r->server->root, r->bucket, 0777) != 0 && errno != EEXIST)
    answer_error(r, "InternalError", strerror(errno));
  else
    answer_status(r, 200);
}

void request_upload_start(struct request *r) {
  char path[PATH_MAX];
  if (!*r->key || !may_write(r, path) || is_marker(r))
    return;
  if (!open_temporary(r, path))
    answer_error(r, "InternalError", strerror(errno));
}

void request_upload_data(struct request *r, const char *data, size_t n) {
  while (n > 0 && r->upload >= 0) {
    ssize_t wrote = write(r->upload, data, n);
    if (wrote <= 0) {
      answer_error(r, "InternalError", strerror(errno));
      request_upload_drop(r);
      return;
    }
    data += wrote;
    n -= (size_t)wrote;
  }
}

void request_upload_drop(struct request *r) {
  if (r->upload < 0)
    return;
  close(r->upload);
  unlinkat(r->server->root, r->upload_path, 0);
  r->upload = UPLOAD_NONE;
}

static bool store_file(struct request *r, const char *path) {
  struct server *s = r->server;
  return (!r->settings.versions || versions_keep(s->root, s->objects, r->bucket, r->key)) &&
         renameat(s->root, r->upload_path, s->root, path) == 0;
}

static void put_version(struct request *r, const struct object *o) {
  char id[VERSION_ID];
  version_id_of(o, id);
  if (r->settings.versions)
    answer_header(&r->answer, "x-amz-version-id", id);
}

void request_upload_end(struct request *r) {
  char path[PATH_MAX], quoted[ETAG_SIZE + 2];
  struct object o;
  if (!*r->key) {
    put_bucket(r);
    return;
  }
  if (!may_write(r, path))
    return;
  bool stored = is_marker(r) ? r->body_length == 0 && make_folders(r->server->root, path) : store_file(r, path);
  if (stored && r->upload >= 0) {
    close(r->upload);
    r->upload = UPLOAD_NONE;
  }
  if (!stored || !objects_look(r->server->objects, r->bucket, r->key, &o)) {
    answer_error(r, "InvalidRequest", "The key cannot be stored as a file: a folder or a file of that name is there.");
    return;
  }
  answer_status(r, 200);
  snprintf(quoted, sizeof quoted, "\"%s\"", o.etag);
  answer_header(&r->answer, "ETag", quoted);
  put_version(r, &o);
}

/* Empty folders go with their last object: in S3 they were never there. */
static void remove_empty_folders(int root, char *path, size_t bucket_len) {
  for (char *slash = strrchr(path, '/'); slash && (size_t)(slash - path) > bucket_len; slash = strrchr(path, '/')) {
    *slash = '\0';
    if (unlinkat(root, path, AT_REMOVEDIR) != 0)
      return;
  }
}

/* A bucket with versions keeps the object, and puts a delete marker on top; false: the answer is made. */
static bool keep_deleted(struct request *r) {
  struct server *s = r->server;
  char id[VERSION_ID];
  if (!r->settings.versions || is_marker(r))
    return true;
  if (!hash_md5(r->id, strlen(r->id), id) || !versions_keep(s->root, s->objects, r->bucket, r->key) ||
      !versions_mark(s->root, r->bucket, r->key, id))
    return refuse(r, "InternalError", "The version cannot be kept.");
  answer_status(r, 204);
  answer_header(&r->answer, "x-amz-version-id", id);
  answer_header(&r->answer, "x-amz-delete-marker", "true");
  return true;
}

void request_delete(struct request *r) {
  char path[PATH_MAX];
  if (!*r->key && objects_has_bucket(r->server->objects, r->bucket) &&
      !objects_is_synthetic(r->server->objects, r->bucket)) {
    if (unlinkat(r->server->root, r->bucket, AT_REMOVEDIR) != 0)
      answer_error(r, "BucketNotEmpty", NULL);
    else
      answer_status(r, 204);
    return;
  }
  if (!may_write(r, path))
    return;
  if (uri_query_get(&r->query, "versionId")) {
    refuse(r, "NotImplemented", "s3d does not delete single versions.");
    return;
  }
  answer_status(r, 204);
  if (!keep_deleted(r))
    return;
  if (!is_marker(r) && unlinkat(r->server->root, path, 0) == 0)
    remove_empty_folders(r->server->root, path, strlen(r->bucket));
  else if (is_marker(r))
    unlinkat(r->server->root, path, AT_REMOVEDIR);
}
