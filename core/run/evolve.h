/* Parts whose columns are not the job's: what is asked of a decoder, and what a job's `evolution` says to the rest. */
#ifndef RUN_EVOLVE_H
#define RUN_EVOLVE_H
#include "core/run/conform.h"
#include "core/run/pipeline.h"
#include "core/schema/schema.h"

/* Flags of a scan: are columns that the job has not seen yet of any use? */
uint32_t evolve_flags(const struct pipeline *);
/* What a scan is to ask for: the job's columns, without the rescue column; as text where a value of another type is to
 * be rescued; and those that only its `where` looks at. */
int evolve_want(const struct pipeline *, const struct ArrowSchema *job, struct ArrowSchema *out);
/* Fills *out and returns it, or NULL: nothing is rescued. */
const struct conform_rescue *evolve_rescue(const struct pipeline *, struct conform_rescue *out);
struct evolve_new {
  char path[SCHEMA_PATH_SIZE], type[96]; /* "o.b", and what it is */
};
/* The first column of `from`, or field in one, that the job has not and that would go out; false: there is none. */
bool evolve_first_new(const struct pipeline *, const struct ArrowSchema *from, const struct ArrowSchema *job,
                      struct evolve_new *out);
/* The columns of `from` that are such, or have such fields in them: what schema_append takes. */
int evolve_new_columns(const struct pipeline *, const struct ArrowSchema *from, const struct ArrowSchema *job,
                       struct ArrowSchema *out);

enum evolve_verdict {
  EVOLVE_TAKE,   /* the part can be read */
  EVOLVE_GROW,   /* once the job's schema has its new columns */
  EVOLVE_REJECT, /* the part is refused, err says why */
  EVOLVE_STOP    /* the run is to end, err says why */
};
/* Judges the columns that a decoder gave beyond the job's. OK, or DATA where the verdict is to refuse. */
int evolve_check_new(const struct pipeline *, const char *part, const struct ArrowSchema *from,
                     const struct ArrowSchema *job, enum evolve_verdict *out, struct sluice_error *err);
/* Looks into the part for columns that it lacks, and for values of its first batch that are of another type. OK at once
 * where the job does not care, and for a part without records. DATA where the verdict is to refuse; another code: the
 * part could not be read. */
int evolve_check_part(struct pipeline *, const struct sluice_part *part, const struct ArrowSchema *job,
                      enum evolve_verdict *out, struct sluice_error *err);

#endif
