/* Texts as views: what they hold, what keeps them alive, and that few texts do not keep many bytes. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "kit.h"
#include "node.h"
#include <stdlib.h>

enum { TEXTS = 40 };

/* Texts of 0 to 39 bytes, each with its length before it, in a block at its place. */
static size_t make_texts(struct pq_held *held, int32_t *place) {
  struct pq_block *b = pq_block_create(TEXTS * (TEXTS - 1) / 2 + 4 * TEXTS);
  size_t at = 0;
  assert_non_null(b);
  for (uint32_t size = 0; size < TEXTS; size++) {
    memcpy(b->data + at, &size, sizeof size);
    at += sizeof size;
    for (uint32_t i = 0; i < size; i++)
      b->data[at++] = (uint8_t)('a' + (size + i) % 26);
  }
  assert_int_equal(at, b->size);
  assert_null(pq_held_add(held, b, place));
  return at;
}

static void check_text(const struct pq_held *held, const uint8_t *view, uint32_t wanted) {
  uint32_t size = pq_load32(view);
  assert_int_equal(size, wanted);
  const uint8_t *text = view + 4;
  if (size > PQ_VIEW_INLINE) {
    text = held->blocks[pq_load32(view + 8)]->data + pq_load32(view + 12);
    assert_memory_equal(view + 4, text, 4);
  }
  for (uint32_t i = 0; i < size; i++)
    assert_int_equal(text[i], 'a' + (size + i) % 26);
  for (uint32_t i = size; i < PQ_VIEW_INLINE; i++)
    assert_int_equal(view[4 + i], 0);
}

static void views_hold_texts_of_any_size(void **state) {
  struct pq_held held = {0};
  uint8_t views[TEXTS * PQ_VIEW];
  int32_t place;
  (void)state;
  size_t end = make_texts(&held, &place), at = 0;
  assert_int_equal(pq_views_plain(held.blocks[place]->data, &at, end, place, TEXTS + 5, views), TEXTS);
  assert_int_equal(at, end);
  for (uint32_t i = 0; i < TEXTS; i++)
    check_text(&held, views + i * PQ_VIEW, i);
  assert_int_equal(pq_views_bytes(views, TEXTS), TEXTS * (TEXTS - 1) / 2);
  for (size_t cut = 0; cut < end; cut++) { /* a text that does not end is not taken */
    at = 0;
    assert_true(pq_views_plain(held.blocks[place]->data, &at, cut, place, TEXTS, views) < TEXTS);
    assert_true(at <= cut);
  }
  pq_held_finish(&held);
}

static void views_are_checked_to_be_text(void **state) {
  uint8_t bytes[64] = "\3\0\0\0abc\5\0\0\0a\xc3\xa4zz\x10\0\0\0"
                      "0123456789abcde\xc3",
          views[3 * PQ_VIEW];
  size_t at = 0;
  (void)state;
  assert_int_equal(pq_views_plain(bytes, &at, 7 + 9 + 20, 0, 3, views), 3);
  assert_true(pq_views_are_text(views, 2, bytes));
  assert_false(pq_views_are_text(views, 3, bytes));
  assert_true(pq_is_ascii(bytes, 12));
  assert_false(pq_is_ascii(bytes, 13));
}

static void places_are_used_again(void **state) {
  struct pq_held held = {0};
  uint8_t views[TEXTS * PQ_VIEW];
  int32_t first, second, third;
  (void)state;
  size_t end = make_texts(&held, &first), at = 0;
  make_texts(&held, &second);
  assert_int_not_equal(first, second);
  pq_views_plain(held.blocks[second]->data, &at, end, second, TEXTS, views);
  pq_held_drop(&held, views, TEXTS);
  assert_null(held.blocks[first]);
  check_text(&held, views + 20 * PQ_VIEW, 20);
  make_texts(&held, &third);
  assert_int_equal(third, first);
  held.page = held.blocks[third];
  assert_int_equal(pq_held_past(&held), end);
  pq_held_drop(&held, views, PQ_VIEW_INLINE); /* those have their texts themselves */
  assert_int_equal(held.n, third + 1);
  held.page = NULL;
  pq_held_drop(&held, NULL, 0);
  assert_int_equal(held.n, 0);
  pq_held_finish(&held);
}

static void arrays_keep_what_they_refer_to(void **state) {
  struct pq_held held = {0};
  struct sluice_buffer buffers[2] = {{0}};
  struct ArrowSchema schema;
  struct ArrowArray array;
  uint8_t views[TEXTS * PQ_VIEW];
  int32_t place, other;
  (void)state;
  make_texts(&held, &other);
  size_t end = make_texts(&held, &place), at = 0;
  pq_views_plain(held.blocks[place]->data, &at, end, place, TEXTS, views);
  pq_held_drop(&held, views, TEXTS); /* leaves a place without a block */
  assert_int_equal(sluice_buffer_append(&buffers[1], views, sizeof views), SLUICE_OK);
  assert_int_equal(sluice_array_adopt(&array, TEXTS, 0, buffers, 2, NULL, 0, NULL), SLUICE_OK);
  assert_int_equal(pq_held_attach(&held, &array), SLUICE_OK);
  pq_held_finish(&held);
  assert_int_equal(sluice_schema_init(&schema, "vu", "texts", 0), SLUICE_OK);
  assert_int_equal(sluice_array_validate(&schema, &array, SLUICE_CHECK_FULL, NULL), SLUICE_OK);
  assert_int_equal(array.n_buffers, 5);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

/* A short text of each page is kept, of pages that are large: their other bytes are not. */
static void few_texts_do_not_keep_many_bytes(void **state) {
  enum { PAGES = 300, PAGE = 1 << 20, KEPT_MAX = 40 << 20 };
  struct pq_store store = {.kind = PQ_STORE_VIEWS, .width = PQ_VIEW};
  struct pq_node node = {.kind = PQ_NODE_LEAF, .store = &store};
  size_t most = 0;
  (void)state;
  for (int32_t i = 0; i < PAGES; i++) {
    struct pq_block *b = pq_block_create(PAGE);
    uint8_t view[PQ_VIEW];
    int32_t place;
    assert_non_null(b);
    assert_null(pq_node_hold(&node, b, &place));
    snprintf((char *)b->data + 1000, 32, "the text of page %03d", (int)i);
    pq_view_make(b->data + 1000, 20, place, 1000, view);
    assert_int_equal(sluice_buffer_append(&node.values, view, sizeof view), SLUICE_OK);
    node.text_bytes += 20;
    most = pq_held_past(&node.held) > most ? pq_held_past(&node.held) : most;
  }
  assert_true(most < KEPT_MAX);
  for (int32_t i = 0; i < PAGES; i++) {
    const uint8_t *view = node.values.data + i * PQ_VIEW;
    char wanted[32];
    snprintf(wanted, sizeof wanted, "the text of page %03d", (int)i);
    assert_memory_equal(node.held.blocks[pq_load32(view + 8)]->data + pq_load32(view + 12), wanted, 20);
  }
  pq_held_finish(&node.held);
  sluice_buffer_free(&node.values);
}

/* ---- from a file ---- */

/* Its first batch, and the reader is gone by then. */
static int first_batch(const char *file, struct kit_options *o, struct ArrowSchema *schema,
                       struct sluice_batch *batch) {
  const struct pq_format format = {.config = &o->config};
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct sluice_error err = {0};
  struct sluice_reader reader;
  struct sluice_input in;
  size_t size;
  uint8_t *data = kit_file(file, &size);
  assert_non_null(data);
  *bytes = (struct kit_bytes){.data = data, .size = size};
  kit_input(bytes, &in);
  assert_int_equal(pq_decode((void *)&format, &in, &o->scan, &reader, &err), SLUICE_OK);
  assert_int_equal(reader.schema(&reader, schema, &err), SLUICE_OK);
  *batch = (struct sluice_batch){.struct_size = sizeof *batch};
  int code = reader.next(&reader, batch, &err);
  reader.release(&reader);
  free(bytes);
  free(data);
  return code;
}

static void check_formats(uint64_t accepts, const struct ArrowSchema *want, const char *of_texts) {
  struct kit_options o;
  struct ArrowSchema schema;
  struct sluice_batch batch;
  kit_defaults(&o);
  o.scan.accepts = accepts;
  o.scan.want = want;
  assert_int_equal(first_batch(PQ_SEEDS "/texts.parquet", &o, &schema, &batch), SLUICE_OK);
  int64_t texts = 0;
  for (int64_t i = 0; i < schema.n_children; i++) {
    const char *format = schema.children[i]->format;
    if (strcmp(format, "u") == 0 || strcmp(format, "vu") == 0)
      assert_string_equal(format, of_texts);
    texts += strcmp(format, of_texts) == 0;
  }
  assert_true(texts > 0 && batch.array.length > 0);
  assert_int_equal(sluice_array_validate(&schema, &batch.array, SLUICE_CHECK_FULL, NULL), SLUICE_OK);
  sluice_array_release(&batch.array);
  sluice_schema_release(&schema);
}

/* As the scan accepts them; what is wanted of a column by name goes first. */
static void texts_are_views_where_they_are_asked_for(void **state) {
  struct kit_options o;
  struct ArrowSchema found, want = {0};
  struct sluice_batch batch;
  int64_t text = 0;
  (void)state;
  kit_defaults(&o);
  assert_int_equal(first_batch(PQ_SEEDS "/texts.parquet", &o, &found, &batch), SLUICE_OK);
  while (found.children[text]->format[0] != 'u')
    text++;
  check_formats(0, NULL, "u");
  check_formats(SLUICE_ACCEPT_DICTIONARY | SLUICE_ACCEPT_LARGE, NULL, "u");
  check_formats(SLUICE_ACCEPT_VIEW, NULL, "vu");
  for (int view = 0; view < 2; view++) {
    assert_int_equal(sluice_schema_nested(&want, "+s", "", 0, 1), SLUICE_OK);
    assert_int_equal(sluice_schema_init(want.children[0], view ? "vu" : "u", found.children[text]->name, 2), SLUICE_OK);
    check_formats(view ? 0 : SLUICE_ACCEPT_VIEW, &want, view ? "vu" : "u");
    sluice_schema_release(&want);
  }
  sluice_array_release(&batch.array);
  sluice_schema_release(&found);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(views_hold_texts_of_any_size),
                                     cmocka_unit_test(views_are_checked_to_be_text),
                                     cmocka_unit_test(places_are_used_again),
                                     cmocka_unit_test(arrays_keep_what_they_refer_to),
                                     cmocka_unit_test(few_texts_do_not_keep_many_bytes),
                                     cmocka_unit_test(texts_are_views_where_they_are_asked_for)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
