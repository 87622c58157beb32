/* The file to look into: the one that --part names, else the first by key that a run would read and that has bytes. */
#include "core/plan/walk.h"
#include <stdlib.h>

static int choose(struct walk *w, const struct sluice_part *part, enum plan_state state) {
  struct plan_part *chosen = &w->p->plan->part;
  struct plan_part mine = {.name = strdup(part->name),
                           .version = strdup(part->version ? part->version : ""),
                           .stream = w->stream ? strdup(w->stream->name) : NULL,
                           .size = part->size,
                           .modified = part->modified,
                           .state = state};
  bool whole = mine.name && mine.version && (mine.stream || !w->stream);
  struct plan_part *useless = whole ? chosen : &mine;
  free(useless->name);
  free(useless->version);
  free(useless->stream);
  if (!whole)
    return SLUICE_ERR_MEMORY;
  *chosen = mine;
  return SLUICE_OK;
}

enum likeness { UNLIKE, SIMILAR, EXACT };

/* The whole name, or its end behind a slash. */
static enum likeness compare(const char *name, const char *wanted) {
  size_t n = strlen(name), m = strlen(wanted);
  if (m > n || strcmp(name + n - m, wanted) != 0)
    return UNLIKE;
  if (m == n)
    return EXACT;
  return m > 0 && (name[n - m - 1] == '/' || wanted[0] == '/') ? SIMILAR : UNLIKE;
}

/* What a file that was delivered long ago is like tells nothing of those that a run would read. */
static int worth(int64_t size, enum plan_state state) {
  return 2 * plan_state_is_read(state) + (size != 0);
}

int choice_consider(struct walk *w, const struct sluice_part *part, enum plan_state state) {
  const char *wanted = w->p->question->part;
  const struct plan_part *chosen = &w->p->plan->part;
  if (!wanted) /* the first of those that are worth most */
    return !chosen->name || worth(part->size, state) > worth(chosen->size, chosen->state) ? choose(w, part, state)
                                                                                          : SLUICE_OK;
  enum likeness likeness = compare(part->name, wanted);
  w->similar += likeness == SIMILAR;
  if (likeness == UNLIKE || (likeness == SIMILAR && (w->exact || w->similar > 1)))
    return SLUICE_OK;
  w->exact = likeness == EXACT;
  return choose(w, part, state);
}

void choice_skipped(struct walk *w, const char *name, const char *reason) {
  const char *wanted = w->p->question->part;
  if (wanted && compare(name, wanted) != UNLIKE)
    snprintf(w->skipped, sizeof w->skipped, "%s", reason);
}

int choice_check(struct walk *w, struct sluice_error *err) {
  const char *wanted = w->p->question->part;
  const struct plan_part *chosen = &w->p->plan->part;
  if (!wanted && !chosen->name)
    return sluice_fail(err, SLUICE_ERR_NOT_FOUND, "source", "there is no file to look into, so nothing could be tried");
  if (!wanted || w->exact || w->similar == 1)
    return SLUICE_OK;
  if (w->similar > 1)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "--part",
                       "%zu files end in '%s', such as %s; give the whole name, as `sluice ls` shows it", w->similar,
                       wanted, chosen->name);
  if (w->skipped[0])
    return sluice_fail(err, SLUICE_ERR_CONFIG, "--part", "'%s' is not read: %s", wanted, w->skipped);
  return sluice_fail(err, SLUICE_ERR_CONFIG, "--part",
                     "there is no file '%s' among the %lld that the source lists; `sluice ls` shows their names",
                     wanted, (long long)w->files->names);
}
