/* The operation of each record: as a member of it, or refused. */
#ifndef SINK_FILE_OPERATIONS_H
#define SINK_FILE_OPERATIONS_H
#include <sluice/arrow.h>
#include <sluice/services.h>

/* Is this a name for the member? CONFIG where it is not, or is a column of the schema (NULL: not known yet). */
int operations_check(const char *member, const struct ArrowSchema *, struct sluice_error *);
/* Without a member: UNSUPPORTED if a record is not an insert. */
int operations_refuse(const struct sluice_batch *, const char *path, struct sluice_error *);
/* Appends the records, each with the member at its end. MEMORY. */
int operations_append(struct sluice_buffer *out, const struct sluice_encoded *, const struct sluice_batch *,
                      const char *member);

#endif
