/* The real world: environment, files, programs and HTTP, with what may go wrong. */
#include "../check.h"
#include "identity/world.h"
#include "raw_server.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static atomic_bool cancelled;
static int cancel_pipe[2];
static char logged[400], folder[64];
static struct system_world *system_world;
static const struct world *world;

static void host_log(const struct sluice_host *host, int level, const char *line) {
  (void)host;
  snprintf(logged, sizeof logged, "%d %s", level, line);
}

static int host_cancelled(const struct sluice_host *host) {
  (void)host;
  return atomic_load(&cancelled);
}

static int host_cancel_fd(const struct sluice_host *host) {
  (void)host;
  return cancel_pipe[0];
}

static const struct sluice_host host = {
    .struct_size = sizeof host, .log = host_log, .cancelled = host_cancelled, .cancel_fd = host_cancel_fd};

static int begin(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/sluice-world-XXXXXX");
  assert_non_null(mkdtemp(folder));
  assert_int_equal(pipe(cancel_pipe), 0);
  assert_int_equal(system_world_create(&host, NULL, &system_world, NULL), SLUICE_OK);
  world = system_world_get(system_world);
  return 0;
}

static int end(void **state) {
  (void)state;
  system_world_destroy(system_world);
  close(cancel_pipe[0]);
  close(cancel_pipe[1]);
  return rmdir(folder);
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *cancel_soon(void *unused) {
  struct timespec wait = {.tv_nsec = 200000000};
  (void)unused;
  nanosleep(&wait, NULL);
  atomic_store(&cancelled, true);
  if (write(cancel_pipe[1], "x", 1) != 1)
    abort();
  return NULL;
}

static pthread_t canceller;
static void cancel_in_a_moment(void) {
  assert_int_equal(pthread_create(&canceller, NULL, cancel_soon, NULL), 0);
}
static void uncancel(void) {
  char byte;
  pthread_join(canceller, NULL);
  atomic_store(&cancelled, false);
  assert_int_equal(read(cancel_pipe[0], &byte, 1), 1);
}

/* ---- environment, time, files ---- */

static void environment(void **state) {
  (void)state;
  setenv("SLUICE_TEST_A", "x", 1);
  setenv("SLUICE_TEST_B", " \t", 1);
  unsetenv("SLUICE_TEST_C");
  assert_string_equal(world->variable(world->context, "SLUICE_TEST_A"), "x");
  assert_null(world->variable(world->context, "SLUICE_TEST_B"));
  assert_null(world->variable(world->context, "SLUICE_TEST_C"));
  assert_true(world->now(world->context) > 1700000000);
  world->log(world->context, SLUICE_WARN, "a line");
  assert_string_equal(logged, "2 a line");
}

static void pauses(void **state) {
  struct sluice_error err = {.message = ""};
  int64_t start = now_ms();
  (void)state;
  assert_int_equal(world->pause(world->context, 50, &err), SLUICE_OK);
  assert_true(now_ms() - start >= 45);
  cancel_in_a_moment();
  start = now_ms();
  assert_int_equal(world->pause(world->context, 20000, &err), SLUICE_ERR_CANCELLED);
  assert_true(now_ms() - start < 1500);
  uncancel();
}

static void files(void **state) {
  struct sluice_error err = {.message = ""};
  struct text text = {0};
  struct stat info;
  char path[200];
  (void)state;
  snprintf(path, sizeof path, "%s/file", folder);
  assert_int_equal(world->read_file(world->context, path, &text, &err), SLUICE_ERR_NOT_FOUND);
  assert_int_equal(world->write_file(world->context, path, "a\0b", 3, &err), SLUICE_OK);
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(world->write_file(world->context, path, "new", 3, &err), SLUICE_OK);
  assert_int_equal(world->read_file(world->context, path, &text, NULL), SLUICE_OK);
  assert_string_equal(text_get(&text), "new");
  text_finish(&text);
  unlink(path);
  assert_int_equal(world->read_file(world->context, folder, &text, NULL), SLUICE_ERR_DATA);
  assert_int_equal(world->read_file(world->context, "/dev/zero", &text, NULL), SLUICE_ERR_DATA);
  snprintf(path, sizeof path, "%s/fifo", folder);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_int_equal(world->read_file(world->context, path, &text, NULL), SLUICE_ERR_DATA);
  unlink(path);
  snprintf(path, sizeof path, "%s/none/file", folder);
  assert_int_equal(world->write_file(world->context, path, "x", 1, NULL), SLUICE_ERR_DATA);
  text_finish(&text);
}

static void files_that_are_too_large(void **state) {
  struct text text = {0};
  char path[200];
  (void)state;
  snprintf(path, sizeof path, "%s/large", folder);
  int fd = open(path, O_CREAT | O_WRONLY, 0600);
  assert_int_equal(ftruncate(fd, (off_t)FILE_MAX), 0);
  assert_int_equal(world->read_file(world->context, path, &text, NULL), SLUICE_OK);
  assert_int_equal(text.size, FILE_MAX);
  text_finish(&text);
  assert_int_equal(ftruncate(fd, (off_t)FILE_MAX + 1), 0);
  assert_int_equal(world->read_file(world->context, path, &text, NULL), SLUICE_ERR_DATA);
  text_finish(&text);
  close(fd);
  unlink(path);
}

/* ---- programs ---- */

static int shell(const char *script, int64_t timeout_ms, struct program_end *out, struct sluice_error *err) {
  char *argv[] = {"sh", "-c", (char *)script, NULL};
  *err = (struct sluice_error){.message = ""};
  *out = (struct program_end){.exit_status = -1};
  return world->run(world->context, argv, timeout_ms, out, err);
}

static void programs(void **state) {
  struct program_end got;
  struct sluice_error err;
  (void)state;
  assert_int_equal(shell("echo out; echo problem >&2; exit 3", 5000, &got, &err), SLUICE_OK);
  assert_int_equal(got.exit_status, 3);
  assert_string_equal(text_get(&got.out), "out\n");
  assert_string_equal(text_get(&got.err), "problem\n");
  program_end_finish(&got);
  assert_int_equal(shell("kill -9 $$", 5000, &got, &err), SLUICE_OK);
  assert_int_equal(got.exit_status, 137);
  program_end_finish(&got);
  assert_int_equal(shell("cat", 5000, &got, &err), SLUICE_OK); /* no input: it ends at once */
  program_end_finish(&got);
}

static void programs_inherit_nothing(void **state) {
  struct program_end got;
  struct sluice_error err;
  char script[200];
  int fd = open("/dev/null", O_RDONLY); /* would be inherited by a mere fork */
  (void)state;
  snprintf(script, sizeof script, "test -e /proc/self/fd/%d && echo open; trap", fd);
  assert_int_equal(shell(script, 5000, &got, &err), SLUICE_OK);
  assert_string_equal(text_get(&got.out), "");
  program_end_finish(&got);
  close(fd);
}

static void programs_that_are_not_there(void **state) {
  char *argv[] = {"/nowhere/tool", NULL};
  struct program_end got = {.exit_status = 0};
  struct sluice_error err = {.message = ""};
  (void)state;
  assert_int_equal(world->run(world->context, argv, 5000, &got, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "/nowhere/tool cannot be run: No such file"));
}

/* The child writes its grandchild's pid; both must be gone. */
static void programs_that_take_too_long(void **state) {
  struct program_end got;
  struct sluice_error err;
  char script[300], path[200], pid[32] = "";
  int64_t start = now_ms();
  (void)state;
  snprintf(path, sizeof path, "%s/pid", folder);
  snprintf(script, sizeof script, "sleep 30 & echo $! > %s; wait", path);
  assert_int_equal(shell(script, 500, &got, &err), SLUICE_ERR_RETRY);
  assert_non_null(strstr(err.message, "did not end in time"));
  assert_true(now_ms() - start < 3000);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  assert_non_null(fgets(pid, sizeof pid, file));
  fclose(file);
  unlink(path);
  pid[strcspn(pid, "\n")] = 0;
  snprintf(script, sizeof script, "/proc/%s/exe", pid);
  for (int i = 0; i < 100 && access(script, F_OK) == 0; i++)
    usleep(10000);
  assert_int_not_equal(access(script, F_OK), 0);
}

static void programs_that_print_too_much(void **state) {
  struct program_end got;
  struct sluice_error err;
  int64_t start = now_ms();
  (void)state;
  assert_int_equal(shell("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done", 20000, &got, &err),
                   SLUICE_ERR_DATA);
  assert_int_equal(shell("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy >&2; done", 20000, &got, &err),
                   SLUICE_ERR_DATA);
  assert_true(now_ms() - start < 15000);
}

static void programs_are_cancelled(void **state) {
  struct program_end got;
  struct sluice_error err;
  int64_t start = now_ms();
  (void)state;
  cancel_in_a_moment();
  assert_int_equal(shell("sleep 30", 60000, &got, &err), SLUICE_ERR_CANCELLED);
  assert_true(now_ms() - start < 1500);
  uncancel();
}

/* ---- HTTP ---- */

static int get(const struct raw_server *server, int64_t timeout_ms, struct http_answer *out, struct sluice_error *err) {
  char url[100];
  static const struct http_header headers[] = {{"X-One", "1"}, {"Host", "other.example"}};
  snprintf(url, sizeof url, "http://127.0.0.1:%d/a/../b?q=s3cr3t", raw_server_port(server));
  struct http_request request = {.method = "PUT",
                                 .url = url,
                                 .headers = headers,
                                 .n_headers = 2,
                                 .connect_timeout_ms = 1000,
                                 .timeout_ms = timeout_ms,
                                 .no_proxy = true};
  *err = (struct sluice_error){.message = ""};
  *out = (struct http_answer){.date = -1};
  return world->send(world->context, &request, out, err);
}

static void http(void **state) {
  struct http_answer got;
  struct sluice_error err;
  char request[8192];
  (void)state;
  setenv("http_proxy", "http://127.0.0.1:1", 1); /* would fail */
  struct raw_server *server = raw_server_start(
      "HTTP/1.1 403 No\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nContent-Length: 4\r\n\r\nbody", RAW_CLOSE);
  assert_int_equal(get(server, 5000, &got, &err), SLUICE_OK);
  unsetenv("http_proxy");
  assert_int_equal(got.status, 403);
  assert_int_equal(got.date, 1700000000);
  assert_string_equal(text_get(&got.body), "body");
  http_answer_finish(&got);
  raw_server_stop(server, request, sizeof request);
  assert_non_null(strstr(request, "X-One: 1\r\n"));
  assert_non_null(strstr(request, "Host: other.example\r\n"));
  assert_memory_equal(request, "PUT ", 4);
}

static void http_posts(void **state) {
  struct http_answer got = {.date = -1};
  struct sluice_error err = {.message = ""};
  char url[100], sent[8192];
  struct raw_server *server = raw_server_start("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", RAW_CLOSE);
  (void)state;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/", raw_server_port(server));
  struct http_request request = {
      .method = "POST", .url = url, .body = "a=b", .body_size = 3, .connect_timeout_ms = 1000, .timeout_ms = 5000};
  assert_int_equal(world->send(world->context, &request, &got, &err), SLUICE_OK);
  assert_int_equal(got.date, -1);
  http_answer_finish(&got);
  raw_server_stop(server, sent, sizeof sent);
  assert_memory_equal(sent, "POST / HTTP/1.1\r\n", 17);
  assert_non_null(strstr(sent, "Content-Length: 3\r\n"));
  assert_null(strstr(sent, "Expect"));
}

static void redirects_are_not_followed(void **state) {
  struct http_answer got;
  struct sluice_error err;
  struct raw_server *server =
      raw_server_start("HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n", RAW_CLOSE);
  (void)state;
  assert_int_equal(get(server, 5000, &got, &err), SLUICE_OK);
  assert_int_equal(got.status, 302);
  assert_int_equal(raw_server_connections(server), 1);
  http_answer_finish(&got);
  raw_server_stop(server, NULL, 0);
}

static void hostile_servers(void **state) {
  static const struct {
    const char *answer;
    enum raw_then then;
    int status;
  } all[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", RAW_REPEAT_BODY, SLUICE_ERR_DATA},
      {"HTTP/1.1 200 OK\r\n\r\n", RAW_REPEAT_BODY, SLUICE_ERR_DATA},
      {"HTTP/1.1 200 OK\r\n", RAW_REPEAT_HEADER, SLUICE_ERR_DATA},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", RAW_CLOSE, SLUICE_ERR_RETRY},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", RAW_HANG, SLUICE_ERR_RETRY},
      {"", RAW_HANG, SLUICE_ERR_RETRY},
      {"", RAW_CLOSE, SLUICE_ERR_RETRY},
      {"SSH-2.0-OpenSSH\r\n", RAW_CLOSE, SLUICE_ERR_CONFIG},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct http_answer got;
    struct sluice_error err;
    struct raw_server *server = raw_server_start(all[i].answer, all[i].then);
    int64_t start = now_ms();
    int status = get(server, 1000, &got, &err);
    if (status != all[i].status)
      fail_msg("%zu: %d %s", i, status, err.message);
    assert_null(strstr(err.message, "s3cr3t"));
    assert_non_null(strstr(err.message, "http://127.0.0.1:"));
    assert_true(now_ms() - start < 4000);
    raw_server_stop(server, NULL, 0);
  }
}

static void http_is_cancelled(void **state) {
  struct http_answer got;
  struct sluice_error err;
  struct raw_server *server = raw_server_start("", RAW_HANG);
  int64_t start = now_ms();
  (void)state;
  cancel_in_a_moment();
  assert_int_equal(get(server, 20000, &got, &err), SLUICE_ERR_CANCELLED);
  assert_true(now_ms() - start < 1700);
  uncancel();
  raw_server_stop(server, NULL, 0);
}

static void urls_that_are_none(void **state) {
  static const char *const bad[] = {"", "ftp://127.0.0.1/", "file:///etc/passwd", "http://[::1/", "gopher://x"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct http_request request = {.method = "GET", .url = bad[i], .connect_timeout_ms = 500, .timeout_ms = 500};
    struct http_answer got = {.date = -1};
    struct sluice_error err = {.message = ""};
    assert_int_equal(world->send(world->context, &request, &got, &err), SLUICE_ERR_CONFIG);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(environment),
      cmocka_unit_test(pauses),
      cmocka_unit_test(files),
      cmocka_unit_test(files_that_are_too_large),
      cmocka_unit_test(programs),
      cmocka_unit_test(programs_inherit_nothing),
      cmocka_unit_test(programs_that_are_not_there),
      cmocka_unit_test(programs_that_take_too_long),
      cmocka_unit_test(programs_that_print_too_much),
      cmocka_unit_test(programs_are_cancelled),
      cmocka_unit_test(http),
      cmocka_unit_test(http_posts),
      cmocka_unit_test(redirects_are_not_followed),
      cmocka_unit_test(hostile_servers),
      cmocka_unit_test(http_is_cancelled),
      cmocka_unit_test(urls_that_are_none),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
