/* `parts`: what the ledger has of each file. */
#include "core/base/quantity.h"
#include "core/cli/served.h"
#include "core/cli/view.h"
#include "core/ledger/history.h"
#include <inttypes.h>
#include <stdlib.h>

enum { LIMIT = 100, PART_STATES = 6, SHOWN_STATES };
static const char *const state_names[SHOWN_STATES] = {"pending", "active", "done",     "failed",
                                                      "skipped", "gone",   "cancelled"};

struct parts {
  struct ledger_part_filter filter;
  unsigned states;                /* as asked for: 1u << index of state_names, or'ed; 0: all */
  bool deleted;                   /* the job: what is pending is cancelled */
  int64_t limit, shown, delivery; /* shown: of this job; the last one's delivery */
  char last[4100];                /* and its name */
  bool json, more;
  json_t *out;
};

static const char *state_of(const struct parts *parts, const struct ledger_part *p) {
  if (parts->deleted && p->state == PART_PENDING)
    return state_names[PART_STATES];
  return (size_t)p->state < PART_STATES ? state_names[p->state] : "unknown";
}

/* What a person can do; NULL: nothing needs to be done. */
static const char *advice(const struct ledger_part *p) {
  switch (p->state) {
  case PART_FAILED:
    if (strncmp(p->error, "set aside", strlen("set aside")) == 0)
      return "mend or replace the file, or update the plugin that died of it; `sluice reset --part` has it read again "
             "as "
             "it is";
    return "the next run tries it again; if the error stays, mend or replace the file, or leave it out by the source's "
           "options";
  case PART_GONE:
    return "it went before it was delivered; put it back and it is taken as new";
  case PART_DONE:
    return p->rejects ? "see `sluice rejects`; after mending, `sluice retry`" : NULL;
  default:
    return NULL;
  }
}

/* ---- for people ---- */

static void print_counts(const struct ledger_part *p) {
  char size[QUANTITY_TEXT_SIZE] = "size unknown";
  if (p->size >= 0)
    quantity_print_size(p->size, size);
  printf("    %s", size);
  if (p->state == PART_DONE) {
    printf(", %" PRId64 " records delivered, %" PRId64 " rejected", p->rows, p->rejects);
    view_print_left_out(stdout, p->filtered, p->unchanged);
  }
  if (p->attempts > 1)
    printf(", %" PRId64 " attempts", p->attempts);
  fputs(", version ", stdout);
  view_print(stdout, p->version);
  fputs(p->absent ? ", not there any more\n" : "\n", stdout);
}

static void print_error(const struct ledger_part *p) {
  if (!p->error[0])
    return;
  fputs("    error: ", stdout);
  view_print(stdout, p->error);
  if (p->error_row >= 0)
    printf(" (row %" PRId64 ")", p->error_row);
  if (p->error_offset >= 0)
    printf(" (byte %" PRId64 ")", p->error_offset);
  fputs("\n", stdout);
}

static void print_part(const struct parts *parts, const struct ledger_part *p) {
  printf("  %-8s ", state_of(parts, p));
  view_print(stdout, p->name);
  view_print_delivery(stdout, p->sink, p->stream);
  fputs("\n", stdout);
  print_counts(p);
  print_error(p);
  if (advice(p))
    printf("    do: %s\n", advice(p));
}

/* ---- as JSON ---- */

static json_t *number_json(int64_t number, bool known) {
  return known ? json_integer(number) : json_null();
}

static json_t *part_json(const struct parts *parts, const struct ledger_part *p) {
  json_t *error = !p->error[0]
                      ? json_null()
                      : json_pack("{s:o, s:o, s:o, s:o}", "message", view_json(p->error), "where",
                                  view_json(p->error_where), "row", number_json(p->error_row, p->error_row >= 0),
                                  "offset", number_json(p->error_offset, p->error_offset >= 0));
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:s?, s:I}", "sink",
                   view_json(p->sink), "stream", view_json(p->stream), "name", json_safe(p->name), "version",
                   json_safe(p->version), "size", number_json(p->size, p->size >= 0), "modified",
                   view_time(p->modified), "state", state_of(parts, p), "absent", p->absent, "rows",
                   (json_int_t)p->rows, "rejects", (json_int_t)p->rejects, "filtered", (json_int_t)p->filtered,
                   "unchanged", (json_int_t)p->unchanged, "attempts", (json_int_t)p->attempts, "finished",
                   view_time(p->finished), "error", error, "do", advice(p), "generation", (json_int_t)p->generation);
}

/* ---- pages ---- */

static int take_part(void *context, const struct ledger_part *p) {
  struct parts *parts = context;
  if (parts->shown == parts->limit) {
    parts->more = true;
    return SLUICE_END;
  }
  parts->shown++;
  parts->delivery = p->delivery;
  snprintf(parts->last, sizeof parts->last, "%s", p->name);
  if (!parts->json)
    print_part(parts, p);
  else if (json_array_append_new(parts->out, part_json(parts, p)) != 0)
    return SLUICE_ERR_MEMORY;
  return SLUICE_OK;
}

static void print_page(const struct view *view, struct parts *parts) {
  char next[4200];
  snprintf(next, sizeof next, "%" PRId64 ":%s", parts->delivery, parts->last);
  if (parts->json) {
    print_json(stdout,
               json_pack("{s:s, s:o, s:o}", "job", view->job->name, "parts", parts->out, "next",
                         parts->more ? json_safe(next) : json_null()),
               false);
    parts->out = NULL;
  } else if (parts->more) {
    fputs("  and more: --after '", stdout);
    print_safe(stdout, next);
    fputs("'\n", stdout);
  } else if (!parts->shown) {
    puts("  none");
  }
}

/* False: the job can have no such part. */
static bool choose_states(struct parts *parts) {
  unsigned pending = 1u << PART_PENDING, cancelled = 1u << PART_STATES;
  bool wants = parts->states & (parts->deleted ? cancelled : pending);
  parts->filter.states = (parts->states & ~(pending | cancelled)) | (wants ? pending : 0);
  return parts->states == 0 || parts->filter.states != 0;
}

static int show_job(const struct view *view, struct sluice_error *err) {
  struct parts *parts = view->context;
  parts->deleted = cli_served_is_deleted(view->config, view->job->name);
  parts->shown = 0;
  parts->more = false;
  parts->out = parts->json ? json_array() : NULL;
  if (!parts->json)
    printf("%s\n", view->job->name);
  int64_t limit = parts->limit < INT64_MAX ? parts->limit + 1 : parts->limit;
  int code = SLUICE_OK;
  if (choose_states(parts))
    code =
        ledger_read_parts(config_ledger(view->config), view->job->name, &parts->filter, limit, take_part, parts, err);
  if (code == SLUICE_ERR_NOT_FOUND) /* no run yet */
    memset(err, 0, sizeof *err);
  if (code == SLUICE_OK || code == SLUICE_END || code == SLUICE_ERR_NOT_FOUND) {
    print_page(view, parts);
    code = SLUICE_OK;
  }
  json_decref(parts->out);
  return sluice_fail(err, code, view->job->name, "no memory");
}

/* ---- the command ---- */

/* "failed,pending" */
static int read_states(const char *text, unsigned *out, struct sluice_error *err) {
  unsigned states = 0;
  while (text && *text) {
    size_t n = strcspn(text, ","), i = 0;
    while (i < SHOWN_STATES && (strlen(state_names[i]) != n || strncmp(state_names[i], text, n) != 0))
      i++;
    if (i == SHOWN_STATES)
      return sluice_fail(err, SLUICE_ERR_CONFIG, NULL,
                         "--state takes pending, active, done, failed, skipped, gone and cancelled, with commas "
                         "between; not '%.*s'",
                         (int)n, text);
    states |= 1u << i;
    text += n + (text[n] == ',');
  }
  *out = states;
  return SLUICE_OK;
}

/* "DELIVERY:NAME", as a page before said it. */
static int read_after(const char *text, struct ledger_part_filter *out, struct sluice_error *err) {
  char *end = NULL;
  if (!text)
    return SLUICE_OK;
  long long delivery = strtoll(text, &end, 10);
  if (delivery <= 0 || !end || *end != ':')
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "--after takes what the page before ended with, such as 1:NAME");
  out->after_delivery = delivery;
  out->after_name = end + 1;
  return SLUICE_OK;
}

static enum exit_status run_parts(const struct cli *cli) {
  struct sluice_error err = {0};
  const struct args *args = &cli->args;
  struct parts parts = {.filter = {.sink = args_value(args, "sink"), .match = args_value(args, "match")},
                        .limit = LIMIT,
                        .json = args_has(args, "json")};
  int code = args_count(args, "limit", &parts.limit, &err);
  if (code == SLUICE_OK)
    code = read_states(args_value(args, "state"), &parts.states, &err);
  if (code == SLUICE_OK)
    code = read_after(args_value(args, "after"), &parts.filter, &err);
  if (code == SLUICE_OK && parts.filter.after_name && (!args_has(args, "job") || args_value_at(args, "job", 1)))
    code = sluice_fail(&err, SLUICE_ERR_CONFIG, NULL, "--after goes on in one job: name it by --job");
  if (code != SLUICE_OK)
    return report_usage(cli, "%s", err.message);
  return view_jobs(cli, show_job, &parts);
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "Only this job. May be repeated."},
    {"sink", 0, "NAME", "Only what goes to this sink."},
    {"state", 0, "STATES",
     "Only files in these states, such as failed,pending. cancelled: pending when the job was deleted."},
    {"match", 0, "GLOB", "Only these: the whole name, or a pattern of * ? [...], in which * also passes /."},
    {"limit", 0, "N", "At most so many of each job; 100 without it."},
    {"after", 0, "PLACE", "Go on behind a page that ended there."},
    {"json", 0, NULL, "Print a JSON object a job; `next` is the place to go on from, null at the end."},
};
const struct command parts_command = {
    .name = "parts",
    .words = "CONFIG",
    .summary = "Show the files of each job: state, records, attempts, the last error and what to do.",
    .details =
        "By name, as the last listing found them; without what the source leaves out, such as markers of folders, of\n"
        "which `status` and `history` have the number. It reads the ledger only, also while a run is at work.\n\n"
        "Examples:\n  sluice parts job.conf --state failed\n"
        "  sluice parts job.conf --job clicks --match '*/2024-02-29/*' --json\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_parts,
};
