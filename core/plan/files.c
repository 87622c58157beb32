/* Which files a run would read: the listing, merged with what the ledger knows, both in byte order. */
#include "core/plan/walk.h"
#include "core/run/whose.h"
#include <stdlib.h>

enum { UNIT_BYTES = 1 << 20, SMALL_FILE = 64 << 10 /* as a run bundles them */, MISNAMED_TOLD = 10 };

const char *plan_state_name(enum plan_state state) {
  static const char *const names[] = {"new",        "pending",   "changed", "failed before",
                                      "read again", "unchanged", "refused", "before start_from"};
  return names[state];
}

bool plan_state_is_read(enum plan_state state) {
  return state <= PLAN_AGAIN;
}

static bool has_streams(const struct walk *w) {
  return w->p->pipeline.job->streams != NULL;
}

/* ---- what the ledger knows of a name ---- */

static int advance(struct walk *w, struct sluice_error *err) {
  int code = w->ended ? SLUICE_END : known_next(w->p->known, &w->known, err);
  w->has_known = code == SLUICE_OK;
  w->ended = code == SLUICE_END;
  return code == SLUICE_END ? SLUICE_OK : code;
}

/* Passes what the ledger has before this name (NULL: all of it): those files are gone. *found: it has this one. */
static int find_known(struct walk *w, const char *name, bool *found, struct sluice_error *err) {
  while (w->has_known && (!name || strcmp(w->known.name, name) < 0)) {
    w->files->gone += w->known.state != PART_GONE && !w->known.absent;
    int code = advance(w, err);
    if (code)
      return code;
  }
  *found = w->has_known && strcmp(w->known.name, name) == 0;
  return SLUICE_OK;
}

static bool is_before_start(const struct walk *w, const struct sluice_part *part) {
  const struct config_sync *sync = &w->p->pipeline.job->sync;
  if (sync->start == CONFIG_START_NOW && w->stream)
    return spread_before_now(w->stream, w->p->known);
  if (sync->start == CONFIG_START_NOW)
    return !known_has_run(w->p->known);
  return sync->start == CONFIG_START_AT && part->modified != INT64_MIN && part->modified < sync->start_us;
}

static enum plan_state state_of_changed(const struct walk *w, const struct sluice_part *part) {
  const struct known_part *known = &w->known;
  enum config_on_change policy = w->p->pipeline.job->sync.on_change;
  bool settled = known->delivered || known->state == PART_DONE;
  if (known->state == PART_SKIPPED && is_before_start(w, part))
    return PLAN_BEFORE;
  if (policy == CONFIG_CHANGE_IGNORE && (settled || known->state == PART_ACTIVE))
    return PLAN_UNCHANGED;
  if (policy == CONFIG_CHANGE_FAIL && (settled || known->state == PART_ACTIVE || known->state == PART_FAILED))
    return PLAN_REFUSED;
  return PLAN_CHANGED;
}

static enum plan_state state_of(const struct walk *w, const struct sluice_part *part, bool found) {
  const struct known_part *known = &w->known;
  if (!found || known->state == PART_GONE)
    return is_before_start(w, part) ? PLAN_BEFORE : PLAN_NEW;
  if (strcmp(known->version, part->version ? part->version : "") != 0)
    return state_of_changed(w, part);
  switch (known->state) {
  case PART_PENDING:
  case PART_ACTIVE:
    return PLAN_PENDING;
  case PART_FAILED:
    return known->delivered ? PLAN_UNCHANGED : PLAN_FAILED;
  case PART_SKIPPED:
    return PLAN_BEFORE;
  default:
    return PLAN_UNCHANGED;
  }
}

/* A full refresh and an append read all that there is. */
static enum plan_state state_in_mode(const struct walk *w, enum plan_state state) {
  bool again = w->p->pipeline.job->sync.mode != CONFIG_INCREMENTAL && state == PLAN_UNCHANGED;
  return again ? PLAN_AGAIN : state;
}

/* ---- counting ---- */

static int64_t add(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static void count_read(struct walk *w, int64_t size) {
  struct plan_files *files = w->files;
  bool small = size >= 0 && size <= SMALL_FILE;
  files->read.files++;
  files->read.bytes = add(files->read.bytes, size > 0 ? size : 0);
  files->unknown_size += size < 0;
  files->reads = add(files->reads, w->range > 0 && size > w->range ? size / w->range + (size % w->range != 0) : 1);
  files->units += !small;
  w->small_bytes = add(w->small_bytes, small ? size : 0);
}

static void count(struct walk *w, const struct sluice_part *part, enum plan_state state) {
  struct plan_count *of_state = &w->files->states[state];
  of_state->files++;
  of_state->bytes = add(of_state->bytes, part->size > 0 ? part->size : 0);
  if (plan_state_is_read(state))
    count_read(w, part->size);
  if (w->stream && plan_state_is_read(state)) {
    w->stream->files++;
    w->stream->bytes = add(w->stream->bytes, part->size > 0 ? part->size : 0);
  }
}

static void count_skipped(struct plan_files *files, const char *reason) {
  size_t i = 0;
  files->skipped++;
  while (i < files->n_skips && strncmp(files->skips[i].reason, reason, sizeof files->skips[i].reason - 1) != 0)
    i++;
  if (i == PLAN_SKIPS_MAX)
    i = PLAN_SKIPS_MAX - 1;
  if (i == files->n_skips)
    snprintf(files->skips[files->n_skips++].reason, sizeof files->skips[0].reason, "%s",
             i == PLAN_SKIPS_MAX - 1 ? "other reasons" : reason);
  files->skips[i].files++;
}

/* ---- the walk ---- */

static int check_order(struct walk *w, const char *name, struct sluice_error *err) {
  size_t n = strlen(name);
  if (n >= NAME_SIZE)
    return sluice_fail(err, SLUICE_ERR_DATA, name, "a name is longer than %d bytes", NAME_SIZE - 1);
  if (w->before[0] && strcmp(name, w->before) <= 0)
    return sluice_fail(err, SLUICE_ERR_DATA, name,
                       "the listing is not in byte order, or names a part twice: it follows \"%.200s\"", w->before);
  memcpy(w->before, name, n + 1);
  return SLUICE_OK;
}

static int skip(struct walk *w, const char *name, const char *reason) {
  count_skipped(w->files, reason);
  choice_skipped(w, name, reason);
  return SLUICE_OK;
}

/* A run would fail for it, and deliver the others. */
static int refuse(struct walk *w, const char *name, const struct sluice_error *why) {
  if (w->files->misnamed++ < MISNAMED_TOLD && plan_reason(w->p->plan, SLUICE_ERR_CONFIG, why))
    return SLUICE_ERR_MEMORY;
  return skip(w, name, "can be of no stream");
}

static int count_more_misnamed(struct walk *w) {
  struct sluice_error why = {0};
  if (w->files->misnamed <= MISNAMED_TOLD)
    return SLUICE_OK;
  sluice_fail(&why, SLUICE_ERR_CONFIG, "", "%lld more files can be of no stream",
              (long long)w->files->misnamed - MISNAMED_TOLD);
  return plan_reason(w->p->plan, SLUICE_ERR_CONFIG, &why);
}

static int take_as(struct walk *w, const struct sluice_part *part, bool found) {
  enum plan_state state = state_in_mode(w, state_of(w, part, found));
  w->files->names++;
  count(w, part, state);
  int code = w->stream ? spread_keep(w->stream, part) : first_parts_add(&w->first, part);
  return code ? code : choice_consider(w, part, state);
}

/* Of a job with streams the ledger is asked by name: each stream has an order of its own. */
static int take_of_stream(struct walk *w, const struct sluice_part *part, struct sluice_error *err) {
  struct sluice_error why = {0};
  int code = spread_find(&w->spread, w->p->pipeline.job->streams, w->p->known, part->name, &w->stream, &why, err);
  if (code == SLUICE_END)
    return why.message[0] ? refuse(w, part->name, &why) : skip(w, part->name, "of no stream");
  if (!code)
    code = known_part(w->p->known, &w->stream->known, part->name, &w->known, err);
  if (code && code != SLUICE_END)
    return code;
  w->stream->names++;
  w->spread.met += code == SLUICE_OK && w->known.state != PART_GONE && !w->known.absent;
  return take_as(w, part, code == SLUICE_OK);
}

static int take_plain(struct walk *w, const struct sluice_part *part, struct sluice_error *err) {
  bool found = false;
  int code = find_known(w, part->name, &found, err);
  if (!code)
    code = take_as(w, part, found);
  return !code && found ? advance(w, err) : code;
}

static int take(struct walk *w, const struct sluice_part *part, struct sluice_error *err) {
  if (part->skip)
    return skip(w, part->name, part->skip);
  int code = check_order(w, part->name, err);
  if (!code)
    code = has_streams(w) ? take_of_stream(w, part, err) : take_plain(w, part, err);
  return sluice_fail(err, code, part->name, "no memory");
}

static int end_walk(struct walk *w, struct sluice_error *err) {
  int64_t there = 0;
  bool found;
  if (!has_streams(w))
    return find_known(w, NULL, &found, err);
  int code = known_count(w->p->known, &there, err);
  w->files->gone = there > w->spread.met ? there - w->spread.met : 0;
  if (!code)
    code = count_more_misnamed(w);
  return code ? code : spread_report(&w->spread, w->files);
}

static int walk_all(struct walk *w, struct sluice_error *err) {
  const struct component *source = &w->p->pipeline.source;
  int code = listing_start(source, err);
  if (!code && !has_streams(w))
    code = advance(w, err);
  while (!code) {
    struct sluice_part part;
    code = listing_next(source, w->p->stop, &part, err);
    if (!code)
      code = take(w, &part, err);
  }
  if (code == SLUICE_END)
    code = end_walk(w, err);
  w->files->listed = code == SLUICE_OK;
  w->files->units += w->small_bytes / UNIT_BYTES + (w->small_bytes % UNIT_BYTES != 0);
  return code ? code : known_verify(w->p->known, err);
}

/* Where the ledger's files are of another source, or went elsewhere, a run asks first; the listing goes on. */
static int check_identity(struct walk *w, struct sluice_error *err) {
  struct sluice_error why = {0};
  int code = whose_compare(w->p->known, w->p->pipeline.job, w->p->sink, &why);
  if (code == SLUICE_ERR_CONFIG)
    return plan_reason(w->p->plan, code, &why);
  if (code)
    *err = why;
  return code;
}

static int list_with(struct walk *w, struct sluice_error *err) {
  int code = walk_all(w, err);
  if (!code)
    code = choice_check(w, err);
  return code ? code : settle_schema(w, err);
}

int plan_list_files(struct planning *p, struct sluice_error *err) {
  struct walk *w = calloc(1, sizeof *w);
  if (!w)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "listing", "no memory");
  w->p = p;
  w->files = &p->plan->files;
  w->range = plan_option(&p->pipeline.source, "range_size");
  int code = known_open(config_ledger(p->config), p->pipeline.job->name, p->pipeline.sink_name,
                        has_streams(w) ? "*" : "main", &p->known, err);
  if (!code) {
    code = check_identity(w, err);
    w->files->ledger = known_has_run(p->known);
  }
  if (!code)
    code = list_with(w, err);
  first_parts_finish(&w->first);
  spread_finish(&w->spread);
  free(w);
  return sluice_fail(err, code, "listing", "no memory");
}
