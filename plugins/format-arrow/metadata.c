/* Custom metadata. */
#include "metadata.h"

static int append_text(struct sluice_buffer *out, const char *text, size_t n) {
  int32_t size = (int32_t)n; /* a FlatBuffer is far smaller than 2 GiB */
  int rc = sluice_buffer_append(out, &size, sizeof size);
  return rc ? rc : sluice_buffer_append(out, text ? text : "", n);
}

static int append_pair(const struct fb_table *pair, struct sluice_buffer *out) {
  size_t key_size = 0, value_size = 0;
  const char *key = fb_text(pair, 0, &key_size), *value = fb_text(pair, 1, &value_size);
  int rc = append_text(out, key, key_size);
  return rc ? rc : append_text(out, value, value_size);
}

int arrow_metadata_read(const struct fb_table *table, unsigned slot, struct sluice_buffer *out) {
  struct fb_vector list;
  struct fb_table pair;
  struct sluice_buffer made = {0};
  if (!fb_vector(table, slot, 4, &list) || list.count == 0)
    return table->fb->fault ? SLUICE_ERR_DATA : SLUICE_OK;
  int32_t count = (int32_t)list.count;
  int rc = sluice_buffer_append(&made, &count, sizeof count);
  for (size_t i = 0; rc == SLUICE_OK && i < list.count; i++)
    rc = fb_item(table->fb, &list, i, &pair) ? append_pair(&pair, &made) : SLUICE_ERR_DATA;
  if (rc == SLUICE_OK && table->fb->fault)
    rc = SLUICE_ERR_DATA;
  if (rc)
    sluice_buffer_free(&made);
  else
    *out = made;
  return rc;
}

const char *arrow_metadata_find(const struct fb_table *table, unsigned slot, const char *key, size_t *size) {
  struct fb_vector list;
  struct fb_table pair;
  if (!fb_vector(table, slot, 4, &list))
    return NULL;
  for (size_t i = 0; i < list.count && fb_item(table->fb, &list, i, &pair); i++) {
    size_t n = 0;
    const char *text = fb_text(&pair, 0, &n);
    if (text && n == strlen(key) && memcmp(text, key, n) == 0)
      return fb_text(&pair, 1, size);
  }
  return NULL;
}

static const char *next_text(const char **at, int32_t *size) {
  memcpy(size, *at, sizeof *size);
  const char *text = *at + sizeof *size;
  *at = text + *size;
  return text;
}

struct arrow_pair arrow_metadata_next(const char **at) {
  struct arrow_pair pair;
  pair.key = next_text(at, &pair.key_size);
  pair.value = next_text(at, &pair.value_size);
  return pair;
}
