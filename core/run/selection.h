/* The records of a part that the job's `where` lets through: looked at as they come from the reader, whatever a format
 * left out by itself. */
#ifndef RUN_SELECTION_H
#define RUN_SELECTION_H
#include "core/run/pipeline.h"

struct selection;
/* from: of the reader; borrowed for the life of the selection. *out NULL: the job wants all records. DATA: the part's
 * columns are not such that the filter can be put to them. */
int selection_create(const struct pipeline *, const struct ArrowSchema *from, const struct ArrowSchema *job,
                     const char *part, struct selection **out, struct sluice_error *err);
void selection_destroy(struct selection *); /* takes NULL */
/* Drops the other records, and says how many they were. Takes NULL. */
int selection_apply(const struct selection *, struct sluice_batch *, int64_t *dropped, struct sluice_error *err);
/* keep[i] (written for each record) is 1 for those that are wanted. Takes NULL. */
int selection_mark(const struct selection *, struct sluice_batch *, uint8_t *keep, struct sluice_error *err);
/* What a scan may tell the reader, as a hint; NULL: nothing. */
const struct sluice_where *selection_hint(const struct pipeline *);
/* Of columns as they were found in the first files. CONFIG, with the place in the configuration: the filter cannot be
 * put to them. */
int selection_check(const struct pipeline *, const struct ArrowSchema *seen, struct sluice_error *err);

#endif
