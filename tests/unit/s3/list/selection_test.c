/* Which objects are read: each limit, their order, and options that are refused. */
#include "../check.h"
#include "list/selection.h"

#define DAY INT64_C(86400000000)
#define NOW (19782 * DAY) /* 2024-02-29 */

static const char *reason(const struct s3_options *options, const struct s3_place *place, const char *name,
                          const struct stream_entry *entry) {
  struct selection selection;
  struct sluice_error err = {.message = ""};
  if (selection_init(options, place, NOW, &selection, &err) != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  struct stream_entry copy = *entry;
  copy.key = copy.key ? copy.key : name;
  const char *found = selection_reason(&selection, name, &copy);
  selection_finish(&selection);
  return found ? found : "read";
}

#define IS(wanted, options, place, name, ...)                                                                          \
  assert_string_equal(wanted, reason(&(options), &(place), name, &(struct stream_entry){__VA_ARGS__}))

static void names(void **state) {
  (void)state;
  static const char *const include[] = {"*.csv", "/top.txt"}, *const exclude[] = {"tmp/**", "_*"};
  struct s3_options options = {.depth = 0};
  struct s3_place place = {.path = "s3://b/", .include = {include, 2}, .exclude = {exclude, 2}};
  IS("read", options, place, "a.csv", .size = 1);
  IS("read", options, place, "x/y/a.csv", .size = 1);
  IS("read", options, place, "top.txt", .size = 1);
  IS("not included", options, place, "x/top.txt", .size = 1);
  IS("excluded", options, place, "tmp/a.csv", .size = 1);
  IS("excluded", options, place, "x/_a.csv", .size = 1);
  IS("not included", options, place, "tmp/a.txt", .size = 1);
  IS("read", options, place, "any", .size = 1, .exact = true);
  struct s3_place regex = {.path = "s3://b/", .include_regex = "^part-[0-9]+", .exclude_regex = "(gz|bz2)$"};
  IS("read", options, regex, "part-01.csv", .size = 1);
  IS("not included", options, regex, "x/part-01.csv", .size = 1);
  IS("excluded", options, regex, "part-01.gz", .size = 1);
}

static void depth(void **state) {
  (void)state;
  struct s3_options options = {.depth = 2};
  struct s3_place place = {.path = "s3://b/"};
  IS("read", options, place, "a", .size = 1);
  IS("read", options, place, "x/a", .size = 1);
  IS("too deep", options, place, "x/y/a", .size = 1);
  IS("read", options, place, "x/y/a", .size = 1, .exact = true);
}

static void sizes(void **state) {
  (void)state;
  struct s3_options options = {.min_size = 2, .max_size = 3};
  struct s3_place place = {.path = "s3://b/"};
  IS("too small", options, place, "a", .size = 1);
  IS("read", options, place, "a", .size = 2);
  IS("read", options, place, "a", .size = 3);
  IS("too large", options, place, "a", .size = 4);
  IS("too large", options, place, "a", .size = 4, .exact = true);
}

static void times(void **state) {
  (void)state;
  struct s3_place place = {.path = "s3://b/"};
  struct s3_options ages = {.min_age = 3600000, .max_age = 2 * 86400000};
  IS("too new", ages, place, "a", .size = 1, .modified = NOW);
  IS("too new", ages, place, "a", .size = 1, .modified = NOW + DAY);
  IS("read", ages, place, "a", .size = 1, .modified = NOW - INT64_C(3600000000));
  IS("read", ages, place, "a", .size = 1, .modified = NOW - 2 * DAY);
  IS("too old", ages, place, "a", .size = 1, .modified = NOW - 2 * DAY - 1);
  IS("too old", ages, place, "a", .size = 1, .modified = INT64_MIN);
  struct s3_options dates = {.modified_after = "2024-02-01", .modified_before = "2024-02-28T12:00:00+01:00"};
  IS("too old", dates, place, "a", .size = 1, .modified = 19754 * DAY);
  IS("read", dates, place, "a", .size = 1, .modified = 19754 * DAY + 1);
  IS("read", dates, place, "a", .size = 1, .modified = 19781 * DAY + 11 * DAY / 24 - 1);
  IS("too new", dates, place, "a", .size = 1, .modified = 19781 * DAY + 11 * DAY / 24);
  struct s3_options huge = {.max_age = INT64_MAX};
  IS("read", huge, place, "a", .size = 1, .modified = 0);
}

static void markers_and_archives(void **state) {
  (void)state;
  struct s3_options options = {.archived = S3_ARCHIVED_SKIP}, read = {.archived = S3_ARCHIVED_READ};
  struct s3_options large = {.min_size = 10};
  struct s3_place place = {.path = "s3://b/"};
  IS("folder marker", options, place, "x/", .size = 0);
  IS("read", options, place, "x/", .size = 1);
  IS("folder marker", options, place, "x_$folder$", .size = 0);
  IS("read", options, place, "$folder$", .size = 0);
  IS("read", options, place, "empty", .size = 0);
  IS("deleted", options, place, "a", .size = 0, .deleted = true);
  IS("archived", options, place, "a", .size = 1, .archived = true);
  IS("read", read, place, "a", .size = 1, .archived = true);
  IS("too small", large, place, "a", .size = 1, .archived = true);
  IS("folder marker", options, place, "", .key = "p/", .size = 0);
}

static void refuses(struct s3_options options, struct s3_place place, const char *where, const char *why) {
  struct selection selection;
  struct sluice_error err = {.message = ""};
  place.path = "s3://bucket/there/";
  assert_int_equal(selection_init(&options, &place, NOW, &selection, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, where);
  if (!strstr(err.message, why))
    fail_msg("%s", err.message);
}

static void refused(void **state) {
  (void)state;
  static const char *const globs[] = {"*", "[a"};
  struct s3_options none = {.depth = 0};
  struct s3_place any = {.path = NULL};
  refuses(none, (struct s3_place){.include = {globs, 2}}, "include[1]", "s3://bucket/there/");
  refuses(none, (struct s3_place){.exclude = {globs, 2}}, "exclude[1]", "no \"]\"");
  refuses(none, (struct s3_place){.include_regex = "(a"}, "include_regex", "(a");
  refuses(none, (struct s3_place){.include = {globs, 1}, .exclude_regex = "a{2,1}"}, "exclude_regex", "a{2,1}");
  refuses((struct s3_options){.modified_after = "yesterday"}, any, "modified_after", "yesterday");
  refuses((struct s3_options){.modified_after = "2024-02-30"}, any, "modified_after", "2024-02-30");
  refuses((struct s3_options){.modified_before = "2024-02-01T00:00:00"}, any, "modified_before", "zone");
  refuses((struct s3_options){.min_size = 2, .max_size = 1}, any, "max_size", "min_size");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names),
                                     cmocka_unit_test(depth),
                                     cmocka_unit_test(sizes),
                                     cmocka_unit_test(times),
                                     cmocka_unit_test(markers_and_archives),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
