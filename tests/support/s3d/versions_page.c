/* ListObjectVersions: one page of all versions and delete markers of a bucket. */
#include "clock.h"
#include "names.h"
#include "request.h"
#include "versions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct page {
  const char *prefix, *delimiter, *key_marker, *id_marker;
  bool url, keeps; /* keeps: the bucket has versions */
  size_t most;
  struct versions all;
};

static void put_time_and_owner(struct xml *x, int64_t modified) {
  char text[CLOCK_TEXT];
  clock_iso(modified, text);
  xml_text(x, "LastModified", text);
  xml_start(x, "Owner");
  xml_text(x, "ID", "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a");
  xml_end(x);
}

static bool look(struct request *r, const struct version *v, struct object *o) {
  struct version same;
  if (v->number == UINT64_MAX)
    return objects_look(r->server->objects, r->bucket, v->key, o);
  bool found = versions_open(r->server->root, r->server->objects, r->bucket, v->key, v->id, &same, o);
  if (found)
    object_close(o);
  return found;
}

static void put_version(struct request *r, struct xml *x, const struct page *p, const struct version *v, bool latest) {
  struct object o = {.fd = -1, .modified = r->now};
  char quoted[ETAG_SIZE + 2];
  if (!v->marker && !look(r, v, &o))
    return; /* gone since the names were read */
  xml_start(x, v->marker ? "DeleteMarker" : "Version");
  names_put(x, "Key", v->key, strlen(v->key), p->url);
  xml_text(x, "VersionId", p->keeps ? v->id : "null");
  xml_text(x, "IsLatest", latest ? "true" : "false");
  if (!v->marker) {
    const struct bucket_class *class = bucket_class_of(&r->settings, v->key);
    snprintf(quoted, sizeof quoted, "\"%s\"", o.etag);
    xml_text(x, "ETag", quoted);
    xml_number(x, "Size", o.size);
    xml_text(x, "StorageClass", class ? class->name : "STANDARD");
  }
  put_time_and_owner(x, o.modified);
  xml_end(x);
}

static bool is_latest(const struct versions *all, size_t i) {
  return i == 0 || strcmp(all->items[i - 1].key, all->items[i].key) != 0;
}

/* Behind the markers: after the key, or after one version of it. */
static size_t find_start(const struct page *p) {
  const struct version *items = p->all.items;
  size_t i = 0;
  if (!p->key_marker)
    return 0;
  while (i < p->all.count && strcmp(items[i].key, p->key_marker) < 0)
    i++;
  size_t same = i;
  while (same < p->all.count && strcmp(items[same].key, p->key_marker) == 0) {
    if (p->id_marker && strcmp(items[same].id, p->id_marker) == 0)
      return same + 1;
    same++;
  }
  return same;
}

/* The length of the common prefix of a key, 0 if it has none; a key marker that is one of them skips it all. */
static size_t common_prefix(const struct page *p, const char *key) {
  const char *cut = *p->delimiter ? strstr(key + strlen(p->prefix), p->delimiter) : NULL;
  return cut ? (size_t)(cut - key) + strlen(p->delimiter) : 0;
}

static size_t skip_prefix(const struct page *p, size_t i, const char *prefix, size_t n) {
  while (i < p->all.count && strncmp(p->all.items[i].key, prefix, n) == 0)
    i++;
  return i;
}

static size_t put_item(struct request *r, struct xml *x, const struct page *p, size_t i) {
  const struct version *v = &p->all.items[i];
  size_t n = common_prefix(p, v->key);
  if (n == 0) {
    put_version(r, x, p, v, is_latest(&p->all, i));
    return i + 1;
  }
  xml_start(x, "CommonPrefixes");
  names_put(x, "Prefix", v->key, n, p->url);
  xml_end(x);
  return skip_prefix(p, i, v->key, n);
}

static void put_next(struct xml *x, const struct page *p, size_t last) {
  const struct version *v = &p->all.items[last];
  size_t n = common_prefix(p, v->key);
  names_put(x, "NextKeyMarker", v->key, n ? n : strlen(v->key), p->url);
  if (n == 0)
    xml_text(x, "NextVersionIdMarker", p->keeps ? v->id : "null");
}

static size_t first_item(const struct page *p) {
  size_t n = p->key_marker ? strlen(p->key_marker) : 0, i = find_start(p);
  bool prefix = n > 0 && *p->delimiter && !p->id_marker && n >= strlen(p->delimiter) &&
                strcmp(p->key_marker + n - strlen(p->delimiter), p->delimiter) == 0;
  return prefix ? skip_prefix(p, i, p->key_marker, n) : i;
}

static char *write_page(struct request *r, const struct page *p, size_t *len) {
  struct xml x;
  size_t i = first_item(p), last = i, count = 0;
  xml_init(&x, "ListVersionsResult", XML_S3);
  xml_text(&x, "Name", r->bucket);
  names_put(&x, "Prefix", p->prefix, strlen(p->prefix), p->url);
  names_put(&x, "KeyMarker", p->key_marker ? p->key_marker : "", p->key_marker ? strlen(p->key_marker) : 0, p->url);
  xml_text(&x, "VersionIdMarker", p->id_marker ? p->id_marker : "");
  xml_number(&x, "MaxKeys", p->most);
  if (p->url)
    xml_text(&x, "EncodingType", "url");
  for (; i < p->all.count && count < p->most; count++) {
    last = i;
    i = put_item(r, &x, p, i);
  }
  bool more = i < p->all.count && p->most > 0;
  xml_text(&x, "IsTruncated", more ? "true" : "false");
  if (more)
    put_next(&x, p, last);
  xml_end(&x);
  return xml_take(&x, len);
}

static const char *parameter(const struct request *r, const char *name) {
  const char *value = uri_query_get(&r->query, name);
  return value ? value : "";
}

void request_list_versions(struct request *r) {
  struct server *s = r->server;
  struct page p = {.prefix = parameter(r, "prefix"), .delimiter = parameter(r, "delimiter")};
  size_t len = 0;
  p.key_marker = uri_query_get(&r->query, "key-marker");
  p.id_marker = uri_query_get(&r->query, "version-id-marker");
  p.url = uri_query_get(&r->query, "encoding-type") != NULL;
  p.keeps = r->settings.versions;
  unsigned long long most = strtoull(*parameter(r, "max-keys") ? parameter(r, "max-keys") : "1000", NULL, 10);
  p.most = most < s->options.page ? (size_t)most : (size_t)s->options.page;
  if (p.id_marker && !p.key_marker) {
    answer_error(r, "InvalidArgument", "A version-id marker cannot be specified without a key marker.");
    return;
  }
  struct listing *names = objects_is_synthetic(s->objects, r->bucket)
                              ? listing_synthetic(objects_synthetic_count(s->objects))
                              : listings_get(s->listings, r->bucket);
  if (!names || !versions_list(s->root, s->objects, r->bucket, names, p.prefix, &p.all))
    answer_error(r, "InternalError", NULL);
  else {
    char *text = write_page(r, &p, &len);
    answer_text(r, 200, "application/xml", text, len);
  }
  versions_finish(&p.all);
  listing_release(names);
}
