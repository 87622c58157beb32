/* A schema as the ledger keeps it, three lines: the hash of what it was made for (schema_hash), its JSON, and how it
 * came about, as JSON too. The third is for the day when mapping or evolution are others. */
#ifndef RUN_REMEMBERED_H
#define RUN_REMEMBERED_H
#include "core/base/hash.h"
#include "core/run/pipeline.h"
#include <jansson.h>

/* Of what the mapping wants and the formats' options: another one, and a remembered schema does not serve any more. */
int schema_hash(const struct pipeline *, char out[HASH_SIZE]);
/* *out is untouched where the text (or NULL) is of another hash. */
int schema_recall(const struct pipeline *, const char *text, struct ArrowSchema *out, struct sluice_error *err);
/* malloc'ed. */
int remembered_write(const struct pipeline *, const struct ArrowSchema *, char **text);
/* The schema, whatever it was made for. */
int remembered_read(const char *text, struct ArrowSchema *out, struct sluice_error *err);

/* What stays of it under another mapping, evolution or filter: the types that were found in files. */
struct kept {
  struct ArrowSchema schema; /* of type "" where a rule had said the type; released: nothing stays */
  bool whole;                /* all columns were taken, so one that is not here came later */
  json_t *excluded;          /* an array: all but these */
};
/* Nothing stays where the text is NULL, of another format or its options, or of a version that did not note it. */
int kept_read(const struct pipeline *, const char *text, struct kept *out, struct sluice_error *err);
void kept_finish(struct kept *); /* takes a zeroed one */
/* Of the columns of `found`, those whose need is new are added to the kept ones: *out is all there are. */
int kept_join(const struct kept *, const struct pipeline *, const struct ArrowSchema *found, struct ArrowSchema *out);
/* `columns`, with the kept types where those are open. *open: so many are so still. */
int kept_fill(const struct kept *, const struct ArrowSchema *columns, struct ArrowSchema *out, int64_t *open);

#endif
