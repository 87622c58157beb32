/* Records to a file descriptor as NDJSON, CSV or an Arrow IPC stream. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H
#include "core/run/stop.h"
#include <sluice/arrow.h>

enum output_format { OUTPUT_NDJSON, OUTPUT_CSV, OUTPUT_ARROW };
struct output;

/* CONFIG: the schema has no such form. The schema is borrowed for the life of the output. */
int output_create(enum output_format, int fd, const struct stop *, const struct ArrowSchema *schema,
                  struct output **out, struct sluice_error *err);
void output_destroy(struct output *); /* takes NULL */
/* Writes the first `rows` records of the batch, which it may change. Records without such a form go to rejects. END:
 * who reads the descriptor went away. */
int output_write(struct output *, struct sluice_batch *batch, int64_t rows, struct sluice_rejects *rejects,
                 struct sluice_error *err);
int output_finish(struct output *, struct sluice_error *err); /* what ends the stream; END as above */
bool output_closed(const struct output *);                    /* nobody reads any more */

#endif
