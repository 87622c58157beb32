/* Copying the records of a source's parts to an output. */
#ifndef CLI_COPY_H
#define CLI_COPY_H
#include "core/cli/narrow.h"
#include "core/cli/output.h"
#include "core/cli/place.h"
#include "core/load/folders.h"
#include "core/run/pipeline.h"

struct copy {                       /* zeroed, but for what is said */
  const struct stop *stop;          /* given */
  enum output_format format;        /* given */
  int fd;                           /* given */
  int64_t rows_left;                /* given: how many records at most */
  struct names columns;             /* given: only these; none: all */
  const struct sluice_where *where; /* given: only records for which it is true; NULL: all */
  struct pipeline pipeline;         /* given: source and formats opened, all else zero; copy_finish closes them */

  int64_t parts, reject_count;
  struct tally skipped;
  struct ArrowSchema schema, want; /* of the first part, and what the next ones are asked for */
  struct output *output;           /* NULL: no part had columns yet */
  const char *part;                /* being read */
};

/* All parts in the order of the source. DATA: a part has not the columns of the first, or cannot be read. CONFIG: the
 * first lacks a column. What cannot be read of single records is logged as a warning, and counted. */
int copy_parts(struct copy *, struct sluice_error *err);
void copy_finish(struct copy *);
/* "a,b" to names. CONFIG: one is empty. */
int copy_split_columns(const char *list, struct names *out, struct sluice_error *err);

#endif
