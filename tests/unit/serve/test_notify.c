/* What systemd is told, seen at a socket in its place. */
#include "core/base/clock.h"
#include "core/serve/notify.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

static int open_inbox(const char *name, size_t n) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  memcpy(address.sun_path, name, n);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
  return fd;
}

static void expect(int inbox, const char *wanted) {
  char text[1024];
  ssize_t n = recv(inbox, text, sizeof text - 1, 0);
  assert_true(n >= 0);
  text[n] = 0;
  assert_string_equal(text, wanted);
}
static void expect_nothing(int inbox) {
  char text[16];
  assert_true(recv(inbox, text, sizeof text, 0) < 0);
}

static void test_messages(void **state) {
  (void)state;
  struct notify notify;
  int inbox = open_inbox(path, strlen(path));
  setenv("NOTIFY_SOCKET", path, 1);
  notify_open(&notify);
  assert_null(getenv("NOTIFY_SOCKET"));
  notify_ready(&notify, "serving 2 jobs");
  expect(inbox, "READY=1\nSTATUS=serving 2 jobs\n");
  notify_status(&notify, "one\nREADY=1\ttwo");
  expect(inbox, "STATUS=one READY=1 two\n");
  notify_stopping(&notify);
  expect(inbox, "STOPPING=1\nSTATUS=runs end at their next checkpoint\n");
  notify_alive(&notify);
  expect_nothing(inbox);
  notify_close(&notify);
  notify_ready(&notify, "nobody");
  expect_nothing(inbox);
  close(inbox);
  unlink(path);
}

static void test_reloading_says_when(void **state) {
  (void)state;
  struct notify notify;
  char text[256];
  long long usec = 0;
  int inbox = open_inbox(path, strlen(path));
  setenv("NOTIFY_SOCKET", path, 1);
  notify_open(&notify);
  int64_t before = clock_monotonic_us();
  notify_reloading(&notify);
  ssize_t n = recv(inbox, text, sizeof text - 1, 0);
  assert_true(n > 0);
  text[n] = 0;
  assert_int_equal(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%lld", &usec), 1);
  assert_in_range(usec, before, clock_monotonic_us());
  notify_close(&notify);
  close(inbox);
  unlink(path);
}

static void test_an_abstract_address(void **state) {
  (void)state;
  struct notify notify;
  char name[64];
  int n = snprintf(name, sizeof name, "@sluice-unit-%ld", (long)getpid());
  setenv("NOTIFY_SOCKET", name, 1);
  name[0] = 0;
  int inbox = open_inbox(name, (size_t)n);
  notify_open(&notify);
  notify_ready(&notify, "x");
  expect(inbox, "READY=1\nSTATUS=x\n");
  notify_close(&notify);
  close(inbox);
}

static void test_watchdog(void **state) {
  (void)state;
  struct notify notify;
  char pid[32];
  int inbox = open_inbox(path, strlen(path));
  snprintf(pid, sizeof pid, "%ld", (long)getpid());
  setenv("NOTIFY_SOCKET", path, 1);
  setenv("WATCHDOG_USEC", "40000", 1);
  setenv("WATCHDOG_PID", pid, 1);
  notify_open(&notify);
  notify_alive(&notify);
  expect(inbox, "WATCHDOG=1\n");
  notify_alive(&notify);
  expect_nothing(inbox); /* too soon */
  usleep(20000);
  notify_alive(&notify);
  expect(inbox, "WATCHDOG=1\n");
  notify_close(&notify);
  close(inbox);
  unlink(path);
}

static void test_a_watchdog_that_is_not_ours(void **state) {
  (void)state;
  static const char *const settings[][2] = {
      {"40000", "1"}, {"junk", NULL}, {"-5", NULL}, {"0", NULL}, {"99999999999999999999", NULL}};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    struct notify notify;
    setenv("NOTIFY_SOCKET", path, 1);
    setenv("WATCHDOG_USEC", settings[i][0], 1);
    if (settings[i][1])
      setenv("WATCHDOG_PID", settings[i][1], 1);
    notify_open(&notify);
    assert_int_equal(notify.watchdog_ms, 0);
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
    notify_close(&notify);
  }
}

static void test_wrong_addresses(void **state) {
  (void)state;
  char tall[300];
  memset(tall, 'x', sizeof tall);
  tall[0] = '/';
  tall[sizeof tall - 1] = 0;
  const char *const addresses[] = {"", "@", "/", "relative", "vsock:1:2", tall};
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    struct notify notify;
    setenv("NOTIFY_SOCKET", addresses[i], 1);
    notify_open(&notify);
    assert_int_equal(notify.fd, -1);
    notify_ready(&notify, "x");
    notify_close(&notify);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_messages),
                                     cmocka_unit_test(test_reloading_says_when),
                                     cmocka_unit_test(test_an_abstract_address),
                                     cmocka_unit_test(test_watchdog),
                                     cmocka_unit_test(test_a_watchdog_that_is_not_ours),
                                     cmocka_unit_test(test_wrong_addresses)};
  snprintf(path, sizeof path, "/tmp/sluice-notify-%ld", (long)getpid());
  return cmocka_run_group_tests(tests, NULL, NULL);
}
