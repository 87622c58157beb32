/* Log lines: one write a line, escaped, masked, as text or JSON. */
#include "core/log/log.h"
#include "host.h"
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <unistd.h>

static int ends[2];
static char line[70000];

static int open_pipe(void **state) {
  (void)state;
  return pipe(ends);
}
static int close_pipe(void **state) {
  (void)state;
  log_set_fd(2);
  log_setup(LOG_AUTO, SLUICE_INFO);
  close(ends[0]);
  close(ends[1]);
  return 0;
}
static void start(enum log_format format, int level) {
  log_set_fd(ends[1]);
  log_setup(format, level);
}
static const char *take(void) {
  ssize_t n = read(ends[0], line, sizeof line - 1);
  line[n > 0 ? n : 0] = 0;
  return line;
}

static void text_lines_stay_one_line(void **state) {
  (void)state;
  start(LOG_AUTO, SLUICE_INFO);
  log_write(SLUICE_WARN, "clicks", "bad \x1b[31m name\n\"x\" \xff \xc2\x9b caf\xc3\xa9");
  assert_contains(take(), " warn  clicks: bad \\x1b[31m name\\n\"x\" \\xff \\xc2\\x9b caf\xc3\xa9\n");
  assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
  log_plugin(SLUICE_INFO, "clicks", "source-s3", "hello");
  assert_contains(take(), " info  clicks/source-s3: hello\n");
  log_write(SLUICE_DEBUG, NULL, "not shown");
  log_write(SLUICE_ERROR, NULL, "shown");
  assert_contains(take(), " error shown\n");
  assert_null(strstr(line, "not"));
}

static void json_lines_are_json(void **state) {
  (void)state;
  start(LOG_JSON, SLUICE_DEBUG);
  log_plugin(SLUICE_DEBUG, "clicks", "sink-http", "tab\t \"quote\" \x01 \xff\n");
  json_t *object = json_loads(take(), 0, NULL);
  assert_non_null(object);
  assert_string_equal(json_string_value(json_object_get(object, "level")), "debug");
  assert_string_equal(json_string_value(json_object_get(object, "job")), "clicks");
  assert_string_equal(json_string_value(json_object_get(object, "plugin")), "sink-http");
  assert_string_equal(json_string_value(json_object_get(object, "message")), "tab\t \"quote\" \x01 \xef\xbf\xbd\n");
  assert_int_equal(strlen(json_string_value(json_object_get(object, "time"))), 24);
  json_decref(object);
  log_write(SLUICE_INFO, NULL, "x");
  object = json_loads(take(), 0, NULL);
  assert_null(json_object_get(object, "job"));
  json_decref(object);
}

static void secrets_are_masked(void **state) {
  (void)state;
  start(LOG_TEXT, SLUICE_INFO);
  log_add_secret("hunter22");
  log_add_secret("abc"); /* too short to be told from words */
  log_write(SLUICE_INFO, NULL, "password=hunter22; again hunter22, abc");
  assert_contains(take(), "password=***; again ***, abc\n");
  log_add_secret("overlap-one");
  log_add_secret("one-more");
  char text[64] = "<overlap-one-more>";
  log_redact(text);
  assert_string_equal(text, "<***>");
  char cut[64] = "the end was cut: hunte";
  log_redact(cut);
  assert_string_equal(cut, "the end was cut: ***");
  struct sluice_error err = {.where = "hunter22", .message = "not hunter2x but hunter22"};
  log_redact_error(&err);
  assert_string_equal(err.where, "***");
  assert_string_equal(err.message, "not hunter2x but ***");
}

static void long_messages_are_cut(void **state) {
  (void)state;
  start(LOG_TEXT, SLUICE_INFO);
  char *message = malloc(60000);
  memset(message, 'a', 59999);
  message[59999] = 0;
  log_write(SLUICE_INFO, NULL, "%s", message);
  assert_in_range(strlen(take()), 4000, 4300);
  free(message);
}

static void *write_lines(void *name) {
  for (int i = 0; i < 50; i++)
    log_write(SLUICE_INFO, name, "line %d of many, and all of it", i);
  return NULL;
}

static void threads_do_not_mix_lines(void **state) {
  (void)state;
  pthread_t a, b;
  start(LOG_TEXT, SLUICE_INFO);
  pthread_create(&a, NULL, write_lines, "a");
  pthread_create(&b, NULL, write_lines, "b");
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  take();
  int count = 0;
  for (char *at = strtok(line, "\n"); at; at = strtok(NULL, "\n"), count++) {
    assert_int_equal(at[23], 'Z');
    assert_contains(at, "and all of it");
    assert_int_equal(strlen(strstr(at, "and all of it")), 13);
  }
  assert_int_equal(count, 100);
}

static void status_line_stays_last_on_a_terminal(void **state) {
  (void)state;
  int master, slave;
  struct winsize size = {.ws_row = 24, .ws_col = 20};
  if (openpty(&master, &slave, NULL, NULL, &size) != 0) {
    print_message("skipped: no pseudo terminal here\n");
    return;
  }
  log_set_fd(slave);
  log_setup(LOG_TEXT, SLUICE_INFO);
  log_set_status_line("10 files, 20 rows, 30 MB/s and more");
  log_write(SLUICE_INFO, NULL, "news");
  log_set_status_line(NULL);
  size_t used = 0; /* a terminal gives what it has, which may be less than all */
  for (struct pollfd wait = {.fd = master, .events = POLLIN}; poll(&wait, 1, 200) > 0;) {
    ssize_t n = read(master, line + used, sizeof line - 1 - used);
    if (n <= 0)
      break;
    used += (size_t)n;
  }
  line[used] = 0;
  assert_contains(line, "\r\x1b[K10 files, 20 rows, \r\x1b[K"); /* 19 columns of 20, cleared before the line */
  assert_contains(line, "news\r\n10 files, 20 rows, \r\x1b[K");
  close(master);
  close(slave);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(text_lines_stay_one_line, open_pipe, close_pipe),
      cmocka_unit_test_setup_teardown(json_lines_are_json, open_pipe, close_pipe),
      cmocka_unit_test_setup_teardown(secrets_are_masked, open_pipe, close_pipe),
      cmocka_unit_test_setup_teardown(long_messages_are_cut, open_pipe, close_pipe),
      cmocka_unit_test_setup_teardown(threads_do_not_mix_lines, open_pipe, close_pipe),
      cmocka_unit_test_setup_teardown(status_line_stays_last_on_a_terminal, open_pipe, close_pipe),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
