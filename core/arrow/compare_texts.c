/* Tests of texts and bytes. Most values differ from a literal in their length or their first bytes: these are looked at
 * first, in loops without branches where they decide. */
#include "compare.h"

/* What the test says of a value that is not the literal, where it asks only that. */
static bool asks_equality(const struct sluice_comparison *c) {
  return c->less == c->greater;
}

static uint8_t verdict(const struct sluice_comparison *c, bool equal) {
  return equal ? c->equal : c->less;
}

static bool is_same(struct span span, const struct sluice_comparison *c) {
  return span.size == c->size && (c->size == 0 || memcmp(span.data, c->bytes, c->size) == 0);
}

static uint8_t order_bytes(const struct sluice_comparison *c, struct span a) {
  size_t common = a.size < c->size ? a.size : c->size;
  int order = common ? memcmp(a.data, c->bytes, common) : 0;
  order = order ? order : (a.size > c->size) - (a.size < c->size);
  return order < 0 ? c->less : order > 0 ? c->greater : c->equal;
}

/* What lies below a null may be anything, so it is not looked at. */
static void test_order(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                       uint8_t *keep) {
  for (int64_t i = 0; i < n; i++)
    if (keep[i] && !sluice_is_null(array, first + i))
      keep[i] &= order_bytes(c, array_span(&c->type, array, first + i));
}

static void test_equal(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                       uint8_t *keep) {
  for (int64_t i = 0; i < n; i++)
    if (keep[i] && !sluice_is_null(array, first + i))
      keep[i] &= verdict(c, is_same(array_span(&c->type, array, first + i), c));
}

/* ---- texts with offsets ---- */

static void test_offsets(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                         uint8_t *keep) {
  const int32_t *ends = (const int32_t *)array->buffers[1] + array->offset + first;
  const uint8_t *data = array->buffers[2];
  uint8_t other = c->less;
  for (int64_t i = 0; i < n; i++) {
    bool candidate = (size_t)(ends[i + 1] - ends[i]) == c->size;
    if (candidate && c->size && !sluice_is_null(array, first + i))
      candidate = memcmp(data + ends[i], c->bytes, c->size) == 0;
    keep[i] &= candidate ? c->equal : other;
  }
}

/* ---- views ---- */

struct key { /* of a view: the words that it must have, as far as the bits say */
  uint64_t words[2], bits[2];
};

static struct key make_key(const struct sluice_comparison *c) {
  size_t known = c->size <= VIEW_INLINE ? c->size : 4;
  uint32_t size = (uint32_t)c->size;
  uint8_t view[16] = {0}, bits[16] = {0};
  struct key key;
  memcpy(view, &size, sizeof size);
  memcpy(view + sizeof size, c->bytes, known);
  memset(bits, 0xff, sizeof size + known);
  memcpy(key.words, view, sizeof view);
  memcpy(key.bits, bits, sizeof bits);
  return key;
}

/* Of at most four bytes: the first word says it all. */
static void test_tiny_views(const struct sluice_comparison *c, const uint8_t *views, int64_t n, uint8_t *keep) {
  const struct key key = make_key(c);
  uint64_t wanted = key.words[0], bits = key.bits[0];
  uint8_t equal = c->equal, other = c->less;
  for (int64_t i = 0; i < n; i++) {
    uint64_t word;
    memcpy(&word, views + 16 * i, sizeof word);
    keep[i] &= (word & bits) == wanted ? equal : other;
  }
}

static void test_short_views(const struct sluice_comparison *c, const uint8_t *views, int64_t n, uint8_t *keep) {
  const struct key key = make_key(c);
  uint8_t equal = c->equal, other = c->less;
  for (int64_t i = 0; i < n; i++) {
    uint64_t words[2];
    memcpy(words, views + 16 * i, sizeof words);
    uint64_t differ = ((words[0] ^ key.words[0]) & key.bits[0]) | ((words[1] ^ key.words[1]) & key.bits[1]);
    keep[i] &= differ ? other : equal;
  }
}

static void test_long_views(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                            uint8_t *keep) {
  const uint8_t *views = (const uint8_t *)array->buffers[1] + (array->offset + first) * 16;
  const struct key key = make_key(c);
  for (int64_t i = 0; i < n; i++) {
    uint64_t word;
    memcpy(&word, views + 16 * i, sizeof word);
    bool same = word == key.words[0];
    if (same && !sluice_is_null(array, first + i))
      same = is_same(array_span(&c->type, array, first + i), c);
    keep[i] &= verdict(c, same);
  }
}

static void test_views(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                       uint8_t *keep) {
  const uint8_t *views = (const uint8_t *)array->buffers[1] + (array->offset + first) * 16;
  if (c->size > INT32_MAX)
    test_equal(c, array, first, n, keep);
  else if (c->size > VIEW_INLINE)
    test_long_views(c, array, first, n, keep);
  else if (c->size <= 4)
    test_tiny_views(c, views, n, keep);
  else
    test_short_views(c, views, n, keep);
}

void compare_texts(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                   uint8_t *keep) {
  enum layout layout = type_layout(c->type.id);
  if (!asks_equality(c))
    test_order(c, array, first, n, keep);
  else if (layout == LAYOUT_VIEW)
    test_views(c, array, first, n, keep);
  else if (layout == LAYOUT_BYTES32)
    test_offsets(c, array, first, n, keep);
  else
    test_equal(c, array, first, n, keep);
}
