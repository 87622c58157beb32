/* One field: what its raw bytes stand for. */
#ifndef CSV_FIELD_H
#define CSV_FIELD_H
#include "csv.h"

struct csv_text {
  const char *data;
  size_t size;
};
enum csv_kind {
  CSV_TEXT,
  CSV_EMPTY,
  CSV_NULL,
  CSV_MISSING
}; /* EMPTY: nothing between the delimiters, not even quotes */

struct csv_field_rules {
  int quote;
  const struct csv_nulls *nulls;
};

/* What a field is; `out` is its value where it is text. size < 0: missing. Doubled quotes are undone in scratch, whose
 * bytes last until the next call; -1 is returned if it has no memory. out has 16 readable bytes behind it. */
int csv_field_read(const struct csv_field_rules *rules, const uint8_t *raw, int32_t size, struct sluice_buffer *scratch,
                   struct csv_text *out);
/* True for a field that is its own value: not quoted, not empty, not missing; null tokens are not looked at. */
static inline bool csv_field_is_plain(int quote, const uint8_t *raw, int32_t size) {
  return size > 0 && raw[0] != quote;
}
bool csv_nulls_have(const struct csv_nulls *nulls, const char *text, size_t n);
/* Copies what is between the quotes, doubled quotes as one, and returns the size. */
size_t csv_unquote(int quote, const uint8_t *inner, size_t n, uint8_t *out);

#endif
