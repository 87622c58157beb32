/* What the files of core/plan share. */
#ifndef PLAN_INTERNAL_H
#define PLAN_INTERNAL_H
#include "core/ledger/known.h"
#include "core/plan/plan.h"
#include "core/run/pipeline.h"

struct planning {
  const struct config *config;
  const struct plan_question *question;
  const struct stop *stop;
  struct pipeline pipeline;
  struct metrics metrics;          /* of its plugins */
  const struct config_value *sink; /* as configured */
  struct known *known;
  struct ArrowSchema schema; /* the job's; released: none */
  struct plan *plan;
};

/* A copy with secrets masked, cut at a limit within no character; NULL: no memory, or text is NULL. */
char *plan_text(const char *text);
/* One more reason; beyond the limit they are only counted as one. OK, or MEMORY. */
int plan_reason(struct plan *, int code, const struct sluice_error *why);
/* An error that ends planning as a whole. */
static inline bool plan_is_fatal(int code) {
  return code == SLUICE_ERR_MEMORY || code == SLUICE_ERR_CANCELLED;
}

int plan_access(struct planning *, const struct component *, const char *kind, const char *name, int *found,
                struct sluice_error *err);
int plan_list_files(struct planning *, struct sluice_error *err);
int plan_look(struct planning *, struct sluice_error *err); /* into the chosen part */
int plan_columns(struct planning *, const struct ArrowSchema *found, const struct ArrowSchema *read,
                 struct sluice_error *err);
void plan_estimate(struct planning *);
/* An INT or SIZE option of that name, as the component was opened with; 0: it has none. */
int64_t plan_option(const struct component *, const char *name);

#endif
