/* source-file: order, resuming, what is skipped, changes. */
#include "fixture.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct config { /* as in the plugin's source.c; the option table's offsets are checked below */
  const char *path;
  struct sluice_list include, exclude;
  int32_t recursive, follow_symlinks, hidden;
};

static const struct sluice_source *component(void) {
  return (const struct sluice_source *)(const void *)sluice_plugin_v1.components[0];
}

static void *open_source(const struct config *config) {
  void *self = NULL;
  struct sluice_error err = {0};
  assert_int_equal(component()->base->options->target_size, sizeof *config);
  assert_int_equal(component()->base->options->items[5].offset, offsetof(struct config, hidden));
  assert_int_equal(component()->open(&fixture_host, config, &self, &err), SLUICE_OK);
  return self;
}

enum { MAX_NAMES = 4000 };
struct names {
  char *items[MAX_NAMES], *skips[MAX_NAMES];
  int count;
};
static void names_free(struct names *names) {
  for (int i = 0; i < names->count; i++) {
    free(names->items[i]);
    free(names->skips[i]);
  }
  names->count = 0;
}
static int list_into(void *self, const char *after, struct names *names, struct sluice_error *err) {
  struct sluice_part part = {0};
  memset(err, 0, sizeof *err);
  names->count = 0;
  int rc = component()->list(self, after, err);
  while (rc == SLUICE_OK) {
    rc = component()->next_part(self, &part, err);
    if (rc != SLUICE_OK)
      break;
    assert_true(names->count < MAX_NAMES);
    names->items[names->count] = strdup(part.name);
    names->skips[names->count++] = part.skip ? strdup(part.skip) : NULL;
  }
  return rc;
}
static void list_all(const struct config *config, const char *after, struct names *names) {
  void *self = open_source(config);
  struct sluice_error err;
  assert_int_equal(list_into(self, after, names, &err), SLUICE_END);
  component()->close(self);
}
/* Why this name is skipped; "" if it is a part to read; NULL if it is not there. */
static const char *skip_of(const struct names *names, const char *name) {
  for (int i = 0; i < names->count; i++)
    if (strcmp(names->items[i], fixture_path(name)) == 0)
      return names->skips[i] ? names->skips[i] : "";
  return NULL;
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void random_tree(int files, unsigned seed) {
  static const char *const pieces[] = {"a", "a-b", "a.b", "a0", "ab", "b", "-", "0", "a b", "\xc3\xa9"};
  srand(seed);
  for (int i = 0; i < files; i++) {
    char name[256] = "t";
    int depth = 1 + rand() % 4;
    for (int d = 0; d < depth; d++) {
      size_t n = strlen(name);
      /* folders and files have names that differ, so that one does not stand in the other's way */
      snprintf(name + n, sizeof name - n, "/%s%s%s", pieces[rand() % 10], pieces[rand() % 10],
               d == depth - 1 ? "_" : "");
    }
    fixture_write(name, "x", 1);
  }
}

static void test_order(void **state) {
  static struct names names, rest;
  (void)state;
  random_tree(600, 42);
  struct config config = {.path = fixture_path("t"), .recursive = 1};
  list_all(&config, NULL, &names);
  assert_true(names.count > 300);
  for (int i = 1; i < names.count; i++)
    assert_true(strcmp(names.items[i - 1], names.items[i]) < 0);
  for (int i = 0; i < names.count; i += 7) {
    list_all(&config, names.items[i], &rest);
    assert_int_equal(rest.count, names.count - i - 1);
    for (int k = 0; k < rest.count; k++)
      assert_string_equal(rest.items[k], names.items[i + 1 + k]);
    names_free(&rest);
  }
  list_all(&config, fixture_path("t/a"), &rest); /* a name that is not there */
  assert_true(rest.count > 0 && rest.count <= names.count);
  assert_true(strcmp(rest.items[0], fixture_path("t/a")) > 0);
  names_free(&rest);
  list_all(&config, "\x7f", &rest);
  assert_int_equal(rest.count, 0);
  char **sorted = calloc((size_t)names.count, sizeof *sorted);
  assert_non_null(sorted);
  memcpy(sorted, names.items, (size_t)names.count * sizeof *sorted);
  qsort(sorted, (size_t)names.count, sizeof *sorted, by_text);
  assert_memory_equal(sorted, names.items, (size_t)names.count * sizeof *sorted);
  free(sorted);
  names_free(&names);
}

static void test_filters(void **state) {
  static struct names names;
  static const char *const include[] = {"**/*.csv"}, *const exclude[] = {"old/**", "**/tmp.csv"};
  (void)state;
  fixture_write("a.csv", "", 0);
  fixture_write("b.txt", "", 0);
  fixture_write("d/c.csv", "", 0);
  fixture_write("d/tmp.csv", "", 0);
  fixture_write("old/e.csv", "", 0);
  fixture_write(".git/f.csv", "", 0);
  fixture_write(".g.csv", "", 0);
  struct config config = {.path = fixture_path(""), .recursive = 1, .include = {include, 1}, .exclude = {exclude, 2}};
  list_all(&config, NULL, &names);
  assert_string_equal(skip_of(&names, "a.csv"), "");
  assert_string_equal(skip_of(&names, "b.txt"), "excluded");
  assert_string_equal(skip_of(&names, "d/c.csv"), "");
  assert_string_equal(skip_of(&names, "d/tmp.csv"), "excluded");
  assert_string_equal(skip_of(&names, "old/"), "excluded");
  assert_null(skip_of(&names, "old/e.csv"));
  assert_string_equal(skip_of(&names, ".git/"), "hidden folder");
  assert_string_equal(skip_of(&names, ".g.csv"), "hidden file");
  names_free(&names);
  list_all(&config, fixture_path("old/"), &names); /* a skipped folder is not given twice */
  assert_int_equal(names.count, 0);
  names_free(&names);
  config.hidden = 1;
  config.recursive = 0;
  list_all(&config, NULL, &names);
  assert_string_equal(skip_of(&names, ".g.csv"), "");
  assert_string_equal(skip_of(&names, "d/"), "folder");
  names_free(&names);
}

static void test_links(void **state) {
  static struct names names;
  (void)state;
  fixture_write("d/file", "x", 1);
  assert_int_equal(symlink(".", fixture_path("d/loop")), 0);
  assert_int_equal(symlink("file", fixture_path("d/link")), 0);
  assert_int_equal(symlink("nowhere", fixture_path("d/broken")), 0);
  assert_int_equal(symlink("self", fixture_path("d/self")), 0);
  assert_int_equal(mkfifo(fixture_path("d/pipe"), 0666), 0);
  struct config config = {.path = fixture_path("d"), .recursive = 1};
  list_all(&config, NULL, &names);
  assert_int_equal(names.count, 6);
  assert_string_equal(skip_of(&names, "d/link"), "symbolic link");
  assert_string_equal(skip_of(&names, "d/loop"), "symbolic link");
  assert_string_equal(skip_of(&names, "d/pipe"), "not a regular file");
  names_free(&names);
  config.follow_symlinks = 1;
  list_all(&config, NULL, &names);
  assert_int_equal(names.count, 6);
  assert_string_equal(skip_of(&names, "d/link"), "");
  assert_string_equal(skip_of(&names, "d/loop/"), "symbolic link loop");
  assert_string_equal(skip_of(&names, "d/broken"), "broken symbolic link");
  assert_string_equal(skip_of(&names, "d/self"), "symbolic link loop");
  names_free(&names);
}

static void test_bad_names(void **state) {
  static struct names names;
  (void)state;
  fixture_write("d/\xff\xc3", "x", 1);
  fixture_write("d/x\xfe/inside", "x", 1);
  fixture_write("d/\\xff\\xc3", "x", 1); /* what the first is shown as */
  fixture_write("d/z", "x", 1);
  struct config config = {.path = fixture_path("d"), .recursive = 1};
  list_all(&config, NULL, &names);
  assert_int_equal(names.count, 4);
  assert_string_equal(names.items[0] + strlen(fixture_path("d/")), "\\xff\\xc3");
  assert_null(names.skips[0]);
  assert_string_equal(names.skips[1], "name is not UTF-8");
  assert_string_equal(skip_of(&names, "d/x\\xfe/"), "name is not UTF-8");
  assert_string_equal(skip_of(&names, "d/z"), "");
  names_free(&names);
}

static void test_roots(void **state) {
  static struct names names;
  struct sluice_error err;
  (void)state;
  fixture_write("one.csv", "abc", 3);
  struct config config = {.path = fixture_path("one.csv"), .recursive = 1};
  list_all(&config, NULL, &names);
  assert_int_equal(names.count, 1);
  assert_string_equal(names.items[0], config.path);
  names_free(&names);
  config.path = fixture_path("nothing");
  void *self = open_source(&config);
  assert_int_equal(list_into(self, NULL, &names, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "path");
  component()->close(self);
  static const char *const wrong[] = {"a[b"};
  config.include = (struct sluice_list){wrong, 1};
  memset(&err, 0, sizeof err);
  assert_int_equal(component()->open(&fixture_host, &config, &self, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "include");
}

/* As a user who may not read it. */
static void test_closed_folder(void **state) {
  static struct names names;
  struct sluice_error err;
  (void)state;
  fixture_write("d/a", "x", 1);
  fixture_write("d/closed/b", "x", 1);
  assert_int_equal(chmod(fixture_path("d/closed"), 0), 0);
  assert_int_equal(chmod(fixture_path(""), 0755), 0);
  struct config config = {.path = fixture_path("d"), .recursive = 1};
  bool root = geteuid() == 0;
  if (root)
    assert_int_equal(seteuid(65534), 0);
  void *self = open_source(&config);
  assert_int_equal(list_into(self, NULL, &names, &err), SLUICE_ERR_AUTH);
  assert_non_null(strstr(err.message, "closed"));
  struct sluice_part part = {0}; /* asked again it fails again, and does not go on behind it */
  assert_int_equal(component()->next_part(self, &part, &err), SLUICE_ERR_AUTH);
  component()->close(self);
  if (root)
    assert_int_equal(seteuid(0), 0);
  chmod(fixture_path("d/closed"), 0777);
  names_free(&names);
}

static void test_open(void **state) {
  struct sluice_error err = {0};
  struct sluice_part part = {0}, opened = {0};
  struct sluice_input in;
  char buf[16];
  size_t got = 0;
  (void)state;
  fixture_write("d/a", "0123456789", 10);
  struct config config = {.path = fixture_path("d"), .recursive = 1};
  void *self = open_source(&config);
  assert_int_equal(component()->list(self, NULL, &err), SLUICE_OK);
  assert_int_equal(component()->next_part(self, &part, &err), SLUICE_OK);
  assert_int_equal(part.size, 10);
  assert_int_equal(component()->open_part(self, &part, &opened, &in, &err), SLUICE_OK);
  assert_string_equal(opened.version, part.version);
  assert_string_equal(opened.name, part.name);
  assert_int_equal(opened.modified, part.modified);
  assert_int_equal(in.read_at(&in, 7, buf, sizeof buf, &got, &err), SLUICE_OK);
  assert_int_equal(got, 3);
  assert_memory_equal(buf, "789", 3);
  assert_int_equal(in.read_at(&in, 10, buf, sizeof buf, &got, &err), SLUICE_OK);
  assert_int_equal(got, 0);
  assert_int_equal(truncate(part.name, 8), 0); /* cut while it is read */
  assert_int_equal(in.read_at(&in, 7, buf, sizeof buf, &got, &err), SLUICE_ERR_CHANGED);
  in.release(&in);
  memset(&err, 0, sizeof err);
  assert_int_equal(component()->open_part(self, &part, &opened, &in, &err), SLUICE_ERR_CHANGED);
  part.version = NULL;
  assert_int_equal(component()->open_part(self, &part, &opened, &in, &err), SLUICE_OK);
  assert_int_equal(in.size, 8);
  in.release(&in);
  assert_int_equal(unlink(part.name), 0);
  assert_int_equal(component()->open_part(self, &part, &opened, &in, &err), SLUICE_ERR_NOT_FOUND);
  assert_int_equal(mkfifo(part.name, 0666), 0);
  part.version = "1-2-3";
  assert_int_equal(component()->open_part(self, &part, &opened, &in, &err), SLUICE_ERR_CHANGED);
  component()->close(self);
}

static void test_check(void **state) {
  const struct sluice_check *check = component()->base->extension(SLUICE_CHECK);
  struct sluice_error err = {0};
  char found[200];
  (void)state;
  fixture_write("d/a", "x", 1);
  struct config config = {.path = fixture_path("d"), .recursive = 1};
  void *self = open_source(&config);
  assert_int_equal(check->check(self, found, sizeof found, &err), SLUICE_OK);
  assert_non_null(strstr(found, "d/a"));
  component()->close(self);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(test_order), TEST(test_filters),       TEST(test_links), TEST(test_bad_names),
                                     TEST(test_roots), TEST(test_closed_folder), TEST(test_open),  TEST(test_check)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
