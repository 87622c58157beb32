/* One entry of a listing, field by field. */
#ifndef S3_LISTING_ENTRY_H
#define S3_LISTING_ENTRY_H
#include "list/listing.h"

struct entry_reader {
  struct listing_page *page; /* whose text takes the entry's texts */
  struct listing_entry entry;
  bool has_key, has_size, has_latest;
};

/* Appends to the page's text; NULL, or why not. */
const char *listing_keep(struct listing_page *page, const char *bytes, size_t n, size_t *offset);

/* All give NULL, or what is wrong. */
void entry_begin(struct entry_reader *reader, enum listing_kind kind);
const char *entry_field(struct entry_reader *reader, const char *name, const struct text *text);
const char *entry_end(struct entry_reader *reader, enum listing_form form); /* is it whole? */

#endif
