/* Lines over a descriptor: cut anywhere, too long, and to somebody who does not read. */
#include "core/serve/lines.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void open_pair(int fds[2]) {
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
}

static void test_cut_anywhere(void **state) {
  (void)state;
  static const char text[] = "one\ntwo\n\nthree\n";
  static const char *const wanted[] = {"one", "two", "", "three"};
  for (size_t step = 1; step < sizeof text; step++) {
    struct lines lines = {.taken = 0};
    size_t n = 0;
    int fds[2];
    open_pair(fds);
    for (size_t i = 0; i < sizeof text - 1; i += step) {
      size_t size = sizeof text - 1 - i < step ? sizeof text - 1 - i : step;
      assert_int_equal(write(fds[0], text + i, size), size);
      assert_int_equal(lines_read(&lines, fds[1]), SLUICE_OK);
      for (char *line = lines_next(&lines); line; line = lines_next(&lines))
        assert_string_equal(line, wanted[n++]);
    }
    assert_int_equal(n, 4);
    assert_int_equal(lines_read(&lines, fds[1]), SLUICE_OK); /* nothing there is no end */
    close(fds[0]);
    assert_int_equal(lines_read(&lines, fds[1]), SLUICE_END);
    close(fds[1]);
    lines_finish(&lines);
  }
}

static void test_a_line_without_an_end(void **state) {
  (void)state;
  struct lines lines = {.taken = 0};
  char block[4096];
  int fds[2], code = SLUICE_OK;
  open_pair(fds);
  memset(block, 'x', sizeof block);
  for (int i = 0; i < 2 * LINES_IN_MAX / 4096 && !code; i++) {
    assert_int_equal(write(fds[0], block, sizeof block), sizeof block);
    code = lines_read(&lines, fds[1]);
    assert_null(lines_next(&lines));
  }
  assert_int_equal(code, SLUICE_ERR_DATA);
  assert_true(lines.in.size <= LINES_IN_MAX);
  close(fds[0]);
  close(fds[1]);
  lines_finish(&lines);
}

static void test_a_reader_that_is_slow(void **state) {
  (void)state;
  struct lines out = {.taken = 0}, in = {.taken = 0};
  int fds[2], sent = 0, seen = 0;
  open_pair(fds);
  for (; sent < 20000; sent++)
    assert_int_equal(lines_put(&out, json_pack("{s:i}", "n", sent)), SLUICE_OK);
  assert_int_equal(lines_flush(&out, fds[0]), SLUICE_OK);
  assert_true(lines_waiting(&out));
  while (seen < sent) {
    assert_int_equal(lines_flush(&out, fds[0]), SLUICE_OK);
    assert_int_equal(lines_read(&in, fds[1]), SLUICE_OK);
    for (char *line = lines_next(&in); line; line = lines_next(&in)) {
      json_t *object = lines_parse(line);
      assert_int_equal(json_integer_value(json_object_get(object, "n")), seen++);
      json_decref(object);
    }
  }
  assert_false(lines_waiting(&out));
  close(fds[1]);
  lines_put(&out, json_object());
  assert_int_equal(lines_flush(&out, fds[0]), SLUICE_END);
  close(fds[0]);
  lines_finish(&out);
  lines_finish(&in);
}

static void test_no_document(void **state) {
  (void)state;
  struct lines lines = {.taken = 0};
  assert_int_equal(lines_put(&lines, NULL), SLUICE_ERR_MEMORY);
  assert_false(lines_waiting(&lines));
  lines_finish(&lines);
}

static void test_texts_of_any_bytes(void **state) {
  (void)state;
  json_t *text = lines_text("a\xff\n");
  assert_non_null(text);
  assert_string_equal(json_string_value(text), "a\\xff\\n");
  json_decref(text);
}

int main(void) {
  signal(SIGPIPE, SIG_IGN); /* as the program does */
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_a_line_without_an_end),
                                     cmocka_unit_test(test_a_reader_that_is_slow), cmocka_unit_test(test_no_document),
                                     cmocka_unit_test(test_texts_of_any_bytes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
