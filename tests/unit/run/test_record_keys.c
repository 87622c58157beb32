/* Keys and fingerprints of records: equal where the values are, different where anything differs. */
#include "core/run/batch.h"
#include "core/run/record_keys.h"
#include "tests/unit/run/record_batch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { ROWS = 3000, COLUMNS = 3 };
static const char *const fields[COLUMNS][2] = {{"l", "id"}, {"u", "kind"}, {"u", "text"}};
static const char *const key[] = {"kind", "id"};

struct world {
  struct ArrowSchema schema;
  struct sluice_batch batch;
  struct record_keys *keys;
  struct record_key *out;
};

static void begin(struct world *w, const char *const *values, int64_t rows) {
  struct sluice_error err = {0};
  assert_int_equal(record_schema(fields, COLUMNS, &w->schema), SLUICE_OK);
  batch_init(&w->batch);
  assert_int_equal(record_array(&w->schema, values, rows, &w->batch.array), SLUICE_OK);
  assert_int_equal(record_keys_create(key, 2, &w->schema, &w->keys, &err), SLUICE_OK);
  w->out = calloc((size_t)rows, sizeof *w->out);
  assert_non_null(w->out);
  assert_int_equal(record_keys_of(w->keys, &w->batch, w->out, &err), SLUICE_OK);
}

static void end(struct world *w) {
  free(w->out);
  record_keys_destroy(w->keys);
  batch_release(&w->batch);
  sluice_schema_release(&w->schema);
}

static bool same_key(const struct record_key *a, const struct record_key *b) {
  return memcmp(a->key, b->key, sizeof a->key) == 0;
}

static void equal_and_different(void **state) {
  (void)state;
  static const char *const values[] = {"1", "a", "x", "1",  "a", "x", "1", "a", "y",
                                       "1", "b", "x", "11", "a", "x", "1", "a", NULL};
  struct world w;
  begin(&w, values, 6);
  assert_true(same_key(&w.out[0], &w.out[1]) && w.out[0].fingerprint == w.out[1].fingerprint);
  assert_true(same_key(&w.out[0], &w.out[2]) && w.out[0].fingerprint != w.out[2].fingerprint);
  assert_true(same_key(&w.out[0], &w.out[5]) && w.out[0].fingerprint != w.out[5].fingerprint);
  assert_false(same_key(&w.out[0], &w.out[3]) || same_key(&w.out[0], &w.out[4]));
  for (int i = 0; i < 6; i++)
    assert_true(w.out[i].plain && !w.out[i].null_column);
  end(&w);
}

static void nulls_in_a_key_are_named(void **state) {
  (void)state;
  static const char *const values[] = {NULL, "a", "x", "1", NULL, "x", NULL, NULL, "x", "1", "a", NULL};
  struct world w;
  begin(&w, values, 4);
  assert_string_equal(w.out[0].null_column, "id");
  assert_string_equal(w.out[1].null_column, "kind");
  assert_string_equal(w.out[2].null_column, "kind"); /* the first of the key */
  assert_null(w.out[3].null_column);
  end(&w);
}

/* More than the encoder takes at once: each row has the key that it has alone. */
static void large_batches(void **state) {
  (void)state;
  static char texts[ROWS][12];
  const char **values = calloc(ROWS * COLUMNS, sizeof *values);
  assert_non_null(values);
  for (int i = 0; i < ROWS; i++) {
    snprintf(texts[i], sizeof texts[i], "%d", i);
    for (int c = 0; c < COLUMNS; c++)
      values[i * COLUMNS + c] = texts[i];
  }
  struct world all, one;
  begin(&all, values, ROWS);
  for (int i = 0; i < ROWS; i += 97) {
    begin(&one, values + i * COLUMNS, 1);
    assert_true(same_key(&all.out[i], one.out) && all.out[i].fingerprint == one.out->fingerprint);
    end(&one);
  }
  end(&all);
  free(values);
}

static void text_that_has_no_json_form(void **state) {
  (void)state;
  static const char *const values[] = {"1", "\xff", "x", "1", "a", "\xff", "1", "a", "x"};
  struct world w;
  begin(&w, values, 3);
  assert_false(w.out[0].plain || w.out[1].plain);
  assert_true(w.out[2].plain);
  end(&w);
}

static void columns_that_are_not_there(void **state) {
  (void)state;
  static const char *const wrong[] = {"kinds"};
  struct ArrowSchema schema;
  struct record_keys *keys = NULL;
  struct sluice_error err = {0};
  assert_int_equal(record_schema(fields, COLUMNS, &schema), SLUICE_OK);
  assert_int_equal(record_keys_create(wrong, 1, &schema, &keys, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "did you mean 'kind'?"));
  assert_null(keys);
  sluice_schema_release(&schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_and_different),
      cmocka_unit_test(nulls_in_a_key_are_named),
      cmocka_unit_test(large_batches),
      cmocka_unit_test(text_that_has_no_json_form),
      cmocka_unit_test(columns_that_are_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
