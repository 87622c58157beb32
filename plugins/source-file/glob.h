/* Patterns over paths: `*` and `?` and `[...]` within a segment, `**` over any number of them. */
#ifndef SOURCE_FILE_GLOB_H
#define SOURCE_FILE_GLOB_H
#include <stdbool.h>

enum { GLOB_MAX = 1024 /* bytes of a pattern */ };
struct glob;

/* NULL: no memory, or *wrong says what is wrong with the pattern. */
struct glob *glob_create(const char *pattern, const char **wrong);
void glob_destroy(struct glob *);
/* Takes time proportional to pattern times path, whatever they are. */
bool glob_match(const struct glob *, const char *path);
/* Everything below this folder matches; its path ends in '/'. */
bool glob_covers(const struct glob *, const char *folder);

#endif
