/* Option tables: every kind, its mistakes, hostile tables, help and schema, secrets that rotate. */
#include "core/config/config.h"
#include "core/load/options.h"
#include "core/load/secrets.h"
#include "core/log/log.h"
#include "host.h"
#include <unistd.h>

struct inner {
  const char *key;
  int32_t on;
};
struct all {
  const char *text, *masked;
  int64_t whole, bytes, wait, pace;
  double ratio;
  int32_t yes, pick;
  struct sluice_secret token;
  struct sluice_list names, known;
  struct sluice_map headers;
  const struct inner *inner;
  struct sluice_groups rules;
};
static const char *const picks[] = {"none", "gzip", "zstd", NULL};
static const struct sluice_option inner_items[] = {
    SLUICE_OPTION(struct inner, key, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED, .help = "The key."),
    SLUICE_OPTION(struct inner, on, SLUICE_OPTION_BOOL, .default_text = "true", .help = "On or off."),
};
static const struct sluice_options inner_table = SLUICE_OPTIONS(struct inner, inner_items);
#define ALL(field, kind, ...) SLUICE_OPTION(struct all, field, SLUICE_OPTION_##kind, __VA_ARGS__)
static const struct sluice_option items[] = {
    ALL(text, TEXT, .flags = SLUICE_OPTION_REQUIRED, .help = "A text."),
    ALL(masked, TEXT, .flags = SLUICE_OPTION_SENSITIVE, .help = "A text to hide."),
    ALL(whole, INT, .default_text = "3", .min = 1, .max = 10, .help = "A number."),
    ALL(bytes, SIZE, .default_text = "8MiB", .min = 1, .max = INT64_MAX, .help = "A size."),
    ALL(wait, DURATION, .default_text = "10s", .help = "A time."),
    ALL(ratio, DOUBLE, .default_text = "0.5", .help = "A fraction."),
    ALL(yes, BOOL, .default_text = "true", .help = "A switch."),
    ALL(pick, CHOICE, .default_text = "gzip", .choices = picks, .help = "A choice."),
    ALL(token, SECRET, .help = "A secret."),
    ALL(names, LIST, .help = "A list."),
    ALL(known, LIST, .default_text = "[\"x\", \"y\"]", .help = "A list with a default."),
    ALL(headers, MAP, .help = "A map."),
    ALL(inner, GROUP, .group = &inner_table, .help = "A group."),
    ALL(rules, GROUPS, .group = &inner_table, .help = "Groups."),
    ALL(pace, DURATION, .flags = SLUICE_OPTION_TUNING, .default_text = "1s", .help = "How, not what."),
};
static const struct sluice_options table = SLUICE_OPTIONS(struct all, items);
static const char *const also_known[] = {"type", NULL};

static struct config *config; /* of the group that was bound last */

static int bind(const struct sluice_options *t, const char *group, struct options_bound **out,
                struct sluice_error *err) {
  char text[2048];
  snprintf(text, sizeof text, "jobs = { j = { source = { type = \"x\"; %s }; }; };", group);
  config_unload(config);
  config = NULL;
  int status = config_load_text("t.conf", text, strlen(text), &config, err);
  if (status != SLUICE_OK)
    return status;
  return options_bind(t, config_job_at(config, 0)->source, also_known, out, err);
}

static int unload(void **state) {
  (void)state;
  config_unload(config);
  config = NULL;
  return 0;
}

static void every_kind_is_bound(void **state) {
  (void)state;
  struct options_bound *bound = NULL;
  struct sluice_error err = {0};
  setenv("SLUICE_TEST_RATE", "7", 1);
  int status =
      bind(&table,
           "text = \"a\"; whole = \"${SLUICE_TEST_RATE}\"; bytes = \"10kB\"; wait = \"2h\"; ratio = 1; yes = false;"
           "pick = \"zstd\"; names = [\"p\", \"q\"]; headers = { X-One = \"1\"; X-Two = 2; };"
           "inner = { key = \"k\"; }; rules = ( { key = \"r0\"; }, { key = \"r1\"; on = false; } );",
           &bound, &err);
  if (status != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  const struct all *all = options_config(bound);
  assert_string_equal(all->text, "a");
  assert_null(all->masked);
  assert_true(all->whole == 7 && all->bytes == 10000 && all->wait == 7200000);
  assert_true(all->ratio > 0.99 && all->ratio < 1.01);
  assert_true(all->yes == 0 && all->pick == 2);
  assert_int_equal(all->token.handle, 0);
  assert_true(all->names.count == 2 && all->known.count == 2);
  assert_string_equal(all->names.items[1], "q");
  assert_string_equal(all->known.items[0], "x");
  assert_int_equal(all->headers.count, 2);
  assert_string_equal(all->headers.items[1].name, "X-Two");
  assert_string_equal(all->headers.items[1].value, "2");
  assert_true(all->inner->on == 1 && all->rules.count == 2 && all->rules.stride == sizeof(struct inner));
  const struct inner *second = (const void *)((const char *)all->rules.items + all->rules.stride);
  assert_string_equal(second->key, "r1");
  assert_int_equal(second->on, 0);
  options_release(bound);
}

static void mistakes_name_their_place(void **state) {
  (void)state;
  static const char *const mistakes[][3] = {
      {"", "source.text (t.conf:1)", "required"},
      {"text = 5;", "source.text (t.conf:1)", "must be a text, written as \"text\", not a whole number"},
      {"text = \"a\"; txet = 1;", "source.txet (t.conf:1)", "unknown option 'txet': did you mean 'text'?"},
      {"text = \"a\"; whole = 11;", "source.whole (t.conf:1)", "from 1 to 10, not 11"},
      {"text = \"a\"; whole = \"x\";", "source.whole (t.conf:1)", "must be a whole number"},
      {"text = \"a\"; whole = 1.5;", "source.whole (t.conf:1)", "not a broken number"},
      {"text = \"a\"; bytes = \"8 parsec\";", "source.bytes (t.conf:1)", "'8 parsec' is no size"},
      {"text = \"a\"; wait = \"5\";", "source.wait (t.conf:1)", "is no duration"},
      {"text = \"a\"; yes = 1;", "source.yes (t.conf:1)", "must be a bool"},
      {"text = \"a\"; pick = \"gzpi\";", "source.pick (t.conf:1)", "did you mean 'gzip'?"},
      {"text = \"a\"; pick = \"snappy\";", "source.pick (t.conf:1)", "'none', 'gzip', 'zstd'"},
      {"text = \"a\"; names = \"p\";", "source.names (t.conf:1)", "must be a list"},
      {"text = \"a\"; names = ( { } );", "source.names[0] (t.conf:1)", "must be a list"},
      {"text = \"a\"; headers = [ \"p\" ];", "source.headers (t.conf:1)", "must be a map"},
      {"text = \"a\"; inner = { on = true; };", "source.inner.key (t.conf:1)", "required"},
      {"text = \"a\"; inner = { key = \"k\"; kye = 1; };", "source.inner.kye (t.conf:1)", "did you mean 'key'?"},
      {"text = \"a\"; rules = ( { key = 1; } );", "source.rules[0].key (t.conf:1)", "must be a text"},
      {"text = \"a\"; token = \"${NOT_SET_ANYWHERE}\";", "source.token (t.conf:1)", "NOT_SET_ANYWHERE is not set"},
  };
  for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
    struct options_bound *bound = NULL;
    struct sluice_error err = {0};
    assert_int_equal(bind(&table, mistakes[i][0], &bound, &err), SLUICE_ERR_CONFIG);
    assert_null(bound);
    assert_contains(err.where, mistakes[i][1]);
    assert_contains(err.message, mistakes[i][2]);
  }
}

static void secrets_rotate_and_are_masked(void **state) {
  (void)state;
  struct options_bound *bound = NULL;
  struct sluice_error err = {0};
  char buf[32], text[64] = "token is first-value";
  setenv("SLUICE_TEST_TOKEN", "first-value", 1);
  assert_int_equal(
      bind(&table, "text = \"a\"; masked = \"keep-quiet\"; token = \"${SLUICE_TEST_TOKEN}\";", &bound, &err),
      SLUICE_OK);
  log_redact(text);
  assert_string_equal(text, "token is ***"); /* known before the first read */
  snprintf(text, sizeof text, "<keep-quiet>");
  log_redact(text);
  assert_string_equal(text, "<***>");
  struct sluice_secret token = ((const struct all *)options_config(bound))->token;
  assert_int_equal(secrets_read(token, buf, sizeof buf, &err), SLUICE_OK);
  assert_string_equal(buf, "first-value");
  setenv("SLUICE_TEST_TOKEN", "second-value", 1);
  assert_int_equal(secrets_read(token, buf, sizeof buf, &err), SLUICE_OK);
  assert_string_equal(buf, "second-value");
  assert_int_equal(secrets_read(token, buf, 12, &err), SLUICE_ERR_CONFIG);
  assert_contains(err.message, "longer than the 11 bytes");
  assert_null(strstr(err.message, "second"));
  options_release(bound);
  err = (struct sluice_error){0};
  assert_int_equal(secrets_read(token, buf, sizeof buf, &err), SLUICE_ERR_CONFIG);
  setenv("SLUICE_TEST_TOKEN", "", 1);
  assert_int_equal(bind(&table, "text = \"a\"; token = \"${SLUICE_TEST_TOKEN}\";", &bound, &err), SLUICE_OK);
  assert_int_equal(((const struct all *)options_config(bound))->token.handle, 0); /* empty is absent */
  options_release(bound);
}

static void hash_keeps_secret_values_out(void **state) {
  (void)state;
  struct options_bound *bound = NULL;
  struct sluice_error err = {0};
  char a[65], b[65];
  static const char group[] = "text = \"a\"; token = \"${SLUICE_TEST_TOKEN}\";";
  setenv("SLUICE_TEST_TOKEN", "one-value", 1);
  assert_int_equal(bind(&table, group, &bound, &err), SLUICE_OK);
  assert_int_equal(config_hash(config_job_at(config, 0)->source, a), SLUICE_OK);
  options_release(bound);
  setenv("SLUICE_TEST_TOKEN", "two-value", 1);
  assert_int_equal(bind(&table, group, &bound, &err), SLUICE_OK);
  assert_int_equal(config_hash(config_job_at(config, 0)->source, b), SLUICE_OK);
  options_release(bound);
  assert_string_equal(a, b);
}

static void hash(const char *group, char out[65]) {
  struct options_bound *bound = NULL;
  struct sluice_error err = {0};
  assert_int_equal(bind(&table, group, &bound, &err), SLUICE_OK);
  assert_int_equal(options_hash(&table, config_job_at(config, 0)->source, out, &err), SLUICE_OK);
  options_release(bound);
}

static void hash_is_of_what_is_decided(void **state) {
  (void)state;
  static const char *const same[] = {
      "pick = \"gzip\"; text = \"a\"; yes = true; ratio = 0.5; whole = 3; bytes = 8388608; wait = \"10000ms\";",
      "text = \"a\"; pace = \"2s\"; token = \"one\"; known = [\"x\", \"y\"]; bytes = \"8 MiB\";",
  };
  static const char *const other[] = {
      "text = \"b\";",
      "text = \"a\"; whole = 4;",
      "text = \"a\"; pick = \"none\";",
      "text = \"a\"; masked = \"m\";",
      "text = \"a\"; headers = { X = \"1\"; };",
      "text = \"a\"; names = [\"x\"];",
      "text = \"a\"; inner = { key = \"k\"; };",
      "text = \"a\"; rules = ( { key = \"k\"; } );",
      "text = \"a\"; rules = ( { key = \"k\"; on = false; } );",
  };
  enum { OTHERS = sizeof other / sizeof other[0] };
  char a[65], hashes[OTHERS][65];
  hash("text = \"a\";", a);
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
    hash(same[i], hashes[0]);
    assert_string_equal(a, hashes[0]);
  }
  for (size_t i = 0; i < OTHERS; i++) {
    hash(other[i], hashes[i]);
    assert_string_not_equal(a, hashes[i]);
    for (size_t k = 0; k < i; k++)
      assert_string_not_equal(hashes[k], hashes[i]);
  }
}

/* Another value makes other bodies, so they must not have the keys of the former; one that is masked may be a token. */
static void hash_has_values_of_variables(void **state) {
  (void)state;
  static const char plain[] = "text = \"${SLUICE_TEST_VALUE}\";";
  static const char masked[] = "text = \"a\"; masked = \"${SLUICE_TEST_VALUE}\";";
  char one[3][65], two[3][65];
  for (int i = 0; i < 2; i++) {
    char(*out)[65] = i ? two : one;
    setenv("SLUICE_TEST_VALUE", i ? "two" : "one", 1);
    hash(masked, out[0]);
    hash(plain, out[1]);
    assert_int_equal(config_value_hash_meant(config_job_at(config, 0)->source, out[2]), SLUICE_OK);
  }
  assert_string_equal(one[0], two[0]);
  assert_string_not_equal(one[1], two[1]);
  assert_string_not_equal(one[2], two[2]);
  hash("text = \"two\";", one[0]);
  assert_string_equal(one[0], two[1]);
  assert_int_equal(config_value_hash_meant(config_job_at(config, 0)->source, one[2]), SLUICE_OK);
  assert_string_equal(one[2], two[2]);
  assert_int_equal(config_hash(config_job_at(config, 0)->source, one[1]), SLUICE_OK);
  assert_string_equal(one[1], one[2]); /* without variables both are one */
  assert_int_equal(config_value_hash_meant(NULL, one[0]), SLUICE_OK);
}

/* An option that says which file to read is what stands in it. */
static void hash_has_content_of_files(void **state) {
  (void)state;
  struct with_file {
    const char *rules_file, *rules;
  };
  static const struct sluice_option file_items[] = {
      SLUICE_OPTION(struct with_file, rules_file, SLUICE_OPTION_TEXT, .help = "A file."),
      SLUICE_OPTION(struct with_file, rules, SLUICE_OPTION_TEXT, .help = "No file."),
  };
  static const struct sluice_options file_table = SLUICE_OPTIONS(struct with_file, file_items);
  static const char *const contents[] = {"one", "two", NULL};
  char path[] = "/tmp/sluice-options-XXXXXX", group[2][128], hashes[2][3][65];
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  snprintf(group[0], sizeof group[0], "rules_file = \"%s\";", path);
  snprintf(group[1], sizeof group[1], "rules = \"%s\";", path);
  for (size_t i = 0; i < 3; i++) {
    if (contents[i])
      assert_int_equal(pwrite(fd, contents[i], strlen(contents[i]), 0), strlen(contents[i]));
    else
      unlink(path);
    for (size_t k = 0; k < 2; k++) {
      struct options_bound *bound = NULL;
      assert_int_equal(bind(&file_table, group[k], &bound, NULL), SLUICE_OK);
      assert_int_equal(options_hash(&file_table, config_job_at(config, 0)->source, hashes[k][i], NULL), SLUICE_OK);
      options_release(bound);
    }
  }
  close(fd);
  assert_string_not_equal(hashes[0][0], hashes[0][1]);
  assert_string_not_equal(hashes[0][1], hashes[0][2]);
  assert_string_equal(hashes[1][0], hashes[1][1]);
  assert_string_equal(hashes[1][1], hashes[1][2]);
}

static void a_table_may_be_absent(void **state) {
  (void)state;
  struct options_bound *bound = NULL;
  struct sluice_error err = {0};
  assert_int_equal(bind(NULL, "", &bound, &err), SLUICE_OK);
  assert_null(options_config(bound));
  options_release(bound);
  assert_int_equal(bind(NULL, "a = 1;", &bound, &err), SLUICE_ERR_CONFIG);
  assert_contains(err.message, "unknown option 'a'");
}

static void refuses(struct sluice_options broken, const char *message) {
  struct sluice_error err = {0};
  assert_int_equal(options_check(&broken, &err), SLUICE_ERR_BUG);
  assert_contains(err.message, message);
}

static void refuses_item(struct sluice_option item, const char *message) {
  struct sluice_options broken = {sizeof broken, 1, sizeof item, sizeof(struct all), &item};
  refuses(broken, message);
}

static void hostile_tables_are_refused(void **state) {
  (void)state;
  static const char *const no_choices[] = {NULL};
  refuses((struct sluice_options){8, 1, sizeof items[0], 8, items}, "too small");
  refuses((struct sluice_options){sizeof table, UINT32_MAX, sizeof items[0], 8, items}, "more than 1000");
  refuses((struct sluice_options){sizeof table, 1, 8, 8, items}, "size of its items");
  refuses((struct sluice_options){sizeof table, 1, SIZE_MAX, 8, items}, "size of its items");
  refuses((struct sluice_options){sizeof table, 1, sizeof items[0], SIZE_MAX, items}, "larger than 1 MiB");
  refuses((struct sluice_options){sizeof table, 1, sizeof items[0], 8, NULL}, "no items");
  refuses((struct sluice_options){sizeof table, 2, sizeof items[0], 4, items}, "outside");
  refuses_item((struct sluice_option){.name = NULL, .kind = 1}, "no proper name");
  refuses_item((struct sluice_option){.name = "", .kind = 1}, "no proper name");
  refuses_item((struct sluice_option){.name = "a b", .kind = 1}, "no proper name");
  refuses_item((struct sluice_option){.name = "a", .kind = 0}, "kind is not known");
  refuses_item((struct sluice_option){.name = "a", .kind = 99}, "kind is not known");
  refuses_item((struct sluice_option){.name = "a", .kind = 1, .offset = SIZE_MAX}, "outside");
  refuses_item((struct sluice_option){.name = "a", .kind = 1, .offset = sizeof(struct all) - 7}, "outside");
  refuses_item((struct sluice_option){.name = "a", .kind = 1, .offset = 1}, "not aligned");
  refuses_item((struct sluice_option){.name = "a", .kind = SLUICE_OPTION_INT, .min = 2, .max = 1}, "least value");
  refuses_item((struct sluice_option){.name = "a", .kind = SLUICE_OPTION_CHOICE}, "a choice needs");
  refuses_item((struct sluice_option){.name = "a", .kind = SLUICE_OPTION_CHOICE, .choices = no_choices},
               "a choice needs");
  refuses_item((struct sluice_option){.name = "a", .kind = SLUICE_OPTION_GROUP}, "a group needs a table");
  struct sluice_option twice[2] = {items[0], items[0]};
  refuses((struct sluice_options){sizeof table, 2, sizeof items[0], sizeof(struct all), twice}, "there twice");
  struct sluice_option circle = {.name = "a", .kind = SLUICE_OPTION_GROUP};
  struct sluice_options round = {sizeof round, 1, sizeof circle, 8, &circle};
  circle.group = &round;
  refuses(round, "nested deeper");
}

static void broken_defaults_are_the_plugins_bug(void **state) {
  (void)state;
  static const struct sluice_option wrong[] = {ALL(whole, INT, .default_text = "three")};
  static const struct sluice_options broken = SLUICE_OPTIONS(struct all, wrong);
  struct options_bound *bound = NULL;
  struct sluice_error err = {0};
  assert_int_equal(bind(&broken, "", &bound, &err), SLUICE_ERR_BUG);
  assert_contains(err.message, "default \"three\"");
}

/* A plugin of a later contract: its items are longer, which a table's stride says. */
struct longer {
  struct sluice_option item;
  uint64_t later[3];
};

static void items_may_be_longer(void **state) {
  (void)state;
  struct longer later[] = {{items[0], {1, 2, 3}}, {items[2], {4, 5, 6}}};
  struct sluice_options grown = {sizeof grown, 2, sizeof later[0], sizeof(struct all), &later[0].item};
  struct options_bound *bound = NULL;
  struct sluice_error err = {0};
  assert_int_equal(bind(&grown, "text = \"a\"; whole = 4;", &bound, &err), SLUICE_OK);
  assert_int_equal(((const struct all *)options_config(bound))->whole, 4);
  options_release(bound);
}

static void help_and_schema_show_everything(void **state) {
  (void)state;
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  options_help(&table, out);
  fclose(out);
  assert_contains(text, "  text  (text, required)\n      A text.\n");
  assert_contains(text, "  whole  (whole number, default 3, 1 to 10)\n");
  assert_contains(text, "  bytes  (size, default 8MiB, at least 1 bytes)\n");
  assert_contains(text, "  pick  (choice: none | gzip | zstd, default gzip)\n");
  assert_contains(text, "      key  (text, required)\n          The key.\n");
  free(text);
  json_t *schema = NULL;
  struct sluice_error err = {0};
  assert_int_equal(options_json_schema(&table, &schema, &err), SLUICE_OK);
  json_t *properties = json_object_get(schema, "properties");
  assert_int_equal(json_object_size(properties), sizeof items / sizeof items[0]);
  assert_int_equal(json_integer_value(json_object_get(json_object_get(properties, "whole"), "maximum")), 10);
  assert_int_equal(json_array_size(json_object_get(json_object_get(properties, "pick"), "enum")), 3);
  assert_string_equal(json_string_value(json_array_get(json_object_get(schema, "required"), 0)), "text");
  json_decref(schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_is_bound),           cmocka_unit_test(mistakes_name_their_place),
      cmocka_unit_test(secrets_rotate_and_are_masked), cmocka_unit_test(hash_keeps_secret_values_out),
      cmocka_unit_test(hash_is_of_what_is_decided),    cmocka_unit_test(hash_has_values_of_variables),
      cmocka_unit_test(hash_has_content_of_files),     cmocka_unit_test(a_table_may_be_absent),
      cmocka_unit_test(hostile_tables_are_refused),    cmocka_unit_test(broken_defaults_are_the_plugins_bug),
      cmocka_unit_test(items_may_be_longer),           cmocka_unit_test(help_and_schema_show_everything),
  };
  return cmocka_run_group_tests(tests, NULL, unload);
}
