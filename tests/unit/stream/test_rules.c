/* Rules that are refused, alone and in a configuration, each with its place. */
#include "core/config/config.h"
#include "core/stream/naming.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---- alone ---- */

static void refused(const char *match, const char *name, const char *where, const char *word) {
  struct naming_rule rules[] = {{.match = "x", .name = "fine"}, {.match = match, .name = name}};
  struct naming *naming = NULL;
  struct sluice_error err = {0};
  size_t bad = 99;
  assert_int_equal(naming_create(rules, 2, &naming, &bad, &err), SLUICE_ERR_CONFIG);
  assert_null(naming);
  assert_int_equal(bad, 1);
  assert_string_equal(err.where, where);
  if (!strstr(err.message, word))
    fail_msg("'%s' is not in: %s", word, err.message);
}

static void templates(void **state) {
  (void)state;
  refused(NULL, "", "name", "needs a name");
  refused(NULL, "{", "name", "{{");
  refused(NULL, "}", "name", "{{");
  refused(NULL, "{stem", "name", "{stem");
  refused(NULL, "{}", "name", "{name}");
  refused(NULL, "{Stem}", "name", "{name}");
  refused(NULL, "{stems}", "name", "{name}");
  refused(NULL, "a}b", "name", "{{");
  refused(NULL, "{{{stem}}", "name", "{{");
  refused(NULL, "{0}", "name", "{name}");
  refused("(a)", "{10}", "name", "{name}");
}

static void groups_that_are_not_there(void **state) {
  (void)state;
  refused(NULL, "{1}", "name", "has 0 groups");
  refused("(a)", "{2}", "name", "has 1 group");
  refused("(a)(b)", "{1}{3}", "name", "has {3}");
}

static void patterns(void **state) {
  (void)state;
  refused("(", "a", "match", "(");
  refused("[a", "a", "match", "[a");
  refused("a{2,1}", "a", "match", "a{2,1}");
}

/* ---- in a configuration ---- */

static int load(const char *members, struct sluice_error *err) {
  char text[2000];
  struct config *config = NULL;
  snprintf(text, sizeof text,
           "ledger = \"l\";\njobs = { one = { source = { type = \"x\"; }; sink = { type = \"y\"; };\n%s }; };",
           members);
  int code = config_load_text("t.conf", text, strlen(text), &config, err);
  if (code == SLUICE_OK)
    config_unload(config);
  return code;
}

static void bad_config(const char *members, const char *place, const char *word) {
  struct sluice_error err = {0};
  assert_int_equal(load(members, &err), SLUICE_ERR_CONFIG);
  if (!strstr(err.message, word) || (!strstr(err.where, place) && !strstr(err.message, place)))
    fail_msg("%s, %s: not in %s: %s", place, word, err.where, err.message);
}

static void good_config(const char *members) {
  struct sluice_error err = {0};
  if (load(members, &err) != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
}

static void configurations(void **state) {
  (void)state;
  good_config("stream = \"{stem}\";");
  good_config("streams = ( { name = \"all\"; } );");
  good_config("streams = ( { match = \"/(x)/\"; name = \"{1}\"; across_folders = true; },\n { name = \"{stem}\"; } );");
  bad_config("stream = \"{steam}\";", "t.conf:3", "{steam}");
  bad_config("stream = \"a\";\nstreams = ( { name = \"b\"; } );", "t.conf:3", "not both");
  bad_config("streams = (\n{ name = \"a\"; },\n{ match = \"x\";\n name = \"{1}\"; } );", "t.conf:6", "has 0 groups");
  bad_config("streams = (\n{ name = \"a\"; },\n{ match = \"(\";\n name = \"b\"; } );", "t.conf:5", "(");
  bad_config("streams = (\n{ match = \"x\"; } );", "t.conf:4", "name");
  bad_config("streams = (\n{ name = \"x\"; folders = 1; } );", "t.conf:4", "folders");
  bad_config("stream = 3;", "t.conf:3", "text");
  bad_config("stream = \"\";", "t.conf:3", "needs a name");
}

static void too_many(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct config *config = NULL;
  size_t room = 64 * 300, used;
  char *text = malloc(room);
  assert_non_null(text);
  snprintf(text, room,
           "ledger = \"l\"; jobs = { one = { source = { type = \"x\"; }; sink = { type = \"y\"; }; streams = ( { name "
           "= \"a\"; }");
  for (int i = 0; i < STREAM_RULES_MAX; i++) {
    used = strlen(text);
    snprintf(text + used, room - used, ", { match = \"%d\"; name = \"b\"; }", i);
  }
  used = strlen(text);
  snprintf(text + used, room - used, " ); }; };");
  assert_int_equal(config_load_text("t.conf", text, strlen(text), &config, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "256"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(templates), cmocka_unit_test(groups_that_are_not_there),
      cmocka_unit_test(patterns),  cmocka_unit_test(configurations),
      cmocka_unit_test(too_many),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
