/* Casts of single values: table by table, from text to text through the type in question. */
#include "check.h"

struct misfits {
  int n;
  int64_t row;
  char column[64], reason[320];
};

static int note(void *context, int64_t row, const char *column, const char *reason) {
  struct misfits *m = context;
  m->n++;
  m->row = row;
  snprintf(m->column, sizeof m->column, "%s", column);
  snprintf(m->reason, sizeof m->reason, "%s", reason);
  return SLUICE_OK;
}

/* Casts *array, of *schema, to a format; both then are of that format. */
static void cast_to(struct ArrowSchema *schema, struct ArrowArray *array, const char *format, struct misfits *m) {
  struct ArrowSchema to = {0};
  struct ArrowArray out = {0};
  struct sluice_error err = {0};
  assert_ok(sluice_schema_init(&to, format, "column", ARROW_FLAG_NULLABLE));
  int status = sluice_cast(schema, array, &to, note, m, &out, &err);
  if (status != SLUICE_OK)
    fail_msg("%s to %s: %s", schema->format, format, err.message);
  assert_null(array->release);
  assert_ok(sluice_array_validate(&to, &out, SLUICE_CHECK_FULL, NULL));
  sluice_schema_release(schema);
  sluice_schema_move(&to, schema);
  sluice_array_move(&out, array);
}

struct chain { /* a text, cast to each format in turn and back to text; NULL: it does not fit the last of them */
  const char *text, *formats[3], *wanted;
};

static void run_chain(const struct chain *chain) {
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  struct misfits m = {0};
  char room[160];
  const char *const texts[] = {NULL, chain->text};
  make_texts("u", texts, 2, &schema, &array);
  for (int i = 0; i < 3 && chain->formats[i]; i++) {
    if (m.n)
      fail_msg("%s: %s", chain->text, m.reason);
    cast_to(&schema, &array, chain->formats[i], &m);
  }
  assert_true(sluice_is_null(&array, 0));
  if (m.n != (chain->wanted == NULL))
    fail_msg("%s to %s: %d misfits %s", chain->text, schema.format, m.n, m.reason);
  if (m.n) {
    assert_int_equal(m.row, 1);
    assert_string_equal(m.column, "column");
    assert_true(sluice_is_null(&array, 1));
  } else {
    cast_to(&schema, &array, "u", &m);
    assert_string_equal(text_at(&array, 1, room, sizeof room), chain->wanted);
  }
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

static void run_chains(const struct chain *chains, size_t n) {
  for (size_t i = 0; i < n; i++)
    run_chain(&chains[i]);
}
#define RUN(chains) run_chains(chains, sizeof(chains) / sizeof((chains)[0]))

static void integers(void **state) {
  (void)state;
  static const struct chain chains[] = {
      {"127", {"c"}, "127"},
      {"128", {"c"}, NULL},
      {"-1", {"L"}, NULL},
      {"18446744073709551615", {"L"}, "18446744073709551615"},
      {"18446744073709551615", {"L", "l"}, NULL},
      {"18446744073709551616", {"L"}, NULL},
      {"-9223372036854775808", {"l"}, "-9223372036854775808"},
      {"-9223372036854775808", {"l", "d:19,0", "l"}, "-9223372036854775808"},
      {"-9223372036854775808", {"l", "g", "l"}, "-9223372036854775808"},
      {"300", {"l", "C"}, NULL},
      {"007", {"l"}, "7"},
      {"", {"l"}, NULL},
      {" 1", {"l"}, NULL},
      {"1.0", {"l"}, NULL},
      {"1", {"l", "b"}, "true"},
      {"2", {"l", "b"}, NULL},
      {"true", {"b", "i"}, "1"},
      {"yes", {"b"}, NULL},
  };
  RUN(chains);
}

static void reals(void **state) {
  (void)state;
  static const struct chain chains[] = {
      {"0.1", {"g"}, "0.1"},
      {"0.1", {"f"}, "0.1"},
      {"0.1", {"f", "g"}, "0.10000000149011612"},
      {"0.1", {"g", "f"}, NULL},
      {"0.5", {"g", "f", "e"}, "0.5"},
      {"0.5", {"g", "e", "f"}, "0.5"},
      {"2.5", {"g", "l"}, NULL},
      {"2.0", {"g", "l"}, "2"},
      {"-0.0", {"g"}, "-0.0"},
      {"1e19", {"g", "l"}, NULL},
      {"1e19", {"g", "L"}, "10000000000000000000"},
      {"18446744073709551616", {"g", "L"}, NULL},
      {"nan", {"g"}, "nan"},
      {"nan", {"g", "f"}, "nan"},
      {"nan", {"g", "l"}, NULL},
      {"nan", {"g", "d:10,2"}, NULL},
      {"-inf", {"g", "f"}, "-inf"},
      {"inf", {"g", "l"}, NULL},
      {"1e300", {"g", "f"}, NULL},
      {"1e300", {"f"}, NULL},
      {"1e999", {"g"}, NULL},
      {"70000", {"e"}, NULL},
      {"9007199254740992", {"l", "g"}, "9007199254740992.0"},
      {"9007199254740993", {"l", "g"}, NULL},
      {"18446744073709551615", {"L", "g"}, NULL},
      {"16777217", {"l", "f"}, NULL},
      {"2049", {"i", "e"}, NULL},
      {"abc", {"g"}, NULL},
  };
  RUN(chains);
}

static void decimals(void **state) {
  (void)state;
  static const struct chain chains[] = {
      {"1.50", {"d:10,2"}, "1.50"},
      {"1.505", {"d:10,2"}, NULL},
      {"1.50", {"d:10,2", "d:10,1"}, "1.5"},
      {"1.55", {"d:10,2", "d:10,1"}, NULL},
      {"1.5", {"d:10,1", "d:38,30"}, "1.500000000000000000000000000000"},
      {"123", {"d:10,2", "d:4,2,32"}, NULL},
      {"-12.34", {"d:10,2", "d:4,2,32", "d:76,40,256"}, "-12.3400000000000000000000000000000000000000"},
      {"12300", {"d:5,0", "d:3,-2,32"}, "12300"},
      {"12345", {"d:5,0", "d:3,-2,32"}, NULL},
      {"12300", {"d:3,-2,32", "l"}, "12300"},
      {"12", {"l", "d:4,2"}, "12.00"},
      {"123", {"l", "d:4,2"}, NULL},
      {"12.00", {"d:4,2", "c"}, "12"},
      {"12.50", {"d:4,2", "c"}, NULL},
      {"99999999999999999999", {"d:38,0", "L"}, NULL},
      {"-1", {"d:38,0", "L"}, NULL},
      {"0.10", {"d:10,2", "g"}, "0.1"},
      {"0.1", {"g", "d:10,2"}, "0.10"},
      {"0.125", {"g", "d:10,2"}, NULL},
      {"123456789012345678.00", {"d:38,2", "g"}, NULL},
      {"0.1", {"d:10,1", "f"}, "0.1"},
      {"1e5", {"d:10,1"}, "100000.0"},
  };
  RUN(chains);
}

static void times(void **state) {
  (void)state;
  static const struct chain chains[] = {
      {"2024-02-29", {"tdD"}, "2024-02-29"},
      {"2024-02-29", {"tdm", "tdD"}, "2024-02-29"},
      {"2024-02-30", {"tdD"}, NULL},
      {"2024-02-29", {"tdD", "tsn:", "tdm"}, "2024-02-29"},
      {"1677-01-01", {"tdD", "tsn:"}, NULL},
      {"1600-01-01", {"tdD", "tsu:"}, "1600-01-01T00:00:00.000000"},
      {"2024-02-29T01:00", {"tss:", "tdD"}, NULL},
      {"2024-02-29T01:02:03.5Z", {"tsm:UTC"}, "2024-02-29T01:02:03.500Z"},
      {"2024-02-29T01:02:03.5+01:00", {"tsm:UTC", "tsn:UTC"}, "2024-02-29T00:02:03.500000000Z"},
      {"2024-02-29T01:02:03.5Z", {"tsm:UTC", "tss:UTC"}, NULL},
      {"2024-02-29T01:02:03Z", {"tss:"}, NULL},
      {"2024-02-29T01:02:03", {"tss:UTC"}, "2024-02-29T01:02:03Z"},
      {"2024-02-29", {"tss:"}, "2024-02-29T00:00:00"},
      {"1969-12-31T23:59:59.999", {"tsm:", "tss:"}, NULL},
      {"13:05:59.25", {"ttm"}, "13:05:59.250"},
      {"13:05:59.25", {"ttm", "ttn", "ttm"}, "13:05:59.250"},
      {"13:05:59.25", {"ttm", "tts"}, NULL},
      {"25:00", {"tts"}, NULL},
  };
  RUN(chains);
}

static void text_and_bytes(void **state) {
  (void)state;
  static const struct chain chains[] = {
      {"plain", {"U", "vu", "u"}, "plain"},
      {"a long text, more than inline", {"vz", "Z", "vu"}, "a long text, more than inline"},
      {"abc", {"z", "w:3", "z"}, "abc"},
      {"abcd", {"z", "w:3"}, NULL},
      {"abc", {"w:3", "U"}, "abc"},
  };
  RUN(chains);
}

static void bytes_that_are_no_text(void **state) {
  (void)state;
  static const char *const texts[] = {"good", "b\xff\x01 d"};
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  struct misfits m = {0};
  char room[32];
  make_texts("z", texts, 2, &schema, &array);
  cast_to(&schema, &array, "u", &m);
  assert_int_equal(m.n, 1);
  assert_string_equal(m.reason, "\"b?? d\" does not fit string: not UTF-8");
  assert_string_equal(text_at(&array, 0, room, sizeof room), "good");
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

static void reasons_are_short_and_say_all(void **state) {
  (void)state;
  char lengthy[400], wanted[160];
  memset(lengthy, 'x', sizeof lengthy);
  memcpy(lengthy + 63, "\xc3\xa9", 2); /* across the place of the cut */
  lengthy[399] = 0;
  const char *const texts[] = {lengthy};
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  struct misfits m = {0};
  make_texts("u", texts, 1, &schema, &array);
  cast_to(&schema, &array, "l", &m);
  snprintf(wanted, sizeof wanted, "\"%.63s...\" does not fit int64: not a whole number in range", lengthy);
  assert_string_equal(m.reason, wanted);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

static int stop(void *context, int64_t row, const char *column, const char *reason) {
  (void)context, (void)row, (void)column, (void)reason;
  return SLUICE_ERR_CANCELLED;
}

static void a_failed_cast_leaves_its_input(void **state) {
  (void)state;
  static const char *const texts[] = {"1", "x"};
  struct ArrowSchema schema = {0}, to = {0};
  struct ArrowArray array = {0}, out = {0};
  struct sluice_error err = {0};
  make_texts("u", texts, 2, &schema, &array);
  assert_ok(sluice_schema_init(&to, "l", "column", ARROW_FLAG_NULLABLE));
  assert_int_equal(sluice_cast(&schema, &array, &to, NULL, NULL, &out, &err), SLUICE_ERR_DATA);
  assert_int_equal(err.row, 1);
  assert_string_equal(err.where, "column");
  assert_non_null(strstr(err.message, "\"x\" does not fit int64"));
  assert_int_equal(sluice_cast(&schema, &array, &to, stop, NULL, &out, NULL), SLUICE_ERR_CANCELLED);
  assert_null(out.release);
  assert_ok(sluice_array_validate(&schema, &array, SLUICE_CHECK_FULL, NULL));
  sluice_array_release(&array);
  sluice_schema_release(&schema);
  sluice_schema_release(&to);
}

static void some_casts_have_no_meaning(void **state) {
  (void)state;
  static const char *const pairs[][2] = {{"l", "tsu:"}, {"tsu:", "l"}, {"b", "g"},   {"g", "b"},
                                         {"z", "l"},    {"u", "tDs"},  {"tin", "u"}, {"+l", "u"},
                                         {"+s", "+l"},  {"u", "+s"},   {"l", "z"},   {"i", "n"}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    struct ArrowSchema from = {0}, to = {0};
    struct sluice_error err = {0};
    assert_ok(sample_field(&from, pairs[i][0], "f"));
    assert_ok(sample_field(&to, pairs[i][1], "f"));
    assert_int_equal(sluice_cast_check(&from, &to, &err), SLUICE_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "cannot be cast to"));
    sluice_schema_release(&from);
    sluice_schema_release(&to);
  }
}

static void nothing_but_nulls_fits_anything(void **state) {
  (void)state;
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  struct misfits m = {0};
  assert_ok(sluice_schema_init(&schema, "n", "column", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_array_nulls(&schema, 5, &array));
  cast_to(&schema, &array, "d:5,1", &m);
  assert_int_equal(array.null_count, 5);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(integers),
      cmocka_unit_test(reals),
      cmocka_unit_test(decimals),
      cmocka_unit_test(times),
      cmocka_unit_test(text_and_bytes),
      cmocka_unit_test(bytes_that_are_no_text),
      cmocka_unit_test(reasons_are_short_and_say_all),
      cmocka_unit_test(a_failed_cast_leaves_its_input),
      cmocka_unit_test(some_casts_have_no_meaning),
      cmocka_unit_test(nothing_but_nulls_fits_anything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
