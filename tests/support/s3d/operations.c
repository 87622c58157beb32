/* What each operation answers. */
#include "request.h"
#include "xml.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static const char *bucket_region(const struct request *r) {
  return *r->settings.region ? r->settings.region : r->server->options.region;
}

static void bucket_location(struct request *r) {
  struct xml x;
  size_t len = 0;
  const char *region = bucket_region(r);
  xml_init(&x, "LocationConstraint", XML_S3);
  if (strcmp(region, "us-east-1") != 0) /* S3 leaves it empty for its first region */
    xml_text(&x, "LocationConstraint", region);
  xml_end(&x);
  char *text = xml_take(&x, &len);
  answer_text(r, 200, "application/xml", text, len);
}

static void bucket_versioning(struct request *r) {
  struct xml x;
  size_t len = 0;
  xml_init(&x, "VersioningConfiguration", XML_S3);
  if (r->settings.versions)
    xml_text(&x, "Status", "Enabled");
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
  else if (get && uri_query_get(&r->query, "versioning"))
    bucket_versioning(r);
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
  case OP_VERSIONS:
    request_list_versions(r);
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
      request_get(r);
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
    answer_header(&r->answer, "x-amz-bucket-region", bucket_region(r));
  if (r->settings.requester_pays)
    answer_header(&r->answer, "x-amz-request-charged", "requester");
}
