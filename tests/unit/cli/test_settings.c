/* Options of plugins from the command line, bound as a configuration's are. */
#include "core/cli/copy.h"
#include "core/cli/settings.h"
#include "core/load/options.h"
#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the two above */
#include <cmocka.h>

struct part {
  const char *name;
};
static const struct sluice_option part_items[] = {SLUICE_OPTION(struct part, name, SLUICE_OPTION_TEXT, .help = "")};
static const struct sluice_options part_table = SLUICE_OPTIONS(struct part, part_items);

struct config {
  const char *text;
  int64_t number, size;
  double ratio;
  int32_t yes, choice;
  struct sluice_list list;
  struct sluice_map map;
  const struct part *group;
};
static const char *const known[] = {"red", "green", NULL};
#define ITEM(field, kind, ...) SLUICE_OPTION(struct config, field, kind, __VA_ARGS__)
static const struct sluice_option items[] = {
    ITEM(text, SLUICE_OPTION_TEXT, .help = ""),
    ITEM(number, SLUICE_OPTION_INT, .help = ""),
    ITEM(size, SLUICE_OPTION_SIZE, .help = ""),
    ITEM(ratio, SLUICE_OPTION_DOUBLE, .help = ""),
    ITEM(yes, SLUICE_OPTION_BOOL, .help = ""),
    ITEM(choice, SLUICE_OPTION_CHOICE, .choices = known),
    ITEM(list, SLUICE_OPTION_LIST, .help = ""),
    ITEM(map, SLUICE_OPTION_MAP, .help = ""),
    ITEM(group, SLUICE_OPTION_GROUP, .group = &part_table),
};
static const struct sluice_options table = SLUICE_OPTIONS(struct config, items);

static void all_kinds(void **state) {
  (void)state;
  static const char *const settings[] = {"text=${HOME}=$x", "number=-12", "size=8MiB", "ratio=0.5", "yes=true",
                                         "choice=green",    "list=a,b",   "list=",     "map=n=v=w", "map=m="};
  struct sluice_error err = {0};
  struct options_bound *bound = NULL;
  struct config_value *group = config_value_create(CONFIG_GROUP, NULL, "", 0);
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    assert_int_equal(settings_add(group, &table, settings[i], &err), SLUICE_OK);
  assert_int_equal(options_bind(&table, group, NULL, &bound, &err), SLUICE_OK);
  const struct config *c = options_config(bound);
  assert_string_equal(c->text, "${HOME}=$x"); /* a command line is taken literally */
  assert_int_equal(c->number, -12);
  assert_int_equal(c->size, 8 << 20);
  assert_true(c->ratio > 0.49 && c->ratio < 0.51);
  assert_int_equal(c->yes, 1);
  assert_int_equal(c->choice, 1);
  assert_int_equal(c->list.count, 2);
  assert_string_equal(c->list.items[0], "a,b");
  assert_string_equal(c->list.items[1], "");
  assert_int_equal(c->map.count, 2);
  assert_string_equal(c->map.items[0].name, "n");
  assert_string_equal(c->map.items[0].value, "v=w");
  options_release(bound);
  config_value_destroy(group);
}

static void refuse(const char *first, const char *setting, const char *message) {
  struct sluice_error err = {0};
  struct config_value *group = config_value_create(CONFIG_GROUP, NULL, "", 0);
  if (first)
    assert_int_equal(settings_add(group, &table, first, &err), SLUICE_OK);
  assert_int_equal(settings_add(group, &table, setting, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.message, message);
  config_value_destroy(group);
}

static void mistakes(void **state) {
  (void)state;
  refuse(NULL, "text", "'text' is no option of a plugin: write key=value");
  refuse(NULL, "=x", "'=x' is no option of a plugin: write key=value");
  refuse(NULL, "yes=1", "'yes' must be true or false, not '1'");
  refuse(NULL, "ratio=half", "'ratio' must be a number, not 'half'");
  refuse("text=a", "text=b", "'text' is given twice");
  refuse("map=a=1", "map=a=2", "'a' is given twice in 'map'");
  refuse(NULL, "map=a", "'map' takes name=value: -o map=NAME=VALUE");
  refuse(NULL, "group=a", "'group' is a group, which only a configuration file can give");
}

static void unknown_keys_reach_the_binding(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct options_bound *bound = NULL;
  struct config_value *group = config_value_create(CONFIG_GROUP, NULL, "", 0);
  assert_int_equal(settings_add(group, &table, "numbr=5", &err), SLUICE_OK);
  assert_int_equal(options_bind(&table, group, NULL, &bound, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "number"));
  config_value_destroy(group);
}

static void columns(void **state) {
  (void)state;
  struct names names = {0};
  struct sluice_error err = {0};
  assert_int_equal(copy_split_columns("a", &names, &err), SLUICE_OK);
  assert_int_equal(copy_split_columns("b,c d", &names, &err), SLUICE_OK);
  assert_int_equal(names.count, 3);
  assert_string_equal(names.items[2], "c d");
  assert_int_equal(copy_split_columns("b,", &names, &err), SLUICE_ERR_CONFIG);
  assert_int_equal(copy_split_columns("", &names, &err), SLUICE_ERR_CONFIG);
  assert_int_equal(copy_split_columns(",b", &names, &err), SLUICE_ERR_CONFIG);
  names_finish(&names);
}

static void tallies(void **state) {
  (void)state;
  struct tally tally = {0};
  struct text text = {0};
  char reason[32];
  tally_add(&tally, "hidden file");
  tally_add(&tally, "excluded");
  tally_add(&tally, "hidden file");
  assert_int_equal(tally_text(&tally, &text), SLUICE_OK);
  assert_string_equal(text_get(&text), "3 skipped (hidden file 2, excluded 1)");
  text_finish(&text);
  for (int i = 0; i < 100; i++) { /* a source with endless reasons */
    snprintf(reason, sizeof reason, "reason %d", i);
    tally_add(&tally, reason);
  }
  int64_t sum = 0;
  for (size_t i = 0; i < tally.count; i++)
    sum += tally.items[i].count;
  assert_int_equal(sum, 103);
  assert_int_equal(tally.total, 103);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(all_kinds), cmocka_unit_test(mistakes),
                                     cmocka_unit_test(unknown_keys_reach_the_binding), cmocka_unit_test(columns),
                                     cmocka_unit_test(tallies)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
