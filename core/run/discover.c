/* Discovery: a streaming merge of the source's listing with the ledger, a page at a time. */
#include "core/run/discover.h"
#include "core/ledger/streams.h"
#include "core/log/log.h"
#include "core/run/infer.h"
#include "core/run/opening.h"
#include <stdlib.h>

enum { PAGE = 1000, MAX_TRIES = 2, MAX_WAIT_MS = 60000, INFER_PARTS = 64, MAX_REASONS = 16, END_TOGETHER = 200 };

struct reason { /* why parts are not read */
  char text[64];
  int64_t count;
};
struct lister {
  struct run_state *state;
  struct ledger_listed parts[PAGE]; /* texts are ours */
  struct stream *streams[PAGE];     /* of each */
  size_t n;
  struct reason reasons[MAX_REASONS];
  size_t n_reasons;
};

static void clear_page(struct lister *l) {
  for (size_t i = 0; i < l->n; i++) {
    free((char *)(uintptr_t)l->parts[i].name);
    free((char *)(uintptr_t)l->parts[i].version);
  }
  l->n = 0;
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

static int add_part(struct lister *l, const struct sluice_part *part, struct sluice_error *err) {
  struct stream *stream;
  int code = opening_stream_of(l->state, part->name, &stream, err);
  if (code == SLUICE_END)
    count_skipped(l, "of no stream");
  if (code == SLUICE_END || (!code && !stream))
    return SLUICE_OK;
  if (code)
    return code;
  struct ledger_listed *listed = &l->parts[l->n];
  l->streams[l->n] = stream;
  stream->seen = true;
  *listed = (struct ledger_listed){strdup(part->name), strdup(part->version ? part->version : ""), part->size,
                                   part->modified};
  l->n++;
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
      code = add_part(l, &part, err);
    if (code)
      return sluice_fail(err, code, "listing", "no memory");
  }
  return SLUICE_OK;
}

/* The parts of one stream in a page. */
struct share {
  struct stream *stream;
  struct ledger_listed parts[PAGE]; /* texts are the page's */
  size_t n;
  int64_t bytes;
};

/* From the first parts that have bytes. */
static int find_schema(struct run_state *state, const struct share *share, struct sluice_error *err) {
  struct sluice_part parts[INFER_PARTS];
  size_t n = 0, i = 0;
  if (stream_schema(share->stream) || share->n == 0)
    return SLUICE_OK;
  for (; i < share->n && n < INFER_PARTS; i++)
    if (share->parts[i].size != 0)
      parts[n++] = (struct sluice_part){.struct_size = sizeof *parts,
                                        .name = share->parts[i].name,
                                        .version = share->parts[i].version,
                                        .size = share->parts[i].size,
                                        .modified = share->parts[i].modified};
  return schema_infer(state, share->stream, parts, n, i < share->n, err);
}

static void count_merged(struct run_state *state, const struct share *share, const struct ledger_merged *merged) {
  int64_t fresh = merged->added + merged->changed - merged->refused - merged->skipped;
  if (merged->refused)
    log_write(SLUICE_ERROR, state->job->name,
              "%lld files changed after they were delivered, and on_change = \"fail\": see `sluice status`",
              (long long)merged->refused);
  atomic_fetch_add(&state->counters.failed_parts, merged->refused);
  atomic_fetch_add(&share->stream->failed, merged->refused);
  atomic_fetch_add(&state->counters.skipped_parts, merged->skipped);
  atomic_fetch_add(&state->counters.found_parts, fresh);
  if (share->n) /* which of them are new is not said: their share of the bytes is near enough for a time left */
    atomic_fetch_add(&state->counters.found_bytes,
                     (long long)((double)share->bytes * (double)fresh / (double)share->n));
}

static int keep_last(struct stream *stream, const struct share *share) {
  if (share->n == 0)
    return SLUICE_OK;
  char *after = strdup(share->parts[share->n - 1].name);
  if (!after)
    return SLUICE_ERR_MEMORY;
  free(stream->after);
  stream->after = after;
  return SLUICE_OK;
}

static int merge_share(struct run_state *state, const struct share *share, bool final, struct sluice_error *err) {
  struct stream *stream = share->stream;
  struct ledger_merged merged = {0};
  int code = ledger_merge(state->ledger, stream->id, stream->after ? stream->after : "", share->parts, share->n, final,
                          (enum on_change)state->job->sync.on_change, &merged, err);
  if (code)
    return code;
  if (merged.restart)
    return sluice_fail(err, SLUICE_ERR_CHANGED, "listing", "%lld files changed or went while a full refresh read them",
                       (long long)merged.restart);
  count_merged(state, share, &merged);
  return keep_last(stream, share);
}

/* Takes what is of the stream of part `first` out of `streams`, which are those of the page. */
static void take_share(const struct lister *l, struct stream **streams, size_t first, struct share *out) {
  *out = (struct share){.stream = streams[first]};
  for (size_t i = first; i < l->n; i++) {
    if (streams[i] != out->stream)
      continue;
    streams[i] = NULL;
    out->parts[out->n++] = l->parts[i];
    if (l->parts[i].size > 0)
      out->bytes += l->parts[i].size;
  }
}

/* Those that the ledger remembers, in one operation. */
static int recall_schemas(void *context, struct sluice_error *err) {
  const struct lister *l = context;
  const struct stream *before = NULL; /* most often the parts of a stream stand together */
  int code = SLUICE_OK;
  for (size_t i = 0; i < l->n && !code; before = l->streams[i++]) {
    bool found = false;
    if (l->streams[i] != before && !stream_schema(l->streams[i]))
      code = schema_remembered(l->state, l->streams[i], &found, err);
  }
  return code;
}

static int find_schemas(struct lister *l, struct share *share, struct sluice_error *err) {
  struct stream *streams[PAGE];
  int code = ledger_together(l->state->ledger, recall_schemas, l, err);
  memcpy(streams, l->streams, sizeof streams);
  for (size_t i = 0; i < l->n && !code; i++) {
    if (!streams[i])
      continue;
    take_share(l, streams, i, share);
    code = find_schema(l->state, share, err);
  }
  watch_at(l->state->watch, 0, WATCH_LISTING, NULL, 0);
  return code;
}

/* Merges of several streams, as one operation of the ledger. */
struct merging {
  struct lister *l;
  struct share *share;
  size_t from; /* of the streams, at the end */
  bool restart;
  struct sluice_error why;
};

/* What is to begin anew stays noted in the ledger, so it is no failure of the operation. */
static int merge_one(struct merging *m, bool final, struct sluice_error *err) {
  int code = merge_share(m->l->state, m->share, final, &m->why);
  m->restart = code == SLUICE_ERR_CHANGED;
  if (code && !m->restart)
    *err = m->why;
  return m->restart ? SLUICE_OK : code;
}

static int merge_all(void *context, struct sluice_error *err) {
  struct merging *m = context;
  struct lister *l = m->l;
  int code = SLUICE_OK;
  for (size_t i = 0; i < l->n && !code && !m->restart; i++) {
    if (!l->streams[i])
      continue;
    take_share(l, l->streams, i, m->share);
    code = merge_one(m, false, err);
  }
  return code;
}

static int merge_together(struct merging *m, ledger_together_fn *merge, struct sluice_error *err) {
  int code = ledger_together(m->l->state->ledger, merge, m, err);
  if (!code && m->restart)
    *err = m->why;
  return !code && m->restart ? SLUICE_ERR_CHANGED : code;
}

static int merge_page(struct lister *l, struct share *share, struct sluice_error *err) {
  struct merging m = {.l = l, .share = share};
  int code = find_schemas(l, share, err);
  if (!code)
    code = merge_together(&m, merge_all, err);
  clear_page(l);
  state_wake(l->state);
  return code;
}

static int end_some(void *context, struct sluice_error *err) {
  struct merging *m = context;
  struct run_state *state = m->l->state;
  size_t n = streams_count(&state->streams), to = n - m->from > END_TOGETHER ? m->from + END_TOGETHER : n;
  int code = SLUICE_OK;
  for (size_t i = m->from; i < to && !code && !m->restart; i++) {
    m->share->stream = streams_at(&state->streams, i);
    code = merge_one(m, true, err);
    if (!code && !m->restart)
      code = schema_fallback(state, m->share->stream, err);
  }
  m->from = to;
  return code;
}

/* Each stream's listing is at its end, whether it has any parts or not. */
static int end_streams(struct lister *l, struct share *share, struct sluice_error *err) {
  struct merging m = {.l = l, .share = share};
  int code = SLUICE_OK;
  *share = (struct share){.stream = NULL};
  while (!code && m.from < streams_count(&l->state->streams))
    code = merge_together(&m, end_some, err);
  return code ? code : opening_listed(l->state, err);
}

static int list_all(struct lister *l, struct share *share, struct sluice_error *err) {
  const struct component *source = &l->state->pipeline.source;
  bool final = false;
  int code = source->loaded->source.list(source->self, NULL, err);
  while (!code && !final) {
    code = fill_page(l, &final, err);
    if (!code)
      code = merge_page(l, share, err);
  }
  return code ? code : end_streams(l, share, err);
}

void discover(struct run_state *state) {
  struct sluice_error err = {0};
  struct lister *l = calloc(1, sizeof *l);
  struct share *share = malloc(sizeof *share);
  watch_at(state->watch, 0, WATCH_LISTING, NULL, 0);
  if (l)
    l->state = state;
  int code = l && share ? list_all(l, share, &err) : SLUICE_ERR_MEMORY;
  if (l) {
    log_skipped(l);
    clear_page(l);
  }
  free(l);
  free(share);
  if (code) {
    sluice_fail(&err, code, "listing", "no memory, or the run is stopping");
    state_fail(state, code, &err);
  }
  watch_at(state->watch, 0, WATCH_IDLE, NULL, 0);
  state_listed(state);
}
