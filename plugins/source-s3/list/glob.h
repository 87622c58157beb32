/* Globs on keys. Linear: time is at most pattern times key.
 *   *  any characters within a folder        ?  one of them           [a-z] [!x]  one of these, none of these
 *   ** any characters, slashes too; as a whole segment also no folder at all: "a/ ** /b" matches "a/b"
 *   {a,b} either                             \  takes the next character as it is
 * A pattern without a slash is matched with the last segment of a key; a slash in front ties it to the first one. */
#ifndef S3_GLOB_H
#define S3_GLOB_H
#include <stdbool.h>
#include <stddef.h>

enum { GLOB_SIZE_MAX = 1000 };

struct glob;
/* NULL: *why says what is wrong with the pattern, or that there is no memory. */
struct glob *glob_create(const char *pattern, const char **why);
void glob_destroy(struct glob *glob); /* takes NULL */
/* key: below the path, UTF-8. Not for two threads at once. */
bool glob_match(struct glob *glob, const char *key);

#endif
