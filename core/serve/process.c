/* Processes of jobs, seen from the supervisor. */
#include "core/serve/process.h"
#include "core/base/clock.h"
#include "core/log/line.h"
#include "core/log/log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LEAVE_MS = 30000, PARTS_SHOWN = 3 };

static int fail(struct process *process, const int fds[2], const char *job, struct sluice_error *err) {
  int number = errno;
  if (fds[0] >= 0) {
    close(fds[0]);
    close(fds[1]);
  }
  process->fd = -1;
  process_finish(process);
  return sluice_fail(err, SLUICE_ERR_MEMORY, job, "no process can be started for the job: %s", strerror(number));
}

int process_start(struct process *process, struct child *child, struct sluice_error *err) {
  int fds[2] = {-1, -1};
  pid_t parent = getpid();
  memset(process, 0, sizeof *process);
  process->watch = mmap(NULL, sizeof *process->watch, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (process->watch == MAP_FAILED) {
    process->watch = NULL;
    return fail(process, fds, child->job->name, err);
  }
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
    return fail(process, (const int[2]){-1, -1}, child->job->name, err);
  child->fd = fds[1];
  child->watch = process->watch;
  pid_t pid = fork();
  if (pid == 0)
    child_main(child, parent);
  if (pid < 0)
    return fail(process, fds, child->job->name, err);
  close(fds[1]);
  fcntl(fds[0], F_SETFL, O_NONBLOCK);
  process->fd = fds[0];
  process->pid = pid;
  return SLUICE_OK;
}

void process_kill(const struct process *process) {
  if (process->pid > 0)
    kill(process->pid, SIGKILL);
}

static bool give_order(struct process *process, json_t *message) {
  int code = message ? lines_put(&process->lines, message) : SLUICE_ERR_MEMORY;
  if (!code && process->fd >= 0)
    code = lines_flush(&process->lines, process->fd);
  if (!code && process->fd >= 0 && !lines_waiting(&process->lines)) /* so small that it only waits if nobody reads */
    return true;
  process_kill(process);
  return false;
}

bool process_tell(struct process *process, const char *word) {
  if (strcmp(word, "quit") == 0) {
    process->leaving = true;
    process->leave_by = clock_monotonic_ms() + LEAVE_MS;
  }
  return give_order(process, json_pack("{s:s}", "do", word));
}

bool process_run(struct process *process, bool blame, json_t *avoid) {
  return give_order(process, json_pack("{s:s, s:b, s:o}", "do", "run", "blame", blame, "avoid", avoid));
}

/* True: it is the end of a run. */
static bool is_result(struct process *process, const char *line, struct serve_result *out) {
  json_t *message = lines_parse(line);
  const char *event = json_string_value(json_object_get(message, "event"));
  bool ended = event && strcmp(event, "ended") == 0 && serve_result_parse(message, out);
  json_decref(message);
  if (!ended) { /* a plugin wrote into its memory or its descriptors */
    log_write(SLUICE_ERROR, NULL, "process %ld sent what is no message; it is ended", (long)process->pid);
    process_kill(process);
  }
  return ended;
}

bool process_hear(struct process *process, struct serve_result *out) {
  for (;;) {
    char *line = lines_next(&process->lines);
    if (line)
      return is_result(process, line, out);
    if (process->fd < 0)
      return false;
    size_t before = process->lines.in.size - process->lines.taken;
    int code = lines_read(&process->lines, process->fd);
    if (code == SLUICE_ERR_DATA)
      process_kill(process);
    if (code) {
      close(process->fd);
      process->fd = -1;
      return false;
    }
    if (process->lines.in.size == before)
      return false; /* nothing came */
  }
}

static long long sum(const struct watch *watch) {
  const struct watch_counters *c = &watch->counters;
  return atomic_load(&watch->beats) + atomic_load(&c->rows) + atomic_load(&c->rejects) + atomic_load(&c->bytes) +
         atomic_load(&c->found_parts) + atomic_load(&c->done_parts) + atomic_load(&c->failed_parts) +
         atomic_load(&c->gone_parts) + atomic_load(&c->skipped_parts);
}

void process_expect_progress(struct process *process) {
  memset(&process->watch->counters, 0, sizeof process->watch->counters);
  watch_clear(process->watch);
  process->seen = sum(process->watch);
  process->progressed = clock_monotonic_ms();
}

int64_t process_idle_ms(struct process *process) {
  long long now = sum(process->watch);
  if (now != process->seen) {
    process->seen = now;
    process->progressed = clock_monotonic_ms();
  }
  return clock_monotonic_ms() - process->progressed;
}

void process_finish(struct process *process) {
  if (process->fd >= 0 && process->pid > 0)
    close(process->fd);
  if (process->watch)
    munmap(process->watch, sizeof *process->watch);
  lines_finish(&process->lines);
  memset(process, 0, sizeof *process);
  process->fd = -1;
}

/* ---- for people ---- */

static const char *stage_text(int stage) {
  static const char *const names[] = {"idle", "opening", "listing", "looking at", "reading", "sending"};
  return stage > WATCH_IDLE && stage <= WATCH_SENDING ? names[stage] : names[0];
}

/* The child may have written anything there. */
static void copy_part(const struct watch_slot *slot, char *out, size_t size) {
  size_t n = strnlen(slot->part, sizeof slot->part);
  n = n < size ? n : size - 1;
  memcpy(out, slot->part, n);
  out[n] = 0;
}

static void add_slot(const struct watch_slot *slot, struct text *all, char *first, size_t size) {
  char part[WATCH_NAME];
  long long more = atomic_load(&slot->more);
  copy_part(slot, part, sizeof part);
  int code =
      text_printf(all, "%s%s%s", all->size ? ", " : "", stage_text(atomic_load(&slot->stage)), part[0] ? " " : "");
  if (!code)
    code = line_escape(all, part);
  if (!code && more > 0)
    code = text_printf(all, " and %lld more", more);
  if (!code && !first[0])
    snprintf(first, size, "%s", part);
}

void process_at(const struct process *process, struct text *all, char *first, size_t size) {
  int shown = 0, hidden = 0;
  first[0] = 0;
  for (size_t i = 0; process->watch && i < WATCH_SLOTS; i++) {
    const struct watch_slot *slot = &process->watch->slots[WATCH_SLOTS - 1 - i]; /* the listing last */
    if (atomic_load(&slot->stage) == WATCH_IDLE)
      continue;
    if (shown == PARTS_SHOWN) {
      hidden++;
      continue;
    }
    add_slot(slot, all, first, size);
    shown++;
  }
  if (hidden && text_printf(all, ", and %d more", hidden))
    return; /* the names that fit are enough */
}

static const struct watch_slot *lister(const struct process *process, enum watch_stage stage) {
  const struct watch_slot *slot = process->watch ? &process->watch->slots[0] : NULL;
  return slot && atomic_load(&slot->stage) == (int)stage ? slot : NULL;
}

bool process_looking_at(const struct process *process, struct process_look *out) {
  const struct watch_slot *slot = lister(process, WATCH_LOOKING);
  if (!slot)
    return false;
  copy_part(slot, out->part, sizeof out->part);
  memcpy(out->version, process->watch->looked_at, sizeof out->version);
  out->version[sizeof out->version - 1] = 0;
  return out->part[0];
}

bool process_is_opening(const struct process *process) {
  return lister(process, WATCH_OPENING) != NULL;
}

/* SIGKILL may be ours, an operator's or that of a kernel without memory; these are what a program does to itself. */
bool process_died_by_itself(int wait_status) {
  static const int own[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
  for (size_t i = 0; WIFSIGNALED(wait_status) && i < sizeof own / sizeof *own; i++)
    if (WTERMSIG(wait_status) == own[i])
      return true;
  return WIFEXITED(wait_status);
}

void process_end_text(int wait_status, char *out, size_t size) {
  if (WIFSIGNALED(wait_status))
    snprintf(out, size, "was killed by signal %d (%s)", WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
  else
    snprintf(out, size, "exited with status %d", WEXITSTATUS(wait_status));
}
