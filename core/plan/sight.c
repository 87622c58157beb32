/* Looking at the first files one by one, so that each can be told of by its name. */
#include "core/plan/sight.h"
#include "core/plan/conflict.h"
#include "core/run/look.h"
#include "core/run/selection.h"
#include "core/schema/schema.h"
#include <stdlib.h>

enum { ENOUGH_FILES = 4 /* with records: as many as decide a run's schema */ };

struct looking {
  struct pipeline *pipeline;
  const struct ArrowSchema *want;
  struct sight *out;
  struct conflict_file files[ENOUGH_FILES]; /* with records */
  size_t n;
  struct ArrowSchema sure, guess; /* of files with and without records */
};

static int add_note(void *context, const char *file, const char *column, const char *text, int code) {
  struct sight *out = context;
  if (out->n_notes == SIGHT_NOTES_MAX) {
    out->untold++;
    return SLUICE_OK;
  }
  struct sight_note *grown = realloc(out->notes, (out->n_notes + 1) * sizeof *grown);
  if (!grown)
    return SLUICE_ERR_MEMORY;
  out->notes = grown;
  struct sight_note *note = &grown[out->n_notes];
  *note = (struct sight_note){strdup(file), column ? strdup(column) : NULL, strdup(text), code};
  out->n_notes++;
  return note->file && note->text && (note->column || !column) ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

/* Of the place or the program, not of one file. */
static bool ends_looking(int code) {
  return code == SLUICE_ERR_CONFIG || code == SLUICE_ERR_AUTH || code == SLUICE_ERR_CANCELLED ||
         code == SLUICE_ERR_MEMORY || code == SLUICE_ERR_BUG || code == SLUICE_ERR_RETRY;
}

static int merge(struct ArrowSchema *into, const struct ArrowSchema *one, struct sluice_error *err) {
  struct ArrowSchema merged;
  int code = into->release ? schema_merge(into, one, &merged, err) : sluice_schema_copy(one, &merged);
  if (code)
    return code;
  sluice_schema_release(into);
  sluice_schema_move(&merged, into);
  return SLUICE_OK;
}

static int look(struct looking *l, const struct sluice_part *part, struct ArrowSchema *one, bool *evidence,
                struct sluice_error *err) {
  struct sluice_error why = {0};
  struct sluice_part now = *part;
  int code = schema_of_part(l->pipeline, part, l->want, one, evidence, &why);
  if (code != SLUICE_ERR_CHANGED) {
    *err = why;
    return code;
  }
  now.version = NULL;
  return schema_of_part(l->pipeline, &now, l->want, one, evidence, err);
}

static int add_file(struct looking *l, const struct sluice_part *part, struct sluice_error *err) {
  struct ArrowSchema one = {0};
  struct sluice_error why = {0};
  bool evidence = false;
  int code = look(l, part, &one, &evidence, &why);
  if (!code)
    code = merge(evidence ? &l->sure : &l->guess, &one, &why);
  if (!code && evidence) {
    l->files[l->n].name = part->name;
    sluice_schema_move(&one, &l->files[l->n++].schema);
  }
  sluice_schema_release(&one);
  if (code && !ends_looking(code))
    return add_note(l->out, part->name, NULL, why.message, code);
  if (code)
    *err = why;
  return code;
}

static int take(struct looking *l, struct sluice_error *err) {
  struct ArrowSchema *best = l->sure.release ? &l->sure : &l->guess;
  int code = l->sure.release ? conflict_each(&l->sure, l->files, l->n, add_note, l->out) : SLUICE_OK;
  if (!code && l->sure.release && !l->want)
    code = selection_check(l->pipeline, &l->sure, err);
  if (code || !best->release || best->n_children == 0)
    return code;
  schema_allow_nulls(best);
  sluice_schema_move(best, &l->out->schema);
  return SLUICE_OK;
}

int sight_see(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, const struct ArrowSchema *want,
              struct sight *out, struct sluice_error *err) {
  struct looking l = {.pipeline = pipeline, .want = want, .out = out};
  int code = SLUICE_OK;
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < n && l.n < ENOUGH_FILES && !code; i++)
    code = add_file(&l, &parts[i], err);
  if (!code)
    code = take(&l, err);
  for (size_t i = 0; i < l.n; i++)
    sluice_schema_release(&l.files[i].schema);
  sluice_schema_release(&l.sure);
  sluice_schema_release(&l.guess);
  return sluice_fail(err, code, "listing", "no memory");
}

void sight_finish(struct sight *sight) {
  sluice_schema_release(&sight->schema);
  for (size_t i = 0; i < sight->n_notes; i++) {
    free(sight->notes[i].file);
    free(sight->notes[i].column);
    free(sight->notes[i].text);
  }
  free(sight->notes);
  *sight = (struct sight){.notes = NULL};
}
