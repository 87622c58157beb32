/* Reject lines of one worker that wait for the checkpoint that passes them. [instance] */
#ifndef RUN_REJECT_LOG_H
#define RUN_REJECT_LOG_H
#include "core/base/text.h"

struct reject_record {
  const char *delivery, *part, *version;
  int64_t row, offset; /* in the part; -1 unknown */
  int64_t piece;       /* the byte of the part from which rows are counted; 0: from its start */
  const char *column, *stage, *reason;
  const void *raw; /* the source record */
  size_t raw_size;
  uint32_t attempts;
};
struct reject_log {
  struct reject_line *lines;
  size_t count, capacity, bytes;
};
enum { REJECT_LOG_FULL = 4 << 20 /* bytes that should make the worker take a checkpoint */ };

/* Adds one NDJSON line that belongs to the batch numbered `mark`. */
int reject_log_add(struct reject_log *, int64_t mark, const struct reject_record *, struct sluice_error *err);
/* The same with a line as reject_log_last gives it. MEMORY. */
int reject_log_add_line(struct reject_log *, int64_t mark, const char *line);
const char *reject_log_last(const struct reject_log *); /* the line that was added last, without its end */
/* Appends the lines of all batches up to that mark to `lines`, and says how many; they are still in the log. */
int reject_log_peek(const struct reject_log *, int64_t mark, struct text *lines, int64_t *count);
void reject_log_drop(struct reject_log *, int64_t mark); /* of all batches up to that mark */
void reject_log_clear(struct reject_log *);              /* and frees; takes a zeroed one */

#endif
