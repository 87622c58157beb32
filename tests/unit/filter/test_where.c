/* The text of a filter: what it means, and where it is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include "core/config/where.h"
#include <cmocka.h>
#include <failing.h>
#include <stdio.h>

/* "a.b < 5 & c 7": a test as names, number of the comparison, literal. */
static void describe(const struct sluice_where *where, char *out, size_t size) {
  static const char *const signs[] = {"", "=", "!=", "<", "<=", ">", ">=", "is null", "is not null"};
  size_t n = 0;
  out[0] = 0;
  for (size_t i = 0; i < where->count; i++) {
    const struct sluice_test *t = &where->tests[i];
    n += (size_t)snprintf(out + n, size - n, "%s", i ? " & " : "");
    for (size_t k = 0; k < t->column.count; k++)
      n += (size_t)snprintf(out + n, size - n, "%s[%s]", k ? "." : "", t->column.items[k]);
    n += (size_t)snprintf(out + n, size - n, " %s", signs[t->compare]);
    if (t->literal)
      n += (size_t)snprintf(out + n, size - n, " {%s}", t->literal);
  }
}

static void expect(const char *text, const char *wanted) {
  struct where *where = NULL;
  struct sluice_error err = {0};
  char got[500];
  if (where_parse(text, &where, &err) != SLUICE_OK)
    fail_msg("%s: %s", text, err.message);
  describe(where_tests(where), got, sizeof got);
  assert_string_equal(got, wanted);
  where_destroy(where);
}

static void filters_are_read(void **state) {
  (void)state;
  expect("a=1", "[a] = {1}");
  expect("  price > 10 and day >= '2024-01-01' AND name is not null ",
         "[price] > {10} & [day] >= {2024-01-01} & [name] is not null");
  expect("a.b.c<>-1.5e-3 and \"a.b\".\"x \"\"y\"\"\"!='it''s'", "[a].[b].[c] != {-1.5e-3} & [a.b].[x \"y\"] != {it's}");
  expect("x==true and y<false and z>=+.5", "[x] = {true} & [y] < {false} & [z] >= {+.5}");
  expect("v <= -inf and v != nan", "[v] <= {-inf} & [v] != {nan}");
  expect("\"is\" is null and \"and\" = 'and'", "[is] is null & [and] = {and}");
  expect("gr\xc3\xb6\xc3\x9f"
         "e = ''",
         "[gr\xc3\xb6\xc3\x9f"
         "e] = {}");
}

static void refuse(const char *text, const char *why) {
  struct where *where = NULL;
  struct sluice_error err = {0};
  assert_int_equal(where_parse(text, &where, &err), SLUICE_ERR_CONFIG);
  assert_null(where);
  if (!strstr(err.message, why))
    fail_msg("%s: '%s' does not say '%s'", text, err.message, why);
}

static void mistakes_are_placed(void **state) {
  (void)state;
  refuse("", "character 1: the name of a column is missing");
  refuse("price >", "character 8: a literal is missing");
  refuse("price 10", "character 7: '10' stands where one of =");
  refuse("price > ten", "texts are in single quotes");
  refuse("price > \"ten\"", "texts are in single quotes");
  refuse("price > 'ten", "character 9: the quote is not closed");
  refuse("a = 1 or b = 2", "character 7: 'or' stands where `and`");
  refuse("a = 1 and", "character 10: the name of a column is missing");
  refuse("a = null", "write `is null`");
  refuse("a is 5", "`null` or `not null`");
  refuse("a is not 5", "'5' stands where `null`");
  refuse("a. = 5", "the name of a field");
  refuse("'a' = 5", "the name of a column");
  refuse("a ! 5", "one of =");
  refuse("(a = 5)", "'(' stands where the name of a column");
  refuse("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q = 5", "not so deep");
}

static void long_texts_are_refused(void **state) {
  (void)state;
  char text[WHERE_TEXT_MAX + 2];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = 0;
  refuse(text, "longer than");
}

static void no_allocation_may_fail_badly(void **state) {
  (void)state;
  for (int64_t n = 0;; n++) {
    struct where *where = NULL;
    struct sluice_error err = {0};
    failing_in = n;
    int code = where_parse("a = 1 and b is null", &where, &err);
    bool failed = failing_in < 0;
    failing_in = -1;
    assert_int_equal(code, failed ? SLUICE_ERR_MEMORY : SLUICE_OK);
    where_destroy(where);
    if (!failed)
      return;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(filters_are_read), cmocka_unit_test(mistakes_are_placed),
                                     cmocka_unit_test(long_texts_are_refused),
                                     cmocka_unit_test(no_allocation_may_fail_badly)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
