/* One page of ListObjectsV2 or ListObjectVersions, read from XML as it arrives. */
#include "list/listing.h"
#include "address/location.h"
#include "base/uri.h"
#include "base/xml.h"
#include "list/listing_entry.h"
#include <sluice/arrow.h>
#include <stdlib.h>

struct entries {
  struct listing_entry *items;
  size_t count, capacity;
};
struct listing_reader {
  struct xml *xml;
  struct listing_page *page;
  enum listing_form form;
  struct fault *fault;
  size_t fed, token_size;
  struct entries objects, others; /* others: folders, delete markers; many servers list them after the objects */
  struct entry_reader entry;      /* the one being read */
  bool in_entry, has_token, has_version_token, url_encoded, is_error;
};

void listing_page_finish(struct listing_page *page) {
  text_finish(&page->text);
  free(page->entries);
  memset(page, 0, sizeof *page);
}

/* ---- entries ---- */

static bool entries_add(struct entries *entries, const struct listing_entry *entry) {
  if (entries->count == entries->capacity) {
    size_t capacity = entries->capacity ? entries->capacity * 2 : 128;
    struct listing_entry *items = realloc(entries->items, capacity * sizeof *items);
    if (!items)
      return false;
    entries->items = items;
    entries->capacity = capacity;
  }
  entries->items[entries->count++] = *entry;
  return true;
}

/* The kind of the entry that an element is. */
static bool is_entry(enum listing_form form, const char *name, enum listing_kind *kind) {
  static const struct {
    enum listing_form form;
    const char *name;
    enum listing_kind kind;
  } elements[] = {{LISTING_OBJECTS, "Contents", LISTING_OBJECT},
                  {LISTING_OBJECTS, "CommonPrefixes", LISTING_FOLDER},
                  {LISTING_VERSIONS, "Version", LISTING_OBJECT},
                  {LISTING_VERSIONS, "DeleteMarker", LISTING_DELETED}};
  for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
    if (elements[i].form == form && strcmp(elements[i].name, name) == 0) {
      *kind = elements[i].kind;
      return true;
    }
  return false;
}

static const char *end_entry(struct listing_reader *reader) {
  const struct listing_entry *entry = &reader->entry.entry;
  struct entries *entries = entry->kind == LISTING_OBJECT ? &reader->objects : &reader->others;
  const char *why = entry_end(&reader->entry, reader->form);
  reader->in_entry = false;
  if (why)
    return why;
  if (reader->objects.count + reader->others.count == LISTING_ENTRIES_MAX)
    return "the page has too many entries";
  return entries_add(entries, entry) ? NULL : "there is no memory for the page";
}

static const char *keep_token(struct listing_reader *reader, const struct text *text) {
  reader->has_token = text->size > 0;
  reader->token_size = text->size;
  return listing_keep(reader->page, text_get(text), text->size, &reader->page->token);
}

static const char *read_page_field(struct listing_reader *reader, const char *name, const struct text *text) {
  bool versions = reader->form == LISTING_VERSIONS;
  if (strcmp(name, "IsTruncated") == 0)
    reader->page->truncated = strcmp(text_get(text), "true") == 0;
  if (strcmp(name, "EncodingType") == 0)
    reader->url_encoded = strcmp(text_get(text), "url") == 0;
  if (strcmp(name, versions ? "NextKeyMarker" : "NextContinuationToken") == 0)
    return keep_token(reader, text);
  if (versions && strcmp(name, "NextVersionIdMarker") == 0) {
    reader->has_version_token = true;
    return listing_keep(reader->page, text_get(text), text->size, &reader->page->version_token);
  }
  return NULL;
}

/* ---- elements ---- */

static const char *on_start(void *context, int depth, const char *name) {
  struct listing_reader *reader = context;
  const char *root = reader->form == LISTING_VERSIONS ? "ListVersionsResult" : "ListBucketResult";
  enum listing_kind kind;
  if (depth == 1) {
    reader->is_error = strcmp(name, "Error") == 0;
    if (!reader->is_error && strcmp(name, root) != 0)
      return reader->form == LISTING_VERSIONS ? "it is no ListVersionsResult" : "it is no ListBucketResult";
  }
  if (depth == 2 && is_entry(reader->form, name, &kind)) {
    reader->in_entry = true;
    entry_begin(&reader->entry, kind);
  }
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
  if (reader->is_error)
    return depth == 2 ? read_error(reader, name, text) : NULL;
  if (depth == 3 && reader->in_entry)
    return entry_field(&reader->entry, name, text);
  if (depth == 2 && reader->in_entry)
    return end_entry(reader);
  return depth == 2 ? read_page_field(reader, name, text) : NULL;
}

/* ---- life ---- */

struct listing_reader *listing_reader_create(struct listing_page *page, enum listing_form form) {
  static const struct xml_handler handler = {on_start, on_end};
  struct listing_reader *reader = calloc(1, sizeof *reader);
  if (!reader)
    return NULL;
  reader->page = reader->entry.page = page;
  reader->form = form;
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
  free(reader->objects.items);
  free(reader->others.items);
  free(reader);
}

static bool judge(struct listing_reader *reader, enum xml_result result) {
  if (result == XML_GOOD)
    return true;
  fault_set(reader->fault, result == XML_REFUSED ? FAULT_DATA : FAULT_UNREADABLE,
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

/* ---- the end of a page ---- */

static bool decode(struct listing_reader *reader, size_t at, size_t *n) {
  char *text = reader->page->text.data + at, shown[64];
  text_copy_line(shown, sizeof shown, text, *n);
  const char *why = NULL;
  if (!reader->url_encoded && xml_replaced(reader->xml) && strstr(text, "\xEF\xBF\xBD"))
    why = "has a control character, and the service does not encode keys (encoding-type=url); rename that object";
  else if (reader->url_encoded && !uri_decode(text, n))
    why = "is not url encoded, as it says";
  if (why) {
    fault_set(reader->fault, FAULT_DATA, "the listing cannot be read: \"%s\" %s", shown, why);
    return false;
  }
  text[*n] = 0;
  return true;
}

/* A name ends at a NUL and is UTF-8; a key that is not cannot be told apart from others, so it is an error, not a skip.
 */
static bool decode_key(struct listing_reader *reader, struct listing_entry *entry) {
  char *key = reader->page->text.data + entry->key, shown[64];
  if (!decode(reader, entry->key, &entry->key_size))
    return false;
  text_copy_line(shown, sizeof shown, key, entry->key_size);
  if (entry->key_size == 0 || entry->key_size > LOCATION_KEY_MAX ||
      sluice_utf8_valid(key, entry->key_size) != entry->key_size || strlen(key) != entry->key_size) {
    fault_set(reader->fault, FAULT_DATA,
              "the listing has key \"%s\", which is empty, too long, or not UTF-8 text; rename that object", shown);
    return false;
  }
  return true;
}

static bool decode_all(struct listing_reader *reader) {
  for (size_t i = 0; i < reader->objects.count; i++)
    if (!decode_key(reader, &reader->objects.items[i]))
      return false;
  for (size_t i = 0; i < reader->others.count; i++)
    if (!decode_key(reader, &reader->others.items[i]))
      return false;
  return true;
}

static void take(struct listing_page *page, struct entries *from) {
  page->entries = from->items;
  page->count = from->count;
  page->capacity = from->capacity;
  *from = (struct entries){.items = NULL};
}

static bool merge(struct listing_page *page, struct entries *a, struct entries *b) {
  struct entries all = {.items = NULL};
  size_t i = 0, j = 0;
  bool ok = true;
  while (ok && (i < a->count || j < b->count)) {
    bool first = j == b->count || (i < a->count && strcmp(listing_text(page, a->items[i].key),
                                                          listing_text(page, b->items[j].key)) <= 0);
    ok = entries_add(&all, first ? &a->items[i++] : &b->items[j++]);
  }
  if (ok)
    take(page, &all);
  free(all.items);
  return ok;
}

static bool finish_entries(struct listing_reader *reader) {
  if (reader->others.count == 0)
    take(reader->page, &reader->objects);
  else if (!merge(reader->page, &reader->objects, &reader->others)) {
    fault_set(reader->fault, FAULT_MEMORY, "no memory for a page of the listing");
    return false;
  }
  return true;
}

/* The tokens of versions: the key is encoded like any other; a server may leave the version id out. */
static bool finish_tokens(struct listing_reader *reader) {
  struct listing_page *page = reader->page;
  if (!page->truncated)
    return true;
  if (!reader->has_token) {
    fault_set(reader->fault, FAULT_DATA, "the listing says that it is truncated but gives no token for the next page");
    return false;
  }
  if (!reader->has_version_token && listing_keep(page, "", 0, &page->version_token)) {
    fault_set(reader->fault, FAULT_MEMORY, "no memory for a page of the listing");
    return false;
  }
  return reader->form != LISTING_VERSIONS || decode(reader, page->token, &reader->token_size);
}

bool listing_reader_end(struct listing_reader *reader, struct fault *fault) {
  reader->fault = fault;
  if (!judge(reader, xml_end(reader->xml)))
    return false;
  if (reader->is_error) {
    fault->http = 500; /* a 200 that turns out to be an error counts as a 500 */
    fault_classify(fault, false);
    return false;
  }
  return finish_tokens(reader) && decode_all(reader) && finish_entries(reader);
}
