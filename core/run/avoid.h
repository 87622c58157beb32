/* Parts that are not looked at for their columns while there are others: a process died while it did. */
#ifndef RUN_AVOID_H
#define RUN_AVOID_H
#include <sluice/plugin.h>
#include <stdbool.h>

enum { AVOIDED_MAX = 8 };
struct avoided { /* zeroed is empty */
  char *parts[AVOIDED_MAX];
};
/* In the place of the oldest one, if it is full. MEMORY. */
int avoid_add(struct avoided *, const char *part);
bool avoid_has(const struct avoided *, const char *part); /* NULL: none */
/* Those of the n parts that are not avoided, in their order; all, if there are no others. Gives how many. */
size_t avoid_choose(const struct avoided *, const struct sluice_part *parts, size_t n, struct sluice_part *out);
void avoid_finish(struct avoided *);

#endif
