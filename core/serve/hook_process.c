/* The processes that tell of the end of a run. */
#include "core/log/log.h"
#include "core/serve/fresh.h"
#include "core/serve/hook.h"
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TRIES = 3, BETWEEN_TRIES_MS = 1000 };

/* ---- a program ---- */

static void set(const char *name, const char *value) {
  if (setenv(name, value, 1))
    _exit(127);
}

static void set_number(const char *name, int64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%lld", (long long)value);
  set(name, text);
}

static void set_environment(const struct serve_result *result, const char *job) {
  set("SLUICE_JOB", job);
  set("SLUICE_OUTCOME", result->outcome);
  set("SLUICE_MESSAGE", result->message);
  set("SLUICE_PART", result->part);
  set("SLUICE_REJECTS", result->rejects);
  set_number("SLUICE_ROWS", result->counters.rows);
  set_number("SLUICE_REJECTED_ROWS", result->counters.rejects);
  set_number("SLUICE_FILTERED_ROWS", result->counters.filtered);
  set_number("SLUICE_UNCHANGED_ROWS", result->counters.unchanged);
  set_number("SLUICE_PARTS_DONE", result->counters.parts_done);
  set_number("SLUICE_PARTS_FAILED", result->counters.parts_failed);
  set_number("SLUICE_MILLISECONDS", result->milliseconds);
}

/* A file in memory: the program may read it when it likes, or not at all. */
static int make_input(const char *summary) {
  size_t n = strlen(summary);
  int fd = memfd_create("summary", MFD_CLOEXEC);
  if (fd < 0 || write(fd, summary, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) != 0)
    return -1;
  return fd;
}

static char **make_arguments(const struct sluice_list *command) {
  char **out = calloc(command->count + 1, sizeof *out);
  for (size_t i = 0; out && i < command->count; i++)
    out[i] = (char *)(uintptr_t)command->items[i];
  return out;
}

_Noreturn void hook_command(const struct config_run_end *config, const struct serve_result *result, const char *job,
                            const char *summary, pid_t parent) {
  int input = make_input(summary);
  char **arguments = make_arguments(&config->command);
  setpgid(0, 0);
  if (input < 0 || !arguments)
    _exit(127);
  fresh_process(input, parent, SIGKILL);
  dup2(FRESH_FD, STDIN_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  set_environment(result, job);
  fresh_unblock();
  execv(arguments[0], arguments);
  log_write(SLUICE_ERROR, job, "on_run_end.command: %s cannot be run: %s", arguments[0], strerror(errno));
  _exit(127);
}

/* ---- a URL ---- */

static size_t drop(char *bytes, size_t size, size_t n, void *unused) {
  (void)bytes, (void)unused;
  return size * n;
}

static CURLcode post(CURL *curl, const struct config_run_end *config, const char *summary, struct curl_slist *headers,
                     long *status) {
  curl_easy_setopt(curl, CURLOPT_URL, config->url);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, summary);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "sluice");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)config->timeout);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
  CURLcode code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
  return code;
}

static bool may_try_again(CURLcode code, long status) {
  return (code != CURLE_OK && code != CURLE_OPERATION_TIMEDOUT) || status == 429 || status >= 500;
}

/* The URL itself may be a secret, as chat services have them: it is not shown. */
static int try_post(const struct config_run_end *config, const char *job, const char *summary) {
  CURL *curl = curl_easy_init();
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  CURLcode code = CURLE_OUT_OF_MEMORY;
  long status = 0;
  for (int i = 0; curl && headers && i < TRIES; i++) {
    if (i > 0)
      usleep(BETWEEN_TRIES_MS * 1000);
    code = post(curl, config, summary, headers, &status);
    if (!may_try_again(code, status))
      break;
  }
  bool good = code == CURLE_OK && status >= 200 && status < 300;
  if (!good && code != CURLE_OK)
    log_write(SLUICE_ERROR, job, "on_run_end.url: %s", curl_easy_strerror(code));
  else if (!good)
    log_write(SLUICE_ERROR, job, "on_run_end.url: it answered with HTTP status %ld", status);
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  return good ? 0 : 1;
}

_Noreturn void hook_url(const struct config_run_end *config, const char *job, const char *summary, pid_t parent) {
  setpgid(0, 0);
  fresh_process(STDIN_FILENO, parent, SIGKILL);
  fresh_unblock();
  int status = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? try_post(config, job, summary) : 1;
  curl_global_cleanup();
  _exit(status);
}
