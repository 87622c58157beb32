/* Fuzzes the XML of listings, of objects and of versions: as one piece and in small ones, which must agree. */
#include "list/listing.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool parse(const uint8_t *data, size_t size, size_t step, enum listing_form form, struct listing_page *page) {
  struct fault fault;
  struct listing_reader *reader = listing_reader_create(page, form);
  bool ok = reader != NULL;
  fault_clear(&fault);
  for (size_t at = 0; ok && at < size; at += step)
    ok = listing_reader_feed(reader, data + at, size - at < step ? size - at : step, &fault);
  ok = ok && listing_reader_end(reader, &fault);
  if (!ok && reader && fault.kind == FAULT_NONE)
    abort();
  listing_reader_destroy(reader);
  return ok;
}

static void same_entries(const struct listing_page *a, const struct listing_page *b) {
  if (a->count != b->count || a->truncated != b->truncated)
    abort();
  for (size_t i = 0; i < a->count; i++) {
    if (a->entries[i].size != b->entries[i].size)
      abort();
    if (strcmp(listing_text(a, a->entries[i].key), listing_text(b, b->entries[i].key)) != 0)
      abort();
    if (a->entries[i].kind != b->entries[i].kind || a->entries[i].latest != b->entries[i].latest)
      abort();
    if (strlen(listing_text(a, a->entries[i].key)) != a->entries[i].key_size)
      abort();
    if (strcmp(listing_text(a, a->entries[i].version_id), listing_text(b, b->entries[i].version_id)) != 0)
      abort();
  }
  if (a->truncated && strcmp(listing_text(a, a->token), listing_text(b, b->token)) != 0)
    abort();
}

static void whole_and_pieces(const uint8_t *data, size_t size, enum listing_form form) {
  struct listing_page whole = {.count = 0}, pieces = {.count = 0};
  bool ok = parse(data, size, size ? size : 1, form, &whole);
  if (parse(data, size, 7, form, &pieces) != ok)
    abort();
  if (ok)
    same_entries(&whole, &pieces);
  listing_page_finish(&whole);
  listing_page_finish(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  whole_and_pieces(data, size, LISTING_OBJECTS);
  whole_and_pieces(data, size, LISTING_VERSIONS);
  return 0;
}
