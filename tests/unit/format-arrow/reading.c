/* Reading: dictionaries, framing, resuming, splits, damage. */
#include "cmocka_all.h"

#include "kit.h"
#include <stdlib.h>

static void assert_reads(const char *name, const char *expected) {
  struct kit_file f = kit_file(name);
  char *text = kit_text(f.data, f.size);
  assert_string_equal(text, expected);
  free(text);
  kit_file_free(&f);
}

static void dictionaries_grow_and_are_replaced(void **state) {
  (void)state;
  assert_reads("delta", "'a'\n'a'\n'a'\n'b'\n'c'\n'b'\n");
  assert_reads("delta.file", "'a'\n'a'\n'a'\n'b'\n");
  assert_reads("replaced", "'a'\n'a'\n'b'\n'c'\n");
  assert_reads("nested_dictionary", "{'p'}\n{'p'}\n{'q'}\n");
}

static void old_framing_and_old_unions(void **state) {
  (void)state;
  assert_reads("v4", "1|'a'|true\nnull|null|null\n3|'long text, longer than a view'|false\n");
}

static void rows_without_columns(void **state) {
  (void)state;
  assert_reads("columns_none", "\n\n\n");
}

static char *text_of(const char *name) {
  struct kit_file f = kit_file(name);
  char *text = kit_text(f.data, f.size);
  kit_file_free(&f);
  return text;
}

static void all_forms_say_the_same(void **state) {
  static const char *const same[] = {"plain.file", "plain.lz4", "plain.zstd"};
  (void)state;
  char *file = text_of("plain.file");
  for (size_t i = 1; i < 3; i++) {
    char *other = text_of(same[i]);
    assert_string_equal(file, other);
    free(other);
  }
  free(file);
}

/* ---- inputs of all kinds ---- */

static void inputs_of_all_kinds(void **state) {
  (void)state;
  for (int i = 0; kit_files[i]; i++) {
    struct kit_file f = kit_file(kit_files[i]);
    uint8_t *odd = malloc(f.size + 3);
    char *text = kit_text(f.data, f.size);
    assert_non_null(odd);
    memcpy(odd + 3, f.data, f.size);
    for (int kind = 1; kind < 4; kind++) {
      struct kit_read r;
      kit_init(&r, kind & 1 ? odd + 3 : f.data, f.size); /* views of bytes that are not aligned are copied */
      r.input.views = kind & 1;
      r.input.unknown_size = kind & 2;
      kit_run(&r);
      assert_int_equal(r.rc, SLUICE_END);
      assert_int_equal(r.text.size, strlen(text));
      assert_memory_equal(r.text.data, text, r.text.size);
      kit_finish(&r);
    }
    free(text);
    free(odd);
    kit_file_free(&f);
  }
}

/* ---- positions ---- */

static void resume_at(const struct kit_file *f, const struct kit_read *all, int64_t at) {
  struct kit_read rest;
  kit_init(&rest, f->data, f->size);
  rest.scan = all->scan;
  rest.scan.from = all->ends[at];
  kit_run(&rest);
  assert_int_equal(rest.rc, SLUICE_END);
  assert_int_equal(rest.batches, all->batches - at - 1);
  assert_int_equal(rest.text.size, all->text.size - all->lengths[at]);
  if (rest.text.size)
    assert_memory_equal(rest.text.data, all->text.data + all->lengths[at], rest.text.size);
  kit_finish(&rest);
}

static void reading_goes_on_exactly(void **state) {
  (void)state;
  for (int i = 0; kit_files[i]; i++)
    for (int64_t rows = 1; rows <= 5; rows++) {
      struct kit_file f = kit_file(kit_files[i]);
      struct kit_read all;
      kit_init(&all, f.data, f.size);
      all.scan.batch_rows = rows;
      kit_run(&all);
      assert_int_equal(all.rc, SLUICE_END);
      for (int64_t at = 0; at < all.batches && at < 64; at++)
        resume_at(&f, &all, at);
      kit_finish(&all);
      kit_file_free(&f);
    }
}

struct splitting {
  struct sluice_splits base;
  const struct kit_file *file;
  struct sluice_buffer text;
  int64_t splits, rows;
};

static int read_split(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  struct splitting *s = splits->private_data;
  struct kit_read r;
  (void)err;
  kit_init(&r, s->file->data, s->file->size);
  r.scan.begin = split->begin;
  r.scan.end = split->end;
  kit_run(&r);
  assert_int_equal(r.rc, SLUICE_END);
  assert_int_equal(r.rows, split->rows);
  assert_int_equal(split->begin.row, s->rows);
  s->rows += r.rows;
  s->splits++;
  if (r.text.size)
    assert_int_equal(sluice_buffer_append(&s->text, r.text.data, r.text.size), SLUICE_OK);
  kit_finish(&r);
  return SLUICE_OK;
}

static void splits_are_the_whole(void **state) {
  (void)state;
  for (int i = 0; kit_files[i]; i++) {
    struct kit_file f = kit_file(kit_files[i]);
    struct splitting s = {.base = {read_split, &s}, .file = &f};
    struct test_input input = {.data = f.data, .size = f.size};
    struct sluice_input in;
    struct sluice_scan scan = {.struct_size = sizeof scan, .part = "part"};
    struct arrow_side side = {.config = arrow_side_config()};
    struct sluice_error err = {0};
    char *text = kit_text(f.data, f.size);
    assert_int_equal(arrow_side_open(&side, &input, &scan, &err), SLUICE_OK);
    test_input_open(&input, &in);
    assert_int_equal(arrow_side_format()->plan(side.self, &in, &scan, 1, &s.base, &err), SLUICE_OK);
    in.release(&in);
    arrow_side_close(&side);
    assert_int_equal(s.text.size, strlen(text));
    assert_memory_equal(s.text.data, text, s.text.size);
    if (strcmp(kit_files[i], "plain.file") == 0 || strcmp(kit_files[i], "delta") == 0)
      assert_true(s.splits > 1);
    sluice_buffer_free(&s.text);
    free(text);
    kit_file_free(&f);
  }
}

/* ---- damage ---- */

static bool is_prefix(const struct kit_read *r, const char *text) {
  return r->text.size <= strlen(text) && (!r->text.size || memcmp(r->text.data, text, r->text.size) == 0);
}

/* What is cut off anywhere gives an error, or the batches that are whole, and never something else. */
static void cut_at_every_byte(void **state) {
  (void)state;
  for (int i = 0; kit_files[i]; i++) {
    struct kit_file f = kit_file(kit_files[i]);
    char *text = kit_text(f.data, f.size);
    for (size_t n = 0; n < f.size; n++) {
      uint8_t *cut = malloc(n + 1); /* of its own size, so that a sanitizer sees reads past the end */
      struct kit_read r;
      assert_non_null(cut);
      memcpy(cut, f.data, n);
      kit_init(&r, realloc(cut, n ? n : 1), n);
      kit_run(&r);
      assert_true(r.rc == SLUICE_END || r.rc == SLUICE_ERR_DATA);
      assert_true(r.rc == SLUICE_END || r.err.message[0]);
      if (strcmp(kit_files[i], "delta.file") != 0) /* the last delta may be missing, and is all that is */
        assert_true(is_prefix(&r, text));
      kit_finish(&r);
      free((void *)(uintptr_t)r.input.data);
    }
    free(text);
    kit_file_free(&f);
  }
}

/* Every byte made wrong in four ways: an error, or other values that are valid all the same. */
static void every_byte_made_wrong(void **state) {
  static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x10};
  (void)state;
  for (int i = 0; kit_files[i]; i++) {
    struct kit_file f = kit_file(kit_files[i]);
    for (size_t n = 0; n < f.size; n++)
      for (size_t c = 0; c < sizeof changes; c++) {
        struct kit_read r;
        f.data[n] ^= changes[c];
        kit_init(&r, f.data, f.size);
        kit_run(&r);
        assert_true(r.rc == SLUICE_END || r.rc == SLUICE_ERR_DATA || r.rc == SLUICE_ERR_UNSUPPORTED);
        assert_true(r.rc == SLUICE_END || r.err.message[0]);
        kit_finish(&r);
        f.data[n] ^= changes[c];
      }
    kit_file_free(&f);
  }
}

static void a_broken_index_is_done_without(void **state) {
  (void)state;
  struct kit_file f = kit_file("plain.file");
  char *text = kit_text(f.data, f.size);
  arrow_side_log[0] = 0;
  f.data[f.size - 1] = '?';
  char *again = kit_text(f.data, f.size);
  assert_string_equal(text, again);
  assert_non_null(strstr(arrow_side_log, "read as the stream that it holds"));
  free(text);
  free(again);
  kit_file_free(&f);
}

static void bytes_behind_the_end_are_told(void **state) {
  (void)state;
  struct kit_file f = kit_file("plain.stream");
  uint8_t *twice = malloc(2 * f.size);
  assert_non_null(twice);
  memcpy(twice, f.data, f.size);
  memcpy(twice + f.size, f.data, f.size);
  arrow_side_log[0] = 0;
  char *text = kit_text(twice, 2 * f.size), *once = kit_text(f.data, f.size);
  assert_string_equal(text, once);
  assert_non_null(strstr(arrow_side_log, "behind it are not read"));
  free(text);
  free(once);
  free(twice);
  kit_file_free(&f);
}

/* A source that fails once is asked again, and nothing is lost or twice. */
static void reading_again_after_a_failure(void **state) {
  (void)state;
  for (int i = 0; kit_files[i]; i++) {
    struct kit_file f = kit_file(kit_files[i]);
    char *text = kit_text(f.data, f.size);
    for (int fail = 1;; fail++) {
      struct test_input input = {.data = f.data, .size = f.size, .fail_code = SLUICE_ERR_RETRY, .fail_read = fail};
      struct sluice_scan scan = {.struct_size = sizeof scan, .part = "part"};
      struct arrow_side side = {.config = arrow_side_config()};
      struct sluice_error err = {0};
      int64_t rows = 0;
      int rc = arrow_side_open(&side, &input, &scan, &err);
      if (rc == SLUICE_OK)
        do {
          struct sluice_batch batch = {.struct_size = sizeof batch};
          rc = side.reader.next(&side.reader, &batch, &err);
          rows += rc == SLUICE_OK ? batch.array.length : 0;
          sluice_array_release(&batch.array);
        } while (rc == SLUICE_OK || rc == SLUICE_ERR_RETRY);
      else
        assert_int_equal(rc, SLUICE_ERR_RETRY);
      int64_t lines = 0;
      for (const char *c = text; *c; c++)
        lines += *c == '\n';
      if (rc == SLUICE_END)
        assert_int_equal(rows, lines);
      arrow_side_close(&side);
      if (input.reads < fail)
        break;
    }
    free(text);
    kit_file_free(&f);
  }
}

static void cancelled_between_messages(void **state) {
  (void)state;
  struct kit_file f = kit_file("plain.stream");
  struct kit_read r;
  kit_init(&r, f.data, f.size);
  arrow_side_cancelled = 1;
  kit_run(&r);
  arrow_side_cancelled = 0;
  assert_int_equal(r.rc, SLUICE_ERR_CANCELLED);
  kit_finish(&r);
  kit_file_free(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dictionaries_grow_and_are_replaced),
      cmocka_unit_test(old_framing_and_old_unions),
      cmocka_unit_test(rows_without_columns),
      cmocka_unit_test(all_forms_say_the_same),
      cmocka_unit_test(inputs_of_all_kinds),
      cmocka_unit_test(reading_goes_on_exactly),
      cmocka_unit_test(splits_are_the_whole),
      cmocka_unit_test(cut_at_every_byte),
      cmocka_unit_test(every_byte_made_wrong),
      cmocka_unit_test(a_broken_index_is_done_without),
      cmocka_unit_test(bytes_behind_the_end_are_told),
      cmocka_unit_test(reading_again_after_a_failure),
      cmocka_unit_test(cancelled_between_messages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
