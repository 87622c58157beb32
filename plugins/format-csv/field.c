/* One field: what its raw bytes stand for. */
#include "field.h"

bool csv_nulls_have(const struct csv_nulls *nulls, const char *text, size_t n) {
  if (!(nulls->lengths >> (n < 63 ? n : 63) & 1))
    return false;
  for (size_t i = 0; i < nulls->tokens->count; i++) {
    const char *token = nulls->tokens->items[i];
    if (strlen(token) == n && memcmp(token, text, n) == 0)
      return true;
  }
  return false;
}

size_t csv_unquote(int quote, const uint8_t *inner, size_t n, uint8_t *out) {
  size_t size = 0, i = 0;
  while (i < n) {
    const uint8_t *next = memchr(inner + i, quote, n - i);
    size_t run = next ? (size_t)(next - (inner + i)) + 1 : n - i; /* with the first of the two quotes */
    memcpy(out + size, inner + i, run);
    size += run;
    i += run + (next != NULL);
  }
  return size;
}

static int read_quoted(int quote, const uint8_t *raw, size_t n, struct sluice_buffer *scratch, struct csv_text *out) {
  const uint8_t *inner = raw + 1;
  n -= 2;
  *out = (struct csv_text){(const char *)inner, n};
  if (!memchr(inner, quote, n))
    return CSV_TEXT;
  scratch->size = 0;
#ifdef SLUICE_PLANTED_BUGS
  if (sluice_buffer_reserve(scratch, n / 2) != SLUICE_OK)
    return -1;
#else
  if (sluice_buffer_reserve(scratch, n + CSV_PADDING) != SLUICE_OK)
    return -1;
#endif
  *out = (struct csv_text){(const char *)scratch->data, csv_unquote(quote, inner, n, scratch->data)};
  return CSV_TEXT;
}

int csv_field_read(const struct csv_field_rules *rules, const uint8_t *raw, int32_t size, struct sluice_buffer *scratch,
                   struct csv_text *out) {
  if (size < 0)
    return CSV_MISSING;
  if (size > 0 && raw[0] == rules->quote)
    return read_quoted(rules->quote, raw, (size_t)size, scratch, out);
  if (csv_nulls_have(rules->nulls, (const char *)raw, (size_t)size))
    return CSV_NULL;
  if (size == 0)
    return CSV_EMPTY;
  *out = (struct csv_text){(const char *)raw, (size_t)size};
  return CSV_TEXT;
}
