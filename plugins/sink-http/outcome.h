/* What happens to a request once its transfer has ended. */
#ifndef SINK_HTTP_OUTCOME_H
#define SINK_HTTP_OUTCOME_H
#include "window.h"

/* The request is delivered, waits for another attempt, is replaced by its halves, or the window has a failure.
 * problem: libcurl's text for code, or "". */
void outcome_apply(struct window *, struct request *, const struct answer *, CURLcode code, const char *problem);

#endif
