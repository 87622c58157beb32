/* A file that is there whole or not at all. */
#include "core/cli/new_file.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
/* cmocka needs setjmp and stdarg */
#include <cmocka.h>

struct folder {
  char path[64], file[80];
};

static int setup(void **state) {
  static struct folder folder;
  snprintf(folder.path, sizeof folder.path, "/tmp/sluice-new-file-XXXXXX");
  assert_non_null(mkdtemp(folder.path));
  snprintf(folder.file, sizeof folder.file, "%s/out", folder.path);
  *state = &folder;
  return 0;
}

static int teardown(void **state) {
  struct folder *folder = *state;
  unlink(folder->file);
  return rmdir(folder->path); /* fails where anything is left */
}

static size_t count_files(const char *path) {
  size_t n = 0;
  DIR *dir = opendir(path);
  assert_non_null(dir);
  for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
    n += entry->d_name[0] != '.';
  closedir(dir);
  return n;
}

static void make(const char *path, const char *content) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(content, file);
  fclose(file);
}

static void content_is(const char *path, const char *wanted) {
  char text[64] = "";
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  (void)!fread(text, 1, sizeof text - 1, file);
  fclose(file);
  assert_string_equal(text, wanted);
}

static void create(struct new_file *file, const char *path, enum new_file_mode mode) {
  *file = (struct new_file){0};
  assert_int_equal(new_file_create(file, path, mode, NULL), SLUICE_OK);
  assert_int_equal(write(file->fd, "new", 3), 3);
}

static void published(void **state) {
  struct folder *folder = *state;
  struct new_file file;
  create(&file, folder->file, NEW_FILE_MUST_NOT_EXIST);
  assert_int_not_equal(access(folder->file, F_OK), 0);
  assert_int_equal(count_files(folder->path), 1);
  assert_int_equal(new_file_publish(&file, NULL), SLUICE_OK);
  new_file_finish(&file);
  content_is(folder->file, "new");
  assert_int_equal(count_files(folder->path), 1);
}

static void given_up(void **state) {
  struct folder *folder = *state;
  struct new_file file;
  create(&file, folder->file, NEW_FILE_MUST_NOT_EXIST);
  new_file_finish(&file);
  assert_int_equal(count_files(folder->path), 0);
}

/* Another program makes the file while this one writes. */
static void taken_meanwhile(void **state) {
  struct folder *folder = *state;
  struct new_file file;
  struct sluice_error err = {0};
  create(&file, folder->file, NEW_FILE_MUST_NOT_EXIST);
  make(folder->file, "theirs");
  assert_int_equal(new_file_publish(&file, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "is there already"));
  new_file_finish(&file);
  content_is(folder->file, "theirs");
  assert_int_equal(count_files(folder->path), 1);
}

static void replaced(void **state) {
  struct folder *folder = *state;
  struct new_file file = {0};
  make(folder->file, "old");
  assert_int_equal(new_file_create(&file, folder->file, NEW_FILE_MUST_NOT_EXIST, NULL), SLUICE_ERR_CONFIG);
  create(&file, folder->file, NEW_FILE_MAY_REPLACE);
  content_is(folder->file, "old");
  assert_int_equal(new_file_publish(&file, NULL), SLUICE_OK);
  new_file_finish(&file);
  content_is(folder->file, "new");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(published, setup, teardown),
                                     cmocka_unit_test_setup_teardown(given_up, setup, teardown),
                                     cmocka_unit_test_setup_teardown(taken_meanwhile, setup, teardown),
                                     cmocka_unit_test_setup_teardown(replaced, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
