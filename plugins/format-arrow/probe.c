/* Tells whether the head of a part looks like Arrow. */
#include "message.h"
#include <strings.h>

enum { BY_NAME = 40, BY_CONTENT = 95, BY_MAGIC = 100 };
enum { SLOT_VERSION, SLOT_KIND, SLOT_HEADER };

static bool has_suffix(const char *name, const char *suffix) {
  size_t n = strlen(name), m = strlen(suffix);
  return n >= m && strcasecmp(name + n - m, suffix) == 0;
}

/* A first message that says it is a schema, as far as the head goes. */
static bool is_stream(const uint8_t *p, size_t size) {
  uint32_t word;
  struct fb fb;
  struct fb_table message;
  size_t at = 0;
  if (size < 8)
    return false;
  memcpy(&word, p, sizeof word);
  at += 4;
  if (word == UINT32_MAX) {
    memcpy(&word, p + at, sizeof word);
    at += 4;
  }
  if (word < 16 || word > ARROW_MAX_METADATA)
    return false;
  fb_init(&fb, p + at, size - at < word ? size - at : word);
  if (!fb_root(&fb, &message))
    return false;
  int64_t version = fb_number(&message, SLOT_VERSION, 2, 0), kind = fb_number(&message, SLOT_KIND, 1, 0);
  return !fb.fault && version >= 0 && version < 16 && kind >= ARROW_SCHEMA && kind <= ARROW_SPARSE_TENSOR &&
         message.slots > SLOT_HEADER;
}

int arrow_probe(const void *head, size_t size, const char *name) {
  static const char *const suffixes[] = {".arrow", ".arrows", ".feather", ".ipc"};
  if (size >= 8 && (memcmp(head, "ARROW1\0\0", 8) == 0))
    return BY_MAGIC;
  if (size >= 4 && memcmp(head, "FEA1", 4) == 0)
    return BY_MAGIC;
  if (is_stream(head, size))
    return BY_CONTENT;
  for (size_t i = 0; name && i < sizeof suffixes / sizeof *suffixes; i++)
    if (has_suffix(name, suffixes[i]))
      return BY_NAME;
  return 0;
}
