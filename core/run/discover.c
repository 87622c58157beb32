/* Discovery: a streaming merge of the source's listing with the ledger, a page at a time. */
#include "core/run/discover.h"
#include "core/log/log.h"
#include "core/run/infer.h"
#include <stdlib.h>

enum { PAGE = 1000, MAX_TRIES = 2, MAX_WAIT_MS = 60000, INFER_PARTS = 64, MAX_REASONS = 16 };

struct reason { /* why parts are not read */
  char text[64];
  int64_t count;
};
struct lister {
  struct run_state *state;
  struct ledger_listed parts[PAGE]; /* texts are ours */
  size_t n;
  int64_t bytes; /* of the page */
  char after[4097];
  struct reason reasons[MAX_REASONS];
  size_t n_reasons;
};

static void clear_page(struct lister *l) {
  for (size_t i = 0; i < l->n; i++) {
    free((char *)(uintptr_t)l->parts[i].name);
    free((char *)(uintptr_t)l->parts[i].version);
  }
  l->n = 0;
  l->bytes = 0;
}

static void count_skipped(struct lister *l, const char *reason) {
  size_t i = 0;
  while (i < l->n_reasons && strncmp(l->reasons[i].text, reason, sizeof l->reasons[i].text - 1) != 0)
    i++;
  if (i == l->n_reasons && l->n_reasons < MAX_REASONS)
    snprintf(l->reasons[l->n_reasons++].text, sizeof l->reasons[0].text, "%s", reason);
  if (i < MAX_REASONS)
    l->reasons[i].count++;
  atomic_fetch_add(&l->state->counters.skipped_parts, 1);
}

static void log_skipped(const struct lister *l) {
  for (size_t i = 0; i < l->n_reasons; i++)
    log_write(SLUICE_INFO, l->state->job->name, "%lld object%s not read: %s", (long long)l->reasons[i].count,
              l->reasons[i].count == 1 ? " is" : "s are", l->reasons[i].text);
}

/* One part of the listing; waits and tries again while the source asks for it. */
static int next_part(struct lister *l, struct sluice_part *part, struct sluice_error *err) {
  const struct component *source = &l->state->pipeline.source;
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    *part = (struct sluice_part){.struct_size = sizeof *part, .size = -1, .modified = INT64_MIN};
    int code = source->loaded->source.next_part(source->self, part, &why);
    if (code == SLUICE_OK || code == SLUICE_END)
      return code;
    int64_t ms = why.retry_ms > 0 && why.retry_ms < MAX_WAIT_MS ? why.retry_ms : 1000;
    if (code == SLUICE_ERR_RETRY && tries < MAX_TRIES)
      log_write(SLUICE_WARN, l->state->job->name, "listing: %s; again in %lld ms", why.message, (long long)ms);
    if (code != SLUICE_ERR_RETRY || tries == MAX_TRIES || !stop_sleep(&l->state->stop, STOP_DRAIN, (long)ms)) {
      *err = why;
      return sluice_fail(err, code, source->loaded->entry.full_name,
                         "the listing failed, and the source gave no reason");
    }
  }
}

static int add_part(struct lister *l, const struct sluice_part *part) {
  struct ledger_listed *listed = &l->parts[l->n];
  *listed = (struct ledger_listed){strdup(part->name), strdup(part->version ? part->version : ""), part->size,
                                   part->modified};
  l->n++;
  if (part->size > 0)
    l->bytes += part->size;
  return listed->name && listed->version ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static int fill_page(struct lister *l, bool *final, struct sluice_error *err) {
  while (l->n < PAGE) {
    struct sluice_part part;
    if (stop_at(&l->state->stop, STOP_DRAIN))
      return SLUICE_ERR_CANCELLED;
    int code = next_part(l, &part, err);
    if (code == SLUICE_END)
      *final = true;
    if (code == SLUICE_END)
      return SLUICE_OK;
    if (!code && !part.name)
      code = sluice_fail(err, SLUICE_ERR_BUG, "listing",
                         "the source gave a part without a name; this is a fault of the plugin");
    if (!code && part.skip)
      count_skipped(l, part.skip);
    else if (!code)
      code = add_part(l, &part);
    if (code)
      return sluice_fail(err, code, "listing", "no memory");
  }
  return SLUICE_OK;
}

/* From the first parts that have bytes. */
static int find_schema(struct lister *l, struct sluice_error *err) {
  struct sluice_part parts[INFER_PARTS];
  bool found = false;
  size_t n = 0;
  if (state_schema(l->state) || l->n == 0)
    return SLUICE_OK;
  int code = schema_remembered(l->state, &found, err);
  if (code || found)
    return code;
  for (size_t i = 0; i < l->n && n < INFER_PARTS; i++)
    if (l->parts[i].size != 0)
      parts[n++] = (struct sluice_part){.struct_size = sizeof *parts,
                                        .name = l->parts[i].name,
                                        .version = l->parts[i].version,
                                        .size = l->parts[i].size,
                                        .modified = l->parts[i].modified};
  return schema_infer(l->state, parts, n, &found, err);
}

static int merge_page(struct lister *l, bool final, struct sluice_error *err) {
  struct run_state *state = l->state;
  struct ledger_merged merged = {0};
  int code = find_schema(l, err);
  watch_at(state->watch, 0, WATCH_LISTING, NULL, 0);
  if (!code)
    code = ledger_merge(state->ledger, state->delivery, l->after, l->parts, l->n, final,
                        (enum on_change)state->job->sync.on_change, &merged, err);
  if (code)
    return code;
  if (merged.restart)
    return sluice_fail(err, SLUICE_ERR_CHANGED, "listing", "%lld files changed or went while a full refresh read them",
                       (long long)merged.restart);
  int64_t fresh = merged.added + merged.changed - merged.refused - merged.skipped;
  if (merged.refused)
    log_write(SLUICE_ERROR, state->job->name,
              "%lld files changed after they were delivered, and on_change = \"fail\": see `sluice status`",
              (long long)merged.refused);
  atomic_fetch_add(&state->counters.failed_parts, merged.refused);
  atomic_fetch_add(&state->counters.skipped_parts, merged.skipped);
  atomic_fetch_add(&state->counters.found_parts, fresh);
  if (l->n) { /* which of them are new is not said: their share of the page's bytes is near enough for a time left */
    atomic_fetch_add(&state->counters.found_bytes, (long long)((double)l->bytes * (double)fresh / (double)l->n));
    snprintf(l->after, sizeof l->after, "%s", l->parts[l->n - 1].name);
  }
  clear_page(l);
  state_wake(state);
  return SLUICE_OK;
}

void discover(struct run_state *state) {
  struct sluice_error err = {0};
  struct lister *l = calloc(1, sizeof *l);
  bool final = false;
  const struct component *source = &state->pipeline.source;
  watch_at(state->watch, 0, WATCH_LISTING, NULL, 0);
  int code = l ? source->loaded->source.list(source->self, NULL, &err) : SLUICE_ERR_MEMORY;
  if (l)
    l->state = state;
  while (!code && !final) {
    code = fill_page(l, &final, &err);
    if (!code)
      code = merge_page(l, final, &err);
  }
  if (!code)
    code = schema_fallback(state, &err);
  if (l) {
    log_skipped(l);
    clear_page(l);
  }
  free(l);
  if (code) {
    sluice_fail(&err, code, "listing", "no memory, or the run is stopping");
    state_fail(state, code, &err);
  }
  watch_at(state->watch, 0, WATCH_IDLE, NULL, 0);
  state_listed(state);
}
