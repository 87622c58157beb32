/* The job's schema, as a run would settle it, and what is to be said of the first files. */
#include "core/plan/walk.h"
#include "core/run/look.h"
#include "core/run/remembered.h"
#include <stdlib.h>

/* *text: what is remembered, also where it was made for another job than today's; malloc'ed. */
static int recall(struct planning *p, const struct spread_stream *stream, char **text, struct sluice_error *err) {
  int code = stream ? known_stream_schema(p->known, &stream->known, text, err) : known_schema(p->known, text, err);
  if (!code)
    code = schema_recall(&p->pipeline, *text, &p->schema, err);
  if (!code && p->schema.release)
    p->plan->schema.origin = PLAN_SCHEMA_REMEMBERED;
  return code;
}

static int settle(struct walk *w, struct sluice_error *err) {
  struct planning *p = w->p;
  const struct spread_stream *stream = p->plan->part.stream ? spread_get(&w->spread, p->plan->part.stream) : NULL;
  char *text = NULL;
  int code = recall(p, stream, &text, err);
  bool known = p->schema.release;
  if (!code && !known)
    code = schema_look(&p->pipeline, text, stream ? stream->first : w->first.parts,
                       stream ? stream->n_first : w->first.n, &p->schema, NULL, err);
  free(text);
  if (code || known)
    return code;
  p->plan->schema.origin = PLAN_SCHEMA_INFERRED;
  if (p->schema.release)
    return SLUICE_OK;
  p->plan->schema.origin = PLAN_SCHEMA_WANTED;
  return schema_of_want(&p->pipeline, &p->schema);
}

/* A file that cannot be read fails in a run. The one that is looked into says so itself. */
static int report_unread(struct plan *plan) {
  const struct sight *sight = &plan->schema.sight;
  int code = SLUICE_OK;
  for (size_t i = 0; i < sight->n_notes && !code; i++) {
    const struct sight_note *note = &sight->notes[i];
    struct sluice_error why = {0};
    if (note->column || note->code == SLUICE_ERR_NOT_FOUND || strcmp(note->file, plan->part.name) == 0)
      continue;
    sluice_fail(&why, note->code, note->file, "%s", note->text);
    code = plan_reason(plan, note->code, &why);
  }
  return code;
}

/* What the first files have that does not go together; where the ledger remembers, they do not decide. */
static int look_for_conflicts(struct walk *w, struct sluice_error *err) {
  struct planning *p = w->p;
  struct plan_schema *schema = &p->plan->schema;
  const struct spread_stream *stream = p->plan->part.stream ? spread_get(&w->spread, p->plan->part.stream) : NULL;
  if (schema->origin == PLAN_SCHEMA_REMEMBERED)
    return SLUICE_OK;
  int code = sight_see(&p->pipeline, stream ? stream->first : w->first.parts, stream ? stream->n_first : w->first.n,
                       p->pipeline.want.release ? &p->pipeline.want : NULL, &schema->sight, err);
  return code ? code : report_unread(p->plan);
}

int settle_schema(struct walk *w, struct sluice_error *err) {
  int code = settle(w, err);
  return code ? code : look_for_conflicts(w, err);
}
