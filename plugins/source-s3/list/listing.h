/* One page of ListObjectsV2 or ListObjectVersions, read from XML as it arrives. */
#ifndef S3_LISTING_H
#define S3_LISTING_H
#include "base/text.h"
#include "request/fault.h"

enum { LISTING_ENTRIES_MAX = 10000, LISTING_BODY_MAX = 32 << 20 };

enum listing_form { LISTING_OBJECTS, LISTING_VERSIONS };
enum listing_kind {
  LISTING_OBJECT,
  LISTING_FOLDER, /* a common prefix: only the key counts */
  LISTING_DELETED /* a delete marker */
};
struct listing_entry {
  size_t key, key_size, etag, version_id; /* offsets in the page's text; each text is NUL-ended */
  int64_t size, modified;                 /* microseconds, INT64_MIN unknown */
  enum listing_kind kind;
  bool archived, latest; /* latest: version of its key */
};
struct listing_page { /* zeroed is empty */
  struct text text;
  struct listing_entry *entries; /* in the server's order; folders, and delete markers, are merged in by key */
  size_t count, capacity;
  bool truncated;
  size_t token, version_token; /* offsets; meaningful when truncated; of versions: a key, and a version id or "" */
};

void listing_page_finish(struct listing_page *page);
static inline const char *listing_text(const struct listing_page *page, size_t offset) {
  return text_get(&page->text) + offset;
}
static inline const char *listing_key(const struct listing_page *page, size_t i) {
  return listing_text(page, page->entries[i].key);
}

struct listing_reader;
struct listing_reader *listing_reader_create(struct listing_page *page, enum listing_form form); /* borrows page; NULL:
                                                                                                    no memory */
void listing_reader_destroy(struct listing_reader *reader);                                      /* takes NULL */
/* false: fault says why; nothing more may be fed */
bool listing_reader_feed(struct listing_reader *reader, const void *bytes, size_t n, struct fault *fault);
bool listing_reader_end(struct listing_reader *reader, struct fault *fault);

#endif
