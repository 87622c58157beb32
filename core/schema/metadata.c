/* Metadata blocks of Arrow schemas, checked against their own counts. */
#include "core/schema/metadata.h"
#include <openssl/evp.h>

enum { METADATA_MAX = 16 << 20 };

static bool take_count(const char *block, size_t size, size_t *at, int32_t *out) {
  if (size - *at < sizeof *out)
    return false;
  memcpy(out, block + *at, sizeof *out);
  *at += sizeof *out;
  return *out >= 0;
}

/* Bytes of the block within `size`; 0: it does not end there or its counts are wrong. */
static size_t block_size(const char *block, size_t size) {
  int32_t pairs = 0, length = 0;
  size_t at = 0;
  if (!take_count(block, size, &at, &pairs))
    return 0;
  for (int64_t i = 0; i < 2 * (int64_t)pairs; i++) {
    if (!take_count(block, size, &at, &length) || (size_t)length > size - at)
      return 0;
    at += (size_t)length;
  }
  return at;
}

int schema_metadata_to_text(struct schema_tree *tree, const char *metadata, const char **text) {
  size_t n = block_size(metadata, METADATA_MAX); /* a live schema: its counts are all there is to go by */
  if (n == 0)
    return SLUICE_ERR_DATA;
  unsigned char *out = schema_tree_alloc(tree, (n + 2) / 3 * 4 + 1, 1);
  if (!out)
    return SLUICE_ERR_MEMORY;
  EVP_EncodeBlock(out, (const unsigned char *)metadata, (int)n);
  *text = (const char *)out;
  return SLUICE_OK;
}

int schema_metadata_from_text(struct schema_tree *tree, const char *text, const char **metadata) {
  size_t n = strlen(text);
  if (n == 0 || n % 4 != 0 || n / 4 * 3 > METADATA_MAX)
    return SLUICE_ERR_DATA;
  unsigned char *out = schema_tree_alloc(tree, n / 4 * 3, 1);
  if (!out)
    return SLUICE_ERR_MEMORY;
  if (EVP_DecodeBlock(out, (const unsigned char *)text, (int)n) < 0)
    return SLUICE_ERR_DATA;
  size_t size = n / 4 * 3 - (text[n - 1] == '=') - (text[n - 2] == '=');
  if (block_size((const char *)out, size) != size)
    return SLUICE_ERR_DATA;
  *metadata = (const char *)out;
  return SLUICE_OK;
}
