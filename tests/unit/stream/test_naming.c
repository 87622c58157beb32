/* Names of streams from names of parts. */
#include "core/stream/naming.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int name_of(const struct naming_rule *rules, size_t n, const char *part, struct stream_name *out,
                   struct sluice_error *err) {
  struct naming *naming = NULL;
  size_t bad = 99;
  struct sluice_error why = {0};
  if (naming_create(rules, n, &naming, &bad, &why) != SLUICE_OK)
    fail_msg("rule %zu: %s", bad, why.message);
  int code = naming_of(naming, part, out, err);
  naming_destroy(naming);
  return code;
}

static void check(const char *template, const char *part, const char *expected) {
  struct naming_rule rule = {.name = template};
  struct stream_name name = {.folder = 0};
  struct sluice_error err = {0};
  if (name_of(&rule, 1, part, &name, &err) != SLUICE_OK)
    fail_msg("%s of %s: %s", template, part, err.message);
  assert_string_equal(name.text, expected);
}

static void endings(void **state) {
  (void)state;
  static const struct {
    const char *template, *part;
    size_t ending;
  } cases[] = {{"{stem}", "s3://b/A.csv", 8},   {"{stem}", "A.csv.gz", 1},  {"x-{stem}", "x/A", 3},
               {"{stem}-{name}", "x/A.csv", 0}, {"{folder}", "x/A.csv", 0}, {"{{stem}}{path}", "x/A.csv", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct naming_rule rule = {.name = cases[i].template}, wide = {.name = cases[i].template, .across_folders = true};
    struct stream_name name = {.ending = 99};
    struct sluice_error err = {0};
    assert_int_equal(name_of(&rule, 1, cases[i].part, &name, &err), SLUICE_OK);
    assert_int_equal(name.ending, cases[i].ending);
    assert_int_equal(name_of(&wide, 1, cases[i].part, &name, &err), SLUICE_OK);
    assert_int_equal(name.ending, 0);
  }
}

static void placeholders(void **state) {
  (void)state;
  check("{name}", "s3://b/x/orders.csv", "orders.csv");
  check("{stem}", "s3://b/x/orders.csv", "orders");
  check("{folder}", "s3://b/x/y/orders.csv", "y");
  check("{path}", "s3://b/x/y/orders.csv", "x.y");
  check("{path}", "/srv/data/orders.csv", "srv.data");
  check("{path}", "x//y/orders.csv", "x.y");
  check("{folder}-{stem}{name}", "a/b.c", "a-bb.c");
  check("v1 {stem}!", "b.c", "v1 b!");
}

static void stems(void **state) {
  (void)state;
  static const char *const compressions[] = {"gz", "zst", "bz2", "xz", "lz4", "sz", "snappy", "zip", "GZ", "Zst"};
  char part[64];
  for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++) {
    snprintf(part, sizeof part, "x/a.b.csv.%s", compressions[i]);
    check("{stem}", part, "a.b");
    snprintf(part, sizeof part, "x/a.%s", compressions[i]);
    check("{stem}", part, "a");
  }
  check("{stem}", "a.tar.gzip", "a.tar");
  check("{stem}", "no-suffix", "no-suffix");
  check("{stem}", "ends.", "ends");
  check("{stem}", ".profile", ".profile");
  check("{stem}", "x/.hidden.csv", ".hidden");
  check("{stem}", "x/.hidden.csv.gz", ".hidden");
  check("{stem}", "x/.gz", ".gz");
}

static void braces(void **state) {
  (void)state;
  check("{{{stem}}}", "a.csv", "{a}");
  check("{{stem}}", "a.csv", "{stem}");
  check("a}}b{{", "x", "a}b{");
}

static void groups(void **state) {
  (void)state;
  struct naming_rule rules[] = {{.match = "([a-z]+)/([0-9]{4})-(x)?.*", .name = "{1}_{2}{3}"},
                                {.match = "^never$", .name = "no"},
                                {.match = "\\.json$", .name = "json"}};
  struct stream_name name;
  assert_int_equal(name_of(rules, 3, "s3://b/in/orders/2026-x1.csv", &name, NULL), SLUICE_OK);
  assert_string_equal(name.text, "orders_2026x");
  assert_int_equal(name_of(rules, 3, "s3://b/in/orders/2026-1.csv", &name, NULL), SLUICE_OK);
  assert_string_equal(name.text, "orders_2026"); /* a group that took no part is empty */
  assert_int_equal(name_of(rules, 3, "s3://b/in/x.json", &name, NULL), SLUICE_OK);
  assert_string_equal(name.text, "json");
  assert_int_equal(name_of(rules, 3, "s3://b/in/x.csv", &name, NULL), SLUICE_END);
}

static void nine_groups(void **state) {
  (void)state;
  struct naming_rule rule = {.match = "(.)(.)(.)(.)(.)(.)(.)(.)(.)", .name = "{9}{8}{7}{6}{5}{4}{3}{2}{1}"};
  struct stream_name name;
  assert_int_equal(name_of(&rule, 1, "abcdefghi", &name, NULL), SLUICE_OK);
  assert_string_equal(name.text, "ihgfedcba");
}

static void the_first_rule_decides(void **state) {
  (void)state;
  struct naming_rule rules[] = {{.match = "a", .name = "one"}, {.name = "two"}, {.match = "a", .name = "three"}};
  struct stream_name name;
  assert_int_equal(name_of(rules, 3, "xay", &name, NULL), SLUICE_OK);
  assert_string_equal(name.text, "one");
  assert_int_equal(name_of(rules, 3, "xy", &name, NULL), SLUICE_OK);
  assert_string_equal(name.text, "two");
}

static void folders(void **state) {
  (void)state;
  struct naming_rule stem = {.name = "{stem}"}, wide = {.name = "{stem}", .across_folders = true},
                     fixed = {.name = "all"};
  struct stream_name name;
  assert_int_equal(name_of(&stem, 1, "s3://b/x/a.csv", &name, NULL), SLUICE_OK);
  assert_false(name.any_folder);
  assert_int_equal(name.folder, strlen("s3://b/x/"));
  assert_int_equal(name_of(&stem, 1, "a.csv", &name, NULL), SLUICE_OK);
  assert_int_equal(name.folder, 0);
  assert_int_equal(name_of(&wide, 1, "s3://b/x/a.csv", &name, NULL), SLUICE_OK);
  assert_true(name.any_folder);
  assert_int_equal(name_of(&fixed, 1, "s3://b/x/a.csv", &name, NULL), SLUICE_OK);
  assert_true(name.any_folder);
}

static void refused(const char *template, const char *part, const char *word) {
  struct naming_rule rule = {.name = template};
  struct stream_name name = {.text = "kept"};
  struct sluice_error err = {0};
  assert_int_equal(name_of(&rule, 1, part, &name, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, part);
  assert_non_null(strstr(err.message, word));
  assert_string_equal(name.text, "kept");
}

static void names_that_are_none(void **state) {
  (void)state;
  char part[200] = "x/";
  refused("{folder}", "a.csv", "empty");
  refused("{path}", "s3://b/a.csv", "empty");
  refused("{name}", "folder/", "empty");
  refused("{stem}", "x/*.csv", "not allowed");
  refused("{name}", "x/.", "not allowed");
  refused("{name}", "x/..", "not allowed");
  refused("{stem}", "x/a\nb.csv", "control character");
  refused("{stem}", "x/a\x7f", "control character");
  refused("a/{stem}", "x/a", "\"/\"");
  memset(part + 2, 'n', 128);
  refused("{name}", part, "longer than 127");
  part[2 + 127] = 0;
  check("{name}", part, part + 2);
  refused("{name}!", part, "longer than 127");
  refused("{name}{name}{name}", part, "longer than 127");
}

/* Whatever bytes a part's name has: no crash, and a name that fits. */
static void any_bytes(void **state) {
  (void)state;
  static const char *const templates[] = {"{name}", "{stem}", "{folder}", "{path}", "{stem}{{{path}"};
  unsigned seed = 7;
  for (int i = 0; i < 20000; i++) {
    char part[300];
    size_t n = (size_t)rand_r(&seed) % (sizeof part - 1);
    for (size_t k = 0; k < n; k++)
      part[k] = (char)(rand_r(&seed) % 3 ? "/.:g z*-"[rand_r(&seed) % 8] : 1 + rand_r(&seed) % 255);
    part[n] = 0;
    struct naming_rule rule = {.name = templates[i % 5]};
    struct stream_name name;
    int code = name_of(&rule, 1, part, &name, NULL);
    assert_true(code == SLUICE_OK || code == SLUICE_ERR_CONFIG);
    if (code == SLUICE_OK) {
      size_t size = strnlen(name.text, sizeof name.text);
      assert_true(size > 0 && size < STREAM_NAME_SIZE && !strchr(name.text, '/'));
      assert_true(name.folder <= n && (name.folder == 0 || part[name.folder - 1] == '/'));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(placeholders), cmocka_unit_test(stems),       cmocka_unit_test(braces),
      cmocka_unit_test(groups),       cmocka_unit_test(nine_groups), cmocka_unit_test(the_first_rule_decides),
      cmocka_unit_test(folders),      cmocka_unit_test(endings),     cmocka_unit_test(names_that_are_none),
      cmocka_unit_test(any_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
