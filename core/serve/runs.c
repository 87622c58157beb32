/* The runs of a served job: starting, hearing of their end, and dealing with processes that die or hang. */
#include "core/base/clock.h"
#include "core/base/quantity.h"
#include "core/config/serve.h"
#include "core/ledger/history.h"
#include "core/log/log.h"
#include "core/serve/server.h"
#include <sys/random.h>
#include <unistd.h>

enum {
  HURRY_MS = 10000 /* as `sluice run` does after a signal */,
  STORE_WAIT_MS = 10000,
  HANG_MS = 600000,
  AGAIN_MS = 100
};

static int64_t wall_ms(void) {
  return clock_wall_us() / 1000;
}

static uint32_t any_number(void) {
  uint32_t number = 0;
  return getrandom(&number, sizeof number, GRND_NONBLOCK) == (ssize_t)sizeof number ? number : 0;
}

bool runs_save(struct server *server, struct served *served) {
  struct sluice_error err = {0};
  if (store_save(&server->store, &served->kept, &err) == SLUICE_OK)
    return true;
  served_refuse(served, "its state cannot be stored: %s", err.message);
  return false;
}

/* ---- starting ---- */

static bool ready_process(struct server *server, struct served *served) {
  struct process *process = &served->process;
  struct sluice_error err = {0};
  if (process->pid && process->stale && !process->leaving)
    process_tell(process, "quit");
  if (process->pid)
    return !process->leaving && !process->stale;
  struct child child = {.world = server->world, .config = server->config, .job = served->config};
  if (process_start(process, &child, &err) == SLUICE_OK)
    return true;
  served_refuse(served, "%s", err.message);
  served->kept.machine.not_before = wall_ms() + STORE_WAIT_MS;
  return false;
}

static json_t *avoided_json(const struct served *served) {
  json_t *out = json_array();
  for (size_t i = 0; i < AVOIDED_MAX; i++)
    if (served->avoided[i].part[0])
      json_array_append_new(out, json_pack("{s:o, s:o}", "part", lines_text(served->avoided[i].part), "version",
                                           lines_text(served->avoided[i].version)));
  return out;
}

static void note_counted(struct served *served) {
  struct counted counted;
  served_counted(served, &counted);
  served->requests_before = counted_sum(&counted, "requests");
  served->retries_before = counted_sum(&counted, "retries");
  served->credentials_before = counted_sum(&counted, METRIC_CREDENTIALS);
}

static void start(struct server *server, struct served *served) {
  struct machine before = served->kept.machine;
  bool blame = served->kept.last.suspects;
  if (!ready_process(server, served))
    return;
  bool again = before.failures > 0;
  machine_started(&served->kept.machine, served->schedule, wall_ms());
  served->kept.last.suspects = 0;   /* should this program die now, nobody knows what that run died of */
  if (!runs_save(server, served)) { /* it would not be known that it ran: rather later than twice */
    served->kept.machine = before;
    served->kept.machine.not_before = wall_ms() + STORE_WAIT_MS;
    served->kept.last.suspects = blame;
    return;
  }
  note_counted(served);
  served->started_us = clock_wall_us();
  served->totals.retries += again;
  served->stop_since = 0;
  served->hurried = served->hung = false;
  process_expect_progress(&served->process);
  served->blaming = blame;
  process_run(&served->process, blame, avoided_json(served));
}

void runs_drain(struct served *served) {
  served->stop_since = clock_monotonic_ms();
  if (served->process.pid)
    process_tell(&served->process, "drain");
}

static void watch_run(const struct server *server, struct served *served) {
  struct process *process = &served->process;
  if (served->stop_since && !served->hurried && clock_monotonic_ms() - served->stop_since > HURRY_MS) {
    served->hurried = true;
    process_tell(process, "now");
  }
  if (!served->hung && process_idle_ms(process) > config_serve(server->config)->hang_timeout_ms) {
    served->hung = true;
    process_kill(process);
  }
}

static void watch_idle(struct server *server, struct served *served) {
  struct process *process = &served->process;
  bool wanted = served->config && served->kept.machine.job == JOB_ACTIVE && !server->ending && !process->stale;
  if (!process->leaving && !wanted)
    process_tell(process, "quit");
  if (process->leaving && clock_monotonic_ms() > process->leave_by)
    process_kill(process);
}

void runs_look(struct server *server, struct served *served) {
  struct machine *m = &served->kept.machine;
  struct schedule_decision passed = {.skipped = 0};
  if (m->run != RUN_IDLE)
    watch_run(server, served);
  else if (served->process.pid)
    watch_idle(server, served);
  served->wake = SCHEDULE_NEVER;
  if (server->ending || !served->config)
    return;
  struct schedule_state before = m->schedule;
  bool due = machine_due(m, served->schedule, wall_ms(), &served->wake, &passed);
  served_note_passed(served, &passed);
  if (due)
    start(server, served);
  if (due && m->run == RUN_IDLE) /* its process is not there yet */
    served->wake = wall_ms() + AGAIN_MS;
  else if (!due && memcmp(&before, &m->schedule, sizeof before) != 0)
    runs_save(server, served);
}

/* ---- ending ---- */

static void count(struct served *served, const struct serve_result *result) {
  struct job_totals *totals = &served->totals;
  for (size_t i = 0; i < JOB_OUTCOMES; i++)
    totals->runs[i] += strcmp(result->outcome, served_outcome_name(i)) == 0;
  totals->rows += result->counters.rows;
  totals->rejects += result->counters.rejects;
  totals->filtered += result->counters.filtered;
  totals->unchanged += result->counters.unchanged;
  totals->bytes += result->counters.bytes;
  totals->milliseconds += result->milliseconds;
  for (size_t i = 0; i < STAGES; i++)
    totals->stage_us[i] += result->stage_us[i];
}

static void ended(struct server *server, struct served *served, enum machine_end end, struct serve_result *result) {
  struct machine *m = &served->kept.machine;
  struct schedule_decision passed = {.skipped = 0};
  if (end == END_INTERRUPTED && m->reason == STOP_CANCELLED)
    snprintf(result->outcome, sizeof result->outcome, "cancelled");
  if (end == END_INTERRUPTED && m->reason == STOP_PAUSED)
    snprintf(result->outcome, sizeof result->outcome, "paused");
  result->started = served->started_us;
  result->ended = clock_wall_us();
  served->kept.last = *result;
  count(served, result);
  machine_ended(m, served->schedule, end, wall_ms(), any_number(), &passed);
  served_note_passed(served, &passed);
  runs_save(server, served);
  hooks_start(&server->hooks, served->kept.name, served->config ? served->config->run_end : NULL, result);
  served->wake = 0;
}

void runs_hear(struct server *server, struct served *served) {
  struct serve_result result;
  while (process_hear(&served->process, &result)) {
    if (served->kept.machine.run == RUN_IDLE)
      continue; /* no run of ours: a plugin speaks for the child */
    bool interrupted = strcmp(result.outcome, run_outcome_name(RUN_INTERRUPTED)) == 0;
    ended(server, served, interrupted ? END_INTERRUPTED : END_BY_ITSELF, &result);
  }
}

/* The ledger has them to the last checkpoint; what a process shows of itself is up to a moment behind. */
static void take_untold(const struct server *server, const struct served *served, struct ledger_counters *out) {
  struct ledger_counters untold;
  struct sluice_error why = {0};
  if (ledger_read_untold(config_ledger(server->config), served->kept.name, served->started_us, &untold, &why))
    return;
  out->parts_done = untold.parts_done;
  out->rows = untold.rows;
  out->rejects = untold.rejects;
  out->filtered = untold.filtered;
  out->unchanged = untold.unchanged;
}

static void take_counters(const struct process *process, struct serve_result *out) {
  const struct watch_counters *c = &process->watch->counters;
  out->counters = (struct ledger_counters){.parts_done = atomic_load(&c->done_parts),
                                           .parts_failed = atomic_load(&c->failed_parts),
                                           .parts_gone = atomic_load(&c->gone_parts),
                                           .parts_skipped = atomic_load(&c->skipped_parts),
                                           .rows = atomic_load(&c->rows),
                                           .rejects = atomic_load(&c->rejects),
                                           .bytes = atomic_load(&c->bytes),
                                           .filtered = atomic_load(&c->filtered),
                                           .unchanged = atomic_load(&c->unchanged)};
  for (size_t i = 0; i < STAGES; i++)
    out->stage_us[i] = atomic_load(&c->stage_us[i]);
}

/* Units in flight are suspects if the process died of what it did, or had to be ended for it. So they stay if it did
 * not get so far as to hear of an earlier such death. */
static bool is_suspect(const struct served *served, int wait_status) {
  bool unheard = served->blaming && process_is_opening(&served->process);
  return served->hung || unheard || process_died_by_itself(wait_status);
}

static void avoid_part(struct served *served) {
  struct process_look look;
  if (!process_looking_at(&served->process, &look))
    return;
  memmove(&served->avoided[0], &served->avoided[1], sizeof served->avoided - sizeof *served->avoided);
  served->avoided[AVOIDED_MAX - 1] = look;
}

static void describe_loss(const struct server *server, const struct served *served, int wait_status,
                          struct serve_result *out) {
  bool ending = served->kept.machine.reason == STOP_ENDING;
  char patience[QUANTITY_TEXT_SIZE];
  struct text at = {.limit = 8192};
  char how[128];
  process_at(&served->process, &at, out->part, sizeof out->part);
  process_end_text(wait_status, how, sizeof how);
  quantity_print_duration(config_serve(server->config)->hang_timeout_ms, patience);
  take_counters(&served->process, out);
  take_untold(server, served, &out->counters);
  out->suspects = is_suspect(served, wait_status);
  served_lag(served, &out->lag_files, &out->lag_bytes);
  struct counted counted;
  served_counted(served, &counted);
  out->requests = counted_sum(&counted, "requests") - served->requests_before;
  out->retries = counted_sum(&counted, "retries") - served->retries_before;
  out->credential_requests = counted_sum(&counted, METRIC_CREDENTIALS) - served->credentials_before;
  out->milliseconds = (clock_wall_us() - served->started_us) / 1000;
  snprintf(out->outcome, sizeof out->outcome, "%s", served->hung ? "hung" : ending ? "interrupted" : "crashed");
  snprintf(out->where, sizeof out->where, "%.*s", (int)sizeof out->where - 1, out->part);
  if (served->hung)
    snprintf(out->message, sizeof out->message, "nothing got on for %s, so its process was killed; it was at: %.500s",
             patience, at.size ? at.data : "no file");
  else
    snprintf(out->message, sizeof out->message, "its process %s in the middle of the run; it was at: %.500s", how,
             at.size ? at.data : "no file");
  text_finish(&at);
}

void runs_lost(struct server *server, struct served *served, int wait_status) {
  struct process *process = &served->process;
  struct serve_result result = {.started = 0};
  runs_hear(server, served); /* what it still said */
  bool active = served->kept.machine.run != RUN_IDLE;
  char how[128];
  process_end_text(wait_status, how, sizeof how);
  if (active)
    describe_loss(server, served, wait_status, &result);
  else if (!process->leaving && !server->ending)
    log_write(SLUICE_WARN, served->kept.name, "its process %s between two runs; the next run gets a new one", how);
  if (result.suspects)
    avoid_part(served);
  counted_add(&served->totals.counted, process->watch);
  process_finish(process);
  if (!active)
    return;
  log_write(SLUICE_ERROR, served->kept.name, "%s: %s", result.outcome, result.message);
  ended(server, served, END_LOST, &result);
  served->hung = false;
}
