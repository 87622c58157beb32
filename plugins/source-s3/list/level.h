/* The folders that a walk is in. */
#ifndef S3_LEVEL_H
#define S3_LEVEL_H
#include "list/walk.h"

enum { LEVELS_MAX = 1024 };

/* Adds a level below the innermost one. NULL: no memory. */
struct level *level_push(struct walk *walk, const char *prefix, size_t n);
void level_pop(struct walk *walk);          /* what it took is added to the one above */
struct level *level_top(struct walk *walk); /* NULL: none */
bool level_set_done(struct level *level, const char *name, size_t n, bool folder);
int level_open(const struct walk *walk, struct level *level, struct sluice_error *err); /* if it is not open */
void level_drop_children(struct level *level);
/* Is listing by folder a waste here, because they have few keys? */
bool level_is_fine_grained(const struct walk *walk, const struct level *level);

#endif
