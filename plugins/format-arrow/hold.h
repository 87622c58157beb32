/* Memory under arrays: stretches of the file and what was made of them, until the last array that points there is gone.
 */
#ifndef ARROW_HOLD_H
#define ARROW_HOLD_H
#include "bytes.h"

struct arrow_hold;
int arrow_hold_create(struct arrow_hold **out);
void arrow_hold_drop(struct arrow_hold *hold); /* the creator's reference; takes NULL */
/* Takes *bytes on OK, and else leaves them. */
int arrow_hold_take(struct arrow_hold *hold, struct sluice_bytes *bytes);
/* New aligned memory that goes with the hold; NULL: none. */
uint8_t *arrow_hold_memory(struct arrow_hold *hold, size_t n);
/* An array with room for so many buffers and children, all empty, and perhaps a dictionary. MEMORY or OK. */
int arrow_hold_array(struct arrow_hold *hold, int64_t length, int64_t n_buffers, int64_t n_children, bool dictionary,
                     struct ArrowArray *out);

#endif
