/* Parts that are not looked at for their columns while there are others: the process died while it did. Where there are
 * no others they are looked at once more, and after that left to the worker that reads them. */
#ifndef RUN_AVOID_H
#define RUN_AVOID_H
#include <sluice/plugin.h>
#include <stdbool.h>

enum { AVOIDED_MAX = 16 };
struct avoided { /* zeroed is empty */
  struct avoided_look {
    char *part, *version;
  } looks[AVOIDED_MAX];
};
/* One more such look, in the place of the oldest if there are many; version NULL: unknown. MEMORY. */
int avoid_add(struct avoided *, const char *part, const char *version);
/* Those of the n parts that are to be looked at, in their order. Gives how many. avoided NULL: all. */
size_t avoid_choose(const struct avoided *, const struct sluice_part *parts, size_t n, struct sluice_part *out);
void avoid_finish(struct avoided *); /* it is empty again */

#endif
