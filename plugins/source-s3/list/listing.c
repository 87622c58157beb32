/* One page of ListObjectsV2, read from XML as it arrives. */
#include "list/listing.h"
#include "address/location.h"
#include "base/uri.h"
#include "base/xml.h"
#include <sluice/arrow.h>
#include <stdlib.h>

enum { PAGE_TEXT_MAX = 24 << 20, ETAG_MAX = 1000 };

struct listing_reader {
  struct xml *xml;
  struct listing_page *page;
  struct fault *fault;
  size_t fed;
  struct listing_entry entry; /* the one being read */
  bool in_contents, has_key, has_size, has_token, url_encoded, is_error, root_ended;
};

void listing_page_finish(struct listing_page *page) {
  text_finish(&page->text);
  free(page->entries);
  memset(page, 0, sizeof *page);
}

/* ---- values ---- */

static bool keep(struct listing_page *page, const char *bytes, size_t n, size_t *offset) {
  if (!page->text.limit)
    page->text.limit = PAGE_TEXT_MAX;
  *offset = page->text.size;
  text_add(&page->text, bytes, n);
  text_add(&page->text, "", 1);
  return !page->text.failed;
}

/* Without its quotes; what goes into a header again must be plain. */
static const char *read_etag(struct listing_reader *reader, const struct text *text) {
  const char *bytes = text_get(text);
  size_t n = text->size;
  if (n >= 2 && bytes[0] == '"' && bytes[n - 1] == '"') {
    bytes++;
    n -= 2;
  }
  if (n > ETAG_MAX)
    return "an ETag is too long";
  for (size_t i = 0; i < n; i++)
    if (bytes[i] <= 0x20 || bytes[i] == 0x7f || bytes[i] == '"')
      return "an ETag has characters that no ETag may have";
  return keep(reader->page, bytes, n, &reader->entry.etag) ? NULL : "the page is too large";
}

static const char *read_size(struct listing_reader *reader, const struct text *text) {
  int64_t size = -1;
  if (!sluice_parse_int(text_get(text), text->size, &size) || size < 0)
    return "a Size is no number";
  reader->entry.size = size;
  reader->has_size = true;
  return NULL;
}

static const char *read_modified(struct listing_reader *reader, const struct text *text) {
  bool zoned;
  int64_t when;
  if (sluice_parse_timestamp(text_get(text), text->size, SLUICE_MICRO, &when, &zoned))
    reader->entry.modified = when;
  return NULL;
}

#ifdef SLUICE_PLANTED_BUGS
static bool is_archived(const char *name, size_t n) {
  char class[16];
  memcpy(class, name, n + 1);
  return strcmp(class, "GLACIER") == 0 || strcmp(class, "DEEP_ARCHIVE") == 0;
}
#else
static bool is_archived(const char *class, size_t n) {
  (void)n;
  return strcmp(class, "GLACIER") == 0 || strcmp(class, "DEEP_ARCHIVE") == 0;
}
#endif

static const char *read_field(struct listing_reader *reader, const char *name, const struct text *text) {
  const char *value = text_get(text);
  if (strcmp(name, "Key") == 0) {
    if (reader->has_key)
      return "an entry has two keys";
    reader->has_key = true;
    reader->entry.key_size = text->size;
    return keep(reader->page, value, text->size, &reader->entry.key) ? NULL : "the page is too large";
  }
  if (strcmp(name, "ETag") == 0)
    return read_etag(reader, text);
  if (strcmp(name, "Size") == 0)
    return read_size(reader, text);
  if (strcmp(name, "LastModified") == 0)
    return read_modified(reader, text);
  if (strcmp(name, "StorageClass") == 0)
    reader->entry.archived = is_archived(value, text->size);
  return NULL;
}

static const char *read_page_field(struct listing_reader *reader, const char *name, const struct text *text) {
  const char *value = text_get(text);
  if (strcmp(name, "IsTruncated") == 0)
    reader->page->truncated = strcmp(value, "true") == 0;
  if (strcmp(name, "EncodingType") == 0)
    reader->url_encoded = strcmp(value, "url") == 0;
  if (strcmp(name, "NextContinuationToken") == 0) {
    if (!keep(reader->page, value, text->size, &reader->page->token))
      return "the page is too large";
    reader->has_token = text->size > 0;
  }
  return NULL;
}

/* ---- entries ---- */

static void begin_entry(struct listing_reader *reader) {
  reader->in_contents = true;
  reader->has_key = reader->has_size = false;
  reader->entry = (struct listing_entry){.modified = INT64_MIN, .etag = SIZE_MAX};
}

static const char *end_entry(struct listing_reader *reader) {
  struct listing_page *page = reader->page;
  reader->in_contents = false;
  if (!reader->has_key || !reader->has_size)
    return "an entry has no Key or no Size";
  if (page->count == LISTING_ENTRIES_MAX)
    return "the page has too many entries";
  if (reader->entry.etag == SIZE_MAX && !keep(page, "", 0, &reader->entry.etag))
    return "the page is too large";
  if (page->count == page->capacity) {
    size_t capacity = page->capacity ? page->capacity * 2 : 128;
    struct listing_entry *entries = realloc(page->entries, capacity * sizeof *entries);
    if (!entries)
      return "there is no memory for the page";
    page->entries = entries;
    page->capacity = capacity;
  }
  page->entries[page->count++] = reader->entry;
  return NULL;
}

static const char *on_start(void *context, int depth, const char *name) {
  struct listing_reader *reader = context;
  if (depth == 1) {
    reader->is_error = strcmp(name, "Error") == 0;
    if (!reader->is_error && strcmp(name, "ListBucketResult") != 0)
      return "it is no ListBucketResult";
  }
  if (depth == 2 && strcmp(name, "Contents") == 0)
    begin_entry(reader);
  return NULL;
}

static const char *read_error(struct listing_reader *reader, const char *name, const struct text *text) {
  struct fault *fault = reader->fault;
  if (strcmp(name, "Code") == 0)
    text_copy_line(fault->code, sizeof fault->code, text_get(text), text->size);
  if (strcmp(name, "Message") == 0)
    text_copy_line(fault->message, sizeof fault->message, text_get(text), text->size);
  return NULL;
}

static const char *on_end(void *context, int depth, const char *name, const struct text *text) {
  struct listing_reader *reader = context;
  if (depth == 1)
    reader->root_ended = true;
  if (reader->is_error)
    return depth == 2 ? read_error(reader, name, text) : NULL;
  if (depth == 3 && reader->in_contents)
    return read_field(reader, name, text);
  if (depth == 2 && strcmp(name, "Contents") == 0)
    return end_entry(reader);
  return depth == 2 ? read_page_field(reader, name, text) : NULL;
}

/* ---- reader ---- */

struct listing_reader *listing_reader_create(struct listing_page *page) {
  static const struct xml_handler handler = {on_start, on_end};
  struct listing_reader *reader = calloc(1, sizeof *reader);
  if (!reader)
    return NULL;
  reader->page = page;
  reader->xml = xml_create(&handler, reader);
  if (!reader->xml) {
    free(reader);
    return NULL;
  }
  return reader;
}

void listing_reader_destroy(struct listing_reader *reader) {
  if (!reader)
    return;
  xml_destroy(reader->xml);
  free(reader);
}

static bool judge(struct listing_reader *reader, enum xml_result result) {
  if (result == XML_GOOD)
    return true;
  fault_set(reader->fault, result == XML_REFUSED ? FAULT_DATA : FAULT_GARBLED,
            "the listing cannot be read: it is not the XML that it should be: %s", xml_reason(reader->xml));
  return false;
}

bool listing_reader_feed(struct listing_reader *reader, const void *bytes, size_t n, struct fault *fault) {
  reader->fault = fault;
  if (n > LISTING_BODY_MAX - reader->fed) {
    fault_set(fault, FAULT_DATA, "the listing cannot be read: a page has more than %d bytes", LISTING_BODY_MAX);
    return false;
  }
  reader->fed += n;
  return judge(reader, xml_feed(reader->xml, bytes, n));
}

/* A name ends at a NUL and is UTF-8; a key that is not cannot be told apart from others, so it is an error, not a skip.
 */
static bool decode_key(struct listing_page *page, struct listing_entry *entry, bool url_encoded, struct fault *fault) {
  char *key = page->text.data + entry->key, shown[64];
  text_copy_line(shown, sizeof shown, key, entry->key_size);
  if (url_encoded && !uri_decode(key, &entry->key_size)) {
    fault_set(fault, FAULT_DATA, "the listing cannot be read: key \"%s\" is not url encoded, as it says", shown);
    return false;
  }
  key[entry->key_size] = 0;
  if (entry->key_size == 0 || entry->key_size > LOCATION_KEY_MAX || memchr(key, 0, entry->key_size) ||
      sluice_utf8_valid(key, entry->key_size) != entry->key_size) {
    fault_set(fault, FAULT_DATA,
              "the listing has key \"%s\", which is empty, too long, or not UTF-8 text; rename that object", shown);
    return false;
  }
  return true;
}

bool listing_reader_end(struct listing_reader *reader, struct fault *fault) {
  struct listing_page *page = reader->page;
  reader->fault = fault;
  if (!judge(reader, xml_end(reader->xml)))
    return false;
  if (reader->is_error) {
    fault->http = 500; /* a 200 that turns out to be an error counts as a 500 */
    fault_classify(fault, false);
    return false;
  }
  if (page->truncated && !reader->has_token) {
    fault_set(fault, FAULT_DATA, "the listing says that it is truncated but gives no token for the next page");
    return false;
  }
  for (size_t i = 0; i < page->count; i++)
    if (!decode_key(page, &page->entries[i], reader->url_encoded, fault))
      return false;
  return true;
}
