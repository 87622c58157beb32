/* One entry of a listing, field by field. */
#include "list/listing_entry.h"
#include <sluice/arrow.h>

enum { PAGE_TEXT_MAX = 8 << 20, ETAG_MAX = 1000 };

const char *listing_keep(struct listing_page *page, const char *bytes, size_t n, size_t *offset) {
  if (!page->text.limit)
    page->text.limit = PAGE_TEXT_MAX;
  *offset = page->text.size;
  text_add(&page->text, bytes, n);
  text_add(&page->text, "", 1);
  return page->text.failed ? "the page is too large" : NULL;
}

/* What goes into a request again must be plain. */
static bool is_plain(const char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (bytes[i] <= 0x20 || bytes[i] == 0x7f || bytes[i] == '"')
      return false;
  return true;
}

static const char *read_etag(struct entry_reader *reader, const struct text *text) {
  const char *bytes = text_get(text);
  size_t n = text->size;
  if (n >= 2 && bytes[0] == '"' && bytes[n - 1] == '"') {
    bytes++;
    n -= 2;
  }
  if (n > ETAG_MAX)
    return "an ETag is too long";
  if (!is_plain(bytes, n))
    return "an ETag has characters that no ETag may have";
  return listing_keep(reader->page, bytes, n, &reader->entry.etag);
}

static const char *read_version_id(struct entry_reader *reader, const struct text *text) {
  if (text->size > ETAG_MAX || !is_plain(text_get(text), text->size))
    return "a VersionId is too long, or has characters that none may have";
  return listing_keep(reader->page, text_get(text), text->size, &reader->entry.version_id);
}

static const char *read_size(struct entry_reader *reader, const struct text *text) {
  int64_t size = -1;
  if (!sluice_parse_int(text_get(text), text->size, &size) || size < 0)
    return "a Size is no number";
  reader->entry.size = size;
  reader->has_size = true;
  return NULL;
}

static const char *read_modified(struct entry_reader *reader, const struct text *text) {
  bool zoned;
  int64_t when;
  if (sluice_parse_timestamp(text_get(text), text->size, SLUICE_MICRO, &when, &zoned))
    reader->entry.modified = when;
  return NULL;
}

static const char *read_latest(struct entry_reader *reader, const struct text *text) {
  reader->entry.latest = strcmp(text_get(text), "true") == 0;
  reader->has_latest = reader->entry.latest || strcmp(text_get(text), "false") == 0;
  return reader->has_latest ? NULL : "an IsLatest is neither true nor false";
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

static const char *read_key(struct entry_reader *reader, const struct text *text) {
  if (reader->has_key)
    return "an entry has two keys";
  reader->has_key = true;
  reader->entry.key_size = text->size;
  return listing_keep(reader->page, text_get(text), text->size, &reader->entry.key);
}

void entry_begin(struct entry_reader *reader, enum listing_kind kind) {
  *reader = (struct entry_reader){
      .page = reader->page, .entry = {.modified = INT64_MIN, .etag = SIZE_MAX, .version_id = SIZE_MAX, .kind = kind}};
}

const char *entry_field(struct entry_reader *reader, const char *name, const struct text *text) {
  if (reader->entry.kind == LISTING_FOLDER)
    return strcmp(name, "Prefix") == 0 ? read_key(reader, text) : NULL;
  if (strcmp(name, "Key") == 0)
    return read_key(reader, text);
  if (strcmp(name, "ETag") == 0)
    return read_etag(reader, text);
  if (strcmp(name, "VersionId") == 0)
    return read_version_id(reader, text);
  if (strcmp(name, "IsLatest") == 0)
    return read_latest(reader, text);
  if (strcmp(name, "Size") == 0)
    return read_size(reader, text);
  if (strcmp(name, "LastModified") == 0)
    return read_modified(reader, text);
  if (strcmp(name, "StorageClass") == 0)
    reader->entry.archived = is_archived(text_get(text), text->size);
  return NULL;
}

const char *entry_end(struct entry_reader *reader, enum listing_form form) {
  struct listing_entry *entry = &reader->entry;
  const char *why = NULL;
  if (!reader->has_key)
    return "an entry has no Key";
  if (entry->kind == LISTING_OBJECT && !reader->has_size)
    return "an entry has no Size";
  if (form == LISTING_VERSIONS && (!reader->has_latest || entry->version_id == SIZE_MAX))
    return "an entry has no VersionId or no IsLatest";
  if (entry->etag == SIZE_MAX)
    why = listing_keep(reader->page, "", 0, &entry->etag);
  if (!why && entry->version_id == SIZE_MAX)
    why = listing_keep(reader->page, "", 0, &entry->version_id);
  return why;
}
