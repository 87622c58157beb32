/* One record of a batch as JSON text, for rejects and messages. Not for the hot path. */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H
#include "core/base/text.h"
#include <sluice/arrow.h>

/* Appends row i of the array, without a line end. A record that has no JSON form (broken text) appends nothing. */
int record_json(const struct ArrowSchema *, const struct ArrowArray *, int64_t i, struct text *out,
                struct sluice_error *err);

#endif
