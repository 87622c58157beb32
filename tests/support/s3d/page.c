/* ListObjectsV2: one page of a bucket. */
#include "clock.h"
#include "names.h"
#include "request.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MOST = 1000 };

struct item {
  size_t index;       /* of the key */
  size_t prefix_size; /* not 0: so many bytes of the key are a common prefix */
};

struct page {
  const char *prefix, *delimiter, *start_after, *token;
  bool url, fetch_owner, swap, repeat, empty;
  size_t most;
  struct listing *listing;
  struct item items[PAGE_MOST];
  size_t count;
  bool truncated;
};

/* A token is opaque: it names the last key or common prefix ('k' or 'p' and the text), and always has + / and =, so
 * that a client that does not encode it is found out. */
static const char token_start[] = "1/s3d+", token_end[] = "=";

static bool make_token(char kind, const char *key, size_t n, struct text *out) {
  struct text plain = {0}, coded = {0};
  text_putc(&plain, kind);
  text_add(&plain, key, n);
  for (size_t i = 0; i < 4 * (plain.len / 3 + 1) + 1; i++)
    text_putc(&coded, ' ');
  bool ok = !plain.failed && !coded.failed;
  if (ok) {
    EVP_EncodeBlock((unsigned char *)coded.data, (const unsigned char *)plain.data, (int)plain.len);
    text_printf(out, "%s%s%s", token_start, coded.data, token_end);
  }
  text_finish(&plain);
  text_finish(&coded);
  return ok && !out->failed;
}

/* The kind and the key of a token; false when it is none of ours. */
static bool read_token(const char *token, char plain[2 * KEY_SIZE]) {
  size_t n = strlen(token), start = strlen(token_start), end = strlen(token_end);
  if (n <= start + end || n > 2 * KEY_SIZE || memcmp(token, token_start, start) != 0 ||
      strcmp(token + n - end, token_end) != 0)
    return false;
  size_t coded = n - start - end, padding = 0;
  while (padding < 2 && token[start + coded - 1 - padding] == '=')
    padding++;
  int got = EVP_DecodeBlock((unsigned char *)plain, (const unsigned char *)token + start, (int)coded);
  if (got < 2)
    return false;
  plain[(size_t)got - padding] = '\0';
  return plain[0] == 'k' || plain[0] == 'p' || plain[0] == 'e';
}

/* A token that comes with no keys is another each time, and holds where it was asked to go on: 'e', a number, `;`, and
 * what the token before it held. */
static bool make_empty_token(const struct page *p, struct text *out) {
  static _Atomic unsigned long long last;
  char before[2 * KEY_SIZE] = "", number[32];
  struct text plain = {0};
  if (p->token && !read_token(p->token, before))
    return false;
  const char *rest = before[0] == 'e' ? strchr(before, ';') : NULL;
  snprintf(number, sizeof number, "%llu;", ++last);
  text_puts(&plain, number);
  text_puts(&plain, rest ? rest + 1 : before);
  if (!p->token && p->start_after)
    text_printf(&plain, "k%s", p->start_after);
  bool ok = !plain.failed && make_token('e', plain.data, plain.len, out);
  text_finish(&plain);
  return ok;
}

static size_t after_key(const struct listing *l, const char *key) {
  char place[KEY_SIZE];
  size_t i = listing_lower(l, key);
  return i + (i < listing_count(l) && strcmp(listing_key(l, i, place), key) == 0);
}

static bool find_start(const struct page *p, size_t *start) {
  char plain[2 * KEY_SIZE];
  size_t i = listing_lower(p->listing, p->prefix), other = 0;
  if (p->token) {
    if (!read_token(p->token, plain))
      return false;
    const char *at = plain[0] == 'e' && strchr(plain, ';') ? strchr(plain, ';') + 1 : plain;
    if (*at == 'k')
      other = after_key(p->listing, at + 1);
    else if (*at == 'p')
      other = listing_after(p->listing, at + 1, strlen(at + 1));
  } else if (p->start_after)
    other = after_key(p->listing, p->start_after);
  *start = i > other ? i : other;
  return true;
}

static void collect(struct page *p, size_t i) {
  size_t prefix = strlen(p->prefix), count = listing_count(p->listing);
  char place[KEY_SIZE];
  while (i < count) {
    const char *key = listing_key(p->listing, i, place);
    if (strncmp(key, p->prefix, prefix) != 0)
      return;
    if (p->count == p->most) {
      p->truncated = p->most > 0;
      return;
    }
    const char *cut = *p->delimiter ? strstr(key + prefix, p->delimiter) : NULL;
    struct item item = {i, cut ? (size_t)(cut - key) + strlen(p->delimiter) : 0};
    p->items[p->count++] = item;
    i = cut ? listing_after(p->listing, key, item.prefix_size) : i + 1;
  }
}

static void put_object(struct request *r, struct xml *x, const struct page *p, const char *key) {
  struct object o;
  char quoted[ETAG_SIZE + 2], modified[CLOCK_TEXT];
  if (!objects_look(r->server->objects, r->bucket, key, &o))
    return; /* gone since the names were read */
  snprintf(quoted, sizeof quoted, "\"%s\"", o.etag);
  clock_iso(o.modified, modified);
  xml_start(x, "Contents");
  names_put(x, "Key", key, strlen(key), p->url);
  xml_text(x, "LastModified", modified);
  xml_text(x, "ETag", quoted);
  xml_number(x, "Size", o.size);
  if (p->fetch_owner) {
    xml_start(x, "Owner");
    xml_text(x, "ID", "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a");
    xml_text(x, "DisplayName", "s3d");
    xml_end(x);
  }
  const struct bucket_class *class = bucket_class_of(&r->settings, key);
  xml_text(x, "StorageClass", class ? class->name : "STANDARD");
  xml_end(x);
}

static void put_items(struct request *r, struct xml *x, const struct page *p) {
  char place[KEY_SIZE];
  for (size_t i = 0; i < p->count; i++)
    if (p->items[i].prefix_size == 0)
      put_object(r, x, p, listing_key(p->listing, p->items[i].index, place));
  for (size_t i = 0; i < p->count; i++)
    if (p->items[i].prefix_size > 0) {
      xml_start(x, "CommonPrefixes");
      names_put(x, "Prefix", listing_key(p->listing, p->items[i].index, place), p->items[i].prefix_size, p->url);
      xml_end(x);
    }
}

static void put_next_token(struct xml *x, const struct page *p) {
  char place[KEY_SIZE];
  struct text token = {0};
  if (p->empty) {
    x->failed |= !make_empty_token(p, &token);
    xml_text(x, "NextContinuationToken", token.data ? token.data : "");
    text_finish(&token);
    return;
  }
  const struct item *last = &p->items[p->count - 1];
  const char *key = listing_key(p->listing, last->index, place);
  if (p->repeat && p->token)
    xml_text(x, "NextContinuationToken", p->token);
  else if (last->prefix_size ? make_token('p', key, last->prefix_size, &token)
                             : make_token('k', key, strlen(key), &token))
    xml_text(x, "NextContinuationToken", token.data);
  else
    x->failed = true;
  text_finish(&token);
}

static char *write_page(struct request *r, struct page *p, size_t *len) {
  struct xml x;
  bool more = p->empty || p->truncated || (p->repeat && p->token && p->count > 0);
  xml_init(&x, "ListBucketResult", XML_S3);
  xml_text(&x, "Name", r->bucket);
  names_put(&x, "Prefix", p->prefix, strlen(p->prefix), p->url);
  xml_number(&x, "KeyCount", p->count);
  xml_number(&x, "MaxKeys", p->most);
  if (*p->delimiter)
    names_put(&x, "Delimiter", p->delimiter, strlen(p->delimiter), p->url);
  if (p->url)
    xml_text(&x, "EncodingType", "url");
  xml_text(&x, "IsTruncated", more ? "true" : "false");
  if (p->token)
    xml_text(&x, "ContinuationToken", p->token);
  if (p->start_after)
    names_put(&x, "StartAfter", p->start_after, strlen(p->start_after), p->url);
  if (more)
    put_next_token(&x, p); /* before the items: the last item is the last in order */
  if (p->swap && p->count > 1) {
    struct item first = p->items[0];
    p->items[0] = p->items[p->count - 1];
    p->items[p->count - 1] = first;
  }
  put_items(r, &x, p);
  xml_end(&x);
  return xml_take(&x, len);
}

static bool read_parameters(struct request *r, struct page *p) {
  const char *most = uri_query_get(&r->query, "max-keys"), *encoding = uri_query_get(&r->query, "encoding-type");
  const char *prefix = uri_query_get(&r->query, "prefix"), *delimiter = uri_query_get(&r->query, "delimiter");
  const char *owner = uri_query_get(&r->query, "fetch-owner"), *type = uri_query_get(&r->query, "list-type");
  char *end = NULL;
  p->prefix = prefix ? prefix : "";
  p->delimiter = delimiter ? delimiter : "";
  p->start_after = uri_query_get(&r->query, "start-after");
  p->token = uri_query_get(&r->query, "continuation-token");
  p->url = encoding != NULL;
  p->fetch_owner = owner && strcmp(owner, "true") == 0;
  unsigned long long n = most ? strtoull(most, &end, 10) : PAGE_MOST;
  if (!type || strcmp(type, "2") != 0) {
    answer_error(r, "NotImplemented", "s3d has ListObjectsV2 only: ask with list-type=2.");
    return false;
  }
  if (most && (end == most || *end || *most == '-')) {
    answer_error(r, "InvalidArgument", "Provided max-keys not an integer or within integer range");
    return false;
  }
  if (encoding && strcmp(encoding, "url") != 0) {
    answer_error(r, "InvalidArgument", "Invalid Encoding Method specified in Request");
    return false;
  }
  p->most = n < r->server->options.page ? (size_t)n : (size_t)r->server->options.page;
  return true;
}

/* Some services do not heed all that they are asked. */
static bool bend_parameters(const struct request *r, struct page *p) {
  bool start = r->fault.action == FAULT_IGNORE_START && p->start_after;
  bool url = r->fault.action == FAULT_IGNORE_ENCODING && p->url;
  if (start)
    p->start_after = NULL;
  if (url)
    p->url = false;
  return start || url;
}

void request_list(struct request *r) {
  struct objects *objects = r->server->objects;
  struct page *p = calloc(1, sizeof *p);
  size_t len = 0, start = 0;
  if (!p) {
    answer_error(r, "InternalError", NULL);
    return;
  }
  if (!read_parameters(r, p))
    goto out;
  p->swap = r->fault.action == FAULT_UNORDERED;
  p->repeat = r->fault.action == FAULT_REPEAT_TOKEN;
  p->empty = r->fault.action == FAULT_EMPTY_PAGE;
  bool bent = p->empty || bend_parameters(r, p);
  p->listing = objects_is_synthetic(objects, r->bucket) ? listing_synthetic(objects_synthetic_count(objects))
                                                        : listings_get(r->server->listings, r->bucket);
  if (!p->listing)
    answer_error(r, "InternalError", "The folder of the bucket cannot be read.");
  else if (!find_start(p, &start))
    answer_error(r, "InvalidArgument", "The continuation token provided is incorrect");
  else {
    if (!p->empty)
      collect(p, start);
    char *text = write_page(r, p, &len);
    answer_text(r, 200, "application/xml", text, len);
    if (bent || (p->swap && p->count > 1) || (p->repeat && p->token && p->count > 0))
      request_fault_fired(r, "");
  }
out:
  listing_release(p->listing);
  free(p);
}
