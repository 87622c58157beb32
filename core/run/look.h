/* What a job's schema is made of, apart from remembering it (infer.h): a dry run needs the same answers. */
#ifndef RUN_LOOK_H
#define RUN_LOOK_H
#include "core/base/hash.h"
#include "core/run/pipeline.h"

/* The schema of the first of these parts that can be read, in their order; every column may be null. *out is untouched
 * where none has a column. *sure: one of them has records; without any, types are guesses (NULL: does not matter).
 * stored: what the ledger remembers, made for another mapping or evolution; its types stay. NULL: nothing. Warns of
 * columns that the mapping names and none of them has. */
int schema_look(struct pipeline *, const char *stored, const struct sluice_part *parts, size_t n,
                struct ArrowSchema *out, bool *sure, struct sluice_error *err);
/* The columns of these parts as found, whatever the job makes of them; *out is untouched where none has one. */
int schema_see(struct pipeline *, const struct sluice_part *parts, size_t n, struct ArrowSchema *out,
               struct sluice_error *err);
/* The schema that a decoder finds in one part; want NULL: all columns, as found. *evidence: it has a record; without
 * one types are guesses. */
int schema_of_part(struct pipeline *, const struct sluice_part *, const struct ArrowSchema *want,
                   struct ArrowSchema *out, bool *evidence, struct sluice_error *err);
/* The same with its first batch: left without an array where the part has no records. */
int schema_first_batch(struct pipeline *, const struct sluice_part *, const struct ArrowSchema *want,
                       struct ArrowSchema *out, struct sluice_batch *batch, struct sluice_error *err);
/* What is to be said of a column that a rule names, and none of the first files has. */
void schema_missing_text(const struct ArrowSchema *seen, const struct mapping *, const char *name, char *out,
                         size_t size);
/* What the mapping wants, as text where its type is open; without one, no columns. */
int schema_of_want(const struct pipeline *, struct ArrowSchema *out);
/* A column may be missing in a later file, so every one may be null; as may be the fields of structs. */
void schema_allow_nulls(struct ArrowSchema *);

#endif
