/* Reading a command line. */
#include "core/cli/args.h"
#include "core/cli/cli.h"
#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the two above */
#include <cmocka.h>

static const struct args_option first_items[] = {{"limit", 0, "N", ""}, {"option", 'o', "key=value", ""}};
static const struct args_option second_items[] = {{"verbose", 'v', NULL, ""}, {"quiet", 'q', NULL, ""}};
static const struct args_table tables[] = {ARGS_TABLE(first_items), ARGS_TABLE(second_items)};

struct reading {
  struct args args;
  struct sluice_error err;
  int code;
};

static struct reading read_words(size_t n, const char *const *words) {
  struct reading r = {0};
  r.code = args_read(&r.args, tables, 2, words, n, &r.err);
  return r;
}
#define READ(...) read_words(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *const[]){__VA_ARGS__})

static void refused(struct reading r, const char *message) {
  assert_int_equal(r.code, SLUICE_ERR_CONFIG);
  assert_string_equal(r.err.message, message);
  args_finish(&r.args);
}

static void forms_of_options(void **state) {
  (void)state;
  struct reading r = READ("--limit", "5", "one", "-o", "a=1", "-vob=2", "--option=c=3", "-q", "-");
  assert_int_equal(r.code, SLUICE_OK);
  assert_string_equal(args_value(&r.args, "limit"), "5");
  assert_string_equal(args_value_at(&r.args, "option", 0), "a=1");
  assert_string_equal(args_value_at(&r.args, "option", 1), "b=2");
  assert_string_equal(args_value_at(&r.args, "option", 2), "c=3");
  assert_null(args_value_at(&r.args, "option", 3));
  assert_string_equal(args_value(&r.args, "option"), "c=3");
  assert_true(args_has(&r.args, "verbose") && args_has(&r.args, "quiet"));
  assert_int_equal(r.args.word_count, 2);
  assert_string_equal(r.args.words[0], "one");
  assert_string_equal(r.args.words[1], "-");
  args_finish(&r.args);
}

static void nothing_at_all(void **state) {
  (void)state;
  struct reading r = read_words(0, NULL);
  assert_int_equal(r.code, SLUICE_OK);
  assert_null(args_value(&r.args, "limit"));
  assert_false(args_has(&r.args, "verbose"));
  args_finish(&r.args);
}

static void values_that_look_like_options(void **state) {
  (void)state;
  struct reading r = READ("--limit", "-5", "--", "--quiet", "-x");
  assert_int_equal(r.code, SLUICE_OK);
  assert_string_equal(args_value(&r.args, "limit"), "-5");
  assert_false(args_has(&r.args, "quiet"));
  assert_int_equal(r.args.word_count, 2);
  assert_string_equal(r.args.words[1], "-x");
  args_finish(&r.args);
}

static void mistakes(void **state) {
  (void)state;
  refused(READ("--limt", "5"), "there is no option --limt; did you mean --limit?");
  refused(READ("--xyzzyxyzzy"), "there is no option --xyzzyxyzzy");
  refused(READ("--lim"), "there is no option --lim; did you mean --limit?");
  refused(READ("-x"), "there is no option -x");
  refused(READ("-vx"), "there is no option -x");
  refused(READ("--limit"), "--limit needs a value: --limit N");
  refused(READ("-o"), "--option needs a value: --option key=value");
  refused(READ("--quiet=yes"), "--quiet takes no value");
  refused(READ("--=5"), "there is no option --");
}

static void leading_words(void **state) {
  (void)state;
  static const char *const words[] = {"-v", "ls", "--limit", "5"};
  struct args args = {0};
  struct sluice_error err = {0};
  size_t used = 9;
  assert_int_equal(args_read_leading(&args, &tables[1], 1, words, 4, &used, &err), SLUICE_OK);
  assert_int_equal(used, 1);
  assert_true(args_has(&args, "verbose"));
  assert_int_equal(args_read(&args, tables, 2, words + 2, 2, &err), SLUICE_OK);
  assert_string_equal(args_value(&args, "limit"), "5");
  args_finish(&args);
}

static void counts(void **state) {
  (void)state;
  static const char *const bad[] = {"-1", "1x", "", "1.5", "99999999999999999999"};
  int64_t n = 7;
  struct reading r = READ("one");
  assert_int_equal(args_count(&r.args, "limit", &n, &r.err), SLUICE_OK);
  assert_int_equal(n, 7);
  args_finish(&r.args);
  r = READ("--limit", "9223372036854775807");
  assert_int_equal(args_count(&r.args, "limit", &n, &r.err), SLUICE_OK);
  assert_true(n == INT64_MAX);
  args_finish(&r.args);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    r = READ("--limit", bad[i]);
    assert_int_equal(args_count(&r.args, "limit", &n, &r.err), SLUICE_ERR_CONFIG);
    args_finish(&r.args);
  }
  assert_true(n == INT64_MAX);
}

static void choices(void **state) {
  (void)state;
  static const char *const known[] = {"ndjson", "csv", NULL};
  int i = 5;
  struct reading r = READ("--limit", "csv");
  assert_int_equal(args_choice(&r.args, "limit", known, &i, &r.err), SLUICE_OK);
  assert_int_equal(i, 1);
  args_finish(&r.args);
  r = READ("one");
  assert_int_equal(args_choice(&r.args, "limit", known, &i, &r.err), SLUICE_OK);
  assert_int_equal(i, 0);
  args_finish(&r.args);
  r = READ("--limit", "njson");
  assert_int_equal(args_choice(&r.args, "limit", known, &i, &r.err), SLUICE_ERR_CONFIG);
  assert_string_equal(r.err.message, "--limit takes one of ndjson, csv, not 'njson'; did you mean 'ndjson'?");
  args_finish(&r.args);
}

/* Two tables of one command that share a name or letter would hide one of them. */
static void tables_of_commands(void **state) {
  (void)state;
  for (size_t c = 0; c < command_count(); c++) {
    const struct args_table *own = &command_at(c)->options;
    assert_ptr_equal(command_find(command_at(c)->name), command_at(c));
    for (size_t i = 0; i < own->count + global_options.count; i++)
      for (size_t k = 0; k < i; k++) {
        const struct args_option *a = i < own->count ? &own->items[i] : &global_options.items[i - own->count];
        const struct args_option *b = k < own->count ? &own->items[k] : &global_options.items[k - own->count];
        assert_string_not_equal(a->name, b->name);
        assert_true(!a->letter || a->letter != b->letter);
      }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(forms_of_options),
                                     cmocka_unit_test(nothing_at_all),
                                     cmocka_unit_test(values_that_look_like_options),
                                     cmocka_unit_test(mistakes),
                                     cmocka_unit_test(leading_words),
                                     cmocka_unit_test(counts),
                                     cmocka_unit_test(choices),
                                     cmocka_unit_test(tables_of_commands)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
