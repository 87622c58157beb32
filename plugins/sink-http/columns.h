/* The text of single columns: for values in URLs, and for keys. As in CSV, so as JSON has them but without quotes. */
#ifndef SINK_HTTP_COLUMNS_H
#define SINK_HTTP_COLUMNS_H
#include <sluice/arrow.h>
#include <sluice/services.h>

struct column_text {
  const char *name;
  int64_t child; /* its index in the schema */
  void *encoder;
  struct sluice_encoded encoded;
};
struct columns {
  const struct sluice_encode *encode;
  struct column_text *items;
  size_t count;
};

void columns_init(struct columns *, const struct sluice_encode *);
void columns_finish(struct columns *); /* takes a zeroed one */
/* Finds or adds a column; *out is its number here. CONFIG, where `option`: there is none, or it is a list or struct. */
int columns_add(struct columns *, const struct ArrowSchema *, const char *name, const char *option, size_t *out,
                struct sluice_error *err);
/* Makes the texts of records first..last-1. Borrowed until the next call. */
int columns_encode(struct columns *, const struct sluice_batch *, int64_t first, int64_t last,
                   struct sluice_error *err);
/* The hash of the cell of a row, counted in the range, added to `hash`. */
uint64_t columns_hash(const struct columns *, size_t column, int64_t row, uint64_t hash);
/* Appends the cell's text to a URL. NOT_FOUND: it is null, empty, or a name that means a folder (. and ..); DATA: it is
 * too long for a URL. */
int columns_put(const struct columns *, size_t column, int64_t row, struct sluice_buffer *url);

#endif
