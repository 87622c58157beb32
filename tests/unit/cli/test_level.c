/* Names at a place: what is shown, and how little is read of large folders. */
#include "core/cli/level.h"
#include "core/cli/listing.h"
#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the two above */
#include <cmocka.h>

/* ---- a source of names ---- */

struct fake {
  const char *const *names;
  size_t count, at, lists, given;
  char generated[64];
  size_t inside; /* so many names "b/big/N" stand in for the name NULL */
};

static int fake_list(void *self, const char *after, struct sluice_error *err) {
  struct fake *fake = self;
  (void)err;
  fake->lists++;
  fake->at = 0;
  fake->given = 0;
  while (after && fake->at < fake->count) {
    const char *name = fake->names[fake->at];
    if (strcmp(name ? name : "b/big/99999999", after) > 0)
      break;
    fake->at++;
  }
  return SLUICE_OK;
}

static int fake_next(void *self, struct sluice_part *out, struct sluice_error *err) {
  struct fake *fake = self;
  (void)err;
  if (fake->at >= fake->count)
    return SLUICE_END;
  const char *name = fake->names[fake->at];
  if (!name) {
    snprintf(fake->generated, sizeof fake->generated, "b/big/%08zu", fake->given++);
    fake->at += fake->given >= fake->inside;
    name = fake->generated;
  } else {
    fake->at++;
  }
  *out = (struct sluice_part){.struct_size = sizeof *out, .name = name, .size = 1, .modified = INT64_MIN};
  return SLUICE_OK;
}

static size_t show(struct fake *fake, const char *place, enum level_depth depth, uint32_t flags, char *out,
                   size_t size) {
  struct registry_component loaded = {
      .source = {.struct_size = sizeof loaded.source, .flags = flags, .list = fake_list, .next_part = fake_next}};
  struct component source = {.loaded = &loaded, .self = fake};
  struct level level = {0};
  struct level_entry entry;
  size_t n = 0;
  out[0] = 0;
  assert_int_equal(level_start(&level, &source, place, depth, NULL), SLUICE_OK);
  for (; level_next(&level, &entry, NULL) == SLUICE_OK; n++)
    snprintf(out + strlen(out), size - strlen(out), "%s%s", n ? " " : "", entry.shown);
  level_finish(&level);
  return n;
}

#define SHOWN(place, depth, wanted, ...)                                                                               \
  do {                                                                                                                 \
    static const char *const names[] = {__VA_ARGS__};                                                                  \
    struct fake fake = {.names = names, .count = sizeof names / sizeof *names};                                        \
    char shown[512];                                                                                                   \
    show(&fake, place, depth, SLUICE_SOURCE_ORDERED, shown, sizeof shown);                                             \
    assert_string_equal(shown, wanted);                                                                                \
  } while (0)

/* ---- tests ---- */

static void names_of_one_level(void **state) {
  (void)state;
  SHOWN("s3://b/p/", LEVEL_ONE, "a sub/ z", "s3://b/p/a", "s3://b/p/sub/x", "s3://b/p/sub/y/z", "s3://b/p/z");
  SHOWN("s3a://b/p/", LEVEL_ONE, " a", "s3://b/p/", "s3://b/p/a");
  SHOWN("s3://b/p", LEVEL_ONE, "p/ p.csv", "s3://b/p/a", "s3://b/p.csv");
  SHOWN("s3://b", LEVEL_ONE, "p/ / x", "s3://b/p/a", "s3://b//q", "s3://b/x");
  SHOWN("s3://b/", LEVEL_ONE, "p/", "s3://b/p/a");
  SHOWN("data", LEVEL_ONE, "a sub/", "data/a", "data/sub/b");
  SHOWN("data/", LEVEL_ONE, "a", "data/a");
  SHOWN("./data/a", LEVEL_ONE, "a", "./data/a");
  SHOWN("file:///tmp/data", LEVEL_ONE, "a sub/", "/tmp/data/a", "/tmp/data/sub/b");
  SHOWN("/", LEVEL_ONE, "etc/", "/etc/passwd");
  SHOWN("s3://b/p/", LEVEL_ONE, "elsewhere/x y", "other://c/elsewhere/x", "s3://b/p/y");
}

static void whole_keys(void **state) {
  (void)state;
  SHOWN("s3://b/p/", LEVEL_ALL, "p/a p/sub/x", "s3://b/p/a", "s3://b/p/sub/x");
  SHOWN("data", LEVEL_ALL, "data/a data/sub/b", "data/a", "data/sub/b");
}

static void large_folder(void **state) {
  (void)state;
  static const char *const names[] = {"b/a/1", NULL, "b/big/\xff", "b/c"};
  struct fake fake = {.names = names, .count = 4, .inside = 1000000};
  char shown[512];
  assert_int_equal(show(&fake, "b/", LEVEL_ONE, SLUICE_SOURCE_ORDERED, shown, sizeof shown), 3);
  assert_string_equal(shown, "a/ big/ c");
  assert_int_equal(fake.lists, 2);
  assert_int_equal(fake.given, 0); /* none of the folder once it was jumped over */
}

/* No jump without order: what is behind the folder might be before it. */
static void without_order(void **state) {
  (void)state;
  static const char *const names[] = {NULL, "b/c"};
  struct fake fake = {.names = names, .count = 2, .inside = 5000};
  char shown[512];
  assert_int_equal(show(&fake, "b/", LEVEL_ONE, 0, shown, sizeof shown), 2);
  assert_string_equal(shown, "big/ c");
  assert_int_equal(fake.lists, 1);
  assert_int_equal(fake.given, 5000);
}

/* Each as `aws s3 ls --human-readable` prints it. */
static void human_sizes(void **state) {
  (void)state;
  static const struct {
    int64_t bytes;
    const char *text;
  } cases[] = {{0, "0 Bytes"},
               {1, "1 Byte"},
               {1023, "1023 Bytes"},
               {1024, "1.0 KiB"},
               {8002, "7.8 KiB"},
               {1048063, "1023.5 KiB"},
               {1048064, "1.0 MiB"},
               {INT64_C(1) << 30, "1.0 GiB"},
               {INT64_C(3) << 49, "1.5 PiB"},
               {INT64_MAX, "8.0 EiB"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[LISTING_SIZE_TEXT];
    listing_human_size(cases[i].bytes, text);
    assert_string_equal(text, cases[i].text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names_of_one_level), cmocka_unit_test(whole_keys),
                                     cmocka_unit_test(large_folder), cmocka_unit_test(without_order),
                                     cmocka_unit_test(human_sizes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
