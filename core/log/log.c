/* Where log lines go: one write(2) each, above the status line of a terminal. */
#include "core/log/log.h"
#include "core/base/clock.h"
#include "core/log/line.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MESSAGE_MAX = 4096, STATUS_MAX = 512 };
static const char clear_line[] = "\r\x1b[K";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  enum log_format format;
  int level, fd;
  bool terminal, colour;
  char status[STATUS_MAX];
} state = {LOG_AUTO, SLUICE_INFO, STDERR_FILENO, false, false, ""};

static void look_at_terminal(void) {
  const char *no_colour = getenv("NO_COLOR");
  state.terminal = state.format != LOG_JSON && isatty(state.fd);
  state.colour = state.terminal && state.format == LOG_AUTO && !(no_colour && *no_colour);
}

void log_setup(enum log_format format, int level) {
  pthread_mutex_lock(&lock);
  state.format = format;
  state.level = level;
  look_at_terminal();
  pthread_mutex_unlock(&lock);
}

void log_set_fd(int fd) {
  pthread_mutex_lock(&lock);
  state.fd = fd;
  look_at_terminal();
  pthread_mutex_unlock(&lock);
}

/* A log that cannot be written must not stop a run: what is left of the line is dropped. */
static void write_all(const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t done = write(state.fd, bytes, n);
    if (done < 0 && errno == EAGAIN) {
      struct pollfd wait = {.fd = state.fd, .events = POLLOUT};
      if (poll(&wait, 1, 1000) <= 0)
        return;
      continue;
    }
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return;
    bytes += done;
    n -= (size_t)done;
  }
}

/* Bytes of `text` that fit the width of the terminal, so that the line never wraps and can be cleared. */
static size_t fitting(const char *text) {
  struct winsize window;
  size_t columns = ioctl(state.fd, TIOCGWINSZ, &window) == 0 && window.ws_col ? window.ws_col - 1u : 79u;
  size_t at = 0;
  for (; text[at]; at++) {
    bool starts = ((unsigned char)text[at] & 0xc0) != 0x80;
    if (starts && columns-- == 0)
      break;
  }
  return at;
}

static bool shows_status(void) {
  return state.terminal && state.status[0];
}

static void write_line(const struct line *line) {
  struct text out = {0};
  int status = shows_status() ? text_add(&out, clear_line) : SLUICE_OK;
  if (status == SLUICE_OK)
    status = state.format == LOG_JSON ? line_json(line, &out) : line_text(line, state.colour, &out);
  if (status == SLUICE_OK)
    status = text_add(&out, "\n");
  if (status == SLUICE_OK && shows_status())
    status = text_append(&out, state.status, fitting(state.status));
  if (status == SLUICE_OK)
    write_all(out.data, out.size);
  text_finish(&out);
}

static void write_message(int level, const char *job, const char *plugin, char *message) {
  char time[CLOCK_TEXT_SIZE];
  log_redact(message);
  if (strlen(message) > MESSAGE_MAX)
    message[MESSAGE_MAX] = 0; /* after masking, which needs secrets whole */
  clock_format(clock_wall_us(), time);
  struct line line = {level, time, job && *job ? job : NULL, plugin && *plugin ? plugin : NULL, message};
  pthread_mutex_lock(&lock);
  write_line(&line);
  pthread_mutex_unlock(&lock);
}

static bool is_wanted(int level) {
  pthread_mutex_lock(&lock);
  bool wanted = level >= state.level;
  pthread_mutex_unlock(&lock);
  return wanted;
}

void log_vwrite(int level, const char *job, const char *format, va_list args) {
  if (!is_wanted(level))
    return;
  struct text message = {0};
  if (text_vprintf(&message, format, args) == SLUICE_OK)
    write_message(level, job, NULL, message.data);
  text_finish(&message);
}

void log_write(int level, const char *job, const char *format, ...) {
  va_list args;
  va_start(args, format);
  log_vwrite(level, job, format, args);
  va_end(args);
}

void log_plugin(int level, const char *job, const char *plugin, const char *message) {
  if (!is_wanted(level) || !message)
    return;
  struct text copy = {0};
  if (text_add(&copy, message) == SLUICE_OK)
    write_message(level, job, plugin, copy.data);
  text_finish(&copy);
}

void log_set_status_line(const char *line) {
  struct text safe = {0};
  if (line_escape(&safe, line ? line : "") != SLUICE_OK)
    text_clear(&safe);
  pthread_mutex_lock(&lock);
  bool was_shown = shows_status();
  snprintf(state.status, sizeof state.status, "%s", text_get(&safe));
  if (was_shown || shows_status()) {
    struct text out = {0};
    if (text_add(&out, clear_line) == SLUICE_OK && text_append(&out, state.status, fitting(state.status)) == SLUICE_OK)
      write_all(out.data, out.size);
    text_finish(&out);
  }
  pthread_mutex_unlock(&lock);
  text_finish(&safe);
}
