/* Texts as views: the first twelve bytes in the view itself, or four of them and where the text lies. */
#include "views.h"

bool pq_is_ascii(const uint8_t *p, size_t n) {
  uint64_t all = 0;
  for (; n >= 8; n -= 8, p += 8)
    all |= pq_load64(p);
  for (; n > 0; n--)
    all |= *p++;
  return !(all & 0x8080808080808080u);
}

/* For each size of a text that lies in its view: which bits of the words are the text's. */
static const uint32_t first_bits[PQ_VIEW_INLINE + 1] = {0,          0xff,       0xffff,     0xffffff,   UINT32_MAX,
                                                        UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX,
                                                        UINT32_MAX, UINT32_MAX, UINT32_MAX};
static const uint64_t other_bits[PQ_VIEW_INLINE + 1] = {
    0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, UINT64_MAX};

/* No branches by size: sizes change from text to text. */
static inline void make(const uint8_t *text, uint32_t size, int32_t place, uint32_t offset, uint8_t *out) {
  uint32_t kept = size > PQ_VIEW_INLINE ? PQ_VIEW_INLINE : size;
  uint64_t words[2] = {size | (uint64_t)(pq_load32(text) & first_bits[kept]) << 32,
                       pq_load64(text + 4) & other_bits[kept]};
  words[1] = size > PQ_VIEW_INLINE ? (uint32_t)place | (uint64_t)offset << 32 : words[1];
  memcpy(out, words, sizeof words);
}

void pq_view_make(const uint8_t *text, uint32_t size, int32_t place, uint32_t offset, uint8_t *out) {
  make(text, size, place, offset, out);
}

size_t pq_views_plain(const uint8_t *bytes, size_t *at, size_t end, int32_t place, size_t n, uint8_t *out) {
  size_t from = *at, i = 0;
  for (; i < n && end - from >= 4; i++) {
    uint32_t size = pq_load32(bytes + from);
    if (size > end - from - 4)
      break;
    make(bytes + from + 4, size, place, (uint32_t)from + 4, out + i * PQ_VIEW);
    from += 4 + (size_t)size;
  }
  *at = from;
  return i;
}

uint64_t pq_views_bytes(const uint8_t *views, size_t n) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < n; i++)
    bytes += pq_load32(views + i * PQ_VIEW);
  return bytes;
}

bool pq_views_are_text(const uint8_t *views, size_t n, const uint8_t *bytes) {
  for (size_t i = 0; i < n; i++) {
    const uint8_t *view = views + i * PQ_VIEW;
    uint32_t size = pq_load32(view);
    const uint8_t *text = size > PQ_VIEW_INLINE ? bytes + pq_load32(view + 12) : view + 4;
    if (sluice_utf8_valid(text, size) != size)
      return false;
  }
  return true;
}
